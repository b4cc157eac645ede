//! An answer as a plain value: its status, the few headers that matter and its body, within the size limit.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::fmt;

/// What came back. Its body may hold secrets, so `Debug` shows its length only.
#[derive(Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `content-type`, in small letters.
    pub content_type: Option<String>,
    /// What the server or a gateway calls this request, for its support.
    pub request_id: Option<String>,
    /// `retry-after`, as sent.
    pub retry_after: Option<String>,
    /// `location`, as sent.
    pub location: Option<String>,
    /// The body, decompressed.
    pub body: Bytes,
}

/// Headers that servers and gateways put the id of a request into, the more telling ones first.
const REQUEST_IDS: [&str; 7] = [
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "apigw-requestid",
    "x-amz-request-id",
    "x-correlation-id",
    "cf-ray",
];

/// The longest part of a server's message that is kept, in characters.
const LONGEST_MESSAGE: usize = 600;

impl Answer {
    /// An answer whose body is still to come.
    pub(super) fn head(status: u16, headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Answer {
            status,
            content_type: text("content-type").map(|value| value.to_ascii_lowercase()),
            request_id: REQUEST_IDS.iter().find_map(|name| text(name)).filter(|id| !id.is_empty()),
            retry_after: text("retry-after"),
            location: text("location"),
            body: Bytes::new(),
        }
    }

    /// Whether it is a page for people: a proxy's or a login's, never the API's.
    #[must_use]
    pub fn is_html(&self) -> bool {
        self.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/html"))
            || self.body.trim_ascii_start().first() == Some(&b'<')
    }

    /// What the server says went wrong: either of its two error bodies, a page's title, or plain text.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        if self.is_html() {
            return Some(match html_title(&self.body) {
                Some(title) => format!("an HTML page titled \"{title}\""),
                None => "an HTML page".to_owned(),
            });
        }
        let message = match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) => message_in(&value)?,
            Err(_) => String::from_utf8_lossy(&self.body).trim().to_owned(),
        };
        (!message.is_empty()).then(|| shorten(&message))
    }

    /// Whether it is the refusal to overwrite what somebody has not yet published.
    #[must_use]
    pub fn is_maker_conflict(&self) -> bool {
        self.status == 409
            && serde_json::from_slice::<Value>(&self.body)
                .is_ok_and(|body| body.get("conflict").and_then(Value::as_str) == Some("maker_changes"))
    }
}

fn message_in(value: &Value) -> Option<String> {
    for name in ["error", "message", "detail", "errors"] {
        match value.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.trim().is_empty() => {}
            Some(Value::String(text)) => return Some(text.trim().to_owned()),
            // Frameworks nest: `{"error": {"message": "..."}}`.
            Some(nested) => return Some(message_in(nested).unwrap_or_else(|| nested.to_string())),
        }
    }
    None
}

fn html_title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).into_owned();
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower.get(start..)?.find("</title>")?;
    let title = text.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then(|| shorten(&title))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= LONGEST_MESSAGE {
        return text.to_owned();
    }
    text.chars().take(LONGEST_MESSAGE).chain("...".chars()).collect()
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("body_bytes", &self.body.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Option<String> {
        Answer { status: 400, body: Bytes::from(body.to_owned()), ..Answer::default() }.message()
    }

    #[test]
    fn both_error_bodies_are_read_and_so_are_stranger_ones() {
        assert_eq!(message(r#"{"error": "invalid persona_id"}"#).as_deref(), Some("invalid persona_id"));
        assert_eq!(
            message(r#"{"message": "Invalid access token"}"#).as_deref(),
            Some("Invalid access token")
        );
        assert_eq!(message(r#"{"error": {"message": "nested"}}"#).as_deref(), Some("nested"));
        assert_eq!(message(r#"{"error": null, "message": ["a", "b"]}"#).as_deref(), Some(r#"["a","b"]"#));
        assert_eq!(message("upstream failed").as_deref(), Some("upstream failed"));
        assert_eq!(message(r#"{"status": "x"}"#), None);
        assert_eq!(message(""), None);
        assert_eq!(
            message("<html><head><TITLE>502\n Bad Gateway</TITLE></head>").as_deref(),
            Some("an HTML page titled \"502 Bad Gateway\"")
        );
    }

    #[test]
    fn a_long_message_is_cut() {
        assert_eq!(message(&"é".repeat(10_000)).map(|m| m.chars().count()), Some(LONGEST_MESSAGE + 3));
    }

    #[test]
    fn only_the_editors_conflict_is_a_maker_conflict() {
        let answer =
            |status, body: &'static str| Answer { status, body: Bytes::from(body), ..Answer::default() };
        assert!(answer(409, r#"{"conflict": "maker_changes"}"#).is_maker_conflict());
        assert!(!answer(409, r#"{"conflict": "other"}"#).is_maker_conflict());
        assert!(!answer(400, r#"{"conflict": "maker_changes"}"#).is_maker_conflict());
    }
}
