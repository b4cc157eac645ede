//! `apply`: makes the live personas what the files say. The only command with a client that writes.

use super::args::Global;
use super::context;
use super::output::Output;
use super::plan::{self, Shared};
use super::progress::Progress;
use super::{Error, base};
use crate::api::WriteClient;
use crate::apply::{self, Context, Job, Ledger, Options, Work, jobs};
use crate::exit_code::Exit;
use crate::plan::{Ended, Outcome, Refusal, exit_of};
use crate::report::outcome;
use crate::report::text::{self, Mood};
use clap::Args;
use std::cell::Cell;
use std::io::{self, BufRead, IsTerminal, Write};

/// The arguments of `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// What plan and apply have in common.
    #[command(flatten)]
    pub shared: Shared,
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
}

/// Runs `apply`.
pub(super) async fn run(global: &Global, args: &ApplyArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let mut project = context::project(global, &output)?;
    if !args.dry_run {
        if !args.yes && !io::stdin().is_terminal() {
            return Err(Error::new("no-terminal", "there is no terminal to confirm on")
                .hint("add --yes to apply without being asked")
                .exit(Exit::Usage));
        }
        plan::require_variables(&project.desired, &args.shared)?;
    }
    if let Some(revision) = args.shared.base.as_deref().filter(|_| !args.dry_run) {
        base::refuse_older(&project, revision)?;
    }
    let base = plan::read_base(global, &mut project, &args.shared, &output)?;
    let connection = context::connect(global, &project).await?;
    let client = WriteClient::new(connection.settings.clone());
    let surveyed =
        plan::survey(&project, client.reader(), &args.shared, base, args.accept_conflicts, &output).await?;
    let layout = output.layout();
    output.data(|mut out| text::write(&surveyed.plan, Mood::Plan, layout, &mut out))?;
    if args.dry_run {
        let failed = surveyed.plan.summary().has_failures();
        return Ok(if failed { Exit::Failed } else { Exit::Done });
    }
    let refusals = plan::guards(&project, &args.shared).check(&surveyed.plan, &surveyed.account);
    if !refusals.is_empty() {
        return Err(guarded(&refusals));
    }
    if surveyed.plan.summary().has_changes() && !args.yes && !confirmed()? {
        return Err(Error::new("declined", "declined: nothing was written"));
    }
    let options = Options {
        plan: context::plan_options(&project.settings, args.shared.skip_opaque, args.shared.guard),
        discard_drafts: args.discard_drafts,
    };
    let context = Context { client, options };
    let outcomes = settle(&context, jobs(&project.desired, surveyed), &output).await;
    output.data(|mut out| {
        for one in
            outcomes.iter().filter(|one| !matches!(one.ended, Ended::InSync) || !one.warnings.is_empty())
        {
            outcome::write_one(one, &mut out)?;
        }
        writeln!(out, "{}", outcome::closing_line(&outcomes))
    })?;
    Ok(exit_of(&outcomes))
}

async fn settle(context: &Context, jobs: Vec<Job>, output: &Output) -> Vec<Outcome> {
    let writing = jobs.iter().filter(|job| !matches!(job.work, Work::Settled(_))).count();
    let bar = Progress::new(output, "writing", writing);
    let done = Cell::new(0);
    let told = |outcome: &Outcome| {
        if outcome.action != "none" {
            done.set(done.get() + 1);
            bar.at(done.get());
        }
    };
    let ledger = Ledger::new(&jobs);
    apply::run(context, jobs, &ledger, &told).await;
    ledger.outcomes()
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
