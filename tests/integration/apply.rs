//! `apply`: the first makes the account what the files say, the second has nothing to do.

use crate::support::{Account, PlainAccount, Project, SECRETS};
use personactl::sandbox::{Defaults, Options, PatchAnswer, Secrets, Seed, Shape};
use serde_json::{Value, json};

fn persona(id: &str, name: &str) -> Value {
    json!({"persona_id": id, "persona_name": name, "system_prompt": "You greet people."})
}

/// Three files: the first and the last are to be updated.
fn three() -> Project {
    Project::new()
        .file("personas/a.yaml", "persona_name: Ada\nsystem_prompt: You sing.\n")
        .file("personas/b.yaml", "persona_name: Bea\nsystem_prompt: You sing.\n")
        .file("personas/c.yaml", "persona_name: Cay\nsystem_prompt: You sing.\n")
}

fn three_live() -> Vec<Value> {
    vec![persona("pa", "Ada"), persona("pb", "Bea"), persona("pc", "Cay")]
}

#[test]
fn p01_p09_p48_the_first_apply_creates_and_updates_and_the_second_is_answered_304_only() {
    let (project, account) = (Project::shipped(), Account::built_in());
    let at = |args: &[&str]| project.run(args).at(account.endpoint()).secrets();

    at(&["plan", "--exit-code"]).exits(3).prints("1 to create, 3 to update, 1 in sync");
    assert_eq!(account.writes(), [""; 0]);
    at(&["apply", "--yes"]).exits(0).prints("Apply: 1 created, 3 updated, 1 in sync");
    assert_eq!(account.recording().count("POST"), 1);
    let _ = account.recording().take();

    let stored = account.personas();
    at(&["apply", "--yes"]).exits(0).prints("Apply: 5 in sync").prints_no("updated:").prints_no("re-sent");
    let writes = account.writes();
    assert!(!writes.is_empty(), "values that cannot be compared are sent again");
    assert!(writes.iter().all(|line| line.starts_with("PATCH ") && line.ends_with(" 304")), "{writes:?}");
    assert_eq!(account.personas(), stored);
    let resent = account.recording().take();
    assert!(resent.iter().all(|request| !request.mask_sent), "a mask was taken for a value");
    let paths = resent.iter().flat_map(|request| &request.operations);
    for (op, path) in paths {
        let opaque = path.ends_with("/description") || path.contains("api_key") || path.contains("/headers/");
        assert!(op == "add" && opaque, "{op} {path}");
    }

    at(&["plan", "--exit-code"]).exits(0).prints("0 to create, 0 to update, 5 in sync");
    assert_eq!(account.writes(), [""; 0], "P90");
}

#[test]
fn p01_a_plan_after_apply_is_empty_however_the_api_answers() {
    let usual = Options::default;
    for options in [
        Options { shape: Shape::InList, defaults: Defaults::Stored, ..usual() },
        Options { shape: Shape::InObject, defaults: Defaults::Hidden, ..usual() },
        Options { secrets: Secrets::Omitted, patch_answer: PatchAnswer::Document, ..usual() },
        Options { secrets: Secrets::Omitted, defaults: Defaults::Stored, ..usual() },
        Options { patch_answer: PatchAnswer::NoContent, defaults: Defaults::Hidden, ..usual() },
        Options { drop_descriptions: true, sort_lists: false, ..usual() },
    ] {
        let named = format!("{options:?}");
        let (project, account) = (Project::shipped(), Account::with(options));
        let at = |args: &[&str]| project.run(args).at(account.endpoint()).secrets();
        let first = at(&["apply", "--yes"]).exits(0);
        assert!(first.stdout.contains("1 created, 3 updated"), "{named}: {first}");
        let second = at(&["plan", "--exit-code"]).exits(0);
        assert!(second.stdout.contains("0 to update, 5 in sync"), "{named}: {second}");
    }
}

#[test]
fn p61_p86_p87_one_persona_fails_the_others_are_written_and_the_exit_code_says_partial() {
    let account = Account::of(three_live());
    account.set_faults(vec!["400,method=PATCH,path=/v2/personas/pb".parse().unwrap()]);
    let project = three();
    let at = |args: &[&str]| project.run(args).at(account.endpoint());
    let done = at(&["apply", "--yes"]).exits(4);
    let done = done.prints("updated: Ada (pa)").prints("failed: Bea (pb)").prints("updated: Cay (pc)");
    done.prints("file: personas/b.yaml").prints("PATCH").prints("/v2/personas/pb").prints("400");
    assert_eq!(account.named("Ada")["system_prompt"], "You sing.");
    assert_eq!(account.named("Bea")["system_prompt"], "You greet people.");
    assert_eq!(account.named("Cay")["system_prompt"], "You sing.");

    account.set_faults(Vec::new());
    let _ = account.recording().take();
    at(&["apply", "--yes"]).exits(0).prints("Apply: 1 updated, 2 in sync");
    assert_eq!(account.writes(), ["PATCH /v2/personas/pb 200"], "a second run writes only what is left");
    assert_eq!(account.personas().len(), 3);
}

#[test]
fn p61_when_nothing_lands_the_exit_code_is_1() {
    let account = Account::of(three_live());
    account.set_faults(vec!["400,method=PATCH".parse().unwrap()]);
    three().run(["apply", "--yes"]).at(account.endpoint()).exits(1).prints("Apply: 3 failed");
}

#[test]
fn p86_a_create_whose_answer_is_lost_is_found_again_and_not_made_twice() {
    for fault in ["drop-after:1,method=POST", "500-after:1,method=POST", "garbage:1,method=POST"] {
        let account = Account::of(Vec::new());
        account.set_faults(vec![fault.parse().unwrap()]);
        let project = Project::with("persona_name: Ada\nsystem_prompt: You greet people.\n");
        let run = project.run(["apply", "--yes", "-v"]).at(account.endpoint());
        run.says("searching the account").exits(0).prints("created: Ada");
        assert_eq!(account.personas().len(), 1, "{fault}");
        assert_eq!(account.recording().count("POST"), 1, "{fault}");
    }
}

#[test]
fn p60_a_key_that_is_refused_midway_stops_new_writes_and_says_what_was_not_tried() {
    let account = Account::of(three_live());
    account.set_faults(vec!["401,method=PATCH,after=1".parse().unwrap()]);
    let project = three();
    let run = project.run(["apply", "--yes", "--concurrency", "1"]).at(account.endpoint());
    let done = run.exits(4).prints("1 updated").prints("1 failed").prints("1 not tried");
    assert!(done.stdout.contains("because the API refused the key"), "{done}");
    assert_eq!(account.recording().count("PATCH"), 2);
}

#[test]
fn p47_a_value_that_the_server_does_not_keep_is_reported_with_what_it_made_of_it() {
    let options = Options { seed: Seed::Personas(three_live()), trim_texts: true, ..Options::default() };
    let account = Account::with(options);
    let project = Project::with("persona_name: Ada\nsystem_prompt: \"  You sing. \"\n");
    let done = project.run(["apply", "--yes"]).at(account.endpoint()).exits(4);
    done.prints("differs: Ada (pa)")
        .prints("/system_prompt: the API stored \"You sing.\" for \"  You sing. \"")
        .prints("1 value not kept by the API");
}

#[test]
fn unpublished_edits_of_somebody_else_are_left_alone_unless_told_otherwise() {
    let account = Account::of(three_live());
    account.edit("pa", |persona| persona["has_unpublished_changes"] = true.into());
    let project = Project::with("persona_name: Ada\nsystem_prompt: You sing.\n");
    project.run(["apply", "--yes"]).at(account.endpoint()).exits(1).prints("--discard-drafts");
    assert_eq!(account.named("Ada")["system_prompt"], "You greet people.");
    let run = project.run(["apply", "--yes", "--discard-drafts"]).at(account.endpoint());
    run.exits(0).prints("warning: unpublished edits in the vendor's editor were discarded");
    assert_eq!(account.named("Ada")["system_prompt"], "You sing.");
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_asked_and_nothing_sent() {
    let account = Account::of(three_live());
    three().run(["apply"]).at(account.endpoint()).says("--yes").exits(2);
    assert_eq!(account.recording().lines(), [""; 0]);
}

#[test]
fn a_dry_run_is_a_plan_and_only_reads() {
    let account = Account::of(three_live());
    let project = three();
    let dry = project.run(["apply", "--dry-run"]).at(account.endpoint()).exits(0);
    let plan = project.run(["plan"]).at(account.endpoint()).exits(0);
    assert_eq!(dry.stdout, plan.stdout);
    assert_eq!(account.writes(), [""; 0]);
}

#[test]
fn p60_only_the_named_personas_are_written() {
    let account = Account::of(three_live());
    let project = three();
    let run = project.run(["apply", "--yes", "Bea", "personas/c.yaml"]).at(account.endpoint());
    run.exits(0).prints("Apply: 2 updated");
    let mut writes = account.writes();
    writes.sort();
    assert_eq!(writes, ["PATCH /v2/personas/pb 200", "PATCH /v2/personas/pc 200"]);
    project.run(["apply", "--yes", "Bee"]).at(account.endpoint()).says("did you mean `Bea`?").exits(2);
}

#[test]
fn p30_every_variable_that_is_not_set_is_named_before_any_request() {
    let account = Account::of(three_live());
    let project = Project::with(
        "persona_name: Ada\nsystem_prompt: x\nlayers:\n  llm: {model: m, base_url: \"https://llm.example\", api_key: !env LLM_API_KEY}\n  tts: {api_key: !env TTS_API_KEY}\n",
    );
    let run = project.run(["apply", "--yes"]).at(account.endpoint()).any_stderr();
    let done = run.exits(1);
    assert!(done.stderr.contains("LLM_API_KEY") && done.stderr.contains("TTS_API_KEY"), "{done}");
    assert_eq!(account.recording().lines(), [""; 0]);
    // A plan treats them as values that cannot be compared, and says so.
    let plan = project.run(["plan"]).at(account.endpoint()).any_stderr().exits(0);
    plan.prints("LLM_API_KEY, TTS_API_KEY");
}

#[test]
fn p16_p18_p44_what_is_sent_is_what_the_file_says_to_the_byte() {
    let account = PlainAccount::of(Vec::new());
    let project = Project::with(
        "persona_name: Ada\nsystem_prompt: |\n  Line one.  \n\n  \tTab\n  {{x}} ${y} $$ ¶ 日本\ngreeting: \"\"\nlayers:\n  llm:\n    model: tavus-gpt-oss\n    extra_body: {seed: 18446744073709551615, \"a/b\": 1.50, \"m~n\": -0.0}\n",
    );
    project.run(["apply", "--yes"]).at(account.endpoint()).any_stderr().exits(0);
    let sent = account.take_writes();
    assert_eq!(sent.len(), 1);
    insta::assert_snapshot!(
        sent[0].body.to_string(),
        @r#"{"persona_name":"Ada","system_prompt":"Line one.  \n\n\tTab\n{{x}} ${y} $$ ¶ 日本\n","greeting":"","layers":{"llm":{"model":"tavus-gpt-oss","extra_body":{"seed":18446744073709551615,"a/b":1.5,"m~n":-0.0}}}}"#
    );
}

#[test]
fn the_key_travels_in_its_header_and_nowhere_else() {
    let account = Account::with(Options { key: Some(SECRETS[0].1.to_owned()), ..Options::default() });
    let project = Project::shipped();
    project.run(["apply", "--yes"]).at(account.endpoint()).secrets().exits(0);
    let with_other = project.run(["plan"]).at_without_key(account.endpoint()).secrets();
    with_other.env("TAVUS_API_KEY", "another-key-0123456789").says("key-refused").exits(1);
}
