//! One persona's way through a DELETE.

use super::Context;
use super::update::LOOKS;
use crate::api::{Effect, ErrorKind};
use crate::persona::Reconcile;
use crate::plan::{self, Ended, Refusal};
use crate::survey::refusal;

/// Deletes the persona, if live still is what was planned against. One that is gone already is done.
pub(super) async fn delete(context: &Context, id: &str, digest: &str) -> Ended {
    if let Some(reason) = context.stop.reason() {
        return Ended::NotTried(reason);
    }
    let reader = context.client.reader();
    match reader.get(id).await {
        Ok(live) if plan::digest(&live, &Reconcile::default()) == digest => {}
        Ok(live) => {
            return Ended::Refused(Refusal {
                code: "live-moved",
                message: format!("someone changed {} since it was planned: it was not deleted", live.id),
                hint: Some("run plan again and look at what changed".to_owned()),
            });
        }
        Err(error) if matches!(error.kind(), ErrorKind::UnknownPersona) => return Ended::InSync,
        Err(error) => {
            context.note(&error);
            return Ended::Failed(refusal(&error));
        }
    }
    let mut last = None;
    for _ in 0..LOOKS {
        match context.client.delete(id).await {
            Ok(()) => return Ended::Done,
            Err(error) if error.effect() == Effect::Unclear => match reader.get(id).await {
                Err(gone) if matches!(gone.kind(), ErrorKind::UnknownPersona) => return Ended::Done,
                _ => last = Some(error),
            },
            Err(error) => {
                context.note(&error);
                return Ended::Failed(refusal(&error));
            }
        }
    }
    match last {
        Some(error) => Ended::Failed(refusal(&error)),
        None => Ended::NotTried("no attempt was made".to_owned()),
    }
}
