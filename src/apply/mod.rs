//! Carrying a plan out: every persona on its own way from planned to settled.
//!
//! An edge: it holds a [`WriteClient`]. Owns the order of writes (creates, then updates, then deletes), the re-read
//! before a write, what follows an unclear answer, and the read-back after it. Decides nothing about what should be:
//! it asks `plan` again whenever it has read again.

mod create;
mod delete;
mod readback;
mod run;
mod update;

pub use run::{Context, Job, Options, Stop, Work, run};
