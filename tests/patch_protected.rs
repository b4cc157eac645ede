//! Protected, hidden and unsure places: what the patch may write, and which error says that it cannot.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use jsonptr::{Pointer, PointerBuf};
use personactl::patch::{Arrays, DiffError, Operations, Options, Protected, diff};
use serde_json::{Value, json};

fn pointer(text: &str) -> &Pointer {
    Pointer::parse(text).unwrap()
}

fn at(live: &str, target: &str) -> Protected {
    Protected::at(pointer(live), pointer(target))
}

fn gone(live: &str) -> Protected {
    Protected::gone(pointer(live))
}

fn unsure(places: &[&str]) -> Options {
    let unsure = places.iter().map(|place| PointerBuf::parse(*place).unwrap()).collect();
    Options { unsure, ..Options::default() }
}

/// The patch between two objects beside which there is so much else that neither document is sent whole.
fn patch(live: &Value, target: &Value, protected: &[Protected], options: &Options) -> Value {
    let beside = |document: &Value| {
        let mut document = document.clone();
        document["rest"] = json!("a text of a persona, and texts are long ".repeat(8));
        document
    };
    bare_patch(&beside(live), &beside(target), protected, options)
}

/// The patch between two documents; it has been verified.
fn bare_patch(live: &Value, target: &Value, protected: &[Protected], options: &Options) -> Value {
    let diff = diff(live, target, protected, options).unwrap();
    json!(diff.verify(live, target).unwrap().reveal())
}

fn refusal(live: &Value, target: &Value, protected: &[Protected]) -> DiffError {
    diff(live, target, protected, &Options::default()).err().unwrap()
}

#[test]
fn an_unsure_member_is_added_whole_where_another_one_is_edited() {
    let live = json!({"o": {"x": 1, "y": 2}, "p": {"x": 1, "y": 2}});
    let target = json!({"o": {"x": 1, "y": 3}, "p": {"x": 1, "y": 3}});
    let expected = json!([
        {"op": "add", "path": "/o", "value": {"x": 1, "y": 3}},
        {"op": "replace", "path": "/p/y", "value": 3},
    ]);
    assert_eq!(patch(&live, &target, &[], &unsure(&["/o"])), expected);
    // However deep it is.
    let deep = |x: usize| json!({"a": {"b": {"l": [{"m": {"x": x, "y": 1}}]}}});
    let expected = json!([{"op": "add", "path": "/a/b/l/0/m", "value": {"x": 2, "y": 1}}]);
    assert_eq!(patch(&deep(1), &deep(2), &[], &unsure(&["/a/b/l/0/m"])), expected);
    // The same where it is empty, and where a list holds the object that it is a member of.
    let (live, target) = (json!({"l": [1, {"m": null}]}), json!({"l": [1, {"m": "t"}]}));
    let expected = json!([{"op": "add", "path": "/l/1/m", "value": "t"}]);
    assert_eq!(patch(&live, &target, &[], &unsure(&["/l/1/m"])), expected);
}

#[test]
fn what_is_unsure_and_stays_is_not_written() {
    let document = json!({"o": {"x": 1}, "l": [null]});
    assert_eq!(patch(&document, &document, &[], &unsure(&["/o", "/o/x", "/l/0"])), json!([]));
}

#[test]
fn an_unsure_place_that_is_a_list_element_or_is_not_there_changes_nothing() {
    // `add` at a list element would insert another one.
    let (live, target) = (json!({"l": [1, 2], "m": {"a": 1}}), json!({"l": [1, 3], "m": {"a": 2}}));
    let expected = json!([
        {"op": "replace", "path": "/l/1", "value": 3},
        {"op": "replace", "path": "/m/a", "value": 2},
    ]);
    for elsewhere in ["/l/1", "/l/2", "/l/x", "/m/b", "/m/a/b", "/x/y"] {
        assert_eq!(patch(&live, &target, &[], &unsure(&[elsewhere])), expected, "{elsewhere}");
    }
}

#[test]
fn an_unsure_member_is_no_cheaper_than_it_is() {
    // Two operations inside cost more than one that writes the object.
    let document = |m: usize, n: usize| json!({"a_name_that_is_so_long_that_it_counts": {"m": m, "n": n}});
    let place = "/a_name_that_is_so_long_that_it_counts";
    let whole = json!([{"op": "replace", "path": place, "value": {"m": 2, "n": 2}}]);
    let unsure = unsure(&[&format!("{place}/m")]);
    assert_eq!(patch(&document(1, 1), &document(2, 2), &[], &unsure), whole);
}

#[test]
fn the_whole_document_may_be_unsure() {
    let expected = json!([{"op": "add", "path": "", "value": {"a": 2}}]);
    assert_eq!(bare_patch(&json!({"a": 1}), &json!({"a": 2}), &[], &unsure(&[""])), expected);
}

/// A server that keeps a secret below `/l/0` which goes: what stays of the element would keep it.
#[test]
fn an_element_whose_hidden_value_goes_is_written_whole() {
    let text = "a text that is worth keeping, if there were no secret beside it";
    for secret in ["/l/1/key", "/l/1/inner/key", "/l/1/inner"] {
        let live = json!({"l": [0, {"name": "a", "text": text}]});
        // Another element in its place, and one that looks the same.
        for name in ["b", "a"] {
            let target = json!({"l": [0, {"name": name, "text": text}]});
            let whole = json!([{"op": "replace", "path": "/l/1", "value": {"name": name, "text": text}}]);
            assert_eq!(patch(&live, &target, &[gone(secret).hidden()], &Options::default()), whole);
        }
    }
}

/// Where one element would have to be written whole, another one is edited instead.
#[test]
fn an_element_that_may_be_edited_takes_the_place_of_one_that_may_not() {
    let text = "a text that is worth keeping, even if another operation is needed for it";
    let shorter =
        |id: &str| json!([{"op": "remove", "path": "/l/1"}, {"op": "replace", "path": id, "value": 1}]);
    // The first looks as wanted, but the hidden value in it must go.
    let element = |id: usize| json!({"id": id, "text": text});
    let (live, target) = (json!({"l": [0, element(1), element(2)]}), json!({"l": [0, element(1)]}));
    let secret = gone("/l/1/key").hidden();
    assert_eq!(patch(&live, &target, &[secret], &Options::default()), shorter("/l/1/id"));
    // A member of the first is unsure, so that it is written whole if it changes.
    let element = |id: usize, x: usize| json!({"id": id, "m": {"x": x, "text": text}});
    let (live, target) = (json!({"l": [0, element(1, 1), element(2, 2)]}), json!({"l": [0, element(1, 2)]}));
    assert_eq!(patch(&live, &target, &[], &unsure(&["/l/1/m"])), shorter("/l/1/id"));
    // Lists are to be written whole, except for the one with a protected place in it.
    let element = |id: usize, x: usize| json!({"identity": id, "m": [text, x]});
    let (live, target) =
        (json!({"l": [{"p": 1}, element(1, 1), element(2, 2)]}), json!({"l": [{"p": 1}, element(1, 2)]}));
    let whole = Options { arrays: Arrays::Whole, ..Options::default() };
    assert_eq!(patch(&live, &target, &[at("/l/0/p", "/l/0/p")], &whole), shorter("/l/1/identity"));
}

#[test]
fn the_innermost_element_goes_with_its_hidden_value() {
    let live = json!({"l": [{"name": "a", "m": [{"n": 1}, {"n": 2}]}]});
    let target = json!({"l": [{"name": "a", "m": [{"n": 1}, {"n": 2}]}]});
    let expected = json!([{"op": "replace", "path": "/l/0/m/1", "value": {"n": 2}}]);
    let secret = gone("/l/0/m/1/key").hidden();
    assert_eq!(patch(&live, &target, &[secret], &Options::default()), expected);
}

/// The lists look equal; but the element with the secret is to be the last, and the first is a new one.
#[test]
fn an_element_with_a_hidden_value_changes_places_with_one_that_looks_the_same() {
    let live = json!({"l": [{"n": 1}, {"n": 1}]});
    let down = at("/l/0/key", "/l/1/key").hidden();
    let expected =
        json!([{"op": "remove", "path": "/l/1"}, {"op": "add", "path": "/l/0", "value": {"n": 1}}]);
    assert_eq!(patch(&live, &live, &[down], &Options::default()), expected);
}

/// Moved, the object would take its secret along.
#[test]
fn what_goes_with_a_hidden_value_is_neither_moved_nor_copied() {
    let all =
        Options { operations: Operations { r#move: true, copy: true, test: false }, ..Options::default() };
    let text = "a text that is worth fetching from where it is";
    let (live, target) = (json!({"a": {"x": text}}), json!({"b": {"x": text}}));
    let expected = json!([
        {"op": "add", "path": "/b", "value": {}},
        {"op": "move", "from": "/a/x", "path": "/b/x"},
        {"op": "remove", "path": "/a"},
    ]);
    assert_eq!(patch(&live, &target, &[gone("/a/key").hidden()], &all), expected);
}

#[test]
fn a_hidden_value_that_goes_with_a_member_or_beside_one_that_stays_needs_no_rewriting() {
    let (live, target) = (json!({"o": {"a": 1, "b": 2}}), json!({"o": {"a": 1, "b": 3}}));
    let edit = json!([{"op": "replace", "path": "/o/b", "value": 3}]);
    assert_eq!(patch(&live, &target, &[gone("/o/key").hidden()], &Options::default()), edit);
    // The element holds something else that survives, so that it stays as it is.
    let (live, target) = (json!({"l": [{"a": 1, "b": 2}]}), json!({"l": [{"a": 1, "b": 3}]}));
    let edit = json!([{"op": "replace", "path": "/l/0/b", "value": 3}]);
    let places = [gone("/l/0/key").hidden(), at("/l/0/other", "/l/0/other").hidden()];
    assert_eq!(patch(&live, &target, &places, &Options::default()), edit);
    // An element that is not there has nothing to lose, nor has what comes behind its list.
    let document = |n: usize| json!({"l": [{"a": 1}, {"a": 2}], "m": [{"a": 3}, n]});
    let last = json!([{"op": "replace", "path": "/m/1", "value": 2}]);
    assert_eq!(patch(&document(1), &document(2), &[gone("/l/2/key").hidden()], &Options::default()), last);
    // What live shows is gone as soon as it is taken out: nothing is left behind.
    let shown = [gone("/l/0/b")];
    assert_eq!(patch(&live, &target, &shown, &Options::default()), edit);
}

#[test]
fn nothing_is_written_over_what_is_protected() {
    let long = "a value that is longer than the list of operations that it takes to keep it";
    let live = json!({"o": {"keep": long, "a": 1, "b": 2, "c": 3}});
    let target = json!({"o": {"keep": long, "d": 4}});
    let removal = |key: &str| json!({"op": "remove", "path": format!("/o/{key}")});
    let expected =
        json!([removal("a"), removal("b"), removal("c"), {"op": "add", "path": "/o/d", "value": 4}]);
    assert_eq!(patch(&live, &target, &[at("/o/keep", "/o/keep")], &Options::default()), expected);
    // Without it, the object is written whole: that is shorter.
    let (live, target) = (json!({"o": {"a": 1, "b": 2, "c": 3}}), json!({"o": {"d": 4}}));
    let whole = json!([{"op": "replace", "path": "/o", "value": {"d": 4}}]);
    assert_eq!(patch(&live, &target, &[], &Options::default()), whole);
}

#[test]
fn a_refusal_names_the_place_that_is_in_the_way() {
    let in_the_way = |live: &Value, target: &Value, places: &[Protected]| match refusal(live, target, places)
    {
        DiffError::Protected { pointer } => pointer.to_string(),
        other => panic!("{other}"),
    };
    let live = json!({"a": {"x": 1}, "b": {"x": 1}, "c": 1, "l": [{"x": 1}, 2]});
    let keep = |places: &[&str]| -> Vec<Protected> { places.iter().map(|place| at(place, place)).collect() };
    let all = keep(&["/a/x", "/b/x", "/c"]);
    // Changed, removed, removed from above, and replaced from above.
    assert_eq!(in_the_way(&live, &json!({"a": {"x": 1}, "b": {"x": 2}, "c": 1}), &all), "/b/x");
    assert_eq!(in_the_way(&live, &json!({"a": {"x": 1}, "b": {}, "c": 1}), &all), "/b/x");
    assert_eq!(in_the_way(&live, &json!({"a": {"x": 1}, "b": {"x": 1}}), &all), "/c");
    assert_eq!(in_the_way(&live, &json!({"a": 1, "b": {"x": 1}, "c": 1}), &all), "/a/x");
    // A member that live does not show is written by no `add`.
    let added = json!({"a": {"x": 1, "key": 1}, "b": {"x": 1}, "c": 1, "l": [{"x": 1}, 2]});
    assert_eq!(in_the_way(&live, &added, &keep(&["/b/key", "/a/key"])), "/a/key");
    // What goes is never in the way.
    let mut places = vec![gone("/b/x")];
    places.extend(keep(&["/c"]));
    assert_eq!(in_the_way(&live, &json!({"a": {"x": 1}}), &places), "/c");
    // The place is told as live has it, although elements that cross are put in order first.
    let live = json!({"l": [{"k": 1, "x": 1}, {"k": 2, "x": 2}]});
    let target = json!({"l": [{"k": 2, "x": 2}, {"k": 1, "x": 9}]});
    let places =
        [at("/l/0/x", "/l/1/x").hidden(), at("/l/1/k", "/l/0/k").hidden(), at("/l/1/x", "/l/0/x").hidden()];
    assert_eq!(in_the_way(&live, &target, &places), "/l/0/x");
}

#[test]
fn an_element_with_a_hidden_member_becomes_one_that_has_none_of_its_name() {
    let text = "a text that is worth keeping, even if another operation is needed for it";
    let live = json!({"l": [{"id": 1, "text": text}]});
    let new = json!({"id": 1, "text": text, "key": "of another one"});
    let target = json!({"l": [new, {"id": 2, "text": text}]});
    let hidden = Protected::anywhere(pointer("/l/0/key")).hidden();
    let expected = json!([
        {"op": "replace", "path": "/l/0/id", "value": 2},
        {"op": "add", "path": "/l/0", "value": new},
    ]);
    assert_eq!(patch(&live, &target, &[hidden], &Options::default()), expected);
    // The same for a member that live shows.
    let live = json!({"l": [{"id": 1, "text": text, "p": 1}]});
    let target = json!({"l": [{"id": 1, "text": text}, {"id": 2, "text": text, "p": 1}]});
    let expected = json!([
        {"op": "replace", "path": "/l/0/id", "value": 2},
        {"op": "add", "path": "/l/0", "value": {"id": 1, "text": text}},
    ]);
    let shown = Protected::anywhere(pointer("/l/0/p"));
    assert_eq!(patch(&live, &target, &[shown], &Options::default()), expected);
}

#[test]
fn an_element_that_is_kept_is_edited_even_where_sending_it_anew_takes_less() {
    let live = json!({"l": [{"n": 0}, {"p": 1, "a": 1, "b": 2, "c": 3, "d": 4}, {"n": 2}]});
    let target = json!({"l": [{"n": 3}, {"n": 0}, {"p": 1}]});
    let removal = |key: &str| json!({"op": "remove", "path": format!("/l/1/{key}")});
    let edits = [removal("a"), removal("b"), removal("c"), removal("d")];
    for place in [Protected::anywhere(pointer("/l/1/p")), at("/l/1/p", "/l/2/p")] {
        let patch = patch(&live, &target, &[place], &Options::default());
        let found: Vec<&Value> =
            patch.as_array().unwrap().iter().filter(|step| edits.contains(step)).collect();
        assert_eq!(found.len(), 4, "{patch}");
    }
}

/// Two elements look alike; what is hidden in one of them decides which one stays.
#[test]
fn of_elements_that_look_alike_the_one_stays_whose_place_is_given() {
    let text = "a text that is worth keeping, if there is a choice";
    let element = |n: usize| json!({"n": n, "text": text});
    let one = |live: &[usize], target: &[usize], from: usize, to: usize| {
        let list = |numbers: &[usize]| json!({"l": numbers.iter().map(|n| element(*n)).collect::<Vec<_>>()});
        let hidden = at(&format!("/l/{from}/key"), &format!("/l/{to}/key")).hidden();
        patch(&list(live), &list(target), &[hidden], &Options::default())
    };
    let removed = |place: &str| json!({"op": "remove", "path": place});
    let added = |place: &str, n: usize| json!({"op": "add", "path": place, "value": element(n)});
    let edited = |place: &str, n: usize| json!({"op": "replace", "path": place, "value": n});
    // The first of two, the second of two, and others around them.
    assert_eq!(one(&[1, 1], &[1], 0, 0), json!([removed("/l/1")]));
    assert_eq!(one(&[1, 1], &[1], 1, 0), json!([removed("/l/0")]));
    assert_eq!(one(&[0, 1, 1, 5], &[0, 1, 5], 2, 1), json!([removed("/l/1")]));
    assert_eq!(one(&[0, 1, 1], &[9, 1], 1, 1), json!([removed("/l/2"), edited("/l/0/n", 9)]));
    assert_eq!(one(&[1, 1, 0], &[1, 9], 1, 0), json!([removed("/l/0"), edited("/l/1/n", 9)]));
    // The other way round: what is added looks like what is there.
    assert_eq!(one(&[1], &[1, 1], 0, 0), json!([added("/l/-", 1)]));
    assert_eq!(one(&[1], &[1, 1], 0, 1), json!([added("/l/0", 1)]));
    assert_eq!(one(&[0, 1, 5], &[0, 1, 1, 5], 1, 2), json!([added("/l/1", 1)]));
    assert_eq!(one(&[0, 1, 5], &[0, 1, 1, 5], 1, 1), json!([added("/l/2", 1)]));
}

#[test]
fn a_hidden_member_is_no_obstacle_to_others_of_its_name() {
    let live = json!({"a": {"x": 1}, "b": {"x": 1}});
    let target = json!({"a": {"x": 1}, "b": {"x": 1, "key": 2}});
    let expected = json!([{"op": "add", "path": "/b/key", "value": 2}]);
    assert_eq!(patch(&live, &target, &[at("/a/key", "/a/key")], &Options::default()), expected);
}

#[test]
fn places_that_contradict_the_documents_or_each_other_are_refused() {
    let live = json!({"a": {"x": 1}, "l": [{"x": 1}, {"x": 2}]});
    let reason = |places: &[Protected]| match refusal(&live, &live, places) {
        DiffError::Place { pointer, reason } => {
            assert_eq!(pointer, places[places.len() - 1].live);
            reason
        }
        other => panic!("{other}"),
    };
    assert_eq!(reason(&[at("/a/x", "/a")]), "it ends up at another depth");
    assert_eq!(reason(&[at("/a", "/a/x")]), "it ends up at another depth");
    assert_eq!(reason(&[at("/l/0/x", "/l/0")]), "it ends up at another depth");
    assert_eq!(reason(&[at("/a/x", "/b/x")]), "a member above it is renamed");
    assert_eq!(reason(&[at("/a/x", "/a/y")]), "a member above it is renamed");
    for element in ["2", "-", "x", "01", "+1"] {
        let place = format!("/l/{element}/x");
        assert_eq!(reason(&[at(&place, "/l/1/x")]), "live has no such list element");
        assert_eq!(
            reason(&[at("/l/0/x", "/l/0/x"), Protected::anywhere(pointer(&place))]),
            reason(&[at(&place, &place)])
        );
    }
    for partner in ["-", "x", "01", "+1"] {
        assert_eq!(reason(&[at("/l/1/x", &format!("/l/{partner}/x"))]), "it is no list index");
    }
    assert_eq!(
        reason(&[at("/l/0/x", "/l/0/x"), at("/l/0/y", "/l/1/y")]),
        "its list element is given two places"
    );
}

#[test]
fn two_elements_that_are_given_one_place_are_refused() {
    let (live, target) = (json!({"l": [{"x": 1}, {"x": 1}]}), json!({"l": [{"x": 1}, {"y": 1}]}));
    let error = refusal(&live, &target, &[at("/l/0/x", "/l/0/x"), at("/l/1/x", "/l/0/x")]);
    assert_eq!(error.code(), "patch-protected");
    // One that is not there cannot change places with one that is.
    let places = [at("/l/0/x", "/l/1/x"), at("/l/1/x", "/l/2/x"), at("/l/2/x", "/l/0/x")];
    let error = refusal(&live, &target, &places);
    assert_eq!(error.code(), "patch-protected-place");
}

#[test]
fn two_places_in_one_element_that_agree_are_fine() {
    let document = json!({"l": [{"x": 1, "y": 1}, 2]});
    let places = [at("/l/0/x", "/l/0/x"), at("/l/0/y", "/l/0/y"), at("/l/1", "/l/1")];
    assert_eq!(patch(&document, &document, &places, &Options::default()), json!([]));
}

#[test]
fn tests_guard_what_is_known_for_sure_and_nothing_else() {
    let live = json!({"a": 1, "b": {"x": 1}, "c": null, "d": {"x": {"y": 1}}, "e": 1});
    let target = json!({"a": 2, "b": {"x": 1, "z": 1}, "c": 3, "e": 1});
    let operations = Operations { test: true, ..Operations::default() };
    let guarded = |protected: &[Protected], places: &[&str]| -> Vec<String> {
        let patch = patch(&live, &target, protected, &Options { operations, ..unsure(places) });
        let tests = patch.as_array().unwrap().iter().filter(|operation| operation["op"] == "test");
        tests.map(|test| test["path"].as_str().unwrap().to_owned()).collect()
    };
    // What is only added needs none.
    assert_eq!(guarded(&[], &[]), ["/a", "/c", "/d"]);
    assert_eq!(guarded(&[], &["/c", "/b"]), ["/a", "/d"]);
    // Not where something below or above is hidden.
    assert_eq!(guarded(&[gone("/d/x/y").hidden()], &[]), ["/a", "/c"]);
    assert_eq!(guarded(&[gone("/d/x/y")], &[]), ["/a", "/c", "/d"]);
    assert_eq!(guarded(&[gone("/d").hidden()], &[]), ["/a", "/c"]);
}
