//! The check against the reader of record: `serde_yaml` for YAML, `serde_json` for JSON files.
//!
//! Both readers must see the same values. Where `serde_yaml` is known to change a value or to stumble over legal
//! text (unusual line breaks, surrogate escapes, a byte order mark), it gets a text in which stand-ins take their
//! place, and the comparison allows for them. Anything else that differs is an error.

use super::composer::MERGE_KEY;
use crate::diagnostic::Diagnostic;
use crate::persona::Location;
use crate::source::node::{Content, Node};
use crate::source::text::{BOM, SourceText, lines};
use serde_yaml::Value;
use std::borrow::Cow;
use std::ops::Range;

/// Line breaks of YAML 1.1 that are ordinary characters in YAML 1.2, with what stands in for each.
const BREAKS: [(char, char); 3] =
    [('\u{85}', '\u{f8f5}'), ('\u{2028}', '\u{f8f6}'), ('\u{2029}', '\u{f8f7}')];

/// What is wrong if `serde_yaml` does not read the same. `quoted` are the places of texts in double quotation marks.
pub(super) fn check_yaml(source: &SourceText, raw: &Node, quoted: &[Range<usize>]) -> Option<Diagnostic> {
    let text = prepare(&source.text, quoted);
    let error = match serde_yaml::from_str::<Value>(&text) {
        // Without such a line break in the text, values are compared as they are.
        Ok(value) => return difference(raw, &value, has_breaks(&source.text)).map(differ),
        Err(error) => error,
    };
    let at = error
        .location()
        .map_or_else(|| raw.at.clone(), |at| place(source, lines(&source.text), at.line(), at.column()));
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let message = format!("YAML readers do not agree on this file; one says: {said}");
    Some(Diagnostic::error("readers-differ", message, Some(at)).hint(SIMPLER))
}

/// What is wrong if the text is not strict JSON or does not read the same.
pub(super) fn check_json(source: &SourceText, raw: &Node) -> Option<Diagnostic> {
    let text = source.text.strip_prefix(BOM).unwrap_or(&source.text);
    let error = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => return (raw.to_json() != value).then(|| differ(raw)),
        Err(error) => error,
    };
    let at = place(source, source.text.split_inclusive('\n'), error.line(), error.column().max(1));
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let message = format!("a `.json` file holds strict JSON: {said}");
    Some(Diagnostic::error("bad-json", message, Some(at)).hint("correct it, or name the file `.yaml`"))
}

const SIMPLER: &str = "write it in a simpler way: quote the text, or use a `|` block";

fn differ(node: &Node) -> Diagnostic {
    let message = "YAML readers do not agree on what this value is";
    Diagnostic::error("readers-differ", message, Some(node.at.clone())).hint(SIMPLER)
}

/// The text as `serde_yaml` gets it.
fn prepare<'t>(text: &'t str, quoted: &[Range<usize>]) -> Cow<'t, str> {
    let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let escapes = quoted.iter().any(|range| {
        text.get(range.clone()).is_some_and(|part| part.contains("\\ud") || part.contains("\\uD"))
    });
    let breaks = has_breaks(text);
    if !escapes && !breaks {
        return Cow::Borrowed(&text[start..]);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = start;
    for range in quoted {
        let (Some(before), Some(part)) = (text.get(at..range.start), text.get(range.clone())) else {
            continue;
        };
        out.push_str(before);
        out.push_str(&join_surrogates(part));
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(stand_in(&out).into_owned())
}

fn has_breaks(text: &str) -> bool {
    !text.is_ascii() && text.contains(BREAKS.map(|(from, _)| from))
}

fn stand_in(text: &str) -> Cow<'_, str> {
    if !has_breaks(text) {
        return Cow::Borrowed(text);
    }
    let swap = |c: char| BREAKS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    Cow::Owned(text.chars().map(swap).collect())
}

/// `\ud83d\ude00`, two escapes for one character, as the one escape `\U0001f600`.
fn join_surrogates(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        rest = &rest[slash..];
        match surrogate_pair(rest) {
            Some(c) => {
                out.push_str(&format!("\\U{:08x}", u32::from(c)));
                rest = &rest[12..];
            }
            None => {
                // The backslash and what it escapes, so that `\\ud83d` is left alone.
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn surrogate_pair(text: &str) -> Option<char> {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    char::decode_utf16([unit(0)?, unit(6)?]).next()?.ok().filter(|c| u32::from(*c) > 0xffff)
}

/// Whether the readers agree on a text; `breaks`: stand-ins took the place of line breaks.
fn equal(ours: &str, theirs: &str, breaks: bool) -> bool {
    ours == theirs || (breaks && stand_in(ours) == stand_in(theirs))
}

/// The first value that the two do not agree on.
fn difference<'n>(node: &'n Node, value: &Value, breaks: bool) -> Option<&'n Node> {
    let value = match value {
        // A tag of ours holds its argument as it is written.
        Value::Tagged(tagged) => match node.tag {
            Some(tag) if tagged.tag == tag.written() => return None,
            Some(_) => return Some(node),
            None => &tagged.value,
        },
        value => value,
    };
    let same = match (&node.content, value) {
        (Content::Null, Value::Null) => true,
        (Content::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (Content::Number(ours), Value::Number(theirs)) => {
            if theirs.is_u64() {
                ours.as_u64() == theirs.as_u64()
            } else if theirs.is_i64() {
                ours.as_i64() == theirs.as_i64()
            } else {
                ours.is_f64() && ours.as_f64() == theirs.as_f64()
            }
        }
        (Content::Text(ours), Value::String(theirs)) => equal(ours, theirs, breaks),
        (Content::List(ours), Value::Sequence(theirs)) => {
            if ours.len() == theirs.len() {
                return ours.iter().zip(theirs).find_map(|(ours, theirs)| difference(ours, theirs, breaks));
            }
            false
        }
        (Content::Map(ours), Value::Mapping(theirs)) => {
            if ours.len() == theirs.len() {
                return ours.iter().zip(theirs).find_map(|(ours, (key, theirs))| {
                    let key = match key {
                        Value::Tagged(tagged) => tagged.value.as_str(),
                        key => key.as_str(),
                    };
                    let name = if ours.key == MERGE_KEY { "<<" } else { ours.key.as_str() };
                    if key.is_some_and(|key| equal(name, key, breaks)) {
                        difference(&ours.value, theirs, breaks)
                    } else {
                        Some(&ours.value)
                    }
                });
            }
            false
        }
        _ => false,
    };
    (!same).then_some(node)
}

/// The place of a line and a column that count from 1, in the lines that the reader sees.
fn place<'t>(
    source: &'t SourceText,
    lines: impl Iterator<Item = &'t str>,
    line: usize,
    column: usize,
) -> Location {
    let mut lines = lines;
    let start: usize = lines.by_ref().take(line.saturating_sub(1)).map(str::len).sum();
    let whole = lines.next().unwrap_or_default();
    let line = whole.trim_start_matches(BOM).trim_end_matches('\n');
    let offset = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let at = start + (whole.len() - whole.trim_start_matches(BOM).len()) + offset;
    source.locate(at..at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogate_escapes_are_joined_and_escaped_backslashes_left_alone() {
        assert_eq!(join_surrogates(r"a\ud83d\ude00b"), r"a\U0001f600b");
        assert_eq!(join_surrogates(r"\\ud83d\ude00 \u00e9 \ud83d"), r"\\ud83d\ude00 \u00e9 \ud83d");
        assert_eq!(join_surrogates("\\é\\"), "\\é\\");
    }
}
