//! One persona's way through a PATCH: re-read, compared, sent, and after an unclear answer read again.

use super::Context;
use super::readback::{differences, read_back};
use crate::api::{ApiError, Effect, ErrorKind, PatchOutcome};
use crate::persona::{Desired, Live};
use crate::plan::{self, Action, Ended, Outcome, PersonaPlan, Purpose, Refusal, Request};
use crate::survey::refusal;

/// How often an unclear answer is followed by another look and another plan.
pub(super) const LOOKS: usize = 3;

/// Brings the persona to what the file says, if live still is what was planned against.
pub(super) async fn update(
    context: &Context,
    desired: &Desired,
    id: &str,
    digest: &str,
    outcome: &mut Outcome,
) -> Ended {
    if let Some(reason) = context.stop.reason() {
        return Ended::NotTried(reason);
    }
    let live = match read(context, id).await {
        Ok(live) => live,
        Err(ended) => return ended,
    };
    if plan::digest(&live, &desired.reconcile) != digest {
        return moved(&live);
    }
    let first = plan::plan_update(desired, None, &live, &context.options.plan);
    settle(context, desired, first, outcome).await
}

/// Sends what a plan holds, and looks again whenever it cannot be told whether it arrived.
pub(super) async fn settle(
    context: &Context,
    desired: &Desired,
    first: PersonaPlan,
    outcome: &mut Outcome,
) -> Ended {
    let Some(id) = first.id.clone() else { return Ended::InSync };
    let mut next: Option<PersonaPlan> = None;
    let mut wrote = false;
    let mut unclear: Option<ApiError> = None;
    for _ in 0..=LOOKS {
        let current = next.as_ref().unwrap_or(&first);
        if let Action::Failed(refusal) | Action::Refused(refusal) = &current.action {
            return Ended::Failed(refusal.clone());
        }
        if current.requests.is_empty() {
            return if wrote || unclear.is_some() { Ended::Done } else { Ended::InSync };
        }
        let step = send(context, &id, &current.requests, outcome).await;
        wrote |= step.wrote;
        match step.result {
            Ok(Sent::Changes) => return read_back(context, desired, &id, outcome).await,
            Ok(Sent::InSync) if wrote => return read_back(context, desired, &id, outcome).await,
            Ok(Sent::InSync) => return in_sync(context, desired, &id, current, outcome).await,
            Ok(Sent::Opaque) => return Ended::Resent,
            Err(error) if error.effect() == Effect::Unclear => {
                tracing::warn!("{}: {error}; looking again", outcome.label);
                unclear = Some(error);
            }
            Err(error) => {
                context.note(&error);
                return Ended::Failed(refusal(&error));
            }
        }
        if let Some(reason) = context.stop.reason() {
            return uncertain(unclear, &format!("and the run was stopped: {reason}"));
        }
        let live = match read(context, &id).await {
            Ok(live) => live,
            Err(_) => return uncertain(unclear, "and it could not be read again"),
        };
        let again = plan::plan_update(desired, None, &live, &context.options.plan);
        if !is_part_of(&again, &first) {
            return moved(&live);
        }
        if again.findings.changes.is_empty() && !first.findings.changes.is_empty() {
            // It arrived; values that cannot be compared went with it.
            return Ended::Done;
        }
        next = Some(again);
    }
    uncertain(unclear, "and so it went on")
}

async fn read(context: &Context, id: &str) -> Result<Live, Ended> {
    context.client.reader().get(id).await.map_err(|error| {
        context.note(&error);
        Ended::Failed(refusal(&error))
    })
}

/// Whether a plan asks only for what another one asked for, from the same values: nobody else wrote there since.
fn is_part_of(again: &PersonaPlan, first: &PersonaPlan) -> bool {
    again.findings.changes.iter().all(|now| {
        first.findings.changes.iter().any(|then| {
            now.change.path == then.change.path
                && now.change.before == then.change.before
                && now.change.after == then.change.after
        })
    })
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

fn uncertain(error: Option<ApiError>, end: &str) -> Ended {
    let said = error.as_ref().map(ToString::to_string).unwrap_or_default();
    Ended::Failed(Refusal {
        code: "unclear",
        message: format!("{said}; it cannot be told whether the change arrived, {end}"),
        hint: Some("run plan to see what is live, and apply again".to_owned()),
    })
}

/// What a series of requests came to.
enum Sent {
    /// At least one change was taken.
    Changes,
    /// Only values that cannot be compared were taken.
    Opaque,
    /// 304 to all.
    InSync,
}

struct Step {
    wrote: bool,
    result: Result<Sent, ApiError>,
}

async fn send(context: &Context, id: &str, requests: &[Request], outcome: &mut Outcome) -> Step {
    let mut sent = Sent::InSync;
    let mut wrote = false;
    for request in requests {
        match context.client.patch(id, request.patch.reveal(), context.options.discard_drafts).await {
            Ok(PatchOutcome::InSync) => {}
            Ok(PatchOutcome::Applied { discarded, .. }) => {
                if discarded {
                    outcome
                        .warnings
                        .push("unpublished edits in the vendor's editor were discarded".to_owned());
                }
                if request.purpose != Purpose::Opaque {
                    wrote = true;
                    sent = Sent::Changes;
                } else if !matches!(sent, Sent::Changes) {
                    sent = Sent::Opaque;
                }
            }
            Ok(PatchOutcome::Routed { publish_url }) => {
                outcome.warnings.push(format!(
                    "the API put the change into a draft instead of making it live; publish it at {publish_url}"
                ));
                wrote = true;
                sent = Sent::Changes;
            }
            // Sending what cannot be compared is a courtesy: a refusal leaves the persona as it was.
            Err(error)
                if request.purpose == Purpose::Opaque
                    && matches!(
                        error.kind(),
                        ErrorKind::Refused | ErrorKind::MakerChanges | ErrorKind::Conflict
                    ) =>
            {
                outcome.warnings.push(format!("values that cannot be compared were not taken: {error}"));
            }
            Err(error) => return Step { wrote, result: Err(error) },
        }
    }
    Step { wrote, result: Ok(sent) }
}

/// 304 to a PATCH with changes in it: the API holds what the file says, whatever it shows.
async fn in_sync(
    context: &Context,
    desired: &Desired,
    id: &str,
    sent: &PersonaPlan,
    outcome: &mut Outcome,
) -> Ended {
    if !sent.findings.changes.is_empty()
        && let Ok(live) = context.client.reader().get(id).await
    {
        for difference in differences(desired, &live) {
            outcome.warnings.push(format!(
                "the API says that {} is as the file says, but does not show it so; {}",
                difference.path, difference.hint
            ));
        }
    }
    Ended::InSync
}
