//! Values on one line: cut with their length, lists of named objects by their names, tools by what they are for.
//!
//! Takes values that are masked already. What comes out is plain text with harmful characters made visible; each
//! output still escapes it in its own way.

use super::escape;
use crate::persona::secret::MASK;
use serde_json::Value;
use unicode_width::UnicodeWidthChar;

/// A value on one line, cut to about `most` characters; what was cut is counted.
#[must_use]
pub fn brief(value: &Value, most: usize) -> String {
    match value {
        Value::String(text) if text == MASK => return MASK.to_owned(),
        Value::Array(elements) if elements.len() > 1 || elements.iter().any(Value::is_object) => {
            if let Some(names) = names(elements) {
                return cut_list(&names, most);
            }
        }
        _ => {}
    }
    let text = value.to_string();
    let text = escape::inline(&text);
    let length = text.chars().count();
    if length <= most {
        return text.into_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    match value {
        Value::String(whole) => format!("{kept}… ({} characters)", count(whole.chars().count())),
        Value::Array(elements) => format!("{kept}… ({})", plural(elements.len(), "element")),
        _ => format!("{kept}… ({} characters)", count(length)),
    }
}

/// What a named element is, without its name: a tool's description and its parameters.
#[must_use]
pub fn element(value: &Value, most: usize) -> String {
    let function = value.get("function").unwrap_or(value);
    let description = function.get("description").and_then(Value::as_str);
    let parameters = function
        .get("parameters")
        .and_then(|parameters| parameters.get("properties"))
        .and_then(Value::as_object)
        .map(|properties| properties.keys().cloned().collect::<Vec<_>>());
    let mut said = Vec::new();
    if let Some(description) = description {
        said.push(brief(&Value::from(description), most));
    }
    match parameters {
        Some(names) if !names.is_empty() => {
            let noun = if names.len() == 1 { "parameter" } else { "parameters" };
            said.push(format!("{noun} {}", cut_list(&names, most)));
        }
        _ => {}
    }
    if said.is_empty() { brief(value, most) } else { said.join(", ") }
}

/// What an object in a list is called: `function.name`, `name` or `id`.
fn name(element: &Value) -> Option<&str> {
    let function = element.get("function").and_then(|function| function.get("name"));
    [function, element.get("name"), element.get("id")].into_iter().flatten().find_map(Value::as_str)
}

/// The names of all elements, if each is an object with a name that may be shown.
fn names(elements: &[Value]) -> Option<Vec<String>> {
    elements
        .iter()
        .map(|element| {
            element.as_object().and_then(|_| name(element)).filter(|name| *name != MASK).map(str::to_owned)
        })
        .collect()
}

/// `a, b, c`, or `a, b and 7 more`.
#[must_use]
pub fn cut_list<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let mut out = String::new();
    for (index, name) in names.iter().enumerate() {
        let name = escape::inline(name.as_ref());
        if index > 0 && out.chars().count() + name.chars().count() + 2 > most {
            out.push_str(&format!(" and {} more", count(names.len() - index)));
            return out;
        }
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(&cut(&name, most));
    }
    out
}

/// A text cut to `most` characters, with `…` at its end if something is gone.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

/// How many columns a text takes on a terminal.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// How many columns a character takes on a terminal; a tab is taken for four.
#[must_use]
pub fn char_columns(c: char) -> usize {
    if c == '\t' { 4 } else { c.width().unwrap_or(0) }
}

/// 12345 -> `12,345`.
#[must_use]
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 persona`, `2 personas`.
#[must_use]
pub fn plural(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(number)) }
}

/// `2 paragraphs` or `1 line`.
#[must_use]
pub fn folded(lines: usize, paragraphs: usize) -> String {
    if paragraphs > 0 { plural(paragraphs, "paragraph") } else { plural(lines, "line") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_values_are_cut_with_their_length() {
        assert_eq!(brief(&json!("x".repeat(5000)), 10), "\"xxxxxxxx… (5,000 characters)");
        assert_eq!(brief(&json!({"a": 1}), 40), "{\"a\":1}");
    }

    #[test]
    fn lists_of_named_objects_are_told_by_their_names() {
        let tools = json!([{"type": "function", "function": {"name": "look_up"}}, {"name": "cancel"}]);
        assert_eq!(brief(&tools, 40), "look_up, cancel");
        assert_eq!(brief(&tools, 9), "look_up and 1 more");
        assert_eq!(brief(&json!([{"name": "a"}, {"x": 1}]), 40), r#"[{"name":"a"},{"x":1}]"#);
        assert_eq!(brief(&json!([{"name": MASK}]), 40), r#"[{"name":"(secret)"}]"#);
    }

    #[test]
    fn a_tool_is_one_line_of_what_it_is_for() {
        let tool = json!({"type": "function", "function": {
            "name": "look_up", "description": "Looks\nup", "parameters": {"properties": {"id": {}, "limit": {}}}}});
        assert_eq!(element(&tool, 40), "\"Looks\\nup\", parameters id, limit");
        assert_eq!(element(&json!({"name": "x"}), 40), r#"{"name":"x"}"#);
    }
}
