//! The live side: one persona as the API shows it.

use super::Document;

/// A persona as fetched.
#[derive(Debug, Clone)]
pub struct Live {
    /// `persona_id`.
    pub id: String,
    /// `persona_name`; not unique, and may be missing.
    pub name: Option<String>,
    /// The whole answer, read-only fields included.
    pub document: Document,
}

impl Live {
    /// What messages call this persona: its name, else its id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}
