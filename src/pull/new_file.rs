//! New persona files: one for each live persona, with a name that is stable and like no other.

use super::Replaced;
use super::taken::fresh;
use crate::diagnostic::Severity;
use crate::persona::secret::{SecretPaths, name_tells_secret};
use crate::persona::{Live, name, schema};
use crate::source::emit::{Extras, to_yaml, to_yaml_with};
use crate::source::{Files, LoadRequest, Memory, load, overlay};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization as _;

/// A file to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// The id of the persona.
    pub id: String,
    /// Its path from the root.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Path and text of the overlay that holds the ids of one account, where the project has several.
    pub overlay: Option<(String, String)>,
    /// Names of variables that the file reads: they must be set before `apply`.
    pub variables: BTreeSet<String>,
    /// Pointers of live values that no file may hold.
    pub left_out: Vec<String>,
}

/// Where new files go.
#[derive(Debug, Clone, Copy)]
pub struct Place<'p> {
    /// The folder.
    pub folder: &'p str,
    /// Paths that exist already.
    pub taken: &'p BTreeSet<String>,
    /// Names of the personas that files have already.
    pub names: &'p BTreeSet<String>,
    /// The environment whose account is read: its ids go into overlays, so that the files serve the others, too.
    pub environment: Option<&'p str>,
}

/// A file for each persona.
#[must_use]
pub fn new_files(personas: &[Live], place: Place<'_>) -> Vec<NewFile> {
    let Place { folder, taken, names, environment } = place;
    let named = |name: &str| {
        let same = |live: &&Live| live.name.as_deref().is_some_and(|other| name::same(other, name));
        personas.iter().filter(same).count() + names.iter().filter(|other| name::same(other, name)).count()
    };
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for live in personas {
        *count.entry(slug(live.name.as_deref().unwrap_or_default())).or_default() += 1;
    }
    let join =
        |name: &str| if folder.is_empty() { format!("{name}.yaml") } else { format!("{folder}/{name}.yaml") };
    let exists = |path: &str| taken.iter().any(|known| known.eq_ignore_ascii_case(path));
    personas
        .iter()
        .map(|live| {
            let name = slug(live.name.as_deref().unwrap_or_default());
            let alone = !name.is_empty() && count.get(&name) == Some(&1) && !is_reserved(&name);
            // The id tells same-named personas apart, whatever the order they are listed in.
            let path = match alone.then(|| join(&name)).filter(|path| !exists(path)) {
                Some(path) => path,
                None if name.is_empty() => join(&format!("persona-{}", slug(&live.id))),
                None => join(&format!("{name}-{}", slug(&live.id))),
            };
            // Without an id in the shared file, the name alone has to tell which persona it means.
            let alone = live.name.as_deref().is_some_and(|name| !name.trim().is_empty() && named(name) == 1);
            write(live, path, environment.filter(|_| alone))
        })
        .collect()
}

/// Letters and digits of ASCII, with dashes between: safe on every file system, and never taken for an overlay.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(60);
    slug.trim_end_matches('-').to_owned()
}

/// Names that Windows keeps for devices, whatever ending follows: a checkout there would fail.
fn is_reserved(name: &str) -> bool {
    let numbered = |device: &str| {
        name.strip_prefix(device)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(name, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

fn write(live: &Live, path: String, environment: Option<&str>) -> NewFile {
    let secrets = SecretPaths::default();
    let mut document = match fresh(&mut Vec::new(), live.document.reveal(), &secrets) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let variables = put_variables(live.document.reveal(), &mut document);
    let mut left_out = Vec::new();
    // A file's newer name is read as the older one, which live does not show.
    for (alias, _) in schema::ALIASES {
        if live.document.reveal().pointer(alias).is_some() {
            remove(&mut document, alias);
            left_out.push(alias.to_owned());
        }
    }
    // What validation refuses stays on the live side, where it is: a file of ours never has a fault.
    for _ in 0..100 {
        let whole = text(Some(&live.id), &document, &variables);
        match faults(&whole) {
            Ok(()) => {
                let parts = environment.and_then(|name| split(&live.id, &path, &document, &variables, name));
                let (text, overlay) = match parts {
                    Some((text, overlay)) => (text, Some(overlay)),
                    None => (whole, None),
                };
                return NewFile {
                    id: live.id.clone(),
                    path,
                    text,
                    overlay,
                    variables: variables.values().cloned().collect(),
                    left_out,
                };
            }
            Err(pointer) => {
                remove(&mut document, &pointer);
                left_out.push(pointer);
            }
        }
    }
    let text = text(Some(&live.id), &Map::new(), &BTreeMap::new());
    let (variables, left_out) = (BTreeSet::new(), vec![String::new()]);
    NewFile { id: live.id.clone(), path, text, overlay: None, variables, left_out }
}

/// The document without the ids of its account, and an overlay of them. None if it says too little without its id.
fn split(
    id: &str,
    path: &str,
    document: &Map<String, Value>,
    variables: &BTreeMap<Vec<String>, String>,
    environment: &str,
) -> Option<(String, (String, String))> {
    let mut shared = document.clone();
    let mut over = Map::from_iter([("persona_id".to_owned(), Value::String(id.to_owned()))]);
    for field in schema::FIELDS.iter().filter(|field| field.sibling.is_some()) {
        let segments: Vec<String> = field.segments().map(str::to_owned).collect();
        let value = segments.split_first().and_then(|(first, below)| {
            below.iter().try_fold(document.get(first)?, |value, segment| value.get(segment.as_str()))
        });
        if let (Some(value), Some((last, above))) = (value, segments.split_last()) {
            let mut at = &mut over;
            for segment in above {
                let entry = at.entry(segment.clone()).or_insert_with(|| Value::Object(Map::new()));
                at = entry.as_object_mut()?;
            }
            at.insert(last.clone(), value.clone());
            take_away(&mut shared, &segments);
        }
    }
    let text = text(None, &shared, variables);
    faults(&text).ok()?;
    let stem = overlay::name(path).stem;
    Some((text, (format!("{stem}.{environment}.yaml"), to_yaml(&Value::Object(over)))))
}

/// Puts null where live shows a secret that a file reads by `!env`, and tells which name each is read from.
fn put_variables(live: &Value, document: &mut Map<String, Value>) -> BTreeMap<Vec<String>, String> {
    let mut variables = BTreeMap::new();
    secrets_of(live, &mut Vec::new(), &mut |path| {
        let mut members = &mut *document;
        let Some((last, above)) = path.split_last() else { return };
        for segment in above {
            let entry = members.entry(segment.clone()).or_insert_with(|| Value::Object(Map::new()));
            match entry {
                Value::Object(inner) => members = inner,
                // A secret inside a list stays on the live side.
                _ => return,
            }
        }
        members.insert(last.clone(), Value::Null);
        variables.insert(path.to_vec(), variable(path));
    });
    variables
}

/// Members of the table's secrets, and of free parts those with telling names.
fn secrets_of(value: &Value, path: &mut Vec<String>, visit: &mut impl FnMut(&[String])) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                path.push(key.clone());
                secrets_of(member, path, visit);
                path.pop();
            }
        }
        Value::String(text) if !text.is_empty() => {
            let api_key = schema::find(path).is_some_and(|field| field.secrecy == schema::Secrecy::Whole);
            let telling = path.last().is_some_and(|last| name_tells_secret(last));
            if api_key || (telling && SecretPaths::default().covers(path, Some(value))) {
                visit(path);
            }
        }
        _ => {}
    }
}

/// `LLM_API_KEY`, `TTS_API_KEY`; of another member `LLM_AUTHORIZATION`.
fn variable(path: &[String]) -> String {
    let layer = if path.get(1).is_some_and(|layer| layer == "tts") { "TTS" } else { "LLM" };
    let last: String = path
        .last()
        .map(String::as_str)
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    format!("{layer}_{last}")
}

fn text(
    id: Option<&str>,
    document: &Map<String, Value>,
    variables: &BTreeMap<Vec<String>, String>,
) -> String {
    let mut ordered = Map::new();
    ordered.extend(id.map(|id| ("persona_id".to_owned(), Value::String(id.to_owned()))));
    for first in ["persona_name", "pipeline_mode", "system_prompt"] {
        ordered.extend(document.get(first).map(|value| (first.to_owned(), value.clone())));
    }
    for (key, value) in document {
        if !ordered.contains_key(key) {
            ordered.insert(key.clone(), value.clone());
        }
    }
    let instead = |path: &[String]| variables.get(path).map(|name| format!("!env {name}"));
    to_yaml_with(&Value::Object(ordered), Extras { instead: &instead, remark: &|_| None })
}

/// The pointer of a value that validation refuses.
fn faults(text: &str) -> Result<(), String> {
    let files = Memory::default();
    let path = "personas/p.yaml";
    let files = Replaced { files: &files, texts: BTreeMap::from([(path.to_owned(), text.to_owned())]) };
    let none = |_: &str| None;
    let loaded = load(&files as &dyn Files, &none, &LoadRequest { validate: true, ..LoadRequest::default() });
    let Some(fault) = loaded.diagnostics.iter().find(|found| found.severity == Severity::Error) else {
        return Ok(());
    };
    let at = fault.location.as_ref();
    let persona = loaded.desired.first();
    // The deepest value that stands at this place, or whose key does.
    let found = persona.and_then(|persona| {
        let here = persona
            .locations
            .iter()
            .filter(|(pointer, place)| Some(*place) == at || persona.locations.key(pointer) == at);
        here.map(|(pointer, _)| pointer.to_string()).max_by_key(String::len)
    });
    Err(found.unwrap_or_default())
}

/// Takes a value away. Of a list the whole is left out: without one of its elements it would say something else.
fn remove(document: &mut Map<String, Value>, pointer: &str) {
    let segments: Vec<String> =
        pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
    take_away(document, &segments);
}

fn take_away(members: &mut Map<String, Value>, path: &[String]) {
    match path {
        // A fault of the whole document: nothing of it can be written.
        [] => members.clear(),
        [key, below @ ..] => match members.get_mut(key) {
            Some(Value::Object(inner)) if !below.is_empty() => {
                take_away(inner, below);
                if inner.is_empty() {
                    members.shift_remove(key);
                }
            }
            _ => drop(members.shift_remove(key)),
        },
    }
}
