//! personactl keeps Tavus personas in step with YAML files in a Git repository.
//!
//! Data flows one way:
//!
//! ```text
//! files -> desired ─┐
//!                   ├─> target and changes -> patch -> plan -> report or apply
//! API   -> live    ─┘
//! ```
//!
//! Pure and synchronous (no file, network, clock or environment; `tests/layers.rs` keeps it so): [`json`], [`persona`],
//! [`diagnostic`], [`compare`], [`patch`], [`plan`], [`pull`], [`report`], and [`source`], which reads through a small
//! trait.
//! Edges: [`api`], [`survey`], [`apply`], [`doctor`], [`git`], [`sandbox`], [`cli`].
//!
//! `docs/architecture.md` says what each owns, and where a field, a command or a fault is added.
#![forbid(unsafe_code)]

pub mod api;
pub mod apply;
pub mod cli;
pub mod compare;
pub mod diagnostic;
pub mod doctor;
pub mod exit_code;
pub mod git;
pub mod json;
pub mod patch;
pub mod persona;
pub mod plan;
pub mod pull;
pub mod report;
pub mod sandbox;
pub mod source;
pub mod survey;
