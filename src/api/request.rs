//! Requests as plain values: what would be sent, without the key and without sending it.
//!
//! Owns paths, queries, bodies and the headers that depend on the request. Pure.

use super::error::{ApiError, ErrorKind};
use bytes::Bytes;
use json_patch::Patch;
use serde_json::Value;
use std::fmt;
use std::fmt::Write as _;

/// The methods that the API knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// As it goes over the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_read(self) -> bool {
        self == Method::Get
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request. Its body may hold secrets, so `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// From `/v2` on, percent-encoded.
    pub path: String,
    /// Names and values, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// JSON, if there is a body.
    pub body: Option<Bytes>,
}

/// How many personas a page holds: the most that sibling listings are documented to allow.
pub(super) const PAGE_SIZE: usize = 100;

impl Request {
    /// One page of the account's own personas.
    #[must_use]
    pub fn list(page: usize) -> Self {
        let query = vec![
            ("limit", PAGE_SIZE.to_string()),
            ("page", page.to_string()),
            ("persona_type", "user".to_owned()),
        ];
        Request { query, ..Self::get_path("/v2/personas".to_owned()) }
    }

    /// One page of the listing of a kind of sibling.
    #[must_use]
    pub fn siblings(path: &'static str, page: usize) -> Self {
        let mut query = vec![("limit", PAGE_SIZE.to_string()), ("page", page.to_string())];
        // One path lists two kinds: flat guardrails only where they are asked for, else the sets of earlier times.
        let path = match path.split_once("?legacy=") {
            Some((path, legacy)) => {
                query.push(("legacy", legacy.to_owned()));
                path
            }
            None => path,
        };
        Request { query, ..Self::get_path(path.to_owned()) }
    }

    /// One persona.
    pub fn get(id: &str) -> Result<Self, ApiError> {
        Ok(Self::get_path(persona_path(Method::Get, id)?))
    }

    /// Changes one persona. `force` overwrites what somebody has not yet published in the vendor's editor.
    pub fn patch(id: &str, patch: &Patch, force: bool) -> Result<Self, ApiError> {
        let path = persona_path(Method::Patch, id)?;
        let body = encode(Method::Patch, &path, patch)?;
        let query = if force { vec![("force", "true".to_owned())] } else { Vec::new() };
        Ok(Request { method: Method::Patch, path, query, body: Some(body) })
    }

    /// Creates a persona.
    pub fn create(document: &Value) -> Result<Self, ApiError> {
        let path = "/v2/personas".to_owned();
        let body = encode(Method::Post, &path, document)?;
        Ok(Request { method: Method::Post, path, query: Vec::new(), body: Some(body) })
    }

    /// Deletes one persona.
    pub fn delete(id: &str) -> Result<Self, ApiError> {
        let path = persona_path(Method::Delete, id)?;
        Ok(Request { method: Method::Delete, path, query: Vec::new(), body: None })
    }

    /// The headers that depend on the request; those of every request (the key, `user-agent`) are the client's.
    ///
    /// The answer to a PATCH may be a 304, the one to a DELETE a 204: neither may have a body, yet a server that
    /// sends one all the same leaves it on the connection, where it is read as the head of the next answer. So
    /// these connections are not used again. (HTTP/2, which is not compiled in, would not need it.)
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = vec![("accept", "application/json")];
        if self.body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        if matches!(self.method, Method::Patch | Method::Delete) {
            headers.push(("connection", "close"));
        }
        headers
    }

    fn get_path(path: String) -> Self {
        Request { method: Method::Get, path, query: Vec::new(), body: None }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body_bytes", &self.body.as_ref().map(Bytes::len))
            .finish()
    }
}

fn encode(method: Method, path: &str, body: &impl serde::Serialize) -> Result<Bytes, ApiError> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|e| ApiError::new(method, path, ErrorKind::Unsendable { reason: e.to_string() }))
}

/// Ids come from files and from the server; one such as `..` must not reach another resource.
fn persona_path(method: Method, id: &str) -> Result<String, ApiError> {
    if id.trim_matches('.').is_empty() {
        return Err(ApiError::new(method, "/v2/personas", ErrorKind::BadId { id: id.to_owned() }));
    }
    let mut path = String::from("/v2/personas/");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_says_all_that_is_sent_but_the_key() {
        let patch: Patch =
            serde_json::from_value(json!([{"op": "add", "path": "/greeting", "value": null}])).unwrap();
        let request = Request::patch("p1", &patch, true).unwrap();
        assert_eq!((request.method, request.path.as_str()), (Method::Patch, "/v2/personas/p1"));
        assert_eq!(request.query, [("force", "true".to_owned())]);
        assert_eq!(
            request.body.as_deref(),
            Some(br#"[{"op":"add","path":"/greeting","value":null}]"#.as_slice())
        );
        assert!(request.headers().contains(&("connection", "close")));
        assert!(!Request::get("p1").unwrap().headers().iter().any(|(name, _)| *name == "connection"));
        assert!(Request::patch("p1", &patch, false).unwrap().query.is_empty());
    }

    #[test]
    fn an_id_stays_one_segment_of_the_path() {
        assert_eq!(Request::get("a/../b?c#d é").unwrap().path, "/v2/personas/a%2F..%2Fb%3Fc%23d%20%C3%A9");
        for id in ["", ".", ".."] {
            assert_eq!(Request::delete(id).unwrap_err().code(), "persona-id-malformed", "{id:?}");
        }
    }

    #[test]
    fn integers_of_64_bits_reach_the_body_digit_for_digit_p16() {
        let body = Request::create(&json!({"a": 9_007_199_254_740_993_u64, "b": i64::MIN, "c": u64::MAX}))
            .unwrap()
            .body;
        assert_eq!(
            body.as_deref(),
            Some(br#"{"a":9007199254740993,"b":-9223372036854775808,"c":18446744073709551615}"#.as_slice())
        );
    }

    #[test]
    fn a_body_does_not_show_in_debug() {
        let request = Request::create(&json!({"layers": {"llm": {"api_key": "sk-very-secret"}}})).unwrap();
        assert!(!format!("{request:?}").contains("sk-very"));
    }
}
