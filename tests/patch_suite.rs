//! The JSON Patch test suite (tests/fixtures/json-patch-test-suite) through our reading and applying.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use personactl::json::{equal, read_strict};
use personactl::patch::{apply, parse};
use serde_json::Value;

/// The cases, and how many of them there must be.
fn run(text: &str, expected: usize) {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut run = 0;
    for case in &cases {
        let name = case["comment"].as_str().unwrap_or_default();
        // Two cases repeat a key, which a value cannot: see `a_repeated_op_is_refused`.
        if case["error"].as_str().is_some_and(|error| error.contains("two 'op'")) {
            continue;
        }
        let (Some(document), Some(patch)) = (case.get("doc"), case.get("patch")) else { continue };
        run += 1;
        let mut outcome = document.clone();
        let applied = parse(patch.clone())
            .and_then(|patch| apply(&mut outcome, &patch).map_err(|error| error.to_string()));
        if case.get("error").is_some() {
            assert!(applied.is_err(), "{name}: {case} gave {outcome}");
            assert_eq!(outcome, *document, "{name}: changed in spite of the error");
        } else {
            assert_eq!(applied, Ok(()), "{name}: {case}");
            if let Some(expected) = case.get("expected") {
                assert!(equal(&outcome, expected), "{name}: {outcome} instead of {expected}");
            }
        }
    }
    assert_eq!(run, expected);
}

#[test]
fn the_suite_passes() {
    run(include_str!("fixtures/json-patch-test-suite/tests.json"), 77);
}

#[test]
fn the_examples_of_the_specification_pass() {
    run(include_str!("fixtures/json-patch-test-suite/spec_tests.json"), 16);
}

#[test]
fn a_repeated_op_is_refused() {
    let text = br#"[{"op": "add", "path": "/baz", "value": "qux", "op": "remove"}]"#;
    assert_eq!(read_strict(text).unwrap_err().code(), "json-duplicate-key");
}
