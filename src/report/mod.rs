//! Turning plans and findings into output: every function writes to an `impl Write` that it is given.
//!
//! Owns wording and layout of what goes to stdout. Secrets are masked by path before a value is formatted
//! (`view`), and text from files and the API is escaped (`escape`). Decides nothing about what is done.

pub mod diagnostics;
pub mod escape;
pub mod json;
pub mod list;
pub mod outcome;
pub mod show;
pub mod text;
pub mod view;
pub mod words;
