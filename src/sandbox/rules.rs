//! What the API accepts in a persona, read off the schema table, and the few rules between fields.

use super::options::Unknown;
use super::reply::Reply;
use crate::persona::schema::{self, Field, Kind, Lookup, Values};
use serde_json::Value;

/// Checks a persona as it would be stored. `before` is what was stored, if anything: old faults are not found
/// again, and fields that only the server sets must not have changed.
pub(super) fn check(before: Option<&Value>, after: &Value, unknown: Unknown) -> Result<(), Reply> {
    if !after.is_object() {
        return Err(Reply::error(400, "a persona is an object"));
    }
    Checker { before, unknown }.members(after, &mut Vec::new())?;
    between_fields(before, after)
}

struct Checker<'a> {
    before: Option<&'a Value>,
    unknown: Unknown,
}

impl Checker<'_> {
    fn members(&self, value: &Value, path: &mut Vec<String>) -> Result<(), Reply> {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    self.step(member, path, key.clone())?;
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.step(element, path, index.to_string())?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn step(&self, value: &Value, path: &mut Vec<String>, key: String) -> Result<(), Reply> {
        path.push(key);
        let was = self.before.and_then(|before| at(before, path));
        let result = if was.is_some_and(|was| crate::json::equal(was, value)) {
            Ok(())
        } else {
            self.field(value, path).and_then(|()| self.members(value, path))
        };
        path.pop();
        result
    }

    fn field(&self, value: &Value, path: &[String]) -> Result<(), Reply> {
        let name = path.join(".");
        match schema::lookup(path) {
            Lookup::Known(field) if field.read_only => {
                Err(Reply::error(400, format!("{name} cannot be set")))
            }
            Lookup::Known(field) => {
                known(field, value).map_err(|what| Reply::error(400, format!("{name} {what}")))
            }
            Lookup::Inside(_) => Ok(()),
            Lookup::Unknown if self.unknown != Unknown::Refused => Ok(()),
            // What a client of the real API saw.
            Lookup::Unknown if path.starts_with(&["layers".to_owned(), "llm".to_owned()]) => {
                Err(Reply::error(500, "Internal Server Error"))
            }
            Lookup::Unknown => Err(Reply::error(400, format!("Unknown field: {name}"))),
        }
    }
}

fn known(field: &Field, value: &Value) -> Result<(), String> {
    let fits = match (field.kind, value) {
        (_, Value::Null) | (Kind::Any, _) => true,
        (Kind::Text, Value::String(_)) | (Kind::Bool, Value::Bool(_)) | (Kind::Number, Value::Number(_)) => {
            true
        }
        // Old samples of the vendor send flags as texts.
        (Kind::Bool, Value::String(text)) => matches!(text.as_str(), "true" | "false"),
        (Kind::TextList, Value::Array(elements)) => elements.iter().all(Value::is_string),
        (Kind::ObjectList, Value::Array(elements)) => elements.iter().all(Value::is_object),
        (Kind::Object(_), Value::Object(_)) => true,
        _ => false,
    };
    if !fits {
        return Err(format!("must be {}", kind_words(field.kind)));
    }
    if let (Values::Closed(values), Value::String(text)) = (field.values, value)
        && !values.contains(&text.as_str())
        && !field.stale.contains(&text.as_str())
        && !(text.is_empty() && field.empty_is_absent)
    {
        return Err(format!("must be one of {}", values.join(", ")));
    }
    if let (Some((least, greatest)), Some(number)) = (field.range, value.as_f64())
        && !(least..=greatest).contains(&number)
    {
        return Err(format!("must be between {least} and {greatest}"));
    }
    if let (Some(most), Some(elements)) = (field.max_items, value.as_array())
        && elements.len() > most
    {
        return Err(format!("must have at most {most} items"));
    }
    if let Some(most) = field.max_chars {
        let texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        if texts.iter().filter_map(Value::as_str).any(|text| text.chars().count() > most) {
            return Err(format!("must have at most {most} characters"));
        }
    }
    Ok(())
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a string",
        Kind::Bool => "a boolean",
        Kind::Number => "a number",
        Kind::TextList => "an array of strings",
        Kind::ObjectList => "an array of objects",
        Kind::Object(_) => "an object",
        Kind::Any => "anything",
    }
}

fn between_fields(before: Option<&Value>, after: &Value) -> Result<(), Reply> {
    let text = |pointer: &str| after.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let changed =
        |pointer: &str| before.is_none_or(|before| before.pointer(pointer) != after.pointer(pointer));
    let mode = text("/pipeline_mode").unwrap_or("full");
    if mode == "full"
        && text("/system_prompt").is_none()
        && (changed("/system_prompt") || changed("/pipeline_mode"))
    {
        return Err(Reply::error(400, "system_prompt is required"));
    }
    // The key of a model of one's own is not carried over when its node is replaced.
    if changed("/layers/llm")
        && text("/layers/llm/base_url").is_some()
        && text("/layers/llm/api_key").is_none()
    {
        return Err(Reply::error(400, "base_url and api_key are both required for a custom LLM"));
    }
    if changed("/layers/tts")
        && text("/layers/tts/tts_engine") == Some("azure")
        && text("/layers/tts/tts_model_name").is_some()
    {
        return Err(Reply::error(400, "tts_model_name is not allowed with the azure engine"));
    }
    let flow = "/layers/conversational_flow";
    if changed(flow)
        && text("/layers/conversational_flow/sleep_phrase").is_some()
        && text("/layers/conversational_flow/wake_phrase").is_none()
    {
        return Err(Reply::error(400, "sleep_phrase needs wake_phrase"));
    }
    Ok(())
}

/// The value at a path of decoded segments.
pub(super) fn at<'v>(document: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, segment| match value {
        Value::Object(members) => members.get(segment),
        Value::Array(elements) => segment.parse::<usize>().ok().and_then(|index| elements.get(index)),
        _ => None,
    })
}
