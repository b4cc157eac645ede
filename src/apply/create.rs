//! One persona's way through a POST. It is never repeated before the account was searched for what it may have made.

use super::ledger::Entry;
use super::readback::{compared, is_kept_in_another_form};
use super::update::complete;
use super::{Context, Ended, LOOKS, State, Taken, uncertain};
use crate::api::{ApiError, Effect, ErrorKind, Listing, Method};
use crate::compare::{self, ChangeKind};
use crate::persona::name;
use crate::persona::{Desired, Document, Live};
use crate::plan::{self, Purpose, Refusal};
use crate::survey::refusal;

/// Creates the persona, unless one of its name came into being since it was planned: `before` is the account as it
/// was listed right before the first POST.
pub(super) async fn create(context: &Context, desired: &Desired, before: &Listing, entry: &Entry) -> Ended {
    let body = plan::creation_body(&compare::creation(desired).target);
    let mut way = Way { context, desired, entry, body, made: None, looks: 0 };
    let mut state = way.begin(before);
    loop {
        state = match state {
            // A creation is planned against the listing, which is here.
            State::Planned => way.begin(before),
            State::Read(()) => way.send().await,
            State::Sent(_) => State::Settled(way.sent().await),
            State::Unclear(error) => way.look_again(error).await,
            State::Settled(ended) => return ended,
        };
    }
}

struct Way<'a> {
    context: &'a Context,
    desired: &'a Desired,
    entry: &'a Entry,
    body: Document,
    /// The id of the new persona.
    made: Option<String>,
    /// How often it went on after an unclear answer.
    looks: usize,
}

impl Way<'_> {
    fn begin(&self, before: &Listing) -> State<()> {
        let namesakes = namesakes(before, self.desired);
        let refusal = if !before.complete {
            Refusal {
                code: "incomplete-listing",
                message: format!("the API listed only {} personas: nothing is created", before.entries.len()),
                hint: Some("run again; if it stays, `personactl doctor` looks at the listing".to_owned()),
            }
        } else if namesakes.is_empty() {
            return State::Read(());
        } else {
            Refusal {
                code: "live-moved",
                message: format!(
                    "a persona of this name came into being since it was planned: {}",
                    namesakes.join(", ")
                ),
                hint: Some("run plan again".to_owned()),
            }
        };
        State::Settled(Ended::Refused(refusal))
    }

    async fn send(&mut self) -> State<()> {
        self.entry.under_way(Method::Post);
        let error = match self.context.client.create(&self.body).await {
            Ok(created) => {
                self.made = Some(created.id);
                return State::Sent(Taken::Changes);
            }
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Stopped { reason } => State::Settled(Ended::NotTried(reason.clone())),
            _ if error.effect() == Effect::Unclear => State::Unclear(error),
            _ => {
                self.context.note(&error);
                State::Settled(Ended::Failed(refusal(&error)))
            }
        }
    }

    /// Unclear: there was none of this name before, so if there is one now, and it holds what was sent, it is ours.
    async fn look_again(&mut self, error: ApiError) -> State<()> {
        tracing::info!("{}: {error}; searching the account for it", self.entry.label());
        let reader = self.context.client.reader();
        let listing = match reader.list().await {
            Ok(listing) => listing,
            Err(failure) => {
                self.context.note(&failure);
                let what =
                    format!("it cannot be told whether it was created, as the search failed too: {failure}");
                return State::Settled(uncertain(&error, &what));
            }
        };
        let found = namesakes(&listing, self.desired);
        match found.as_slice() {
            [] if !listing.complete => State::Settled(uncertain(
                &error,
                "it cannot be told whether it was created: the API listed only a part of the account",
            )),
            [] if self.looks == LOOKS => State::Settled(Ended::Failed(refusal(&error))),
            [] => {
                self.looks += 1;
                State::Read(())
            }
            [id] => match reader.get(id).await {
                Ok(live) if self.holds_what_was_sent(&live) => {
                    self.made = Some(id.clone());
                    State::Sent(Taken::Changes)
                }
                Ok(_) => State::Settled(uncertain(
                    &error,
                    &format!("{id} has this name now, but not what was sent: someone else made it"),
                )),
                Err(failure) => {
                    State::Settled(uncertain(&error, &format!("{id} has this name now: {failure}")))
                }
            },
            several => State::Settled(uncertain(
                &error,
                &format!("{} personas have this name now: {}", several.len(), several.join(", ")),
            )),
        }
    }

    /// What a server leaves out or writes in another form speaks for nothing; another value does.
    fn holds_what_was_sent(&self, live: &Live) -> bool {
        compare::compare(self.desired, live).changes.iter().all(|change| {
            change.before.is_none()
                || change.kind == ChangeKind::Add
                || is_kept_in_another_form(change, change)
        })
    }

    /// Sent: read it back, and send what could not go with the POST.
    async fn sent(&self) -> Ended {
        let Some(id) = &self.made else { return Ended::NotTried("no persona was made".to_owned()) };
        self.entry.identify(id);
        let live = match self.context.client.reader().get(id).await {
            Ok(live) => live,
            Err(error) => return uncertain(&error, &format!("{id} was created, but could not be read back")),
        };
        let mut rest = plan::plan_update(self.desired, None, &live, &self.context.options.plan);
        rest.requests.retain(|request| request.purpose == Purpose::Alone);
        if rest.requests.is_empty() {
            return compared(self.desired, &live);
        }
        complete(self.context, self.desired, rest, id, self.entry).await
    }
}

/// Ids of the account's personas of this name.
fn namesakes(listing: &Listing, desired: &Desired) -> Vec<String> {
    let Some(name) = &desired.name else { return Vec::new() };
    let same = |other: &str| name::same(other, name);
    let own = listing.entries.iter().filter(|entry| !entry.stock);
    own.filter(|entry| entry.name.as_deref().is_some_and(same)).map(|entry| entry.id.clone()).collect()
}
