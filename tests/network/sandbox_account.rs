//! The emulator behaves as the API is known to.

use crate::support::{patch, persona, sandbox, sandbox_with, writer};
use personactl::api::{ApiError, PatchOutcome, WriteClient};
use personactl::persona::Document;
use personactl::sandbox::{Defaults, Options, Sandbox, Secrets, Seed, Unknown};
use serde_json::{Value, json};

async fn send(client: &WriteClient, operations: Value) -> Result<u16, ApiError> {
    match client.patch("p1", &patch(operations), false).await? {
        PatchOutcome::InSync => Ok(304),
        _ => Ok(200),
    }
}

async fn live(client: &WriteClient) -> Value {
    client.reader().get("p1").await.unwrap().document.into_revealed()
}

fn custom() -> Value {
    let mut persona = persona("p1", "Ada");
    persona["layers"] = json!({
        "llm": {"model": "own", "base_url": "https://llm.example/v1",
                "tools": [{"type": "function", "function": {"name": "f", "description": "does f", "parameters": {}}}]},
        "tts": {"tts_engine": "azure"},
    });
    persona["secrets"] = json!({"/layers/llm/api_key": "sk-dummy-12345678"});
    persona
}

async fn with(persona: Value) -> (Sandbox, WriteClient) {
    let sandbox = sandbox(vec![persona]).await;
    let client = writer(sandbox.endpoint());
    (sandbox, client)
}

#[tokio::test]
async fn a_secret_is_recognised_and_not_kept() {
    let (sandbox, client) = with(custom()).await;
    assert_eq!(live(&client).await["layers"]["llm"]["api_key"], "********");
    let key = |value: &str| json!([{"op": "add", "path": "/layers/llm/api_key", "value": value}]);
    assert_eq!(send(&client, key("sk-dummy-12345678")).await.unwrap(), 304);
    assert_eq!(send(&client, key("sk-rotated-12345678")).await.unwrap(), 200);
    assert_eq!(send(&client, key("sk-rotated-12345678")).await.unwrap(), 304);
    let kept = format!("{:?} {:?}", sandbox.personas(), sandbox.recording().all());
    assert!(!kept.contains("12345678"), "{kept}");
    sandbox.set_options(|options| options.secrets = Secrets::Omitted);
    assert!(live(&client).await["layers"]["llm"].get("api_key").is_none());
}

#[tokio::test]
async fn a_mask_that_is_sent_back_is_noted() {
    let (sandbox, client) = with(custom()).await;
    send(&client, json!([{"op": "add", "path": "/layers/llm/api_key", "value": "********"}])).await.unwrap();
    assert!(sandbox.recording().all()[0].mask_sent);
}

#[tokio::test]
async fn tools_come_back_without_their_description_and_are_in_sync_when_sent_again() {
    let (_sandbox, client) = with(custom()).await;
    let tool = live(&client).await["layers"]["llm"]["tools"][0].clone();
    assert!(tool["function"].get("description").is_none());
    let text = tool.to_string();
    assert!(text.find("parameters") < text.find("\"f\""), "keys are reordered: {text}");
    let whole =
        json!([{"type": "function", "function": {"name": "f", "description": "does f", "parameters": {}}}]);
    let put = |value: &Value| json!([{"op": "replace", "path": "/layers/llm/tools", "value": value}]);
    assert_eq!(send(&client, put(&whole)).await.unwrap(), 304);
    let add = json!([{"op": "add", "path": "/layers/llm/tools/0/function/description", "value": "does g"}]);
    assert_eq!(send(&client, add).await.unwrap(), 200);
}

#[tokio::test]
async fn the_key_of_a_custom_model_is_not_carried_over() {
    let (_sandbox, client) = with(custom()).await;
    let llm = json!({"model": "own", "base_url": "https://llm.example/v2"});
    let replace = |value: &Value| json!([{"op": "replace", "path": "/layers/llm", "value": value}]);
    let error = send(&client, replace(&llm)).await.unwrap_err();
    assert!(error.message().unwrap().contains("both required"), "{error}");
    let leaf = json!([{"op": "replace", "path": "/layers/llm/base_url", "value": "https://llm.example/v2"}]);
    assert_eq!(send(&client, leaf).await.unwrap(), 200, "a leaf leaves the key alone");
}

#[tokio::test]
async fn defaults_are_shown_but_not_held_unless_told_otherwise() {
    let mut plain = persona("p1", "Ada");
    plain["layers"] = json!({"tts": {"external_voice_id": "v"}, "stt": {}});
    let (sandbox, client) = with(plain).await;
    assert_eq!(live(&client).await["layers"]["tts"]["tts_engine"], "cartesia");
    assert_eq!(live(&client).await["layers"]["stt"], json!({}), "an empty layer stays empty");
    let replace = json!([{"op": "replace", "path": "/layers/tts/tts_engine", "value": "elevenlabs"}]);
    assert_eq!(send(&client, replace.clone()).await.unwrap_err().code(), "patch-refused");
    sandbox.set_options(|options| options.defaults = Defaults::Hidden);
    assert!(live(&client).await["layers"]["tts"].get("tts_engine").is_none());
    sandbox.set_options(|options| options.defaults = Defaults::Stored);
    send(&client, json!([{"op": "add", "path": "/greeting", "value": "hi"}])).await.unwrap();
    assert_eq!(send(&client, replace).await.unwrap(), 200);
}

#[tokio::test]
async fn setting_one_field_of_the_flow_fills_all() {
    let (_sandbox, client) = with(persona("p1", "Ada")).await;
    let flow = json!({"turn_taking_patience": "high"});
    let add = json!([{"op": "add", "path": "/layers", "value": {"conversational_flow": flow}}]);
    send(&client, add).await.unwrap();
    assert_eq!(
        live(&client).await["layers"]["conversational_flow"],
        json!({"turn_taking_patience": "high", "turn_detection_model": "sparrow-1", "replica_interruptibility": "medium",
               "voice_isolation": "near", "wake_phrase": null, "sleep_phrase": null, "idle_engagement": "off"})
    );
    let remove = json!([{"op": "remove", "path": "/layers/conversational_flow/voice_isolation"}]);
    assert_eq!(send(&client, remove).await.unwrap(), 304, "it is filled in again");
}

#[tokio::test]
async fn bad_writes_are_refused_as_the_api_refuses_them_and_change_nothing() {
    let (sandbox, client) = with(custom()).await;
    let before = sandbox.personas();
    for (operations, status) in [
        (json!([{"op": "replace", "path": "/nothing/here", "value": 1}]), 422),
        (json!([{"op": "remove", "path": "/greeting"}]), 422),
        (json!([{"op": "add", "path": "/layers/stt/hotwords", "value": "x"}]), 422),
        (json!([{"op": "test", "path": "/persona_name", "value": "other"}]), 422),
        (json!([{"op": "add", "path": "/greeting", "value": "a"}, {"op": "remove", "path": "/absent"}]), 422),
        (json!([{"op": "add", "path": "/invented", "value": 1}]), 400),
        (json!([{"op": "add", "path": "/layers/llm/parallel_tool_calls", "value": true}]), 500),
        (json!([{"op": "replace", "path": "/persona_id", "value": "p2"}]), 400),
        (json!([{"op": "replace", "path": "/system_prompt", "value": ""}]), 400),
        (json!([{"op": "add", "path": "/pipeline_mode", "value": "half"}]), 400),
        (json!([{"op": "add", "path": "/document_ids", "value": "d1"}]), 400),
        (json!([{"op": "add", "path": "/layers/llm/extra_body", "value": {"temperature": 3}}]), 400),
        (json!([{"op": "add", "path": "/layers/tts/tts_model_name", "value": "sonic-3"}]), 400),
        (
            json!([{"op": "add", "path": "/layers/conferencing", "value": {}}, {"op": "add", "path": "/greeting", "value": "x"}]),
            400,
        ),
    ] {
        let error = send(&client, operations.clone()).await.unwrap_err();
        assert_eq!(error.status(), Some(status), "{operations}: {error}");
    }
    assert_eq!(sandbox.personas(), before);
    assert_eq!(send(&client, json!([])).await.unwrap(), 304);
    assert_eq!(
        send(&client, json!([{"op": "add", "path": "/layers/conferencing", "value": {"username": "u"}}]))
            .await
            .unwrap(),
        200
    );
}

#[tokio::test]
async fn unknown_fields_can_also_be_kept_or_dropped() {
    for (unknown, kept) in [(Unknown::Kept, true), (Unknown::Dropped, false)] {
        let seed = Seed::Personas(vec![persona("p1", "Ada")]);
        let sandbox = sandbox_with(Options { unknown, seed, ..Options::default() }).await;
        let client = writer(sandbox.endpoint());
        let add = json!([{"op": "add", "path": "/invented", "value": 1}]);
        assert_eq!(send(&client, add).await.unwrap(), if kept { 200 } else { 304 });
        assert_eq!(live(&client).await.get("invented").is_some(), kept);
    }
}

#[tokio::test]
async fn stock_personas_can_be_read_and_not_written() {
    let sandbox = sandbox_with(Options::default()).await;
    let client = writer(sandbox.endpoint());
    let stock = sandbox.personas().into_iter().find(|persona| persona["persona_type"] == "system").unwrap();
    let id = stock["persona_id"].as_str().unwrap();
    client.reader().get(id).await.unwrap();
    let operations = patch(json!([{"op": "add", "path": "/greeting", "value": "x"}]));
    assert_eq!(client.patch(id, &operations, false).await.unwrap_err().code(), "persona-unknown");
    assert_eq!(client.delete(id).await.unwrap_err().code(), "persona-unknown");
}

#[tokio::test]
async fn what_is_created_is_listed_read_back_and_gone_when_deleted() {
    let (sandbox, client) = with(persona("p1", "Ada")).await;
    let body = json!({"persona_name": "Bob", "system_prompt": "x", "layers": {"llm": {"speculative_inference": false}}});
    let created = client.create(&Document::new(body)).await.unwrap();
    let listing = client.reader().list().await.unwrap();
    assert_eq!(listing.entries.len(), 2);
    let live = client.reader().get(&created.id).await.unwrap();
    assert_eq!(live.document.reveal()["layers"]["llm"]["speculative_inference"], false);
    assert_eq!(live.document.reveal()["document_ids"], json!([]));
    client.delete(&created.id).await.unwrap();
    assert_eq!(sandbox.personas().len(), 1);
    assert_eq!(client.delete(&created.id).await.unwrap_err().code(), "persona-unknown");
    let error = client.create(&Document::new(json!({"persona_name": "no prompt"}))).await.unwrap_err();
    assert_eq!(error.message(), Some("system_prompt is required"));
}

#[tokio::test]
async fn a_missing_or_wrong_key_is_refused() {
    let sandbox = sandbox_with(Options { key: Some("another".to_owned()), ..Options::default() }).await;
    let error = writer(sandbox.endpoint()).reader().list().await.unwrap_err();
    assert_eq!((error.code(), error.message()), ("key-refused", Some("Invalid access token")));
}

#[tokio::test]
async fn a_server_that_keeps_less_or_otherwise_can_be_played() {
    let seed = Seed::Personas(vec![custom()]);
    let options = Options { drop_descriptions: true, sort_lists: true, seed, ..Options::default() };
    let sandbox = sandbox_with(options).await;
    let client = writer(sandbox.endpoint());
    let description =
        json!([{"op": "add", "path": "/layers/llm/tools/0/function/description", "value": "other"}]);
    assert_eq!(send(&client, description).await.unwrap(), 304, "descriptions are not stored");
    let languages = json!([{"op": "add", "path": "/languages", "value": ["de", "bg"]}]);
    assert_eq!(send(&client, languages.clone()).await.unwrap(), 200);
    assert_eq!(live(&client).await["languages"], json!(["bg", "de"]));
    assert_eq!(send(&client, languages).await.unwrap(), 304);
}
