//! Minimality of edited lists, proven against the recursion of `docs/minimal-patch.md` as it stands there: every
//! alignment is tried, nothing is left out. It shares no code with the engine. `patch_minimal.rs` proves the
//! recursion itself on tiny documents; this reaches lists whose indices have one, two and three digits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "patch_reference/lists.rs"]
mod lists;
#[path = "patch_support/random.rs"]
mod random;
#[path = "patch_reference/recursion.rs"]
mod recursion;

use json_patch::PatchOperation;
use jsonptr::PointerBuf;
use personactl::patch::{DiffError, Options, Protected, diff};
use random::Random;
use recursion::Recursion;
use serde_json::{Value, json};

/// The engine's patch costs what the recursion says.
fn is_least(live: &Value, target: &Value, protected: &[Protected]) {
    let least = Recursion::new(live, target, protected).least();
    let told = || format!("{live} to {target}, {:?}", protected.iter().map(|p| &p.live).collect::<Vec<_>>());
    match diff(live, target, protected, &Options::default()) {
        Ok(diff) => {
            assert!(diff.exact(), "{}", told());
            let patch = diff.verify(live, target).unwrap();
            let cost = (json!(patch.reveal()).to_string().len(), patch.len());
            assert_eq!(Some(cost), least, "{}: {}", told(), json!(patch.reveal()));
        }
        Err(error) => {
            assert_eq!(least, None, "{}: {error}", told());
            assert!(matches!(error, DiffError::Protected { .. }), "{error}");
        }
    }
}

#[test]
fn lists_of_plain_values_are_edited_at_the_least_cost() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let length = 5 + random.below(10);
        let live = random.plain_list(length);
        let target = random.edited(&live, Random::plain);
        is_least(&live, &target, &[]);
    }
}

/// `1` and `1.0` are equal, and adding the one costs less than adding the other.
#[test]
fn equal_numbers_of_different_length_are_added_where_they_cost_least() {
    let spelled = |random: &mut Random| {
        [json!(1), json!(1.0), json!(-1), json!(-1.0), json!([1, 1]), json!([1.0, 1.0]), json!("x")]
            [random.below(7)]
        .clone()
    };
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let length = 1 + random.below(11);
        let live: Value = (0..length).map(|_| spelled(&mut random)).collect();
        let target = random.edited(&live, spelled);
        is_least(&live, &target, &[]);
    }
}

#[test]
fn lists_of_objects_and_lists_are_edited_at_the_least_cost() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let length = 3 + random.below(10);
        let live = json!({"a/b": random.object_list(length), "c": 1});
        let target = json!({"a/b": random.edited(&live["a/b"], Random::object), "c": 1});
        is_least(&live, &target, &[]);
    }
}

/// Few different values, so that an edit can be made at several places, on either side of index 10.
#[test]
fn an_edit_is_made_where_the_index_is_shortest() {
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let (length, kinds) = (9 + random.below(5), 2 + random.below(4));
        let live: Value = (0..length).map(|_| random.one_of(kinds)).collect();
        let mut items = live.as_array().unwrap().clone();
        for _ in 0..1 + random.below(4) {
            let at = (6 + random.below(7)).min(items.len() - 1);
            match random.below(3) {
                0 => items.insert(at, random.one_of(kinds)),
                1 => drop(items.remove(at)),
                _ => items[at] = random.one_of(kinds),
            }
        }
        // What follows keeps the whole list from being the cheapest to send.
        let beside = |list: Value| json!({"l": list, "rest": "as long as a persona's text ".repeat(9)});
        is_least(&beside(live), &beside(Value::from(items)), &[]);
    }
}

/// Eighty operations behind the tenth element: it can be cheaper to take a short element out and to add it again
/// than to write an index of two digits eighty times.
#[test]
fn a_short_element_gives_way_where_many_indices_get_shorter() {
    let mut given_way = 0;
    for seed in 0..120 {
        let mut random = Random::new(seed);
        let long = |n: usize| json!(format!("{n} {}", "is long enough to stay ".repeat(20)));
        let mut kept: Vec<Value> = (0..7 + random.below(3)).map(long).collect();
        kept.extend((0..random.below(4)).map(|n| json!(n % 2)));
        let behind = random.below(3);
        let many: Vec<Value> = (0..50 + random.below(80)).map(|n| json!(n + 100)).collect();
        let end: Vec<Value> = (20..20 + behind).map(long).collect();
        let (shorter, longer) = (
            Value::from([kept.clone(), end.clone()].concat()),
            Value::from([kept.clone(), many, end].concat()),
        );
        let (live, target) = if random.below(4) > 0 { (longer, shorter) } else { (shorter, longer) };
        is_least(&live, &target, &[]);
        let patch = diff(&live, &target, &[], &Options::default()).unwrap().into_patch();
        // One of the many becomes the element that gave way; nothing else is replaced.
        let replaced = patch.0.iter().any(|operation| matches!(operation, PatchOperation::Replace(_)));
        given_way += usize::from(replaced && patch.0.len() > 1);
    }
    assert!(given_way > 5, "{given_way}");
}

/// Three short edits, or one that is a little longer: each takes the index, so that its length decides.
#[test]
fn several_edits_of_an_element_pay_for_its_index_several_times() {
    let long = "what both elements have in common, so that neither is written whole ".repeat(4);
    for size in 60..110 {
        let element = |number: usize, text: &str| json!({"a": number, "b": number, "c": number, "t": text, "long": long});
        let text = "x".repeat(size);
        let (three, one, wanted) = (element(2, &text), element(1, "y"), element(1, &text));
        for before in [0, 8, 9, 10] {
            let list = |end: &[&Value]| -> Value {
                let same = (0..before).map(|n| json!(format!("another element, number {n}")));
                same.chain(end.iter().copied().cloned()).collect()
            };
            is_least(&list(&[&three, &one]), &list(&[&wanted]), &[]);
            is_least(&list(&[&one, &three]), &list(&[&wanted]), &[]);
        }
    }
}

/// Mostly different values; edits anywhere, also at the end, below names of any length.
#[test]
fn lists_with_indices_of_two_digits_are_edited_at_the_least_cost() {
    for seed in 0..250 {
        let mut random = Random::new(seed);
        let length = 11 + random.below(19);
        let repeats = random.below(8);
        let live: Value = (0..length)
            .map(|at| match random.below(9) < repeats {
                true => random.object(),
                false => json!(format!("element {at}, with some text")),
            })
            .collect();
        let target = random.edited(&live, Random::object);
        let key = ["", "l", "a~b/c \"d\"", "a name that is rather long, as names can be"][random.below(4)];
        is_least(&json!({key: live}), &json!({key: target}), &[]);
    }
}

#[test]
fn lists_that_pass_a_hundred_elements_are_edited_at_the_least_cost() {
    for seed in 0..5 {
        let mut random = Random::new(seed);
        let length = 97 + random.below(6);
        let live: Value =
            (0..length).map(|at| if at % 9 == 0 { random.plain() } else { json!(at) }).collect();
        let target = random.edited(&live, Random::plain);
        is_least(&live, &target, &[]);
    }
}

/// Some elements of the list at `/l` hold a protected member `p`, and stay.
#[test]
fn lists_with_protected_elements_are_edited_at_the_least_cost() {
    let at = |index: usize| PointerBuf::parse(format!("/l/{index}/p")).unwrap();
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let length = 3 + random.below(10);
        let mut live = random.object_list(length);
        let anywhere = random.below(3) == 0;
        let mut marks = 0;
        for element in live.as_array_mut().unwrap() {
            if random.below(4) == 0 {
                let (k, o) = (random.plain(), random.plain());
                *element = json!({"p": marks, "name": element, "k": k, "o": o, "x": [0], "y": 0});
                marks += 1;
            }
        }
        let target = random.edited_around(&live, |element| element.get("p").is_some());
        let place = |list: &Value, mark: usize| {
            list.as_array()
                .unwrap()
                .iter()
                .position(|element| element.get("p") == Some(&json!(mark)))
                .unwrap()
        };
        let protected: Vec<Protected> = (0..marks)
            .map(|mark| match anywhere {
                true => Protected::anywhere(at(place(&live, mark))),
                false => Protected::at(at(place(&live, mark)), at(place(&target, mark))),
            })
            .collect();
        is_least(&json!({"l": live}), &json!({"l": target}), &protected);
    }
}
