//! A persona that seems to be new may be an old one under another name.

use super::Basis;
use crate::api::{ApiError, ReadClient};
use crate::compare;
use crate::persona::{Desired, Live};
use crate::plan::{Action, Entry, Plan, Refusal};
use std::sync::Arc;
use tokio::task::JoinSet;

/// A persona that would be created, beside one of the same content under another name that no file means, is most
/// likely that one, renamed in the file.
pub(super) async fn refuse_likely_renames(
    client: &ReadClient,
    desired: &[Arc<Desired>],
    unmanaged: &[Entry],
    plan: &mut Plan,
    basis: &[Basis],
) -> Result<(), ApiError> {
    if unmanaged.is_empty() || !plan.personas.iter().any(|persona| persona.action == Action::Create) {
        return Ok(());
    }
    let lives = fetch(client, unmanaged).await?;
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

/// The live personas that can be read, by id.
async fn fetch(client: &ReadClient, entries: &[Entry]) -> Result<Vec<Live>, ApiError> {
    let mut tasks = JoinSet::new();
    for entry in entries {
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
    Ok(lives)
}

/// A live persona that no file means beside a file that means none: most likely the same one, to be adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    /// The file, as an index.
    pub file: usize,
    /// The live persona.
    pub id: String,
    /// What makes them alike.
    pub reason: &'static str,
}

/// Names this much alike are worth a look.
const ALIKE: f64 = 0.92;

/// Pairs of files without a live persona and live personas without a file that look like each other.
///
/// # Errors
/// If the key is refused.
pub async fn look_alikes(
    client: &ReadClient,
    files: &[(usize, Arc<Desired>)],
    unmanaged: &[Entry],
) -> Result<Vec<LookAlike>, ApiError> {
    let mut found = Vec::new();
    if files.is_empty() {
        return Ok(found);
    }
    let lives = fetch(client, unmanaged).await?;
    let plain = |name: &str| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    for (index, file) in files {
        for entry in unmanaged {
            let names = (file.name.as_deref().map(plain), entry.name.as_deref().map(plain));
            let near = matches!(names, (Some(a), Some(b)) if strsim::jaro_winkler(&a, &b) >= ALIKE);
            let live = lives.iter().find(|live| live.id == entry.id);
            let reason = if live.is_some_and(|live| differs_in_name_only(file, live)) {
                "the same content"
            } else if near {
                "a similar name"
            } else {
                continue;
            };
            found.push(LookAlike { file: *index, id: entry.id.clone(), reason });
        }
    }
    Ok(found)
}

fn differs_in_name_only(file: &Desired, live: &Live) -> bool {
    compare::compare(file, live).changes.iter().all(|planned| planned.path.as_str() == "/persona_name")
}
