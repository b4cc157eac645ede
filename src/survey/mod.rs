//! Reading the live side for a set of files, and planning each file against it.
//!
//! An edge that only reads: it holds a [`ReadClient`], which has no call that writes. What is decided is decided by
//! `plan`; this module fetches what those decisions need, each persona once, many at a time.

use crate::api::{ApiError, ReadClient};
use crate::compare;
use crate::persona::{Desired, Live, Pattern};
use crate::plan::{
    Account, Action, Entry, Match, Matching, Options, PersonaPlan, Plan, Refusal, digest, match_personas,
    plan_creation, plan_update,
};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::task::JoinSet;

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
}

/// A plan, and for each of its personas what `apply` needs beside it.
pub struct Surveyed {
    /// The plan.
    pub plan: Plan,
    /// One for each persona of the plan.
    pub basis: Vec<Basis>,
    /// Whether the whole account was listed.
    pub complete: bool,
}

/// What a persona's plan rests on.
#[derive(Debug, Clone, Default)]
pub struct Basis {
    /// The file, as an index into the desired personas; none for a persona without a file.
    pub file: Option<usize>,
    /// Digest of the live document as it was planned against.
    pub digest: Option<String>,
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
    let mut planned = plan_live(client, desired, &wanted, &account, request, progress).await?;
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
            Match::Refused(refusal) => (
                PersonaPlan::idle(
                    file.name.clone(),
                    file.id.clone(),
                    Some(file.file.clone()),
                    Action::Refused(refusal),
                ),
                None,
            ),
        };
        plan.personas.push(protect(persona, file, request.named.contains(&index)));
        basis.push(Basis { file: Some(index), digest });
    }
    if !request.create {
        refuse_likely_renames(client, desired, &unmanaged, &mut plan, &basis).await?;
    }
    if request.selected.is_none() {
        for entry in unmanaged {
            plan.personas.push(PersonaPlan::idle(entry.name, Some(entry.id), None, Action::Unmanaged));
            basis.push(Basis::default());
        }
        plan.remark_on_idle_rules(idle);
    }
    Ok(Surveyed { plan, basis, complete: account.complete })
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

struct Done {
    plan: PersonaPlan,
    digest: Option<String>,
    used: Vec<Pattern>,
}

/// Fetches and plans; a persona's live document is dropped as soon as it is planned.
async fn plan_live(
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
        let foreign = account.complete && !listed.contains(id.as_str());
        tasks.spawn(async move {
            let fetched = client.get(&id).await;
            (index, fetched.map(|live| plan_one(&file, &live, foreign, &options)), file, id)
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
                plan: PersonaPlan::idle(
                    file.name.clone(),
                    Some(id),
                    Some(file.file.clone()),
                    Action::Failed(refusal(&error)),
                ),
                digest: None,
                used: Vec::new(),
            },
        };
        done.insert(index, planned);
        progress(done.len(), wanted.len());
    }
    Ok(done)
}

fn plan_one(file: &Desired, live: &Live, foreign: bool, options: &Options) -> Done {
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
        let plan = PersonaPlan::idle(
            file.name.clone(),
            Some(live.id.clone()),
            Some(file.file.clone()),
            Action::Refused(refusal),
        );
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
    Done { plan: plan_update(file, None, live, options), digest: Some(digest(live, &file.reconcile)), used }
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
        let changes = persona.findings.changes.len();
        persona.requests.clear();
        persona.creation = None;
        persona.action = Action::Refused(Refusal {
            code: "protected",
            message: format!("its file says `protect: true`, and {changes} changes are pending"),
            hint: Some(format!("name it to write it: personactl apply {}", file.file)),
        });
    }
    persona
}

/// A persona that would be created, beside one of the same content under another name that no file means, is most
/// likely that one, renamed in the file.
async fn refuse_likely_renames(
    client: &ReadClient,
    desired: &[Arc<Desired>],
    unmanaged: &[Entry],
    plan: &mut Plan,
    basis: &[Basis],
) -> Result<(), ApiError> {
    if unmanaged.is_empty() || !plan.personas.iter().any(|persona| persona.action == Action::Create) {
        return Ok(());
    }
    let mut tasks = JoinSet::new();
    for entry in unmanaged {
        let (client, id) = (client.clone(), entry.id.clone());
        tasks.spawn(async move { client.get(&id).await });
    }
    let mut lives = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(Ok(live)) => lives.push(live),
            Ok(Err(error)) if error.status() == Some(401) => return Err(error),
            // One that cannot be read cannot be compared either.
            Ok(Err(_)) => {}
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {}
        }
    }
    lives.sort_by(|a, b| a.id.cmp(&b.id));
    for (persona, basis) in plan.personas.iter_mut().zip(basis) {
        let Some(file) = basis.file.filter(|_| persona.action == Action::Create).map(|index| &desired[index])
        else {
            continue;
        };
        if let Some(live) = lives.iter().find(|live| differs_in_name_only(file, live)) {
            persona.action = Action::Refused(Refusal {
                code: "likely-rename",
                message: format!(
                    "no live persona is called `{}`, but {} (`{}`), which no file means, has the same content",
                    persona.label(),
                    live.id,
                    live.label()
                ),
                hint: Some(format!(
                    "to rename it, write `persona_id: {}` into {}; to create a second one, use --create",
                    live.id, file.file
                )),
            });
        }
    }
    Ok(())
}

fn differs_in_name_only(file: &Desired, live: &Live) -> bool {
    compare::compare(file, live).changes.iter().all(|planned| planned.path.as_str() == "/persona_name")
}
