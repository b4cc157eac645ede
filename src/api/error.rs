//! What can go wrong on the way to the API and back; the wording is in `wording.rs`.
//!
//! Every error says the method, the path and, where there are such, the status, the server's words and the id that
//! the server gave the request; then what to do next. [`ApiError::effect`] says whether a write may have happened.

use super::answer::Answer;
use super::request::Method;
use crate::persona::secret::Scrubber;
use std::time::Duration;

/// A request that failed.
#[derive(Debug, Clone)]
pub struct ApiError(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    method: Method,
    path: String,
    kind: ErrorKind,
    status: Option<u16>,
    request_id: Option<String>,
    message: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// An id that cannot be part of a path.
    BadId {
        /// The id.
        id: String,
    },
    /// A body that is no JSON.
    Unsendable {
        /// Why.
        reason: String,
    },
    /// The client could not be made: a CA file, the proxy variables.
    Setup {
        /// Why.
        reason: String,
    },
    /// A write that did not begin, because the brake was pulled.
    Stopped {
        /// Why it was.
        reason: String,
    },
    /// 401.
    KeyRefused,
    /// 403.
    Forbidden,
    /// 404, or 400 with "invalid persona_id".
    UnknownPersona,
    /// 400.
    Refused,
    /// 409 because somebody has unpublished edits in the vendor's editor.
    MakerChanges,
    /// 409 for another reason.
    Conflict,
    /// 422.
    PatchRefused,
    /// 429, still after waiting; or any answer that asks for a wait that is longer than allowed.
    RateLimited {
        /// The wait that the server asked for.
        asked: Option<Duration>,
        /// The longest wait that is allowed.
        allowed: Duration,
    },
    /// 3xx.
    Redirected {
        /// The host that the answer points to.
        host: Option<String>,
    },
    /// 5xx.
    ServerError,
    /// Another status that the call is not documented to have.
    UnexpectedStatus,
    /// A page for people where JSON was expected.
    Html,
    /// Not JSON.
    BadJson {
        /// What is wrong and where.
        reason: String,
    },
    /// JSON, but not what the call answers.
    WrongContent {
        /// What is wrong and where.
        reason: String,
    },
    /// A success without a body where there must be one.
    EmptyAnswer,
    /// A body larger than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer broke off or could not be decompressed.
    BrokenAnswer {
        /// What the connection said.
        reason: String,
    },
    /// The connection was lost before an answer came.
    ConnectionLost {
        /// What the connection said.
        reason: String,
    },
    /// Too slow.
    TimedOut {
        /// Which limit was passed.
        limit: TimeLimit,
        /// How long it is.
        after: Duration,
    },
    /// No connection could be made.
    ConnectFailed {
        /// What the system said.
        reason: String,
    },
    /// The server's certificate was not accepted.
    Untrusted {
        /// What is wrong with it.
        reason: String,
    },
}

/// The limits of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// For making the connection.
    Connect,
    /// For one attempt, the whole answer included.
    Attempt,
    /// For all attempts of one call with the waits between them.
    Total,
}

/// What a failed write may have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing was sent.
    NotSent,
    /// The server said no and did nothing.
    Refused,
    /// It may have been done: only reading tells.
    Unclear,
}

impl ApiError {
    /// An error without an answer.
    pub(super) fn new(method: Method, path: &str, kind: ErrorKind) -> Self {
        let (status, request_id, message) = (None, None, None);
        ApiError(Box::new(Details { method, path: path.to_owned(), kind, status, request_id, message }))
    }

    /// An error that an answer says or is.
    pub(super) fn answered(
        method: Method,
        path: &str,
        kind: ErrorKind,
        answer: &Answer,
        scrub: &Scrubber,
    ) -> Self {
        let mut error = Self::new(method, path, kind);
        error.0.status = Some(answer.status);
        error.0.request_id = answer.request_id.as_deref().map(|id| scrub.clean(id));
        if !(200..300).contains(&answer.status) {
            error.0.message = answer.message().map(|text| scrub.clean(&text));
        }
        error
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The method of the request.
    #[must_use]
    pub fn method(&self) -> Method {
        self.0.method
    }

    /// The path of the request.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The status, if an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The id that the server gave the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The server's own words, without known secrets; not escaped.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Stable, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind() {
            ErrorKind::BadId { .. } => "persona-id-malformed",
            ErrorKind::Unsendable { .. } => "request-unsendable",
            ErrorKind::Setup { .. } => "client-setup",
            ErrorKind::Stopped { .. } => "stopped",
            ErrorKind::KeyRefused => "key-refused",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::UnknownPersona => "persona-unknown",
            ErrorKind::Refused => "request-refused",
            ErrorKind::MakerChanges => "unpublished-edits",
            ErrorKind::Conflict => "conflict",
            ErrorKind::PatchRefused => "patch-refused",
            ErrorKind::RateLimited { .. } => "rate-limited",
            ErrorKind::Redirected { .. } => "redirected",
            ErrorKind::ServerError => "server-error",
            ErrorKind::UnexpectedStatus => "unexpected-status",
            ErrorKind::Html => "html-answer",
            ErrorKind::BadJson { .. } => "json-malformed",
            ErrorKind::WrongContent { .. } => "answer-unexpected",
            ErrorKind::EmptyAnswer => "answer-empty",
            ErrorKind::TooLarge { .. } => "answer-too-large",
            ErrorKind::BrokenAnswer { .. } => "answer-broken",
            ErrorKind::ConnectionLost { .. } => "connection-lost",
            ErrorKind::TimedOut { .. } => "timed-out",
            ErrorKind::ConnectFailed { .. } => "connect-failed",
            ErrorKind::Untrusted { .. } => "certificate-untrusted",
        }
    }

    /// What the failed request may have done, if it was a write.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self.kind() {
            ErrorKind::BadId { .. }
            | ErrorKind::Unsendable { .. }
            | ErrorKind::Setup { .. }
            | ErrorKind::Stopped { .. }
            | ErrorKind::ConnectFailed { .. }
            | ErrorKind::Untrusted { .. }
            | ErrorKind::TimedOut { limit: TimeLimit::Connect, .. } => Effect::NotSent,
            ErrorKind::KeyRefused
            | ErrorKind::Forbidden
            | ErrorKind::UnknownPersona
            | ErrorKind::Refused
            | ErrorKind::MakerChanges
            | ErrorKind::Conflict
            | ErrorKind::PatchRefused
            | ErrorKind::RateLimited { .. } => Effect::Refused,
            // 303 is what some servers answer to a request that they have carried out.
            ErrorKind::Redirected { .. } if self.status() == Some(303) => Effect::Unclear,
            ErrorKind::Redirected { .. } => Effect::Refused,
            // A 4xx that is not documented is a refusal, anything else is not.
            ErrorKind::UnexpectedStatus => match self.status() {
                Some(400..=499) => Effect::Refused,
                _ => Effect::Unclear,
            },
            ErrorKind::ServerError
            | ErrorKind::Html
            | ErrorKind::BadJson { .. }
            | ErrorKind::WrongContent { .. }
            | ErrorKind::EmptyAnswer
            | ErrorKind::TooLarge { .. }
            | ErrorKind::BrokenAnswer { .. }
            | ErrorKind::ConnectionLost { .. }
            | ErrorKind::TimedOut { .. } => Effect::Unclear,
        }
    }
}

impl std::error::Error for ApiError {}
