//! An account that is as plain as can be: it stores exactly what it is sent, and shows exactly what it stores.
//!
//! It shares no code with the sandbox. A PATCH must be right by RFC 6902 against what is stored, or it is refused.

use super::raw::{RawServer, Seen, Step, answer, json as reply};
use personactl::api::Endpoint;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The personas by what GET shows of them.
pub(crate) type Docs = Vec<Value>;

/// A request, with its whole body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
}

type Hook = dyn Fn(&Received, &mut Docs) + Send + Sync;

pub(crate) struct PlainAccount {
    server: RawServer,
    docs: Arc<Mutex<Docs>>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl PlainAccount {
    pub(crate) fn of(docs: Docs) -> Self {
        PlainAccount::hooked(docs, |_, _| {})
    }

    /// `hook` runs before each request is answered: what somebody else does to the account at that moment.
    pub(crate) fn hooked(docs: Docs, hook: impl Fn(&Received, &mut Docs) + Send + Sync + 'static) -> Self {
        let docs = Arc::new(Mutex::new(docs));
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (store, log, hook) = (docs.clone(), received.clone(), Box::new(hook) as Box<Hook>);
        let server = RawServer::start(move |_, seen| {
            let request = understand(seen);
            log.lock().unwrap().push(request.clone());
            let mut docs = store.lock().unwrap();
            hook(&request, &mut docs);
            respond(&request, &mut docs)
        });
        PlainAccount { server, docs, received }
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.server.endpoint
    }

    pub(crate) fn docs(&self) -> Docs {
        self.docs.lock().unwrap().clone()
    }

    /// The requests so far; the recording starts anew.
    pub(crate) fn take_all(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    /// The requests that could change something, with their bodies; the recording starts anew.
    pub(crate) fn take_writes(&self) -> Vec<Received> {
        let mut all = self.take_all();
        all.retain(|request| request.method != "GET");
        all
    }
}

fn understand(seen: &Seen) -> Received {
    let (method, path) = seen.line.split_once(' ').unwrap();
    let body = match seen.body.as_slice() {
        [] => Value::Null,
        bytes => serde_json::from_slice(bytes).unwrap(),
    };
    Received { method: method.to_owned(), path: path.to_owned(), body }
}

fn respond(request: &Received, docs: &mut Docs) -> Vec<Step> {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let id = path.strip_prefix("/v2/personas/");
    let index = id.and_then(|id| docs.iter().position(|doc| doc["persona_id"] == id));
    match (request.method.as_str(), id, index) {
        ("GET", None, _) => {
            let first = query.split('&').any(|part| part == "page=1");
            let own: Vec<Value> = docs
                .iter()
                .filter(|doc| doc["persona_type"] != "system")
                .map(|doc| json!({"persona_id": doc["persona_id"], "persona_name": doc["persona_name"]}))
                .collect();
            let total = own.len();
            let data = if first { own } else { Vec::new() };
            reply("200 OK", &json!({"data": data, "total_count": total}).to_string())
        }
        ("POST", None, _) => {
            let id = format!("pnew{}", docs.len());
            let mut doc = json!({"persona_id": id});
            doc.as_object_mut().unwrap().extend(request.body.as_object().unwrap().clone());
            docs.push(doc);
            reply("200 OK", &json!({"persona_id": id}).to_string())
        }
        ("GET", _, Some(index)) => reply("200 OK", &docs[index].to_string()),
        ("PATCH", _, Some(index)) => {
            let mut after = docs[index].clone();
            let patch = serde_json::from_value::<json_patch::Patch>(request.body.clone());
            match patch.map(|patch| json_patch::patch(&mut after, &patch)) {
                Ok(Ok(())) if after == docs[index] => answer("304 Not Modified", "", b""),
                Ok(Ok(())) => {
                    docs[index] = after;
                    answer("200 OK", "", b"")
                }
                Ok(Err(error)) => reply("422 Refused", &json!({"message": error.to_string()}).to_string()),
                Err(error) => reply("422 Refused", &json!({"message": error.to_string()}).to_string()),
            }
        }
        ("DELETE", _, Some(index)) => {
            docs.remove(index);
            answer("204 No Content", "", b"")
        }
        _ => reply("400 Bad Request", r#"{"error": "invalid persona_id"}"#),
    }
}
