//! How deep a document is nested, found without recursion so that hostile depth cannot hurt.

use serde_json::Value;

/// The deepest nesting of arrays and objects that the program reads, compares and patches. Walks over
/// documents up to this depth fit a 2 MiB stack.
pub const MAX_DEPTH: usize = 1_000;

/// Whether `value` nests arrays and objects more than `limit` levels deep (a scalar is 0 levels deep).
#[must_use]
pub fn depth_exceeds(value: &Value, limit: usize) -> bool {
    let mut open: Vec<(&Value, usize)> = vec![(value, 0)];
    while let Some((value, above)) = open.pop() {
        let is_container = value.is_array() || value.is_object();
        if is_container && above + 1 > limit {
            return true;
        }
        match value {
            Value::Array(items) => {
                open.extend(items.iter().filter(|v| v.is_array() || v.is_object()).map(|v| (v, above + 1)));
            }
            Value::Object(members) => {
                open.extend(
                    members.values().filter(|v| v.is_array() || v.is_object()).map(|v| (v, above + 1)),
                );
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn containers_count_and_scalars_do_not() {
        assert!(!depth_exceeds(&json!(1), 0));
        assert!(depth_exceeds(&json!([]), 0));
        assert!(!depth_exceeds(&json!({"a": [1]}), 2));
        assert!(depth_exceeds(&json!({"a": [{}]}), 2));
    }
}
