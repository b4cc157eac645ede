//! The command line: arguments, one file per command, and the wiring of the edges to the pure core.
//!
//! Every command is `Args` and a `run` that gives an [`Exit`] or an [`Error`]; nothing else of the program looks at
//! the environment or the terminal.

mod apply;
mod args;
mod base;
mod context;
mod doctor;
mod drift;
mod error;
mod format;
mod init;
mod list;
mod lock;
mod manual;
mod output;
mod patch;
mod plan;
mod progress;
mod pull;
mod references;
mod sandbox;
mod saved;
mod schema;
mod selection;
mod settle;
mod show;
mod signals;
mod validate;
mod write;
mod write_ids;

use crate::exit_code::Exit;
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

pub use args::{Cli, Command, exit_codes};
pub use error::Error;

/// Parses the command line, runs the command and says how it ended.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no failure; clap knows which is which.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    output::start_logging(&cli.global);
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => output::complain(&error).into(),
    }
}

fn run(cli: Cli) -> Result<Exit, Error> {
    let global = cli.global;
    match cli.command {
        Command::Init(args) => match init::run(&global, &args)? {
            Exit::Done if args.from_account => on_runtime(init::pull(&global)),
            exit => Ok(exit),
        },
        Command::Validate(args) => validate::run(&global, &args),
        Command::Plan(args) => on_runtime(plan::run(&global, &args)),
        Command::Apply(args) => on_runtime(apply::run(&global, &args)),
        Command::Drift(args) => on_runtime(drift::run(&global, &args)),
        Command::Doctor(args) => on_runtime(doctor::run(&global, &args)),
        Command::List(args) => on_runtime(list::run(&global, &args)),
        Command::Pull(args) => on_runtime(pull::run(&global, &args)),
        Command::Show(args) => show::run(&global, &args),
        Command::Schema(args) => schema::run(&global, &args),
        Command::Patch(args) => patch::run(&args, &mut std::io::stdout().lock(), &mut std::io::stderr()),
        Command::Completions(args) => manual::completions(&args, &output::Output::new(&global)),
        Command::Man(args) => manual::man(&args, &output::Output::new(&global)),
        Command::Sandbox(args) => serve(&global, &args),
    }
}

fn serve(global: &args::Global, args: &sandbox::SandboxArgs) -> Result<Exit, Error> {
    let (disk, _) = context::locate(global)?;
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    on_runtime(sandbox::run(args, disk.root(), &mut std::io::stdout(), interrupted))
}

/// Only commands that talk to an API pay for a runtime.
fn on_runtime<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new("runtime", format!("the asynchronous runtime cannot start: {error}")))?;
    runtime.block_on(future)
}
