//! The API key: a value that can be sent and not shown.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// The account's key. It is wiped from memory when dropped, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct ApiKey(SecretString);

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing, or only white space.
    #[error("the API key is empty")]
    Empty,
    /// A line break, a control or a non-ASCII character inside it.
    #[error("the API key holds a character that no key has (a line break, a space or a non-ASCII letter)")]
    Characters,
    /// A placeholder such as `<your-api-key>`.
    #[error("the API key is a placeholder, not a key")]
    Placeholder,
}

impl KeyError {
    /// Stable, kebab-case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            KeyError::Empty => "key-empty",
            KeyError::Characters => "key-characters",
            KeyError::Placeholder => "key-placeholder",
        }
    }
}

impl ApiKey {
    /// Takes a key. White space around it is dropped: secret stores like to add a final newline.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if crate::persona::secret::is_mask(text) {
            return Err(KeyError::Placeholder);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(KeyError::Characters);
        }
        Ok(ApiKey(SecretString::from(text.to_owned())))
    }

    /// The key itself: for the header, and for what must never repeat it in an output.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The header's value, marked so that the HTTP library does not print it either.
    pub(super) fn header(&self) -> Result<HeaderValue, KeyError> {
        let mut value = HeaderValue::from_str(self.expose()).map_err(|_| KeyError::Characters)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_and_its_header_is_marked() {
        let key = ApiKey::new("  tvs-0123456789abcdef\n").unwrap();
        let header = key.header().unwrap();
        assert_eq!(header.to_str().unwrap(), "tvs-0123456789abcdef");
        assert!(header.is_sensitive());
        assert_eq!(format!("{key:?} {header:?}"), "ApiKey(..) Sensitive");
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_without_being_repeated() {
        assert_eq!(ApiKey::new(" \n").unwrap_err(), KeyError::Empty);
        assert_eq!(ApiKey::new("two words").unwrap_err(), KeyError::Characters);
        assert_eq!(ApiKey::new("line\nbreak").unwrap_err(), KeyError::Characters);
        assert_eq!(ApiKey::new("schlüssel").unwrap_err(), KeyError::Characters);
        assert_eq!(ApiKey::new("<your-api-key>").unwrap_err(), KeyError::Placeholder);
    }
}
