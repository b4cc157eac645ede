//! A persona's JSON document. It may hold secrets, so it has no way to be printed as it is.

use super::secret::SecretPaths;
use serde_json::Value;
use std::fmt;

/// The body of a persona. `Debug` shows nothing, and there is no `Display` or `Serialize`:
/// output goes through [`Document::masked`], a request through [`Document::reveal`].
#[derive(Clone, Default)]
pub struct Document(Value);

impl Document {
    /// Wraps a JSON value (an object, for a persona).
    #[must_use]
    pub fn new(value: Value) -> Self {
        Document(value)
    }

    /// The true value: for comparing, patching and sending. Never for output.
    #[must_use]
    pub fn reveal(&self) -> &Value {
        &self.0
    }

    /// The true value, to change it.
    pub fn reveal_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// The true value, taken out.
    #[must_use]
    pub fn into_revealed(self) -> Value {
        self.0
    }

    /// A copy in which every secret value is [`super::secret::MASK`].
    #[must_use]
    pub fn masked(&self, secrets: &SecretPaths) -> Value {
        secrets.mask(&self.0)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(..)")
    }
}
