//! `drift`: what the live side has that the files do not say.

use crate::support::{Account, Project};
use serde_json::json;

fn in_sync() -> (Project, Account) {
    let account = Account::of(vec![
        json!({"persona_id": "pa", "persona_name": "Ada", "system_prompt": "You greet people.", "greeting": "Hello."}),
    ]);
    let file = "persona_name: Ada\nsystem_prompt: You greet people.\n";
    (Project::with(file), account)
}

#[test]
fn p62_drift_is_always_exit_3_and_an_error_is_1() {
    let (project, account) = in_sync();
    project.run(["drift"]).at(account.endpoint()).exits(0).prints("0 drifted, 0 missing, 1 in sync");
    account.edit("pa", |persona| persona["system_prompt"] = "You shout.".into());
    let done = project.run(["drift"]).at(account.endpoint()).exits(3);
    done.prints("~ drifted Ada").prints("You shout.").prints("1 drifted");
    account.set_faults(vec!["403".parse().unwrap()]);
    project.run(["drift"]).at(account.endpoint()).says("403").exits(1);
}

#[test]
fn strict_counts_live_values_that_no_file_names_unless_they_are_defaults() {
    let (project, account) = in_sync();
    project
        .run(["drift", "--strict"])
        .at(account.endpoint())
        .exits(3)
        .prints("5 live values are not in the file");
    account.edit("pa", |persona| {
        persona.as_object_mut().unwrap().remove("greeting");
        persona["pipeline_mode"] = "full".into();
    });
    project.run(["drift", "--strict"]).at(account.endpoint()).exits(0).prints("0 drifted");
}

#[test]
fn a_persona_that_is_gone_is_missing() {
    let (project, account) = in_sync();
    account.uproot("pa");
    project.run(["drift"]).at(account.endpoint()).exits(3).prints("missing Ada").prints("1 missing");
    assert_eq!(account.writes(), [""; 0]);
}
