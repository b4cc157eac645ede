//! What may be shown of a change: values masked, list elements by their names, who is undone by whom.
//!
//! A [`Row`] is one change as every output tells it. Its texts have harmful characters made visible; Markdown,
//! HTML and workflow commands escape them further.

use super::brief::{brief, columns, cut, element};
use super::escape;
use super::wording::{self, Mood};
use super::words::look_alike;
use crate::compare::{Change, ChangeKind, Origin};
use crate::persona::Location;
use crate::persona::secret::{MASK, SecretPaths, segments};
use crate::plan::{PersonaPlan, Planned};
use serde_json::Value;

/// A change's values as they may be shown. A secret is [`MASK`] on both sides, whatever it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Masked; none where live holds nothing.
    pub before: Option<Value>,
    /// Masked; none for a removal.
    pub after: Option<Value>,
}

/// Masks the values of a change.
#[must_use]
pub fn shown(change: &Change, secrets: &SecretPaths) -> Shown {
    let path = segments(&change.path);
    let mask = |value: &Option<Value>| {
        value.as_ref().map(|value| {
            if change.secret && !value.is_null() && value != "" {
                Value::String(MASK.to_owned())
            } else {
                secrets.mask_below(&path, value)
            }
        })
    };
    Shown { before: mask(&change.before), after: mask(&change.after) }
}

/// One change as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// `+`, `-`, `~` or `>`.
    pub sign: char,
    /// Where, with list elements by their names.
    pub place: String,
    /// Where, as a JSON Pointer.
    pub pointer: String,
    /// Whose change it is, with a base.
    pub origin: Option<Origin>,
    /// The same as a sentence that says who is undone by what.
    pub origin_text: Option<&'static str>,
    /// `file:line:col` of what asks for it.
    pub location: Option<String>,
    /// What changes.
    pub body: Body,
}

/// What changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// In the rest of a line.
    Line(String),
    /// Two texts to be compared word by word. Not escaped.
    Words {
        /// What goes.
        before: String,
        /// What comes.
        after: String,
    },
}

/// Describes one change; values take about `most` characters.
#[must_use]
pub fn row(planned: &Planned, persona: &PersonaPlan, mood: Mood, most: usize) -> Row {
    let change = &planned.change;
    let shown = shown(change, &persona.secrets);
    let (place, named) = place(change, &persona.secrets);
    let body = match (&shown.before, &shown.after) {
        (Some(Value::String(before)), Some(Value::String(after)))
            if !change.secret && change.kind == ChangeKind::Replace && is_prose(before, after) =>
        {
            // Drift is told from the live side: what live has now is what came.
            let (before, after) = if mood == Mood::Drift { (after, before) } else { (before, after) };
            Body::Words { before: before.to_owned(), after: after.to_owned() }
        }
        _ => Body::Line(line(change, &shown, named, mood, most)),
    };
    Row {
        sign: sign(&change.kind, mood),
        place,
        pointer: escape::inline(change.path.as_str()).into_owned(),
        origin: change.origin,
        origin_text: change.origin.map(|origin| wording::origin(origin, &persona.action, mood)),
        location: planned.location.as_ref().map(location),
        body,
    }
}

/// What follows the place: what live holds and what it shall hold.
fn line(change: &Change, shown: &Shown, named: bool, mood: Mood, most: usize) -> String {
    let tell = |value: &Option<Value>| match value {
        None => "nothing".to_owned(),
        Some(value) if named && value.is_object() => element(value, most),
        Some(value) => brief(value, most),
    };
    let (before, after) = (tell(&shown.before), tell(&shown.after));
    let set_live = change.origin == Some(Origin::Drift);
    match (&change.kind, mood) {
        (ChangeKind::Move { from }, Mood::Plan) => {
            format!("moves here from {}", escape::inline(from.as_str()))
        }
        (ChangeKind::Move { from }, Mood::Drift) => {
            format!("stands at {} on the live side", escape::inline(from.as_str()))
        }
        _ if change.secret && shown.before.is_some() && shown.after.is_some() => {
            "changed (secret)".to_owned()
        }
        (ChangeKind::Add, Mood::Plan) => after,
        (ChangeKind::Remove, Mood::Plan) => format!("was {before}"),
        (ChangeKind::Replace, Mood::Plan) => format!("{before} -> {after}"),
        (ChangeKind::Add, Mood::Drift) if set_live => {
            format!("was taken away on the live side; the file says {after}")
        }
        (ChangeKind::Add, Mood::Drift) => format!("is not there on the live side; the file says {after}"),
        (ChangeKind::Remove, Mood::Drift) if set_live => {
            format!("was added on the live side: {before}; the file does not have it")
        }
        (ChangeKind::Remove, Mood::Drift) => {
            format!("is on the live side: {before}; the file does not have it")
        }
        (ChangeKind::Replace, Mood::Drift) if set_live => {
            format!("was set to {before} on the live side; the file says {after}")
        }
        (ChangeKind::Replace, Mood::Drift) => format!("is {before}; the file says {after}"),
    }
}

/// The sign in front of a change, seen from what a run would do, or from what happened to the live side.
fn sign(kind: &ChangeKind, mood: Mood) -> char {
    match (kind, mood) {
        (ChangeKind::Add, Mood::Plan) | (ChangeKind::Remove, Mood::Drift) => '+',
        (ChangeKind::Remove, Mood::Plan) | (ChangeKind::Add, Mood::Drift) => '-',
        (ChangeKind::Replace, _) => '~',
        (ChangeKind::Move { .. }, _) => '>',
    }
}

/// How a change's place reads, and whether it is a named list element as a whole. List elements go by their names:
/// `tool lookup_order: parameters/properties/limit` for what lies in one; else it is the pointer.
fn place(change: &Change, secrets: &SecretPaths) -> (String, bool) {
    let path = segments(&change.path);
    let pointer = || (escape::inline(change.path.as_str()).into_owned(), false);
    let Some((depth, name)) = change.elements.last() else { return pointer() };
    let Some(at) = path.get(..*depth) else { return pointer() };
    if change.secret || name_is_secret(at, secrets) {
        return pointer();
    }
    let list = path.get(depth.saturating_sub(2)).map_or("element", String::as_str);
    let mut rest: &[String] = path.get(*depth..).unwrap_or_default();
    if rest.len() > 1 && rest[0] == "function" {
        rest = &rest[1..];
    }
    let element = format!("{} {}", escape::inline(&singular(list)), cut(&escape::inline(name), 80));
    if rest.is_empty() {
        (element, true)
    } else {
        (format!("{element}: {}", escape::inline(&rest.join("/"))), false)
    }
}

/// Whether what an element is called came from a place that must not be shown.
fn name_is_secret(element: &[String], secrets: &SecretPaths) -> bool {
    let named: [&[&str]; 3] = [&["function", "name"], &["name"], &["id"]];
    named.iter().any(|below| {
        let path: Vec<String> =
            element.iter().cloned().chain(below.iter().map(|s| (*s).to_owned())).collect();
        secrets.covers(&path, Some(&Value::from("a name")))
    })
}

/// `tools` -> `tool`, `visual_tools` -> `visual tool`.
fn singular(list: &str) -> String {
    list.strip_suffix('s').unwrap_or(list).replace('_', " ")
}

/// What a persona is called in headings, with harmful characters made visible and long names cut.
#[must_use]
pub fn label(persona: &PersonaPlan) -> String {
    let name = persona.name.as_deref().filter(|name| {
        !name.trim().is_empty()
            && !persona.secrets.covers(&["persona_name".to_owned()], Some(&Value::from(*name)))
    });
    let label = name.or(persona.id.as_deref()).or(persona.file.as_deref()).unwrap_or("(nameless)");
    cut(&escape::inline(label), 120)
}

/// What names this persona on a command line, quoted for a POSIX shell where it must be.
#[must_use]
pub fn argument(persona: &PersonaPlan) -> String {
    let plain = |text: &&str| {
        !text.is_empty()
            && !text.starts_with('-')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'))
    };
    let candidates = [persona.file.as_deref(), persona.id.as_deref(), persona.name.as_deref()];
    if let Some(text) = candidates.into_iter().flatten().find(plain) {
        return text.to_owned();
    }
    let text = candidates.into_iter().flatten().next().unwrap_or_default();
    format!("'{}'", escape::inline(text).replace('\'', r"'\''"))
}

/// `file:line:col`.
#[must_use]
pub fn location(location: &Location) -> String {
    format!("{}:{}:{}", escape::inline(&location.file), location.line, location.column)
}

/// Whether two texts are worth a word diff rather than `before -> after`: long ones, and those whose difference only
/// the diff makes visible.
fn is_prose(before: &str, after: &str) -> bool {
    let long = |text: &str| text.contains('\n') || columns(text) > 60;
    long(before) || long(after) || look_alike(before, after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonptr::PointerBuf;
    use serde_json::json;

    fn change(path: &str, before: Value, after: Value) -> Change {
        Change {
            path: PointerBuf::parse(path).unwrap(),
            kind: ChangeKind::Replace,
            before: Some(before),
            after: Some(after),
            secret: false,
            origin: None,
            elements: Vec::new(),
        }
    }

    #[test]
    fn p37_a_secret_shows_neither_text_nor_length_on_either_side() {
        let mut change = change("/layers/llm/api_key", json!("sk-old-old-old"), json!("sk-new"));
        change.secret = true;
        let shown = shown(&change, &SecretPaths::default());
        assert_eq!((shown.before, shown.after), (Some(json!(MASK)), Some(json!(MASK))));
    }

    #[test]
    fn p38_a_secret_with_parts_does_not_show_how_many_it_has() {
        let mut change =
            change("/layers/llm/headers", json!({"X-One": "1", "X-Two": "2"}), json!({"X-One": "3"}));
        change.secret = true;
        let shown = shown(&change, &SecretPaths::default());
        assert_eq!((shown.before, shown.after), (Some(json!(MASK)), Some(json!(MASK))));
    }

    #[test]
    fn an_element_named_by_a_secret_goes_by_its_index() {
        let mut change = change("/layers/llm/tools/0/function/strict", json!(true), json!(false));
        change.elements = vec![(4, "look_up".to_owned())];
        let open = SecretPaths::default();
        assert_eq!(place(&change, &open).0, "tool look_up: strict");
        let name = PointerBuf::parse("/layers/llm/tools/0/function/name").unwrap();
        let secret = SecretPaths::with_env([&name]);
        assert_eq!(place(&change, &secret).0, "/layers/llm/tools/0/function/strict");
    }
}
