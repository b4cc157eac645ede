//! P66: escape bytes go to a terminal only.

use crate::support::{Account, Project};

#[test]
fn p66_no_escape_bytes_unless_they_are_asked_for() {
    let (project, account) = (Project::shipped(), Account::built_in());
    // The runner fails on any escape byte in these.
    for args in [
        &["plan"][..],
        &["plan", "--format", "json"],
        &["drift"],
        &["list"],
        &["plan", "-v"],
        &["plan", "-vv"],
    ] {
        for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")] {
            let run = project.run(args).at(account.endpoint()).secrets().env(name, value).any_stderr();
            assert!(!run.ends().stdout.is_empty());
        }
    }
    let json =
        project.run(["plan", "--format", "json", "--color", "always"]).at(account.endpoint()).secrets();
    json.exits(0).json();
    let never = project.run(["plan", "--color", "never"]).at(account.endpoint()).secrets();
    never.env("CLICOLOR_FORCE", "1").exits(0);
}

#[test]
fn p66_faults_of_files_are_shown_without_escape_bytes_too() {
    let project = Project::with("persona_name: Ada\nsystem_promt: \u{1b}[31mx\n");
    let done = project.run(["plan", "--sandbox"]).any_stderr().exits(1);
    assert!(done.stderr.contains("personas/a.yaml:2"), "{done}");
}

#[test]
fn colour_can_be_asked_for_and_changes_nothing_but_colour() {
    let (project, account) = (Project::shipped(), Account::built_in());
    let run = |args: &[&str]| project.run(args).at(account.endpoint()).secrets().coloured();
    let coloured = run(&["plan", "--color", "always"]).exits(0).stdout;
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert!(plain.contains("~ update Software Engineer Interviewer"), "{plain}");
    assert!(!plain.contains('\u{1b}'));
}

#[test]
fn data_goes_to_stdout_and_logs_to_stderr_as_text_or_json() {
    let (project, account) = (Project::shipped(), Account::built_in());
    let run = |args: &[&str]| project.run(args).at(account.endpoint()).secrets().any_stderr().exits(0);
    let quiet = run(&["plan", "--format", "json"]);
    assert_eq!(quiet.stderr, "");
    let loud = run(&["plan", "--format", "json", "-vv"]);
    assert_eq!(loud.stdout, quiet.stdout);
    assert!(loud.stderr.contains("GET") && loud.stderr.contains("/v2/personas"), "{loud}");
    let json = run(&["plan", "--format", "json", "-vv", "--log-format", "json"]);
    let lines: Vec<&str> = json.stderr.lines().filter(|line| line.starts_with('{')).collect();
    assert!(lines.len() > 3, "{json}");
    for line in lines {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn p64_a_run_that_comes_to_nothing_sets_the_verdict_and_says_why_in_an_annotation() {
    for command in ["plan", "drift"] {
        let project = Project::with("persona_name: [\n");
        let outputs = project.root().join("outputs");
        let run =
            project.run([command, "--format", "github"]).env("GITHUB_OUTPUT", outputs.to_str().unwrap());
        run.says("error[files]").exits(1).prints("::error title=personactl%3A files::1 error in the files");
        assert_eq!(project.read("outputs"), "verdict=failed\n");
    }
}

#[test]
fn annotations_name_files_from_the_workspace_on() {
    let account = Account::of(vec![]);
    let project = Project::with("persona_name: Ada\nsystem_prompt: You greet people.\n");
    let root = project.root().canonicalize().unwrap();
    let folder = root.file_name().unwrap().to_str().unwrap().to_owned();
    let run = project.run(["plan", "--format", "github"]).at(account.endpoint());
    let run = run.env("GITHUB_WORKSPACE", root.parent().unwrap().to_str().unwrap());
    run.exits(0).prints(&format!("file={folder}/personas/a.yaml"));
}
