//! `drift`: what the live side has that the files do not say. Holds a client that cannot write.

use super::Error;
use super::args::Global;
use super::context;
use super::format::Written;
use super::output::Output;
use super::plan::{self, Shared};
use crate::api::ReadClient;
use crate::exit_code::Exit;
use crate::report::text::Mood;
use crate::survey;
use clap::Args;

/// The arguments of `drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// Personas, by name, id or file; none means all
    #[arg(value_name = "SEL")]
    pub selection: Vec<String>,
    /// Tell changes apart by what the files said at this Git revision
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// How it is written.
    #[command(flatten)]
    pub written: Written,
    /// Count live values that the file does not name and that are no default
    #[arg(long)]
    pub strict: bool,
}

/// Runs `drift`: exit code 3 if anything drifted.
pub(super) async fn run(global: &Global, args: &DriftArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let done = told(global, args, &output).await;
    if let Err(error) = &done {
        args.written.tell_failure(error, &output)?;
    }
    done
}

async fn told(global: &Global, args: &DriftArgs, output: &Output) -> Result<Exit, Error> {
    let mut project = context::project(global, output)?;
    let shared = Shared {
        selection: args.selection.clone(),
        base: args.base.clone(),
        create: true,
        ..Shared::default()
    };
    let base = plan::read_base(global, &mut project, &shared, output)?;
    let plan = match context::connect(global, &project).await {
        Ok(connection) => {
            let client = ReadClient::new(connection.settings.clone());
            let begun = survey::Request {
                base,
                accept_conflicts: true,
                only_look: true,
                ..survey::Request::default()
            };
            plan::survey(&mut project, &client, &shared, begun, &connection.label, output).await?.plan
        }
        Err(error) => plan::offline(&project, &shared, base, error, output)?,
    };
    args.written.write(&plan, Mood::Drift, &project.disk, output)?;
    let summary = plan.summary();
    let unlisted = plan.personas.iter().flat_map(|persona| &persona.findings.unlisted);
    let strict = args.strict && unlisted.into_iter().any(|unlisted| !unlisted.is_default);
    Ok(match () {
        () if summary.has_failures() => Exit::Failed,
        () if summary.has_changes() || strict => Exit::Pending,
        () => Exit::Done,
    })
}
