//! Where requests may go: an origin that was checked once, so that the key cannot leave for anywhere else.
//!
//! Owns the rule "https, or http to this machine only". Whether a file may name an endpoint at all is decided
//! where settings are read.

use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

/// The address of an API: scheme, host, port and perhaps a path in front of `/v2`.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: Url,
}

/// Why an address is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It cannot be read as an address.
    #[error("`{text}` is no address: {reason}")]
    Malformed {
        /// What was given, escaped.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A scheme other than https and http.
    #[error("the scheme `{scheme}` is not supported")]
    Scheme {
        /// The scheme given.
        scheme: String,
    },
    /// http to another machine would send the key in clear.
    #[error("http to `{host}` would send the API key unencrypted")]
    Insecure {
        /// The host given.
        host: String,
    },
    /// A user or password, a query or a fragment.
    #[error("an endpoint has no {part}")]
    Extra {
        /// Which part is too much.
        part: &'static str,
    },
}

impl EndpointError {
    /// Stable, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            EndpointError::Malformed { .. } => "endpoint-malformed",
            EndpointError::Scheme { .. } => "endpoint-scheme",
            EndpointError::Insecure { .. } => "endpoint-insecure",
            EndpointError::Extra { .. } => "endpoint-extra-part",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            EndpointError::Malformed { .. } | EndpointError::Scheme { .. } => {
                "give an address such as https://tavusapi.com"
            }
            EndpointError::Insecure { .. } => {
                "use https; http is allowed to 127.0.0.1, [::1] and localhost only"
            }
            EndpointError::Extra { .. } => {
                "give scheme, host and port only; the key comes from its own variable"
            }
        }
    }
}

impl Endpoint {
    /// The address of the vendor's API.
    pub const VENDOR: &'static str = "https://tavusapi.com";

    /// The vendor's API.
    #[must_use]
    pub fn vendor() -> Self {
        match Endpoint::parse(Endpoint::VENDOR) {
            Ok(endpoint) => endpoint,
            Err(error) => unreachable!("a constant, and a test parses it: {error}"),
        }
    }

    /// Reads and checks an address. A final `/` or `/v2` is dropped: requests bring their own.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let malformed = |reason: String| EndpointError::Malformed {
            // An address may carry a password; only what stands after it is repeated.
            text: crate::report::escape::inline(text.rsplit('@').next().unwrap_or_default()).into_owned(),
            reason,
        };
        let mut base = Url::parse(text.trim()).map_err(|e| malformed(e.to_string()))?;
        match base.scheme() {
            "https" => {}
            "http" if is_loopback(&base) => {}
            "http" => {
                return Err(EndpointError::Insecure { host: base.host_str().unwrap_or_default().to_owned() });
            }
            scheme => return Err(EndpointError::Scheme { scheme: scheme.to_owned() }),
        }
        if base.host_str().is_none_or(str::is_empty) {
            return Err(malformed("it has no host".to_owned()));
        }
        let extra = if !base.username().is_empty() || base.password().is_some() {
            Some("user name or password")
        } else if base.query().is_some() {
            Some("query")
        } else if base.fragment().is_some() {
            Some("fragment")
        } else {
            None
        };
        if let Some(part) = extra {
            return Err(EndpointError::Extra { part });
        }
        let path = base.path().trim_end_matches('/');
        let path = path.strip_suffix("/v2").unwrap_or(path).trim_end_matches('/').to_owned();
        base.set_path(&path);
        Ok(Endpoint { base })
    }

    /// Whether it is the vendor's own.
    #[must_use]
    pub fn is_vendor(&self) -> bool {
        *self == Endpoint::vendor()
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }

    /// Whether requests go out unencrypted (to this machine only).
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// The host, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The full address of a path (which is encoded already) and a query.
    pub(super) fn join(&self, path: &str, query: &[(&'static str, String)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

/// `localhost` is taken at its word: its meaning is this machine's own setting.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        Endpoint::parse(text).map_or_else(|e| e.code(), |_| "accepted")
    }

    #[test]
    fn https_is_accepted_and_http_to_this_machine_only() {
        for good in [
            "https://tavusapi.com",
            "https://a.example:8443/prefix",
            "http://127.0.0.1:80",
            "http://[::1]:1",
            "http://localhost:7",
        ] {
            assert_eq!(code(good), "accepted", "{good}");
        }
        for bad in [
            "http://tavusapi.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
        ] {
            assert_eq!(code(bad), "endpoint-insecure", "{bad}");
        }
        assert_eq!(code("ftp://tavusapi.com"), "endpoint-scheme");
        assert_eq!(code("tavusapi.com"), "endpoint-malformed");
        assert_eq!(code("https://a.example/?x=1"), "endpoint-extra-part");
        assert_eq!(code("https://a.example/#x"), "endpoint-extra-part");
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for text in ["https://user:hunter2secret@tavusapi.com", "https://user:hunter2secret@[bad"] {
            let error = Endpoint::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2secret"), "{error:?}");
        }
    }

    #[test]
    fn the_version_at_the_end_is_dropped_and_a_prefix_stays() {
        let at = |text: &str| Endpoint::parse(text).unwrap();
        assert_eq!(at("https://tavusapi.com/v2/").to_string(), "https://tavusapi.com");
        assert!(at("https://tavusapi.com/v2").is_vendor() && at("https://TAVUSAPI.com:443/").is_vendor());
        assert!(!at("https://tavusapi.com/x").is_vendor() && !at("https://tavusapi.com:8443").is_vendor());
        let url = at("https://gateway.example/tavus/v2").join("/v2/personas", &[("page", "1".to_owned())]);
        assert_eq!(url.as_str(), "https://gateway.example/tavus/v2/personas?page=1");
    }
}
