//! From what a file should hold to the text that holds it: each value is changed in the file that set it.

use crate::persona::{Desired, Location};
use crate::source::compose::compose;
use crate::source::edit::{Edit, Refusal, difference, edit};
use crate::source::text::{BOM, SourceText};
use crate::source::{Files, vocabulary};
use jsonptr::PointerBuf;
use serde_json::Value;
use std::collections::BTreeMap;

/// A file with another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// Its path from the root.
    pub path: String,
    /// The text as it is.
    pub before: String,
    /// The text to write.
    pub after: String,
}

/// A value that the file keeps, though live has another.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The pointer.
    pub path: String,
    /// What should have stood there; None for nothing.
    pub live: Option<Value>,
    /// Why it does not.
    pub reason: String,
    /// Where the file has it.
    pub at: Option<Location>,
}

/// The texts that give `desired` the document `wanted`. `shared` tells how many values take in a file by `!file`.
pub fn rewrite(
    files: &dyn Files,
    desired: &Desired,
    wanted: &Value,
    shared: &BTreeMap<String, usize>,
) -> (Vec<Rewritten>, Vec<Kept>) {
    let mut rewritten = Vec::new();
    let mut kept = Vec::new();
    let mut by_file: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
    for change in difference(desired.document.reveal(), wanted) {
        let pointer = PointerBuf::from_tokens(change.path().iter().map(String::as_str));
        if let (Edit::Set(_, Value::String(text)), Some(file)) = (&change, desired.includes.get(&pointer)) {
            match include(files, file, text, shared) {
                Ok(done) => rewritten.push(done),
                Err(reason) => kept.push(keep(desired, &change, reason)),
            }
            continue;
        }
        match desired.locations.get(&pointer) {
            Some(at) => by_file.entry(at.file.to_string()).or_default().push(change),
            None => kept.push(keep(desired, &change, "its place in the file is not known".to_owned())),
        }
    }
    for (path, edits) in by_file {
        edit_file(files, desired, path, edits, &mut rewritten, &mut kept);
    }
    (rewritten, kept)
}

/// Makes all edits that can be made; one that cannot does not hold up the others.
fn edit_file(
    files: &dyn Files,
    desired: &Desired,
    path: String,
    mut edits: Vec<Edit>,
    rewritten: &mut Vec<Rewritten>,
    kept: &mut Vec<Kept>,
) {
    let read = files.read(&path).ok().and_then(|bytes| SourceText::new(&path, bytes).ok());
    let Some((source, root)) = read.and_then(|source| compose(&source).root.map(|root| (source, root)))
    else {
        kept.extend(edits.iter().map(|change| keep(desired, change, format!("`{path}` cannot be read"))));
        return;
    };
    for change in &mut edits {
        let path = vocabulary::as_written(&root, change.path());
        if path != change.path() {
            *change = change.clone().at(path);
        }
    }
    while !edits.is_empty() {
        match edit(&source, &root, &edits) {
            Ok(after) => {
                rewritten.push(Rewritten { path, before: source.text.to_string(), after });
                return;
            }
            Err(refusal) => {
                let stopped = |change: &Edit| match &refusal {
                    Refusal::Written { path, .. } => {
                        *path == *PointerBuf::from_tokens(change.path().iter().map(String::as_str)).as_str()
                    }
                    _ => true,
                };
                let (out, rest): (Vec<Edit>, Vec<Edit>) = edits.into_iter().partition(stopped);
                // A refusal that names none of the edits would go on for ever.
                let (out, rest) = if out.is_empty() { (rest, out) } else { (out, rest) };
                kept.extend(out.iter().map(|change| keep(desired, change, refusal.to_string())));
                edits = rest;
            }
        }
    }
}

fn keep(desired: &Desired, change: &Edit, reason: String) -> Kept {
    let mut pointer = PointerBuf::from_tokens(change.path().iter().map(String::as_str));
    let at = desired.locations.nearest(&pointer).cloned();
    let live = match change {
        Edit::Set(_, value) => Some(value.clone()),
        Edit::Remove(_) => None,
        Edit::Add(_, key, value) => {
            pointer.push_back(jsonptr::Token::new(key.as_str()));
            Some(value.clone())
        }
        Edit::Insert(_, index, value) => {
            pointer.push_back(jsonptr::Token::from(*index));
            Some(value.clone())
        }
    };
    Kept { path: pointer.to_string(), live, reason, at }
}

/// The file of a `!file`, with another text: line ends and byte order mark as they were.
fn include(
    files: &dyn Files,
    path: &str,
    text: &str,
    shared: &BTreeMap<String, usize>,
) -> Result<Rewritten, String> {
    if shared.get(path).copied().unwrap_or_default() > 1 {
        return Err(format!("`{path}` is taken in at several places"));
    }
    let before = files.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let before = before.ok_or_else(|| format!("`{path}` cannot be read"))?;
    let text = if before.contains("\r\n") { text.replace('\n', "\r\n") } else { text.to_owned() };
    let mark = if before.starts_with(BOM) { BOM } else { "" };
    Ok(Rewritten { path: path.to_owned(), after: format!("{mark}{text}"), before })
}
