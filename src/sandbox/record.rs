//! From what was sent to what is stored, and from what is stored to what is shown.

use super::options::{Defaults, Options, Unknown};
use super::vault::Vault;
use crate::persona::schema::{self, DefaultValue, FIELDS, FORCE_DEFAULTS_LAYER, Field, Kind, Lookup};
use serde_json::{Map, Value};

/// What the server makes of a persona before it stores it.
pub(super) fn normalise(document: &mut Value, vault: &Vault, options: &Options) {
    visit(document, &mut Vec::new(), &mut |path, value| touch(path, value, options));
    fill(document, FORCE_DEFAULTS_LAYER, true);
    if options.defaults == Defaults::Stored {
        fill_all(document);
    }
    vault.seal(document);
}

/// What GET makes of a stored persona.
pub(super) fn shown(stored: &Value, options: &Options) -> Value {
    let mut document = stored.clone();
    if options.defaults != Defaults::Hidden {
        fill_all(&mut document);
    }
    visit(&mut document, &mut Vec::new(), &mut |path, value| {
        if let Value::Object(members) = value {
            members.retain(|name, _| !is_lossy(path, name));
        }
    });
    for field in FIELDS.iter().filter(|field| field.kind == Kind::ObjectList) {
        if let Some(Value::Array(tools)) = document.pointer_mut(field.pattern) {
            tools.iter_mut().for_each(reorder_tool);
        }
    }
    Vault::show(&mut document, options.secrets);
    document
}

/// A listing shows less of a persona than GET does.
pub(super) fn listed(stored: &Value, options: &Options) -> Value {
    let mut document = shown(stored, options);
    if let Some(Value::Object(llm)) = document.pointer_mut("/layers/llm") {
        llm.retain(|name, _| name != "headers" && name != "extra_body");
    }
    document
}

fn touch(path: &[String], value: &mut Value, options: &Options) {
    if let Value::Object(members) = value {
        if options.drop_descriptions {
            members.retain(|name, _| !is_lossy(path, name));
        }
        if options.unknown == Unknown::Dropped {
            members.retain(|name, _| {
                let mut below = path.to_vec();
                below.push(name.clone());
                !matches!(schema::lookup(&below), Lookup::Unknown)
            });
        }
    }
    let Lookup::Known(field) = schema::lookup(path) else { return };
    match (field.kind, value) {
        (Kind::Text, Value::String(text)) if options.trim_texts => *text = text.trim().to_owned(),
        (Kind::Bool, value @ Value::String(_)) => *value = Value::Bool(*value == "true"),
        (Kind::TextList, Value::Array(texts)) if options.sort_lists => {
            texts.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
        _ => {}
    }
}

fn is_lossy(path: &[String], name: &str) -> bool {
    let mut below = path.to_vec();
    below.push(name.to_owned());
    matches!(schema::lookup(&below), Lookup::Known(field) if field.lossy)
}

/// Tools come back in another order of keys than they were sent in.
fn reorder_tool(tool: &mut Value) {
    let Value::Object(members) = tool else { return };
    sort(members, false);
    if let Some(Value::Object(function)) = members.get_mut("function") {
        sort(function, true);
    }
}

fn sort(members: &mut Map<String, Value>, descending: bool) {
    let mut sorted: Vec<_> = std::mem::take(members).into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| if descending { b.cmp(a) } else { a.cmp(b) });
    members.extend(sorted);
}

fn fill_all(document: &mut Value) {
    fill(document, "", false);
    for layer in ["/layers/llm", "/layers/tts", "/layers/stt", "/layers/perception"] {
        fill(document, layer, false);
    }
}

/// Puts the stated defaults of an object's members in, where the object is there and the member is not.
fn fill(document: &mut Value, object: &str, with_null: bool) {
    let azure = document.pointer("/layers/tts/tts_engine").is_some_and(|engine| engine == "azure");
    let Some(Value::Object(members)) = document.pointer_mut(object) else { return };
    if members.is_empty() {
        return;
    }
    for field in FIELDS.iter().filter(|field| is_member_of(field, object)) {
        let value = match field.default {
            Some(DefaultValue::Null) if !with_null => None,
            Some(default) => default.value(),
            None => None,
        };
        // The one default that another value forbids.
        let forbidden = azure && field.pattern == "/layers/tts/tts_model_name";
        if let Some(value) = value.filter(|_| !forbidden)
            && !members.contains_key(field.name())
        {
            members.insert(field.name().to_owned(), value);
        }
    }
}

fn is_member_of(field: &Field, object: &str) -> bool {
    field
        .pattern
        .strip_prefix(object)
        .is_some_and(|rest| rest.starts_with('/') && rest.matches('/').count() == 1)
}

fn visit(value: &mut Value, path: &mut Vec<String>, act: &mut impl FnMut(&[String], &mut Value)) {
    act(path, value);
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                path.push(key.clone());
                visit(member, path, act);
                path.pop();
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                path.push(index.to_string());
                visit(element, path, act);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Gives `after` the key order of `before` where both have a key: what a patch leaves alone stays where it was.
pub(super) fn keep_order(before: &Value, after: &mut Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let mut old = std::mem::take(after);
            for (key, was) in before {
                if let Some(mut value) = old.shift_remove(key) {
                    keep_order(was, &mut value);
                    after.insert(key.clone(), value);
                }
            }
            after.extend(old);
        }
        (Value::Array(before), Value::Array(after)) => {
            before.iter().zip(after).for_each(|(before, after)| keep_order(before, after));
        }
        _ => {}
    }
}
