//! Minimality, proven against an exhaustive search over tiny documents that shares no code with the engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "patch_support/random.rs"]
mod random;

use personactl::json;
use personactl::patch::{Options, diff};
use random::Random;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

impl Random {
    fn leaf(&mut self) -> Value {
        let text = "a text of some length, so that sending the whole document costs more than two edits";
        [json!(0), json!(1), json!("a"), json!(text), json!(text), json!([]), json!({})][self.below(7)]
            .clone()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 1 } else { 3 }) {
            0 => self.leaf(),
            1 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let keys = ["a", "b", "a/b"];
                let count = self.below(4);
                Value::Object(
                    keys[..count].iter().map(|k| ((*k).to_owned(), self.value(depth - 1))).collect(),
                )
            }
        }
    }

    /// Something that has much in common with `value`.
    fn variant(&mut self, value: &Value) -> Value {
        match value {
            _ if self.below(6) == 0 => self.value(1),
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| self.variant(item)).collect();
                match self.below(4) {
                    0 => items.insert(self.below(items.len() + 1), self.leaf()),
                    1 if !items.is_empty() => drop(items.remove(self.below(items.len()))),
                    2 if items.len() > 1 => items.rotate_left(1),
                    _ => {}
                }
                Value::Array(items)
            }
            Value::Object(members) => {
                let mut members = members.clone();
                for (_, value) in &mut members {
                    *value = self.variant(value);
                }
                if self.below(3) == 0 {
                    members.remove("a");
                }
                if self.below(3) == 0 {
                    members.insert("c".to_owned(), self.leaf());
                }
                Value::Object(members)
            }
            other => other.clone(),
        }
    }
}

fn pieces(value: &Value, out: &mut BTreeSet<String>) {
    out.insert(value.to_string());
    match value {
        Value::Array(items) => items.iter().for_each(|item| pieces(item, out)),
        Value::Object(members) => members.values().for_each(|item| pieces(item, out)),
        _ => {}
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The pointers to all values in the document.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), out);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                places(item, &format!("{at}/{}", escape(key)), out);
            }
        }
        _ => {}
    }
}

/// Every document that one conventional operation of fewer than `room` bytes makes of `document`, with the
/// bytes of the operation.
fn neighbours(document: &Value, values: &[Value], keys: &[&str], room: usize) -> Vec<(usize, Value)> {
    let mut all = Vec::new();
    places(document, "", &mut all);
    let mut operations = Vec::new();
    for at in &all {
        if !at.is_empty() {
            operations.push(json!([{"op": "remove", "path": at}]));
        }
        for value in values {
            operations.push(json!([{"op": "replace", "path": at, "value": value}]));
        }
        let inside = document.pointer(at).unwrap();
        let mut new = Vec::new();
        if let Value::Array(items) = inside {
            new.extend((0..items.len()).map(|index| index.to_string()).chain(["-".to_owned()]));
        }
        if let Value::Object(members) = inside {
            new.extend(keys.iter().filter(|key| !members.contains_key(**key)).map(|key| escape(key)));
        }
        for key in new {
            for value in values {
                operations.push(json!([{"op": "add", "path": format!("{at}/{key}"), "value": value}]));
            }
        }
    }
    operations
        .into_iter()
        // Two brackets less, one comma more.
        .map(|patch| (patch.to_string().len() - 1, patch))
        .filter(|(bytes, _)| *bytes < room)
        .map(|(bytes, patch)| {
            let mut next = document.clone();
            json_patch::patch(&mut next, &serde_json::from_value::<json_patch::Patch>(patch).unwrap())
                .unwrap();
            (bytes, next)
        })
        .collect()
}

/// The least (bytes, operations) by uniform-cost search; only answers below `bound` are of interest.
fn exhaustive(live: &Value, target: &Value, bound: (usize, usize)) -> Option<(usize, usize)> {
    let mut texts = BTreeSet::new();
    pieces(target, &mut texts);
    pieces(live, &mut texts);
    texts.extend(["[]".to_owned(), "{}".to_owned()]);
    let values: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let keys = ["a", "b", "a/b", "c"];
    let mut open = BinaryHeap::from([Reverse((1_usize, 0_usize, live.to_string()))]);
    let mut best: HashMap<String, (usize, usize)> = HashMap::new();
    while let Some(Reverse((bytes, operations, text))) = open.pop() {
        let document: Value = serde_json::from_str(&text).unwrap();
        if json::equal(&document, target) {
            return Some((bytes.max(2), operations));
        }
        for (more, mut next) in neighbours(&document, &values, &keys, bound.0.saturating_sub(bytes) + 1) {
            let cost = (bytes + more, operations + 1);
            // What is not yet the target needs another operation, of at least 27 bytes.
            let rest = if json::equal(&next, target) { (0, 0) } else { (27, 1) };
            if (cost.0 + rest.0, cost.1 + rest.1) >= bound {
                continue;
            }
            next.sort_all_objects();
            let key = next.to_string();
            if best.get(&key).is_none_or(|known| cost < *known) {
                best.insert(key.clone(), cost);
                open.push(Reverse((cost.0, cost.1, key)));
            }
        }
    }
    None
}

#[test]
fn no_patch_of_add_remove_replace_is_cheaper() {
    let mut random = Random(6902);
    let (mut pairs, mut with_several) = (0, 0);
    while pairs < 120 {
        let live = random.value(2);
        let target = random.variant(&live);
        let diff = diff(&live, &target, &[], &Options::default()).unwrap();
        assert!(diff.exact());
        let patch = diff.verify(&live, &target).unwrap();
        let cost = (json!(patch.reveal()).to_string().len(), patch.len());
        // Beyond this the search takes too long to be a test.
        if cost.0 > 100 || cost.1 == 0 || live.to_string().len() > 250 {
            continue;
        }
        pairs += 1;
        with_several += usize::from(cost.1 > 1);
        let cheaper = exhaustive(&live, &target, cost).filter(|found| *found < cost);
        assert_eq!(cheaper, None, "{live} to {target}: {}", json!(patch.reveal()));
    }
    assert!(with_several > 6, "too few interesting pairs: {with_several}");
}

#[test]
fn the_exhaustive_search_finds_what_is_cheaper() {
    // By index it takes three operations; one removal does.
    let (live, target) = (json!([0, 1, "a"]), json!([1, "a"]));
    let removal = json!([{"op": "remove", "path": "/0"}]).to_string().len();
    assert_eq!(exhaustive(&live, &target, (200, 3)), Some((removal, 1)));
}
