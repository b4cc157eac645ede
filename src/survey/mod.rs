//! Reading the live side for a set of files, and planning each file against it.
//!
//! An edge that only reads: it holds a [`ReadClient`], which has no call that writes. What is decided is decided by
//! `plan`; this module fetches what those decisions need, each persona once, many at a time.

mod fetch;
mod orphans;
mod renames;

pub use renames::{LookAlike, look_alikes};

use crate::api::{ApiError, ReadClient};
use crate::compare;
use crate::persona::{Desired, Pattern};
use crate::plan::{
    Account, Action, Entry, Match, Matching, Options, PersonaPlan, Plan, Refusal, match_personas,
    plan_creation,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What to survey, and how.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// How patches are built.
    pub options: Options,
    /// Do not look for the old name of a persona that would be created.
    pub create: bool,
    /// Only these files (by index) are planned; the others still take part in matching.
    pub selected: Option<BTreeSet<usize>>,
    /// Files (by index) that were named one by one on the command line.
    pub named: BTreeSet<usize>,
    /// What the files said at an earlier revision.
    pub base: Option<Base>,
    /// Overwrite what was changed on both sides.
    pub accept_conflicts: bool,
    /// Delete personas whose file is gone since the base, and those of [`Request::prunable`].
    pub prune: bool,
    /// Ids of personas that may be deleted without a base.
    pub prunable: BTreeSet<String>,
    /// Nothing will be written on the strength of this survey, now or later: no digests are made.
    pub only_look: bool,
}

/// What the files said at an earlier revision.
#[derive(Debug, Clone, Default)]
pub struct Base {
    /// The commit.
    pub commit: String,
    /// For each file what it said then.
    pub files: Vec<Option<Arc<Desired>>>,
    /// Personas of files that are gone.
    pub gone: Vec<Arc<Desired>>,
    /// Some of the files had faults then, so a file without a base may have had one.
    pub partial: bool,
}

impl Base {
    fn of(&self, file: usize) -> Option<&Arc<Desired>> {
        self.files.get(file).and_then(Option::as_ref)
    }

    /// Says whose the changes are of a persona that has no base, or that is gone from the live side since.
    fn attribute(&self, file: usize, persona: &mut PersonaPlan) {
        let then = self.of(file);
        if then.is_some() || !self.partial {
            persona.attribute(then.map(Arc::as_ref));
        }
    }
}

/// A plan, and for each of its personas what `apply` needs beside it.
pub struct Surveyed {
    /// The plan.
    pub plan: Plan,
    /// One for each persona of the plan.
    pub basis: Vec<Basis>,
    /// The account as it was listed.
    pub account: Account,
}

/// What a persona's plan rests on.
#[derive(Debug, Clone, Default)]
pub struct Basis {
    /// The file, as an index into the desired personas; none for a persona without a file.
    pub file: Option<usize>,
    /// Digest of the live document as it was planned against.
    pub digest: Option<String>,
    /// What the file said at the base: planning again must come to the same changes.
    pub base: Option<Arc<Desired>>,
}

/// Hears of progress: how many of how many.
pub type Progress<'a> = &'a dyn Fn(usize, usize);

/// Lists the account, fetches every persona that a file means, and plans it.
///
/// # Errors
/// If the listing fails, or the key is refused: then nothing can be said of any persona. Other failures are told of
/// the persona that they concern.
pub async fn survey(
    client: &ReadClient,
    desired: &[Arc<Desired>],
    request: &Request,
    progress: Progress<'_>,
) -> Result<Surveyed, ApiError> {
    let account = list(client).await?;
    let Matching { matches, unmanaged } = match_personas(desired, &account);
    let mut basis: Vec<Basis> = Vec::new();
    let mut plan = Plan::default();
    if !account.complete {
        plan.remarks.push(format!(
            "the API listed {} personas{}: the listing is incomplete, so nothing is created or deleted",
            account.entries.len(),
            account.total.map(|total| format!(" and counts {total}")).unwrap_or_default()
        ));
    }
    let selected = |index: &usize| request.selected.as_ref().is_none_or(|selected| selected.contains(index));
    let wanted: Vec<(usize, String)> = matches
        .iter()
        .enumerate()
        .filter(|(index, _)| selected(index))
        .filter_map(|(index, found)| match found {
            Match::Live(id) => Some((index, id.clone())),
            _ => None,
        })
        .collect();
    let mut planned = fetch::plan_live(client, desired, &wanted, &account, request, progress).await?;
    let mut idle = idle_rules(desired);
    for (index, found) in matches.into_iter().enumerate().filter(|(index, _)| selected(index)) {
        let file = &desired[index];
        let (persona, digest) = match found {
            Match::Live(_) => {
                let Some(done) = planned.remove(&index) else { continue };
                idle.retain(|pattern| !done.used.contains(pattern));
                (done.plan, done.digest)
            }
            Match::Create => {
                idle.retain(|pattern| !compare::names_something(pattern, file.document.reveal()));
                (plan_creation(file), None)
            }
            Match::Refused(refusal) => (PersonaPlan::of(file, Action::Refused(refusal)), None),
        };
        let mut persona = protect(persona, file, request.named.contains(&index));
        if let Some(base) = &request.base {
            base.attribute(index, &mut persona);
        }
        plan.personas.push(persona);
        let base = request.base.as_ref().and_then(|base| base.of(index)).cloned();
        basis.push(Basis { file: Some(index), digest, base });
    }
    let gone = request.base.as_ref().map(|base| base.gone.as_slice()).unwrap_or_default();
    let renamed = if request.create {
        BTreeSet::new()
    } else {
        renames::refuse_likely_renames(client, desired, &unmanaged, gone, &mut plan, &basis).await?
    };
    if request.selected.is_none() {
        orphans::settle(client, unmanaged, request, &renamed, &mut plan, &mut basis).await?;
        plan.remark_on_idle_rules(idle);
    }
    Ok(Surveyed { plan, basis, account })
}

/// The account's own personas.
///
/// # Errors
/// If the listing fails.
pub async fn list(client: &ReadClient) -> Result<Account, ApiError> {
    let listing = client.list().await?;
    let own = listing.entries.into_iter().filter(|entry| !entry.stock);
    Ok(Account {
        entries: own.map(|entry| Entry { id: entry.id, name: entry.name }).collect(),
        complete: listing.complete,
        total: listing.total,
    })
}

/// What an error of the API says of one persona.
#[must_use]
pub fn refusal(error: &ApiError) -> Refusal {
    Refusal { code: error.code(), message: error.to_string(), hint: error.hint() }
}

fn idle_rules(desired: &[Arc<Desired>]) -> BTreeSet<Pattern> {
    desired.iter().flat_map(|file| file.reconcile.ignore.iter().cloned()).collect()
}

/// A protected persona is written only when it was named.
fn protect(mut persona: PersonaPlan, file: &Desired, named: bool) -> PersonaPlan {
    let writes = matches!(persona.action, Action::Create | Action::Update);
    if file.reconcile.protect && writes && !named {
        let changes = match persona.findings.changes.len() {
            1 => "1 change is pending".to_owned(),
            more => format!("{more} changes are pending"),
        };
        persona.requests.clear();
        persona.creation = None;
        persona.action = Action::Refused(Refusal {
            code: "protected",
            message: format!("its file says `protect: true`, and {changes}"),
            hint: Some(format!("name it to write it: personactl apply {}", file.file)),
        });
    }
    persona
}
