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
    if number.is_f64()
        && let Some(float) = number.as_f64()
    {
        // Exact where a whole f64 fits a 64-bit integer; beyond, the float's own spelling is unique.
        #[expect(clippy::cast_possible_truncation, reason = "guarded by the range")]
        if float.fract() == 0.0 && float.abs() < 9.2e18 {
            return (float as i64).to_string();
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "guarded by the range")]
        if float.fract() == 0.0 && float > 0.0 && float < 1.8e19 {
            return (float as u64).to_string();
        }
    }
    number.to_string()
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
}
