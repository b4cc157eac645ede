//! Properties of every patch, on random documents with random protected places.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "patch_support/random.rs"]
mod random;

use json_patch::{Patch, PatchOperation};
use jsonptr::{Pointer, PointerBuf};
use personactl::json::{equal, is_at_or_above};
use personactl::patch::{Arrays, Operations, Options, Place, Protected, apply, diff};
use proptest::prelude::*;
use random::Random;
use serde_json::{Map, Value, json};

fn bytes(patch: &Patch) -> usize {
    json!(patch).to_string().len()
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-2..3_i32).prop_map(Value::from),
        (-2..3_i32).prop_map(|n| Value::from(f64::from(n))),
        any::<f64>().prop_filter_map("finite", |n| n.is_finite().then(|| Value::from(n))),
    ];
    let text = prop_oneof!["[a-c]{0,2}", "[ -~]{0,40}", any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 40, 14, |inner| {
        let key = prop_oneof!["[a-c]", "[~/01\"-]{0,3}", any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..14).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Two documents: unrelated, or one changed in places.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    let changed = (any_json(), any::<u64>()).prop_map(|(live, seed)| {
        let target = Random(seed).changed(&live);
        (live, target)
    });
    prop_oneof![1 => (any_json(), any_json()), 2 => changed]
}

impl Random {
    fn leaf(&mut self) -> Value {
        [
            json!(0),
            json!(1.0),
            json!("x"),
            json!(null),
            json!("some longer text that has to be sent"),
            json!([]),
        ][self.below(6)]
        .clone()
    }

    /// The value with a few edits: members and elements changed, dropped, added, swapped, renamed, copied.
    fn changed(&mut self, value: &Value) -> Value {
        match value {
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| self.changed(item)).collect();
                match self.below(6) {
                    0 if !items.is_empty() => drop(items.remove(self.below(items.len()))),
                    1 => items.insert(self.below(items.len() + 1), self.leaf()),
                    2 if items.len() > 1 => {
                        let moved = items.remove(self.below(items.len()));
                        items.insert(self.below(items.len() + 1), moved);
                    }
                    3 if !items.is_empty() => {
                        let copy = items[self.below(items.len())].clone();
                        items.insert(self.below(items.len() + 1), copy);
                    }
                    _ => {}
                }
                Value::Array(items)
            }
            Value::Object(members) => {
                let mut changed = Map::new();
                for (key, item) in members {
                    match self.below(10) {
                        0 => {}
                        1 => drop(changed.insert(format!("{key}2"), item.clone())),
                        _ => drop(changed.insert(key.clone(), self.changed(item))),
                    }
                }
                Value::Object(changed)
            }
            leaf if self.below(8) > 0 => leaf.clone(),
            _ => self.leaf(),
        }
    }
}

fn options(r#move: bool, copy: bool, test: bool) -> Options {
    Options { operations: Operations { r#move, copy, test }, ..Options::default() }
}

/// How many times more documents than usual: `.ci/full soak` asks for it.
fn soak() -> u32 {
    std::env::var("PERSONACTL_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400 * soak(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_target_is_reached_and_never_dearer_than_by_index((live, target) in pair()) {
        let plain = diff(&live, &target, &[], &Options::default()).unwrap();
        prop_assert!(plain.exact());
        let by_index = json_patch::diff(&live, &target);
        prop_assert!(bytes(plain.reveal()) <= bytes(&by_index));
        prop_assert_eq!(plain.is_empty(), equal(&live, &target));
        let plain_bytes = bytes(plain.reveal());
        prop_assert!(plain.verify(&live, &target).is_ok());
        for (r#move, copy) in [(true, false), (false, true), (true, true)] {
            let fetched = diff(&live, &target, &[], &options(r#move, copy, false)).unwrap();
            prop_assert!(bytes(fetched.reveal()) <= plain_bytes);
            for operation in &fetched.reveal().0 {
                prop_assert!(r#move || !matches!(operation, PatchOperation::Move(_)));
                prop_assert!(copy || !matches!(operation, PatchOperation::Copy(_)));
            }
            prop_assert!(fetched.verify(&live, &target).is_ok());
        }
    }

    #[test]
    fn without_budget_it_is_still_right_and_no_dearer_than_by_index((live, target) in pair(), budget in 0..40_u64) {
        let options = Options { work_budget: budget, ..Options::default() };
        let diff = diff(&live, &target, &[], &options).unwrap();
        prop_assert!(bytes(diff.reveal()) <= bytes(&json_patch::diff(&live, &target)));
        prop_assert!(diff.verify(&live, &target).is_ok());
    }

    #[test]
    fn whole_lists_are_never_edited((live, target) in pair()) {
        let options = Options { arrays: Arrays::Whole, ..Options::default() };
        let diff = diff(&live, &target, &[], &options).unwrap();
        for operation in &diff.reveal().0 {
            let parent = operation.path().parent().map(|parent| live.pointer(parent.as_str()));
            prop_assert!(!matches!(parent, Some(Some(Value::Array(_)))), "{}", operation);
        }
        prop_assert!(diff.verify(&live, &target).is_ok());
    }

    #[test]
    fn guards_come_first_and_hold((live, target) in pair()) {
        let diff = diff(&live, &target, &[], &options(true, true, true)).unwrap();
        let operations = &diff.reveal().0;
        let tests = operations.iter().take_while(|op| matches!(op, PatchOperation::Test(_))).count();
        prop_assert!(operations[tests..].iter().all(|op| !matches!(op, PatchOperation::Test(_))));
        for operation in &operations[..tests] {
            let PatchOperation::Test(test) = operation else { unreachable!() };
            prop_assert!(equal(live.pointer(test.path.as_str()).unwrap(), &test.value));
        }
        let takes_away = |op: &PatchOperation| matches!(op, PatchOperation::Remove(_) | PatchOperation::Replace(_));
        prop_assert!(tests > 0 || !operations.iter().any(takes_away));
        prop_assert!(diff.verify(&live, &target).is_ok());
    }

    #[test]
    fn protected_places_survive(seed in any::<u64>(), fetch in any::<bool>(), guard in any::<bool>()) {
        let mut random = Random(seed);
        let mut marks = 0;
        let record = marked(&mut random, 3, &mut marks);
        let wanted = rearranged(&mut random, &record);
        let hidden: Vec<bool> = (0..marks).map(|_| random.below(2) == 0).collect();
        let shown = |mut document: Value| {
            for (mark, _) in hidden.iter().enumerate().filter(|(_, hidden)| **hidden) {
                drop_mark(&mut document, &format!("p{mark}"));
            }
            document
        };
        let (live, target) = (shown(record.clone()), shown(wanted.clone()));
        let protected: Vec<Protected> = (0..marks).map(|mark| {
            let key = format!("p{mark}");
            let place = Protected {
                live: find(&record, &key).unwrap(),
                target: find(&wanted, &key).map_or(Place::Gone, Place::At),
                hidden: hidden[mark],
            };
            prop_assert!(live.pointer(place.live.as_str()).is_none() == hidden[mark]);
            Ok(place)
        }).collect::<Result<_, TestCaseError>>()?;

        let diff = diff(&live, &target, &protected, &options(fetch, fetch, guard)).unwrap();
        // What the server holds, hidden values included, ends up as wanted.
        let mut outcome = record.clone();
        prop_assert!(apply(&mut outcome, diff.reveal()).is_ok());
        prop_assert!(equal(&outcome, &wanted), "{} became {outcome} instead of {wanted} by {}", record, diff.reveal());

        let mut now = record.clone();
        for operation in &diff.reveal().0 {
            for place in protected.iter().filter(|place| place.target != Place::Gone) {
                let key = place.live.last().unwrap().decoded().into_owned();
                let here = find(&now, &key);
                if diff.taken().contains(&place.live) {
                    prop_assert!(!place.hidden);
                    continue;
                }
                let here = here.unwrap();
                prop_assert!(!writes(&now, operation, &here, place.hidden), "{} writes at or above {}", operation, here);
            }
            apply(&mut now, &Patch(vec![operation.clone()])).unwrap();
        }
        prop_assert!(diff.verify(&live, &target).is_ok());
    }
}

/// Whether the operation writes at or above `place`; a hidden value may be carried by `move`.
fn writes(now: &Value, operation: &PatchOperation, place: &Pointer, hidden: bool) -> bool {
    let inserts = |path: &Pointer| {
        path.parent().and_then(|parent| now.pointer(parent.as_str())).is_some_and(Value::is_array)
    };
    match operation {
        PatchOperation::Test(_) => false,
        PatchOperation::Remove(op) => is_at_or_above(&op.path, place),
        PatchOperation::Replace(op) => is_at_or_above(&op.path, place),
        PatchOperation::Add(op) => is_at_or_above(&op.path, place) && !inserts(&op.path),
        PatchOperation::Copy(op) => is_at_or_above(&op.path, place) && !inserts(&op.path),
        PatchOperation::Move(op) => {
            is_at_or_above(&op.from, place) && !hidden
                || is_at_or_above(&op.path, place) && !inserts(&op.path)
        }
    }
}

/// A document in which some objects have a member with a name of its own: p0, p1 and so on.
fn marked(random: &mut Random, depth: usize, marks: &mut usize) -> Value {
    if depth == 0 {
        return random.leaf();
    }
    if random.below(2) == 0 && depth == 2 {
        return (0..random.below(7)).map(|_| marked(random, depth - 1, marks)).collect();
    }
    let mut members = Map::new();
    for key in ["a", "b", "c"] {
        if random.below(3) > 0 {
            members.insert(key.to_owned(), marked(random, depth - 1, marks));
        }
    }
    if random.below(4) > 0 {
        members.insert(format!("p{marks}"), json!(format!("value {marks}")));
        *marks += 1;
    }
    Value::Object(members)
}

/// The document with edits that leave marked members as they are, or drop what they are in.
fn rearranged(random: &mut Random, value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| rearranged(random, item)).collect();
            if items.len() > 1 && random.below(2) == 0 {
                let moved = items.remove(random.below(items.len()));
                items.insert(random.below(items.len() + 1), moved);
            }
            match random.below(5) {
                0 if !items.is_empty() => drop(items.remove(random.below(items.len()))),
                1 => items.insert(random.below(items.len() + 1), random.leaf()),
                2 => items.reverse(),
                _ => {}
            }
            Value::Array(items)
        }
        Value::Object(members) => {
            let mut changed = Map::new();
            for (key, item) in members {
                if key.starts_with('p') {
                    changed.insert(key.clone(), item.clone());
                } else if random.below(8) > 0 {
                    changed.insert(key.clone(), rearranged(random, item));
                }
            }
            if random.below(4) == 0 {
                changed.insert("d".to_owned(), random.leaf());
            }
            Value::Object(changed)
        }
        leaf if random.below(3) > 0 => leaf.clone(),
        _ => random.leaf(),
    }
}

fn find(value: &Value, key: &str) -> Option<PointerBuf> {
    let inside = |segment: String, item: &Value| {
        find(item, key).map(|mut found| {
            found.push_front(segment);
            found
        })
    };
    match value {
        Value::Object(members) if members.contains_key(key) => Some(PointerBuf::from_tokens([key])),
        Value::Object(members) => members.iter().find_map(|(name, item)| inside(name.clone(), item)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| inside(index.to_string(), item))
        }
        _ => None,
    }
}

fn drop_mark(value: &mut Value, key: &str) {
    match value {
        Value::Object(members) => {
            members.remove(key);
            members.values_mut().for_each(|item| drop_mark(item, key));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_mark(item, key)),
        _ => {}
    }
}
