//! Where every persona of a run stands, at any moment: for the run's end, and for an end in the middle.

use super::run::Job;
use crate::api::Method;
use crate::plan::{Ended, Outcome, Refusal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One outcome for each job, in their order. Until a job is settled, its outcome is what could be said of it if the
/// run ended now.
#[derive(Debug, Clone)]
pub struct Ledger(Arc<Mutex<Vec<Outcome>>>);

impl Ledger {
    /// Nothing was tried yet.
    #[must_use]
    pub fn new(jobs: &[Job]) -> Self {
        let outcome = |job: &Job| {
            let (id, action, ended) = job.start();
            Outcome {
                label: job.label.clone(),
                id,
                file: job.file.clone(),
                action,
                ended,
                warnings: Vec::new(),
            }
        };
        Ledger(Arc::new(Mutex::new(jobs.iter().map(outcome).collect())))
    }

    /// A copy of all outcomes.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.all().clone()
    }

    pub(super) fn entry(&self, index: usize) -> Entry {
        Entry { ledger: self.clone(), index }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Outcome>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One persona's line in the ledger.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    ledger: Ledger,
    index: usize,
}

impl Entry {
    fn change<T>(&self, change: impl FnOnce(&mut Outcome) -> T) -> Option<T> {
        self.ledger.all().get_mut(self.index).map(change)
    }

    /// What messages call it.
    pub(super) fn label(&self) -> String {
        self.change(|outcome| outcome.label.clone()).unwrap_or_default()
    }

    pub(super) fn identify(&self, id: &str) {
        self.change(|outcome| outcome.id = Some(id.to_owned()));
    }

    /// Says something that must be said and is no failure; the same thing once.
    pub(super) fn warn(&self, warning: String) {
        self.change(|outcome| {
            if !outcome.warnings.contains(&warning) {
                outcome.warnings.push(warning);
            }
        });
    }

    /// A write goes out now.
    pub(super) fn under_way(&self, method: Method) {
        self.change(|outcome| {
            outcome.ended = Ended::Failed(Refusal {
                code: "unclear",
                message: format!(
                    "the run ended while a {method} was under way: it cannot be told whether it arrived"
                ),
                hint: Some("run plan to see what is live, and apply again".to_owned()),
            });
        });
    }

    /// The end of its way.
    pub(super) fn settle(&self, ended: Ended) -> Option<Outcome> {
        self.change(|outcome| {
            outcome.ended = ended;
            outcome.clone()
        })
    }
}
