//! Live values of one environment at paths whose value in the file serves others, too: they go into the overlay, and
//! the shared file stays as it is.

use super::rewrite::{Kept, keep};
use crate::persona::Desired;
use crate::persona::secret::SecretPaths;
use crate::source::compose::compose;
use crate::source::edit::{Edit, difference};
use crate::source::emit::to_yaml;
use crate::source::node::{Content, Node, Tag};
use crate::source::text::SourceText;
use crate::source::{FileError, Files, overlay, vocabulary};
use jsonptr::PointerBuf;
use serde_json::{Map, Value};

/// Which environment is pulled, and how the others read the same file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'s> {
    /// The environment whose values are taken in.
    pub environment: Option<&'s str>,
    /// The persona as each other environment has it. Without any, nothing is shared.
    pub others: &'s [Desired],
}

impl Scope<'_> {
    /// Whether another environment has the value that the edit changes from the same place.
    pub(super) fn shares(&self, desired: &Desired, change: &Edit) -> bool {
        let path = match change {
            Edit::Add(above, key, _) => [above.as_slice(), std::slice::from_ref(key)].concat(),
            other => other.path().to_vec(),
        };
        let pointer = pointer_of(&path);
        let here = desired.locations.get(&pointer);
        self.environment.is_some()
            && self.others.iter().any(|other| match (here, other.locations.get(&pointer)) {
                (Some(here), Some(there)) => here == there,
                // What is new here would be new there.
                (None, there) => there.is_none(),
                (Some(_), None) => false,
            })
    }
}

/// What an overlay is to be given.
pub(super) struct Overlaid {
    /// Its path from the root.
    pub(super) path: String,
    /// Edits of the overlay that there is.
    pub(super) edits: Vec<Edit>,
    /// The text of one that is to be made.
    pub(super) text: Option<String>,
    /// The pointers of the values.
    pub(super) pointers: Vec<String>,
}

/// The edits of the shared file as edits of the environment's overlay.
pub(super) fn overlaid(
    files: &dyn Files,
    desired: &Desired,
    wanted: &Value,
    changes: &[Edit],
    environment: &str,
    kept: &mut Vec<Kept>,
) -> Option<Overlaid> {
    let path = overlay_of(files, &desired.file, environment);
    let base = read(files, &desired.file);
    let there = read(files, &path);
    let old = there.as_ref().map_or_else(|| Value::Object(Map::new()), Node::to_json);
    let mut new = old.clone();
    let mut pointers = Vec::new();
    for change in changes {
        let at = whole_lists(desired.document.reveal(), change);
        let value = merge_patch(get(desired.document.reveal(), &at), get(wanted, &at));
        let written = there.as_ref().map_or_else(|| at.clone(), |root| vocabulary::as_written(root, &at));
        let refused = base
            .as_ref()
            .and_then(|root| tag_on(root, &vocabulary::as_written(root, &at)))
            .or_else(|| holds_secret(&desired.secrets(), &mut at.clone(), &value).then_some("a secret"));
        let done = match refused {
            Some(what) => Err(format!("the value at `{}` is written with {what}", pointer_of(&at))),
            None => put(&mut new, &written, value)
                .ok_or_else(|| format!("`{path}` has something else at `{}`", pointer_of(&at))),
        };
        match done {
            Ok(()) => pointers.push(pointer_of(&at).to_string()),
            Err(reason) => kept.push(keep(desired, change, reason)),
        }
    }
    pointers.dedup();
    let text = there.is_none().then(|| text_of(&path, &new));
    let edits = if there.is_some() { difference(&old, &new) } else { Vec::new() };
    (!pointers.is_empty()).then_some(Overlaid { path, edits, text, pointers })
}

/// The overlay that there is, whatever its ending; else one with the ending of the shared file.
fn overlay_of(files: &dyn Files, file: &str, environment: &str) -> String {
    let stem = overlay::name(file).stem;
    let named = overlay::EXTENSIONS.map(|ending| format!("{stem}.{environment}.{ending}"));
    let there = named.into_iter().find(|path| !matches!(files.read(path), Err(FileError::NotFound)));
    there.unwrap_or_else(|| {
        let ending = file.strip_prefix(stem).unwrap_or(".yaml");
        format!("{stem}.{environment}{ending}")
    })
}

fn text_of(path: &str, value: &Value) -> String {
    match path.ends_with(".json") {
        true => format!("{value:#}\n"),
        false => to_yaml(value),
    }
}

fn read(files: &dyn Files, path: &str) -> Option<Node> {
    let source = SourceText::new(path, files.read(path).ok()?).ok()?;
    compose(&source).root
}

/// The path of the change, or of the outermost list that it lies in: an overlay gives lists whole.
fn whole_lists(document: &Value, change: &Edit) -> Vec<String> {
    let mut path = change.path().to_vec();
    if let Edit::Add(_, key, _) = change {
        path.push(key.clone());
    }
    let mut value = Some(document);
    for (depth, segment) in path.iter().enumerate() {
        match value {
            Some(Value::Array(_)) => {
                path.truncate(depth);
                break;
            }
            Some(Value::Object(members)) => value = members.get(segment),
            _ => break,
        }
    }
    path
}

fn get<'v>(document: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, segment| value.get(segment.as_str()))
}

/// What makes `old` into `new` by RFC 7396.
fn merge_patch(old: Option<&Value>, new: Option<&Value>) -> Value {
    match (old, new) {
        (_, None) => Value::Null,
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let changed = new.iter().filter(|(key, value)| old.get(*key) != Some(*value));
            let mut patch: Map<String, Value> =
                changed.map(|(key, value)| (key.clone(), merge_patch(old.get(key), Some(value)))).collect();
            let gone = old.keys().filter(|key| !new.contains_key(*key));
            patch.extend(gone.map(|key| (key.clone(), Value::Null)));
            Value::Object(patch)
        }
        (_, Some(new)) => new.clone(),
    }
}

/// Puts a value into an overlay, with the objects above it. None where something else stands in the way.
fn put(overlay: &mut Value, path: &[String], value: Value) -> Option<()> {
    let mut at = overlay;
    for segment in path {
        // A part that the overlay takes away is given again, with this in it.
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
        at = at.as_object_mut()?.entry(segment.clone()).or_insert(Value::Null);
    }
    match value {
        Value::Object(members) if at.is_object() => {
            for (key, member) in members {
                put(at, &[key], member)?;
            }
        }
        value => *at = value,
    }
    Some(())
}

/// A tag at the value, above it or inside it that live values cannot take the place of.
fn tag_on(root: &Node, path: &[String]) -> Option<&'static str> {
    let mut node = root;
    for segment in path {
        match node.get(segment) {
            Some(member) => node = &member.value,
            None => break,
        }
        if let Some(tag) = node.tag.filter(|tag| *tag != Tag::File) {
            return Some(tag.written());
        }
    }
    match &node.content {
        Content::List(_) => tag_in(node),
        _ => None,
    }
}

fn tag_in(node: &Node) -> Option<&'static str> {
    if let Some(tag) = node.tag {
        return Some(tag.written());
    }
    match &node.content {
        Content::List(elements) => elements.iter().find_map(tag_in),
        Content::Map(members) => members.iter().find_map(|member| tag_in(&member.value)),
        _ => None,
    }
}

fn holds_secret(secrets: &SecretPaths, path: &mut Vec<String>, value: &Value) -> bool {
    let mut below = |key: String, value: &Value| {
        path.push(key);
        let held = holds_secret(secrets, path, value);
        path.pop();
        held
    };
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| below(key.clone(), value)),
        Value::Array(elements) => {
            elements.iter().enumerate().any(|(index, value)| below(index.to_string(), value))
        }
        Value::Null => false,
        scalar => secrets.covers(path, Some(scalar)),
    }
}

fn pointer_of(path: &[String]) -> PointerBuf {
    PointerBuf::from_tokens(path.iter().map(String::as_str))
}
