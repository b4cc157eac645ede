//! A digest of what a plan rests on, to see whether live moved since.

use crate::compare::canonical;
use crate::persona::schema::{self, Lookup};
use crate::persona::secret::SecretPaths;
use crate::persona::{Live, Reconcile};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// SHA-256, in hex, of a live document without what does not count: read-only and ignored values, and values that
/// cannot be compared.
#[must_use]
pub fn digest(live: &Live, reconcile: &Reconcile) -> String {
    digest_of(&canonical(&counted(live.document.reveal(), reconcile)))
}

/// SHA-256 of a text, in hex.
#[must_use]
pub fn digest_of(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn counted(document: &Value, reconcile: &Reconcile) -> Value {
    fn below(
        path: &mut Vec<String>,
        value: &Value,
        secrets: &SecretPaths,
        rules: &Reconcile,
    ) -> Option<Value> {
        let skipped = rules.ignore.iter().chain(&rules.opaque).any(|pattern| pattern.covers(path));
        let server_owned =
            matches!(schema::lookup(path), Lookup::Known(field) if field.read_only || field.lossy);
        if !path.is_empty() && (skipped || server_owned || secrets.covers(path, Some(value))) {
            return None;
        }
        Some(match value {
            Value::Object(members) => {
                let mut kept = Map::new();
                for (key, member) in members {
                    path.push(key.clone());
                    if let Some(member) = below(path, member, secrets, rules) {
                        kept.insert(key.clone(), member);
                    }
                    path.pop();
                }
                Value::Object(kept)
            }
            Value::Array(elements) => {
                let mut kept = Vec::new();
                for (index, element) in elements.iter().enumerate() {
                    path.push(index.to_string());
                    kept.extend(below(path, element, secrets, rules));
                    path.pop();
                }
                Value::Array(kept)
            }
            scalar => scalar.clone(),
        })
    }
    below(&mut Vec::new(), document, &SecretPaths::default(), reconcile).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::Document;
    use serde_json::json;

    fn of(document: Value) -> String {
        digest(
            &Live { id: "p1".into(), name: None, document: Document::new(document) },
            &Reconcile::default(),
        )
    }

    #[test]
    fn only_what_counts_changes_the_digest() {
        let base = json!({"persona_id": "p1", "updated_at": "1", "system_prompt": "x", "layers": {"llm": {"api_key": "k"}}});
        let later = json!({"updated_at": "2", "system_prompt": "x", "layers": {"llm": {"api_key": "***"}}});
        let edited = json!({"system_prompt": "y", "layers": {"llm": {"api_key": "k"}}});
        assert_eq!(of(base.clone()), of(later));
        assert_ne!(of(base), of(edited));
    }
}
