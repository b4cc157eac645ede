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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::{DiffError, Options, diff};

    #[test]
    fn a_patch_that_gives_something_else_or_does_not_apply_is_refused() {
        let (live, target) = (json!({"a": 1}), json!({"a": 2}));
        let patch = |value: Value| serde_json::from_value::<Patch>(value).unwrap();
        let verified = |operations: Value| VerifiedPatch::new(patch(operations), true, &live, &target);
        let right = verified(json!([{"op": "replace", "path": "/a", "value": 2}])).ok().unwrap();
        assert_eq!((right.len(), right.is_empty(), right.exact()), (1, false, true));
        assert_eq!(right.operations(), right.reveal().0.as_slice());
        let wrong = verified(json!([{"op": "replace", "path": "/a", "value": 3}])).err().unwrap();
        assert_eq!(
            (wrong.code(), wrong.to_string().as_str()),
            ("patch-bug-wrong-outcome", "the computed patch does not give the target")
        );
        let idle = verified(json!([{"op": "remove", "path": "/b"}])).err().unwrap();
        assert_eq!(idle.code(), "patch-bug-does-not-apply");
        let empty = VerifiedPatch::new(Patch(Vec::new()), false, &live, &live).ok().unwrap();
        assert_eq!((empty.len(), empty.is_empty(), empty.exact()), (0, true, false));
    }

    #[test]
    fn what_is_shown_has_every_operation_and_only_the_values_that_may_be_shown() {
        let live = json!({"a": 1, "b": [1], "c": {"d": 1}});
        let operations = json!([
            {"op": "test", "path": "/a", "value": 1},
            {"op": "replace", "path": "/a", "value": 2},
            {"op": "add", "path": "/e", "value": 3},
            {"op": "copy", "from": "/b", "path": "/f"},
            {"op": "move", "from": "/c/d", "path": "/g"},
            {"op": "remove", "path": "/b"},
        ]);
        let patch: Patch = serde_json::from_value(operations.clone()).unwrap();
        let target = json!({"a": 2, "c": {}, "e": 3, "f": [1], "g": 1});
        let verified = VerifiedPatch::new(patch, false, &live, &target).ok().unwrap();
        assert_eq!(Value::Array(verified.shown(&|_, value| value.clone())), operations);
        let masked =
            verified.shown(&|path, value| if path.as_str() == "/e" { "***".into() } else { value.clone() });
        assert_eq!((&masked[1]["value"], &masked[2]["value"]), (&json!(2), &json!("***")));
    }

    #[test]
    fn errors_have_codes() {
        let deep = (0..=crate::json::MAX_DEPTH).fold(json!(1), |value, _| json!([value]));
        let error = diff(&json!(1), &deep, &[], &Options::default()).err().unwrap();
        assert_eq!(error.code(), "patch-too-deep");
        let code = |operation: Value| {
            let patch: Patch = serde_json::from_value(json!([operation])).unwrap();
            gives(&json!({"a": 1}), &patch, &json!(1)).unwrap_err().code()
        };
        let failed = code(json!({"op": "test", "path": "/a", "value": 2}));
        assert_eq!(
            (failed, code(json!({"op": "remove", "path": "/b"}))),
            ("patch-test-failed", "patch-does-not-apply")
        );
        let pointer = jsonptr::PointerBuf::new();
        let codes = [
            DiffError::Protected { pointer: pointer.clone() },
            DiffError::Place { pointer, reason: "" },
            DiffError::TooLarge { document: "live" },
            DiffError::Resources { reason: "" },
        ]
        .map(|error| error.code());
        assert_eq!(codes, ["patch-protected", "patch-protected-place", "patch-too-large", "patch-resources"]);
    }
}
