//! Pointer patterns: an RFC 6901 pointer in which `*` stands for exactly one segment.

use std::fmt;

/// A pattern such as `/layers/llm/tools/*/function/description`.
///
/// A pattern matches a pointer with the same number of segments. `*` matches one whole segment; there is no
/// partial wildcard, so a key that is literally `*` is matched too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    text: String,
    segments: Vec<Option<String>>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is neither empty nor starts with `/`.
    #[error("a pattern is a JSON Pointer and starts with `/`")]
    NoSlash,
    /// A `~` that is followed by neither 0 nor 1.
    #[error("`~` must be written `~0`, and `/` inside a key `~1`")]
    BadEscape,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PatternError::NoSlash);
        }
        let mut segments = Vec::new();
        for raw in text.split('/').skip(1) {
            segments.push(if raw == "*" {
                None
            } else {
                Some(unescape(raw).ok_or(PatternError::BadEscape)?)
            });
        }
        Ok(Pattern { text: text.to_owned(), segments })
    }

    /// Whether the pattern names this pointer, given as decoded segments.
    #[must_use]
    pub fn matches(&self, path: &[String]) -> bool {
        self.segments.len() == path.len() && self.matches_prefix_of(path)
    }

    /// Whether the pattern names this pointer or one above it.
    #[must_use]
    pub fn covers(&self, path: &[String]) -> bool {
        self.segments.len() <= path.len() && self.matches_prefix_of(path)
    }

    /// Whether the pattern could name something below this pointer.
    #[must_use]
    pub fn reaches_below(&self, path: &[String]) -> bool {
        self.segments.len() > path.len()
            && self.segments.iter().zip(path).all(|(s, p)| s.as_deref().is_none_or(|s| s == p))
    }

    fn matches_prefix_of(&self, path: &[String]) -> bool {
        self.segments.iter().zip(path).all(|(s, p)| s.as_deref().is_none_or(|s| s == p))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn unescape(raw: &str) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '~' => out.push(match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            }),
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(segments: &[&str]) -> Vec<String> {
        segments.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn a_star_matches_one_segment_and_escapes_are_decoded() {
        let pattern = Pattern::parse("/a~1b/*/m~0n").unwrap();
        assert!(pattern.matches(&path(&["a/b", "7", "m~n"])));
        assert!(!pattern.matches(&path(&["a/b", "m~n"])));
        assert!(pattern.covers(&path(&["a/b", "x", "m~n", "below"])));
        assert!(pattern.reaches_below(&path(&["a/b", "x"])));
        assert!(!pattern.reaches_below(&path(&["a/b", "x", "m~n"])));
    }

    #[test]
    fn a_pattern_without_a_slash_or_with_a_bad_escape_is_refused() {
        assert_eq!(Pattern::parse("layers"), Err(PatternError::NoSlash));
        assert_eq!(Pattern::parse("/a~2"), Err(PatternError::BadEscape));
    }
}
