//! Resources beside personas whose ids a persona holds, and what their listings look like.

use serde_json::Value;

/// A kind of sibling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sibling {
    /// Sets of objectives.
    Objectives,
    /// Guardrails, legacy sets.
    GuardrailSets,
    /// Guardrails, flat.
    Guardrails,
    /// Documents.
    Documents,
    /// Registered tools.
    Tools,
    /// Replicas.
    Replicas,
    /// Pronunciation dictionaries.
    Dictionaries,
}

impl Sibling {
    /// Where they are listed.
    #[must_use]
    pub fn listing(self) -> &'static str {
        match self {
            Sibling::Objectives => "/v2/objectives",
            Sibling::GuardrailSets => "/v2/guardrails",
            Sibling::Guardrails => "/v2/guardrails?legacy=false",
            Sibling::Documents => "/v2/documents",
            Sibling::Tools => "/v2/tools",
            Sibling::Replicas => "/v2/replicas",
            Sibling::Dictionaries => "/v2/pronunciation-dictionaries",
        }
    }

    /// What people call them.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Sibling::Objectives => "objectives",
            Sibling::GuardrailSets => "sets of guardrails",
            Sibling::Guardrails => "guardrails",
            Sibling::Documents => "documents",
            Sibling::Tools => "tools",
            Sibling::Replicas => "replicas",
            Sibling::Dictionaries => "pronunciation dictionaries",
        }
    }

    /// The id and the name of an element of the listing.
    #[must_use]
    pub fn id_and_name(self, element: &Value) -> Option<(String, String)> {
        let (ids, names): (&[&str], &[&str]) = match self {
            Sibling::Objectives => (&["objectives_id", "uuid"], &["name", "objectives_name"]),
            Sibling::GuardrailSets => (&["guardrails_id", "uuid"], &["name", "guardrails_name"]),
            Sibling::Guardrails => (&["guardrail_id", "uuid"], &["guardrail_name", "name"]),
            Sibling::Documents => (&["document_id", "uuid"], &["document_name", "name"]),
            Sibling::Tools => (&["tool_id", "uuid"], &["name", "tool_name"]),
            Sibling::Replicas => (&["replica_id", "face_id"], &["replica_name", "face_name", "name"]),
            Sibling::Dictionaries => (&["pronunciation_dictionary_id", "uuid"], &["name"]),
        };
        // One path lists both kinds, and a server may answer with more than it was asked for.
        let other = match self {
            Sibling::GuardrailSets => element.get("guardrail_name").is_some(),
            Sibling::Guardrails => element.get("guardrails_id").is_some(),
            _ => false,
        };
        if other {
            return None;
        }
        let text = |keys: &[&str]| keys.iter().find_map(|key| element.get(*key)?.as_str()).map(str::to_owned);
        Some((text(ids)?, text(names)?))
    }
}
