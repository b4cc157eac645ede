//! P34: a secret never occurs in any artefact. (Every other test is searched for the fixture secrets as well.)

use crate::support::raw::{RawServer, json as reply};
use crate::support::{Account, PlainAccount, Project, SECRETS};
use personactl::sandbox::{Options, StatePath};
use serde_json::json;

/// The files hold only the names of variables; so no file below the project may hold a value.
fn assert_no_secret_in_any_file(project: &Project) {
    for path in project.all_files() {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for (name, secret) in SECRETS {
            assert!(!text.contains(secret), "the value of {name} is in {}", path.display());
        }
    }
}

const SECRET_PERSONA: &str = "persona_name: Ada
system_prompt: You greet people.
layers:
  llm:
    model: my-model
    base_url: https://llm.example/v1
    api_key: !env LLM_API_KEY
    headers: {Authorization: !env LLM_OLD_KEY, x-team: web}
  tts: {tts_engine: elevenlabs, api_key: !env TTS_API_KEY}
";

#[test]
fn p34_no_secret_in_outputs_logs_or_the_state_of_the_sandbox() {
    let project = Project::with(SECRET_PERSONA);
    // With --sandbox the variables get stand-ins, so here a sandbox with a state file is reached as an account.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (tell, told) = std::sync::mpsc::channel();
    let state = project.root().join("state/sandbox.json");
    let record = project.root().join("requests.jsonl");
    let server = std::thread::spawn(move || {
        runtime.block_on(async {
            let options = Options { record: Some(record), ..Options::default() };
            let sandbox =
                personactl::sandbox::Sandbox::start(&StatePath::File(state), options).await.unwrap();
            tell.send(sandbox.endpoint().clone()).unwrap();
            let _ = stopped.await;
        });
    });
    let endpoint = told.recv().unwrap();
    for args in [
        &["plan", "-vv"][..],
        &["plan", "--format", "json", "-vv", "--log-format", "json"],
        &["plan", "--format", "markdown"],
        &["plan", "--format", "html"],
        &["plan", "--format", "github"],
        &["plan", "--out", "saved.json"],
        &["apply", "--plan", "saved.json", "--yes", "-vv", "--backup", "backup", "--report", "report.json"],
        &["apply", "--yes", "-vv", "--guard", "--backup", "backup2"],
        &["show", "Ada"],
        &["drift", "-vv", "--format", "json"],
        &["list", "-vv"],
    ] {
        // The runner fails on a secret in stdout or stderr.
        let done = project.run(args).at(&endpoint).secrets().any_stderr().ends();
        assert!(matches!(done.code, Some(0 | 3)), "{args:?}: {done}");
    }
    drop(stop);
    server.join().unwrap();
    let state = project.read("state/sandbox.json");
    assert!(state.contains("sandbox-digest:"), "the secrets arrived, and are kept as digests: {state}");
    assert!(!project.read("requests.jsonl").is_empty());
    assert!(project.read("saved.json").contains("(secret)") && !project.read("report.json").is_empty());
    assert_no_secret_in_any_file(&project);
}

#[test]
fn p37_p38_a_rotated_secret_that_the_api_shows_in_clear_is_seen_and_not_shown() {
    let (_, old) = SECRETS[3];
    let live = json!({
        "persona_id": "pa", "persona_name": "Ada", "system_prompt": "You greet people.",
        "layers": {"llm": {"model": "my-model", "base_url": "https://llm.example/v1", "api_key": old}}
    });
    let account = PlainAccount::of(vec![live]);
    let project = Project::with(SECRET_PERSONA);
    let done = project.run(["plan", "-vv"]).at(account.endpoint()).secrets().any_stderr().exits(0);
    done.prints("/layers/llm/api_key changed (secret)");
    project.run(["apply", "--yes", "-vv"]).at(account.endpoint()).secrets().any_stderr().exits(0);
    let docs = account.docs();
    assert_eq!(docs[0]["layers"]["llm"]["api_key"], SECRETS[1].1, "and the new one was really sent");
    assert_eq!(docs[0]["layers"]["tts"]["api_key"], SECRETS[2].1);
}

#[test]
fn p34_words_of_the_server_that_repeat_a_secret_are_cleaned() {
    let server = RawServer::start(|_, seen| {
        let key = seen.header("x-api-key").unwrap_or_default().to_owned();
        let model = SECRETS[1].1;
        reply(
            "400 Bad Request",
            &json!({"error": format!("bad key {key}, bad model key {model}")}).to_string(),
        )
    });
    let project = Project::with(SECRET_PERSONA);
    let run = project.run(["plan", "-vv"]).at(&server.endpoint).secrets();
    let done = run.says("bad key (secret), bad model key (secret)").exits(1);
    assert_eq!(done.stdout, "");
}

#[test]
fn p34_p39_a_secret_written_out_in_a_file_is_found_and_not_shown() {
    let (_, secret) = SECRETS[1];
    let project = Project::with(&SECRET_PERSONA.replace("!env LLM_API_KEY", secret));
    let account = Account::built_in();
    let done = project.run(["plan"]).at(account.endpoint()).secrets().any_stderr().ends();
    assert!(done.stderr.contains("personas/a.yaml:7"), "{done}");

    let mask = Project::with(&SECRET_PERSONA.replace("!env LLM_API_KEY", "\"********\""));
    mask.run(["apply", "--yes"]).at(account.endpoint()).secrets().says("personas/a.yaml:7").exits(1);
    assert_eq!(account.writes(), [""; 0]);
}
