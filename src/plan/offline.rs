//! A plan without an account: what the files say against what they said at the base.
//!
//! It stands in where no key is at hand (a pull request from a fork) and must be labelled as what it is.

use super::{Action, Options, PersonaPlan, Plan, plan_creation, plan_update};
use crate::persona::{Desired, Live};
use std::sync::Arc;

/// Plans every file against what it said at the base, as if that were live. `gone` are the personas of the base whose
/// files are gone: with `prune` they would be deleted.
#[must_use]
pub fn plan_against_base(
    desired: &[Arc<Desired>],
    base: &[Option<Arc<Desired>>],
    gone: &[Arc<Desired>],
    prune: bool,
    options: &Options,
) -> Plan {
    let plan_one = |(file, then): (&Arc<Desired>, &Option<Arc<Desired>>)| -> PersonaPlan {
        let Some(then) = then else { return plan_creation(file) };
        let id = then.id.clone().unwrap_or_default();
        let live = Live { id, name: then.name.clone(), document: then.document.clone() };
        let mut plan = plan_update(file, Some(then), &live, options);
        plan.id = then.id.clone();
        plan
    };
    let mut plan = Plan { personas: desired.iter().zip(base).map(plan_one).collect(), ..Plan::default() };
    for former in gone {
        let idle = PersonaPlan::idle(former.name.clone(), former.id.clone(), None, Action::Delete);
        if prune && !former.reconcile.protect {
            plan.personas.push(idle);
        } else {
            plan.remarks.push(format!(
                "the file of `{}`, {}, is gone since the base; --prune deletes the persona",
                idle.label(),
                former.file
            ));
        }
    }
    plan
}
