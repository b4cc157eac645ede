//! The command line: arguments, one file per command, and the wiring of the edges to the pure core.

mod error;
mod patch;

use crate::exit_code::Exit;
use clap::Parser as _;
use std::ffi::OsString;
use std::io::Write as _;

pub use error::Error;

#[derive(clap::Parser)]
#[command(name = "personactl", version)]
enum Command {
    Patch(patch::PatchArgs),
}

/// Parses the command line, runs the command and says how it ended.
pub fn main(args: impl IntoIterator<Item = OsString>) -> std::process::ExitCode {
    let command = match Command::try_parse_from(args) {
        Ok(command) => command,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    let mut notes = std::io::stderr();
    let outcome = match command {
        Command::Patch(args) => patch::run(&args, &mut std::io::stdout().lock(), &mut notes),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            let _ = writeln!(notes, "error[{}]: {}", error.code, error.message);
            if let Some(hint) = &error.hint {
                let _ = writeln!(notes, "hint: {hint}");
            }
            error.exit.into()
        }
    }
}
