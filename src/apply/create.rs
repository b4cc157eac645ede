//! One persona's way through a POST. It is never repeated before the account was searched for what it may have made.

use super::Context;
use super::readback::read_back;
use super::update::{LOOKS, settle};
use crate::api::{ApiError, Effect, Listing};
use crate::compare;
use crate::persona::Desired;
use crate::plan::{self, Ended, Outcome, Purpose, Refusal};
use crate::survey::refusal;
use unicode_normalization::UnicodeNormalization;

/// Creates the persona, unless one of its name came into being since it was planned: `before` is the account as it
/// was listed right before the first POST.
pub(super) async fn create(
    context: &Context,
    desired: &Desired,
    before: &Result<Listing, ApiError>,
    outcome: &mut Outcome,
) -> Ended {
    if let Some(reason) = context.stop.reason() {
        return Ended::NotTried(reason);
    }
    match before {
        Ok(listing) if !listing.complete => {
            return Ended::Refused(Refusal {
                code: "incomplete-listing",
                message: format!(
                    "the API listed only {} personas: nothing is created",
                    listing.entries.len()
                ),
                hint: Some("run again".to_owned()),
            });
        }
        Ok(listing) if namesakes(listing, desired).is_empty() => {}
        Ok(listing) => {
            let ids = namesakes(listing, desired);
            return Ended::Refused(Refusal {
                code: "live-moved",
                message: format!(
                    "a persona of this name came into being since it was planned: {}",
                    ids.join(", ")
                ),
                hint: Some("run plan again".to_owned()),
            });
        }
        Err(error) => {
            context.note(error);
            return Ended::Failed(refusal(error));
        }
    }
    let body = plan::creation_body(&compare::creation(desired).target);
    let mut last = None;
    for _ in 0..LOOKS {
        if let Some(reason) = context.stop.reason() {
            return Ended::NotTried(reason);
        }
        let error = match context.client.create(&body).await {
            Ok(created) => return finish(context, desired, created.id, outcome).await,
            Err(error) => error,
        };
        if error.effect() != Effect::Unclear {
            context.note(&error);
            return Ended::Failed(refusal(&error));
        }
        tracing::warn!("{}: {error}; searching the account for it", outcome.label);
        match search(context, desired).await {
            // One of that name, where there was none before: it is what the POST made.
            Ok(ids) if ids.len() == 1 => return finish(context, desired, ids[0].clone(), outcome).await,
            Ok(ids) if ids.is_empty() => last = Some(error),
            Ok(ids) => {
                return unclear(
                    &error,
                    &format!("there are {} of this name now: {}", ids.len(), ids.join(", ")),
                );
            }
            Err(search) => return unclear(&error, &format!("the search for it failed: {search}")),
        }
    }
    match last {
        Some(error) => Ended::Failed(refusal(&error)),
        None => Ended::NotTried("no attempt was made".to_owned()),
    }
}

/// Ids of the account's personas of this name.
fn namesakes(listing: &Listing, desired: &Desired) -> Vec<String> {
    let Some(name) = &desired.name else { return Vec::new() };
    let same = |other: &str| other.nfc().eq(name.nfc());
    let own = listing.entries.iter().filter(|entry| !entry.stock);
    own.filter(|entry| entry.name.as_deref().is_some_and(same)).map(|entry| entry.id.clone()).collect()
}

async fn search(context: &Context, desired: &Desired) -> Result<Vec<String>, ApiError> {
    Ok(namesakes(&context.client.reader().list().await?, desired))
}

/// Reads the new persona back, and sends what could not go with the POST.
async fn finish(context: &Context, desired: &Desired, id: String, outcome: &mut Outcome) -> Ended {
    outcome.id = Some(id.clone());
    let live = match context.client.reader().get(&id).await {
        Ok(live) => live,
        Err(error) => return unclear(&error, "it was created, but could not be read back"),
    };
    let mut rest = plan::plan_update(desired, None, &live, &context.options.plan);
    rest.requests.retain(|request| request.purpose == Purpose::Alone);
    if rest.requests.is_empty() {
        return read_back(context, desired, &id, outcome).await;
    }
    settle(context, desired, rest, outcome).await
}

fn unclear(error: &ApiError, what: &str) -> Ended {
    Ended::Failed(Refusal {
        code: "unclear",
        message: format!("{error}; {what}"),
        hint: Some("run plan to see what is live, and apply again".to_owned()),
    })
}
