//! From what a file should hold to the text that holds it: each value is changed in the file that set it.

use super::overlaid::{Overlaid, Scope, overlaid};
use crate::persona::{Desired, Location};
use crate::source::compose::compose;
use crate::source::edit::{Edit, Refusal, difference, edit};
use crate::source::text::{BOM, SourceText};
use crate::source::{Files, vocabulary};
use jsonptr::PointerBuf;
use serde_json::{Value, json};
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
    /// Of an overlay: pointers of values that the file below it has for other environments, too.
    pub overlaid: Vec<String>,
}

/// A value that the file keeps, though live has another.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What would have to be done: `add`, `remove` or `replace`.
    pub op: &'static str,
    /// The pointer.
    pub path: String,
    /// What should have stood there; None for nothing.
    pub live: Option<Value>,
    /// Why it does not.
    pub reason: String,
    /// Where the file has it.
    pub at: Option<Location>,
}

impl Kept {
    /// The change as an operation of JSON Patch on what the file says.
    #[must_use]
    pub fn operation(&self) -> Value {
        match &self.live {
            Some(live) => json!({"op": self.op, "path": self.path, "value": live}),
            None => json!({"op": self.op, "path": self.path}),
        }
    }
}

/// The texts that give `desired` the document `wanted`. `shared` tells how many values take in a file by `!file`;
/// what other environments of `scope` have from the same place is changed in the overlay only.
pub fn rewrite(
    files: &dyn Files,
    desired: &Desired,
    wanted: &Value,
    shared: &BTreeMap<String, usize>,
    scope: Scope<'_>,
) -> (Vec<Rewritten>, Vec<Kept>) {
    let mut rewritten = Vec::new();
    let mut kept = Vec::new();
    let mut by_file: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
    let changes = difference(desired.document.reveal(), wanted);
    let (common, own): (Vec<Edit>, Vec<Edit>) =
        changes.into_iter().partition(|change| scope.shares(desired, change));
    let mut over = scope
        .environment
        .filter(|_| !common.is_empty())
        .and_then(|name| overlaid(files, desired, wanted, &common, name, &mut kept));
    if let Some(Overlaid { path, edits, text, pointers }) = &mut over {
        by_file.entry(path.clone()).or_default().append(edits);
        if let Some(after) = text.take() {
            let (path, overlaid) = (path.clone(), pointers.clone());
            rewritten.push(Rewritten { path, before: String::new(), after, overlaid });
        }
    }
    by_file.retain(|_, edits| !edits.is_empty());
    for change in own {
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
        let values = over.as_ref().filter(|over| over.path == path).map(|over| over.pointers.clone());
        let done = rewritten.len();
        edit_file(files, desired, path, edits, &mut rewritten, &mut kept);
        for file in &mut rewritten[done..] {
            file.overlaid.extend(values.iter().flatten().cloned());
        }
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
                let before = source.text.to_string();
                rewritten.push(Rewritten { path, before, after, overlaid: Vec::new() });
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

pub(super) fn keep(desired: &Desired, change: &Edit, reason: String) -> Kept {
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
    let op = match change {
        Edit::Set(..) => "replace",
        Edit::Remove(_) => "remove",
        Edit::Add(..) | Edit::Insert(..) => "add",
    };
    Kept { op, path: pointer.to_string(), live, reason, at }
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
    Ok(Rewritten { path: path.to_owned(), after: format!("{mark}{text}"), before, overlaid: Vec::new() })
}
