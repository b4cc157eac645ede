//! What the emulator answers, before it becomes bytes.

use super::options::Errors;
use serde_json::{Value, json};

/// A status and a body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Body,
}

/// What is in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    Empty,
    Json(Value),
    /// The words of a refusal: which member they go into depends on the status.
    Refusal(String, Vec<(&'static str, Value)>),
    Text(&'static str, String),
}

impl Reply {
    pub(super) fn json(status: u16, value: Value) -> Self {
        Reply { status, body: Body::Json(value) }
    }

    pub(super) fn empty(status: u16) -> Self {
        Reply { status, body: Body::Empty }
    }

    pub(super) fn error(status: u16, words: impl Into<String>) -> Self {
        Reply { status, body: Body::Refusal(words.into(), Vec::new()) }
    }

    /// The words that the API has for an id that is not there or may not be edited.
    pub(super) fn unknown_persona() -> Self {
        Reply::error(400, "invalid persona_id")
    }

    /// The bytes of the body and their type.
    pub(super) fn render(&self, errors: Errors) -> (&'static str, Vec<u8>) {
        const JSON: &str = "application/json";
        match &self.body {
            Body::Empty => (JSON, Vec::new()),
            Body::Json(value) => (JSON, value.to_string().into_bytes()),
            Body::Text(kind, text) => (kind, text.clone().into_bytes()),
            Body::Refusal(words, more) => {
                let documented_error = matches!(self.status, 400 | 404);
                let member =
                    if documented_error && errors == Errors::AsDocumented { "error" } else { "message" };
                let mut body = json!({ member: words });
                for (name, value) in more {
                    body[*name] = value.clone();
                }
                (JSON, body.to_string().into_bytes())
            }
        }
    }
}
