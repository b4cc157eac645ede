//! Edits as values: what has to happen to a document, before anyone thinks of its text.

use crate::compare;
use serde_json::Value;

/// One edit. Paths are those of the document before any edit.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Gives the value at the path another one.
    Set(Vec<String>, Value),
    /// Takes a member or an element away.
    Remove(Vec<String>),
    /// Adds a member to the object at the path.
    Add(Vec<String>, String, Value),
    /// Puts a value into the list at the path, before the element with this index.
    Insert(Vec<String>, usize, Value),
}

impl Edit {
    /// The same edit at another path.
    #[must_use]
    pub fn at(self, path: Vec<String>) -> Self {
        match self {
            Edit::Set(_, value) => Edit::Set(path, value),
            Edit::Remove(_) => Edit::Remove(path),
            Edit::Add(_, key, value) => Edit::Add(path, key, value),
            Edit::Insert(_, index, value) => Edit::Insert(path, index, value),
        }
    }

    /// The path that the edit is about: the changed value, or the collection that gets one.
    #[must_use]
    pub fn path(&self) -> &[String] {
        match self {
            Edit::Set(path, _) | Edit::Remove(path) | Edit::Add(path, ..) | Edit::Insert(path, ..) => path,
        }
    }
}

/// The edits that make `old` into `new`: as small as the structure allows.
#[must_use]
pub fn difference(old: &Value, new: &Value) -> Vec<Edit> {
    let mut edits = Vec::new();
    differ(&mut Vec::new(), old, new, &mut edits);
    edits
}

fn differ(path: &mut Vec<String>, old: &Value, new: &Value, edits: &mut Vec<Edit>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Value::Object(was), Value::Object(will)) if !was.is_empty() && !will.is_empty() => {
            // Without a member that stays there is nothing to hold on to.
            if !was.keys().any(|key| will.contains_key(key)) {
                return edits.push(Edit::Set(path.clone(), new.clone()));
            }
            for (key, value) in was {
                path.push(key.clone());
                match will.get(key) {
                    Some(wanted) => differ(path, value, wanted, edits),
                    None => edits.push(Edit::Remove(path.clone())),
                }
                path.pop();
            }
            for (key, value) in will.iter().filter(|(key, _)| !was.contains_key(*key)) {
                edits.push(Edit::Add(path.clone(), key.clone(), value.clone()));
            }
        }
        (Value::Array(was), Value::Array(will)) if !was.is_empty() && !will.is_empty() => {
            elements(path, was, will, edits);
        }
        _ => edits.push(Edit::Set(path.clone(), new.clone())),
    }
}

fn elements(path: &mut Vec<String>, was: &[Value], will: &[Value], edits: &mut Vec<Edit>) {
    // For each new element the old one that it continues.
    let pairs = compare::pair(was, will);
    let continued: Vec<usize> = pairs.iter().flatten().copied().collect();
    if continued.is_empty() || continued.windows(2).any(|pair| pair[0] > pair[1]) {
        return edits.push(Edit::Set(path.clone(), Value::Array(will.to_vec())));
    }
    let mut next = 0;
    for (value, from) in will.iter().zip(&pairs) {
        match from {
            Some(from) => {
                path.push(from.to_string());
                differ(path, &was[*from], value, edits);
                path.pop();
                next = from + 1;
            }
            None => edits.push(Edit::Insert(path.clone(), next, value.clone())),
        }
    }
    for index in (0..was.len()).filter(|index| !continued.contains(index)) {
        path.push(index.to_string());
        edits.push(Edit::Remove(path.clone()));
        path.pop();
    }
}

/// The document with the edits made.
#[must_use]
pub fn apply_to_value(value: Value, edits: &[Edit]) -> Value {
    rebuild(&mut Vec::new(), value, edits)
}

fn rebuild(path: &mut Vec<String>, value: Value, edits: &[Edit]) -> Value {
    for edit in edits {
        if let Edit::Set(at, new) = edit
            && at == path
        {
            return new.clone();
        }
    }
    let removed =
        |path: &Vec<String>| edits.iter().any(|edit| matches!(edit, Edit::Remove(at) if at == path));
    match value {
        Value::Object(members) => {
            let mut kept = serde_json::Map::new();
            for (key, member) in members {
                path.push(key.clone());
                if !removed(path) {
                    let member = rebuild(path, member, edits);
                    kept.insert(key, member);
                }
                path.pop();
            }
            for edit in edits {
                if let Edit::Add(at, key, new) = edit
                    && at == path
                {
                    kept.insert(key.clone(), new.clone());
                }
            }
            Value::Object(kept)
        }
        Value::Array(elements) => {
            let mut kept = Vec::new();
            let length = elements.len();
            let inserted = |path: &Vec<String>, before: usize, kept: &mut Vec<Value>| {
                for edit in edits {
                    if let Edit::Insert(at, index, new) = edit
                        && at == path
                        && *index == before
                    {
                        kept.push(new.clone());
                    }
                }
            };
            for (index, element) in elements.into_iter().enumerate() {
                inserted(path, index, &mut kept);
                path.push(index.to_string());
                if !removed(path) {
                    let element = rebuild(path, element, edits);
                    kept.push(element);
                }
                path.pop();
            }
            inserted(path, length, &mut kept);
            Value::Array(kept)
        }
        scalar => scalar,
    }
}
