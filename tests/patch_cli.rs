//! `personactl patch` from the outside: what goes to which stream, and the exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use assert_cmd::Command;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A folder of files and a run of `patch` in it; streams that are not expected must be empty.
struct Run {
    folder: tempfile::TempDir,
    arguments: Vec<String>,
    stdin: Vec<u8>,
}

struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn new(arguments: &str) -> Self {
        let arguments = arguments.split(' ').map(str::to_owned).collect();
        Run { folder: tempfile::tempdir().unwrap(), arguments, stdin: Vec::new() }
    }

    fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    fn stdin(mut self, text: &str) -> Self {
        self.stdin = text.as_bytes().to_vec();
        self
    }

    fn run(self) -> Outcome {
        let mut command = Command::cargo_bin("personactl").unwrap();
        let output = command
            .env_clear()
            .current_dir(self.folder.path())
            .arg("patch")
            .args(&self.arguments)
            .write_stdin(self.stdin.clone())
            .output()
            .unwrap();
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Exit 0, nothing on stderr; what was printed.
    fn prints(self) -> Value {
        let outcome = self.run();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
        serde_json::from_str(&outcome.stdout).unwrap()
    }

    /// Exit `code`, nothing on stdout; what was said.
    fn fails(self, code: i32) -> String {
        let outcome = self.run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{}", outcome.stderr);
        outcome.stderr
    }
}

#[test]
fn prints_the_smallest_patch() {
    let run = Run::new("a.json b.json").file("a.json", "[1, 2, 3]").file("b.json", "[2, 3.0]");
    assert_eq!(run.prints(), json!([{"op": "remove", "path": "/0"}]));
}

#[test]
fn equal_documents_give_an_empty_patch() {
    let run = Run::new("a.json b.yaml")
        .file("a.json", r#"{"a": 1, "b": [2]}"#)
        .file("b.yaml", "b: [2.0]\na: 1.0\n");
    assert_eq!(run.prints(), json!([]));
}

#[test]
fn reads_standard_input_as_json_or_yaml() {
    for text in ["{\"a\": true}", "a: true\n"] {
        let run = Run::new("- b.json").stdin(text).file("b.json", r#"{"a": 1}"#);
        assert_eq!(run.prints(), json!([{"op": "replace", "path": "/a", "value": 1}]), "{text}");
    }
    Run::new("- -").stdin("1").fails(2);
}

/// A rename is one short operation, however small the value, and also where the whole document is small enough to be
/// sent anew.
#[test]
fn a_renamed_member_is_moved() {
    let rename = |before: Value, after: Value| {
        Run::new("a.json b.json --operations add,remove,replace,move")
            .file("a.json", before.to_string())
            .file("b.json", after.to_string())
            .prints()
    };
    let moved = json!([{"op": "move", "from": "/a", "path": "/z"}]);
    assert_eq!(
        rename(json!({"a": 0.5, "c": "kept as it is"}), json!({"z": 0.5, "c": "kept as it is"})),
        moved
    );
    assert_eq!(rename(json!({"a": {"b": 1}, "c": 2}), json!({"z": {"b": 1}, "c": 2})), moved);
}

#[test]
fn move_copy_and_test_are_opt_in() {
    let text = "a value that is long enough to be worth a move";
    let run = |operations: &str| {
        Run::new(&format!("a.json b.json{operations}"))
            .file("a.json", json!({"old": text}).to_string())
            .file("b.json", json!({"new": text}).to_string())
            .prints()
    };
    assert_eq!(run(""), json!([{"op": "replace", "path": "", "value": {"new": text}}]));
    assert_eq!(run(" --operations move"), json!([{"op": "move", "from": "/old", "path": "/new"}]));
    assert_eq!(
        run(" --operations add,remove,replace,move,test"),
        json!([{"op": "test", "path": "/old", "value": text}, {"op": "move", "from": "/old", "path": "/new"}])
    );
}

#[test]
fn check_says_what_was_found() {
    let outcome = Run::new("a.json b.json --check").file("a.json", "[1, 2]").file("b.json", "[2]").run();
    assert_eq!(outcome.code, Some(0));
    assert_eq!(outcome.stdout, "[{\"op\":\"remove\",\"path\":\"/0\"}]\n");
    assert_eq!(outcome.stderr, "checked: the patch gives AFTER; 1 operations, 29 bytes, proven minimal\n");
}

#[test]
fn protected_places_are_not_written() {
    let (before, after) = (json!({"o": {"key": "hidden", "a": 1}}), json!({"o": {"key": "hidden", "b": 2}}));
    let run = |protect: &str, after: &Value| {
        Run::new(&format!("a.json b.json{protect}"))
            .file("a.json", before.to_string())
            .file("b.json", after.to_string())
    };
    let edits = json!([{"op": "remove", "path": "/o/a"}, {"op": "add", "path": "/o/b", "value": 2}]);
    assert_eq!(run(" --protect /o/key", &after).prints(), edits);
    // A place that live does not show counts as well.
    assert_eq!(run(" --protect /o/api_key", &after).prints(), edits);
    let message = run(" --protect /o/key", &json!({"o": 1})).fails(1);
    assert!(message.contains("error[patch-protected]") && message.contains("`/o/key`"), "{message}");
    run(" --protect o", &after).fails(2);
}

#[test]
fn applies_a_patch() {
    let patch =
        json!([{"op": "test", "path": "/a", "value": 1.0}, {"op": "move", "from": "/a", "path": "/b"}]);
    let run =
        Run::new("--apply d.json p.json").file("d.json", r#"{"a": 1}"#).file("p.json", patch.to_string());
    assert_eq!(run.prints(), json!({"b": 1}));
    for (patch, code) in [
        (json!([{"op": "remove", "path": "/x"}]), "patch-does-not-apply"),
        (json!([{"op": "test", "path": "/a", "value": 2}]), "patch-test-failed"),
        (json!([{"op": "spam", "path": "/a"}]), "patch-malformed"),
        (json!([{"op": "add", "path": "/a"}]), "patch-malformed"),
        (json!({"op": "add"}), "patch-malformed"),
    ] {
        let run =
            Run::new("--apply d.json p.json").file("d.json", r#"{"a": 1}"#).file("p.json", patch.to_string());
        let message = run.fails(1);
        assert!(message.contains(code), "{patch}: {message}");
    }
}

#[test]
fn bad_input_is_a_clear_error_and_prints_nothing() {
    for (name, text, expected) in [
        ("a.json", "{\"a\": 1,\n \"a\": 2}", "a.json: line 2, column 2: the key `a` is repeated"),
        ("a.json", "[1e999]", "json-number-range"),
        ("a.json", "[123456789012345678901234567890]", "json-number-range"),
        ("a.json", "[0.10000000000000000001]", "json-number-precision"),
        ("a.json", "[\"\\ud800\"]", "json-surrogate"),
        ("a.json", "[1,]", "json-syntax"),
        ("a.json", "", "json-syntax"),
        ("a.yaml", "a: 1\na: 2\n", "a.yaml:2:1"),
        ("a.yaml", "a: .nan\n", "a.yaml"),
        ("a.yaml", "a: !env NAME\n", "yaml-tag"),
        ("a.yaml", "a: [\n", "a.yaml"),
        ("a.yaml", "", "yaml-empty"),
    ] {
        let message = Run::new(&format!("{name} b.json")).file(name, text).file("b.json", "1").fails(1);
        assert!(message.starts_with("error[") && message.contains(expected), "{text}: {message}");
    }
    let deep = "[".repeat(1001) + &"]".repeat(1001);
    assert!(
        Run::new("a.json b.json").file("a.json", deep).file("b.json", "1").fails(1).contains("1000 levels")
    );
    assert!(Run::new("missing.json b.json").file("b.json", "1").fails(1).contains("missing.json"));
    Run::new("a.json").fails(2);
    Run::new("a.json b.json --operations swap").fails(2);
}

#[test]
fn batch_answers_line_by_line() {
    let lines = [
        r#"{"id": "one", "before": [1, 2], "after": [2]}"#,
        "",
        r#"{"id": 2, "before": {"n": 1e400}, "after": {}}"#,
        r#"{"kind": "x", "id": "three", "before": {"n": 18446744073709551616}, "after": {}}"#,
        r#"{"id": "four", "before": {"a": 1}, "after": {"a": 1.0}}"#,
    ];
    let outcome = Run::new("--batch cases.jsonl --check").file("cases.jsonl", lines.join("\n")).run();
    assert_eq!(outcome.code, Some(0));
    assert_eq!(outcome.stderr, "note: 2 of 4 pairs were refused; their rows say why\n");
    let rows: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (one, four) = (&rows[0], &rows[3]);
    assert_eq!(
        (&one["id"], &one["ops"], &one["bytes"], &one["exact"]),
        (&json!("one"), &json!(1), &json!(29), &json!(true))
    );
    assert_eq!(one["patch"], json!([{"op": "remove", "path": "/0"}]));
    assert!(one["ns"].as_u64().is_some_and(|ns| ns > 0));
    assert_eq!((&four["ops"], &four["bytes"], &four["patch"]), (&json!(0), &json!(2), &json!([])));
    for (row, id) in [(&rows[1], json!(2)), (&rows[2], json!("three"))] {
        assert_eq!(row["id"], id);
        assert!(row["error"].as_str().unwrap().contains("64-bit"));
        assert!(row.get("patch").is_none());
    }
}

#[test]
fn a_batch_that_is_no_batch_prints_nothing() {
    let good = r#"{"id": 1, "before": 1, "after": 2}"#;
    for bad in ["{", "[]", r#"{"id": 1, "before": 1}"#] {
        let message = Run::new("--batch c.jsonl").file("c.jsonl", format!("{good}\n{bad}\n")).fails(1);
        assert!(message.contains("c.jsonl: line 2"), "{bad}: {message}");
    }
}

#[test]
fn the_run_is_the_same_every_time() {
    let folder: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", "json-patch-test-suite"].iter().collect();
    let print = || {
        let mut command = Command::cargo_bin("personactl").unwrap();
        let files = [folder.join("tests.json"), folder.join("spec_tests.json")];
        command.arg("patch").args(["--operations", "move,copy,test", "--batch"]).arg("-");
        let texts = files.map(|file| std::fs::read_to_string(file).unwrap());
        let [before, after] = texts.map(|text| serde_json::from_str::<Value>(&text).unwrap());
        let output = command
            .write_stdin(json!({"id": 1, "before": before, "after": after}).to_string())
            .output()
            .unwrap();
        let mut row: Value = serde_json::from_slice(&output.stdout).unwrap();
        row["ns"] = json!(0);
        row.to_string()
    };
    assert_eq!(print(), print());
}
