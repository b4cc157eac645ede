//! RFC 6901 pointers: the few helpers that the `jsonptr` crate does not have.

use jsonptr::{Pointer, PointerBuf};
use serde_json::Value;

/// The value that `pointer` names in `document`.
#[must_use]
pub fn at<'v>(document: &'v Value, pointer: &Pointer) -> Option<&'v Value> {
    document.pointer(pointer.as_str())
}

/// Whether `upper` names `lower` or something that contains it.
#[must_use]
pub fn is_at_or_above(upper: &Pointer, lower: &Pointer) -> bool {
    lower.as_str().strip_prefix(upper.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `pointer` with one more segment.
#[must_use]
pub fn extend(pointer: &Pointer, segment: &str) -> PointerBuf {
    let mut longer = pointer.to_buf();
    longer.push_back(segment);
    longer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_means_whole_segments() {
        let is = |upper: &str, lower: &str| {
            is_at_or_above(Pointer::parse(upper).unwrap(), Pointer::parse(lower).unwrap())
        };
        assert!(is("", "/a"));
        assert!(is("/a", "/a"));
        assert!(is("/a", "/a/b"));
        assert!(!is("/a", "/ab"));
        assert!(!is("/a/b", "/a"));
    }

    #[test]
    fn extending_escapes() {
        assert_eq!(extend(Pointer::root(), "a/b~c").as_str(), "/a~1b~0c");
    }
}
