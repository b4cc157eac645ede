//! What a file should say, given what is live: the values at the paths that the file names become the live ones.

use crate::compare::{pair, same};
use crate::persona::schema::{self, Field, Kind, Lookup, Members};
use crate::persona::secret::{SecretPaths, is_mask};
use crate::persona::{Desired, Live, Pattern};
use serde_json::{Map, Value};

/// The file's document with live's values taken over. `add`: also those that the file does not name.
#[must_use]
pub fn taken(desired: &Desired, live: &Live, add: bool) -> Value {
    let taking = Taking { desired, secrets: desired.secrets(), add };
    let file = desired.document.reveal();
    taking.value(&mut Vec::new(), file, Some(live.document.reveal())).unwrap_or_else(|| file.clone())
}

struct Taking<'d> {
    desired: &'d Desired,
    secrets: SecretPaths,
    add: bool,
}

impl Taking<'_> {
    /// What the file should hold at the path; None for nothing.
    fn value(&self, path: &mut Vec<String>, file: &Value, live: Option<&Value>) -> Option<Value> {
        if self.is_left_alone(path, file) {
            return Some(file.clone());
        }
        let field = known(path);
        let live = live.filter(|value| !value.is_null());
        let Some(live) = live else {
            let keeps = is_absent(field, file) || field.is_some_and(|field| field.lossy);
            return keeps.then(|| file.clone());
        };
        if same(file, live) || (is_absent(field, file) && is_absent(field, live)) {
            return Some(file.clone());
        }
        match (file, live) {
            (Value::Object(file), Value::Object(live)) => Some(Value::Object(self.members(path, file, live))),
            (Value::Array(file), Value::Array(live)) => {
                Some(Value::Array(self.elements(path, field, file, live)))
            }
            // The API trims a final line end; the file's way of writing it stays.
            (Value::String(file), Value::String(live)) if file.ends_with('\n') && !live.ends_with('\n') => {
                Some(Value::String(format!("{live}\n")))
            }
            (_, live) => fresh(path, live, &self.secrets),
        }
    }

    fn members(
        &self,
        path: &mut Vec<String>,
        file: &Map<String, Value>,
        live: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut members = Map::new();
        for (key, value) in file {
            path.push(key.clone());
            if let Some(value) = self.value(path, value, live.get(key)) {
                members.insert(key.clone(), value);
            }
            path.pop();
        }
        if self.add {
            for (key, value) in live.iter().filter(|(key, _)| !file.contains_key(*key)) {
                path.push(key.clone());
                let ruled_out = path.as_slice() == ["persona_id"] || self.is_ruled_out(path);
                if let Some(value) = fresh(path, value, &self.secrets).filter(|_| !ruled_out) {
                    members.insert(key.clone(), value);
                }
                path.pop();
            }
        }
        members
    }

    fn elements(
        &self,
        path: &mut Vec<String>,
        field: Option<&Field>,
        file: &[Value],
        live: &[Value],
    ) -> Vec<Value> {
        if field.is_some_and(|field| field.unordered) && same_members(file, live) {
            return file.to_vec();
        }
        let pairs = pair(file, live);
        let mut elements = Vec::new();
        for (value, from) in live.iter().zip(pairs) {
            match from {
                Some(from) => {
                    path.push(from.to_string());
                    elements.extend(self.value(path, &file[from], Some(value)));
                }
                None => {
                    path.push(elements.len().to_string());
                    elements.extend(fresh(path, value, &self.secrets));
                }
            }
            path.pop();
        }
        elements
    }

    /// Secrets, values from the environment, and what the rules leave out of comparison.
    fn is_left_alone(&self, path: &[String], file: &Value) -> bool {
        let pointer = jsonptr::PointerBuf::from_tokens(path.iter().map(String::as_str));
        let scalar = !file.is_object() && !file.is_array();
        self.desired.env.contains_key(&pointer)
            || self.is_ruled_out(path)
            || (scalar && !path.is_empty() && self.secrets.covers(path, Some(file)))
    }

    fn is_ruled_out(&self, path: &[String]) -> bool {
        let rules = self.desired.reconcile.ignore.iter().chain(&self.desired.reconcile.opaque);
        rules.into_iter().any(|rule: &Pattern| rule.covers(path))
    }
}

/// A live value as a file would say it: without what only the server sets, what is empty, and what is secret. None
/// if nothing is left.
pub(super) fn fresh(path: &mut Vec<String>, live: &Value, secrets: &SecretPaths) -> Option<Value> {
    let field = known(path);
    if field.is_some_and(|field| field.read_only) || live.is_null() || is_absent(field, live) {
        return None;
    }
    match live {
        Value::Object(members) => {
            let mut kept = Map::new();
            for (key, value) in members {
                path.push(key.clone());
                kept.extend(fresh(path, value, secrets).map(|value| (key.clone(), value)));
                path.pop();
            }
            // An object that was empty on the live side, in a part whose meaning is not ours, is kept.
            (!kept.is_empty() || (members.is_empty() && matches!(schema::lookup(path), Lookup::Inside(_))))
                .then_some(Value::Object(kept))
        }
        Value::Array(elements) => {
            let mut kept = Vec::new();
            for (index, value) in elements.iter().enumerate() {
                path.push(index.to_string());
                // The place of an element means something: null stays null, an empty object an empty object.
                kept.push(fresh(path, value, secrets).unwrap_or_else(|| emptied(value)));
                path.pop();
            }
            Some(Value::Array(kept))
        }
        scalar if secrets.covers(path, Some(scalar)) => None,
        Value::String(text) if is_hidden(text) => None,
        scalar => Some(scalar.clone()),
    }
}

/// The same elements, as often, in whatever order.
fn same_members(file: &[Value], live: &[Value]) -> bool {
    let mut left: Vec<&Value> = live.iter().collect();
    file.len() == live.len()
        && file.iter().all(|element| match left.iter().position(|other| same(element, other)) {
            Some(at) => {
                left.swap_remove(at);
                true
            }
            None => false,
        })
}

fn emptied(value: &Value) -> Value {
    match value {
        Value::Object(_) => Value::Object(Map::new()),
        _ => Value::Null,
    }
}

/// Whether a text outside the places of secrets is a mask all the same.
fn is_hidden(text: &str) -> bool {
    text.chars().count() >= 8 && text.chars().all(|c| matches!(c, '*' | '•')) && is_mask(text)
}

fn known(path: &[String]) -> Option<&'static Field> {
    schema::find(path)
}

/// Whether the value means the same as none.
fn is_absent(field: Option<&Field>, value: &Value) -> bool {
    let empty = match value {
        Value::Null => return true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    empty && field.is_some_and(|field| field.empty_is_absent || field.kind == Kind::Object(Members::Listed))
}
