//! `init`, `validate`, `show`, `schema` and `pull`, run as people run them, against the sandbox where they need an API.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use assert_cmd::Command;
use std::path::Path;

/// Runs the program in a folder, with nothing of the caller's environment that could matter.
fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("personactl").unwrap();
    for name in
        ["TAVUS_API_KEY", "PERSONACTL_ENV", "PERSONACTL_ENDPOINT", "LLM_API_KEY", "NO_COLOR", "RUST_LOG"]
    {
        command.env_remove(name);
    }
    let output = command.current_dir(folder).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn from_an_empty_folder_each_command_names_the_next_up_to_a_first_plan() {
    let folder = tempfile::tempdir().unwrap();
    let (_, help, _) = run(folder.path(), &["--help"]);
    assert!(help.contains("init"), "{help}");
    let (code, said, errors) = run(folder.path(), &["init"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    let next = said.lines().find_map(|line| line.strip_prefix("next: personactl ")).unwrap();
    let (code, plan, errors) = run(folder.path(), &next.split(' ').collect::<Vec<_>>());
    assert_eq!((code, errors.as_str()), (0, ""), "{plan}");
    assert!(plan.contains("+ create Example Receptionist"), "{plan}");
    assert!(plan.contains("1 to create"), "{plan}");
}

#[test]
fn init_never_overwrites_and_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("personactl.yaml"), "unlisted: keep\n").unwrap();
    std::fs::write(folder.path().join(".gitignore"), "/target").unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, 0);
    let (code, said, _) = run(folder.path(), &["init"]);
    assert_eq!(code, 0);
    assert!(!said.contains("wrote") && said.contains("kept   personactl.yaml"), "{said}");
    assert_eq!(read(folder.path(), "personactl.yaml"), "unlisted: keep\n");
    assert_eq!(read(folder.path(), ".gitignore"), "/target\n/.personactl/\n");
    let (code, _, errors) = run(&folder.path().join("personas"), &["init"]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("inside the project"), "{errors}");
}

#[test]
fn p12_the_whole_account_becomes_files_that_are_in_sync() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said, errors) = run(folder.path(), &["init", "--from-account", "--no-workflows", "--sandbox"]);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("wrote personas/sales-call-coach.yaml"), "{said}");
    let (code, plan, errors) = run(folder.path(), &["plan", "--exit-code", "--sandbox"]);
    assert_eq!(code, 0, "{plan}{errors}");
    assert!(plan.contains("0 to create, 0 to update, 5 in sync"), "{plan}");
    // A second pull has nothing to do.
    let (code, said, _) = run(folder.path(), &["pull", "--all", "--sandbox"]);
    assert_eq!((code, said.as_str()), (0, "the files say what is live already\n"));
}

#[test]
fn p29_p79_pull_edits_in_place_and_a_dry_run_shows_the_lines() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["init", "--from-account", "--no-workflows", "--sandbox"]).0, 0);
    let path = folder.path().join("personas/sales-call-coach.yaml");
    let original = std::fs::read_to_string(&path).unwrap();
    let renamed =
        original.replacen("persona_name: Sales Call Coach\n", "persona_name: Old name  # a remark\n", 1);
    assert_ne!(original, renamed);
    std::fs::write(&path, format!("# On top.\n{renamed}")).unwrap();
    let (code, diff, _) = run(folder.path(), &["pull", "--dry-run", "--sandbox"]);
    assert_eq!(code, 0);
    assert!(
        diff.contains("-persona_name: Old name  # a remark\n+persona_name: Sales Call Coach  # a remark\n"),
        "{diff}"
    );
    assert!(read(folder.path(), "personas/sales-call-coach.yaml").contains("Old name"));
    let (code, said, errors) = run(folder.path(), &["pull", "Old name", "--sandbox"]);
    assert_eq!((code, said.as_str()), (0, "updated personas/sales-call-coach.yaml\n"), "{errors}");
    let expected = renamed.replace("Old name  # a remark", "Sales Call Coach  # a remark");
    assert_eq!(read(folder.path(), "personas/sales-call-coach.yaml"), format!("# On top.\n{expected}"));
    let (code, _, errors) = run(folder.path(), &["pull", "nobody", "--sandbox"]);
    assert_eq!(code, 2, "{errors}");
}

#[test]
fn validate_needs_no_key_and_speaks_text_json_and_github() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    std::fs::write(folder.path().join("personas/a.yaml"), "persona_name: A\nsystem_prompt: x\ngreeting: 5\n")
        .unwrap();
    std::fs::write(folder.path().join("personas/b.yaml"), "persona_name: B\nsystem_prompt: x\ncontext: y\n")
        .unwrap();
    let (code, text, errors) = run(folder.path(), &["validate"]);
    assert_eq!((code, errors.as_str()), (1, ""));
    assert!(text.contains("error[wrong-type]") && text.contains("personas/a.yaml:3:11"), "{text}");
    assert!(text.contains("2 personas: 1 error, 2 warnings"), "{text}");
    let (code, json, _) = run(folder.path(), &["validate", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json["summary"]["errors"].as_u64()), (1, Some(1)));
    let (_, github, _) = run(folder.path(), &["validate", "--format", "github"]);
    assert!(github.starts_with("::error file=personas/a.yaml,line=3,col=11,title=wrong-type::"), "{github}");
    let (code, text, _) = run(folder.path(), &["validate", "personas/b.yaml"]);
    assert_eq!(code, 0, "{text}");
    let (code, _, errors) = run(folder.path(), &["validate", "personas/none.yaml"]);
    assert_eq!(code, 2, "{errors}");
    let (code, text, _) = run(folder.path(), &["validate", "--explain", "wrong-type"]);
    assert!(code == 0 && text.contains("another type"), "{text}");
    assert_eq!(run(folder.path(), &["validate", "--explain", "wrong-typ"]).0, 2);
}

#[test]
fn p33_show_prints_one_persona_with_secrets_masked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    let text = "persona_name: A\nsystem_prompt: x\nlayers: {tts: {api_key: written-out-secret}}\n";
    std::fs::write(folder.path().join("personas/a.yaml"), text).unwrap();
    let (code, shown, errors) = run(folder.path(), &["show", "A", "--origins"]);
    assert_eq!(code, 0, "{errors}");
    assert!(shown.contains("api_key: \"(secret)\"  # personas/a.yaml:3:25"), "{shown}");
    assert!(!errors.contains("written-out-secret"), "{errors}");
    let (_, json, _) = run(folder.path(), &["show", "personas/a.yaml", "--format", "json"]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["layers"]["tts"]["api_key"],
        "(secret)"
    );
}

#[test]
fn schema_prints_what_init_writes() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, 0);
    for which in ["persona", "overlay", "settings"] {
        let (code, schema, _) = run(folder.path(), &["schema", which]);
        assert_eq!((code, schema), (0, read(folder.path(), &format!("schema/{which}.json"))));
    }
}

#[test]
fn ref_names_become_ids_in_plan_and_apply_and_a_wrong_name_is_located() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    let file = folder.path().join("personas/a.yaml");
    let text = "persona_name: With siblings\nsystem_prompt: x\ndefault_replica_id: !ref Noor\n\
                document_ids: [!ref Size guide]\nlayers: {tts: {pronunciation_dictionary_id: !ref Medicines}}\n";
    std::fs::write(&file, text).unwrap();
    assert_eq!(run(folder.path(), &["validate"]).0, 0);
    let (_, shown, _) = run(folder.path(), &["show", "With siblings"]);
    assert!(shown.contains("default_replica_id: !ref Noor\n"), "{shown}");
    let (code, plan, errors) = run(folder.path(), &["plan", "--sandbox"]);
    assert_eq!(code, 0, "{errors}");
    assert!(
        plan.contains("r5b0a7e1c93d") && plan.contains("pd_51c8e0f7a2") && plan.contains("d3a7c58e0f21"),
        "{plan}"
    );
    assert_eq!(run(folder.path(), &["apply", "--sandbox", "--yes"]).0, 0);
    let (code, plan, errors) = run(folder.path(), &["plan", "--exit-code", "--sandbox"]);
    assert_eq!(code, 0, "{plan}{errors}");
    std::fs::write(&file, text.replace("!ref Noor", "!ref Noorr")).unwrap();
    let (code, _, errors) = run(folder.path(), &["plan", "--sandbox"]);
    assert_eq!(code, 1);
    assert!(errors.contains("error[unknown-ref]") && errors.contains("personas/a.yaml:3:21"), "{errors}");
    assert!(errors.contains("did you mean `Noor`?"), "{errors}");
}

#[test]
fn p41_one_file_serves_two_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    write(
        "personactl.yaml",
        "environments: {staging: {vars: {team: Staging}}, prod: {vars: {team: Prod}}}\n",
    );
    write(
        "personas/a.yaml",
        "persona_name: Host\nsystem_prompt: !var team\nlayers: {llm: {model: tavus-gpt-oss}}\n",
    );
    write("personas/a.prod.yaml", "layers: {llm: {model: tavus-glm-4.7}}\n");
    for (env, team, model, place) in [
        ("staging", "Staging", "tavus-gpt-oss", "a.yaml:3:23"),
        ("prod", "Prod", "tavus-glm-4.7", "a.prod.yaml:1:23"),
    ] {
        let state = format!("--sandbox=.personactl/{env}.json");
        let (code, plan, errors) = run(folder.path(), &["plan", "Host", "--env", env, &state]);
        assert_eq!(code, 0, "{errors}");
        assert!(plan.contains(team) && plan.contains(model) && plan.contains(place), "{plan}");
        assert_eq!(run(folder.path(), &["apply", "Host", "--env", env, &state, "--yes"]).0, 0);
        assert_eq!(run(folder.path(), &["plan", "Host", "--env", env, &state, "--exit-code"]).0, 0);
    }
    let (code, _, errors) = run(folder.path(), &["plan", "--sandbox"]);
    assert_eq!(code, 1);
    assert!(errors.contains("error[no-environment]"), "{errors}");
}

/// A project of two environments with one persona in each account; `prod` then says something else.
fn two_accounts() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        std::fs::create_dir_all(folder.path().join("personas")).unwrap();
        std::fs::write(folder.path().join(path), text).unwrap();
    };
    write("personactl.yaml", "environments: {staging: {}, prod: {}}\n");
    for (environment, greeting) in [("staging", "Hello"), ("prod", "Good day")] {
        write(
            "personas/desk.yaml",
            &format!("persona_name: Desk\nsystem_prompt: x\ngreeting: {greeting} # said first\n"),
        );
        let state = format!("--sandbox={environment}.json");
        assert_eq!(run(folder.path(), &["apply", "--yes", "--env", environment, &state]).0, 0);
    }
    write("personas/desk.yaml", "persona_name: Desk\nsystem_prompt: x\ngreeting: Hello # said first\n");
    folder
}

#[test]
fn p41_pulling_one_environment_leaves_the_others_in_sync() {
    let folder = two_accounts();
    let (code, said, _) = run(folder.path(), &["pull", "--env", "prod", "--sandbox=prod.json"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("wrote personas/desk.prod.yaml\n    only for this environment"), "{said}");
    assert_eq!(read(folder.path(), "personas/desk.prod.yaml"), "greeting: Good day\n");
    for environment in ["staging", "prod"] {
        let state = format!("--sandbox={environment}.json");
        let (code, plan, _) = run(folder.path(), &["plan", "--exit-code", "--env", environment, &state]);
        assert_eq!(code, 0, "{plan}");
    }
}

#[test]
fn p41_a_shared_value_is_changed_for_all_on_request_and_that_is_said() {
    let folder = two_accounts();
    let (code, said, told) =
        run(folder.path(), &["pull", "--env", "prod", "--shared", "--sandbox=prod.json"]);
    assert_eq!((code, said.as_str()), (0, "updated personas/desk.yaml\n"));
    assert!(told.contains("other environments read personas/desk.yaml, too"), "{told}");
    assert!(read(folder.path(), "personas/desk.yaml").contains("greeting: Good day # said first\n"));
}

#[test]
fn what_cannot_be_taken_in_is_shown_as_an_operation() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    let write = |greeting: &str| {
        let text = format!(
            "persona_name: Desk\nsystem_prompt: x\ngreeting: &g {greeting}\npersona_description: *g\n"
        );
        std::fs::write(folder.path().join("personas/desk.yaml"), text).unwrap();
    };
    write("Hello");
    assert_eq!(run(folder.path(), &["apply", "--yes", "--sandbox"]).0, 0);
    write("Other");
    let (code, said, _) = run(folder.path(), &["pull", "--sandbox"]);
    assert_eq!(code, 1);
    assert!(said.contains(r#"    {"op":"replace","path":"/greeting","value":"Hello"}"#), "{said}");
}

#[test]
fn p80_a_legacy_set_of_guardrails_is_found_by_name_beside_the_flat_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    let text = "persona_name: Desk\nsystem_prompt: x\nguardrails_id: !ref Front desk\nguardrail_ids: [!ref no_medical_advice]\n";
    std::fs::write(folder.path().join("personas/desk.yaml"), text).unwrap();
    let (code, plan, errors) = run(folder.path(), &["plan", "--sandbox"]);
    assert_eq!(code, 0, "{errors}");
    assert!(plan.contains("\"g6a1d95e0b37\"") && plan.contains("g2b6f0d51ce8"), "{plan}");
    // Neither kind is taken for the other.
    let text = text.replace("Front desk", "no_medical_advice");
    std::fs::write(folder.path().join("personas/desk.yaml"), text).unwrap();
    let (code, _, errors) = run(folder.path(), &["plan", "--sandbox"]);
    assert_eq!(code, 1);
    assert!(errors.contains("no sets of guardrails called `no_medical_advice`"), "{errors}");
}

#[test]
fn p41_the_account_of_one_environment_becomes_files_that_serve_the_other() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("personactl.yaml"), "environments: {staging: {}, prod: {}}\n").unwrap();
    let prod = ["--env", "prod", "--sandbox=prod.json"];
    let (code, said, errors) = run(folder.path(), &[&["pull", "--all"][..], &prod].concat());
    assert_eq!(code, 0, "{said}{errors}");
    let shared = read(folder.path(), "personas/sales-call-coach.yaml");
    assert!(
        !shared.contains("p5a1c0ffee02") && shared.contains("persona_name: Sales Call Coach"),
        "{shared}"
    );
    assert!(
        read(folder.path(), "personas/sales-call-coach.prod.yaml").contains("persona_id: p5a1c0ffee02\n")
    );
    let (code, plan, _) = run(folder.path(), &[&["plan", "--exit-code"][..], &prod].concat());
    assert_eq!(code, 0, "{plan}");
    // In another account the same files mean the personas of those names.
    let (code, plan, errors) =
        run(folder.path(), &["plan", "--exit-code", "--env", "staging", "--sandbox=staging.json"]);
    assert_eq!(code, 0, "{plan}{errors}");
    assert!(plan.contains("5 in sync"), "{plan}");
}
