//! One persona's way through its PATCHes.

use super::ledger::Entry;
use super::readback::{differences, is_kept_in_another_form, read_back};
use super::{Context, Ended, LOOKS, State, Taken, uncertain};
use crate::api::{ApiError, Effect, ErrorKind, Method, PatchOutcome};
use crate::persona::{Desired, Live};
use crate::plan::{self, Action, PersonaPlan, Purpose, Refusal};
use crate::survey::refusal;

/// Brings the persona to what the file says (and said at the base revision, if there is one), if live still is what was planned against.
pub(super) async fn update(
    context: &Context,
    (desired, base): (&Desired, Option<&Desired>),
    id: &str,
    digest: &str,
    entry: &Entry,
) -> Ended {
    Way { base, digest: Some(digest), ..Way::new(context, desired, id, entry) }.go(State::Planned).await
}

/// Sends what could not go with the POST of a persona that was just made.
pub(super) async fn complete(
    context: &Context,
    desired: &Desired,
    plan: PersonaPlan,
    id: &str,
    entry: &Entry,
) -> Ended {
    Way { wrote: true, ..Way::new(context, desired, id, entry) }.go(State::Read(Box::new(plan))).await
}

struct Way<'a> {
    context: &'a Context,
    desired: &'a Desired,
    base: Option<&'a Desired>,
    id: &'a str,
    entry: &'a Entry,
    /// What live must be for anything to be written; none for a persona that this run has made.
    digest: Option<&'a str>,
    /// What was to be done at first: nothing else is done later.
    first: Option<Box<PersonaPlan>>,
    /// How often it went on after an unclear answer.
    looks: usize,
    /// Whether the server has taken a change.
    wrote: bool,
    /// How patches are built; more carefully after a 422.
    options: plan::Options,
}

impl<'a> Way<'a> {
    fn new(context: &'a Context, desired: &'a Desired, id: &'a str, entry: &'a Entry) -> Self {
        let options = context.options.plan.clone();
        Way {
            context,
            desired,
            base: None,
            id,
            entry,
            digest: None,
            first: None,
            looks: 0,
            wrote: false,
            options,
        }
    }

    async fn go(mut self, start: State<Box<PersonaPlan>>) -> Ended {
        let mut state = start;
        loop {
            state = match state {
                State::Planned => self.read().await,
                State::Read(plan) => self.send(plan).await,
                State::Sent(taken) => State::Settled(self.sent(taken).await),
                State::Unclear(error) => self.look_again(error).await,
                State::Settled(ended) => return ended,
            };
        }
    }

    /// Planned: read again, and go on only if nobody wrote meanwhile.
    async fn read(&mut self) -> State<Box<PersonaPlan>> {
        let live = match self.context.unless_stopped(self.context.client.reader().get(self.id)).await {
            Ok(Ok(live)) => live,
            Ok(Err(error)) => return self.failed(&error),
            Err(ended) => return State::Settled(ended),
        };
        if self.digest.is_some_and(|digest| plan::digest(&live, &self.desired.reconcile) != digest) {
            return State::Settled(moved(&live));
        }
        if let Err(ended) = self.context.keep(&live) {
            return State::Settled(ended);
        }
        State::Read(Box::new(plan::plan_update(self.desired, self.base, &live, &self.options)))
    }

    /// Read: send what there is to do.
    async fn send(&mut self, plan: Box<PersonaPlan>) -> State<Box<PersonaPlan>> {
        if let Action::Failed(refusal) | Action::Refused(refusal) = &plan.action {
            return State::Settled(Ended::Failed(refusal.clone()));
        }
        let mut taken = Taken::Nothing;
        let result = self.send_each(&plan, &mut taken).await;
        self.first.get_or_insert(plan);
        match result {
            Ok(()) => State::Sent(taken),
            Err(state) => state,
        }
    }

    async fn send_each(
        &mut self,
        plan: &PersonaPlan,
        taken: &mut Taken,
    ) -> Result<(), State<Box<PersonaPlan>>> {
        for request in &plan.requests {
            self.entry.under_way(Method::Patch);
            let force = self.context.options.discard_drafts;
            let error = match self.context.client.patch(self.id, request.patch.reveal(), force).await {
                Ok(PatchOutcome::InSync) => continue,
                Ok(PatchOutcome::Applied { discarded, .. }) => {
                    if discarded {
                        self.entry.warn("unpublished edits in the vendor's editor were discarded".to_owned());
                    }
                    if request.purpose != Purpose::Opaque {
                        self.wrote = true;
                        *taken = Taken::Changes;
                    } else if *taken == Taken::Nothing {
                        *taken = Taken::Opaque;
                    }
                    continue;
                }
                Ok(PatchOutcome::Routed { publish_url }) => return Err(State::Settled(routed(&publish_url))),
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::Stopped { reason } if !self.wrote => {
                    return Err(State::Settled(Ended::NotTried(reason.clone())));
                }
                // The record may hold less than live shows: once more, with operations that fit either way.
                ErrorKind::PatchRefused if !self.options.cautious => {
                    self.options.cautious = true;
                    return Err(State::Unclear(error));
                }
                // Sending what cannot be compared is a courtesy: a refusal leaves the persona as it was.
                ErrorKind::Refused
                | ErrorKind::MakerChanges
                | ErrorKind::Conflict
                | ErrorKind::PatchRefused
                    if request.purpose == Purpose::Opaque =>
                {
                    self.entry.warn(format!("values that cannot be compared were not taken: {error}"));
                }
                _ if error.effect() == Effect::Unclear => return Err(State::Unclear(error)),
                _ => return Err(self.failed(&error)),
            }
        }
        Ok(())
    }

    /// Sent: see what the server made of it.
    async fn sent(&self, taken: Taken) -> Ended {
        if taken == Taken::Changes || self.wrote {
            return read_back(self.context, self.desired, self.id, self.entry).await;
        }
        if taken == Taken::Opaque {
            return Ended::Resent;
        }
        // 304 to a PATCH with changes in it: the API holds what the file says, whatever it shows.
        let changes = self.first.as_ref().is_some_and(|first| !first.findings.changes.is_empty());
        if changes && let Ok(live) = self.context.client.reader().get(self.id).await {
            for difference in differences(self.desired, &live) {
                self.entry.warn(format!(
                    "the API says that {} is as the file says, but does not show it so; {}",
                    difference.path, difference.hint
                ));
            }
        }
        Ended::InSync
    }

    /// Unclear: read, and plan anew what is left. Whatever is neither as it was nor as it shall be is not ours to
    /// overwrite.
    async fn look_again(&mut self, error: ApiError) -> State<Box<PersonaPlan>> {
        tracing::info!("{}: {error}; reading it again", self.entry.label());
        let live = match self.context.client.reader().get(self.id).await {
            Ok(live) => live,
            Err(failure) => {
                self.context.note(&failure);
                let what =
                    format!("it cannot be told whether the change arrived, as reading failed too: {failure}");
                return State::Settled(uncertain(&error, &what));
            }
        };
        let again = plan::plan_update(self.desired, self.base, &live, &self.options);
        let Some(first) = self.first.as_ref() else { return State::Read(Box::new(again)) };
        let was =
            |path: &jsonptr::Pointer| first.findings.changes.iter().find(|then| then.change.path == path);
        let (mut open, mut kept_otherwise) = (0, 0);
        for now in &again.findings.changes {
            match was(&now.change.path) {
                Some(then)
                    if then.change.before == now.change.before && then.change.after == now.change.after =>
                {
                    open += 1;
                }
                Some(then) if is_kept_in_another_form(&then.change, &now.change) => kept_otherwise += 1,
                _ => return State::Settled(overwritten(&error, &live)),
            }
        }
        let planned = first.findings.changes.len();
        if open == 0 && planned > 0 {
            // It arrived, and what cannot be compared arrived with it.
            return State::Settled(match kept_otherwise {
                0 => Ended::Done,
                _ => Ended::Differs(differences(self.desired, &live)),
            });
        }
        self.wrote |= open < planned;
        if self.looks == LOOKS {
            return State::Settled(self.failure(&error));
        }
        self.looks += 1;
        match self.context.brake().reason() {
            Some(reason) if self.wrote => {
                State::Settled(uncertain(&error, &format!("the rest was not sent: {reason}")))
            }
            Some(reason) => State::Settled(Ended::NotTried(reason)),
            None => State::Read(Box::new(again)),
        }
    }

    fn failed(&self, error: &ApiError) -> State<Box<PersonaPlan>> {
        self.context.note(error);
        State::Settled(self.failure(error))
    }

    fn failure(&self, error: &ApiError) -> Ended {
        let mut refusal = refusal(error);
        if self.wrote {
            refusal.message.push_str("; an earlier part of the change was taken");
        }
        Ended::Failed(refusal)
    }
}

fn moved(live: &Live) -> Ended {
    let at =
        live.document.reveal()["updated_at"].as_str().map(|at| format!(" (at {at})")).unwrap_or_default();
    Ended::Refused(Refusal {
        code: "live-moved",
        message: format!("someone changed {} since it was planned{at}: it was not written", live.id),
        hint: Some("run plan again and look at what changed".to_owned()),
    })
}

fn overwritten(error: &ApiError, live: &Live) -> Ended {
    let what = format!(
        "read again, {} is neither what it was nor what was sent: someone else changed it too, and it was not written again",
        live.id
    );
    uncertain(error, &what)
}

fn routed(publish_url: &str) -> Ended {
    Ended::Failed(Refusal {
        code: "routed-to-draft",
        message: "the API put the change into a draft instead of making it live".to_owned(),
        hint: Some(format!("publish the draft in the vendor's editor, or through {publish_url}")),
    })
}
