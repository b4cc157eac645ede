//! A persona that seems to be new may be an old one under another name.

use super::Basis;
use super::orphans::meant;
use crate::api::{ApiError, ReadClient};
use crate::compare;
use crate::persona::{Desired, Live};
use crate::plan::{Action, Entry, Plan, Refusal};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::task::JoinSet;

/// A persona that would be created, beside one of the same content under another name that no file means, is most
/// likely that one, renamed in the file. So is one much like a persona whose file is gone since the base. Gives the ids
/// of those that a file seems to mean.
pub(super) async fn refuse_likely_renames(
    client: &ReadClient,
    desired: &[Arc<Desired>],
    unmanaged: &[Entry],
    gone: &[Arc<Desired>],
    plan: &mut Plan,
    basis: &[Basis],
) -> Result<BTreeSet<String>, ApiError> {
    let mut found = BTreeSet::new();
    if unmanaged.is_empty() || !plan.personas.iter().any(|persona| persona.action == Action::Create) {
        return Ok(found);
    }
    let lives = fetch(client, unmanaged).await?;
    let orphan = |former: &Arc<Desired>| unmanaged.iter().find(|entry| meant(former, entry));
    for (persona, basis) in plan.personas.iter_mut().zip(basis) {
        let Some(file) = basis.file.filter(|_| persona.action == Action::Create).map(|index| &desired[index])
        else {
            continue;
        };
        let (id, message) = if let Some(live) = lives.iter().find(|live| differs_in_name_only(file, live)) {
            let message = format!(
                "no live persona is called `{}`, but {} (`{}`), which no file means, has the same content",
                persona.label(),
                live.id,
                live.label()
            );
            (live.id.clone(), message)
        } else if let Some((former, entry)) = gone
            .iter()
            .filter(|former| basis.base.is_none() && are_much_alike(file, former))
            .find_map(|former| Some((former, orphan(former)?)))
        {
            let message = format!(
                "no live persona is called `{}`, but {} (`{}`), whose file {} is gone since the base, is much like it",
                persona.label(),
                entry.id,
                entry.name.as_deref().unwrap_or_default(),
                former.file
            );
            (entry.id.clone(), message)
        } else {
            continue;
        };
        persona.action = Action::Refused(Refusal {
            code: "likely-rename",
            message,
            hint: Some(format!(
                "to rename it, write `persona_id: {id}` into {}; to create a second one, use --create",
                file.file
            )),
        });
        found.insert(id);
    }
    Ok(found)
}

/// So many tenths of the words must be the same, of texts with so many words at least.
const MUCH_ALIKE: i64 = 7;
const WORDS_TO_JUDGE: i64 = 10;

/// Whether two files say much the same, by the words of their texts.
fn are_much_alike(a: &Desired, b: &Desired) -> bool {
    fn words(value: &Value, out: &mut HashMap<String, i64>) {
        match value {
            Value::String(text) => {
                text.split_whitespace().for_each(|word| *out.entry(word.to_owned()).or_default() += 1);
            }
            Value::Array(elements) => elements.iter().for_each(|element| words(element, out)),
            Value::Object(members) => members.values().for_each(|member| words(member, out)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let count = |side: &Desired| {
        let mut out = HashMap::new();
        words(side.document.reveal(), &mut out);
        out
    };
    let (a, b) = (count(a), count(b));
    let total = |words: &HashMap<String, i64>| words.values().sum::<i64>();
    let shared: i64 = a.iter().map(|(word, n)| *n.min(b.get(word).unwrap_or(&0))).sum();
    let (fewest, both) = (total(&a).min(total(&b)), total(&a) + total(&b));
    fewest >= WORDS_TO_JUDGE && 2 * 10 * shared >= MUCH_ALIKE * both
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
