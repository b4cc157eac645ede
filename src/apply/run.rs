//! The run: in which order, how many at a time, and when it stops.

use super::ledger::{Entry, Ledger};
use super::{backup, create, delete, update};
use crate::api::{ApiError, Brake, Listing, WriteClient};
use crate::persona::{Desired, Live};
use crate::plan::{self, Ended, Outcome, Refusal};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
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
        /// What it said at the base revision, if there is one.
        base: Option<Arc<Desired>>,
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

impl Job {
    /// The persona's id, what is to be done in the plan's word, and how it ended if its turn never comes.
    pub(super) fn start(&self) -> (Option<String>, &'static str, Ended) {
        let waiting = Ended::NotTried("the run ended before its turn".to_owned());
        match &self.work {
            Work::Create(_) => (None, "create", waiting),
            Work::Update { id, changes: true, .. } => (Some(id.clone()), "update", waiting),
            Work::Update { id, .. } => (Some(id.clone()), "in_sync", waiting),
            Work::Delete { id, .. } => (Some(id.clone()), "delete", waiting),
            Work::Settled(Ended::InSync) => (None, "in_sync", Ended::InSync),
            Work::Settled(ended) => (None, "none", ended.clone()),
        }
    }
}

/// How a run goes about it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How patches are built.
    pub plan: plan::Options,
    /// Overwrite unpublished edits of the vendor's editor.
    pub discard_drafts: bool,
    /// Keep what live was in this folder; what cannot be kept is not written.
    pub backup: Option<PathBuf>,
}

/// What every persona's way shares.
#[derive(Clone)]
pub struct Context {
    /// The client; its brake stops the run.
    pub client: WriteClient,
    /// The choices.
    pub options: Options,
}

impl Context {
    /// Pulled when no new write may begin.
    #[must_use]
    pub fn brake(&self) -> &Brake {
        &self.client.reader().settings().brake
    }

    /// A refused key stops the run: every further request would be refused too.
    pub(super) fn note(&self, error: &ApiError) {
        if error.status() == Some(401) {
            self.brake().pull("the API refused the key");
        }
    }

    /// Keeps what live is, if that is asked for.
    pub(super) fn keep(&self, live: &Live) -> Result<(), Ended> {
        let Some(folder) = &self.options.backup else { return Ok(()) };
        backup::keep(folder, live).map_err(|error| {
            Ended::Failed(Refusal {
                code: "backup",
                message: format!(
                    "the backup in {} cannot be written: {error}; nothing was sent",
                    folder.display()
                ),
                hint: Some("give a folder that can be written to --backup, or leave it out".to_owned()),
            })
        })
    }

    /// Waits for a reading that a write shall rest on, unless the brake is pulled meanwhile.
    pub(super) async fn unless_stopped<T>(&self, reading: impl Future<Output = T>) -> Result<T, Ended> {
        tokio::select! {
            biased;
            reason = self.brake().pulled() => Err(Ended::NotTried(reason)),
            read = reading => Ok(read),
        }
    }
}

/// Settles every job: creates first, then updates, then deletes; within each, as many at a time as the client has
/// places, so that little time passes between reading a persona and writing it. `told` hears of each as it is
/// settled; the ledger holds them all, in the order of the jobs.
pub async fn run(context: &Context, jobs: Vec<Job>, ledger: &Ledger, told: &dyn Fn(&Outcome)) {
    let mut stages: BTreeMap<u8, Vec<(usize, Job)>> = BTreeMap::new();
    for (index, job) in jobs.into_iter().enumerate() {
        let stage = match job.work {
            Work::Settled(_) => 0,
            Work::Create(_) => 1,
            Work::Update { .. } => 2,
            Work::Delete { .. } => 3,
        };
        stages.entry(stage).or_default().push((index, job));
    }
    for (_, stage) in stages {
        let creates = stage.iter().any(|(_, job)| matches!(job.work, Work::Create(_)));
        let before = if creates { Some(Arc::new(list(context).await)) } else { None };
        let mut waiting = stage.into_iter();
        let mut tasks = JoinSet::new();
        let places = context.client.reader().settings().concurrency.max(1);
        loop {
            while tasks.len() < places
                && let Some((index, job)) = waiting.next()
            {
                let (context, before, entry) = (context.clone(), before.clone(), ledger.entry(index));
                tasks.spawn(async move {
                    let ended = settle(&context, job, before.as_deref(), &entry).await;
                    entry.settle(ended)
                });
            }
            match tasks.join_next().await {
                Some(Ok(outcome)) => outcome.iter().for_each(told),
                Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Some(Err(_)) => {}
                None => break,
            }
        }
    }
}

async fn list(context: &Context) -> Result<Listing, Ended> {
    match context.unless_stopped(context.client.reader().list()).await? {
        Ok(listing) => Ok(listing),
        Err(error) => {
            context.note(&error);
            Err(Ended::Failed(crate::survey::refusal(&error)))
        }
    }
}

async fn settle(
    context: &Context,
    job: Job,
    before: Option<&Result<Listing, Ended>>,
    entry: &Entry,
) -> Ended {
    if let (Some(reason), false) = (context.brake().reason(), matches!(job.work, Work::Settled(_))) {
        return Ended::NotTried(reason);
    }
    match job.work {
        Work::Settled(ended) => ended,
        Work::Create(desired) => match before {
            Some(Ok(before)) => create::create(context, &desired, before, entry).await,
            Some(Err(ended)) => ended.clone(),
            None => Ended::NotTried("the account was not listed".to_owned()),
        },
        Work::Update { desired, base, id, digest, .. } => {
            update::update(context, (&desired, base.as_deref()), &id, &digest, entry).await
        }
        Work::Delete { id, digest } => delete::delete(context, &id, &digest, entry).await,
    }
}
