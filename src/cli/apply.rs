//! `apply`: makes the live personas what the files say. The only command with a client that writes.

use super::args::Global;
use super::context;
use super::output::Output;
use super::plan::{self, Shared};
use super::settle::{Settled, Telling, settle};
use super::{Error, base, lock, saved, write_ids};
use crate::api::WriteClient;
use crate::apply::{Context, Options, jobs};
use crate::exit_code::Exit;
use crate::plan::{Ended, Outcome, Refusal};
use crate::report::outcome;
use crate::report::run::Run;
use crate::report::text::{self, Mood};
use crate::survey;
use clap::Args;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

/// The arguments of `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// What plan and apply have in common.
    #[command(flatten)]
    pub shared: Shared,
    /// Apply a saved plan: exactly what was reviewed, and only once
    #[arg(
        long,
        value_name = "PLAN.json",
        conflicts_with_all = ["selection", "create", "guard", "skip_opaque", "base", "prune"]
    )]
    pub plan: Option<PathBuf>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
    /// Only show the plan
    #[arg(long)]
    pub dry_run: bool,
    /// Overwrite what was changed both in the files and on the live side since the base
    #[arg(long)]
    pub accept_conflicts: bool,
    /// Overwrite unpublished edits of the vendor's editor
    #[arg(long)]
    pub discard_drafts: bool,
    /// Keep what the live personas were in this folder, secrets left out
    #[arg(long, value_name = "DIR")]
    pub backup: Option<PathBuf>,
    /// Write the ids of created personas into their files, or into the environment's overlays
    #[arg(long)]
    pub write_ids: bool,
    /// Write how each persona ended to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Runs `apply`.
pub(super) async fn run(global: &Global, args: &ApplyArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let mut project = context::project(global, &output)?;
    let saved = match &args.plan {
        Some(path) => Some(saved::read(path, &project)?),
        None => None,
    };
    let shared =
        saved.as_ref().map_or_else(|| args.shared.clone(), |saved| saved::shared(saved, &args.shared));
    if !args.dry_run {
        if !args.yes && !io::stdin().is_terminal() {
            return Err(Error::new("no-terminal", "there is no terminal to confirm on")
                .hint("add --yes to apply without being asked")
                .exit(Exit::Usage));
        }
        plan::require_variables(&project.desired, &shared)?;
        if let Some(revision) = &shared.base {
            base::refuse_older(&project, revision)?;
        }
    }
    let _lock = if args.dry_run { None } else { Some(lock::take(project.disk.root())?) };
    let base = plan::read_base(global, &mut project, &shared, &output)?;
    let connection = context::connect(global, &project).await?;
    let client = WriteClient::new(connection.settings.clone());
    let accept_conflicts = args.accept_conflicts;
    let begun = survey::Request { base, accept_conflicts, ..survey::Request::default() };
    let mut surveyed =
        plan::survey(&mut project, client.reader(), &shared, begun, &connection.label, &output).await?;
    if let Some(saved) = &saved {
        saved::check(saved, &surveyed.plan)?;
        saved::hold(saved, &mut surveyed.plan, &mut surveyed.basis, &project.desired);
    }
    let layout = output.layout();
    output.data(|mut out| text::write(&surveyed.plan, Mood::Plan, layout, &mut out))?;
    if args.dry_run {
        let failed = surveyed.plan.summary().has_failures();
        return Ok(if failed { Exit::Failed } else { Exit::Done });
    }
    let refusals = plan::guards(&project, &shared).check(&surveyed.plan, &surveyed.account);
    if !refusals.is_empty() {
        return Err(guarded(&refusals));
    }
    if surveyed.plan.summary().has_changes() && !args.yes && !confirmed()? {
        return Err(Error::new("declined", "declined: nothing was written"));
    }
    if let Some(saved) = &saved {
        saved::remember(saved, &project)?;
    }
    let options = Options {
        plan: context::plan_options(&project.settings, shared.skip_opaque, shared.guard),
        discard_drafts: args.discard_drafts,
        backup: args.backup.clone(),
    };
    let context = Context { client, options };
    let run = Run {
        environment: surveyed.plan.environment.clone(),
        endpoint: surveyed.plan.endpoint.clone(),
        ..Run::default()
    };
    let telling = Telling { output: &output, report: args.report.clone(), run };
    let Settled { outcomes, exit, unreported } =
        settle(&context, jobs(&project.desired, surveyed), telling).await?;
    output.data(|mut out| {
        let told = |one: &&Outcome| !matches!(one.ended, Ended::InSync) || !one.warnings.is_empty();
        for one in outcomes.iter().filter(told) {
            outcome::write_one(one, &mut out)?;
        }
        writeln!(out, "{}", outcome::closing_line(&outcomes))
    })?;
    let written = if args.write_ids { write_ids::write(&project, &outcomes, &output) } else { Ok(()) };
    let landed = outcomes.iter().any(|outcome| outcome.ended.landed());
    match unreported.map_or(written, Err) {
        Err(error) if landed && exit == Exit::Done => Err(error.exit(Exit::Partial)),
        Err(error) if exit == Exit::Done => Err(error),
        Err(error) => Err(error.exit(exit)),
        Ok(()) => Ok(exit),
    }
}

/// What the guards forbid, all at once; nothing was written.
fn guarded(refusals: &[Refusal]) -> Error {
    let messages: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
    let hints: Vec<&str> = refusals.iter().filter_map(|refusal| refusal.hint.as_deref()).collect();
    let code = refusals.first().map_or("guarded", |refusal| refusal.code);
    Error::new(code, format!("{}: nothing was written", messages.join("; and "))).hint(hints.join("; "))
}

fn confirmed() -> Result<bool, Error> {
    let unanswered =
        |error: io::Error| Error::new("no-terminal", format!("no answer could be read: {error}"));
    write!(io::stderr().lock(), "Apply these changes? [y/N] ").map_err(unanswered)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(unanswered)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
