//! The server: connections, routes, the key, faults and the recording.

use super::account::Query;
use super::body::{Broken, Manner, Scripted};
use super::fault::{Fault, FaultKind};
use super::options::Options;
use super::recording::{Recorded, Recording};
use super::reply::{Body, Reply};
use super::siblings;
use super::state::State;
use super::vault::ASTERISKS;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The largest request body that is read.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    inner: Mutex<Inner>,
    recording: Recording,
}

#[derive(Debug)]
struct Inner {
    state: State,
    options: Options,
    /// How often each request came.
    seen: HashMap<(String, String), u32>,
    /// Requests so far: the id of the next one.
    requests: u64,
}

impl Shared {
    pub(super) fn new(state: State, options: Options) -> Self {
        let recording = Recording::new(options.record.clone());
        Shared { inner: Mutex::new(Inner { state, options, seen: HashMap::new(), requests: 0 }), recording }
    }

    pub(super) fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Works on the state and saves it.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State, &Options) -> T) -> T {
        let mut inner = self.inner();
        let Inner { state, options, .. } = &mut *inner;
        let result = act(state, options);
        if let Err(e) = state.save() {
            tracing::warn!("{e}");
        }
        result
    }

    pub(super) fn set_faults(&self, faults: Vec<Fault>) {
        self.inner().options.faults = faults;
    }

    pub(super) fn set_options(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.inner().options);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes connections until dropped; the connections end with it.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, _)) = accepted else {
            // Out of sockets, most likely: others will be closed.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let shared = shared.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(shared.clone(), request));
            // A connection that a fault closes ends with an error, as it should.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Scripted>, Broken> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Err(Broken),
    };
    let call = Call {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    };
    let outcome = act(&shared, &call);
    shared.recording.add(outcome.recorded);
    if !outcome.latency.is_zero() {
        tokio::time::sleep(outcome.latency).await;
    }
    match outcome.end {
        End::Answer(response) => Ok(response),
        End::Close => Err(Broken),
        End::Never => std::future::pending().await,
    }
}

struct Call {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

struct Outcome {
    recorded: Recorded,
    latency: Duration,
    end: End,
}

enum End {
    Answer(Response<Scripted>),
    Close,
    Never,
}

/// Everything that one request leads to, in one step: no other request comes in between.
fn act(shared: &Shared, call: &Call) -> Outcome {
    let mut inner = shared.inner();
    let inner = &mut *inner;
    inner.requests += 1;
    let seen = inner.seen.entry((call.method.to_string(), call.path.clone())).or_default();
    let before = *seen;
    *seen += 1;
    let mut latency = Duration::ZERO;
    let mut fault = None;
    for candidate in &mut inner.options.faults {
        if let FaultKind::Latency(more) = candidate.kind {
            if candidate.strikes(call.method.as_str(), &call.path, before) {
                latency += more;
            }
        } else if fault.is_none() && candidate.strikes(call.method.as_str(), &call.path, before) {
            fault = Some((candidate.kind.clone(), candidate.retry_after.clone()));
        }
    }
    let (kind, retry_after) = fault.map_or((None, None), |(kind, retry_after)| (Some(kind), retry_after));
    let is_before = matches!(
        kind,
        Some(
            FaultKind::Status(_)
                | FaultKind::DropBefore
                | FaultKind::Html
                | FaultKind::Redirect(_)
                | FaultKind::Hang
        )
    );
    let reply =
        if is_before { Reply::empty(200) } else { carry_out(inner, call, kind == Some(FaultKind::Forget)) };
    let mut recorded = record(call, &inner.state);
    recorded.fault = kind.as_ref().map(|kind| format!("{kind:?}"));
    let end = end(reply, kind.as_ref(), retry_after, inner);
    recorded.status = match &end {
        End::Answer(response) => Some(response.status().as_u16()),
        End::Close | End::Never => None,
    };
    Outcome { recorded, latency, end }
}

fn carry_out(inner: &mut Inner, call: &Call, forget: bool) -> Reply {
    let Inner { state, options, .. } = inner;
    let key = call.headers.get("x-api-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.is_empty() || options.key.as_deref().is_some_and(|only| only != key) {
        return Reply::error(401, "Invalid access token");
    }
    let query = decode_query(&call.query);
    let account = &mut state.account;
    let kept = (call.method != Method::GET).then(|| account.clone());
    let reply = match (call.path.strip_prefix("/v2/personas"), &call.method) {
        (Some(""), &Method::GET) => account.list(&query, options),
        (Some(""), &Method::POST) => account.create(&call.body, options),
        (Some(rest), method) if rest.starts_with('/') && rest.len() > 1 => {
            let id = decode(&rest[1..]);
            match *method {
                Method::GET => account.get(&id, options),
                Method::PATCH => {
                    let force = query.get("force").is_some_and(|force| force == "true");
                    account.patch(&id, &call.body, force, options)
                }
                Method::DELETE => account.delete(&id),
                _ => Reply::error(405, "method not allowed"),
            }
        }
        _ if call.method == Method::GET => {
            siblings::get(&call.path, &query).unwrap_or_else(|| Reply::error(404, "not found"))
        }
        _ => Reply::error(404, "not found"),
    };
    if let Some(kept) = kept.filter(|_| (200..300).contains(&reply.status)) {
        if forget {
            *account = kept;
        } else if let Err(e) = state.save() {
            state.account = kept;
            return Reply::error(500, e.to_string());
        }
    }
    reply
}

fn end(reply: Reply, kind: Option<&FaultKind>, retry_after: Option<String>, inner: &Inner) -> End {
    const PAGE: &str = "<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>";
    let good = (200..300).contains(&reply.status);
    let mut manner = Manner::Whole;
    let mut location = None;
    let reply = match kind {
        Some(FaultKind::DropBefore | FaultKind::DropAfter) => return End::Close,
        Some(FaultKind::Hang | FaultKind::HangAfter) => return End::Never,
        Some(FaultKind::Status(429)) => Reply::error(429, "Too Many Requests"),
        Some(FaultKind::Status(409)) => Reply {
            status: 409,
            body: Body::Refusal("unpublished changes".to_owned(), vec![("conflict", "maker_changes".into())]),
        },
        Some(FaultKind::Status(status)) => Reply::error(*status, "a fault that was asked for"),
        Some(FaultKind::StatusAfter(status)) => Reply::error(*status, "a fault that was asked for"),
        Some(FaultKind::Html) => Reply { status: 200, body: Body::Text("text/html", PAGE.to_owned()) },
        Some(FaultKind::Redirect(to)) => {
            location = HeaderValue::from_str(to).ok();
            Reply::empty(302)
        }
        Some(FaultKind::Garbage) if good => {
            Reply { status: 200, body: Body::Text("application/json", "{\"persona_id\": \"p1".to_owned()) }
        }
        Some(FaultKind::Empty) if good => Reply::empty(200),
        Some(FaultKind::Truncate) => {
            manner = Manner::Broken;
            // A body is needed for it to break off in the middle.
            if reply.body == Body::Empty { Reply::json(200, "cut off in the middle".into()) } else { reply }
        }
        Some(FaultKind::Drip(each)) => {
            manner = Manner::Drip(*each);
            reply
        }
        _ => reply,
    };
    let (content_type, bytes) = reply.render(inner.options.errors);
    let mut response = Response::new(Scripted::new(Bytes::from(bytes), manner));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if reply.body != Body::Empty {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Ok(id) = HeaderValue::from_str(&format!("sandbox-{}", inner.requests)) {
        headers.insert("x-request-id", id);
    }
    if let Some(value) = retry_after.and_then(|value| HeaderValue::from_str(&value).ok()) {
        headers.insert(RETRY_AFTER, value);
    }
    if let Some(location) = location {
        headers.insert(LOCATION, location);
    }
    End::Answer(response)
}

fn record(call: &Call, state: &State) -> Recorded {
    let sent: Option<Value> = serde_json::from_slice(&call.body).ok();
    let text = |operation: &Value, name: &str| operation[name].as_str().unwrap_or_default().to_owned();
    let operations = match &sent {
        Some(Value::Array(operations)) => {
            operations.iter().map(|o| (text(o, "op"), text(o, "path"))).collect()
        }
        _ => Vec::new(),
    };
    Recorded {
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.query.clone(),
        status: None,
        operations,
        body: (!call.body.is_empty()).then(|| state.account.vault.digest(&call.body)),
        fault: None,
        mask_sent: sent.as_ref().is_some_and(holds_mask),
        close: call.headers.get("connection").is_some_and(|value| value == "close"),
    }
}

fn holds_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => text == ASTERISKS || text == crate::persona::secret::MASK,
        Value::Array(elements) => elements.iter().any(holds_mask),
        Value::Object(members) => members.values().any(holds_mask),
        _ => false,
    }
}

fn decode_query(query: &str) -> Query {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// Undoes percent-encoding; what is no encoding stays.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        let decoded = match (byte, after) {
            (b'%', [high, low, ..]) => char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16)),
            _ => None,
        };
        match decoded.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(decoded) => {
                out.push(decoded);
                rest = &after[2..];
            }
            None => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
