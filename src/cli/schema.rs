//! `schema`: JSON Schemas of the files, for editors. Nothing is read or sent.

use super::Error;
use super::args::Global;
use super::output::Output;
use crate::exit_code::Exit;
use crate::persona::json_schema;
use crate::source::settings_schema;
use clap::{Args, ValueEnum};
use serde_json::Value;

/// The arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of which file
    #[arg(value_enum, default_value_t = Which::Persona)]
    pub which: Which,
}

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// A persona file.
    Persona,
    /// An overlay of an environment.
    Overlay,
    /// personactl.yaml.
    Settings,
}

impl Which {
    /// The schema as text, with a final line end.
    #[must_use]
    pub(super) fn text(self) -> String {
        let schema: Value = match self {
            Which::Persona => json_schema::persona(),
            Which::Overlay => json_schema::overlay(),
            Which::Settings => settings_schema::settings(),
        };
        format!("{schema:#}\n")
    }
}

/// Runs `schema`.
pub(super) fn run(global: &Global, args: &SchemaArgs) -> Result<Exit, Error> {
    Output::new(global).data(|out| out.write_all(args.which.text().as_bytes()))?;
    Ok(Exit::Done)
}
