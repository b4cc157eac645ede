//! Carrying jobs out for a user who may interrupt: progress, signals, the report file.

use super::Error;
use super::output::Output;
use super::progress::Progress;
use super::signals::{Signal, Signals};
use super::write::write_whole;
use crate::apply::{self, Context, Job, Ledger, Work};
use crate::exit_code::Exit;
use crate::plan::{Outcome, exit_of};
use crate::report::run::{Run, document};
use std::cell::Cell;
use std::path::PathBuf;

/// Where and how a run is told of.
pub(super) struct Telling<'a> {
    pub(super) output: &'a Output,
    /// The file of `--report`.
    pub(super) report: Option<PathBuf>,
    pub(super) run: Run,
}

/// How a run ended.
pub(super) struct Settled {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) exit: Exit,
    /// The last report could not be written. Writes have landed by then, so that is said after them.
    pub(super) unreported: Option<Error>,
}

/// Settles all jobs, or stops when told to. The report is written before the first request and at the end, so that
/// there is one however the run ends.
pub(super) async fn settle(
    context: &Context,
    jobs: Vec<Job>,
    mut telling: Telling<'_>,
) -> Result<Settled, Error> {
    let writing = jobs.iter().filter(|job| !matches!(job.work, Work::Settled(_))).count();
    let ledger = Ledger::new(&jobs);
    telling.report(&ledger.outcomes())?;
    let mut signals = Signals::listen()
        .map_err(|error| Error::new("signals", format!("signals cannot be heard: {error}")))?;
    let bar = Progress::new(telling.output, "writing", writing);
    let done = Cell::new(0);
    let told = |outcome: &Outcome| {
        if outcome.action != "none" {
            done.set(done.get() + 1);
            bar.at(done.get());
        }
    };
    let signal = {
        let run = apply::run(context, jobs, &ledger, &told);
        tokio::pin!(run);
        let mut first: Option<Signal> = None;
        loop {
            tokio::select! {
                () = &mut run => break first,
                signal = signals.next() => {
                    if first.is_some() {
                        break Some(signal);
                    }
                    first = Some(signal);
                    context.brake().pull(&format!("the run was interrupted ({})", signal.name()));
                    telling.output.always(&format!(
                        "{}: no new writes; waiting for those under way (once more to end at once)",
                        signal.name()
                    ));
                }
            }
        }
    };
    drop(bar);
    let outcomes = ledger.outcomes();
    let exit = signal.map_or_else(|| exit_of(&outcomes), Signal::exit);
    telling.run.ended = true;
    telling.run.interrupted = signal.map(Signal::name);
    telling.run.exit = Some(exit);
    let unreported = telling.report(&outcomes).err();
    Ok(Settled { outcomes, exit, unreported })
}

impl Telling<'_> {
    fn report(&self, outcomes: &[Outcome]) -> Result<(), Error> {
        let Some(path) = &self.report else { return Ok(()) };
        let mut text = serde_json::to_vec_pretty(&document(&self.run, outcomes))
            .map_err(|error| Error::new("report", format!("the report cannot be made: {error}")))?;
        text.push(b'\n');
        write_whole(path, &text)
    }
}
