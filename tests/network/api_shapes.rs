//! The shapes of answers, both error bodies, and that the key goes nowhere but into its header.

use crate::support::raw::{RawServer, answer, json};
use crate::support::{KEY, Notes, patch, persona, reader, sandbox_with, settings, writer};
use personactl::api::{Effect, PatchOutcome, ReadClient, WriteClient};
use personactl::persona::Document;
use personactl::sandbox::{Options, PatchAnswer, Seed, Shape};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn one_persona_is_read_in_each_of_its_shapes() {
    for shape in [Shape::Flat, Shape::InList, Shape::InObject] {
        let seed = Seed::Personas(vec![persona("p1", "Ada")]);
        let sandbox = sandbox_with(Options { shape, seed, ..Options::default() }).await;
        let live = reader(sandbox.endpoint()).get("p1").await.unwrap();
        assert_eq!((live.id.as_str(), live.label()), ("p1", "Ada"), "{shape:?}");
        assert_eq!(live.document.reveal()["system_prompt"], "You greet people.");
    }
}

#[tokio::test]
async fn the_key_is_sent_in_its_header_and_shown_nowhere() {
    let server = RawServer::start(|_, seen| {
        let echo = format!("{{\"message\": \"bad key {}\"}}", seen.header("x-api-key").unwrap_or("none"));
        json("401 Unauthorized", &echo)
    });
    let notes = Arc::new(Notes::default());
    let mut settings = settings(&server.endpoint);
    settings.observer = notes.clone();
    let shown = format!("{settings:?}");
    let client = WriteClient::new(settings);
    let error = client.reader().get("p1").await.unwrap_err();
    assert_eq!(error.code(), "key-refused");
    assert_eq!(error.message(), Some("bad key (secret)"));
    let lines = notes.lines.lock().unwrap().join("\n");
    for text in [shown, format!("{client:?}"), format!("{error} {error:?}"), lines] {
        assert!(!text.is_empty() && !text.contains(KEY), "{text}");
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 1, "a refused key is not tried again");
    assert_eq!(seen[0].header("x-api-key"), Some(KEY));
    assert!(!seen[0].line.contains(KEY));
    assert!(seen[0].header("user-agent").unwrap().starts_with("personactl/"));
}

#[tokio::test]
async fn each_refusal_has_its_code_and_the_servers_words() {
    for (status, body, code) in [
        ("400 Bad Request", r#"{"error": "invalid persona_id"}"#, "persona-unknown"),
        ("400 Bad Request", r#"{"message": "tts_engine must be one of ..."}"#, "request-refused"),
        ("401 Unauthorized", r#"{"message": "Invalid access token"}"#, "key-refused"),
        ("403 Forbidden", r#"{"message": "no"}"#, "forbidden"),
        ("404 Not Found", r#"{"error": "no such persona"}"#, "persona-unknown"),
        ("409 Conflict", r#"{"message": "edits", "conflict": "maker_changes"}"#, "unpublished-edits"),
        ("409 Conflict", r#"{"message": "busy"}"#, "conflict"),
        ("422 Unprocessable Entity", r#"{"message": "op 0"}"#, "patch-refused"),
        ("418 Teapot", r#"{"message": "short and stout"}"#, "unexpected-status"),
    ] {
        let server = RawServer::start(move |_, _| {
            answer(status, "x-request-id: req-42\r\ncontent-type: application/json\r\n", body.as_bytes())
        });
        let operations = patch(json!([{"op": "remove", "path": "/greeting"}]));
        let error = writer(&server.endpoint).patch("p1", &operations, false).await.unwrap_err();
        assert_eq!(error.code(), code, "{status}");
        assert_eq!(error.effect(), Effect::Refused, "{status}");
        let text = error.to_string();
        let words = body.split('"').nth(3).unwrap();
        for part in ["PATCH /v2/personas/p1", &status[..3], words, "req-42"] {
            assert!(text.contains(part), "{text} lacks {part}");
        }
        assert!(error.hint().is_some());
        assert_eq!(server.seen().len(), 1, "{status}: a write that was refused is not repeated");
    }
}

#[tokio::test]
async fn a_write_is_done_whatever_the_body_of_its_success() {
    for answered in [PatchAnswer::Empty, PatchAnswer::Document, PatchAnswer::NoContent] {
        let seed = Seed::Personas(vec![persona("p1", "Ada")]);
        let sandbox = sandbox_with(Options { patch_answer: answered, seed, ..Options::default() }).await;
        let client = writer(sandbox.endpoint());
        let operations = patch(json!([{"op": "add", "path": "/greeting", "value": "hello"}]));
        match client.patch("p1", &operations, false).await.unwrap() {
            PatchOutcome::Applied { document, discarded: false } => {
                assert_eq!(document.is_some(), answered == PatchAnswer::Document);
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(client.patch("p1", &operations, false).await, Ok(PatchOutcome::InSync)));
        let created = client.create(&Document::new(json!({"system_prompt": "x"}))).await.unwrap();
        client.delete(&created.id).await.unwrap();
        assert_eq!(client.reader().get(&created.id).await.unwrap_err().code(), "persona-unknown");
    }
}

#[tokio::test]
async fn a_change_that_went_to_a_draft_is_not_taken_for_done() {
    let server = RawServer::start(|_, _| json("200 OK", r#"{"publish_url": "/v2/pals/p1/publish"}"#));
    let operations = patch(json!([{"op": "remove", "path": "/greeting"}]));
    match writer(&server.endpoint).patch("p1", &operations, false).await.unwrap() {
        PatchOutcome::Routed { publish_url } => assert_eq!(publish_url, "/v2/pals/p1/publish"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn unpublished_edits_are_overwritten_only_on_request() {
    let mut drafted = persona("p1", "Ada");
    drafted["has_unpublished_changes"] = true.into();
    let seed = Seed::Personas(vec![drafted]);
    let sandbox = sandbox_with(Options { seed, ..Options::default() }).await;
    let client = writer(sandbox.endpoint());
    let operations = patch(json!([{"op": "add", "path": "/greeting", "value": "hello"}]));
    assert_eq!(client.patch("p1", &operations, false).await.unwrap_err().code(), "unpublished-edits");
    assert!(matches!(
        client.patch("p1", &operations, true).await,
        Ok(PatchOutcome::Applied { discarded: true, .. })
    ));
    assert_eq!(sandbox.recording().all().last().unwrap().query, "force=true");
}

#[tokio::test]
async fn an_answer_about_another_persona_is_refused() {
    let server = RawServer::start(|_, _| json("200 OK", r#"{"persona_id": "p2"}"#));
    let error = ReadClient::new(settings(&server.endpoint)).get("p1").await.unwrap_err();
    assert_eq!(error.code(), "answer-unexpected");
    assert!(error.to_string().contains("it is about persona `p2`"), "{error}");
}
