//! What may be shown of a change: values masked, names of list elements found, lengths counted.

use super::escape;
use crate::compare::{Change, ChangeKind};
use crate::persona::Location;
use crate::persona::secret::{MASK, SecretPaths, segments};
use serde_json::Value;

/// A change's values as they may be shown. A secret is [`MASK`] on both sides, whatever it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Masked; none where live holds nothing.
    pub before: Option<Value>,
    /// Masked; none for a removal.
    pub after: Option<Value>,
}

/// Masks the values of a change.
#[must_use]
pub fn shown(change: &Change, secrets: &SecretPaths) -> Shown {
    let path = segments(&change.path);
    let mask = |value: &Option<Value>| {
        value.as_ref().map(|value| {
            if change.secret && !value.is_null() && value != "" {
                Value::String(MASK.to_owned())
            } else {
                secrets.mask_below(&path, value)
            }
        })
    };
    Shown { before: mask(&change.before), after: mask(&change.after) }
}

/// How a change's place reads: list elements by their names. `tool lookup_order: parameters/properties/limit` for
/// what lies in a named element, else the pointer.
#[must_use]
pub fn place(change: &Change) -> String {
    let path = segments(&change.path);
    let Some((depth, name)) = change.elements.last() else {
        return escape::inline(change.path.as_str()).into_owned();
    };
    let list = path.get(depth.saturating_sub(2)).map_or("element", String::as_str);
    let mut rest: &[String] = path.get(*depth..).unwrap_or_default();
    if rest.len() > 1 && rest[0] == "function" {
        rest = &rest[1..];
    }
    let element = format!("{} {}", singular(list), escape::inline(name));
    if rest.is_empty() { element } else { format!("{element}: {}", escape::inline(&rest.join("/"))) }
}

/// `tools` -> `tool`, `visual_tools` -> `visual tool`.
fn singular(list: &str) -> String {
    list.strip_suffix('s').unwrap_or(list).replace('_', " ")
}

/// `file:line:col`.
#[must_use]
pub fn location(location: &Location) -> String {
    format!("{}:{}:{}", escape::inline(&location.file), location.line, location.column)
}

/// A value on one line, cut to about `most` characters; what was cut is counted.
#[must_use]
pub fn brief(value: &Value, most: usize) -> String {
    let text = match value {
        Value::String(text) if text == MASK => return MASK.to_owned(),
        value => value.to_string(),
    };
    let text = escape::inline(&text);
    let length = text.chars().count();
    if length <= most {
        return text.into_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    match value {
        Value::String(whole) => format!("{kept}… ({} characters)", count(whole.chars().count())),
        Value::Array(elements) => format!("{kept}… ({} elements)", count(elements.len())),
        _ => format!("{kept}… ({} characters)", count(length)),
    }
}

/// Whether two texts are worth a word diff rather than `before -> after`.
#[must_use]
pub fn is_prose(shown: &Shown) -> bool {
    let long = |text: &str| text.contains('\n') || text.chars().count() > 60;
    matches!((&shown.before, &shown.after), (Some(Value::String(a)), Some(Value::String(b))) if long(a) || long(b))
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

/// The sign in front of a change: `+`, `-`, `~`, `>`.
#[must_use]
pub fn sign(kind: &ChangeKind) -> char {
    match kind {
        ChangeKind::Add => '+',
        ChangeKind::Remove => '-',
        ChangeKind::Replace => '~',
        ChangeKind::Move { .. } => '>',
    }
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
    fn p37_a_secret_shows_neither_text_nor_length_on_either_side() {
        let change = Change {
            path: jsonptr::PointerBuf::parse("/layers/llm/api_key").unwrap(),
            kind: ChangeKind::Replace,
            before: Some(json!("sk-old-old-old")),
            after: Some(json!("sk-new")),
            secret: true,
            origin: None,
            elements: Vec::new(),
        };
        let shown = shown(&change, &SecretPaths::default());
        assert_eq!((shown.before, shown.after), (Some(json!(MASK)), Some(json!(MASK))));
    }
}
