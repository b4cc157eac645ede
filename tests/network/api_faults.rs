//! What an imperfect network and a strange server do to a request: P50, P51, P53, P54, P56.

use crate::support::raw::{RawServer, Step, answer, json};
use crate::support::{Notes, patch, persona, reader, sandbox, settings, writer};
use personactl::api::{
    Clock as _, Effect, ErrorKind, InstantClock, Limits, ReadClient, TimeLimit, WriteClient,
};
use personactl::persona::Document;
use serde_json::json;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_redirect_is_an_error_that_names_the_host_and_takes_the_key_nowhere_p50() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let elsewhere = RawServer::start(|_, _| json("200 OK", r#"{"persona_id": "p1"}"#));
        let port = elsewhere.endpoint.to_string().rsplit(':').next().unwrap().to_owned();
        let to = format!("location: http://localhost:{port}/v2/personas/p1\r\n");
        let server = RawServer::start(move |_, _| answer(status, &to, b""));
        let client = writer(&server.endpoint);
        let operations = patch(json!([{"op": "remove", "path": "/greeting"}]));
        for error in [
            client.patch("p1", &operations, false).await.unwrap_err(),
            client.reader().get("p1").await.unwrap_err(),
        ] {
            assert_eq!(
                error.kind(),
                &ErrorKind::Redirected { host: Some("localhost".to_owned()) },
                "{status}"
            );
            assert!(error.to_string().contains("redirect to `localhost`"), "{error}");
        }
        assert_eq!(server.seen().len(), 2, "{status}");
        assert!(elsewhere.seen().is_empty(), "{status}: the other host was asked");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_the_api_is_said_so() {
    for (headers, body, code, part) in [
        ("content-type: text/html\r\n", "<html><title>Log in</title>", "html-answer", "HTML page"),
        ("", "{\"persona_id\": \"p1\",\n oops}", "json-malformed", "line 2"),
        ("", "", "answer-empty", "empty"),
        ("", "[1]", "answer-unexpected", "a list"),
        ("", "{\"data\": []}", "answer-unexpected", "0 personas"),
    ] {
        let server = RawServer::start(move |_, _| answer("200 OK", headers, body.as_bytes()));
        let error = reader(&server.endpoint).get("p1").await.unwrap_err();
        assert_eq!((error.code(), error.status()), (code, Some(200)));
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn an_answer_over_the_cap_is_stopped_after_decompression() {
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    zip.write_all(b"{\"persona_id\": \"p1\", \"x\": \"").unwrap();
    for _ in 0..40 {
        zip.write_all(&vec![b'x'; 1024 * 1024]).unwrap();
    }
    zip.write_all(b"\"}").unwrap();
    let bomb = zip.finish().unwrap();
    assert!(bomb.len() < 200_000, "small on the wire");
    let server = RawServer::start(move |_, _| answer("200 OK", "content-encoding: gzip\r\n", &bomb));
    let error = reader(&server.endpoint).get("p1").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TooLarge { limit: 32 * 1024 * 1024 });
    assert_eq!(server.seen().len(), 1, "and not asked for again");
}

#[tokio::test]
async fn a_compressed_answer_within_the_cap_is_read() {
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zip.write_all(br#"{"persona_id": "p1", "persona_name": "Ada"}"#).unwrap();
    let body = zip.finish().unwrap();
    let server = RawServer::start(move |_, _| answer("200 OK", "content-encoding: gzip\r\n", &body));
    assert_eq!(reader(&server.endpoint).get("p1").await.unwrap().label(), "Ada");
}

#[tokio::test]
async fn reads_are_repeated_after_what_may_pass_and_writes_are_not_p51() {
    for fault in ["500:2", "503:2", "drop-before:2", "truncate:2", "garbage:2", "empty:2"] {
        let sandbox = sandbox(vec![persona("p1", "Ada")]).await;
        let client = writer(sandbox.endpoint());
        sandbox.set_faults(vec![fault.parse().unwrap()]);
        assert_eq!(client.reader().get("p1").await.unwrap().label(), "Ada", "{fault}");
        assert_eq!(sandbox.recording().take().len(), 3, "{fault}");
    }
    for (fault, landed) in [
        ("500:1", false),
        ("500-after:1", true),
        ("drop-before:1", false),
        ("drop-after:1", true),
        ("truncate:1", true),
        ("garbage:1", true),
        ("html:1", false),
    ] {
        let sandbox = sandbox(vec![persona("p1", "Ada")]).await;
        let client = writer(sandbox.endpoint());
        let operations = patch(json!([{"op": "add", "path": "/greeting", "value": "hello"}]));
        sandbox.set_faults(vec![fault.parse().unwrap()]);
        let error = client.patch("p1", &operations, false).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unclear, "{fault}: {error}");
        assert_eq!(sandbox.recording().count("PATCH"), 1, "{fault}");
        assert_eq!(sandbox.personas()[0]["greeting"] == "hello", landed, "{fault}");

        sandbox.set_faults(vec![fault.parse().unwrap()]);
        let error = client.create(&Document::new(json!({"system_prompt": "x"}))).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unclear, "{fault}: {error}");
        assert_eq!(sandbox.recording().count("POST"), 1, "{fault}");
        assert_eq!(sandbox.personas().len() == 2, landed, "{fault}");
    }
}

#[tokio::test]
async fn after_too_many_requests_every_attempt_is_the_same_p56() {
    let sandbox = sandbox(vec![persona("p1", "Ada")]).await;
    let operations = patch(json!([{"op": "add", "path": "/greeting", "value": "hello"}]));
    sandbox.set_faults(vec!["429:3,method=PATCH".parse().unwrap()]);
    writer(sandbox.endpoint()).patch("p1", &operations, false).await.unwrap();
    let seen = sandbox.recording().all();
    let statuses: Vec<_> = seen.iter().map(|seen| seen.status.unwrap()).collect();
    assert_eq!(statuses, [429, 429, 429, 200]);
    assert!(
        seen.iter()
            .all(|attempt| attempt.body == seen[0].body && attempt.close && attempt.path == seen[0].path)
    );
}

#[tokio::test]
async fn waits_follow_retry_after_or_grow_p53() {
    let wait_for = |header: Option<&str>| {
        let header = header.map_or(String::new(), |value| format!("retry-after: {value}\r\n"));
        async move {
            let server = RawServer::start(move |number, _| {
                if number < 4 {
                    answer("429 Too Many", &header, b"{}")
                } else {
                    json("200 OK", r#"{"persona_id": "p1"}"#)
                }
            });
            let notes = Arc::new(Notes::default());
            let mut settings = settings(&server.endpoint);
            let start = httpdate::parse_http_date("Wed, 25 Nov 2026 10:00:00 GMT").unwrap();
            settings.clock = Arc::new(InstantClock::starting(start));
            settings.observer = notes.clone();
            ReadClient::new(settings).get("p1").await.unwrap();
            let pauses = notes.pauses.lock().unwrap();
            assert!(pauses.iter().all(|(_, shared, _)| *shared));
            pauses.iter().map(|(wait, _, asked)| (*wait, *asked)).collect::<Vec<_>>()
        }
    };
    assert_eq!(wait_for(Some("7")).await, vec![(Duration::from_secs(7), true); 4]);
    // The first wait brings the clock to the date; after it the date is past, which means now.
    let date = wait_for(Some("Wed, 25 Nov 2026 10:00:20 GMT")).await;
    assert_eq!(date.first(), Some(&(Duration::from_secs(20), true)));
    assert!(date[1..].iter().all(|(wait, _)| wait.is_zero()), "{date:?}");
    for header in [None, Some("soon"), Some("-1")] {
        let waits = wait_for(header).await;
        assert_eq!(waits.len(), 4, "{header:?}");
        assert!(waits.iter().all(|(_, asked)| !asked));
        assert!(waits.windows(2).all(|pair| pair[0].0 < pair[1].0 * 2 && !pair[0].0.is_zero()), "{waits:?}");
        assert!(waits[3].0 >= waits[0].0 * 2, "they grow: {waits:?}");
    }
}

#[tokio::test]
async fn a_wait_beyond_the_limit_fails_at_once_with_the_time_that_was_asked_for_p54() {
    for status in ["429 Too Many", "503 Busy"] {
        let server = RawServer::start(move |_, _| answer(status, "retry-after: 1600\r\n", b"{}"));
        let clock = Arc::new(InstantClock::default());
        let mut settings = settings(&server.endpoint);
        settings.clock = clock.clone();
        let error = ReadClient::new(settings).get("p1").await.unwrap_err();
        assert_eq!(error.code(), "rate-limited", "{status}");
        assert!(error.to_string().contains("26 min 40 s"), "{error}");
        assert_eq!(server.seen().len(), 1);
        assert_eq!(clock.elapsed(), Duration::ZERO);
    }
}

#[tokio::test]
async fn one_pause_is_shared_and_told_once_for_all_who_were_refused_together() {
    let personas = (0..40).map(|n| persona(&format!("p{n}"), "x")).collect();
    let sandbox = sandbox(personas).await;
    sandbox.set_faults(vec!["429:8,retry-after=30".parse().unwrap()]);
    let clock = Arc::new(InstantClock::default());
    let notes = Arc::new(Notes::default());
    let mut settings = settings(sandbox.endpoint());
    (settings.clock, settings.observer) = (clock.clone(), notes.clone());
    let client = ReadClient::new(settings);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40 {
        let client = client.clone();
        tasks.spawn(async move { client.get(&format!("p{n}")).await.map(|live| live.id) });
    }
    let ids =
        tasks.join_all().await.into_iter().collect::<Result<std::collections::BTreeSet<_>, _>>().unwrap();
    assert_eq!(ids.len(), 40);
    assert_eq!(
        clock.elapsed(),
        Duration::from_secs(30),
        "the eight refused wait together, not one after the other"
    );
    assert_eq!(notes.pauses.lock().unwrap().len(), 1, "and it is said once");
    assert_eq!(sandbox.recording().all().len(), 48);
}

#[tokio::test]
async fn each_attempt_ends_in_time_however_slowly_the_answer_drips() {
    let drip = |_: usize, _: &crate::support::raw::Seen| {
        let mut steps = vec![Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".to_vec())];
        steps.extend((0..1000).flat_map(|_| [Step::Send(b"x".to_vec()), Step::WaitMs(5)]));
        steps
    };
    let hold = |_: usize, _: &crate::support::raw::Seen| vec![Step::Hold];
    let short = Limits { attempt: Duration::from_millis(60), attempts: 2, ..Limits::default() };
    for server in [RawServer::start(drip), RawServer::start(hold)] {
        let mut settings = settings(&server.endpoint);
        settings.limits = short;
        let client = WriteClient::new(settings);
        let error = client.reader().get("p1").await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TimedOut { limit: TimeLimit::Attempt, .. }), "{error}");
        assert_eq!(server.seen().len(), 2, "a read is tried again");
        let error = client.patch("p1", &patch(json!([])), false).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unclear, "{error}");
        assert_eq!(server.seen().len(), 3, "a write is not");
    }
}

#[tokio::test]
async fn all_attempts_together_end_in_time() {
    let server = RawServer::start(|_, _| answer("503 Busy", "retry-after: 50\r\n", b"{}"));
    let mut settings = settings(&server.endpoint);
    settings.limits.total = Duration::from_secs(120);
    let error = ReadClient::new(settings).get("p1").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TimedOut { limit: TimeLimit::Total, .. }), "{error}");
    assert_eq!(server.seen().len(), 3, "at 0 s, 50 s and 100 s");
}

#[tokio::test]
async fn nobody_listening_is_no_connection_and_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint =
        personactl::api::Endpoint::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let error = writer(&endpoint).delete("p1").await.unwrap_err();
    assert_eq!((error.code(), error.effect()), ("connect-failed", Effect::NotSent));
    assert!(error.hint().unwrap().contains("HTTPS_PROXY"));
}
