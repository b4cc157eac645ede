//! Tools as personas have them, told apart by their names.

use serde_json::{Value, json};

pub(crate) fn tool(n: usize) -> Value {
    json!({"name": format!("tool {n}"), "text": format!("what tool {n} does, at some length"), "strict": false})
}

pub(crate) fn tools(numbers: impl IntoIterator<Item = usize>) -> Vec<Value> {
    numbers.into_iter().map(tool).collect()
}

/// The tool with one member changed.
pub(crate) fn strict(n: usize) -> Value {
    let mut tool = tool(n);
    tool["strict"] = json!(true);
    tool
}
