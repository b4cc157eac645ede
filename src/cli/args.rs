//! The arguments: what may be said on the command line, in one place.

use super::{apply, doctor, drift, init, list, patch, plan, pull, sandbox, schema, show, validate};
use crate::exit_code::Exit;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Keeps Tavus personas in step with YAML files in a Git repository.
#[derive(Debug, Parser)]
#[command(name = "personactl", version, propagate_version = true, after_long_help = exit_codes(), max_term_width = 100)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// The settings file, instead of the nearest personactl.yaml
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The environment, as personactl.yaml names it
    #[arg(long, value_name = "NAME", env = "PERSONACTL_ENV", global = true)]
    pub env: Option<String>,
    /// The API's address
    #[arg(long, value_name = "URL", env = "PERSONACTL_ENDPOINT", global = true)]
    pub endpoint: Option<String>,
    /// More certificate authorities to trust, as PEM
    #[arg(long, value_name = "FILE", global = true)]
    pub ca_file: Option<PathBuf>,
    /// Use the built-in sandbox instead of an account; its state is kept in STATE.json
    #[arg(
        long,
        value_name = "STATE.json",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = super::context::SANDBOX_STATE,
        global = true
    )]
    pub sandbox: Option<PathBuf>,
    /// Requests under way at once [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), global = true)]
    pub concurrency: Option<u16>,
    /// When to colour what goes to a terminal
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true)]
    pub color: Colour,
    /// Say more; twice: also every request
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Say only what is asked for, and errors
    #[arg(short, long, conflicts_with = "verbose", global = true)]
    pub quiet: bool,
    /// How log lines on stderr are written
    #[arg(long, value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the files of a new project: settings, an example, schemas, workflows
    Init(init::InitArgs),
    /// Report every fault of every file
    Validate(validate::ValidateArgs),
    /// Show what apply would do
    Plan(plan::PlanArgs),
    /// Make the live personas what the files say
    Apply(apply::ApplyArgs),
    /// Show what the live personas have that the files do not say
    Drift(drift::DriftArgs),
    /// Take live personas into files
    Pull(pull::PullArgs),
    /// Show files and live personas side by side
    List(list::ListArgs),
    /// Look at the key, the endpoint and what the account's answers are like
    Doctor(doctor::DoctorArgs),
    /// Show one persona as it would be sent, secrets masked
    Show(show::ShowArgs),
    /// Print the JSON Schema of persona files, overlays or settings
    Schema(schema::SchemaArgs),
    /// Compute, check or apply a JSON Patch
    Patch(patch::PatchArgs),
    /// Serve the built-in emulator of the API on this machine
    Sandbox(sandbox::SandboxArgs),
}

/// The table of exit codes, for `--help`.
#[must_use]
pub fn exit_codes() -> String {
    let rows = Exit::TABLE.iter().map(|(exit, meaning)| format!("  {:>3}  {meaning}", exit.code()));
    format!("Exit codes:\n{}", rows.collect::<Vec<_>>().join("\n"))
}
