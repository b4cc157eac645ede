//! The walk over both documents: builds target, and notes every change, opaque value and unlisted value.

use super::equality::same;
use super::{Change, ChangeKind, Comparison, Kept, Note, Opaque, OpaqueReason, Unlisted};
use crate::json::of_segments;
use crate::persona::name;
use crate::persona::schema::{self, Field, Kind, Lookup, Members, Secrecy};
use crate::persona::secret::{MASK, SecretPaths, is_mask, segments};
use crate::persona::{Desired, Document, Unlisted as UnlistedRule};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The state of one comparison.
pub(super) struct Walk<'a> {
    desired: &'a Desired,
    secrets: SecretPaths,
    unset: BTreeSet<Vec<String>>,
    removed: BTreeSet<Vec<String>>,
    pub(super) out: Comparison,
}

/// Where the walk stands. The two paths differ only in list indices.
#[derive(Clone, Default)]
pub(super) struct At {
    /// In live's coordinates.
    pub(super) live: Vec<String>,
    /// In target's coordinates, which are the file's.
    pub(super) target: Vec<String>,
    /// What the list elements on the way are called.
    pub(super) elements: Vec<(usize, String)>,
}

impl At {
    /// What `inside` gives for the member of this name.
    fn within<T>(&mut self, key: &str, inside: impl FnOnce(&mut At) -> T) -> T {
        self.live.push(key.to_owned());
        self.target.push(key.to_owned());
        let given = inside(self);
        self.live.pop();
        self.target.pop();
        given
    }

    pub(super) fn element(&self, live: usize, target: usize, name: Option<String>) -> At {
        let mut at = self.clone();
        at.live.push(live.to_string());
        at.target.push(target.to_string());
        if let Some(name) = name {
            at.elements.push((at.target.len(), name));
        }
        at
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(desired: &'a Desired) -> Self {
        Walk {
            desired,
            secrets: desired.secrets(),
            unset: desired.unset.keys().map(|pointer| segments(pointer)).collect(),
            removed: desired.removed.iter().map(|pointer| segments(pointer)).collect(),
            out: Comparison::default(),
        }
    }

    /// Everything that the file says, as a new persona.
    pub(super) fn create(mut self) -> Comparison {
        let target = self.clean(&[], self.desired.document.reveal());
        self.additions(&mut At::default(), &target);
        self.out.target = Document::new(target);
        self.out
    }

    /// One addition for every member of the objects that the table lists members of.
    fn additions(&mut self, at: &mut At, value: &Value) {
        let listed = at.target.is_empty()
            || schema::find(&at.target).is_some_and(|field| field.kind == Kind::Object(Members::Listed));
        match value.as_object() {
            Some(members) if listed && !members.is_empty() => {
                for (key, member) in members {
                    at.within(key, |at| self.additions(at, member));
                }
            }
            _ => self.change(at, ChangeKind::Add, None, Some(value)),
        }
    }

    pub(super) fn run(mut self, live: &Value) -> Comparison {
        let empty = Map::new();
        let live = live.as_object().unwrap_or(&empty);
        let wanted = self.desired.document.reveal().as_object().unwrap_or(&empty);
        let target = self.object(&mut At::default(), live, wanted);
        self.out.target = Document::new(Value::Object(target));
        self.out
    }

    /// Both sides are objects: live's members in live's order, then what the file adds.
    fn object(
        &mut self,
        at: &mut At,
        live: &Map<String, Value>,
        wanted: &Map<String, Value>,
    ) -> Map<String, Value> {
        // Members are put together at the end, each copied once: a prompt is long.
        let mut named: BTreeMap<&str, Option<Value>> = BTreeMap::new();
        for (key, value) in wanted {
            named.insert(key, at.within(key, |at| self.value(at, live.get(key), value)));
        }
        let mut target = Map::new();
        for (key, value) in live {
            if let Some(decided) = named.get_mut(key.as_str()) {
                target.extend(decided.take().map(|value| (key.clone(), value)));
                continue;
            }
            let left = at.within(key, |at| self.unlisted(at, value));
            target.extend(left.map(|value| (key.clone(), value)));
        }
        for key in wanted.keys() {
            target.extend(named.remove(key.as_str()).flatten().map(|value| (key.clone(), value)));
        }
        self.keep_what_is_hidden(at, |name| live.contains_key(name) || wanted.contains_key(name));
        target
    }

    /// What the server hides (a secret, a lossy part) lives on only if nothing above it is written.
    fn keep_what_is_hidden(&mut self, at: &mut At, named: impl Fn(&str) -> bool) {
        let hidden = |field: &&Field| field.secrecy == Secrecy::Whole || field.lossy;
        let unnamed = |field: &&Field| hidden(field) && !named(field.name());
        for field in schema::known_members(&at.target).filter(unnamed).collect::<Vec<_>>() {
            at.within(field.name(), |at| {
                self.keep_hidden(at);
                if self.removed.contains(&at.target) {
                    self.out.notes.push(Note::NothingToRemove(of_segments(&at.target)));
                }
            });
        }
    }

    /// One value of the file against what live holds there. Gives what target holds.
    pub(super) fn value(&mut self, at: &mut At, live: Option<&Value>, wanted: &Value) -> Option<Value> {
        let known = match schema::lookup(&at.target) {
            Lookup::Known(field) => Some(field),
            Lookup::Inside(_) | Lookup::Unknown => None,
        };
        if self.ignored(&at.target) || self.ignored(&at.live) || known.is_some_and(|field| field.read_only) {
            self.keep(at);
            return live.cloned();
        }
        let unset = self.unset.contains(&at.target);
        if let Some(reason) = self.opaque(at, known, live, wanted, unset) {
            return self.note_opaque(at, live, wanted, reason, unset);
        }
        if wanted.is_null() && !unset {
            return self.removal_by_name(at, known, live);
        }
        match (live, wanted) {
            (None | Some(Value::Null), _) => self.addition(at, known, live, wanted),
            (Some(Value::Object(live)), Value::Object(wanted)) => {
                Some(Value::Object(self.object(at, live, wanted)))
            }
            (Some(Value::Array(live)), Value::Array(wanted)) => {
                Some(Value::Array(self.list(at, known, live, wanted)))
            }
            (Some(live), wanted) if self.alike(at, live, wanted) => Some(live.clone()),
            (Some(live), wanted) => {
                let after = self.clean(&at.target, wanted);
                self.change(at, ChangeKind::Replace, Some(live), Some(&after));
                Some(after)
            }
        }
    }

    fn alike(&self, at: &At, live: &Value, wanted: &Value) -> bool {
        if same(live, wanted) {
            return true;
        }
        // Names are matched in NFC, so a difference in normal form is none.
        at.target == ["persona_name"]
            && matches!((live, wanted), (Value::String(a), Value::String(b)) if name::same(a, b))
    }

    /// An explicit null: the file asks for removal.
    fn removal_by_name(&mut self, at: &At, known: Option<&Field>, live: Option<&Value>) -> Option<Value> {
        let live = live?;
        let default = known.and_then(|field| field.default).and_then(schema::DefaultValue::value);
        // Removing a default only makes the server fill it in again.
        if live.is_null()
            || is_empty(known, live)
            || default.as_ref().is_some_and(|default| same(default, live))
        {
            return Some(live.clone());
        }
        self.change(at, ChangeKind::Remove, Some(live), None);
        None
    }

    fn addition(
        &mut self,
        at: &At,
        known: Option<&Field>,
        live: Option<&Value>,
        wanted: &Value,
    ) -> Option<Value> {
        if is_empty(known, wanted) {
            return live.cloned();
        }
        let after = self.clean(&at.target, wanted);
        // A layer with nothing but removals in it asks for nothing.
        if is_empty(known, &after) {
            return live.cloned();
        }
        self.change(at, ChangeKind::Add, live, Some(&after));
        Some(after)
    }

    /// What is sent for a value that live lacks: without ignored, read-only and removed members.
    /// In free-form parts a null is a value like any other.
    pub(super) fn clean(&self, path: &[String], wanted: &Value) -> Value {
        if self.unset.contains(path) {
            // Never sent: a plan with missing variables has no requests to send.
            return Value::String(MASK.to_owned());
        }
        let Value::Object(members) = wanted else { return wanted.clone() };
        let mut path = path.to_vec();
        let mut kept = Map::new();
        for (key, value) in members {
            path.push(key.clone());
            let (read_only, free) = match schema::lookup(&path) {
                Lookup::Known(field) => (field.read_only, false),
                Lookup::Inside(_) => (false, true),
                Lookup::Unknown => (false, false),
            };
            let asked_away = value.is_null() && !free && !self.unset.contains(&path);
            if !read_only && !asked_away && !self.ignored(&path) {
                kept.insert(key.clone(), self.clean(&path, value));
            }
            path.pop();
        }
        Value::Object(kept)
    }

    /// What tells this value from others whatever the server hides: without secrets, parts that it does not give
    /// back, and whatever is ignored or opaque.
    pub(super) fn visible(&self, path: &[String], value: &Value) -> Option<Value> {
        let known = schema::find(path);
        let opaque = self.desired.reconcile.opaque.iter().any(|pattern| pattern.covers(path));
        let hidden = known.is_some_and(|field| field.lossy || field.read_only)
            || opaque
            || self.ignored(path)
            || self.unset.contains(path)
            || self.secrets.covers(path, Some(value));
        if hidden {
            return None;
        }
        let mut path = path.to_vec();
        let mut below = |key: String, value: &Value| {
            path.push(key);
            let shown = self.visible(&path, value);
            path.pop();
            shown
        };
        Some(match value {
            Value::Object(members) => Value::Object(
                members.iter().filter_map(|(k, v)| below(k.clone(), v).map(|v| (k.clone(), v))).collect(),
            ),
            Value::Array(elements) => {
                let elements = elements.iter().enumerate();
                elements.map(|(index, v)| below(index.to_string(), v).unwrap_or_default()).collect()
            }
            scalar => scalar.clone(),
        })
    }

    /// Whether this value cannot be compared, and why.
    fn opaque(
        &self,
        at: &At,
        known: Option<&Field>,
        live: Option<&Value>,
        wanted: &Value,
        unset: bool,
    ) -> Option<OpaqueReason> {
        let reconcile = &self.desired.reconcile;
        if reconcile.opaque.iter().any(|pattern| pattern.matches(&at.target) || pattern.matches(&at.live)) {
            return Some(OpaqueReason::Rule);
        }
        let secret = self.secrets.covers(&at.target, Some(wanted));
        if secret && unset {
            return Some(OpaqueReason::Secret);
        }
        let hidden = match live {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty() || (secret && is_mask(text)),
            Some(Value::Object(members)) => members.is_empty() && secret,
            Some(_) => false,
        };
        // Live shows the value, or neither side has one.
        if !hidden || wanted.is_null() && live.is_none_or(Value::is_null) && !secret {
            return None;
        }
        if secret && !is_empty(known, wanted) {
            return Some(OpaqueReason::Secret);
        }
        (known.is_some_and(|field| field.lossy) && !wanted.is_null()).then_some(OpaqueReason::Lossy)
    }

    /// Notes an opaque value. Gives what target shows, which is what live shows.
    fn note_opaque(
        &mut self,
        at: &At,
        live: Option<&Value>,
        wanted: &Value,
        reason: OpaqueReason,
        unset: bool,
    ) -> Option<Value> {
        if wanted.is_null() && !unset {
            // Removal of something hidden: possible only where live shows that there is something.
            if live.is_some_and(|live| !live.is_null() && live != "") {
                return self.removal_by_name(at, schema::find(&at.target), live);
            }
            self.out.notes.push(Note::NothingToRemove(of_segments(&at.target)));
            self.keep_hidden(at);
            return live.cloned();
        }
        self.keep_hidden(at);
        let value = self.clean(&at.target, wanted);
        self.out.opaque.push(Opaque {
            path: of_segments(&at.target),
            value: Document::new(value),
            reason,
            changed: false,
        });
        live.cloned()
    }

    /// A live value that the file does not name. Gives what stays of it.
    fn unlisted(&mut self, at: &mut At, live: &Value) -> Option<Value> {
        let known = match schema::lookup(&at.target) {
            Lookup::Known(field) => Some(field),
            Lookup::Inside(_) | Lookup::Unknown => None,
        };
        if self.ignored(&at.target) || self.ignored(&at.live) || known.is_some_and(|field| field.read_only) {
            self.keep(at);
            return Some(live.clone());
        }
        if self.removed.contains(&at.target) {
            let left = self.removal_by_name(at, known, Some(live));
            if left.is_some() {
                self.keep(at);
            }
            return left;
        }
        if let (Some(Kind::Object(Members::Listed)), Some(members)) =
            (known.map(|f| f.kind), live.as_object())
            && !members.is_empty()
        {
            let mut kept = Map::new();
            for (key, value) in members {
                if let Some(value) = at.within(key, |at| self.unlisted(at, value)) {
                    kept.insert(key.clone(), value);
                }
            }
            if kept.is_empty() {
                self.collapse_removals(at, live);
                return None;
            }
            if kept.len() < members.len() {
                self.keep_what_is_hidden(at, |name| members.contains_key(name));
            }
            return Some(Value::Object(kept));
        }
        if live.is_null() || is_empty(known, live) {
            self.keep(at);
            return Some(live.clone());
        }
        let default = known.and_then(|field| field.default);
        let is_default =
            default.is_some_and(|default| default.value().is_none_or(|value| same(&value, live)));
        let secret = self.secrets.covers(&at.target, Some(live))
            || known.is_some_and(|field| field.secrecy == Secrecy::Whole);
        let removable =
            known.is_some_and(|field| !field.lossy && !field.sent_alone) && !is_default && !secret;
        if self.desired.reconcile.unlisted == UnlistedRule::Remove && removable {
            self.change(at, ChangeKind::Remove, Some(live), None);
            return None;
        }
        if secret && live.as_str().is_some_and(is_mask) {
            self.keep_hidden(at);
        } else {
            self.keep(at);
        }
        self.out.unlisted.push(Unlisted { path: of_segments(&at.live), is_default });
        Some(live.clone())
    }

    /// Every member of a layer goes: one removal of the layer says it, and removes it.
    fn collapse_removals(&mut self, at: &At, live: &Value) {
        let above = of_segments(&at.live);
        self.out.changes.retain(|change| {
            !(change.kind == ChangeKind::Remove && change.path != above && change.path.starts_with(&above))
        });
        self.change(at, ChangeKind::Remove, Some(live), None);
    }

    fn ignored(&self, path: &[String]) -> bool {
        self.desired.reconcile.ignore.iter().any(|pattern| pattern.covers(path))
    }

    fn keep(&mut self, at: &At) {
        self.out.kept.push(Kept {
            live: of_segments(&at.live),
            target: of_segments(&at.target),
            hidden: false,
        });
    }

    fn keep_hidden(&mut self, at: &At) {
        self.out.kept.push(Kept {
            live: of_segments(&at.live),
            target: of_segments(&at.target),
            hidden: true,
        });
    }

    pub(super) fn change(
        &mut self,
        at: &At,
        kind: ChangeKind,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        let path = of_segments(if kind == ChangeKind::Remove { &at.live } else { &at.target });
        self.out.changes.push(Change {
            path,
            kind,
            secret: self.secrets.covers(&at.target, after.or(before)),
            before: before.cloned(),
            after: after.cloned(),
            origin: None,
            elements: at.elements.clone(),
        });
    }

    pub(super) fn is_unordered(known: Option<&Field>) -> bool {
        known.is_some_and(|field| field.unordered)
    }
}

/// Empty where the table says that empty equals absent.
fn is_empty(known: Option<&Field>, value: &Value) -> bool {
    let empties =
        known.is_some_and(|field| field.empty_is_absent || field.kind == Kind::Object(Members::Listed));
    empties
        && match value {
            Value::String(text) => text.is_empty(),
            Value::Array(elements) => elements.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        }
}
