//! Each value against its row of the schema table.

use super::place;
use crate::diagnostic::{Diagnostic, suggest};
use crate::json::{kind_of, of_segments};
use crate::persona::Desired;
use crate::persona::schema::{self, Field, Kind, Lookup, Members, Values};
use serde_json::Value;

pub(super) fn check(desired: &Desired, found: &mut Vec<Diagnostic>) {
    let mut walk = Walk { desired, found, path: Vec::new() };
    if let Value::Object(members) = desired.document.reveal() {
        walk.members(members);
    }
}

struct Walk<'d> {
    desired: &'d Desired,
    found: &'d mut Vec<Diagnostic>,
    path: Vec<String>,
}

impl Walk<'_> {
    fn members(&mut self, members: &serde_json::Map<String, Value>) {
        for (key, value) in members {
            self.path.push(key.clone());
            match schema::lookup(&self.path) {
                Lookup::Known(field) => self.known(field, value),
                Lookup::Inside(_) => {
                    self.stray(key);
                    self.free(value);
                }
                Lookup::Unknown => self.unknown(key),
            }
            self.path.pop();
        }
    }

    fn known(&mut self, field: &'static Field, value: &Value) {
        if field.read_only {
            let finding = Diagnostic::error(
                "read-only-field",
                format!("`{}` is set by the server and cannot be written", field.name()),
                place::key(self.desired, &self.path),
            );
            self.found.push(finding.hint("remove it from the file"));
            return;
        }
        self.deprecated(field);
        if value.is_null() {
            return;
        }
        match (field.kind, value) {
            (Kind::Text, Value::String(text)) => self.text(field, text),
            (Kind::Bool, Value::Bool(_)) | (Kind::Any, _) => {}
            (Kind::Number, Value::Number(number)) => self.number(field, number.as_f64()),
            (Kind::TextList, Value::Array(elements)) => {
                self.length(field, elements.len());
                self.entries(field, elements);
                self.elements(elements, |walk, element| match element {
                    Value::String(text) => walk.text(field, text),
                    // Not known yet: an unset variable, or a sibling's id.
                    Value::Null if walk.is_open() => {}
                    other => walk.mismatch("a text", other),
                });
            }
            (Kind::ObjectList, Value::Array(elements)) => {
                self.length(field, elements.len());
                self.elements(elements, |walk, element| match element {
                    Value::Object(members) => walk.members(members),
                    other => walk.mismatch("an object", other),
                });
            }
            (Kind::Object(Members::Listed | Members::Free), Value::Object(members)) => self.members(members),
            (kind, other) => self.mismatch(wanted(kind), other),
        }
    }

    /// Whether the value of this path is not known yet.
    fn is_open(&self) -> bool {
        let pointer = of_segments(&self.path);
        self.desired.unset.contains_key(&pointer) || self.desired.references.contains_key(&pointer)
    }

    fn free(&mut self, value: &Value) {
        match value {
            Value::Object(members) => self.members(members),
            Value::Array(elements) => self.elements(elements, Walk::free),
            _ => {}
        }
    }

    fn elements(&mut self, elements: &[Value], mut visit: impl FnMut(&mut Self, &Value)) {
        for (index, element) in elements.iter().enumerate() {
            self.path.push(index.to_string());
            visit(self, element);
            self.path.pop();
        }
    }

    fn text(&mut self, field: &'static Field, text: &str) {
        if let Some(most) = field.max_chars {
            let length = text.chars().count();
            if length > most {
                self.error(
                    "too-long",
                    format!(
                        "{} has {length} characters; at most {most} are allowed",
                        self.called(field.name())
                    ),
                );
            }
        }
        let known = match field.values {
            Values::Closed(known) | Values::Open(known) => known,
            Values::Any => &[],
        };
        let at = || place::value(self.desired, &self.path);
        if field.stale.contains(&text) {
            let message = format!("`{text}` is no longer offered for `{}`", field.name());
            let finding = Diagnostic::warning("stale-value", message, at());
            self.found.push(finding.hint(format!("now: {}", known.join(", "))));
            return;
        }
        // A prompt has no known values: looking for the nearest one would cost more than all the rest.
        if known.is_empty() || known.contains(&text) || text.is_empty() && field.empty_is_absent {
            return;
        }
        let near = || suggest::nearest(text, known.iter().copied());
        match field.values {
            Values::Closed(_) => {
                let message = format!("`{}` cannot be `{text}`", field.name());
                let finding = Diagnostic::error("unknown-value", message, at());
                self.found.push(match near() {
                    Some(near) => finding.hint(format!("did you mean `{near}`?")),
                    None => finding.hint(format!("one of: {}", known.join(", "))),
                });
            }
            Values::Open(_) if !self.own_model(field) => {
                let message = format!("`{text}` is not among the known values of `{}`", field.name());
                let finding = Diagnostic::warning("unfamiliar-value", message, at());
                self.found.push(match near() {
                    Some(near) => {
                        finding.hint(format!("did you mean `{near}`? a newer name is sent as it is"))
                    }
                    None => {
                        finding.hint(format!("known: {}; a newer name is sent as it is", known.join(", ")))
                    }
                });
            }
            Values::Open(_) | Values::Any => {}
        }
    }

    /// Beside `base_url`, the model is one of the user's own server, with any name.
    fn own_model(&self, field: &'static Field) -> bool {
        field.pattern == "/layers/llm/model" && self.has_base_url()
    }

    fn has_base_url(&self) -> bool {
        let url = self.desired.document.reveal().pointer("/layers/llm/base_url");
        url.and_then(Value::as_str).is_some_and(|url| !url.is_empty())
            || self.desired.unset.keys().any(|unset| unset.as_str() == "/layers/llm/base_url")
    }

    fn number(&mut self, field: &'static Field, number: Option<f64>) {
        // The user's own model takes whatever it takes.
        let own = field.pattern.starts_with("/layers/llm/extra_body/") && self.has_base_url();
        if let (Some((least, most)), Some(number)) = (field.range, number)
            && !(least..=most).contains(&number)
            && !own
        {
            self.error("out-of-range", format!("`{}` must be from {least} to {most}", field.name()));
        }
    }

    fn length(&mut self, field: &'static Field, length: usize) {
        if let Some(most) = field.max_items
            && length > most
        {
            self.error(
                "too-many",
                format!("`{}` has {length} entries; at most {most} are allowed", field.name()),
            );
        }
    }

    /// Lists that are sets in truth: empty and repeated entries.
    fn entries(&mut self, field: &'static Field, elements: &[Value]) {
        if !field.unordered {
            return;
        }
        let mut seen = std::collections::BTreeSet::new();
        self.elements(elements, |walk, element| match element {
            Value::String(text) if text.trim().is_empty() => {
                walk.error("empty-entry", format!("`{}` has an empty entry", field.name()));
            }
            Value::String(text) if !seen.insert(text.clone()) => {
                let message = format!("`{text}` is listed twice in `{}`", field.name());
                let at = place::value(walk.desired, &walk.path);
                walk.found
                    .push(Diagnostic::warning("repeated-entry", message, at).hint("remove one of the two"));
            }
            _ => {}
        });
    }

    fn mismatch(&mut self, wanted: &str, value: &Value) {
        let name = self.path.iter().rev().find(|segment| segment.parse::<usize>().is_err());
        let name = name.cloned().unwrap_or_default();
        let finding = Diagnostic::error(
            "wrong-type",
            format!("{} must be {wanted}, not {}", self.called(&name), kind_of(value)),
            place::value(self.desired, &self.path),
        );
        self.found.push(match (wanted, value) {
            ("a text", Value::Number(_) | Value::Bool(_)) => finding.hint("quote it"),
            ("true or false" | "a number", Value::String(text))
                if serde_json::from_str::<Value>(text).is_ok_and(|inner| kind_of(&inner) != "a text") =>
            {
                finding.hint("remove the quotation marks")
            }
            ("a list of texts", Value::String(_)) => finding.hint("write it as a list: `- ...`"),
            _ => finding,
        });
    }

    fn deprecated(&mut self, field: &'static Field) {
        let Some(advice) = field.deprecated else { return };
        let at = place::key(self.desired, &self.path);
        let named = format!("`{}`: {advice}", field.name());
        let document = self.desired.document.reveal();
        self.found.push(match field.renamed_to {
            Some(new)
                if document.pointer(new).is_some_and(|value| !value.is_null())
                    && field.name() != "context" =>
            {
                Diagnostic::warning("renamed-field", named, at)
                    .hint(format!("remove it: `{new}` is set, too"))
            }
            Some(new) => Diagnostic::warning("renamed-field", named, at).hint(format!("now `{new}`")),
            // Inline tools are what most personas use and go on working: nothing to warn of at every run.
            None if field.kind == Kind::ObjectList => Diagnostic::note("legacy-field", named, at),
            None => Diagnostic::warning("deprecated-field", named, at),
        });
    }

    fn unknown(&mut self, key: &str) {
        let parent = self.path.split_last().map_or(&[][..], |(_, parent)| parent);
        let siblings = schema::known_members(parent);
        let at = place::key(self.desired, &self.path);
        if let Some(near) = suggest::nearest(key, siblings.map(Field::name)) {
            let finding = Diagnostic::error("unknown-field", format!("there is no field `{key}` here"), at);
            self.found.push(finding.hint(format!("did you mean `{near}`?")));
            return;
        }
        let message = format!("`{key}` is not a known field; it is sent as it is");
        let finding = Diagnostic::warning("unrecognised-field", message, at);
        let elsewhere = elsewhere(key);
        self.found.push(if key.starts_with('_') || key.starts_with("x-") {
            finding.hint("the API may refuse it; write remarks as `#` comments")
        } else if elsewhere.is_empty() {
            finding.hint("the API may refuse it")
        } else {
            finding.hint(format!("the API may refuse it; there is {}", elsewhere.join(" and ")))
        });
    }

    /// A member of a part that takes anything, with nearly the name of one that has a meaning there.
    fn stray(&mut self, key: &str) {
        let parent = self.path.split_last().map_or(&[][..], |(_, parent)| parent);
        let siblings = schema::known_members(parent);
        let Some(near) = suggest::nearest(key, siblings.map(Field::name)) else { return };
        let at = place::key(self.desired, &self.path);
        // Nothing but a function's own members has a meaning to a model.
        let told = if parent.last().is_some_and(|last| last == "function") {
            Diagnostic::error("unknown-field", format!("there is no field `{key}` here"), at)
        } else {
            let message = format!("`{key}` is not a known field; it is sent as it is");
            Diagnostic::warning("unrecognised-field", message, at)
        };
        self.found.push(told.hint(format!("did you mean `{near}`?")));
    }

    /// What messages call the value: a field, or an entry of one.
    fn called(&self, name: &str) -> String {
        match self.path.last() {
            Some(last) if last.parse::<usize>().is_ok() => format!("an entry of `{name}`"),
            _ => format!("`{name}`"),
        }
    }

    fn error(&mut self, code: &'static str, message: String) {
        self.found.push(Diagnostic::error(code, message, place::value(self.desired, &self.path)));
    }
}

/// Fields of this name, or of one near it, in other parts of the persona.
fn elsewhere(key: &str) -> Vec<String> {
    let fields = || schema::FIELDS.iter().filter(|field| !field.pattern.contains('*') && !field.read_only);
    let exact = fields().any(|field| field.name() == key);
    let name = if exact { Some(key) } else { suggest::nearest(key, fields().map(Field::name)) };
    fields().filter(|field| Some(field.name()) == name).map(|field| format!("`{}`", field.pattern)).collect()
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Bool => "true or false",
        Kind::Number => "a number",
        Kind::TextList => "a list of texts",
        Kind::ObjectList => "a list of objects",
        Kind::Object(_) => "an object",
        Kind::Any => "anything",
    }
}
