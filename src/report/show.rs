//! `show`: one persona as it would be sent, secrets masked, with the place of every value on request.

use super::view;
use crate::persona::secret::MASK;
use crate::persona::{Desired, Document};
use crate::source::emit::{Extras, scalar_text, to_yaml_with};
use jsonptr::PointerBuf;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// What is sent, with the id of the persona and every secret masked. An unset variable counts as a secret.
fn masked(desired: &Desired) -> Value {
    let mut document = desired.document.clone();
    for pointer in desired.unset.keys() {
        if let Some(value) = document.reveal_mut().pointer_mut(pointer.as_str()) {
            *value = Value::String(MASK.to_owned());
        }
    }
    for (pointer, reference) in &desired.references {
        if let Some(value) =
            document.reveal_mut().pointer_mut(pointer.as_str()).filter(|value| value.is_null())
        {
            *value = Value::String(format!("!ref {}", reference.name));
        }
    }
    let masked = Document::new(document.into_revealed()).masked(&desired.secrets());
    let mut shown = Map::new();
    if let Some(id) = &desired.id {
        shown.insert("persona_id".to_owned(), Value::String(id.clone()));
    }
    if let Value::Object(members) = masked {
        shown.extend(members);
    }
    Value::Object(shown)
}

/// Writes the persona as JSON.
pub fn write_json(out: &mut impl Write, desired: &Desired) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &masked(desired))?;
    writeln!(out)
}

/// Writes the persona as YAML. `origins`: each value is followed by the place that set it.
pub fn write_yaml(out: &mut impl Write, desired: &Desired, origins: bool) -> io::Result<()> {
    let remark = |path: &[String]| {
        let pointer = PointerBuf::from_tokens(path.iter().map(String::as_str));
        let mut parts = Vec::new();
        if origins {
            parts.extend(desired.locations.get(&pointer).map(view::location));
            parts.extend(desired.includes.get(&pointer).map(|file| format!("!file {file}")));
        }
        if let Some(name) = desired.env.get(&pointer) {
            let state = if desired.unset.contains_key(&pointer) { ", which is not set" } else { "" };
            parts.push(format!("!env {name}{state}"));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    };
    let instead = |path: &[String]| {
        let pointer = PointerBuf::from_tokens(path.iter().map(String::as_str));
        let name = &desired.references.get(&pointer)?.name;
        Some(format!("!ref {}", scalar_text(name)))
    };
    let extras = Extras { instead: &instead, remark: &remark };
    out.write_all(to_yaml_with(&masked(desired), extras).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{LoadRequest, Memory, load};

    #[test]
    fn p33_a_persona_is_shown_resolved_with_secrets_masked_and_the_origin_of_each_value() {
        let files = Memory::default()
            .with("personactl.yaml", "environments: {prod: {vars: {team: Prod}}}\n")
            .with("personas/a.yaml", "persona_name: !var team\nsystem_prompt: !file a.md\nlayers:\n  llm:\n    \
                   base_url: https://x.example\n    api_key: !env LLM_SET\n    headers: {X-Key: !env LLM_GONE}\n")
            .with("personas/a.prod.yaml", "persona_id: p1\nlayers: {tts: {api_key: written-out-key}}\n")
            .with("personas/a.md", "One.\nTwo.\n");
        let variables = |name: &str| (name == "LLM_SET").then(|| "multi\nline secret".to_owned());
        let request = LoadRequest {
            config: Some("personactl.yaml".into()),
            env: Some("prod".into()),
            ..LoadRequest::default()
        };
        let loaded = load(&files, &variables, &request);
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let mut out = Vec::new();
        write_yaml(&mut out, &loaded.desired[0], true).unwrap();
        writeln!(out, "---").unwrap();
        write_json(&mut out, &loaded.desired[0]).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
