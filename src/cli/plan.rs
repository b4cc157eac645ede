//! `plan`: what apply would do. Holds a client that cannot write.

use super::args::Global;
use super::context::{self, Project};
use super::output::Output;
use super::progress::Progress;
use super::{Error, selection};
use crate::api::ReadClient;
use crate::exit_code::Exit;
use crate::persona::Desired;
use crate::plan::Plan;
use crate::report::text::{self, Mood};
use crate::report::{escape, json};
use crate::survey::{self, Surveyed};
use clap::{Args, ValueEnum};
use std::cell::RefCell;
use std::sync::Arc;

/// What plan and apply have in common.
#[derive(Debug, Clone, Default, Args)]
pub struct Shared {
    /// Personas, by name, id or file; none means all
    #[arg(value_name = "SEL")]
    pub selection: Vec<String>,
    /// Create a persona even where it looks like a renamed one
    #[arg(long)]
    pub create: bool,
    /// Let every patch first test the values that it replaces or removes
    #[arg(long)]
    pub guard: bool,
    /// Leave out values that cannot be compared, unless the same request needs them
    #[arg(long)]
    pub skip_opaque: bool,
}

/// The arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What plan and apply have in common.
    #[command(flatten)]
    pub shared: Shared,
    /// How the plan is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with 3 if changes are pending
    #[arg(long)]
    pub exit_code: bool,
}

/// How a plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
}

/// Runs `plan`.
pub(super) async fn run(global: &Global, args: &PlanArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let project = context::project(global, &output)?;
    let connection = context::connect(global, &project).await?;
    let client = ReadClient::new(connection.settings.clone());
    let surveyed = survey(&project, &client, &args.shared, &output).await?;
    write(&surveyed.plan, args.format, Mood::Plan, &output)?;
    Ok(exit(&surveyed.plan, args.exit_code))
}

/// Surveys the account for a command.
pub(super) async fn survey(
    project: &Project,
    client: &ReadClient,
    shared: &Shared,
    output: &Output,
) -> Result<Surveyed, Error> {
    let selected = selection::select(&project.desired, &shared.selection)?;
    let request = survey::Request {
        options: context::plan_options(&project.settings, shared.skip_opaque, shared.guard),
        create: shared.create,
        named: selected.clone().unwrap_or_default(),
        selected,
    };
    let bar: RefCell<Option<Progress>> = RefCell::new(None);
    let told = |done: usize, total: usize| {
        bar.borrow_mut().get_or_insert_with(|| Progress::new(output, "reading", total)).at(done);
    };
    let surveyed = survey::survey(client, &project.desired, &request, &told).await;
    drop(bar);
    let mut surveyed = surveyed.map_err(|error| from_api(&error))?;
    surveyed.plan.environment = project.settings.environment.clone();
    surveyed.plan.endpoint = client.settings().endpoint.to_string();
    Ok(surveyed)
}

/// An error of the API that ends the whole run.
pub(super) fn from_api(error: &crate::api::ApiError) -> Error {
    let mut failure = Error::new(error.code(), error.to_string());
    failure.hint = error.hint();
    failure
}

/// Writes a plan to stdout.
pub(super) fn write(plan: &Plan, format: Format, mood: Mood, output: &Output) -> Result<(), Error> {
    let layout = output.layout();
    output.data(|mut out| match format {
        Format::Text => text::write(plan, mood, layout, &mut out),
        Format::Json => json::write(plan, &mut out),
    })
}

fn exit(plan: &Plan, asked: bool) -> Exit {
    let summary = plan.summary();
    match () {
        () if summary.has_failures() => Exit::Failed,
        () if asked && summary.has_changes() => Exit::Pending,
        () => Exit::Done,
    }
}

/// Refuses to go on where a variable is not set.
pub(super) fn require_variables(desired: &[Arc<Desired>], shared: &Shared) -> Result<(), Error> {
    let selected = selection::select(desired, &shared.selection)?;
    let missing = context::missing(desired, selected.as_ref());
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(String::as_str).collect();
    Err(Error::new("variables-unset", format!("not set: {}", escape::inline(&names.join(", "))))
        .hint("set every variable that the files name with `!env`; nothing was sent"))
}
