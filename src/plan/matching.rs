//! Which live persona each file means.
//!
//! By `persona_id` where the file gives one, else by the one user persona of that name (in NFC), else it is to be
//! created. There is no state file. Nothing is created or deleted on an incomplete listing.

use super::Refusal;
use crate::persona::Desired;
use crate::persona::name;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A live persona as the listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `persona_id`.
    pub id: String,
    /// `persona_name`.
    pub name: Option<String>,
}

/// The listing of the account's user personas.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Every persona seen, once.
    pub entries: Vec<Entry>,
    /// Whether all of them were seen.
    pub complete: bool,
    /// How many there are by the API's own count.
    pub total: Option<usize>,
}

/// What a file means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// This live persona.
    Live(String),
    /// One that does not exist yet.
    Create,
    /// Cannot be told.
    Refused(Refusal),
}

/// Matches of all files, in their order, and the live personas that no file means, in the account's order.
#[derive(Debug, Default)]
pub struct Matching {
    /// One for each file.
    pub matches: Vec<Match>,
    /// The rest of the account.
    pub unmanaged: Vec<Entry>,
}

/// Matches files to the listing. A pinned id that the listing lacks is still [`Match::Live`]: reading it tells
/// whether it exists, is a stock persona, or was merely not listed.
#[must_use]
pub fn match_personas(desired: &[Arc<Desired>], account: &Account) -> Matching {
    let mut by_name: HashMap<String, Vec<&Entry>> = HashMap::new();
    for entry in &account.entries {
        if let Some(name) = &entry.name {
            by_name.entry(name::key(name)).or_default().push(entry);
        }
    }
    let pinned: HashSet<&str> = desired.iter().filter_map(|file| file.id.as_deref()).collect();
    let mut taken: HashSet<String> = pinned.iter().map(|id| (*id).to_owned()).collect();
    let mut matches = Vec::with_capacity(desired.len());
    for file in desired {
        let found = match (&file.id, &file.name) {
            (Some(id), _) => Match::Live(id.clone()),
            // Renamed since the base: the persona is the one of the old name, for as long as that exists.
            (None, Some(name)) => match &file.former_name {
                Some(former) => match by_its_name(former, &by_name, &pinned, account) {
                    Match::Create => by_its_name(name, &by_name, &pinned, account),
                    found => found,
                },
                None => by_its_name(name, &by_name, &pinned, account),
            },
            (None, None) => Match::Refused(Refusal {
                code: "no-identity",
                message: format!("{} has neither persona_id nor persona_name", file.file),
                hint: Some("give it a persona_name".to_owned()),
            }),
        };
        if let Match::Live(id) = &found {
            taken.insert(id.clone());
        }
        matches.push(found);
    }
    let unmanaged = account.entries.iter().filter(|entry| !taken.contains(&entry.id)).cloned().collect();
    Matching { matches, unmanaged }
}

fn by_its_name(
    name: &str,
    by_name: &HashMap<String, Vec<&Entry>>,
    pinned: &HashSet<&str>,
    account: &Account,
) -> Match {
    let found = by_name.get(&name::key(name)).map(Vec::as_slice).unwrap_or_default();
    // A persona that another file pins by its id is not this one.
    let mut free = found.iter().filter(|entry| !pinned.contains(entry.id.as_str()));
    match (free.next(), free.next()) {
        (Some(entry), None) => Match::Live(entry.id.clone()),
        (Some(_), Some(_)) => {
            let ids: Vec<&str> = found.iter().map(|entry| entry.id.as_str()).collect();
            Match::Refused(Refusal {
                code: "ambiguous-name",
                message: format!("{} live personas are called `{name}`: {}", ids.len(), ids.join(", ")),
                hint: Some("write the id of the one you mean into the file: persona_id: ID".to_owned()),
            })
        }
        (None, _) if !account.complete => Match::Refused(Refusal {
            code: "incomplete-listing",
            message: format!(
                "no live persona called `{name}` among the {} that the API listed{}",
                account.entries.len(),
                account.total.map(|total| format!(" of {total}")).unwrap_or_default()
            ),
            hint: Some(
                "nothing is created on an incomplete listing: run again, or pin persona_id".to_owned(),
            ),
        }),
        (None, _) => Match::Create,
    }
}
