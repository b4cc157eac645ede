//! The sandbox keeps its account between runs, the same for the same writes, and no secret in it.

use crate::support::{patch, writer};
use personactl::persona::Document;
use personactl::sandbox::{Options, Sandbox, StatePath};
use serde_json::{Value, json};

async fn start(path: &std::path::Path) -> Sandbox {
    Sandbox::start(&StatePath::File(path.to_owned()), Options::default()).await.unwrap()
}

async fn work(sandbox: &Sandbox) {
    let client = writer(sandbox.endpoint());
    let body = json!({"persona_name": "Own model", "system_prompt": "x",
        "layers": {"llm": {"base_url": "https://llm.example", "api_key": "sk-state-file-secret"}}});
    let created = client.create(&Document::new(body)).await.unwrap();
    let operations = patch(json!([{"op": "add", "path": "/greeting", "value": "hello"}]));
    client.patch(&created.id, &operations, false).await.unwrap();
}

#[tokio::test]
async fn the_account_is_kept_between_runs_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".personactl/sandbox.json");
    let sandbox = start(&path).await;
    work(&sandbox).await;
    let before = sandbox.personas();
    drop(sandbox);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("sk-state-file-secret") && !text.contains("sandbox-dummy-key"), "{text}");
    assert_eq!(std::fs::read_to_string(folder.path().join(".personactl/.gitignore")).unwrap(), "*\n");
    let again = start(&path).await;
    assert_eq!(again.personas(), before);
    assert!(again.personas().iter().any(|persona| persona["greeting"] == "hello"));
}

#[tokio::test]
async fn the_same_writes_give_the_same_state_but_for_the_salt() {
    let folder = tempfile::tempdir().unwrap();
    let mut texts = Vec::new();
    for name in ["one.json", "two.json"] {
        let path = folder.path().join(name);
        work(&start(&path).await).await;
        let mut state: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let salt = state["salt"].take().as_str().unwrap().to_owned();
        assert_eq!(salt.len(), 32);
        let text = state.to_string();
        let seals: Vec<_> = text.match_indices("sandbox-digest:").collect();
        assert_eq!(seals.len(), 2, "the trial's key and the new one");
        let open = seals.iter().rev().fold(text.clone(), |mut text, (at, seal)| {
            text.replace_range(at + seal.len()..at + seal.len() + 64, "");
            text
        });
        texts.push((salt, open));
    }
    assert_ne!(texts[0].0, texts[1].0);
    assert_eq!(texts[0].1, texts[1].1);
}

#[tokio::test]
async fn a_state_that_is_none_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    for text in ["", "{}", r#"{"format_version": 9, "salt": "", "counter": 0, "personas": []}"#] {
        std::fs::write(&path, text).unwrap();
        let error = Sandbox::start(&StatePath::File(path.clone()), Options::default()).await.unwrap_err();
        assert_eq!(error.code(), "sandbox-state-malformed");
        assert!(error.to_string().contains("sandbox.json") && error.hint().contains("--sandbox=FILE"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "and the file is left alone");
    }
}

#[tokio::test]
async fn the_recording_can_go_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("requests.jsonl");
    let options = Options { record: Some(record.clone()), ..Options::default() };
    let sandbox = Sandbox::start(&StatePath::Memory, options).await.unwrap();
    work(&sandbox).await;
    let text = std::fs::read_to_string(&record).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown: Vec<_> =
        lines.iter().map(|line| (line["method"].as_str().unwrap(), line["status"].as_u64())).collect();
    assert_eq!(shown, [("POST", Some(200)), ("PATCH", Some(200))]);
    assert_eq!(lines[1]["operations"], json!([["add", "/greeting"]]));
    assert!(!text.contains("secret"), "{text}");
}
