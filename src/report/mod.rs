//! Turning plans and findings into output: every function writes to an `impl Write` that it is given.
//!
//! Owns wording and layout of what goes to stdout. Secrets are masked by path before a value is formatted
//! (`view`), and text from files and the API is escaped (`escape`, then each output in its own way). One change is
//! described once (`view::row`) and drawn by every output. Decides nothing about what is done.

pub mod brief;
pub mod diagnostics;
pub mod escape;
pub mod github;
pub mod html;
pub mod json;
pub mod lines;
pub mod list;
pub mod markdown;
pub mod outcome;
pub mod run;
pub mod show;
pub mod text;
pub mod unified;
pub mod view;
pub mod wording;
pub mod words;

pub use wording::Mood;
