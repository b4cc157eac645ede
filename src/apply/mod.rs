//! Carrying a plan out: every persona on its own way from planned to settled.
//!
//! An edge: it holds a [`WriteClient`](crate::api::WriteClient). Owns the order of writes (creates, then updates,
//! then deletes), the re-read before a write, what follows an unclear answer, and the read-back after it. Decides
//! nothing about what should be: it asks `plan` again whenever it has read again.
//!
//! ```text
//! planned ── re-read ──> read ── send ──> sent ── read back ──> settled
//!                         ^                │ no clear answer
//!                         └── read again ──┴── unclear
//! ```
//!
//! No write is repeated blindly: whatever is unclear is read first, and what is then still to be done is planned
//! anew, at most [`LOOKS`] times. Every step notes in the [`Ledger`] where the persona stands, so that a run that
//! is ended in the middle can still say so.

mod backup;
mod create;
mod delete;
mod jobs;
mod ledger;
mod readback;
mod run;
mod update;

pub use jobs::jobs;
pub use ledger::Ledger;
pub use run::{Context, Job, Options, Work, run};

use crate::api::ApiError;
use crate::plan::{Ended, Refusal};

/// How often an unclear answer is followed by another attempt.
pub const LOOKS: usize = 3;

/// Where one persona stands, with what is known there.
enum State<Read> {
    /// Nothing was read since it was planned.
    Planned,
    /// Live was read and, where need be, planned against: the next write is known.
    Read(Read),
    /// The server took the write.
    Sent(Taken),
    /// A write went out and no clear answer came.
    Unclear(ApiError),
    /// The end.
    Settled(Ended),
}

/// What the server took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// At least one change.
    Changes,
    /// Only values that cannot be compared.
    Opaque,
    /// Nothing: 304 to all.
    Nothing,
}

/// The end of a persona of which nobody can say whether it was written.
fn uncertain(error: &ApiError, what: &str) -> Ended {
    Ended::Failed(Refusal {
        code: "unclear",
        message: format!("{error}; {what}"),
        hint: Some(
            "run plan to see what is live, and apply again: a re-run does only what is left".to_owned(),
        ),
    })
}
