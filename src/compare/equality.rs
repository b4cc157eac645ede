//! When two single values count as the same.
//!
//! Numbers compare by value, objects whatever their order, lists in order, text exactly but for a lone final
//! newline (APIs trim it, YAML block scalars add it).

use crate::json;
use serde_json::{Map, Value};

/// Whether no difference between the two is worth a change.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => same_text(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let subset = |a: &Map<String, Value>, b: &Map<String, Value>| {
                a.iter().all(|(key, value)| match b.get(key) {
                    Some(other) => same(value, other),
                    None => value.is_null(),
                })
            };
            subset(a, b) && subset(b, a)
        }
        (a, b) => json::equal(a, b),
    }
}

fn same_text(a: &str, b: &str) -> bool {
    a == b || without_lone_newline(a) == without_lone_newline(b)
}

/// The text without its final newline, if that is a single one: two blank lines at the end are meant.
fn without_lone_newline(text: &str) -> &str {
    match text.strip_suffix('\n') {
        Some(rest) if !rest.ends_with('\n') => rest,
        _ => text,
    }
}

/// A text that is equal for two values exactly when [`same`] holds for them.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(&Value::from(without_lone_newline(text)).to_string());
        }
        Value::Number(number) => out.push_str(&canonical_number(number)),
        Value::Array(elements) => {
            out.push('[');
            for element in elements {
                write_canonical(element, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut keys: Vec<&String> =
                members.iter().filter(|(_, v)| !v.is_null()).map(|(k, _)| k).collect();
            keys.sort_unstable();
            out.push('{');
            for key in keys {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(&members[key], out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
    }
}

/// Whole numbers in one spelling, whether they came as `1`, `1.0` or `1e0`.
fn canonical_number(number: &serde_json::Number) -> String {
    match json::Canonical::from(number) {
        json::Canonical::Whole(whole) => whole.to_string(),
        json::Canonical::Bits(_) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn p14_numbers_are_the_same_by_value() {
        assert!(same(&json!({"t": 1}), &json!({"t": 1.0})));
        assert_eq!(canonical(&json!([1.0, 100])), canonical(&json!([1, 1e2])));
        assert!(!same(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64)));
    }

    #[test]
    fn p15_true_and_one_and_text_differ() {
        assert!(!same(&json!(true), &json!(1)));
        assert!(!same(&json!("1"), &json!(1)));
        assert_ne!(canonical(&json!(["1"])), canonical(&json!([1])));
    }

    #[test]
    fn p05_only_one_final_newline_is_nothing() {
        assert!(same(&json!("a\nb"), &json!("a\nb\n")));
        assert!(!same(&json!("a"), &json!("a\n\n")));
        assert!(!same(&json!("a\n"), &json!("a\n\n")));
        assert!(!same(&json!("a"), &json!("a ")));
        assert!(!same(&json!("\na"), &json!("a")));
    }

    #[test]
    fn values_have_one_canonical_text_exactly_when_they_are_the_same() {
        let values = [
            json!(null),
            json!(true),
            json!("1"),
            json!("a"),
            json!("a\n"),
            json!("a\n\n"),
            json!(""),
            json!("\n"),
            json!(0),
            json!(-0.0),
            json!(1),
            json!(1.0),
            json!(1.5),
            json!(i64::MIN),
            json!(-9_223_372_036_854_775_808.0),
            json!(i64::MAX),
            json!(9_223_372_036_854_775_807.0),
            json!(9_300_000_000_000_000_000_u64),
            json!(9.3e18),
            json!(18_400_000_000_000_000_000_u64),
            json!(1.84e19),
            json!(u64::MAX),
            json!(18_446_744_073_709_551_615.0),
            json!(1e30),
            json!(1e300),
            json!([]),
            json!([null]),
            json!([1]),
            json!([1.0]),
            json!([1, 2]),
            json!([2, 1]),
            json!({}),
            json!({"a": null}),
            json!({"a": 1}),
            json!({"a": 1, "b": null}),
            json!({"a": 1, "b": "x"}),
            json!({"b": "x\n", "a": 1.0}),
            json!({"b": 1}),
        ];
        for a in &values {
            for b in &values {
                assert_eq!(same(a, b), canonical(a) == canonical(b), "{a} and {b}");
                assert_eq!(same(a, b), same(b, a), "{a} and {b}");
            }
        }
    }
}
