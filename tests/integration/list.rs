//! `list`: files and live personas side by side.

use crate::support::{Account, Project};
use serde_json::json;

#[test]
fn every_file_and_every_live_persona_has_a_row() {
    let account = Account::of(vec![
        json!({"persona_id": "pa", "persona_name": "Ada", "system_prompt": "x"}),
        json!({"persona_id": "pb", "persona_name": "Bea", "system_prompt": "x"}),
        json!({"persona_id": "ps", "persona_name": "Stock", "system_prompt": "x", "persona_type": "system"}),
    ]);
    let project = Project::new()
        .file("personas/a.yaml", "persona_name: Ada\nsystem_prompt: x\n")
        .file("personas/deep/c.yml", "persona_name: Cay\nsystem_prompt: x\n");
    let done = project.run(["list"]).at(account.endpoint()).exits(0);
    insta::assert_snapshot!(done.stdout, @"
    STATE      NAME  ID  FILE
    both       Ada   pa  personas/a.yaml
    file only  Cay   -   personas/deep/c.yml
    live only  Bea   pb  -
    personas/deep/c.yml and pb have the same content: to adopt it, write `persona_id: pb` into the file
    ");
}

#[test]
fn p80_a_name_that_cannot_be_told_apart_is_an_error_with_both_ids() {
    let twin = |id: &str| json!({"persona_id": id, "persona_name": "Ada", "system_prompt": "x"});
    let account = Account::of(vec![twin("pa"), twin("pb")]);
    let project = Project::with("persona_name: Ada\nsystem_prompt: x\n");
    let run = project.run(["list"]).at(account.endpoint());
    run.says("2 live personas are called `Ada`: pa, pb").exits(1).prints("ambiguous-name");
}
