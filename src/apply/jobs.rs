//! From a surveyed plan to what there is to do for each persona.

use super::run::{Job, Work};
use crate::persona::Desired;
use crate::plan::{Action, Ended};
use crate::survey::Surveyed;
use std::sync::Arc;

/// One job for each persona that a file means.
#[must_use]
pub fn jobs(desired: &[Arc<Desired>], surveyed: Surveyed) -> Vec<Job> {
    let personas = surveyed.plan.personas.into_iter().zip(surveyed.basis);
    personas
        .filter_map(|(persona, basis)| {
            let label = persona.label().to_owned();
            let file = persona.file.clone();
            let desired = basis.file.and_then(|index| desired.get(index)).cloned();
            let work = match (persona.action, desired) {
                (Action::Unmanaged, _) => return None,
                (Action::Refused(refusal), _) => Work::Settled(Ended::Refused(refusal)),
                (Action::Failed(refusal), _) => Work::Settled(Ended::Failed(refusal)),
                (Action::InSync, _) if persona.requests.is_empty() => Work::Settled(Ended::InSync),
                (Action::Create, Some(desired)) => Work::Create(desired),
                (action @ (Action::Update | Action::InSync), Some(desired)) => Work::Update {
                    desired,
                    base: basis.base,
                    id: persona.id.unwrap_or_default(),
                    digest: basis.digest.unwrap_or_default(),
                    changes: action == Action::Update,
                },
                (Action::Delete, _) => Work::Delete {
                    id: persona.id.unwrap_or_default(),
                    digest: basis.digest.unwrap_or_default(),
                },
                (_, None) => Work::Settled(Ended::InSync),
            };
            Some(Job { label, file, work })
        })
        .collect()
}
