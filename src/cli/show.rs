//! `show`: a persona as its files and the environment make it. Reads files, sends nothing.

use super::args::Global;
use super::output::Output;
use super::{Error, context, selection};
use crate::exit_code::Exit;
use crate::report::{escape, show};
use clap::{Args, ValueEnum};

/// The arguments of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The persona, by name, id or file
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Add the place that set each value
    #[arg(long)]
    pub origins: bool,
    /// How the persona is written
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    pub format: Format,
}

/// How a persona is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON; without origins.
    Json,
}

/// Runs `show`.
pub(super) fn run(global: &Global, args: &ShowArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let project = context::project(global, &output)?;
    let selected = selection::select(&project.desired, std::slice::from_ref(&args.name))?.unwrap_or_default();
    let personas: Vec<_> = selected.iter().filter_map(|index| project.desired.get(*index)).collect();
    if let [_, _, ..] = personas.as_slice() {
        let files: Vec<_> = personas.iter().map(|persona| escape::inline(&persona.file)).collect();
        return Err(Error::new("ambiguous", format!("`{}` means {} files", args.name, files.len()))
            .hint(format!("name one of them: {}", files.join(", ")))
            .exit(Exit::Usage));
    }
    for persona in personas {
        output.data(|mut out| match args.format {
            Format::Yaml => show::write_yaml(&mut out, persona, args.origins),
            Format::Json => show::write_json(&mut out, persona),
        })?;
    }
    Ok(Exit::Done)
}
