//! `apply --write-ids`, and what `list` says of personas that could be adopted.

use crate::support::{Account, PlainAccount, Project};
use serde_json::json;

#[test]
fn the_id_of_a_created_persona_goes_into_its_file_and_every_other_byte_stays() {
    let text = "# Our greeter.\npersona_name: Ada # as on the door\nsystem_prompt: |\n  You greet people.\n\n# the end\n";
    let (project, account) = (Project::with(text), Account::of(Vec::new()));
    let run = project.run(["apply", "--yes", "--write-ids"]).at(account.endpoint());
    run.says("wrote persona_id").exits(0).prints("1 created");
    let id = account.named("Ada")["persona_id"].as_str().unwrap().to_owned();
    let written = project.read("personas/a.yaml");
    assert_eq!(written.replace(&format!("persona_id: {id}\n"), ""), text);
    assert!(written.contains(&id));
    // From now on the name may change.
    project.edit("personas/a.yaml", "Ada #", "Grace #");
    project.run(["apply", "--yes"]).at(account.endpoint()).exits(0).prints("1 updated");
    assert_eq!(account.named("Grace")["persona_id"], id);
}

#[test]
fn with_an_environment_the_id_goes_into_its_overlay_and_the_shared_file_stays() {
    let text = "persona_name: Ada\nsystem_prompt: You greet people.\n";
    let project = Project::with(text).file("personactl.yaml", "environments: {prod: {}, test: {}}\n");
    let account = Account::of(Vec::new());
    let run = project.run(["apply", "--yes", "--write-ids", "--env", "prod"]).at(account.endpoint());
    run.says("personas/a.prod.yaml").exits(0);
    let id = account.named("Ada")["persona_id"].as_str().unwrap().to_owned();
    assert_eq!(project.read("personas/a.yaml"), text);
    assert_eq!(project.read("personas/a.prod.yaml"), format!("persona_id: {id}\n"));
    project.run(["plan", "--env", "prod"]).at(account.endpoint()).exits(0).prints("1 in sync");
}

#[test]
fn an_overlay_of_another_ending_gets_the_id_and_no_second_one_is_made() {
    let project = Project::with("persona_name: Ada\nsystem_prompt: You greet people.\n")
        .file("personactl.yaml", "environments: {prod: {}}\n")
        .file("personas/a.prod.yml", "greeting: Hello # from prod\n");
    let account = Account::of(Vec::new());
    let run = project.run(["apply", "--yes", "--write-ids", "--env", "prod"]).at(account.endpoint());
    run.says("personas/a.prod.yml").exits(0);
    let id = account.named("Ada")["persona_id"].as_str().unwrap().to_owned();
    assert_eq!(
        project.read("personas/a.prod.yml"),
        format!("greeting: Hello # from prod\npersona_id: {id}\n")
    );
    project.run(["plan", "--env", "prod"]).at(account.endpoint()).exits(0).prints("1 in sync");
}

#[cfg(unix)]
#[test]
fn a_linked_file_stays_a_link_and_what_it_leads_to_gets_the_id() {
    let project =
        Project::new().file("shared/a.yaml", "persona_name: Ada\nsystem_prompt: You greet people.\n");
    std::fs::create_dir_all(project.root().join("personas")).unwrap();
    let link = project.root().join("personas/a.yaml");
    std::os::unix::fs::symlink("../shared/a.yaml", &link).unwrap();
    let account = Account::of(Vec::new());
    project.run(["apply", "--yes", "--write-ids"]).at(account.endpoint()).says("wrote persona_id").exits(0);
    assert!(link.is_symlink());
    assert!(project.read("shared/a.yaml").contains("persona_id: p"));
}

#[test]
fn p61_what_landed_is_told_even_where_the_last_report_cannot_be_written_and_the_exit_code_says_partly() {
    let project = Project::with("persona_name: Ada\nsystem_prompt: You greet people.\n");
    let folder = project.root().join("out");
    std::fs::create_dir_all(&folder).unwrap();
    let (report, gone) = (folder.join("report.json"), folder);
    // Somebody takes the report's folder away while the persona is being created.
    let account = PlainAccount::hooked(Vec::new(), move |request, _| {
        if request.method == "POST" {
            std::fs::remove_dir_all(&gone).unwrap();
        }
    });
    let run = project.run(["apply", "--yes", "--report", report.to_str().unwrap()]).at(account.endpoint());
    run.says("error[file-write]").exits(4).prints("created: Ada").prints("Apply: 1 created");
    assert_eq!(account.docs().len(), 1);
}

#[test]
fn list_names_look_alikes_and_how_to_adopt_them() {
    let project = Project::with("persona_name: Order Desk\nsystem_prompt: You take orders.\n")
        .file("personas/b.yaml", "persona_name: Gate Keeper\nsystem_prompt: You open gates.\n");
    let persona = |id: &str, name: &str, prompt: &str| json!({"persona_id": id, "persona_name": name, "system_prompt": prompt});
    let account = Account::of(vec![
        persona("p01", "Bookings", "You take orders."),
        persona("p02", "Gate keeper", "You shut gates."),
        persona("p03", "Somebody else", "You do something else."),
    ]);
    let done = project.run(["list"]).at(account.endpoint()).exits(0);
    let done =
        done.prints("personas/a.yaml and p01 have the same content: to adopt it, write `persona_id: p01`");
    done.prints("personas/b.yaml and p02 have a similar name").prints_no("p03 have");
    assert!(account.writes().is_empty());
}
