//! One persona's way through a DELETE.

use super::ledger::Entry;
use super::{Context, Ended, LOOKS, State, Taken, uncertain};
use crate::api::{ApiError, Effect, ErrorKind, Method};
use crate::persona::{Live, Reconcile};
use crate::plan::{self, Refusal};
use crate::survey::refusal;

/// Deletes the persona, if live still is what was planned against. One that is gone already is in sync.
pub(super) async fn delete(context: &Context, id: &str, digest: &str, entry: &Entry) -> Ended {
    let mut way = Way { context, id, digest, entry, looks: 0 };
    let mut state = State::Planned;
    loop {
        state = match state {
            State::Planned => way.read().await,
            State::Read(()) => way.send().await,
            State::Sent(_) => State::Settled(way.sent().await),
            State::Unclear(error) => way.look_again(error).await,
            State::Settled(ended) => return ended,
        };
    }
}

struct Way<'a> {
    context: &'a Context,
    id: &'a str,
    digest: &'a str,
    entry: &'a Entry,
    looks: usize,
}

impl Way<'_> {
    async fn read(&self) -> State<()> {
        match self.context.unless_stopped(self.context.client.reader().get(self.id)).await {
            Ok(Ok(live)) if self.is_as_planned(&live) => match self.context.keep(&live) {
                Ok(()) => State::Read(()),
                Err(ended) => State::Settled(ended),
            },
            Ok(Ok(live)) => State::Settled(Ended::Refused(Refusal {
                code: "live-moved",
                message: format!("someone changed {} since it was planned: it was not deleted", live.id),
                hint: Some("run plan again and look at what changed".to_owned()),
            })),
            Ok(Err(error)) if is_gone(&error) => State::Settled(Ended::InSync),
            Ok(Err(error)) => self.failed(&error),
            Err(ended) => State::Settled(ended),
        }
    }

    async fn send(&self) -> State<()> {
        self.entry.under_way(Method::Delete);
        match self.context.client.delete(self.id).await {
            Ok(()) => State::Sent(Taken::Changes),
            Err(error) if error.effect() == Effect::Unclear => State::Unclear(error),
            // Someone else was quicker, or so it says.
            Err(error) if is_gone(&error) => State::Sent(Taken::Nothing),
            Err(error) => match error.kind() {
                ErrorKind::Stopped { reason } => State::Settled(Ended::NotTried(reason.clone())),
                _ => self.failed(&error),
            },
        }
    }

    /// Sent: see that it is gone.
    async fn sent(&self) -> Ended {
        match self.context.client.reader().get(self.id).await {
            Err(gone) if is_gone(&gone) => Ended::Done,
            Err(error) => {
                self.context.note(&error);
                self.entry.warn(format!("deleted, but it could not be looked for afterwards: {error}"));
                Ended::Done
            }
            Ok(_) => Ended::Failed(Refusal {
                code: "not-deleted",
                message: format!("the API says that {} is deleted, and still shows it", self.id),
                hint: Some("run plan again; the API may take a while".to_owned()),
            }),
        }
    }

    async fn look_again(&mut self, error: ApiError) -> State<()> {
        tracing::info!("{}: {error}; reading it again", self.entry.label());
        match self.context.client.reader().get(self.id).await {
            Err(gone) if is_gone(&gone) => State::Sent(Taken::Changes),
            Err(failure) => {
                self.context.note(&failure);
                let what =
                    format!("it cannot be told whether it was deleted, as reading failed too: {failure}");
                State::Settled(uncertain(&error, &what))
            }
            Ok(live) if !self.is_as_planned(&live) => {
                State::Settled(uncertain(&error, "it is still there, and someone else changed it meanwhile"))
            }
            Ok(_) if self.looks == LOOKS => State::Settled(Ended::Failed(refusal(&error))),
            Ok(_) => {
                self.looks += 1;
                State::Read(())
            }
        }
    }

    fn is_as_planned(&self, live: &Live) -> bool {
        plan::digest(live, &Reconcile::default()) == self.digest
    }

    fn failed(&self, error: &ApiError) -> State<()> {
        self.context.note(error);
        State::Settled(Ended::Failed(refusal(error)))
    }
}

fn is_gone(error: &ApiError) -> bool {
    matches!(error.kind(), ErrorKind::UnknownPersona)
}
