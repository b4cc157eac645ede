//! What stops a run before its first write, with the numbers and what lifts it: P58, P74, P75, P76, P81, P88, P89.

use crate::support::binary::{folder, personactl, write};
use crate::support::raw::{RawServer, Seen, json};
use crate::support::{persona, sandbox};
use personactl::sandbox::Sandbox;
use std::path::Path;

fn settings(folder: &Path, text: &str) {
    std::fs::write(folder.join("personactl.yaml"), text).unwrap();
}

fn writes(sandbox: &Sandbox) -> usize {
    sandbox.recording().all().iter().filter(|request| request.method != "GET").count()
}

async fn crowd() -> Sandbox {
    sandbox((0..12).map(|n| persona(&format!("p{n:02}"), &format!("Persona {n:02}"))).collect()).await
}

#[tokio::test]
async fn no_files_never_lead_to_a_deletion_p74() {
    let sandbox = crowd().await;
    let at = sandbox.endpoint();
    let prune = "prune: [p00, p01]\n";
    for (what, text) in
        [("emptied", prune.to_owned()), ("mistyped", format!("{prune}personas: [persona/*.yaml]\n"))]
    {
        let folder = folder(&[]);
        if what == "mistyped" {
            write(folder.path(), "Ada", "You greet people.");
        }
        settings(folder.path(), &text);
        let ran = personactl(folder.path(), at, &["apply", "--yes", "--prune"]).await.exits(1);
        assert!(ran.stderr.contains("error["), "{what}: {}", ran.stderr);
        assert_eq!(writes(&sandbox), 0, "{what}");
    }
    // One unreadable file among good ones: nothing is known of the others then.
    let folder = folder(&[("Persona 05", "You greet people.")]);
    settings(folder.path(), prune);
    std::fs::write(folder.path().join("personas/bad.yaml"), b"persona_name: \xff\n").unwrap();
    personactl(folder.path(), at, &["apply", "--yes", "--prune"]).await.exits(1);
    assert_eq!(writes(&sandbox), 0);
}

#[tokio::test]
async fn too_many_deletions_or_changes_stop_the_run_and_the_flag_that_lifts_it_is_named_p75_p76() {
    let sandbox = crowd().await;
    let at = sandbox.endpoint();
    let folder = folder(&[("Persona 05", "New."), ("Persona 06", "New.")]);
    settings(folder.path(), "prune: [p00, p01, p02]\n");
    let ran = personactl(folder.path(), at, &["apply", "--yes", "--prune"]).await.exits(1);
    assert!(
        ran.stderr.contains("3 personas would be deleted") && ran.stderr.contains("--max-deletes 3"),
        "{}",
        ran.stderr
    );
    let limited = ["apply", "--yes", "--max-changes", "1"];
    let ran = personactl(folder.path(), at, &limited).await.exits(1);
    assert!(
        ran.stderr.contains("2 personas would be written") && ran.stderr.contains("--max-changes 2"),
        "{}",
        ran.stderr
    );
    assert_eq!(writes(&sandbox), 0);
    personactl(folder.path(), at, &["apply", "--yes", "--prune", "--max-deletes", "3"]).await.exits(0);
    let methods: Vec<_> = sandbox
        .recording()
        .all()
        .into_iter()
        .map(|request| request.method)
        .filter(|method| method != "GET")
        .collect();
    assert_eq!(methods, ["PATCH", "PATCH", "DELETE", "DELETE", "DELETE"]);
    assert_eq!(sandbox.personas().len(), 9);
}

#[tokio::test]
async fn another_account_than_the_expected_one_is_not_written_p81() {
    let sandbox = crowd().await;
    let folder = folder(&[("Persona 05", "New.")]);
    settings(folder.path(), "expect_personas: [p00, pfeed0000]\n");
    let ran = personactl(folder.path(), sandbox.endpoint(), &["apply", "--yes"]).await.exits(1);
    assert!(
        ran.stderr.contains("error[unexpected-account]") && ran.stderr.contains("pfeed0000"),
        "{}",
        ran.stderr
    );
    assert_eq!(writes(&sandbox), 0);
}

#[tokio::test]
async fn an_incomplete_listing_creates_and_deletes_nothing_p58() {
    let server = RawServer::start(|_, seen: &Seen| {
        let one = r#"{"persona_id": "p1", "persona_name": "Ada", "system_prompt": "You greet people."}"#;
        match seen.line.as_str() {
            line if line.contains("page=1&") => {
                json("200 OK", &format!(r#"{{"data": [{one}], "total_count": 3}}"#))
            }
            line if line.contains("page=") => json("200 OK", r#"{"data": [], "total_count": 3}"#),
            _ => json("200 OK", one),
        }
    });
    let folder = folder(&[("Ada", "You greet people."), ("Bob", "New.")]);
    settings(folder.path(), "prune: [p1]\n");
    let ran = personactl(folder.path(), &server.endpoint, &["apply", "--yes", "--prune"]).await;
    assert_ne!(ran.code, 0, "{}", ran.stdout);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("incomplete"), "{}{}", ran.stdout, ran.stderr);
    assert!(server.seen().iter().all(|seen| seen.line.starts_with("GET ")));
}

#[tokio::test]
async fn a_failed_write_names_file_persona_path_method_status_and_request_id_p88() {
    let sandbox = crowd().await;
    sandbox.set_faults(vec!["400,method=PATCH".parse().unwrap()]);
    let folder = folder(&[("Persona 05", "New.")]);
    let ran = personactl(folder.path(), sandbox.endpoint(), &["apply", "--yes"]).await.exits(1);
    for part in [
        "personas/Persona 05.yaml",
        "Persona 05",
        "PATCH",
        "/v2/personas/p05",
        "status 400",
        "request id sandbox-",
        "a fault that was asked for",
    ] {
        assert!(ran.stdout.contains(part), "{} lacks {part}", ran.stdout);
    }
}

#[tokio::test]
async fn known_limits_are_checked_in_all_files_before_the_first_request_p89() {
    let sandbox = crowd().await;
    let folder = folder(&[("Persona 05", "New.")]);
    let text = format!(
        "persona_name: Persona 06\nsystem_prompt: x\nlayers: {{perception: {{visual_tool_prompt: {}}}}}\n",
        "x".repeat(10_001)
    );
    std::fs::write(folder.path().join("personas/long.yaml"), text).unwrap();
    let ran = personactl(folder.path(), sandbox.endpoint(), &["apply", "--yes"]).await.exits(1);
    assert!(ran.stderr.contains("10000") || ran.stderr.contains("10,000"), "{}", ran.stderr);
    assert!(sandbox.recording().all().is_empty());
}
