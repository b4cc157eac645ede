//! The run: who may write when, and when it stops.

use super::{create, delete, update};
use crate::api::{ApiError, Listing, WriteClient};
use crate::persona::Desired;
use crate::plan::{self, Ended, Outcome};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// One persona to settle.
#[derive(Debug, Clone)]
pub struct Job {
    /// What messages call it.
    pub label: String,
    /// Its file.
    pub file: Option<Arc<str>>,
    /// What there is to do.
    pub work: Work,
}

/// What there is to do for a persona.
#[derive(Debug, Clone)]
pub enum Work {
    /// POST.
    Create(Arc<Desired>),
    /// PATCH, if live still is what was planned against.
    Update {
        /// What the file says.
        desired: Arc<Desired>,
        /// The live persona.
        id: String,
        /// The digest of live that the plan rests on.
        digest: String,
        /// Whether the plan held changes, or only values that cannot be compared.
        changes: bool,
    },
    /// DELETE, if live still is what was planned against.
    Delete {
        /// The live persona.
        id: String,
        /// The digest of live that the plan rests on.
        digest: String,
    },
    /// Nothing: it was in sync, refused or failed when it was planned.
    Settled(Ended),
}

/// How a run goes about it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How patches are built.
    pub plan: plan::Options,
    /// Overwrite unpublished edits of the vendor's editor.
    pub discard_drafts: bool,
}

/// What every persona's way shares.
#[derive(Clone)]
pub struct Context {
    /// The client.
    pub client: WriteClient,
    /// The choices.
    pub options: Options,
    /// Set when no new write may begin.
    pub stop: Stop,
}

/// A brake that anyone may pull: no new write begins after it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Mutex<Option<String>>>);

impl Stop {
    /// Stops new writes; the first reason stays.
    pub fn pull(&self, reason: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| reason.to_owned());
    }

    /// Why no new write may begin, if so.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Context {
    /// A refused key stops the run: every further request would be refused too.
    pub(super) fn note(&self, error: &ApiError) {
        if error.status() == Some(401) {
            self.stop.pull("the API refused the key");
        }
    }
}

/// Settles every job: creates first, then updates, then deletes; within each, many at a time. Outcomes come in the
/// order of the jobs; `told` hears of each as it is settled.
pub async fn run(context: &Context, jobs: Vec<Job>, told: &dyn Fn(&Outcome)) -> Vec<Outcome> {
    let mut stages: BTreeMap<u8, Vec<(usize, Job)>> = BTreeMap::new();
    let total = jobs.len();
    for (index, job) in jobs.into_iter().enumerate() {
        let stage = match job.work {
            Work::Settled(_) => 0,
            Work::Create(_) => 1,
            Work::Update { .. } => 2,
            Work::Delete { .. } => 3,
        };
        stages.entry(stage).or_default().push((index, job));
    }
    let mut outcomes: Vec<Option<Outcome>> = (0..total).map(|_| None).collect();
    for (_, stage) in stages {
        let creates = stage.iter().any(|(_, job)| matches!(job.work, Work::Create(_)));
        let before = if creates { Some(Arc::new(context.client.reader().list().await)) } else { None };
        let mut tasks = JoinSet::new();
        for (index, job) in stage {
            let (context, before) = (context.clone(), before.clone());
            tasks.spawn(async move { (index, settle(&context, job, before.as_deref()).await) });
        }
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok((index, outcome)) => {
                    told(&outcome);
                    outcomes[index] = Some(outcome);
                }
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            }
        }
    }
    outcomes.into_iter().flatten().collect()
}

async fn settle(context: &Context, job: Job, before: Option<&Result<Listing, ApiError>>) -> Outcome {
    let (id, action) = match &job.work {
        Work::Create(_) => (None, "create"),
        Work::Update { id, changes, .. } => (Some(id.clone()), if *changes { "update" } else { "in_sync" }),
        Work::Delete { id, .. } => (Some(id.clone()), "delete"),
        Work::Settled(Ended::InSync) => (None, "in_sync"),
        Work::Settled(_) => (None, "none"),
    };
    let mut outcome =
        Outcome { label: job.label, id, file: job.file, action, ended: Ended::InSync, warnings: Vec::new() };
    outcome.ended = match job.work {
        Work::Settled(ended) => ended,
        Work::Create(desired) => match before {
            Some(before) => create::create(context, &desired, before, &mut outcome).await,
            None => Ended::NotTried("the account was not listed".to_owned()),
        },
        Work::Update { desired, id, digest, .. } => {
            update::update(context, &desired, &id, &digest, &mut outcome).await
        }
        Work::Delete { id, digest } => delete::delete(context, &id, &digest).await,
    };
    outcome
}
