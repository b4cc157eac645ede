//! What can go wrong on the way to the API and back, in one place with all its wording.
//!
//! Every error says the method, the path and, where there are such, the status, the server's words and the id that
//! the server gave the request; then what to do next. [`ApiError::effect`] says whether a write may have happened.

use super::answer::Answer;
use super::request::Method;
use crate::persona::secret::Scrubber;
use crate::report::escape::inline;
use std::fmt;
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

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self.kind() {
            ErrorKind::BadId { .. } => "a persona_id is the `p` and hexadecimal digits that the API shows",
            ErrorKind::Unsendable { .. } => "this is a fault of personactl: please report it",
            ErrorKind::Setup { .. } => "check --ca-file, SSL_CERT_FILE and the proxy variables",
            ErrorKind::Stopped { .. } => "apply again: a re-run does only what is left",
            ErrorKind::KeyRefused => {
                "check that the key belongs to this endpoint and account, and that it has not been revoked"
            }
            ErrorKind::Forbidden => "this key may not do that; ask the owner of the account",
            ErrorKind::UnknownPersona => {
                "the account of this key has no such persona; check persona_id, --env and the key, and that it is \
                 no stock persona"
            }
            ErrorKind::Refused => "the server's words say what it does not accept",
            ErrorKind::MakerChanges => {
                "somebody has unpublished edits in the vendor's editor; have them published or dropped, or use \
                 --discard-drafts to overwrite them"
            }
            ErrorKind::Conflict | ErrorKind::PatchRefused => {
                "the persona may have changed meanwhile; run plan again"
            }
            ErrorKind::RateLimited { asked: Some(_), .. } => {
                "wait that long and run again, or raise `limits: {wait: ...}` in personactl.yaml"
            }
            ErrorKind::RateLimited { asked: None, .. } => {
                "wait a while and run again, with a lower --concurrency"
            }
            ErrorKind::Redirected { .. } => {
                "redirects are not followed, as the key must not go elsewhere; if the API has moved, set `endpoint`"
            }
            ErrorKind::ServerError => {
                "run again later; if it stays, give the request id to the vendor's support"
            }
            ErrorKind::UnexpectedStatus => {
                "check `endpoint`: the answer is none that this API is known to give"
            }
            ErrorKind::Html
            | ErrorKind::EmptyAnswer
            | ErrorKind::BadJson { .. }
            | ErrorKind::WrongContent { .. } => {
                "check `endpoint`, and whether a proxy or a login page stands in between; `personactl doctor` looks"
            }
            ErrorKind::TooLarge { .. } => "no answer of this API comes near that size; check `endpoint`",
            ErrorKind::BrokenAnswer { .. } | ErrorKind::ConnectionLost { .. } => {
                "run again; a re-run does only what is left"
            }
            ErrorKind::TimedOut { .. } => {
                "the server or the way to it is slow; run again, or with a lower --concurrency"
            }
            ErrorKind::ConnectFailed { .. } => "check the network, `endpoint`, HTTPS_PROXY and NO_PROXY",
            ErrorKind::Untrusted { .. } => {
                "if a company proxy inspects TLS, name its certificate authority with --ca-file or SSL_CERT_FILE"
            }
        };
        Some(text.to_owned())
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::BadId { id } => write!(f, "`{}` is no persona_id", inline(id)),
            ErrorKind::Unsendable { reason } => {
                write!(f, "the body cannot be written as JSON: {}", inline(reason))
            }
            ErrorKind::Setup { reason } => write!(f, "the HTTP client cannot be made: {}", inline(reason)),
            ErrorKind::Stopped { reason } => write!(f, "not sent, because {}", inline(reason)),
            ErrorKind::KeyRefused => f.write_str("the API key was refused"),
            ErrorKind::Forbidden => f.write_str("the API key may not do this"),
            ErrorKind::UnknownPersona => f.write_str("no such persona in this account"),
            ErrorKind::Refused => f.write_str("the server refused the request"),
            ErrorKind::MakerChanges => f.write_str("the persona has unpublished edits"),
            ErrorKind::Conflict => f.write_str("the request conflicts with the persona's state"),
            ErrorKind::PatchRefused => f.write_str("the server could not apply the patch"),
            ErrorKind::RateLimited { asked: Some(asked), allowed } => write!(
                f,
                "the server asks for a wait of {}, and at most {} are allowed",
                seconds(*asked),
                seconds(*allowed)
            ),
            ErrorKind::RateLimited { asked: None, .. } => {
                f.write_str("too many requests, still after waiting")
            }
            ErrorKind::Redirected { host: Some(host) } => {
                write!(f, "the answer is a redirect to `{}`", inline(host))
            }
            ErrorKind::Redirected { host: None } => f.write_str("the answer is a redirect to nowhere"),
            ErrorKind::ServerError => f.write_str("the server failed"),
            ErrorKind::UnexpectedStatus => f.write_str("unexpected status"),
            ErrorKind::Html => f.write_str("the answer is an HTML page, not JSON"),
            ErrorKind::BadJson { reason } => write!(f, "the answer is no valid JSON: {}", inline(reason)),
            ErrorKind::WrongContent { reason } => {
                write!(f, "the answer is not what this call gives: {}", inline(reason))
            }
            ErrorKind::EmptyAnswer => f.write_str("the answer is empty"),
            ErrorKind::TooLarge { limit } => {
                write!(f, "the answer is larger than {} MiB", limit / (1024 * 1024))
            }
            ErrorKind::BrokenAnswer { reason } => write!(f, "the answer broke off: {}", inline(reason)),
            ErrorKind::ConnectionLost { reason } => {
                write!(f, "the connection was lost before an answer came: {}", inline(reason))
            }
            ErrorKind::TimedOut { limit, after } => match limit {
                TimeLimit::Connect => write!(f, "no connection within {}", seconds(*after)),
                TimeLimit::Attempt => write!(f, "no complete answer within {}", seconds(*after)),
                TimeLimit::Total => write!(f, "no success within {}, all attempts together", seconds(*after)),
            },
            ErrorKind::ConnectFailed { reason } => write!(f, "no connection: {}", inline(reason)),
            ErrorKind::Untrusted { reason } => {
                write!(f, "the server's certificate is not trusted: {}", inline(reason))
            }
        }
    }
}

/// `GET /v2/personas/p1: the API key was refused (status 401; server: "Invalid access token"; request id 7f)`
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method(), inline(self.path()), self.kind())?;
        let mut notes = Vec::new();
        if let Some(status) = self.status() {
            notes.push(format!("status {status}"));
        }
        if let Some(message) = self.message() {
            notes.push(format!("server: \"{}\"", inline(message)));
        }
        if let Some(id) = self.request_id() {
            notes.push(format!("request id {}", inline(id)));
        }
        if !notes.is_empty() {
            write!(f, " ({})", notes.join("; "))?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

/// `250 ms`, `3 s`, `26 min 40 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    match whole {
        0 => format!("{} ms", duration.as_millis()),
        1..=119 if duration.subsec_millis() == 0 => format!("{whole} s"),
        1..=9 => format!("{:.1} s", duration.as_secs_f64()),
        10..=119 => format!("{whole} s"),
        _ if whole.is_multiple_of(60) => format!("{} min", whole / 60),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn an_error_names_method_path_status_server_words_and_request_id_p88() {
        let mut scrub = Scrubber::default();
        scrub.learn("tvs-0123456789");
        let answer = Answer {
            status: 401,
            request_id: Some("req-7".to_owned()),
            body: Bytes::from_static(b"{\"message\": \"key tvs-0123456789 \\u001b[31mis bad\"}"),
            ..Answer::default()
        };
        let error =
            ApiError::answered(Method::Get, "/v2/personas/p1", ErrorKind::KeyRefused, &answer, &scrub);
        assert_eq!(
            error.to_string(),
            "GET /v2/personas/p1: the API key was refused (status 401; server: \"key (secret) \\u{1b}[31mis bad\"; \
             request id req-7)"
        );
        assert!(error.hint().is_some());
    }

    #[test]
    fn durations_read_well() {
        let of = |ms| seconds(Duration::from_millis(ms));
        assert_eq!(
            [of(250), of(3000), of(2500), of(61_500), of(1_600_000), of(1_800_000)],
            ["250 ms", "3 s", "2.5 s", "61 s", "26 min 40 s", "30 min"]
        );
    }
}
