//! `plan`: GET only, the whole account seen once, and exit codes on request.

use crate::support::{Account, Project};
use personactl::sandbox::{Options, Seed};
use serde_json::{Value, json};

fn account(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| json!({"persona_id": format!("p{n:04}"), "persona_name": format!("Persona {n}"), "system_prompt": "You greet people."}))
        .collect()
}

#[test]
fn p62_p63_pending_changes_are_exit_0_and_with_exit_code_3_and_failures_are_1() {
    let account = Account::of(account(1));
    let project = Project::with("persona_name: Persona 0\nsystem_prompt: You sing.\n");
    let at = |args: &[&str]| project.run(args).at(account.endpoint());
    at(&["plan"]).exits(0).prints("1 to update");
    at(&["plan", "--exit-code"]).exits(3).prints("1 to update");
    project.edit("personas/a.yaml", "sing", "greet people");
    at(&["plan", "--exit-code"]).exits(0).prints("1 in sync");
    account.set_faults(vec!["403".parse().unwrap()]);
    at(&["plan", "--exit-code"]).says("403").exits(1);
}

#[test]
fn p57_every_persona_of_an_account_of_any_size_is_seen_once() {
    for (count, pages_from_zero) in
        [(0, false), (1, true), (100, false), (101, true), (101, false), (250, false)]
    {
        let seed = Seed::Personas(account(count));
        let account = Account::with(Options { seed, pages_from_zero, ..Options::default() });
        let project = Project::with("persona_name: New\nsystem_prompt: You are new.\n");
        let plan = project.run(["plan", "--format", "json"]).at(account.endpoint()).exits(0).json();
        let mut seen: Vec<&str> = plan["personas"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|persona| persona["action"] == "unmanaged")
            .map(|persona| persona["persona_id"].as_str().unwrap())
            .collect();
        seen.sort_unstable();
        let all: Vec<String> = (0..count).map(|n| format!("p{n:04}")).collect();
        assert_eq!(seen, all, "{count}");
        assert_eq!(plan["summary"]["unmanaged"], count);
        assert_eq!(plan["summary"]["create"], 1);
    }
}

#[test]
fn p90_plan_drift_and_list_send_get_only() {
    let (project, account) = (Project::shipped(), Account::built_in());
    for (args, code) in [
        (&["plan"][..], 0),
        (&["plan", "--create", "--skip-opaque"], 0),
        (&["plan", "--format", "json", "--exit-code"], 3),
        (&["drift"], 3),
        (&["drift", "--strict", "--format", "json"], 3),
        (&["list"], 0),
        (&["apply", "--dry-run"], 0),
    ] {
        project.run(args).at(account.endpoint()).secrets().exits(code);
        let lines = account.take_lines();
        assert!(lines.len() > 1 || args == ["list"], "{args:?}: {lines:?}");
        assert!(lines.iter().all(|line| line.starts_with("GET ") && line.ends_with(" 200")), "{lines:?}");
    }
}

#[test]
fn the_json_plan_has_the_documented_members() {
    let (project, account) = (Project::shipped(), Account::built_in());
    let plan = project.run(["plan", "--format", "json"]).at(account.endpoint()).secrets().exits(0).json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for member in ["format_version", "environment", "endpoint", "base", "summary", "personas"] {
        assert!(keys(&plan).contains(&member.to_owned()), "{member}");
    }
    for persona in plan["personas"].as_array().unwrap() {
        for member in
            ["name", "persona_id", "file", "action", "changes", "not_verifiable", "unlisted", "patch"]
        {
            assert!(keys(persona).contains(&member.to_owned()), "{member}");
        }
        for change in persona["changes"].as_array().unwrap() {
            for member in ["path", "kind", "before", "after", "origin", "secret", "file", "line", "column"] {
                assert!(keys(change).contains(&member.to_owned()), "{member}");
            }
            assert!(change["line"].as_u64() > Some(0) && change["column"].as_u64() > Some(0), "{change}");
        }
    }
    let summary = &plan["summary"];
    let count = |action: &str| {
        plan["personas"].as_array().unwrap().iter().filter(|persona| persona["action"] == action).count()
    };
    for action in ["create", "update", "in_sync", "delete", "unmanaged", "refused", "failed"] {
        assert_eq!(summary[action], count(action), "P10: {action}");
    }
}

#[test]
fn p73_two_runs_give_the_same_bytes() {
    let (project, account) = (Project::shipped(), Account::built_in());
    for args in [&["plan"][..], &["plan", "--format", "json"], &["list"], &["plan", "-v"]] {
        let run = || {
            let done = project.run(args).at(account.endpoint()).secrets().any_stderr().ends();
            (done.code, done.stdout)
        };
        assert_eq!(run(), run(), "{args:?}");
    }
}

#[test]
fn a_persona_that_cannot_be_read_is_a_failure_and_the_others_are_planned() {
    let account = Account::of(account(2));
    account.set_faults(vec!["403,path=/v2/personas/p0000".parse().unwrap()]);
    let project = Project::new()
        .file("personas/a.yaml", "persona_name: Persona 0\nsystem_prompt: You sing.\n")
        .file("personas/b.yaml", "persona_name: Persona 1\nsystem_prompt: You sing.\n");
    let done = project.run(["plan"]).at(account.endpoint()).exits(1);
    done.prints("! failed Persona 0").prints("403").prints("~ update Persona 1").prints("1 failed");
}

#[test]
fn misspelt_flags_are_usage_errors_before_any_request() {
    let account = Account::of(account(1));
    let project = Project::with("persona_name: Persona 0\nsystem_prompt: You sing.\n");
    for args in [&["plan", "--exit-cod"][..], &["plann"], &["plan", "--format", "yml"], &["apply", "--yess"]]
    {
        project.run(args).at(account.endpoint()).any_stderr().exits(2);
    }
    assert_eq!(account.recording().lines(), [""; 0]);
}
