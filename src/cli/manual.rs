//! `completions` and `man`: what shells and `man` read, made from the arguments themselves.

use super::Error;
use super::args::Cli;
use super::output::Output;
use crate::exit_code::Exit;
use clap::{Args, CommandFactory};

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// The arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page of one command; without it the page of personactl itself
    pub command: Option<String>,
}

/// Prints the completion script of a shell.
pub(super) fn completions(args: &CompletionsArgs, output: &Output) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "personactl", &mut script);
    output.data(|out| out.write_all(&script))?;
    Ok(Exit::Done)
}

/// Prints a manual page, in roff.
pub(super) fn man(args: &ManArgs, output: &Output) -> Result<Exit, Error> {
    let mut program = Cli::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => {
            let known = program.find_subcommand(name).cloned();
            known.ok_or_else(|| {
                let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
                Error::new("unknown-command", format!("there is no command `{name}`"))
                    .hint(format!("there are: {}", names.join(", ")))
                    .exit(Exit::Usage)
            })?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| Error::new("man", format!("the page cannot be made: {error}")))?;
    output.data(|out| out.write_all(&text))?;
    Ok(Exit::Done)
}
