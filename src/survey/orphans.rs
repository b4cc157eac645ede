//! Live personas that no file means: listed, and deleted only where that is asked for and safe.

use super::{Basis, Request, refusal};
use crate::api::{ApiError, ReadClient};
use crate::compare;
use crate::persona::name;
use crate::persona::{Desired, Live, Reconcile};
use crate::plan::{Action, Entry, PersonaPlan, Plan, Refusal, digest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Adds the rest of the account to the plan. A persona may be deleted only under `--prune`, and only if its file
/// existed at the base or its id is listed under `prune:`. `renamed` are those that a file seems to mean.
pub(super) async fn settle(
    client: &ReadClient,
    unmanaged: Vec<Entry>,
    request: &Request,
    renamed: &BTreeSet<String>,
    plan: &mut Plan,
    basis: &mut Vec<Basis>,
) -> Result<(), ApiError> {
    let gone = request.base.as_ref().map(|base| base.gone.as_slice()).unwrap_or_default();
    for entry in unmanaged {
        let former = gone.iter().find(|former| meant(former, &entry));
        let listed = request.prunable.contains(&entry.id);
        let label = entry.name.clone().unwrap_or_else(|| entry.id.clone());
        let mut persona = PersonaPlan::idle(entry.name, Some(entry.id.clone()), None, Action::Unmanaged);
        let mut digested = None;
        if let Some(former) = former.filter(|_| !request.prune) {
            plan.remarks.push(format!(
                "the file of `{label}` ({}), {}, is gone since the base; --prune deletes the persona",
                entry.id, former.file
            ));
        }
        // What a file may mean by another name is not deleted before that is settled.
        if request.prune && (former.is_some() || listed) && !renamed.contains(&entry.id) {
            (persona.action, digested) =
                deletion(client, &entry.id, former, request.accept_conflicts).await?;
        }
        plan.personas.push(persona);
        basis.push(Basis { digest: digested, ..Basis::default() });
    }
    Ok(())
}

/// Whether a file of the base meant this live persona.
pub(super) fn meant(former: &Desired, entry: &Entry) -> bool {
    match (&former.id, &former.name, &entry.name) {
        (Some(id), ..) => *id == entry.id,
        (None, Some(name), Some(live)) => name::same(name, live),
        _ => false,
    }
}

async fn deletion(
    client: &ReadClient,
    id: &str,
    former: Option<&Arc<Desired>>,
    accept_conflicts: bool,
) -> Result<(Action, Option<String>), ApiError> {
    if former.is_some_and(|former| former.reconcile.protect) {
        let refusal = Refusal {
            code: "protected",
            message: "its file is gone, and said `protect: true` when it was last there".to_owned(),
            hint: Some("delete it by hand if that is meant".to_owned()),
        };
        return Ok((Action::Refused(refusal), None));
    }
    match client.get(id).await {
        Ok(live) if !accept_conflicts && former.is_some_and(|former| has_changed(&live, former)) => {
            let refusal = Refusal {
                code: "conflict",
                message: "its file is gone, but someone changed it on the live side since the base"
                    .to_owned(),
                hint: Some(
                    "look at it, then delete it with --accept-conflicts, or put the file back".to_owned(),
                ),
            };
            Ok((Action::Refused(refusal), None))
        }
        Ok(live) => Ok((Action::Delete, Some(digest(&live, &Reconcile::default())))),
        Err(error) if error.status() == Some(401) => Err(error),
        Err(error) => Ok((Action::Failed(refusal(&error)), None)),
    }
}

/// Whether live no longer is what the file said when it was last there.
fn has_changed(live: &Live, former: &Desired) -> bool {
    !compare::compare(former, live).changes.is_empty()
}
