//! Files that are at fault: the place is named, the exit code is 1 or 2, and no request is sent, not even a GET.

use crate::support::{Account, Project};

/// Every command that reads files says this about them, and sends nothing.
#[track_caller]
fn refused(project: &Project, parts: &[&str]) {
    let account = Account::built_in();
    for args in [&["plan"][..], &["apply", "--yes"], &["drift"], &["list"]] {
        let mut run = project.run(args).at(account.endpoint()).secrets();
        for part in parts {
            run = run.says(part);
        }
        let done = run.ends();
        assert!(matches!(done.code, Some(1 | 2)), "{args:?}: {done}");
        assert_eq!(done.stdout, "", "{args:?}");
    }
    assert_eq!(account.recording().lines(), [""; 0], "nothing was sent");
}

const GOOD: &str = "persona_name: Ada\nsystem_prompt: You greet people.\n";

#[test]
fn p74_no_files_is_an_error_and_changes_nothing() {
    refused(&Project::new(), &["no-files", "no persona file matches", "hint:"]);
    let empty =
        Project::new().file("personactl.yaml", "personas: [nowhere/*.yaml]\n").file("personas/a.yaml", GOOD);
    refused(&empty, &["nowhere/*.yaml"]);
}

#[test]
fn a_folder_that_is_named_like_a_file_or_a_link_to_nothing_is_an_error() {
    let project = Project::with(GOOD);
    std::fs::create_dir(project.root().join("personas/x.yaml")).unwrap();
    std::fs::write(project.root().join("personas/x.yaml/b.yaml"), GOOD.replace("Ada", "Bea")).unwrap();
    let account = Account::built_in();
    // A folder of that name is a folder; what is in it counts.
    project.run(["plan"]).at(account.endpoint()).exits(0).prints("create Bea");
    let include = Project::with("persona_name: Ada\nsystem_prompt: !file prompts.md\n");
    std::fs::create_dir(include.root().join("personas/prompts.md")).unwrap();
    refused(&include, &["personas/a.yaml:2", "is a folder, not a file"]);
}

#[cfg(unix)]
#[test]
fn p28_a_link_to_nothing_or_out_of_the_project_is_an_error_with_its_path() {
    let project = Project::with(GOOD);
    std::os::unix::fs::symlink("gone.yaml", project.root().join("personas/b.yaml")).unwrap();
    refused(&project, &["personas/b.yaml", "link to nothing"]);
    let elsewhere = Project::with(GOOD);
    let project = Project::with("persona_name: Ada\nsystem_prompt: !file prompt.md\n");
    std::os::unix::fs::symlink(
        elsewhere.root().join("personas/a.yaml"),
        project.root().join("personas/prompt.md"),
    )
    .unwrap();
    refused(&project, &["personas/a.yaml:2", "outside the project"]);
}

#[test]
fn bytes_that_are_no_utf8_are_an_error_with_their_place() {
    let project = Project::new().file("personas/a.yaml", b"persona_name: Ada\nsystem_prompt: \xff\xfe\n");
    refused(&project, &["personas/a.yaml:2", "UTF-8"]);
}

#[test]
fn text_that_is_no_yaml_or_no_persona_is_an_error_with_its_place() {
    refused(&Project::with("persona_name: [Ada\nsystem_prompt: x\n"), &["personas/a.yaml:"]);
    refused(&Project::with("- a\n- b\n"), &["personas/a.yaml:1"]);
    refused(&Project::with(""), &["personas/a.yaml", "holds nothing"]);
    refused(&Project::with("system_prompt: x\n"), &["personas/a.yaml", "persona_name"]);
}

#[test]
fn p27_a_misspelt_key_is_an_error_with_its_line_and_the_right_name() {
    refused(
        &Project::with("persona_name: Ada\nsystem_promt: x\n"),
        &["personas/a.yaml:2:1", "system_prompt"],
    );
}

#[test]
fn two_files_for_one_persona_are_an_error_that_names_both() {
    let project = Project::with(GOOD).file("personas/b.yaml", GOOD);
    refused(&project, &["personas/a.yaml", "personas/b.yaml"]);
    let pinned = "persona_id: p5a1c0ffee01\nsystem_prompt: x\n";
    let project = Project::with(pinned).file("personas/deep/b.yaml", pinned);
    refused(&project, &["personas/a.yaml", "personas/deep/b.yaml", "p5a1c0ffee01"]);
}

#[test]
fn faults_of_all_files_are_said_at_once() {
    let project = Project::with("persona_name: Ada\nsystem_promt: x\n")
        .file("personas/b.yaml", "persona_name: Bea\npersona_name: Bee\nsystem_prompt: x\n")
        .file(
            "personas/c.yaml",
            "persona_name: Cay\nsystem_prompt: x\nlayers: {llm: {extra_body: {temperature: 9}}}\n",
        );
    refused(&project, &["personas/a.yaml:2", "personas/b.yaml:2", "personas/c.yaml:3", "4 errors"]);
}

#[test]
fn a_settings_file_with_a_fault_stops_every_command() {
    let project = Project::with(GOOD).file("personactl.yaml", "concurency: 3\n");
    refused(&project, &["personactl.yaml:1:1", "concurrency"]);
}

#[test]
fn a_file_alone_may_not_send_the_key_elsewhere() {
    let project = Project::with(GOOD).file("personactl.yaml", "endpoint: https://elsewhere.example\n");
    let run = project.run(["plan"]).secrets().says("personactl.yaml:1").says("--endpoint");
    assert_eq!(run.exits(2).stdout, "");
    let plain = project.run(["plan"]).at("http://elsewhere.example").says("elsewhere.example");
    plain.exits(2);
}
