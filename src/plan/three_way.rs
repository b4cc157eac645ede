//! Base, file and live: whose change each change is.
//!
//! The base is what the files said at an earlier revision. A change is *yours* where live still is what the base
//! said, *drift* where the base already said what the file says, and a *conflict* where all three differ. What the
//! base does not name it makes no claim about.

use crate::compare::{
    Change, ChangeKind, Comparison, Opaque, OpaqueReason, Origin, canonical, compare, element_name, same,
};
use crate::json::of_segments;
use crate::persona::name;
use crate::persona::schema::{self, Kind, Members};
use crate::persona::secret::segments;
use crate::persona::{Desired, Live};
use jsonptr::PointerBuf;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// Which persona of the base each file's persona was, and which personas of the base no file means any more.
#[derive(Debug, Default)]
pub struct Pairs {
    /// For each file its index in the base.
    pub bases: Vec<Option<usize>>,
    /// Indices in the base.
    pub gone: Vec<usize>,
}

/// One way to tell that a file of today and one of the base mean the same persona.
type Way<'a> = &'a dyn Fn(&Desired, &Desired) -> bool;

/// Pairs files with those of the base: by id, by name, by all the rest that they say, and what is left by path. A file
/// that was renamed is the same persona by its name; a persona that was renamed is the same one by its file.
#[must_use]
pub fn pair(desired: &[Arc<Desired>], base: &[Desired]) -> Pairs {
    let mut bases = vec![None; desired.len()];
    let mut taken = vec![false; base.len()];
    let ways: [Way; 3] = [
        &|now, then| now.id.is_some() && now.id == then.id,
        &|now, then| matches!((&now.name, &then.name), (Some(now), Some(then)) if name::same(now, then)),
        &|now, then| now.file == then.file,
    ];
    for (step, same) in ways.into_iter().enumerate() {
        if step == 2 {
            pair_by_content(desired, base, &mut bases, &mut taken);
        }
        for (slot, now) in bases.iter_mut().zip(desired).filter(|(slot, _)| slot.is_none()) {
            let found = base.iter().enumerate().position(|(index, then)| !taken[index] && same(now, then));
            if let Some(index) = found {
                *slot = Some(index);
                taken[index] = true;
            }
        }
    }
    Pairs { bases, gone: (0..base.len()).filter(|index| !taken[*index]).collect() }
}

/// A file that was moved in the same step as its persona was renamed is known by all the rest that it says, if no
/// other says the same.
fn pair_by_content(
    desired: &[Arc<Desired>],
    base: &[Desired],
    bases: &mut [Option<usize>],
    taken: &mut [bool],
) {
    let content = |side: &Desired| {
        let mut document = side.document.reveal().clone();
        if let Value::Object(members) = &mut document {
            members.shift_remove("persona_name");
        }
        canonical(&document)
    };
    let free = |slots: &[bool]| -> Vec<usize> { (0..slots.len()).filter(|index| !slots[*index]).collect() };
    let open: Vec<bool> = bases.iter().map(Option::is_some).collect();
    let now: Vec<(usize, String)> = free(&open)
        .into_iter()
        .filter(|i| desired[*i].id.is_none())
        .map(|i| (i, content(&desired[i])))
        .collect();
    let then: Vec<(usize, String)> = free(taken).into_iter().map(|i| (i, content(&base[i]))).collect();
    for (index, text) in &now {
        let alike = |side: &[(usize, String)]| -> Vec<usize> {
            side.iter().filter(|(_, other)| other == text).map(|(index, _)| *index).collect()
        };
        if let ([_], [one]) = (alike(&now).as_slice(), alike(&then).as_slice()) {
            bases[*index] = Some(*one);
            taken[*one] = true;
        }
    }
}

/// Paths that the base named and the file no longer does: they are removed. In the file's coordinates.
#[must_use]
pub fn removals(desired: &Desired, base: &Desired) -> BTreeSet<PointerBuf> {
    fn below(now: &Value, then: &Value, path: &mut Vec<String>, out: &mut BTreeSet<PointerBuf>) {
        match (now, then) {
            (Value::Object(now), Value::Object(then)) => {
                for (key, old) in then {
                    path.push(key.clone());
                    match now.get(key) {
                        Some(new) => below(new, old, path, out),
                        None => named(old, path, out),
                    }
                    path.pop();
                }
            }
            (Value::Array(now), Value::Array(then)) => {
                for (index, element) in now.iter().enumerate() {
                    if let Some(old) = counterpart_of_element(element, index, then) {
                        path.push(index.to_string());
                        below(element, old, path, out);
                        path.pop();
                    }
                }
            }
            _ => {}
        }
    }
    /// A layer as such is not what the base named, only what stood in it: what else live has there stays.
    fn named(then: &Value, path: &mut Vec<String>, out: &mut BTreeSet<PointerBuf>) {
        let is_layer = schema::find(path).is_some_and(|field| field.kind == Kind::Object(Members::Listed));
        match then {
            Value::Null => {}
            Value::Object(members) if is_layer && !members.is_empty() => {
                for (key, member) in members {
                    path.push(key.clone());
                    named(member, path, out);
                    path.pop();
                }
            }
            _ => drop(out.insert(of_segments(path))),
        }
    }
    let mut out = BTreeSet::new();
    below(desired.document.reveal(), base.document.reveal(), &mut Vec::new(), &mut out);
    out
}

/// Says whose each change is, and turns opaque values that the file changed since the base into changes.
pub(super) fn tell(comparison: &mut Comparison, desired: &Desired, base: &Desired, live: &Live) {
    let sides = Sides {
        file: desired.document.reveal(),
        base: base.document.reveal(),
        live: live.document.reveal(),
        since: &|| compare(base, live),
    };
    for change in &mut comparison.changes {
        change.origin = Some(sides.origin(change, &desired.removed));
    }
    let secrets = desired.secrets();
    for opaque in &mut comparison.opaque {
        let before = sides.in_base(sides.file, &segments(&opaque.path));
        if unchanged(opaque, before, desired, base) {
            continue;
        }
        opaque.changed = true;
        comparison.changes.push(Change {
            path: opaque.path.clone(),
            kind: if before.is_some() { ChangeKind::Replace } else { ChangeKind::Add },
            secret: opaque.reason == OpaqueReason::Secret || secrets.covers(&segments(&opaque.path), before),
            before: before.cloned(),
            after: Some(opaque.value.reveal().clone()),
            origin: Some(Origin::Yours),
            elements: Vec::new(),
        });
    }
}

/// Whether the file says of an opaque value what the base said. Variables are compared by name where neither is set.
fn unchanged(opaque: &Opaque, before: Option<&Value>, desired: &Desired, base: &Desired) -> bool {
    let names = |side: &Desired| -> BTreeMap<PointerBuf, String> {
        let below = side.env.iter().filter(|(path, _)| path.starts_with(&opaque.path));
        below.map(|(path, name)| (path.clone(), name.clone())).collect()
    };
    if names(desired) != names(base) {
        return false;
    }
    let hidden = desired.unset.keys().any(|path| path.starts_with(&opaque.path));
    hidden || before.is_some_and(|before| same(before, opaque.value.reveal()))
}

struct Sides<'a> {
    file: &'a Value,
    base: &'a Value,
    live: &'a Value,
    /// What was done to the live side since the base.
    since: &'a dyn Fn() -> Comparison,
}

impl Sides<'_> {
    fn origin(&self, change: &Change, removed: &BTreeSet<PointerBuf>) -> Origin {
        let path = segments(&change.path);
        // A removal stands at its place in live, everything else at its place in the file.
        let side = if change.kind == ChangeKind::Remove { self.live } else { self.file };
        let Some((last, above)) = path.split_last() else { return Origin::Yours };
        if let Some(Value::Array(list)) = at(side, above) {
            let Some(Value::Array(then)) = self.in_base(side, above) else { return Origin::Yours };
            let origin = self.origin_in_list(change, list, last, then, above);
            let taken_out = change.kind == ChangeKind::Remove && origin == Origin::Conflict;
            return if taken_out && self.is_untouched(change, side, &path) { Origin::Yours } else { origin };
        }
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        match (self.in_base(side, &path), after) {
            (None, Some(_)) => Origin::Yours,
            // Removed though neither file names it: what `unlisted: remove` finds was put there by someone.
            (None, None) if at(self.file, &path).is_none() && !removed.contains(&change.path) => {
                Origin::Drift
            }
            (None, None) => Origin::Yours,
            (Some(base), None) if base.is_null() => Origin::Drift,
            (Some(base), Some(after)) if same(base, after) => Origin::Drift,
            (Some(base), _) if is_alike(base, before, &path) => Origin::Yours,
            _ if self.is_untouched(change, side, &path) => Origin::Yours,
            _ => Origin::Conflict,
        }
    }

    /// Whether live still is what the base says of what is changed, by the equality that a plan goes by: whatever the
    /// server hides, fills in or keeps to itself is nobody's edit.
    fn is_untouched(&self, change: &Change, side: &Value, path: &[String]) -> bool {
        let Some((there, _)) = self.find_in_base(side, path) else { return false };
        let there = of_segments(&there);
        let meets = |a: &PointerBuf, b: &PointerBuf| a.starts_with(b) || b.starts_with(a);
        let since = (self.since)();
        let is_removal = |kind: &ChangeKind| *kind == ChangeKind::Remove;
        let edited = since
            .changes
            .iter()
            .any(|edit| meets(&edit.path, if is_removal(&edit.kind) { &change.path } else { &there }));
        // What someone put into it goes with it.
        let filled = is_removal(&change.kind)
            && since.unlisted.iter().any(|value| !value.is_default && value.path.starts_with(&change.path));
        !edited && !filled
    }

    fn origin_in_list(
        &self,
        change: &Change,
        list: &[Value],
        index: &str,
        then: &[Value],
        above: &[String],
    ) -> Origin {
        let index = index.parse().unwrap_or(usize::MAX);
        let in_base =
            |value: Option<&Value>| value.and_then(|value| counterpart_of_element(value, usize::MAX, then));
        match &change.kind {
            ChangeKind::Add => match in_base(change.after.as_ref()) {
                None => Origin::Yours,
                Some(base) if change.after.as_ref().is_some_and(|after| same(base, after)) => Origin::Drift,
                Some(_) => Origin::Conflict,
            },
            ChangeKind::Remove => match in_base(change.before.as_ref()) {
                None => Origin::Drift,
                Some(base) if change.before.as_ref().is_some_and(|before| same(base, before)) => {
                    Origin::Yours
                }
                Some(_) => Origin::Conflict,
            },
            ChangeKind::Replace => match (in_base(change.before.as_ref()), in_base(change.after.as_ref())) {
                (Some(_), _) => Origin::Yours,
                (None, Some(_)) => Origin::Drift,
                (None, None) => {
                    match list.get(index).and_then(|element| counterpart_of_element(element, index, then)) {
                        Some(_) => Origin::Conflict,
                        None => Origin::Yours,
                    }
                }
            },
            ChangeKind::Move { from } => {
                let live_list =
                    segments(from).split_last().and_then(|(_, above)| at(self.live, above)).cloned();
                let live_list =
                    live_list.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let file_list =
                    at(self.file, above).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                if same_order(live_list, then) {
                    Origin::Yours
                } else if same_order(file_list, then) {
                    Origin::Drift
                } else {
                    Origin::Conflict
                }
            }
        }
    }

    /// What the base says at a path of another document: list elements are found by name, likeness or place.
    fn in_base(&self, side: &Value, path: &[String]) -> Option<&Value> {
        self.find_in_base(side, path).map(|(_, value)| value)
    }

    /// The same, and where in the base that is.
    fn find_in_base(&self, side: &Value, path: &[String]) -> Option<(Vec<String>, &Value)> {
        let (mut here, mut there) = (side, self.base);
        let mut found = Vec::with_capacity(path.len());
        for segment in path {
            match (here, there) {
                (Value::Object(a), Value::Object(b)) => {
                    there = b.get(segment)?;
                    here = a.get(segment).unwrap_or(&Value::Null);
                    found.push(segment.clone());
                }
                (Value::Array(a), Value::Array(b)) => {
                    let index: usize = segment.parse().ok()?;
                    here = a.get(index)?;
                    there = counterpart_of_element(here, index, b)?;
                    found.push(b.iter().position(|other| std::ptr::eq(other, there))?.to_string());
                }
                _ => return None,
            }
        }
        Some((found, there))
    }
}

/// The element of a list that another list's element means: by its name, by equality, or, for one that has neither a
/// name nor an equal, by its place.
fn counterpart_of_element<'b>(element: &Value, index: usize, list: &'b [Value]) -> Option<&'b Value> {
    if let Some(name) = element_name(element) {
        let mut namesakes = list.iter().filter(|other| element_name(other).as_ref() == Some(&name));
        if let (Some(one), None) = (namesakes.next(), namesakes.next()) {
            return Some(one);
        }
    }
    let key = canonical(element);
    list.iter()
        .find(|other| canonical(other) == key)
        .or_else(|| list.get(index).filter(|other| other.is_object() && element_name(other).is_none()))
}

/// Whether what both lists hold stands in the same order in them.
fn same_order(a: &[Value], b: &[Value]) -> bool {
    let key = |element: &Value| element_name(element).unwrap_or_else(|| canonical(element));
    let (a, b): (Vec<String>, Vec<String>) = (a.iter().map(key).collect(), b.iter().map(key).collect());
    let (in_a, in_b): (HashSet<&String>, HashSet<&String>) = (a.iter().collect(), b.iter().collect());
    a.iter().filter(|key| in_b.contains(key)).eq(b.iter().filter(|key| in_a.contains(key)))
}

/// Whether live holds what the base says, where null, and by the table's leave emptiness, is nothing.
fn is_alike(base: &Value, live: Option<&Value>, path: &[String]) -> bool {
    let nothing = |value: &Value| {
        value.is_null()
            || schema::find(path).is_some_and(|field| field.empty_is_absent)
                && (value == "" || value.as_array().is_some_and(Vec::is_empty))
    };
    match live {
        Some(live) => same(base, live) || nothing(base) && nothing(live),
        None => nothing(base),
    }
}

fn at<'v>(document: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(document, |node, segment| match node {
        Value::Object(members) => members.get(segment),
        Value::Array(elements) => segment.parse::<usize>().ok().and_then(|index| elements.get(index)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Note;
    use crate::persona::Document;
    use serde_json::json;

    fn side(document: Value) -> Desired {
        let name = document["persona_name"].as_str().map(str::to_owned);
        Desired {
            file: "personas/x.yaml".into(),
            name,
            document: Document::new(document),
            ..Desired::default()
        }
    }

    /// Path and origin of every change.
    fn told(base: Value, file: Value, live: Value) -> Vec<String> {
        let (base, mut file) = (side(base), side(file));
        file.removed = removals(&file, &base);
        let live = Live { id: "p1".into(), name: None, document: Document::new(live) };
        let mut comparison = compare(&file, &live);
        tell(&mut comparison, &file, &base, &live);
        let word = |change: &Change| change.origin.map(Origin::word).unwrap_or_default();
        comparison
            .changes
            .iter()
            .map(|change| format!("{} {} {}", change.kind.word(), change.path, word(change)))
            .collect()
    }

    fn greeting(text: &str) -> Value {
        json!({"greeting": text})
    }

    #[test]
    fn a_value_is_yours_drift_or_a_conflict() {
        assert_eq!(told(greeting("a"), greeting("b"), greeting("a")), ["replace /greeting yours"]);
        assert_eq!(told(greeting("b"), greeting("b"), greeting("a")), ["replace /greeting drift"]);
        assert_eq!(told(greeting("x"), greeting("b"), greeting("a")), ["replace /greeting conflict"]);
        assert_eq!(told(json!({}), greeting("b"), greeting("a")), ["replace /greeting yours"]);
        assert_eq!(told(greeting("b"), greeting("b"), json!({})), ["add /greeting drift"]);
        assert_eq!(told(greeting("a"), greeting("b"), json!({})), ["add /greeting conflict"]);
    }

    #[test]
    fn a_key_that_the_base_named_and_the_file_does_not_is_removed() {
        assert_eq!(told(greeting("a"), json!({}), greeting("a")), ["remove /greeting yours"]);
        assert_eq!(told(greeting("a"), json!({}), greeting("b")), ["remove /greeting conflict"]);
        assert_eq!(told(greeting("a"), json!({}), json!({})), [""; 0]);
        // What no file ever named stays, whoever put it there.
        assert_eq!(told(json!({}), json!({}), greeting("a")), [""; 0]);
    }

    fn tools(list: &[(&str, i64)]) -> Value {
        let tool =
            |(name, max): &(&str, i64)| json!({"function": {"name": name, "parameters": {"max": max}}});
        json!({"layers": {"llm": {"tools": list.iter().map(tool).collect::<Vec<_>>()}}})
    }

    #[test]
    fn tools_are_told_apart_by_name() {
        let base = tools(&[("a", 1), ("b", 1)]);
        let at = "/layers/llm/tools";
        assert_eq!(
            told(base.clone(), tools(&[("c", 1), ("a", 1), ("b", 2)]), tools(&[("a", 5), ("b", 1)])),
            [
                format!("add {at}/0 yours"),
                format!("replace {at}/1/function/parameters/max drift"),
                format!("replace {at}/2/function/parameters/max yours"),
            ]
        );
        // Deleted by the author; added by someone else; deleted by someone else.
        assert_eq!(told(base.clone(), tools(&[("a", 1)]), base.clone()), [format!("remove {at}/1 yours")]);
        assert_eq!(
            told(base.clone(), base.clone(), tools(&[("a", 1), ("b", 1), ("z", 1)])),
            [format!("remove {at}/2 drift")]
        );
        assert_eq!(told(base.clone(), base.clone(), tools(&[("a", 1)])), [format!("add {at}/1 drift")]);
        assert_eq!(
            told(base.clone(), tools(&[("a", 1)]), tools(&[("a", 1), ("b", 9)])),
            [format!("remove {at}/1 conflict")]
        );
    }

    #[test]
    fn what_the_server_hides_or_fills_in_makes_no_removal_a_conflict() {
        // A stored tool comes back without its description.
        let tool = |name: &str| json!({"function": {"name": name, "description": "d", "parameters": {}}});
        let stored = |name: &str| json!({"function": {"name": name, "parameters": {}}});
        let llm = |members: Value| json!({"layers": {"llm": members}});
        assert_eq!(
            told(
                llm(json!({"tools": [tool("a"), tool("b")]})),
                llm(json!({"tools": [tool("a")]})),
                llm(json!({"tools": [stored("a"), stored("b")]})),
            ),
            ["remove /layers/llm/tools/1 yours"]
        );
        // A key comes back masked.
        assert_eq!(
            told(
                llm(json!({"model": "m", "api_key": "key-key-key"})),
                llm(json!({"model": "m"})),
                llm(json!({"model": "m", "api_key": "********"})),
            ),
            ["remove /layers/llm/api_key yours"]
        );
        // A whole layer goes with what the base named of it; what else live has there stays.
        let base = llm(json!({"model": "m"}));
        let filled_in = llm(json!({"model": "m", "speculative_inference": true}));
        assert_eq!(told(base.clone(), json!({}), filled_in), ["remove /layers/llm/model yours"]);
        // A key that live does not show at all cannot be taken away, nor may it be lost with what is.
        let with_key = side(llm(json!({"model": "m", "api_key": "key-key-key"})));
        let mut file = side(json!({}));
        file.removed = removals(&file, &with_key);
        let shown = llm(json!({"model": "m", "speculative_inference": true}));
        let live = Live { id: "p1".into(), name: None, document: Document::new(shown) };
        let comparison = compare(&file, &live);
        let key = PointerBuf::parse("/layers/llm/api_key").unwrap();
        assert_eq!(comparison.notes, [Note::NothingToRemove(key.clone())]);
        assert!(comparison.kept.iter().any(|kept| kept.hidden && kept.live == key));
        let elsewhere = json!({"layers": {"llm": {"model": "m"}, "stt": {"hotwords": "theirs"}}});
        assert_eq!(told(base.clone(), json!({}), elsewhere), ["remove /layers/llm yours"]);
        let edited = llm(json!({"model": "theirs"}));
        assert_eq!(told(base, json!({}), edited), ["remove /layers conflict"]);
    }

    #[test]
    fn what_someone_put_into_a_thing_that_goes_is_a_conflict() {
        let with = |extra: Value| json!({"layers": {"llm": {"extra_body": extra}}});
        assert_eq!(
            told(with(json!({"a": 1})), json!({"layers": {"llm": {}}}), with(json!({"a": 1, "theirs": 2}))),
            ["remove /layers/llm/extra_body conflict"]
        );
    }

    #[test]
    fn the_order_of_a_list_has_an_origin_too() {
        let (ab, ba) = (tools(&[("a", 1), ("b", 1)]), tools(&[("b", 1), ("a", 1)]));
        assert!(told(ab.clone(), ba.clone(), ab.clone())[0].ends_with("yours"));
        assert!(told(ba.clone(), ba.clone(), ab.clone())[0].ends_with("drift"));
    }

    #[test]
    fn p38_a_secret_that_the_file_changed_is_a_change_although_live_hides_it() {
        let key = |key: &str| json!({"layers": {"llm": {"model": "m", "api_key": key}}});
        let live = json!({"layers": {"llm": {"model": "m", "api_key": "********"}}});
        assert_eq!(
            told(key("old-old-old"), key("new-new-new"), live.clone()),
            ["replace /layers/llm/api_key yours"]
        );
        assert_eq!(told(key("same-same"), key("same-same"), live), [""; 0]);
    }

    #[test]
    fn files_are_paired_by_id_then_name_then_path() {
        let file = |path: &str, name: &str, id: Option<&str>| Desired {
            file: path.into(),
            name: Some(name.to_owned()),
            id: id.map(str::to_owned),
            ..Desired::default()
        };
        let base = [
            file("a.yaml", "A", None),
            file("b.yaml", "B", Some("p2")),
            file("c.yaml", "C", None),
            file("d.yaml", "D", None),
        ];
        let now = [
            Arc::new(file("moved.yaml", "A", None)),
            Arc::new(file("x.yaml", "renamed", Some("p2"))),
            Arc::new(file("c.yaml", "C2", None)),
        ];
        let pairs = pair(&now, &base);
        assert_eq!((pairs.bases, pairs.gone), (vec![Some(0), Some(1), Some(2)], vec![3]));
    }

    #[test]
    fn p77_a_file_moved_and_its_persona_renamed_at_once_is_known_by_its_content() {
        let file = |path: &str, name: &str, greeting: &str| Desired {
            file: path.into(),
            ..side(json!({"persona_name": name, "greeting": greeting}))
        };
        let base = [file("a.yaml", "A", "a"), file("b.yaml", "B", "b")];
        // The old path has another persona now: it is not A.
        let now = [Arc::new(file("a.yaml", "New", "n")), Arc::new(file("moved.yaml", "A2", "a"))];
        let pairs = pair(&now, &base);
        assert_eq!((pairs.bases, pairs.gone), (vec![None, Some(0)], vec![1]));
        // Two that say the same: no guess.
        let twins = [Arc::new(file("x.yaml", "X", "a")), Arc::new(file("y.yaml", "Y", "a"))];
        assert_eq!(pair(&twins, &base).bases, vec![None, None]);
    }
}
