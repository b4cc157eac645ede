//! The schema table as JSON Schema (draft 2020-12), for editors: what `validate` fails, it fails, where a schema can
//! say it.
//!
//! A tag of ours (`!env NAME`) is a text to an editor; the descriptions say where tags are of use.

use super::schema::{ALIASES, FIELDS, Field, Kind, Members, Secrecy, Values};
use serde_json::{Map, Value, json};

/// Where a schema of this draft names it.
pub const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

const TAGS: &str = "Tags: `!file path` takes in a text file, `!env NAME` a secret from the environment, \
                    `!var NAME` a value of the environment's `vars`, `!ref NAME` the id of a sibling with this name.";

/// The schema of a persona file.
#[must_use]
pub fn persona() -> Value {
    let mut schema = object_at("");
    set(&mut schema, "$schema", DRAFT);
    set(&mut schema, "title", "Persona");
    set(&mut schema, "description", format!("A Tavus persona as personactl reads it. {TAGS}"));
    set(
        &mut schema,
        "anyOf",
        json!([
            {"required": ["persona_name"]},
            {"required": ["persona_id"]},
            {"required": ["pal_name"]},
            {"required": ["pal_id"]},
        ]),
    );
    set(&mut schema, "allOf", rules());
    for name in ["persona_name", "pal_name", "persona_id", "pal_id"] {
        if let Some(named) = schema.pointer_mut(&format!("/properties/{name}")) {
            set(named, "pattern", "\\S");
        }
    }
    reordered(schema)
}

/// The schema of an overlay: the same fields, none required.
#[must_use]
pub fn overlay() -> Value {
    let mut schema = object_at("");
    set(&mut schema, "$schema", DRAFT);
    set(&mut schema, "title", "Persona overlay");
    let about = "What an environment changes in a persona: objects merge, lists replace, null deletes.";
    set(&mut schema, "description", format!("{about} {TAGS}"));
    reordered(schema)
}

/// The keywords that people look for first come first.
fn reordered(schema: Value) -> Value {
    let Value::Object(mut members) = schema else { return schema };
    let mut ordered = Map::new();
    for key in ["$schema", "title", "description", "type", "anyOf", "allOf"] {
        ordered.extend(members.shift_remove(key).map(|value| (key.to_owned(), value)));
    }
    ordered.extend(members);
    Value::Object(ordered)
}

/// Sets a keyword of a schema.
fn set(schema: &mut Value, keyword: &str, value: impl Into<Value>) {
    if let Value::Object(members) = schema {
        members.insert(keyword.to_owned(), value.into());
    }
}

/// The object whose members are the rows right below `parent`.
fn object_at(parent: &str) -> Value {
    let mut properties = Map::new();
    for field in below(parent) {
        properties.insert(field.name().to_owned(), of(field));
    }
    for (alias, name) in ALIASES {
        if let (Some((above, alias)), Some(field)) =
            (alias.rsplit_once('/'), FIELDS.iter().find(|f| f.pattern == name))
            && above == parent
        {
            let mut schema = if field.read_only { pinned() } else { of(field) };
            set(
                &mut schema,
                "description",
                format!("The vendor's newer name of `{}`. {}", field.name(), field.doc),
            );
            properties.insert(alias.to_owned(), schema);
        }
    }
    if parent.is_empty() {
        properties.insert("persona_id".into(), pinned());
        properties.insert("reconcile".into(), reconcile());
    }
    json!({"type": if parent.is_empty() { json!("object") } else { json!(["object", "null"]) }, "properties": properties})
}

fn below(parent: &str) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| {
        field
            .pattern
            .strip_prefix(parent)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|rest| !rest.contains('/'))
    })
}

fn of(field: &Field) -> Value {
    let mut schema = match field.kind {
        Kind::Text => text(field),
        Kind::Bool => json!({"type": ["boolean", "null"]}),
        Kind::Number => json!({"type": ["number", "null"]}),
        Kind::Any => json!({}),
        Kind::TextList => list(field, text(field)),
        Kind::ObjectList => {
            let mut element = object_at(&format!("{}/*", field.pattern));
            set(&mut element, "type", "object");
            list(field, element)
        }
        Kind::Object(Members::Free | Members::Listed) => object_at(field.pattern),
    };
    set(&mut schema, "description", describe(field));
    if let Some(default) = field.default.and_then(super::schema::DefaultValue::value) {
        set(&mut schema, "default", default);
    }
    if field.deprecated.is_some() {
        set(&mut schema, "deprecated", true);
    }
    if field.read_only {
        set(&mut schema, "readOnly", true);
        set(&mut schema, "not", json!({}));
    }
    conditions(field, &mut schema);
    schema
}

/// What one part of the pipeline says of its own members.
fn conditions(field: &Field, schema: &mut Value) {
    let named =
        |name: &str| json!({"required": [name], "properties": {name: {"type": "string", "minLength": 1}}});
    match field.pattern {
        // A hosted model has bounds; the user's own takes what it takes.
        "/layers/llm" => {
            let mut bounds = Map::new();
            for row in below("/layers/llm/extra_body") {
                if let Some((least, most)) = row.range {
                    bounds.insert(row.name().to_owned(), json!({"minimum": least, "maximum": most}));
                }
            }
            set(schema, "if", json!({"not": named("base_url")}));
            set(schema, "then", json!({"properties": {"extra_body": {"properties": bounds}}}));
        }
        "/layers/tts" => {
            let azure = json!({"type": "object", "required": ["tts_engine"], "properties": {"tts_engine": {"const": "azure"}}});
            set(schema, "if", azure);
            set(schema, "then", json!({"not": named("tts_model_name")}));
            let eleven = json!({"type": "object", "required": ["tts_engine"], "properties": {"tts_engine": {"const": "elevenlabs"}}});
            let pace = json!({"properties": {"voice_settings": {"properties": {"speed": {"minimum": 0.7, "maximum": 1.2}}}}});
            set(schema, "allOf", json!([{"if": eleven, "then": pace}]));
        }
        _ => {
            if let Some((least, most)) = field.range
                && !field.pattern.starts_with("/layers/llm/extra_body/")
            {
                set(schema, "minimum", least);
                set(schema, "maximum", most);
            }
            if field.pattern.ends_with("/function/name") {
                set(schema, "pattern", "^[a-zA-Z_][a-zA-Z0-9_]{0,63}$");
            }
            if field.pattern.ends_with("/function/parameters") {
                set(schema, "properties", json!({"type": {"const": "object"}}));
            }
        }
    }
}

fn text(field: &Field) -> Value {
    let mut schema = json!({"type": ["string", "null"]});
    let known =
        |values: &[&'static str]| -> Vec<Value> { values.iter().map(|value| (*value).into()).collect() };
    match field.values {
        Values::Any => {}
        Values::Closed(values) => {
            let mut allowed = known(values);
            allowed.extend(known(field.stale));
            if field.empty_is_absent {
                allowed.push("".into());
            }
            allowed.push(Value::Null);
            set(&mut schema, "enum", allowed);
        }
        Values::Open(values) => {
            set(&mut schema, "examples", known(values));
        }
    }
    if let Some(most) = field.max_chars {
        set(&mut schema, "maxLength", most);
    }
    if field.secrecy == Secrecy::Whole {
        // The plainest of the masks and stand-ins that are refused.
        let stand_in = r"^(\*{3,}|•{3,}|[xX]{6,}|\(secret\)|<.+>|\$\{.+\}|\{\{.+\}\})$";
        set(&mut schema, "not", json!({"type": "string", "pattern": stand_in}));
    }
    schema
}

fn list(field: &Field, mut element: Value) -> Value {
    if field.kind == Kind::TextList {
        set(&mut element, "type", "string");
        if field.unordered {
            set(&mut element, "pattern", "\\S");
        }
    }
    let mut schema = json!({"type": ["array", "null"], "items": element});
    if let Some(most) = field.max_items {
        set(&mut schema, "maxItems", most);
    }
    schema
}

fn describe(field: &Field) -> String {
    let mut parts = vec![field.doc.to_owned()];
    if field.secrecy == Secrecy::Whole {
        parts.push("A secret: write `!env NAME`.".to_owned());
    }
    if field.sibling.is_some() {
        parts.push("Takes `!ref NAME` in place of an id.".to_owned());
    }
    if field.lossy {
        parts.push("Cannot be compared with the live side.".to_owned());
    }
    parts.extend(field.deprecation());
    if let Some(new) = field.renamed_to {
        parts.push(format!("Now `{new}`."));
    }
    if !field.stale.is_empty() {
        parts.push(format!("No longer offered: {}.", field.stale.join(", ")));
    }
    parts.join(" ")
}

/// In a file the id is no read-only field: it pins the persona.
fn pinned() -> Value {
    json!({
        "type": ["string", "null"],
        "minLength": 1,
        "description": "Pins the persona that the file means; without it the persona is found by name, or created.",
    })
}

fn reconcile() -> Value {
    let pattern = json!({"type": "string", "pattern": "^/"});
    json!({
        "type": ["object", "null"],
        "description": "How this persona is kept in step; never sent.",
        "additionalProperties": false,
        "properties": {
            "ignore": {"type": "array", "items": pattern, "description": "Pointers, with `*` for one segment, that are neither compared nor written."},
            "opaque": {"type": "array", "items": pattern, "description": "Pointers whose values cannot be compared with the live side."},
            "protect": {"type": "boolean", "description": "Never deleted, and written only when named on the command line."},
            "unlisted": {"enum": ["keep", "remove"], "description": "What happens to live values that the file does not name."},
        },
    })
}

/// What joins several fields. Without an id the persona may have to be created, so that more is required.
fn rules() -> Value {
    let unpinned = json!({"not": {"anyOf": [{"required": ["persona_id"]}, {"required": ["pal_id"]}]}});
    let mode = |modes: Value| json!({"required": ["pipeline_mode"], "properties": {"pipeline_mode": {"enum": modes}}});
    let custom = json!({
        "if": {"required": ["base_url"], "properties": {"base_url": {"type": "string", "minLength": 1}}},
        "then": {"required": ["api_key"], "properties": {"api_key": {"type": "string", "minLength": 1}}},
    });
    let twice = |(newer, older): (&str, &str)| json!({"not": {"required": [newer, older]}});
    let at_top = ALIASES
        .iter()
        .filter_map(|(newer, older)| Some((newer.strip_prefix('/')?, older.strip_prefix('/')?)));
    let mut rules = json!([
        {
            "if": {"allOf": [unpinned, {"not": mode(json!(["echo", "speech-to-speech"]))}]},
            "then": {"required": ["system_prompt"]},
        },
        {
            "if": {"not": mode(json!(["echo", "speech-to-speech"]))},
            "then": {"properties": {"system_prompt": {"type": "string", "minLength": 1}}},
        },
        {
            "if": unpinned,
            "then": {"properties": {"layers": {"properties": {"llm": custom}}}},
        },
    ]);
    if let Value::Array(rules) = &mut rules {
        rules.extend(at_top.filter(|(newer, _)| !newer.contains('/')).map(twice));
    }
    rules
}
