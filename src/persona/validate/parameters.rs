//! A tool's parameters: whether they are a JSON Schema that a model can be given.
//!
//! Checks the keywords that such schemas use; others are let through, as their meaning is the model's.

use super::place;
use crate::diagnostic::Diagnostic;
use crate::persona::Desired;
use crate::persona::schema::{self, Lookup};
use serde_json::{Map, Value};

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/// Checks the schema at `path`.
pub(super) fn check(desired: &Desired, path: &[String], parameters: &Value, found: &mut Vec<Diagnostic>) {
    let mut walk = Walk { desired, path: path.to_vec(), found };
    match parameters {
        Value::Object(members) => {
            // What is called is a function with named arguments.
            if members.get("type").is_some_and(|kind| kind != "object") {
                walk.at("type", |walk| walk.fault("`parameters` must have `type: object`", None));
            }
            walk.schema(members);
        }
        // The table has a row for the usual place, so that its type was checked there.
        _ if matches!(schema::lookup(path), Lookup::Known(_)) => {}
        _ => walk.fault(
            "`parameters` must be a JSON Schema, an object",
            Some("write `type: object` and `properties:`"),
        ),
    }
}

struct Walk<'d> {
    desired: &'d Desired,
    path: Vec<String>,
    found: &'d mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn schema(&mut self, members: &Map<String, Value>) {
        for (key, value) in members {
            self.at(key, |walk| walk.keyword(key, value));
        }
        self.required(members);
    }

    fn keyword(&mut self, key: &str, value: &Value) {
        match key {
            "type" => self.types(value),
            "properties" | "patternProperties" | "$defs" | "definitions" => match value {
                Value::Object(schemas) => {
                    for (name, schema) in schemas {
                        self.at(name, |walk| walk.subschema(schema));
                    }
                }
                _ => self.fault(&format!("`{key}` must be an object of schemas"), None),
            },
            "items" | "additionalProperties" | "not" | "contains" => self.subschema(value),
            "anyOf" | "oneOf" | "allOf" => match value {
                Value::Array(schemas) if !schemas.is_empty() => {
                    for (index, schema) in schemas.iter().enumerate() {
                        self.at(&index.to_string(), |walk| walk.subschema(schema));
                    }
                }
                _ => self.fault(&format!("`{key}` must be a list of schemas that is not empty"), None),
            },
            "enum" if value.as_array().is_none_or(Vec::is_empty) => {
                self.fault("`enum` must be a list of values that is not empty", None);
            }
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"
                if !value.is_number() =>
            {
                self.fault(&format!("`{key}` must be a number"), None);
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
                if value.as_u64().is_none() =>
            {
                self.fault(&format!("`{key}` must be a whole number, 0 or more"), None);
            }
            "description" | "title" | "format" | "pattern" | "$ref" if !value.is_string() => {
                self.fault(&format!("`{key}` must be a text"), Some("quote it"));
            }
            "uniqueItems" if !value.is_boolean() => {
                self.fault("`uniqueItems` must be true or false", None);
            }
            _ => {}
        }
    }

    fn subschema(&mut self, schema: &Value) {
        match schema {
            Value::Object(members) => self.schema(members),
            Value::Bool(_) => {}
            _ => self.fault("this must be a schema, an object such as `{type: string}`", None),
        }
    }

    fn types(&mut self, value: &Value) {
        let named = |kind: &Value| kind.as_str().is_some_and(|kind| TYPES.contains(&kind));
        let fits = match value {
            Value::Array(kinds) => !kinds.is_empty() && kinds.iter().all(named),
            kind => named(kind),
        };
        if !fits {
            let near = value.as_str().and_then(|kind| crate::diagnostic::suggest::nearest(kind, TYPES));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of: {}", TYPES.join(", ")),
            };
            self.fault("`type` names no JSON type", Some(&hint));
        }
    }

    fn required(&mut self, members: &Map<String, Value>) {
        let Some(required) = members.get("required") else { return };
        self.at("required", |walk| {
            let Some(names) = required.as_array().filter(|names| names.iter().all(Value::is_string)) else {
                return walk.fault("`required` must be a list of names of properties", None);
            };
            let properties = members.get("properties").and_then(Value::as_object);
            for (index, name) in names.iter().filter_map(Value::as_str).enumerate() {
                let known = properties.is_some_and(|properties| properties.contains_key(name));
                if !known {
                    let at = walk.at(&index.to_string(), |walk| place::value(walk.desired, &walk.path));
                    let message = format!("`{name}` is required and is none of the properties");
                    walk.found.push(Diagnostic::warning("required-unknown", message, at));
                }
            }
        });
    }

    fn at<T>(&mut self, key: &str, visit: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let seen = visit(self);
        self.path.pop();
        seen
    }

    fn fault(&mut self, message: &str, hint: Option<&str>) {
        let finding = Diagnostic::error("bad-parameters", message, place::value(self.desired, &self.path));
        self.found.push(match hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        });
    }
}
