//! Depth, size and adversarial shapes: bounded, and a clear error beyond.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use jsonptr::PointerBuf;
use personactl::json::{MAX_DEPTH, equal, read_strict};
use personactl::patch::{Arrays, DiffError, Operations, Options, Protected, apply, diff};
use serde_json::{Value, json};

/// Runs on a thread with a 2 MiB stack.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

/// A document of `levels` nested containers, lists and objects in turn, with `leaf` at the bottom.
fn nested(levels: usize, lists: bool, leaf: &str) -> Value {
    let open: String = (0..levels).map(|at| if lists && at % 2 == 0 { "[0," } else { "{\"k\":" }).collect();
    let close: String = (0..levels).rev().map(|at| if lists && at % 2 == 0 { "]" } else { "}" }).collect();
    read_strict(format!("{open}{leaf}{close}").as_bytes()).unwrap()
}

#[test]
fn a_thousand_levels_fit_a_small_stack() {
    on_a_small_stack(|| {
        for lists in [false, true] {
            for operations in [Operations::default(), Operations { r#move: true, copy: true, test: true }] {
                let live = nested(MAX_DEPTH, lists, "\"a long text that stays as it is, at the bottom\"");
                let target = nested(MAX_DEPTH, lists, "\"another one\"");
                let options = Options { operations, ..Options::default() };
                let diff = diff(&live, &target, &[], &options).unwrap();
                let patch = diff.verify(&live, &target).unwrap();
                let mut outcome = live.clone();
                apply(&mut outcome, patch.reveal()).unwrap();
                assert!(equal(&outcome, &target));
            }
        }
    });
}

#[test]
fn wide_changes_at_every_level_fit_a_small_stack() {
    on_a_small_stack(|| {
        let level = |inner: Value, name: &str| json!([name, {"k": inner}, name]);
        let build = |name: &str| (0..MAX_DEPTH / 2 - 1).fold(json!(0), |inner, _| level(inner, name));
        let (live, target) = (build("a"), build("b"));
        let diff = diff(&live, &target, &[], &Options::default()).unwrap();
        diff.verify(&live, &target).unwrap();
    });
}

#[test]
fn deeper_is_an_error() {
    let deep = Value::Array(vec![nested(MAX_DEPTH, false, "1")]);
    let error = |live: &Value, target: &Value| diff(live, target, &[], &Options::default()).err().unwrap();
    assert_eq!(error(&deep, &json!(1)), DiffError::TooDeep { document: "live", limit: MAX_DEPTH });
    assert_eq!(error(&json!(1), &deep), DiffError::TooDeep { document: "target", limit: MAX_DEPTH });
}

#[test]
fn a_patch_cannot_build_what_is_too_deep_or_too_large() {
    let mut add = json!({"op": "add", "path": "/k"});
    add["value"] = nested(MAX_DEPTH, false, "1");
    let deep = personactl::patch::parse(Value::Array(vec![add])).unwrap();
    let mut document = json!({});
    assert_eq!(apply(&mut document, &deep).unwrap_err().code(), "patch-does-not-apply");
    // Every copy doubles the document.
    let doubling: Vec<Value> =
        (0..60).map(|at| json!({"op": "copy", "from": "", "path": format!("/{at}")})).collect();
    let doubling = personactl::patch::parse(json!(doubling)).unwrap();
    let mut document = json!({"text": "x".repeat(1 << 20)});
    let error = apply(&mut document, &doubling).unwrap_err();
    assert!(error.to_string().contains("too much"), "{error}");
    assert_eq!(document.as_object().unwrap().len(), 1, "the document is as it was");
}

#[test]
fn unrelated_lists_fall_back_and_say_so() {
    // Much in common everywhere, so that no bound settles it.
    let object = |n: usize| {
        let words = ["alpha", "beta", "gamma", "delta", "epsilon"];
        json!({"name": words[n * n % 5], "size": n * 7 % 10, "kind": words[n * 3 % 11 % 5]})
    };
    let live: Value = (0..2000).map(object).collect();
    let target: Value = (5000..7003).map(|n| object(n * 13 / 7)).collect();
    let options = Options { work_budget: 5_000, ..Options::default() };
    let diff = diff(&live, &target, &[], &options).unwrap();
    assert!(!diff.exact());
    let bytes = |patch: &json_patch::Patch| json!(patch).to_string().len();
    assert!(bytes(diff.reveal()) <= bytes(&json_patch::diff(&live, &target)));
    diff.verify(&live, &target).unwrap();
}

#[test]
fn a_search_that_needs_more_work_than_it_may_take_falls_back_and_says_so() {
    let list = |numbers: std::ops::Range<usize>| -> Value {
        numbers.map(|n| json!(format!("element of kind {}", n * n % 11 % 4))).collect()
    };
    let (live, target) = (list(0..30), list(100..133));
    let with = |work_budget: u64| {
        let diff = diff(&live, &target, &[], &Options { work_budget, ..Options::default() }).unwrap();
        (diff.exact(), diff.verify(&live, &target).unwrap().exact())
    };
    assert_eq!(with(0), (false, false));
    assert_eq!(with(20), (false, false));
    assert_eq!(with(Options::default().work_budget), (true, true));
    // What needs no search needs no budget.
    let options = Options { work_budget: 0, ..Options::default() };
    assert!(diff(&live, &live, &[], &options).unwrap().exact());
    assert!(diff(&json!({"a": 1, "l": live}), &json!({"a": 2, "l": live}), &[], &options).unwrap().exact());
}

#[test]
fn without_budget_what_is_unique_still_stays_and_what_has_its_index_is_edited_there() {
    let text = |n: usize| json!(format!("element {n} of the list, as long as elements are"));
    let patch = |live: Value, target: Value| {
        let beside = |list: Value| json!({"l": list, "kept": {"key": 1}});
        let (live, target) = (beside(live), beside(target));
        let options = Options { work_budget: 0, ..Options::default() };
        // With a protected place beside it, so that the comparison by index is no way out.
        let protected =
            [Protected::at(PointerBuf::parse("/kept/key").unwrap(), PointerBuf::parse("/kept/key").unwrap())];
        let diff = diff(&live, &target, &protected, &options).unwrap();
        assert!(!diff.exact());
        json!(diff.verify(&live, &target).unwrap().reveal())
    };
    let live: Vec<Value> = (0..40).map(text).collect();
    let mut target = live.clone();
    target.remove(30);
    target.insert(0, text(100));
    let two = json!([{"op": "remove", "path": "/l/30"}, {"op": "add", "path": "/l/0", "value": text(100)}]);
    assert_eq!(patch(json!(live), json!(target)), two);
    // Keeping the one that is in both would take four operations.
    let around = |inner: [Value; 3]| json!([text(1), inner[0], inner[1], inner[2], text(2)]);
    let live = around([json!(1), json!("x"), json!("y")]);
    let target = around([json!("v"), json!("w"), json!(1)]);
    let replaced =
        |at: usize, value: Value| json!({"op": "replace", "path": format!("/l/{at}"), "value": value});
    let three = [replaced(1, json!("v")), replaced(2, json!("w")), replaced(3, json!(1))];
    assert_eq!(patch(live, target), json!(three));
}

#[test]
fn usual_edits_of_large_lists_stay_within_the_budget() {
    let tool =
        |n: usize| json!({"name": format!("tool {n}"), "text": format!("what tool {n} does, at length")});
    let live: Value = (0..3000).map(tool).collect();
    let mut items = live.as_array().unwrap().clone();
    items.insert(1500, tool(9000));
    items.remove(20);
    items[2800]["text"] = json!("something else");
    let target = Value::from(items);
    let diff = diff(&live, &target, &[], &Options::default()).unwrap();
    assert!(diff.exact());
    assert_eq!(diff.reveal().0.len(), 3);
    diff.verify(&live, &target).unwrap();
}

#[test]
fn lists_of_numbers_are_replaced_whole_where_asked() {
    let options = Options { arrays: Arrays::Whole, ..Options::default() };
    let diff = diff(&json!({"l": [1, 2, 3]}), &json!({"l": [1, 3]}), &[], &options).unwrap();
    let expected = json!([{"op": "replace", "path": "/l", "value": [1, 3]}]);
    assert_eq!(json!(diff.reveal()), expected);
    assert_eq!(json!(diff.into_patch()), expected);
}
