//! Copies that take no more memory than they need.

use serde_json::{Map, Value};

/// A copy of `value`. `Value::clone` leaves room in every object for more members than there are, up to twice as
/// many; this does not.
#[must_use]
pub fn copy(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(copy).collect()),
        Value::Object(members) => {
            let mut tight = Map::with_capacity(members.len());
            tight.extend(members.iter().map(|(key, value)| (key.clone(), copy(value))));
            Value::Object(tight)
        }
        leaf => leaf.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_copy_keeps_values_and_the_order_of_members() {
        let value = json!({"b": [1, 2.5, null, {"z": "t", "a": {}}], "a": [], "c": {"k": true}});
        assert_eq!(copy(&value).to_string(), value.to_string());
    }
}
