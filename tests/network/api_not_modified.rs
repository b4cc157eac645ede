//! P48: a 304 on PATCH is "in sync", with or without a body and whenever that comes, and the next request on the
//! same client gets its own answer.

use crate::support::raw::{RawServer, Seen, Step, json};
use crate::support::{patch, writer};
use personactl::api::PatchOutcome;
use serde_json::json;

const LATE: &str = "{\"message\": \"nothing changed\"}";
const IMPOSTOR: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 37\r\n\r\n{\"persona_id\": \"p1\", \"impostor\": true}";

fn not_modified(variant: usize) -> Vec<Step> {
    let bare = "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned();
    let sized = |body: &str| format!("HTTP/1.1 304 Not Modified\r\ncontent-length: {}\r\n\r\n", body.len());
    let chunked = "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    let chunk = format!("{:x}\r\n{LATE}\r\n0\r\n\r\n", LATE.len());
    let send = |text: String| Step::Send(text.into_bytes());
    match variant {
        0 => vec![send(bare)],
        1 => vec![send(format!("{}{LATE}", sized(LATE)))],
        2 => vec![send(format!("{bare}{LATE}"))],
        3 => vec![send(format!("{chunked}{chunk}"))],
        4 => vec![send(sized(LATE)), Step::WaitMs(2), send(LATE.to_owned())],
        5 => vec![send(sized(LATE)), Step::WaitMs(30), send(LATE.to_owned())],
        6 => vec![send(chunked), Step::WaitMs(2), send(chunk)],
        7 => vec![send(chunked), Step::WaitMs(30), send(chunk)],
        _ => vec![send(sized(IMPOSTOR)), Step::WaitMs(2), send(IMPOSTOR.to_owned())],
    }
}

#[tokio::test]
async fn a_304_is_in_sync_and_does_not_poison_the_next_request_p48() {
    for variant in 0..9 {
        let server = RawServer::start(move |_, seen: &Seen| {
            if seen.line.starts_with("PATCH") {
                not_modified(variant)
            } else {
                json("200 OK", r#"{"persona_id": "p1", "genuine": true}"#)
            }
        });
        let client = writer(&server.endpoint);
        let operations = patch(json!([{"op": "add", "path": "/greeting", "value": "hello"}]));
        for round in 0..4 {
            let outcome = client.patch("p1", &operations, false).await;
            assert!(
                matches!(outcome, Ok(PatchOutcome::InSync)),
                "variant {variant}, round {round}: {outcome:?}"
            );
            let live = client.reader().get("p1").await.unwrap();
            assert_eq!(live.document.reveal()["genuine"], true, "variant {variant}, round {round}");
        }
        let seen = server.seen();
        assert_eq!(seen.len(), 8, "variant {variant}: no request is repeated");
        let is_patch = |seen: &&Seen| seen.line.starts_with("PATCH");
        assert!(seen.iter().filter(is_patch).all(|seen| {
            seen.header("connection") == Some("close")
                && seen.body == br#"[{"op":"add","path":"/greeting","value":"hello"}]"#
        }));
    }
}

#[tokio::test]
async fn reads_keep_their_connection() {
    let server = RawServer::start(|_, _| json("200 OK", r#"{"persona_id": "p1"}"#));
    let client = writer(&server.endpoint);
    for _ in 0..5 {
        client.reader().get("p1").await.unwrap();
    }
    assert!(server.seen().iter().all(|seen| seen.connection == 0));
}

#[tokio::test]
async fn a_304_to_a_get_is_no_answer() {
    let server = RawServer::start(|_, _| not_modified(0));
    let error = writer(&server.endpoint).reader().get("p1").await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("unexpected-status", Some(304)));
}
