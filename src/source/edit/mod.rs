//! Changing values in a file that people wrote: only the lines of those values change; comments, order, quoting and
//! block style elsewhere stay byte for byte.
//!
//! Works on the byte ranges that `compose` gives. Every result is read again: it must hold the wanted value and every
//! comment that does not belong to a changed value. What cannot be done safely is refused, never guessed: values
//! with tags, anchors, aliases or merge keys above them.

mod change;
mod text;

use super::compose::{comments, compose};
use super::emit::{to_yaml, to_yaml_closed};
use super::node::Node;
use super::text::SourceText;
use crate::diagnostic::Severity;
use serde_json::Value;
use std::ops::Range;

pub use change::{Edit, apply_to_value, difference};

/// Why a file is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The file cannot be read as it is.
    #[error("the file has faults")]
    Faulty,
    /// The path is written in a way that an edit would break.
    #[error("the value at `{path}` is written with {what}")]
    Written {
        /// The pointer.
        path: String,
        /// What stands in the way.
        what: &'static str,
    },
    /// Read again, the edited text did not hold the wanted value.
    #[error("the edited text would not hold the wanted value")]
    Differs,
    /// A comment would be lost.
    #[error("the edit would lose a comment")]
    Comment,
}

/// The text with the edits made. `root` is what `compose` made of the text.
pub fn edit(source: &SourceText, root: &Node, edits: &[Edit]) -> Result<String, Refusal> {
    if edits.is_empty() {
        return Ok(source.text.to_string());
    }
    let wanted = apply_to_value(root.to_json(), edits);
    if source.file.ends_with(".json") {
        return Ok(json_text(&source.text, &wanted));
    }
    // Blank lines at the end of a text must not run together with those that are there.
    match edited(source, root, edits, &wanted, to_yaml) {
        Err(Refusal::Differs) => edited(source, root, edits, &wanted, to_yaml_closed),
        done => done,
    }
}

fn edited(
    source: &SourceText,
    root: &Node,
    edits: &[Edit],
    wanted: &Value,
    to_yaml: fn(&Value) -> String,
) -> Result<String, Refusal> {
    let mut patches = text::patches(&source.text, root, edits, to_yaml)?;
    patches.sort_by_key(|patch| (patch.range.start, patch.range.end));
    let mut edited = String::with_capacity(source.text.len());
    let mut at = 0;
    for patch in &patches {
        let before = source.text.get(at..patch.range.start).ok_or(Refusal::Differs)?;
        edited.push_str(before);
        edited.push_str(&patch.text);
        at = patch.range.end;
    }
    edited.push_str(source.text.get(at..).ok_or(Refusal::Differs)?);
    check(source, &edited, wanted, &patches)?;
    Ok(edited)
}

/// A byte range of the old text and what takes its place.
#[derive(Debug)]
struct Patch {
    range: Range<usize>,
    text: String,
}

/// Reads the edited text and compares.
fn check(source: &SourceText, edited: &str, wanted: &Value, patches: &[Patch]) -> Result<(), Refusal> {
    let again = SourceText { file: source.file.clone(), text: edited.into() };
    let composed = compose(&again);
    if composed.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Err(Refusal::Differs);
    }
    if composed.root.map(|root| root.to_json()).as_ref() != Some(wanted) {
        return Err(Refusal::Differs);
    }
    let touched = |range: &Range<usize>| {
        patches.iter().any(|patch| range.start < patch.range.end && patch.range.start < range.end)
    };
    let before = comments(&source.text);
    let kept = before.iter().filter(|(range, _)| !touched(range)).map(|(_, text)| text);
    let after = comments(edited);
    let mut left = after.iter().map(|(_, text)| text);
    for comment in kept {
        if !left.any(|text| text == comment) {
            return Err(Refusal::Comment);
        }
    }
    Ok(())
}

/// JSON has no comments: it is written anew, with the indentation that it had.
fn json_text(old: &str, value: &Value) -> String {
    let second = old.lines().nth(1).unwrap_or_default();
    let indent = &second[..second.len() - second.trim_start().len()];
    let indent = if indent.is_empty() { "  " } else { indent };
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    if serde::Serialize::serialize(value, &mut serializer).is_err() {
        return old.to_owned();
    }
    let mut text = String::from_utf8(out).unwrap_or_default();
    if old.ends_with('\n') {
        text.push('\n');
    }
    if old.contains("\r\n") { text.replace('\n', "\r\n") } else { text }
}

#[cfg(test)]
mod tests;
