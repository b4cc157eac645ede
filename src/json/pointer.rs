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

/// The pointer of decoded segments.
#[must_use]
pub fn of_segments(path: &[String]) -> PointerBuf {
    PointerBuf::from_tokens(path.iter().map(String::as_str))
}

/// Sets a member or replaces an element whose parent exists; where it does not, nothing happens.
pub fn put(document: &mut Value, pointer: &Pointer, value: Value) {
    let Some((parent, last)) = pointer.split_back() else { return };
    match parent.resolve_mut(document) {
        Ok(Value::Object(members)) => drop(members.insert(last.decoded().into_owned(), value)),
        Ok(Value::Array(elements)) => {
            if let Some(slot) = last.decoded().parse::<usize>().ok().and_then(|index| elements.get_mut(index))
            {
                *slot = value;
            }
        }
        _ => {}
    }
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
