//! `plan`: what apply would do. Holds a client that cannot write.

use super::args::Global;
use super::context::{self, Project};
use super::format::Written;
use super::output::Output;
use super::progress::Progress;
use super::{Error, base, references, saved, selection};
use crate::api::ReadClient;
use crate::exit_code::Exit;
use crate::persona::Desired;
use crate::plan::{Guards, Plan, plan_against_base};
use crate::report::Mood;
use crate::report::escape;
use crate::survey::{self, Base, Surveyed};
use clap::Args;
use std::cell::RefCell;
use std::path::PathBuf;
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
    /// Tell changes apart by what the files said at this Git revision
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Delete personas whose file is gone since the base, and those listed under `prune:`
    #[arg(long)]
    pub prune: bool,
    /// Personas that may be written at most [default: no limit]
    #[arg(long, value_name = "N")]
    pub max_changes: Option<u64>,
    /// Personas that may be deleted at most [default: the larger of 1 and 20 %]
    #[arg(long, value_name = "N")]
    pub max_deletes: Option<u64>,
}

/// The arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What plan and apply have in common.
    #[command(flatten)]
    pub shared: Shared,
    /// How the plan is written.
    #[command(flatten)]
    pub written: Written,
    /// Save the plan, for `apply --plan`
    #[arg(long, value_name = "PLAN.json")]
    pub out: Option<PathBuf>,
    /// Exit with 3 if changes are pending
    #[arg(long)]
    pub exit_code: bool,
}

/// Runs `plan`.
pub(super) async fn run(global: &Global, args: &PlanArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let done = told(global, args, &output).await;
    if let Err(error) = &done {
        args.written.tell_failure(error, &output)?;
    }
    done
}

async fn told(global: &Global, args: &PlanArgs, output: &Output) -> Result<Exit, Error> {
    let mut project = context::project(global, output)?;
    let base = read_base(global, &mut project, &args.shared, output)?;
    let plan = match context::connect(global, &project).await {
        Ok(connection) => {
            let client = ReadClient::new(connection.settings.clone());
            let begun = survey::Request { base, only_look: args.out.is_none(), ..survey::Request::default() };
            let surveyed =
                survey(&mut project, &client, &args.shared, begun, &connection.label, output).await?;
            let mut plan = surveyed.plan;
            for refusal in guards(&project, &args.shared).check(&plan, &surveyed.account) {
                plan.remarks.push(format!("apply would refuse this: {}", refusal.message));
            }
            if let Some(path) = &args.out {
                saved::save(path, &plan, &surveyed.basis, &project.desired, &args.shared)?;
                output
                    .always(&format!("saved to {}; apply it with `personactl apply --plan`", path.display()));
            }
            plan
        }
        Err(error) if args.out.is_some() => return Err(error),
        Err(error) => offline(&project, &args.shared, base, error, output)?,
    };
    args.written.write(&plan, Mood::Plan, &project.disk, output)?;
    let exit = exit(&plan, args.exit_code);
    // The process ends here, and its memory with it: to give back each of thousands of values takes time. The scrubber
    // is dropped, which wipes the secrets in it.
    std::mem::forget((project.desired, plan));
    Ok(exit)
}

/// Without a key there still is the base to compare with.
pub(super) fn offline(
    project: &Project,
    shared: &Shared,
    base: Option<Base>,
    error: Error,
    output: &Output,
) -> Result<Plan, Error> {
    let (Some(base), "no-key") = (base, error.code) else { return Err(error) };
    let revision = shared.base.clone().unwrap_or_default();
    output.always(&format!(
        "warning: {}; the files are compared with `{}` only",
        error.message,
        escape::inline(&revision)
    ));
    let options = context::plan_options(&project.settings, shared.skip_opaque, shared.guard);
    let selected = selection::select(&project.desired, &shared.selection)?;
    let wanted = |index: usize| selected.as_ref().is_none_or(|selected| selected.contains(&index));
    let (desired, then): (Vec<_>, Vec<_>) = project
        .desired
        .iter()
        .cloned()
        .zip(base.files)
        .enumerate()
        .filter_map(|(index, pair)| wanted(index).then_some(pair))
        .unzip();
    let gone = if selected.is_none() { base.gone.as_slice() } else { &[] };
    let mut plan = plan_against_base(&desired, &then, gone, shared.prune, &options);
    if !base.partial {
        plan.personas.iter_mut().for_each(|persona| persona.attribute(None));
    }
    plan.remarks.push(format!(
        "no account was read: this is what the files change since {revision}, not what apply would do"
    ));
    plan.environment = project.settings.environment.clone();
    plan.base = Some(revision);
    Ok(plan)
}

/// The base, if one was named.
pub(super) fn read_base(
    global: &Global,
    project: &mut Project,
    shared: &Shared,
    output: &Output,
) -> Result<Option<Base>, Error> {
    match &shared.base {
        Some(revision) => base::read(global, project, revision, output),
        None => Ok(None),
    }
}

/// The limits of the settings and of the command line.
pub(super) fn guards(project: &Project, shared: &Shared) -> Guards {
    let limits = &project.settings.limits;
    Guards {
        max_changes: shared.max_changes.or(limits.max_changes),
        max_deletes: shared.max_deletes.or(limits.max_deletes),
        expect_personas: project.settings.expect_personas.clone(),
    }
}

/// Surveys the account for a command, which has begun the request with what is its own.
pub(super) async fn survey(
    project: &mut Project,
    client: &ReadClient,
    shared: &Shared,
    mut begun: survey::Request,
    endpoint: &str,
    output: &Output,
) -> Result<Surveyed, Error> {
    references::settle(client, project, begun.base.as_mut(), output).await?;
    let selected = selection::select(&project.desired, &shared.selection)?;
    let commit = begun.base.as_ref().map(|base| base.commit.clone());
    let request = survey::Request {
        options: context::plan_options(&project.settings, shared.skip_opaque, shared.guard),
        create: shared.create,
        named: selected.clone().unwrap_or_default(),
        selected,
        prune: shared.prune,
        prunable: project.settings.prune.iter().cloned().collect(),
        ..begun
    };
    let bar: RefCell<Option<Progress>> = RefCell::new(None);
    let told = |done: usize, total: usize| {
        bar.borrow_mut().get_or_insert_with(|| Progress::new(output, "reading", total)).at(done);
    };
    let surveyed = survey::survey(client, &project.desired, &request, &told).await;
    drop(bar);
    let mut surveyed = surveyed.map_err(|error| from_api(&error))?;
    surveyed.plan.environment = project.settings.environment.clone();
    surveyed.plan.endpoint = endpoint.to_owned();
    surveyed.plan.base = commit;
    Ok(surveyed)
}

/// An error of the API that ends the whole run.
pub(super) fn from_api(error: &crate::api::ApiError) -> Error {
    let mut failure = Error::new(error.code(), error.to_string());
    failure.hint = error.hint();
    failure
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
