//! What must hold before the first write: numbers that are too large, an account that is not the expected one.
//!
//! Every refusal states the numbers and what lifts it.

use super::{Account, Action, Plan, Refusal};
use std::collections::HashSet;

/// The limits of one run.
#[derive(Debug, Clone, Default)]
pub struct Guards {
    /// Most personas that may be written; none: any number.
    pub max_changes: Option<u64>,
    /// Most personas that may be deleted; none: the larger of 1 and 20 % of those that the files or the base mean.
    pub max_deletes: Option<u64>,
    /// Ids that must all exist in the account.
    pub expect_personas: Vec<String>,
}

impl Guards {
    /// Everything that forbids the run.
    #[must_use]
    pub fn check(&self, plan: &Plan, account: &Account) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        refusals.extend(self.wrong_account(plan, account));
        let summary = plan.summary();
        let writes = summary.create + summary.update + summary.delete;
        if let Some(most) = self.max_changes.filter(|most| writes as u64 > *most) {
            refusals.push(Refusal {
                code: "too-many-changes",
                message: format!(
                    "{} would be written ({} created, {} updated, {} deleted), and at most {most} may be",
                    personas(writes),
                    summary.create,
                    summary.update,
                    summary.delete
                ),
                hint: Some(format!("if all of them are meant: --max-changes {writes}")),
            });
        }
        let deletes = summary.delete;
        let managed = plan.personas.iter().filter(|persona| is_managed(&persona.action)).count();
        let share = self.max_deletes.unwrap_or_else(|| (managed as u64 / 5).max(1));
        if deletes as u64 > share {
            let of = match self.max_deletes {
                Some(most) => format!("at most {most} may be"),
                None => format!(
                    "at most {share} of {managed} managed personas may be (20 %, and never less than 1)"
                ),
            };
            refusals.push(Refusal {
                code: "too-many-deletes",
                message: format!("{} would be deleted, and {of}", personas(deletes)),
                hint: Some(format!("if all of them are meant: --max-deletes {deletes}")),
            });
        }
        if deletes > 0 && !account.complete {
            refusals.push(Refusal {
                code: "incomplete-listing",
                message: format!(
                    "{} would be deleted, and the API listed only {} of {} personas",
                    personas(deletes),
                    account.entries.len(),
                    account.total.map_or("an unknown number of".to_owned(), |total| total.to_string())
                ),
                hint: Some("nothing is deleted on an incomplete listing: run again".to_owned()),
            });
        }
        refusals
    }

    /// The key may belong to another account than the one that the files are about.
    fn wrong_account(&self, plan: &Plan, account: &Account) -> Option<Refusal> {
        let there: HashSet<&str> = account.entries.iter().map(|entry| entry.id.as_str()).collect();
        let missing: Vec<&str> =
            self.expect_personas.iter().map(String::as_str).filter(|id| !there.contains(id)).collect();
        if !missing.is_empty() {
            return Some(Refusal {
                code: "unexpected-account",
                message: format!(
                    "{} of {} personas under `expect_personas` are not in this account: {}",
                    missing.len(),
                    self.expect_personas.len(),
                    missing.join(", ")
                ),
                hint: Some(
                    "check the key and --env; or mend `expect_personas` in personactl.yaml".to_owned(),
                ),
            });
        }
        // Files that pin ids know their account, even where nothing else names it.
        let pinned: Vec<&str> = plan
            .personas
            .iter()
            .filter(|persona| persona.file.is_some() && persona.pinned)
            .filter_map(|persona| persona.id.as_deref())
            .collect();
        let found = pinned.iter().any(|id| there.contains(id));
        (!pinned.is_empty() && !found && plan.summary().create > 0).then(|| Refusal {
            code: "unexpected-account",
            message: format!(
                "none of the {} ids that the files pin is in this account: {}",
                pinned.len(),
                pinned.join(", ")
            ),
            hint: Some(
                "check the key and --env: this looks like another account, and nothing is created in it"
                    .to_owned(),
            ),
        })
    }
}

fn personas(number: usize) -> String {
    if number == 1 { "1 persona".to_owned() } else { format!("{number} personas") }
}

fn is_managed(action: &Action) -> bool {
    matches!(
        action,
        Action::Update | Action::InSync | Action::Delete | Action::Refused(_) | Action::Failed(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Entry, PersonaPlan};

    fn plan(actions: &[Action]) -> Plan {
        let mut plan = Plan::default();
        for (index, action) in actions.iter().enumerate() {
            let id = Some(format!("p{index}"));
            plan.personas.push(PersonaPlan::idle(None, id, Some("x.yaml".into()), action.clone()));
        }
        plan
    }

    fn account(size: usize) -> Account {
        let entry = |index| Entry { id: format!("p{index}"), name: None };
        Account { entries: (0..size).map(entry).collect(), complete: true, total: Some(size) }
    }

    fn codes(guards: &Guards, plan: &Plan, account: &Account) -> Vec<&'static str> {
        guards.check(plan, account).iter().map(|refusal| refusal.code).collect()
    }

    #[test]
    fn p75_p76_deletions_above_a_share_stop_the_run_and_the_refusal_says_what_lifts_it() {
        let mut actions = vec![Action::InSync; 8];
        actions.extend([Action::Delete, Action::Delete, Action::Delete]);
        let refusals = Guards::default().check(&plan(&actions), &account(11));
        assert_eq!(
            refusals[0].message,
            "3 personas would be deleted, and at most 2 of 11 managed personas may be (20 %, and never less than 1)"
        );
        assert_eq!(refusals[0].hint.as_deref(), Some("if all of them are meant: --max-deletes 3"));
        let lifted = Guards { max_deletes: Some(3), ..Guards::default() };
        assert!(lifted.check(&plan(&actions), &account(11)).is_empty());
    }

    #[test]
    fn one_deletion_is_always_allowed_but_not_on_an_incomplete_listing() {
        let one = plan(&[Action::Delete]);
        assert!(Guards::default().check(&one, &account(1)).is_empty());
        let partial = Account { complete: false, ..account(1) };
        assert_eq!(codes(&Guards::default(), &one, &partial), ["incomplete-listing"]);
    }

    #[test]
    fn more_writes_than_allowed_stop_the_run() {
        let guards = Guards { max_changes: Some(1), ..Guards::default() };
        assert_eq!(
            codes(&guards, &plan(&[Action::Create, Action::Update]), &account(2)),
            ["too-many-changes"]
        );
        assert!(guards.check(&plan(&[Action::Create, Action::InSync]), &account(2)).is_empty());
    }

    #[test]
    fn p81_another_account_than_the_expected_one_stops_the_run() {
        let guards = Guards { expect_personas: vec!["p0".into(), "p9".into()], ..Guards::default() };
        assert_eq!(codes(&guards, &plan(&[Action::InSync]), &account(2)), ["unexpected-account"]);
        let mut pinned = plan(&[Action::Create, Action::Update]);
        pinned.personas[1].pinned = true;
        pinned.personas[1].id = Some("p77".into());
        assert_eq!(codes(&Guards::default(), &pinned, &account(2)), ["unexpected-account"]);
        pinned.personas[1].id = Some("p1".into());
        assert!(Guards::default().check(&pinned, &account(2)).is_empty());
    }
}
