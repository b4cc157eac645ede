//! What errors of the API say: the sentence, the hint, and how durations read. All wording of this area is here.

use super::error::{ApiError, ErrorKind, TimeLimit};
use crate::report::escape::inline;
use std::fmt;
use std::time::Duration;

impl ApiError {
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
    use crate::api::{Answer, Method};
    use crate::persona::secret::Scrubber;
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
