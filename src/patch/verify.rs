//! A patch that has been proven, by applying it, to turn live into target.

use super::apply::{ApplyError, gives};
use json_patch::{Patch, PatchOperation};
use jsonptr::Pointer;
use serde_json::{Value, json};

/// A patch that gives target when the json-patch crate applies it to live.
///
/// Only [`super::Diff::verify`] makes one. It may hold secrets: there is no `Debug`, `Display` or `Serialize`;
/// [`VerifiedPatch::shown`] is what may be shown, [`VerifiedPatch::reveal`] is what is sent.
pub struct VerifiedPatch {
    patch: Patch,
    exact: bool,
}

/// The patch is wrong: a bug of the engine. Nothing may be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It does not apply.
    #[error("the computed patch does not apply: {0}")]
    DoesNotApply(#[from] ApplyError),
    /// It gives something else.
    #[error("the computed patch does not give the target")]
    WrongOutcome,
}

impl VerifyError {
    /// A stable code for the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            VerifyError::DoesNotApply(_) => "patch-bug-does-not-apply",
            VerifyError::WrongOutcome => "patch-bug-wrong-outcome",
        }
    }
}

impl VerifiedPatch {
    pub(super) fn new(patch: Patch, exact: bool, live: &Value, target: &Value) -> Result<Self, VerifyError> {
        if !gives(live, &patch, target)? {
            return Err(VerifyError::WrongOutcome);
        }
        Ok(VerifiedPatch { patch, exact })
    }

    /// Whether the patch is proven minimal.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// How many operations it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patch.0.len()
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patch.0.is_empty()
    }

    /// The operations, with all their values.
    #[must_use]
    pub fn operations(&self) -> &[PatchOperation] {
        &self.patch.0
    }

    /// The whole patch, with all its values, for the request body.
    #[must_use]
    pub fn reveal(&self) -> &Patch {
        &self.patch
    }

    /// The patch as JSON, one value for each operation. `show` gives what may be shown of a value that is written
    /// at a pointer.
    #[must_use]
    pub fn shown(&self, show: &dyn Fn(&Pointer, &Value) -> Value) -> Vec<Value> {
        let with_value = |op: &str, path: &Pointer, value: &Value| json!({"op": op, "path": path.as_str(), "value": show(path, value)});
        let operation = |operation: &PatchOperation| match operation {
            PatchOperation::Add(op) => with_value("add", &op.path, &op.value),
            PatchOperation::Replace(op) => with_value("replace", &op.path, &op.value),
            PatchOperation::Test(op) => with_value("test", &op.path, &op.value),
            PatchOperation::Remove(op) => json!({"op": "remove", "path": op.path.as_str()}),
            PatchOperation::Move(op) => {
                json!({"op": "move", "from": op.from.as_str(), "path": op.path.as_str()})
            }
            PatchOperation::Copy(op) => {
                json!({"op": "copy", "from": op.from.as_str(), "path": op.path.as_str()})
            }
        };
        self.patch.0.iter().map(operation).collect()
    }
}
