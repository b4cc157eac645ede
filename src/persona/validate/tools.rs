//! Lists of tools: names, and parameters as JSON Schema.

use super::place;
use crate::diagnostic::Diagnostic;
use crate::json::of_segments;
use crate::persona::Desired;
use serde_json::Value;
use std::collections::BTreeMap;

/// The lists that hold functions.
const LISTS: [&[&str]; 4] = [
    &["layers", "llm", "tools"],
    &["layers", "perception", "visual_tools"],
    &["layers", "perception", "audio_tools"],
    &["layers", "perception", "perception_tools"],
];

pub(super) fn check(desired: &Desired, found: &mut Vec<Diagnostic>) {
    for list in LISTS {
        let list: Vec<String> = list.iter().map(|segment| (*segment).to_owned()).collect();
        let pointer = of_segments(&list);
        if let Some(Value::Array(tools)) = desired.document.reveal().pointer(pointer.as_str()) {
            names(desired, &list, tools, found);
            for (index, tool) in tools.iter().enumerate() {
                parameters(desired, &list, index, tool, found);
            }
        }
    }
}

/// The parameters of one tool, where the vendor's shape has them or where its flat examples do.
fn parameters(desired: &Desired, list: &[String], index: usize, tool: &Value, found: &mut Vec<Diagnostic>) {
    for below in [&["function", "parameters"][..], &["parameters"][..]] {
        let mut path = list.to_vec();
        path.push(index.to_string());
        path.extend(below.iter().map(|segment| (*segment).to_owned()));
        let pointer = format!("/{}", below.join("/"));
        if let Some(schema) = tool.pointer(&pointer).filter(|schema| !schema.is_null()) {
            super::parameters::check(desired, &path, schema, found);
        }
    }
}

fn names(desired: &Desired, list: &[String], tools: &[Value], found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (index, tool) in tools.iter().enumerate() {
        if !tool.is_object() {
            continue;
        }
        let mut path = list.to_vec();
        path.push(index.to_string());
        // Some examples of the vendor have the name right in the element.
        let (name, below) = match (tool.pointer("/function/name"), tool.get("name")) {
            (Some(name), _) => (Some(name), ["function", "name"].as_slice()),
            (None, Some(name)) => (Some(name), ["name"].as_slice()),
            (None, None) => (None, [].as_slice()),
        };
        let Some(Value::String(name)) = name else {
            if name.is_none_or(Value::is_null) {
                let at = place::value(desired, &path);
                let finding = Diagnostic::error("tool-without-name", "this tool has no name", at);
                found.push(finding.hint("add `function: {name: ...}`"));
            }
            continue;
        };
        path.extend(below.iter().map(|segment| (*segment).to_owned()));
        let at = place::value(desired, &path);
        // Of a function's name the table tells the length.
        let head = if below.len() > 1 { name.get(..LONGEST_NAME).unwrap_or(name) } else { name };
        if !is_name(head) {
            let finding =
                Diagnostic::error("bad-tool-name", format!("`{name}` is no name for a tool"), at.clone());
            found.push(
                finding.hint("use letters, digits and `_`, up to 64 of them, and no digit at the start"),
            );
        }
        match seen.get(name.as_str()) {
            Some(first) => {
                let finding = Diagnostic::error(
                    "tool-twice",
                    format!("two tools of this list are called `{name}`"),
                    at,
                );
                found.push(match place::value(desired, first) {
                    Some(at) => finding.related(at, "first given here"),
                    None => finding,
                });
            }
            None => drop(seen.insert(name, path)),
        }
    }
}

/// In characters.
const LONGEST_NAME: usize = 64;

/// `^[a-zA-Z_][a-zA-Z0-9_]{0,63}$`
fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
