//! What live was before it was written, one file for each persona, secrets left out.

use crate::persona::secret::SecretPaths;
use crate::persona::{Document, Live};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;

/// Writes the live document into the folder, by its id. The folder is made if need be.
pub(super) fn keep(folder: &Path, live: &Live) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut text = serde_json::to_vec_pretty(&without_secrets(&live.document))?;
    text.push(b'\n');
    let mut file = tempfile::Builder::new().prefix(".personactl-").tempfile_in(folder)?;
    file.write_all(&text)?;
    // An id is the server's word: it must not choose another folder.
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    let name: String = live.id.chars().map(safe).collect();
    file.persist(folder.join(format!("{name}.json"))).map_err(|error| error.error)?;
    Ok(())
}

fn without_secrets(document: &Document) -> Value {
    fn below(path: &mut Vec<String>, value: &mut Value, secrets: &SecretPaths) {
        match value {
            Value::Object(members) => {
                members.retain(|key, member| {
                    path.push(key.clone());
                    let secret =
                        !member.is_object() && !member.is_array() && secrets.covers(path, Some(member));
                    let keep = !secret || member.is_null() || member == "";
                    if keep {
                        below(path, member, secrets);
                    }
                    path.pop();
                    keep
                });
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    path.push(index.to_string());
                    if secrets.covers(path, Some(element)) && !element.is_object() && !element.is_array() {
                        *element = Value::Null;
                    }
                    below(path, element, secrets);
                    path.pop();
                }
            }
            _ => {}
        }
    }
    let mut copy = document.reveal().clone();
    below(&mut Vec::new(), &mut copy, &SecretPaths::default());
    copy
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_backup_holds_the_document_without_its_secrets_inside_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let document = json!({"persona_id": "../p1", "layers": {"llm": {
            "api_key": "sk-secret", "base_url": "https://x", "headers": {"A": "sk-secret", "B": ["sk-secret"]}}}});
        let live = Live { id: "../p1".to_owned(), name: None, document: Document::new(document) };
        keep(&folder.path().join("backup"), &live).unwrap();
        let text = std::fs::read_to_string(folder.path().join("backup/___p1.json")).unwrap();
        assert!(!text.contains("sk-secret"), "{text}");
        let kept: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(kept["layers"]["llm"], json!({"base_url": "https://x", "headers": {"B": [null]}}));
    }
}
