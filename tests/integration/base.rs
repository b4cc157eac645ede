//! `--base`: files as of a Git revision, in real repositories made here.

use crate::support::{Account, Project};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always"])
        .args(args)
        .env_remove("GIT_DIR")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

fn repository(project: &Project) -> String {
    git(project.root(), &["init", "-q", "-b", "main"]);
    commit(project.root(), "first")
}

fn ada(greeting: &str) -> String {
    format!("persona_name: Ada\nsystem_prompt: You greet people.\ngreeting: {greeting}\n")
}

fn live(greeting: &str) -> Value {
    json!({"persona_id": "p01", "persona_name": "Ada", "system_prompt": "You greet people.", "greeting": greeting})
}

fn names(account: &Account) -> Vec<String> {
    account.personas().iter().map(|persona| persona["persona_name"].as_str().unwrap().to_owned()).collect()
}

fn origins(plan: &Value) -> Vec<String> {
    let personas = plan["personas"].as_array().unwrap();
    let changes = personas.iter().flat_map(|persona| persona["changes"].as_array().unwrap());
    changes
        .map(|change| format!("{} {}", change["path"].as_str().unwrap(), change["origin"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_change_is_yours_drift_or_a_conflict_and_counted() {
    for (now, found, origin, exit) in
        [("b", "a", "yours", 0), ("a", "z", "drift", 0), ("b", "z", "conflict", 1)]
    {
        let (project, account) = (Project::with(&ada("a")), Account::of(vec![live(found)]));
        repository(&project);
        project.write("personas/a.yaml", ada(now));
        let plan = project
            .run(["plan", "--format", "json", "--base", "HEAD"])
            .at(account.endpoint())
            .exits(exit)
            .json();
        assert_eq!(origins(&plan), [format!("/greeting {origin}")]);
        assert_eq!(plan["summary"][origin], 1);
        assert_eq!(plan["base"], git(project.root(), &["rev-parse", "HEAD"]));
    }
}

#[test]
fn a_conflict_is_refused_and_written_only_when_accepted() {
    let (project, account) = (Project::with(&ada("a")), Account::of(vec![live("z")]));
    repository(&project);
    project.write("personas/a.yaml", ada("b"));
    let apply = |more: &[&str]| {
        let args = [&["apply", "--yes", "--base", "HEAD"], more].concat();
        project.run(args).at(account.endpoint())
    };
    apply(&[]).exits(1).prints("error[conflict]").prints("--accept-conflicts");
    assert_eq!(account.named("Ada")["greeting"], "z");
    apply(&["--accept-conflicts"]).exits(0);
    assert_eq!(account.named("Ada")["greeting"], "b");
}

#[test]
fn p19_a_key_that_the_base_named_and_the_file_does_not_is_removed() {
    let (project, account) = (Project::with(&ada("a")), Account::of(vec![live("a")]));
    repository(&project);
    project.write("personas/a.yaml", "persona_name: Ada\nsystem_prompt: You greet people.\n");
    project.run(["plan"]).at(account.endpoint()).exits(0).prints("1 in sync");
    project
        .run(["apply", "--yes", "--base", "HEAD"])
        .at(account.endpoint())
        .exits(0)
        .prints("- /greeting was \"a\"");
    assert_eq!(account.named("Ada").get("greeting"), None);
}

#[test]
fn p77_a_renamed_persona_is_an_update_and_a_renamed_file_is_nothing() {
    let (project, account) = (Project::with(&ada("a")), Account::of(vec![live("a")]));
    repository(&project);
    project.write("personas/a.yaml", ada("a").replace("Ada", "Grace"));
    let plan =
        project.run(["plan", "--format", "json", "--base", "HEAD"]).at(account.endpoint()).exits(0).json();
    assert_eq!(origins(&plan), ["/persona_name yours"]);
    assert_eq!((&plan["summary"]["create"], &plan["summary"]["delete"]), (&json!(0), &json!(0)));
    project.write("personas/a.yaml", ada("a"));
    std::fs::rename(project.root().join("personas/a.yaml"), project.root().join("personas/moved.yaml"))
        .unwrap();
    let run = project.run(["plan", "--prune", "--base", "HEAD"]).at(account.endpoint());
    run.exits(0).prints("Plan: 0 to create, 0 to update, 1 in sync");
}

#[test]
fn p78_a_persona_whose_file_is_gone_is_named_and_deleted_only_under_prune() {
    let project = Project::with(&ada("a"));
    let others = json!({"persona_id": "p02", "persona_name": "Other", "system_prompt": "x"});
    let account = Account::of(vec![live("a"), others]);
    project.write("personas/b.yaml", "persona_name: Bob\nsystem_prompt: You sing.\n");
    repository(&project);
    project.run(["apply", "--yes"]).at(account.endpoint()).exits(0);
    std::fs::remove_file(project.root().join("personas/b.yaml")).unwrap();
    let at = |args: &[&str]| project.run(args).at(account.endpoint());
    at(&["plan", "--base", "HEAD"]).exits(0).prints("is gone since the base; --prune deletes the persona");
    at(&["apply", "--yes", "--prune"]).exits(0);
    assert_eq!(names(&account), ["Ada", "Other", "Bob"]);
    at(&["apply", "--yes", "--prune", "--base", "HEAD"]).exits(0).prints("deleted: Bob");
    // A persona that no file ever meant is never deleted.
    assert_eq!(names(&account), ["Ada", "Other"]);
}

#[test]
fn p84_a_commit_older_than_the_applied_one_is_refused() {
    let (project, account) = (Project::with(&ada("a")), Account::of(vec![live("a")]));
    let first = repository(&project);
    project.write("personas/a.yaml", ada("b"));
    let second = commit(project.root(), "second");
    git(project.root(), &["update-ref", "refs/personactl/applied/default", &second]);
    git(project.root(), &["checkout", "-q", "--detach", &first]);
    let apply = |base: &str| project.run(["apply", "--yes", "--base", base]).at(account.endpoint());
    apply("refs/personactl/applied/default").says("error[older-commit]").exits(1);
    assert!(account.writes().is_empty());
    // A detached head at the applied commit itself is fine.
    git(project.root(), &["checkout", "-q", "--detach", &second]);
    apply("refs/personactl/applied/default").exits(0).prints("drift");
}

#[test]
fn the_all_zero_revision_is_no_base_and_said_aloud() {
    let (project, account) = (Project::with(&ada("b")), Account::of(vec![live("a")]));
    repository(&project);
    let zero = "0".repeat(40);
    let run = project.run(["plan", "--base", &zero]).at(account.endpoint());
    run.says("the all-zero revision").exits(0).prints("1 to update");
}

#[test]
fn what_git_does_not_know_is_an_error_that_says_what_to_do() {
    let account = Account::of(vec![live("a")]);
    let project = Project::with(&ada("a"));
    let plan = |project: &Project, base: &str| project.run(["plan", "--base", base]).at(account.endpoint());
    plan(&project, "HEAD").says("error[git-no-work-tree]").exits(1);
    let first = repository(&project);
    commit(project.root(), "second");
    plan(&project, "nonsense").says("error[revision-unknown]").exits(1);
    let option = project.run(["plan", "--base=--upload-pack=x"]).at(account.endpoint());
    option.says("error[revision-malformed]").exits(1);
    let shallow = tempfile::tempdir().unwrap();
    let source = format!("file://{}", project.root().display());
    let target = shallow.path().join("clone");
    git(shallow.path(), &["clone", "-q", "--depth", "1", &source, target.to_str().unwrap()]);
    let clone =
        project.run(["-C", target.to_str().unwrap(), "plan", "--base", &first]).at(account.endpoint());
    clone.says("error[revision-not-fetched]").says("fetch-depth: 0").exits(1);
    assert!(account.writes().is_empty());
}

#[test]
fn a_repository_above_the_project_and_a_worktree_of_a_bare_one_serve_as_well() {
    let account = Account::of(vec![live("a")]);
    let outer = tempfile::tempdir().unwrap();
    let project = outer.path().join("deep/project");
    std::fs::create_dir_all(project.join("personas/prompts")).unwrap();
    std::fs::write(project.join("personactl.yaml"), "# the root\n").unwrap();
    let file = "persona_name: Ada\nsystem_prompt: !file prompts/ada.md\ngreeting: a\n";
    std::fs::write(project.join("personas/a.yaml"), file).unwrap();
    std::fs::write(project.join("personas/prompts/ada.md"), "You greet people.").unwrap();
    // Elsewhere in the repository: not this project's business.
    std::fs::write(outer.path().join("broken.yaml"), "a: [").unwrap();
    git(outer.path(), &["init", "-q", "-b", "main"]);
    commit(outer.path(), "first");
    let bare = outer.path().join("bare.git");
    git(outer.path(), &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let tree: PathBuf = outer.path().join("tree");
    git(&bare, &["worktree", "add", "-q", tree.to_str().unwrap(), "main"]);
    let any = Project::with(&ada("a"));
    for root in [project, tree.join("deep/project")] {
        std::fs::write(root.join("personas/prompts/ada.md"), "You greet everyone.").unwrap();
        let folder = root.to_str().unwrap().to_owned();
        let run =
            any.run(["-C", &folder, "plan", "--format", "json", "--base", "HEAD"]).at(account.endpoint());
        assert_eq!(origins(&run.exits(0).json()), ["/system_prompt yours"], "{folder}");
    }
}

#[test]
fn a_submodule_is_no_part_of_the_base_and_never_a_deletion() {
    let inner = Project::with("persona_name: Ada\nsystem_prompt: You greet people.\ngreeting: a\n");
    repository(&inner);
    let project = Project::with("persona_name: Bob\nsystem_prompt: You sing.\n");
    repository(&project);
    git(project.root(), &["submodule", "--quiet", "add", inner.root().to_str().unwrap(), "personas/shared"]);
    commit(project.root(), "submodule");
    let account = Account::of(vec![live("a")]);
    let run = project.run(["apply", "--yes", "--prune", "--base", "HEAD"]).at(account.endpoint());
    let done = run.says("is a submodule").exits(0);
    done.prints("Plan: 1 to create, 0 to update, 1 in sync").prints_no("delete");
}

#[test]
fn without_a_key_plan_and_drift_compare_with_the_base_and_say_so() {
    let project = Project::with(&ada("a"));
    repository(&project);
    project.write("personas/a.yaml", ada("b"));
    let run = project.run(["plan", "--base", "HEAD"]);
    run.says("TAVUS_API_KEY is not set").exits(0).prints("no account was read").prints("1 to update");
    project.run(["plan"]).says("error[no-key]").exits(1);
}

#[test]
fn p77_a_persona_renamed_and_its_file_moved_at_once_is_an_update_and_never_deleted() {
    let (project, account) = (Project::with(&ada("a")), Account::of(vec![live("a")]));
    let first = repository(&project);
    git(project.root(), &["mv", "personas/a.yaml", "personas/moved.yaml"]);
    project.write("personas/moved.yaml", ada("a").replace("Ada", "Ada Prime"));
    let apply = project.run(["apply", "--yes", "--prune", "--base", &first]).at(account.endpoint());
    apply.exits(0).prints("0 to create, 1 to update").prints_no("delete");
    assert_eq!(names(&account), ["Ada Prime"]);
}

#[test]
fn p77_what_is_most_likely_a_rename_is_neither_created_nor_deleted() {
    let prompt = "You greet people at the door, take their coats and show them where the cloakroom is.";
    let file = |name: &str, greeting: &str| {
        format!("persona_name: {name}\nsystem_prompt: {prompt}\ngreeting: {greeting}\n")
    };
    let (project, found) = (Project::with(&file("Ada", "Hello")), live("Hello"));
    let account = Account::of(vec![
        serde_json::from_value(json!({"persona_id": found["persona_id"],
            "persona_name": "Ada", "system_prompt": prompt, "greeting": "Hello"}))
        .unwrap(),
    ]);
    let first = repository(&project);
    git(project.root(), &["mv", "personas/a.yaml", "personas/moved.yaml"]);
    project.write("personas/moved.yaml", file("Ada Prime", "Good evening"));
    let run = |more: &[&str]| {
        let args = ["apply", "--yes", "--prune", "--base", &first];
        project.run(args.iter().chain(more)).at(account.endpoint())
    };
    let refused = run(&[]).exits(1);
    refused.prints("error[likely-rename]").prints("persona_id: p01").prints_no("- delete");
    assert_eq!(names(&account), ["Ada"]);
    run(&["--create"]).exits(0);
    assert_eq!(names(&account), ["Ada Prime"]);
}

#[test]
fn what_is_new_or_was_deleted_on_the_live_side_has_an_origin_too() {
    let project =
        Project::with(&ada("a")).file("personas/b.yaml", "persona_name: Bob\nsystem_prompt: Sing.\n");
    repository(&project);
    // Ada was deleted by someone, Bob is there; Cy and the file for Dee are new.
    let persona =
        |id: &str, name: &str| json!({"persona_id": id, "persona_name": name, "system_prompt": "Sing."});
    let account = Account::of(vec![persona("p02", "Bob"), persona("p04", "Dee")]);
    project.write("personas/c.yaml", "persona_name: Cy\nsystem_prompt: Hum.\n");
    project.write("personas/d.yaml", "persona_name: Dee\nsystem_prompt: Whistle.\n");
    let plan = || project.run(["plan", "--format", "json", "--base", "HEAD"]).at(account.endpoint());
    assert_eq!(
        origins(&plan().exits(0).json()),
        [
            "/persona_name drift",
            "/system_prompt drift",
            "/greeting drift",
            "/persona_name yours",
            "/system_prompt yours",
            "/system_prompt yours",
        ]
    );
    let run = project.run(["plan", "--format", "github", "--base", "HEAD"]).at(account.endpoint());
    run.exits(0).prints("would be created again: someone deleted it on the live side");
    // Where files of the base cannot be read, nothing is claimed of those that have no counterpart.
    project.write("personas/d.yaml", "persona_name: [\n");
    commit(project.root(), "broken");
    project.write("personas/d.yaml", "persona_name: Dee\nsystem_prompt: Whistle.\n");
    let told = plan().says("the files had 1 error at the base").exits(0).json();
    assert_eq!(told["personas"][3]["changes"][0]["origin"], Value::Null);
}

#[test]
fn a_persona_that_someone_changed_since_its_file_was_there_is_deleted_only_when_that_is_accepted() {
    let project =
        Project::with(&ada("a")).file("personas/b.yaml", "persona_name: Bob\nsystem_prompt: Sing.\n");
    let first = repository(&project);
    git(project.root(), &["rm", "-q", "personas/a.yaml"]);
    let bob = json!({"persona_id": "p02", "persona_name": "Bob", "system_prompt": "Sing."});
    let account = Account::of(vec![live("theirs"), bob]);
    let run = |more: &[&str]| {
        let args = ["apply", "--yes", "--prune", "--base", &first];
        project.run(args.iter().chain(more)).at(account.endpoint())
    };
    run(&[]).exits(1).prints("error[conflict]").prints("--accept-conflicts");
    assert_eq!(names(&account), ["Ada", "Bob"]);
    run(&["--accept-conflicts"]).exits(0);
    assert_eq!(names(&account), ["Bob"]);
}

#[test]
fn p92_a_key_that_is_left_to_the_live_side_is_not_removed() {
    let (project, account) = (Project::with(&ada("a")), Account::of(vec![live("a")]));
    repository(&project);
    let file = "persona_name: Ada\nsystem_prompt: You greet people.\nreconcile: {ignore: [/greeting]}\n";
    project.write("personas/a.yaml", file);
    project.run(["plan", "--base", "HEAD"]).at(account.endpoint()).exits(0).prints("1 in sync");
}

#[test]
fn without_a_key_files_that_are_gone_are_told_and_the_selection_counts() {
    let project =
        Project::with(&ada("a")).file("personas/b.yaml", "persona_name: Bob\nsystem_prompt: Sing.\n");
    repository(&project);
    git(project.root(), &["rm", "-q", "personas/a.yaml"]);
    let plan = |more: &[&str]| {
        let run = project.run(["plan", "--base", "HEAD"].iter().chain(more));
        run.says("TAVUS_API_KEY is not set").exits(0)
    };
    plan(&[]).prints("the file of `Ada`, personas/a.yaml, is gone").prints("0 to update, 1 in sync");
    plan(&["--prune"]).prints("- delete Ada").prints("1 to delete");
    project.write("personas/c.yaml", "persona_name: Cy\nsystem_prompt: Hum.\n");
    plan(&["Bob"]).prints("1 in sync").prints_no("Cy").prints_no("Ada");
}

#[test]
fn a_repository_that_a_hook_names_to_its_children_changes_nothing() {
    let account = Account::of(vec![live("a")]);
    let outer = tempfile::tempdir().unwrap();
    let any = Project::with(&ada("a"));
    let project = outer.path().join("project");
    std::fs::create_dir_all(project.join("personas")).unwrap();
    std::fs::write(project.join("personactl.yaml"), "# the root\n").unwrap();
    std::fs::write(project.join("personas/a.yaml"), ada("a")).unwrap();
    git(outer.path(), &["init", "-q", "-b", "main"]);
    commit(outer.path(), "first");
    std::fs::write(project.join("personas/a.yaml"), ada("b")).unwrap();
    let hook = any
        .run(["-C", project.to_str().unwrap(), "plan", "--format", "json", "--base", "HEAD"])
        .at(account.endpoint())
        .env("GIT_DIR", outer.path().join(".git").to_str().unwrap());
    assert_eq!(origins(&hook.exits(0).json()), ["/greeting yours"]);
}

#[test]
fn a_repository_that_git_refuses_to_read_is_told_in_gits_words() {
    let (project, account) = (Project::with(&ada("a")), Account::of(vec![live("a")]));
    repository(&project);
    let run = project.run(["plan", "--base", "HEAD"]).at(account.endpoint());
    // How Git's own tests make a repository that belongs to someone else.
    let run = run.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    run.says("error[git-failed]").says("dubious ownership").says("safe.directory").exits(1);
}

#[test]
fn a_base_without_this_project_is_said_to_tell_nothing_apart() {
    let (project, account) = (Project::new(), Account::of(vec![live("a")]));
    repository(&project);
    project.write("personas/a.yaml", ada("b"));
    let plan = project.run(["plan", "--base", "HEAD"]).at(account.endpoint());
    plan.says("had no persona files at the base").exits(0).prints("0 yours, 0 drift, 0 conflict");
}

#[test]
fn a_text_in_git_lfs_is_never_compared_as_the_pointer_that_the_base_holds() {
    let (project, account) = (Project::with(&ada("!file a.md")), Account::of(vec![live("theirs")]));
    project.write("personas/a.md", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
    repository(&project);
    // As a clone without LFS has it.
    let plan = || project.run(["plan", "--base", "HEAD"]).at(account.endpoint());
    plan().says("error[unreadable]").says("git lfs pull").exits(1);
    project.write("personas/a.md", "Hello");
    plan().says("Git LFS").exits(0).prints("1 to update").prints("0 yours, 0 drift, 0 conflict");
}
