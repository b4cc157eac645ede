//! `personactl sandbox`: the emulator as a server, for trying things out and for other programs' tests.

use super::Error;
use crate::exit_code::Exit;
use crate::sandbox::{Defaults, Fault, Options, Sandbox, SandboxError, Secrets, Shape, StatePath};

use std::path::{Path, PathBuf};

/// Serve an emulator of the persona API on this machine.
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {
    /// Keep the account in this file [default: .personactl/sandbox.json]
    #[arg(long, value_name = "FILE", conflicts_with = "memory")]
    pub state: Option<PathBuf>,

    /// Keep the account in memory only
    #[arg(long)]
    pub memory: bool,

    /// Listen on this port of 127.0.0.1; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,

    /// Make requests fail, such as `429:3`, `drop-after:1,method=POST` or `latency=50ms` (repeatable)
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<Fault>,

    /// How one persona is answered
    #[arg(long, value_enum, default_value_t = ShapeArg::Flat)]
    pub shape: ShapeArg,

    /// Leave secrets out of answers instead of masking them
    #[arg(long)]
    pub omit_secrets: bool,

    /// Do not show documented defaults of fields that are not set
    #[arg(long)]
    pub hide_defaults: bool,

    /// Append one JSON line for each request to this file
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// How one persona is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ShapeArg {
    /// The object itself
    Flat,
    /// {"data": [..]}
    InList,
    /// {"data": {..}}
    InObject,
}

impl SandboxArgs {
    fn options(&self) -> Options {
        Options {
            shape: match self.shape {
                ShapeArg::Flat => Shape::Flat,
                ShapeArg::InList => Shape::InList,
                ShapeArg::InObject => Shape::InObject,
            },
            secrets: if self.omit_secrets { Secrets::Omitted } else { Secrets::Masked },
            defaults: if self.hide_defaults { Defaults::Hidden } else { Defaults::Shown },
            faults: self.fault.clone(),
            record: self.record.clone(),
            port: self.port,
            ..Options::default()
        }
    }

    fn state(&self, root: &Path) -> StatePath {
        match &self.state {
            _ if self.memory => StatePath::Memory,
            Some(file) => StatePath::File(file.clone()),
            None => StatePath::File(root.join(StatePath::DEFAULT)),
        }
    }
}

/// Serves until `stop` comes true. The address goes to `out`, so that a script can read it.
pub(super) async fn run(
    args: &SandboxArgs,
    root: &Path,
    out: &mut impl std::io::Write,
    stop: impl Future<Output = ()>,
) -> Result<Exit, Error> {
    let sandbox = Sandbox::start(&args.state(root), args.options()).await?;
    let told = writeln!(out, "{}", sandbox.endpoint()).and_then(|()| out.flush());
    told.map_err(|e| Error::new("output", format!("cannot write the address: {e}")))?;
    tracing::info!("the sandbox listens on {}; any API key is accepted", sandbox.endpoint());
    stop.await;
    Ok(Exit::Done)
}

impl From<SandboxError> for Error {
    fn from(error: SandboxError) -> Self {
        Error::new(error.code(), error.to_string()).hint(error.hint())
    }
}
