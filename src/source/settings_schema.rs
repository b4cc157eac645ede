//! `personactl.yaml` as JSON Schema, for editors. The keys are those of [`Settings::KEYS`]; a test keeps it so.

use super::settings::{DEFAULT_API_KEY, DEFAULT_PERSONAS};
use crate::diagnostic::codes;
use crate::persona::json_schema::DRAFT;
use serde_json::{Map, Value, json};

/// The schema of the settings file.
#[must_use]
pub fn settings() -> Value {
    let levels = json!({"enum": ["allow", "warn", "deny"]});
    let lints: Map<String, Value> = codes::lints()
        .map(|code| (code.name.to_owned(), json!({"$ref": "#/$defs/level", "description": code.explanation})))
        .collect();
    let patterns = |about: &str| json!({"type": "array", "items": {"type": "string", "pattern": "^/"}, "description": about});
    let ids = |about: &str| json!({"type": "array", "items": {"type": "string", "minLength": 1}, "description": about});
    json!({
        "$schema": DRAFT,
        "title": "personactl settings",
        "description": "What a project states once for all its personas.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "endpoint": {"$ref": "#/$defs/endpoint"},
            "api_key": {"$ref": "#/$defs/api_key"},
            "env_allow": {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
                "description": "Names that `!env` may use beside those that start with TAVUS_, LLM_ or TTS_."},
            "personas": {"type": "array", "minItems": 1, "items": {"type": "string"}, "default": DEFAULT_PERSONAS,
                "description": "Globs of persona files, from this file's folder."},
            "environments": {"type": "object", "propertyNames": {"pattern": "^[A-Za-z0-9_-]+$"},
                "additionalProperties": {"$ref": "#/$defs/environment"},
                "description": "Accounts that the same files serve; `a.NAME.yaml` is laid over `a.yaml`."},
            "default_environment": {"type": "string", "minLength": 1, "description": "Used where --env names none."},
            "unlisted": {"enum": ["keep", "remove"], "default": "keep",
                "description": "What happens to live values that no file names."},
            "ignore": patterns("Pointers, with `*` for one segment, that are neither compared nor written."),
            "opaque": patterns("Pointers whose values cannot be compared with the live side."),
            "send_opaque": {"enum": ["always", "with-changes"], "default": "always",
                "description": "When values that cannot be compared are sent."},
            "concurrency": {"type": "integer", "minimum": 1, "maximum": 64, "default": 8,
                "description": "Personas worked on at once."},
            "patch": {"type": ["object", "null"], "additionalProperties": false, "description": "How patches are built.", "properties": {
                "operations": {"type": "array", "items": {"enum": ["add", "remove", "replace", "move", "copy"]},
                    "description": "`move` and `copy` are used only where they stand here."},
                "arrays": {"enum": ["edit", "whole"], "default": "edit", "description": "Whether lists are written element by element."},
            }},
            "lints": {"type": ["object", "null"], "additionalProperties": false, "properties": lints, "description": "Levels of findings."},
            "limits": {"$ref": "#/$defs/limits"},
            "expect_personas": ids("Ids of which all must exist, or nothing is written: a guard against the wrong account."),
            "prune": ids("Ids of personas that `--prune` may delete."),
        },
        "$defs": {
            "level": levels,
            "endpoint": {"type": "string", "minLength": 1, "description": "Where the API is. Any but the vendor's or one on this machine must be named on the command line, too."},
            "api_key": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "default": DEFAULT_API_KEY,
                "description": "`!env NAME`: the variable that holds the account's key. Never the key itself."},
            "limits": {"type": ["object", "null"], "additionalProperties": false, "description": "Guards against doing too much.", "properties": {
                "max_changes": {"type": "integer", "minimum": 0, "description": "Most personas that one apply may change."},
                "max_deletes": {"type": "integer", "minimum": 0, "description": "Most personas that one apply may delete."},
                "wait": {"type": ["string", "integer"], "pattern": "^[0-9]+[sm]$", "minimum": 0, "description": "Longest wait for a busy server, such as `30s` or `5m`."},
            }},
            "environment": {"type": ["object", "null"], "additionalProperties": false, "properties": {
                "endpoint": {"$ref": "#/$defs/endpoint"},
                "api_key": {"$ref": "#/$defs/api_key"},
                "vars": {"type": ["object", "null"], "description": "Values for `!var NAME`; no secrets."},
                "expect_personas": ids("Ids of which all must exist in this account."),
                "prune": ids("Ids of personas that `--prune` may delete here."),
                "limits": {"$ref": "#/$defs/limits"},
            }},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Settings;

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema = settings();
        let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, Settings::KEYS.iter().collect::<Vec<_>>());
    }
}
