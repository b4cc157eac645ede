//! Ctrl-C and SIGTERM against the real binary, and the report that it leaves.
#![cfg(unix)]

use crate::support::{KEY, persona, sandbox};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

fn start(folder: &Path, address: &str) -> Child {
    std::fs::create_dir_all(folder.join("personas")).unwrap();
    for name in ["Ada", "Bob", "Eve"] {
        let text = crate::support::project::file(name, "You greet everybody.");
        std::fs::write(folder.join(format!("personas/{name}.yaml")), text).unwrap();
    }
    Command::new(env!("CARGO_BIN_EXE_personactl"))
        .args([
            "apply",
            "--yes",
            "--concurrency",
            "1",
            "--report",
            "report.json",
            "--endpoint",
            address,
            "-C",
        ])
        .arg(folder)
        .current_dir(folder)
        .env_clear()
        .env("TAVUS_API_KEY", KEY)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Sends a signal to a process that this test has started.
fn signal(child: &Child, name: &str) -> ExitStatus {
    Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap()
}

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

async fn wait(child: Child) -> Output {
    tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap()
}

fn report(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("report.json")).unwrap()).unwrap()
}

fn ends(report: &Value) -> Vec<&str> {
    report["personas"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_first_signal_waits_for_what_is_under_way_and_the_code_tells_which_it_was() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob"), persona("p3", "Eve")]).await;
        // The first PATCH takes long enough for the signal to come while it is under way.
        sandbox.set_faults(vec!["latency=400ms,method=PATCH".parse().unwrap()]);
        let folder = tempfile::tempdir().unwrap();
        let child = start(folder.path(), &sandbox.endpoint().to_string());
        until(|| sandbox.recording().count("PATCH") == 1).await;
        assert!(signal(&child, name).success());
        let output = wait(child).await;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(&format!("SIG{name}: no new writes")), "{stderr}");
        assert_eq!(sandbox.recording().count("PATCH"), 1);
        let report = report(folder.path());
        assert_eq!(ends(&report), ["done", "not_tried", "not_tried"]);
        assert_eq!((&report["exit_code"], &report["ended"]), (&Value::from(code), &Value::Bool(true)));
        assert_eq!(report["interrupted"], format!("SIG{name}"));
        // A re-run does the rest and nothing twice.
        sandbox.set_faults(Vec::new());
        let again = wait(start(folder.path(), &sandbox.endpoint().to_string())).await;
        assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stderr));
        assert_eq!(sandbox.recording().count("PATCH"), 3);
    }
}

#[tokio::test]
async fn the_second_signal_ends_at_once_and_the_report_says_what_is_unclear() {
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob"), persona("p3", "Eve")]).await;
    sandbox.set_faults(vec!["hang,method=PATCH".parse().unwrap()]);
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), &sandbox.endpoint().to_string());
    until(|| sandbox.recording().count("PATCH") == 1).await;
    assert_eq!(ends(&report(folder.path())), ["not_tried"; 3], "there is a report from the start");
    signal(&child, "INT");
    // Signals of one kind that come together are one: the second is sent until it is heard.
    while child.try_wait().unwrap().is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        signal(&child, "INT");
    }
    let output = wait(child).await;
    assert_eq!(output.status.code(), Some(130));
    let report = report(folder.path());
    assert_eq!(ends(&report), ["failed", "not_tried", "not_tried"]);
    assert_eq!(report["personas"][0]["error"]["code"], "unclear");
}
