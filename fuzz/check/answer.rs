//! A status, headers and a body as an answer of the API.

use personactl::api::{Answer, ErrorKind, Method, decode, fault_of};
use personactl::compare::compare;
use personactl::diagnostic::Severity;
use personactl::persona::{Desired, Document, Live};
use personactl::plan::{Options, plan_update};
use personactl::pull::{Place, new_files};
use personactl::report::escape::{inline, is_harmful};
use personactl::source::{LoadRequest, Memory, load};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// The most that an error says, in bytes.
const LONGEST: usize = 8 * 1024;

/// As on the wire: a line with the status, lines with headers, an empty line, the body.
pub(crate) fn answer(data: &[u8]) {
    let answer = read(data);
    for method in [Method::Get, Method::Post, Method::Patch, Method::Delete] {
        if let Some(kind) = fault_of(method, &answer, Duration::from_secs(60)) {
            printable(&kind);
        }
    }
    if let Some(message) = answer.message() {
        assert!(!message.is_empty() && inline(&message).len() <= LONGEST, "too long: {}", message.len());
    }
    let _ = answer.is_maker_conflict();
    let page = decode::page(&answer);
    let list = decode::list(&answer);
    if let Ok(page) = &page {
        assert!(page.entries.iter().all(|entry| !entry.id.is_empty()), "an entry without an id");
        let total = list.as_ref().ok().map(|(elements, total)| (elements.len(), *total));
        assert!(total == Some((page.entries.len(), page.total)), "page and list differ");
    }
    for kind in [page.err(), list.err(), decode::deleted(&answer).err()].iter().flatten() {
        printable(kind);
    }
    let created = decode::created(&answer);
    match decode::patched(&answer) {
        Ok(Some(members)) => {
            assert!(decode::json(&answer).is_ok(), "{} members out of nothing", members.len())
        }
        Ok(None) => {}
        Err(kind) => printable(&kind),
    }
    match decode::one(&answer, created.as_deref().unwrap_or("p0123456789ab")) {
        Ok(live) => {
            assert!(created.is_ok_and(|id| id == live.id), "another id");
            taken(&live);
        }
        Err(kind) => printable(&kind),
    }
    if let Err(kind) = decode::one(&answer, "p0123456789ab") {
        printable(&kind);
    }
}

fn read(data: &[u8]) -> Answer {
    let mut answer = Answer::default();
    let mut rest = data;
    let mut first = true;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = rest.get(end + 1..).unwrap_or_default();
        if first {
            answer.status = line.trim().parse().unwrap_or(200);
            first = false;
            continue;
        }
        let Some((name, value)) = line.split_once(": ") else { break };
        let value = Some(value.to_owned());
        match name {
            "content-type" => answer.content_type = value,
            "x-request-id" => answer.request_id = value,
            "retry-after" => answer.retry_after = value,
            "location" => answer.location = value,
            _ => {}
        }
    }
    answer.body = rest.to_vec().into();
    answer
}

fn printable(kind: &ErrorKind) {
    let text = kind.to_string();
    let harmful = text.chars().find(|c| is_harmful(*c));
    assert!(harmful.is_none(), "{harmful:?} in {text:?}");
    assert!(!text.is_empty() && text.len() <= LONGEST, "an error of {} bytes", text.len());
}

/// A live persona is in sync with itself, and with the file that `pull` makes of it.
fn taken(live: &Live) {
    let mut document = live.document.reveal().clone();
    document.as_object_mut().map(|members| members.shift_remove("persona_id"));
    let same = Desired {
        file: "personas/a.yaml".into(),
        id: Some(live.id.clone()),
        name: live.name.clone(),
        document: Document::new(document),
        ..Desired::default()
    };
    let changes = compare(&same, live).changes;
    assert!(changes.is_empty(), "a persona differs from itself at {}", changes[0].path);
    let plan = plan_update(&same, None, live, &Options::default());
    assert!(plan.findings.changes.is_empty(), "a plan for what is in sync");

    let none = BTreeSet::new();
    let place = Place { folder: "personas", taken: &none, names: &none, environment: None };
    let files = new_files(std::slice::from_ref(live), place);
    let [file] = files.as_slice() else { panic!("one persona, and {} files", files.len()) };
    let loaded = load(
        &Memory::default().with(&file.path, &file.text),
        &|_: &str| None,
        &LoadRequest { validate: true, ..LoadRequest::default() },
    );
    let error = loaded.diagnostics.iter().find(|found| found.severity == Severity::Error);
    if live.id.trim().is_empty() {
        return;
    }
    assert!(error.is_none(), "{error:?} in what pull wrote:\n{}", file.text);
    let [desired] = loaded.desired.as_slice() else { panic!("pull wrote no persona:\n{}", file.text) };
    let changes = compare(desired, live).changes;
    assert!(changes.is_empty(), "what pull wrote differs at {}:\n{}", changes[0].path, file.text);
    assert!(desired.id.as_ref() == Some(&live.id), "pull wrote another id");
    let mask =
        |value: &Value| value.as_str().is_some_and(|text| text.len() > 3 && text.bytes().all(|b| b == b'*'));
    let key = desired.document.reveal().pointer("/layers/llm/api_key");
    assert!(!key.is_some_and(mask), "pull wrote a mask");
}
