//! A plan without an account: what the files say against what they said at the base.
//!
//! It stands in where no key is at hand (a pull request from a fork) and must be labelled as what it is.

use super::{Options, PersonaPlan, Plan, plan_creation, plan_update};
use crate::persona::{Desired, Live};
use std::sync::Arc;

/// Plans every file against what it said at the base, as if that were live.
#[must_use]
pub fn plan_against_base(desired: &[Arc<Desired>], base: &[Option<Arc<Desired>>], options: &Options) -> Plan {
    let plan_one = |(file, then): (&Arc<Desired>, &Option<Arc<Desired>>)| -> PersonaPlan {
        let Some(then) = then else { return plan_creation(file) };
        let id = then.id.clone().unwrap_or_default();
        let live = Live { id, name: then.name.clone(), document: then.document.clone() };
        let mut plan = plan_update(file, Some(then), &live, options);
        plan.id = then.id.clone();
        plan
    };
    Plan { personas: desired.iter().zip(base).map(plan_one).collect(), ..Plan::default() }
}
