//! The command line: arguments, one file per command, and the wiring of the edges to the pure core.

mod error;
pub mod sandbox;

use crate::exit_code::Exit;
use std::ffi::OsString;

pub use error::Error;

/// Parses the command line, runs the command and says how it ended.
pub fn main(args: impl IntoIterator<Item = OsString>) -> std::process::ExitCode {
    let _ = args;
    Exit::Done.into()
}
