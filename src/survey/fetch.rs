//! Fetching the personas that files mean, and planning each as it comes.

use super::{Progress, Request, refusal};
use crate::api::{ApiError, ReadClient};
use crate::compare::{self, Origin};
use crate::persona::{Desired, Live, Pattern};
use crate::plan::{Account, Action, Options, PersonaPlan, Refusal, digest, plan_update};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::task::JoinSet;

/// A persona that was fetched and planned.
pub(super) struct Done {
    pub(super) plan: PersonaPlan,
    pub(super) digest: Option<String>,
    /// The ignore rules that named something.
    pub(super) used: Vec<Pattern>,
}

/// Fetches and plans; a persona's live document is dropped as soon as it is planned.
pub(super) async fn plan_live(
    client: &ReadClient,
    desired: &[Arc<Desired>],
    wanted: &[(usize, String)],
    account: &Account,
    request: &Request,
    progress: Progress<'_>,
) -> Result<HashMap<usize, Done>, ApiError> {
    let mut tasks = JoinSet::new();
    let listed: BTreeSet<&str> = account.entries.iter().map(|entry| entry.id.as_str()).collect();
    for (index, id) in wanted {
        let (index, id, client) = (*index, id.clone(), client.clone());
        let file = desired[index].clone();
        let options = request.options.clone();
        let base = request.base.as_ref().and_then(|base| base.of(index)).cloned();
        let (accept, digested) = (request.accept_conflicts, !request.only_look);
        let foreign = account.complete && !listed.contains(id.as_str());
        tasks.spawn(async move {
            let fetched = client.get(&id).await;
            let planned = fetched.map(|live| {
                let mut done = plan_one(&file, base.as_deref(), &live, foreign, &options, digested);
                if !accept {
                    refuse_conflicts(&mut done.plan);
                }
                done
            });
            (index, planned, file, id)
        });
    }
    let mut done = HashMap::new();
    while let Some(ended) = tasks.join_next().await {
        let (index, outcome, file, id) = match ended {
            Ok(ended) => ended,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => continue,
        };
        let planned = match outcome {
            Ok(planned) => planned,
            // Nothing more can be read with this key.
            Err(error) if error.status() == Some(401) => return Err(error),
            Err(error) => Done {
                plan: PersonaPlan { id: Some(id), ..PersonaPlan::of(&file, Action::Failed(refusal(&error))) },
                digest: None,
                used: Vec::new(),
            },
        };
        done.insert(index, planned);
        progress(done.len(), wanted.len());
    }
    Ok(done)
}

fn plan_one(
    file: &Desired,
    base: Option<&Desired>,
    live: &Live,
    foreign: bool,
    options: &Options,
    digested: bool,
) -> Done {
    let document = live.document.reveal();
    if foreign || document["persona_type"] == "system" {
        let refusal = Refusal {
            code: "stock-persona",
            message: format!(
                "{} is not one of the account's own personas: a stock persona cannot be edited",
                live.id
            ),
            hint: Some("take persona_id out of the file to create a persona of your own".to_owned()),
        };
        let plan =
            PersonaPlan { id: Some(live.id.clone()), ..PersonaPlan::of(file, Action::Refused(refusal)) };
        return Done { plan, digest: None, used: Vec::new() };
    }
    let used = file
        .reconcile
        .ignore
        .iter()
        .filter(|pattern| {
            compare::names_something(pattern, document)
                || compare::names_something(pattern, file.document.reveal())
        })
        .cloned()
        .collect();
    let digest = digested.then(|| digest(live, &file.reconcile));
    Done { plan: plan_update(file, base, live, options), digest, used }
}

/// Where base, file and live all differ, nobody's edit is overwritten unseen.
fn refuse_conflicts(plan: &mut PersonaPlan) {
    let conflicts = plan
        .findings
        .changes
        .iter()
        .filter(|planned| planned.change.origin == Some(Origin::Conflict))
        .count();
    if conflicts > 0 && plan.action == Action::Update {
        plan.action = Action::Refused(Refusal {
            code: "conflict",
            message: format!(
                "{conflicts} of {} changes would overwrite what someone changed on the live side since the base",
                plan.findings.changes.len()
            ),
            hint: Some(
                "take the live values into the file, or overwrite them with --accept-conflicts".to_owned(),
            ),
        });
        plan.requests.clear();
    }
}
