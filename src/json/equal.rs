//! Equality of JSON values: numbers by value, text exactly, objects without order, arrays with it.

use super::Canonical;
use serde_json::Value;

/// Whether two values are the same JSON value. 1 equals 1.0; 1 is neither `true` nor `"1"`.
///
/// The depth of the recursion is the depth of the shallower value; callers bound it by
/// [`super::MAX_DEPTH`].
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b || Canonical::from(a) == Canonical::from(b),
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            // Usually both sides list their members in the same order: then no look-up is needed.
            a.len() == b.len()
                && a.iter().zip(b).all(|((key_a, a), (key_b, at_same_place))| {
                    let partner = if key_a == key_b { Some(at_same_place) } else { b.get(key_a) };
                    partner.is_some_and(|b| equal(a, b))
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_by_value_not_by_spelling_or_order() {
        assert!(equal(&json!({"a": 1, "b": [1.0]}), &json!({"b": [1], "a": 1.0})));
        assert!(!equal(&json!([1, 2]), &json!([2, 1])));
        assert!(!equal(&json!({"a": 1}), &json!({"b": 1})));
    }

    #[test]
    fn values_that_sloppy_equality_confuses_differ() {
        let confusable = [json!(null), json!(false), json!(0), json!(""), json!([]), json!({}), json!("0")];
        for (i, a) in confusable.iter().enumerate() {
            for (j, b) in confusable.iter().enumerate() {
                assert_eq!(equal(a, b), i == j, "{a} and {b}");
            }
        }
        assert!(!equal(&json!(true), &json!(1)));
    }
}
