//! Plans that go through a file: P35, P82, P83.

use crate::support::binary::{folder, personactl, write};
use crate::support::{persona, sandbox, sandbox_with};
use personactl::sandbox::{Options, Seed};
use serde_json::{Value, json};
use std::path::Path;

const OUT: [&str; 3] = ["plan", "--out", "plan.json"];
const APPLY: [&str; 4] = ["apply", "--yes", "--plan", "plan.json"];

fn saved(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("plan.json")).unwrap()).unwrap()
}

#[tokio::test]
async fn a_saved_plan_is_applied_once_p83() {
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob")]).await;
    let folder = folder(&[("Ada", "New."), ("Carl", "New.")]);
    let at = sandbox.endpoint();
    personactl(folder.path(), at, &OUT).await.exits(0);
    assert_eq!((sandbox.recording().count("PATCH"), sandbox.recording().count("POST")), (0, 0));
    let ran = personactl(folder.path(), at, &APPLY).await.exits(0);
    assert!(ran.stdout.contains("1 created, 1 updated"), "{}", ran.stdout);
    let _ = sandbox.recording().take();
    let again = personactl(folder.path(), at, &APPLY).await.exits(1);
    assert!(
        again.stderr.contains("error[plan-applied]") && again.stderr.contains("plan --out"),
        "{}",
        again.stderr
    );
    assert!(sandbox.recording().all().is_empty(), "the second run sends nothing");
    // Even where nobody knows that it was applied, on another machine, it creates and overwrites nothing.
    std::fs::remove_dir_all(folder.path().join(".personactl/applied")).unwrap();
    let ran = personactl(folder.path(), at, &APPLY).await.exits(1);
    assert!(ran.stdout.contains("live-moved"), "{}", ran.stdout);
    assert_eq!((sandbox.recording().count("PATCH"), sandbox.recording().count("POST")), (0, 0));
}

#[tokio::test]
async fn what_moved_since_is_refused_and_the_rest_goes_on_p82() {
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob"), persona("p3", "Eve")]).await;
    let folder = folder(&[("Ada", "New."), ("Bob", "New."), ("Eve", "New.")]);
    personactl(folder.path(), sandbox.endpoint(), &OUT).await.exits(0);
    sandbox.edit("p1", |persona| persona["system_prompt"] = "Edited by hand.".into());
    write(folder.path(), "Bob", "Newer.");
    write(folder.path(), "Carl", "A persona that the plan does not know.");
    let report = ["apply", "--yes", "--plan", "plan.json", "--report", "report.json"];
    let ran = personactl(folder.path(), sandbox.endpoint(), &report).await.exits(4);
    assert!(
        ran.stdout.contains("live-moved")
            && ran.stdout.contains("file-moved")
            && ran.stdout.contains("not-in-plan"),
        "{}",
        ran.stdout
    );
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let ends: Vec<_> =
        report["personas"].as_array().unwrap().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(ends, ["refused", "refused", "refused", "done"]);
    let prompts: Vec<_> = sandbox.personas().iter().map(|persona| persona["system_prompt"].clone()).collect();
    assert_eq!(prompts, ["Edited by hand.", "You greet people.", "New."], "and Carl was not created");
}

#[tokio::test]
async fn a_plan_is_for_the_endpoint_that_it_was_made_for_and_of_this_version() {
    let one = sandbox(vec![persona("p1", "Ada")]).await;
    let other = sandbox(vec![persona("p1", "Ada")]).await;
    let folder = folder(&[("Ada", "New.")]);
    personactl(folder.path(), one.endpoint(), &OUT).await.exits(0);
    let ran = personactl(folder.path(), other.endpoint(), &APPLY).await.exits(1);
    assert!(ran.stderr.contains("error[plan-elsewhere]"), "{}", ran.stderr);
    let mut newer = saved(folder.path());
    newer["format_version"] = 2.into();
    std::fs::write(folder.path().join("plan.json"), newer.to_string()).unwrap();
    let ran = personactl(folder.path(), one.endpoint(), &APPLY).await.exits(1);
    assert!(ran.stderr.contains("its format is version 2"), "{}", ran.stderr);
    let ran = personactl(folder.path(), one.endpoint(), &["apply", "--yes", "--plan", "plan.json", "Ada"])
        .await
        .exits(2);
    assert!(ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
    assert_eq!(one.recording().count("PATCH") + other.recording().count("PATCH"), 0);
}

#[tokio::test]
async fn secrets_are_never_in_the_file_and_are_resolved_again_p35() {
    let mut ada = persona("p1", "Ada");
    ada["layers"] = json!({"llm": {"model": "own", "base_url": "https://old.example"}});
    ada["secrets"] = json!({"/layers/llm/api_key": "sk-live-secret-1"});
    let sandbox = sandbox_with(Options { seed: Seed::Personas(vec![ada]), ..Options::default() }).await;
    let folder = folder(&[]);
    let text = "persona_name: Ada\nsystem_prompt: You greet people.\nlayers:\n  llm:\n    model: own\n    \
                base_url: https://new.example\n    api_key: sk-file-secret-2\n";
    std::fs::write(folder.path().join("personas/a.yaml"), text).unwrap();
    let planned = personactl(folder.path(), sandbox.endpoint(), &OUT).await.exits(0);
    let file = std::fs::read_to_string(folder.path().join("plan.json")).unwrap();
    let applied = personactl(folder.path(), sandbox.endpoint(), &APPLY).await.exits(0);
    for text in [file, planned.stdout, planned.stderr, applied.stdout, applied.stderr] {
        assert!(!text.contains("secret-1") && !text.contains("secret-2"), "{text}");
    }
    assert_eq!(sandbox.personas()[0]["layers"]["llm"]["base_url"], "https://new.example");
    assert!(sandbox.recording().all().iter().all(|request| !request.mask_sent));
    // The key of the file is what the sandbox holds now: sending it again changes nothing.
    let _ = sandbox.recording().take();
    personactl(folder.path(), sandbox.endpoint(), &["apply", "--yes"]).await.exits(0);
    let patches: Vec<_> =
        sandbox.recording().all().into_iter().filter(|request| request.method == "PATCH").collect();
    assert!(patches.iter().all(|request| request.status == Some(304)) && patches.len() == 1, "{patches:?}");
}

#[tokio::test]
async fn two_applies_in_one_checkout_do_not_run_together() {
    let sandbox = sandbox(vec![persona("p1", "Ada")]).await;
    let folder = folder(&[("Ada", "New.")]);
    std::fs::create_dir(folder.path().join(".personactl")).unwrap();
    let held = std::fs::File::create(folder.path().join(".personactl/apply.lock")).unwrap();
    held.lock().unwrap();
    let ran = personactl(folder.path(), sandbox.endpoint(), &["apply", "--yes"]).await.exits(1);
    assert!(ran.stderr.contains("error[locked]"), "{}", ran.stderr);
    assert!(sandbox.recording().all().is_empty());
    drop(held);
    personactl(folder.path(), sandbox.endpoint(), &["apply", "--yes"]).await.exits(0);
}
