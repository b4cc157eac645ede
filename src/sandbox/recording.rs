//! What the emulator was asked, for tests: without values, so without secrets.

use serde::Serialize;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path, decoded no further than it came.
    pub path: String,
    /// The query as it came.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The status answered; None where the connection was closed instead.
    pub status: Option<u16>,
    /// Of a PATCH: each operation with its path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<(String, String)>,
    /// A salted digest of the body: equal bodies have equal digests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The fault that struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The body held the text that stands for a secret in answers: the client took a mask for a value.
    #[serde(skip_serializing_if = "is_false")]
    pub mask_sent: bool,
    /// The client asked for the connection to be closed.
    #[serde(skip_serializing_if = "is_false")]
    pub close: bool,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

/// All requests so far, shared by the server and whoever looks.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    requests: Arc<Mutex<Vec<Recorded>>>,
    file: Option<PathBuf>,
}

impl Recording {
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Recording { requests: Arc::default(), file }
    }

    pub(super) fn add(&self, recorded: Recorded) {
        if let Some(file) = &self.file
            && let Ok(mut line) = serde_json::to_vec(&recorded)
        {
            line.push(b'\n');
            let written = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(file)
                .and_then(|mut file| file.write_all(&line));
            if let Err(e) = written {
                tracing::warn!("cannot record a request in {}: {e}", file.display());
            }
        }
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    }

    /// A copy of what was recorded so far.
    #[must_use]
    pub fn all(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what was recorded so far and starts anew.
    #[must_use]
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Each request as `METHOD PATH STATUS`, for short assertions.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |r: &Recorded| {
            format!(
                "{} {} {}",
                r.method,
                r.path,
                r.status.map_or("-".to_owned(), |status| status.to_string())
            )
        };
        self.all().iter().map(line).collect()
    }

    /// How many requests of this method there were.
    #[must_use]
    pub fn count(&self, method: &str) -> usize {
        self.all().iter().filter(|recorded| recorded.method == method).count()
    }
}
