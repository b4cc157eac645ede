//! Secrets in the sandbox: what it keeps of them is enough to recognise one, and nothing to learn it from.

use super::options::Secrets;
use crate::persona::secret::SecretPaths;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What a sealed secret begins with. Such a text is refused when it comes from outside.
pub(super) const SEAL: &str = "sandbox-digest:";

/// What GET shows of a secret.
pub(super) const ASTERISKS: &str = "********";

/// Seals secrets with a salt that is random for each state file.
#[derive(Debug, Clone)]
pub(super) struct Vault {
    salt: String,
    paths: SecretPaths,
}

impl Vault {
    pub(super) fn new(salt: String) -> Self {
        Vault { salt, paths: SecretPaths::default() }
    }

    pub(super) fn salt(&self) -> &str {
        &self.salt
    }

    /// A salted digest of any bytes.
    pub(super) fn digest(&self, bytes: &[u8]) -> String {
        hex(&Sha256::new()
            .chain_update(self.salt.as_bytes())
            .chain_update([0])
            .chain_update(bytes)
            .finalize())
    }

    /// Replaces every secret by its seal. The same secret has the same seal, so equality still works.
    pub(super) fn seal(&self, document: &mut Value) {
        self.visit(document, &mut Vec::new(), &mut |vault, value| {
            if !is_sealed(value) {
                *value = Value::String(format!("{SEAL}{}", vault.digest(value.to_string().as_bytes())));
            }
        });
    }

    /// Shows a sealed document as the API would.
    pub(super) fn show(document: &mut Value, how: Secrets) {
        match document {
            Value::Object(members) => {
                if how == Secrets::Omitted {
                    members.retain(|_, member| !is_sealed(member));
                }
                members.values_mut().for_each(|member| Self::show(member, how));
            }
            Value::Array(elements) => elements.iter_mut().for_each(|element| Self::show(element, how)),
            value if is_sealed(value) => *value = Value::String(ASTERISKS.to_owned()),
            _ => {}
        }
    }

    fn visit(&self, value: &mut Value, path: &mut Vec<String>, act: &mut impl FnMut(&Self, &mut Value)) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    path.push(key.clone());
                    self.visit(member, path, act);
                    path.pop();
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    path.push(index.to_string());
                    self.visit(element, path, act);
                    path.pop();
                }
            }
            Value::Null => {}
            // An empty key is no key, and the API shows it as such.
            Value::String(text) if text.is_empty() => {}
            scalar if self.paths.covers(path, Some(scalar)) => act(self, scalar),
            _ => {}
        }
    }
}

fn is_sealed(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(SEAL))
}

/// A salt, or anything else that must differ from file to file.
pub(super) fn random_hex() -> String {
    use std::hash::{BuildHasher, Hasher};
    let mut hash = Sha256::new();
    // The standard library's hash keys come from the system's generator; each state draws anew.
    for _ in 0..4 {
        hash.update(std::collections::hash_map::RandomState::new().build_hasher().finish().to_be_bytes());
    }
    hex(&hash.finalize()[..16])
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_secret_has_the_same_seal_under_one_salt_only() {
        let (one, other) = (Vault::new("salt".into()), Vault::new("pepper".into()));
        let document =
            json!({"layers": {"llm": {"api_key": "sk-12345678", "headers": {"A": ["x-secret", ""]}}}});
        let sealed = |vault: &Vault| {
            let mut copy = document.clone();
            vault.seal(&mut copy);
            vault.seal(&mut copy);
            copy
        };
        assert_eq!(sealed(&one), sealed(&one));
        assert_ne!(sealed(&one), sealed(&other));
        let text = sealed(&one).to_string();
        assert!(!text.contains("12345678") && !text.contains("x-secret"), "{text}");
    }

    #[test]
    fn a_sealed_secret_is_shown_as_asterisks_or_not_at_all() {
        let vault = Vault::new("salt".into());
        let mut document =
            json!({"layers": {"llm": {"api_key": "k", "base_url": "u", "headers": {"A": "b"}}}});
        vault.seal(&mut document);
        let shown = |how| {
            let mut copy = document.clone();
            Vault::show(&mut copy, how);
            copy
        };
        let llm = json!({"api_key": ASTERISKS, "base_url": "u", "headers": {"A": ASTERISKS}});
        assert_eq!(shown(Secrets::Masked), json!({"layers": {"llm": llm}}));
        assert_eq!(shown(Secrets::Omitted), json!({"layers": {"llm": {"base_url": "u", "headers": {}}}}));
    }
}
