//! Every folder in `tests/cases/plan/` is one case, and one named test; a new case needs no Rust.
//!
//! ```text
//! tests/cases/plan/<sentence_name>/
//!     desired/            persona files (what would stand in personas/)
//!     live.json           a list of live documents, as GET shows them
//!     personactl.yaml     optional settings
//!     args                optional further arguments of plan and apply, one a line; `#` begins a comment
//!     plan.txt.snap       what `plan` prints for people, with its exit code under --exit-code
//!     plan.json.snap      what `plan --format json` prints
//!     patch.json.snap     the bodies that `apply` really sends, secrets masked
//! ```
//!
//! The account of a case stores what it is sent exactly and refuses whatever is no right patch. Beside the snapshots,
//! each case is held to what must be true of every one: plan sends GET only (P90); it prints the same bytes twice
//! (P73), and for files saved on Windows (P06); its counts agree with the requests (P10); after apply a second plan
//! is empty, and a second apply changes nothing in the account (P01, P09).
//!
//! `cargo test --test cases p42` runs some of them. `INSTA_UPDATE=always` accepts new results: read them first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "integration/support/mod.rs"]
mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use personactl::source::disk::SETTINGS_FILE;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use support::{Docs, PlainAccount, Project, SECRETS};

fn main() -> std::process::ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/plan");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert!(!folders.is_empty(), "no case was found");
    let trials = folders.into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || Case::open(&folder).check())
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

struct Case {
    folder: PathBuf,
    live: Docs,
    args: Vec<String>,
}

impl Case {
    fn open(folder: &Path) -> Self {
        let live = std::fs::read(folder.join("live.json")).expect("a case has a live.json");
        let args = std::fs::read_to_string(folder.join("args")).unwrap_or_default();
        let lines = args.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Case {
            folder: folder.to_owned(),
            live: serde_json::from_slice(&live).expect("live.json is a list"),
            args: lines.map(str::to_owned).collect(),
        }
    }

    fn project(&self) -> Project {
        let project = Project::new();
        project.take_in(&self.folder.join("desired"), "personas");
        if let Ok(settings) = std::fs::read(self.folder.join(SETTINGS_FILE)) {
            project.write(SETTINGS_FILE, settings);
        }
        project
    }

    /// A run of a command with the arguments of the case.
    fn run(&self, project: &Project, account: &PlainAccount, command: &[&str]) -> support::Run {
        let args = command.iter().map(|arg| (*arg).to_owned()).chain(self.args.clone());
        project.run(args).at(account.endpoint()).secrets().any_stderr()
    }

    fn check(&self) -> Result<(), Failed> {
        let account = PlainAccount::of(self.live.clone());
        let project = self.project();
        let data = self.run(&project, &account, &["plan", "--format", "json"]).ends();
        if data.stdout.is_empty() {
            return self.check_faulty(&project, &account);
        }
        let document = data.json();
        let exit = exit_of(&document["summary"]);
        assert_eq!(data.code, Some(if exit == 3 { 0 } else { exit }), "{data}");

        let text = self.run(&project, &account, &["plan", "--exit-code"]).exits(exit);
        let mut shown = format!("{}\nexit code: {exit}\n", text.stdout.trim_end());
        if !text.stderr.is_empty() {
            shown = format!("{shown}stderr:\n{}", text.stderr);
        }
        self.snapshot("plan.txt", &shown);
        self.snapshot("plan.json", &data.stdout);

        let again = self.run(&project, &account, &["plan", "--format", "json"]).ends();
        assert_eq!(again.stdout, data.stdout, "P73: the same input gives the same bytes");
        self.check_windows(&account, &data.stdout);
        assert_eq!(account.take_writes(), [], "P90: plan only reads");
        Self::check_counts(&document);

        let applied = self.run(&project, &account, &["apply", "--yes"]).ends();
        let sent = account.take_writes();
        self.snapshot("patch.json", &pretty(&sent));
        Self::check_requests(&document, &sent);
        if exit == 1 {
            let expected = if sent.is_empty() { 1 } else { 4 };
            assert_eq!(applied.code, Some(expected), "P61, P87: {applied}");
            return Ok(());
        }
        assert_eq!(applied.code, Some(0), "{applied}");

        let after = account.docs();
        self.run(&project, &account, &["plan", "--exit-code"]).exits(0);
        self.run(&project, &account, &["apply", "--yes"]).exits(0);
        assert_eq!(account.docs(), after, "P09: a second apply changes nothing");
        Ok(())
    }

    /// The files are at fault: that is said, and nothing is sent, not even a GET.
    fn check_faulty(&self, project: &Project, account: &PlainAccount) -> Result<(), Failed> {
        let done = self.run(project, account, &["plan", "--exit-code"]).exits(1);
        self.snapshot("plan.txt", &format!("exit code: 1\nstderr:\n{}", done.stderr));
        self.run(project, account, &["apply", "--yes"]).exits(1);
        assert_eq!(account.take_all(), []);
        Ok(())
    }

    /// P06: line ends and a byte order mark as some editors of Windows write them change nothing.
    fn check_windows(&self, account: &PlainAccount, expected: &str) {
        let project = self.project();
        for path in project.all_files() {
            let text = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
            let mark =
                if path.extension().is_some_and(|extension| extension == "md") { "" } else { "\u{feff}" };
            std::fs::write(&path, format!("{mark}{}", text.replace('\n', "\r\n"))).unwrap();
        }
        let windows = self.run(&project, account, &["plan", "--format", "json"]).ends();
        assert_eq!(windows.stdout, expected, "P06: CRLF and a byte order mark change nothing");
    }

    /// P10: nothing counts as changed without something to show and to send, and nothing is sent without.
    fn check_counts(document: &Value) {
        for persona in document["personas"].as_array().unwrap() {
            let filled = |member: &str| !persona[member].as_array().unwrap().is_empty();
            let (changes, patch, hidden) = (filled("changes"), filled("patch"), filled("not_verifiable"));
            match persona["action"].as_str().unwrap() {
                "update" => assert!(changes && patch, "{persona}"),
                "create" => assert!(changes && !patch, "{persona}"),
                "in_sync" => assert!(!changes && (!patch || hidden), "{persona}"),
                _ => assert!(!patch, "{persona}"),
            }
        }
    }

    /// P10: every persona that is counted as changed gets a request, and no other does.
    fn check_requests(document: &Value, sent: &[support::Received]) {
        let creates = sent.iter().filter(|request| request.method == "POST").count();
        assert_eq!(Some(creates as u64), document["summary"]["create"].as_u64());
        for persona in document["personas"].as_array().unwrap() {
            let Some(id) = persona["persona_id"].as_str() else { continue };
            let path = format!("/v2/personas/{id}");
            let own: Vec<&Value> = sent
                .iter()
                .filter(|request| request.method == "PATCH" && request.path == path)
                .flat_map(|request| request.body.as_array().unwrap())
                .collect();
            let paths = |operations: Vec<&Value>| -> Vec<(String, String)> {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                operations.into_iter().map(|o| (text(&o["op"]), text(&o["path"]))).collect()
            };
            let planned = persona["patch"].as_array().unwrap().iter().collect();
            assert_eq!(paths(own), paths(planned), "what is sent is what the plan showed");
        }
    }

    fn snapshot(&self, name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&self.folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

fn exit_of(summary: &Value) -> i32 {
    let sum = |names: &[&str]| names.iter().map(|name| summary[name].as_u64().unwrap()).sum::<u64>();
    match () {
        () if sum(&["refused", "failed"]) > 0 => 1,
        () if sum(&["create", "update", "delete"]) > 0 => 3,
        () => 0,
    }
}

/// Requests for a snapshot: in the order of their paths, since parallel ones come in any; secrets by their names.
fn pretty(sent: &[support::Received]) -> String {
    let mut sent = sent.to_vec();
    sent.sort_by(|a, b| a.path.cmp(&b.path));
    let rows: Vec<Value> = sent
        .iter()
        .map(|request| json!({"method": request.method, "path": request.path, "body": request.body}))
        .collect();
    let mut text = serde_json::to_string_pretty(&rows).unwrap();
    for (name, secret) in SECRETS {
        text = text.replace(secret, &format!("(the value of {name})"));
    }
    text
}
