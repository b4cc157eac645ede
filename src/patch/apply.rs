//! Applying a patch: the json-patch crate, with `test` by value and with limits on what a patch may build.

use crate::json::{self, MAX_DEPTH};
use json_patch::{
    AddOperation, CopyOperation, MoveOperation, Patch, PatchErrorKind, PatchOperation, RemoveOperation,
    ReplaceOperation, TestOperation,
};
use jsonptr::PointerBuf;
use serde_json::Value;

/// The most a patch may add by `copy`, in bytes of compact JSON: copies of copies grow exponentially.
const MAX_COPIED: u64 = 32 << 20;

/// Why a patch did not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("operation {operation} at `{path}`: {reason}")]
pub struct ApplyError {
    /// Which operation, from 0.
    pub operation: usize,
    /// Its path.
    pub path: PointerBuf,
    /// What went wrong.
    pub reason: ApplyReason,
}

/// What can go wrong with one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplyReason {
    /// A `test` found something else.
    #[error("the value is not what `test` expects")]
    TestFailed,
    /// The path names nothing, or a place where nothing can be put.
    #[error("the path does not exist")]
    Path,
    /// The same for `from`.
    #[error("the `from` path does not exist")]
    From,
    /// A value moved into itself.
    #[error("a value cannot be moved into itself")]
    IntoItself,
    /// The outcome would be nested too deep.
    #[error("the document becomes more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// The copies add up to too much.
    #[error("the copied values add up to too much")]
    TooLarge,
    /// The crate failed in a way it does not document.
    #[error("the operation failed")]
    Other,
}

impl ApplyError {
    /// A stable code for the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.reason {
            ApplyReason::TestFailed => "patch-test-failed",
            _ => "patch-does-not-apply",
        }
    }
}

/// Applies `patch` to `document`: all of it, or nothing.
///
/// # Errors
/// [`ApplyError`] names the operation that failed; the document is then as it was.
pub fn apply(document: &mut Value, patch: &Patch) -> Result<(), ApplyError> {
    let mut work = document.clone();
    apply_to_scratch(&mut work, patch)?;
    *document = work;
    Ok(())
}

/// [`apply`] for a document that is thrown away if the patch fails, which leaves it half changed.
fn apply_to_scratch(work: &mut Value, patch: &Patch) -> Result<(), ApplyError> {
    let mut copied = 0;
    for (operation, step) in patch.0.iter().enumerate() {
        one(work, step, &mut copied).map_err(|reason| ApplyError {
            operation,
            path: step.path().to_buf(),
            reason,
        })?;
    }
    Ok(())
}

/// Whether the patch leads from live to target. Holds one copy of live, no more.
pub(super) fn gives(live: &Value, patch: &Patch, target: &Value) -> Result<bool, ApplyError> {
    let mut outcome = json::copy(live);
    apply_to_scratch(&mut outcome, patch)?;
    Ok(json::equal(&outcome, target))
}

fn one(work: &mut Value, step: &PatchOperation, copied: &mut u64) -> Result<(), ApplyReason> {
    match step {
        // The crate compares 1 and 1.0 as different; RFC 6902 section 4.6 says they are equal.
        PatchOperation::Test(test) => {
            let found = json::at(work, &test.path).ok_or(ApplyReason::Path)?;
            return if json::equal(found, &test.value) { Ok(()) } else { Err(ApplyReason::TestFailed) };
        }
        PatchOperation::Copy(copy) => {
            let source = json::at(work, &copy.from).ok_or(ApplyReason::From)?;
            fits(source, &copy.path)?;
            *copied = copied.saturating_add(json::compact_size(source));
            if *copied > MAX_COPIED {
                return Err(ApplyReason::TooLarge);
            }
        }
        PatchOperation::Move(from_to) => {
            let source = json::at(work, &from_to.from).ok_or(ApplyReason::From)?;
            // Nothing to do; the crate refuses it for the whole document.
            if from_to.from == from_to.path {
                return Ok(());
            }
            fits(source, &from_to.path)?;
        }
        PatchOperation::Add(add) => fits(&add.value, &add.path)?,
        PatchOperation::Replace(replace) => fits(&replace.value, &replace.path)?,
        PatchOperation::Remove(_) => {}
    }
    json_patch::patch_unsafe(work, std::slice::from_ref(step)).map_err(|error| match error.kind {
        // `test` and `from` have been looked at above.
        PatchErrorKind::InvalidPointer => ApplyReason::Path,
        PatchErrorKind::CannotMoveInsideItself => ApplyReason::IntoItself,
        _ => ApplyReason::Other,
    })
}

/// Whether `value` at `path` stays within the depth limit.
fn fits(value: &Value, path: &jsonptr::Pointer) -> Result<(), ApplyReason> {
    match MAX_DEPTH.checked_sub(path.count()) {
        Some(room) if !json::depth_exceeds(value, room) => Ok(()),
        _ => Err(ApplyReason::TooDeep),
    }
}

/// Reads a patch out of a JSON value. Members that RFC 6902 does not know are ignored, as it says.
///
/// # Errors
/// A sentence that says what is not a patch about it.
pub fn parse(value: Value) -> Result<Patch, String> {
    let Value::Array(operations) = value else { return Err("a patch is a list of operations".to_owned()) };
    let read = |(at, operation)| operation_of(operation).map_err(|error| format!("operation {at}: {error}"));
    operations.into_iter().enumerate().map(read).collect::<Result<_, _>>().map(Patch)
}

// By hand, because the derived reader recurses with large frames: a deep value would overflow the stack.
fn operation_of(operation: Value) -> Result<PatchOperation, String> {
    let Value::Object(mut members) = operation else { return Err("not an object".to_owned()) };
    let pointer = |key: &str| {
        let text = members
            .get(key)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("`{key}` is missing or no text"))?;
        PointerBuf::parse(text).map_err(|_| format!("`{key}` is not a JSON Pointer: `{text}`"))
    };
    let kind = members.get("op").and_then(Value::as_str).ok_or("`op` is missing or no text")?.to_owned();
    let path = pointer("path")?;
    let from = || pointer("from");
    Ok(match kind.as_str() {
        "remove" => PatchOperation::Remove(RemoveOperation { path }),
        "move" => PatchOperation::Move(MoveOperation { from: from()?, path }),
        "copy" => PatchOperation::Copy(CopyOperation { from: from()?, path }),
        "add" | "replace" | "test" => {
            let value = members.remove("value").ok_or("`value` is missing")?;
            match kind.as_str() {
                "add" => PatchOperation::Add(AddOperation { path, value }),
                "replace" => PatchOperation::Replace(ReplaceOperation { path, value }),
                _ => PatchOperation::Test(TestOperation { path, value }),
            }
        }
        other => return Err(format!("`{other}` is not an operation")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What becomes of the document, or which operation fails and why.
    fn applied(mut document: Value, operations: Value) -> Result<Value, (usize, ApplyReason)> {
        let patch = parse(operations).unwrap();
        let applied = apply(&mut document, &patch);
        applied.map(|()| document).map_err(|error| {
            assert_eq!(error.path.as_str(), patch.0[error.operation].path().as_str());
            (error.operation, error.reason)
        })
    }

    #[test]
    fn an_error_names_the_operation_and_the_reason() {
        let failed = |operation: Value| {
            let first = json!({"op": "add", "path": "/new", "value": 1});
            applied(json!({"a": {"b": 1}, "l": [1]}), json!([first, operation])).unwrap_err()
        };
        let transfer =
            |op: &str, from: &str, path: &str| failed(json!({"op": op, "from": from, "path": path}));
        assert_eq!(failed(json!({"op": "test", "path": "/a/b", "value": 2})), (1, ApplyReason::TestFailed));
        assert_eq!(failed(json!({"op": "test", "path": "/x", "value": 2})), (1, ApplyReason::Path));
        assert_eq!(failed(json!({"op": "remove", "path": "/x"})), (1, ApplyReason::Path));
        assert_eq!(failed(json!({"op": "remove", "path": ""})), (1, ApplyReason::Path));
        assert_eq!(failed(json!({"op": "add", "path": "/l/2", "value": 2})), (1, ApplyReason::Path));
        assert_eq!(failed(json!({"op": "replace", "path": "/x", "value": 2})), (1, ApplyReason::Path));
        for op in ["move", "copy"] {
            assert_eq!(transfer(op, "/x", "/y"), (1, ApplyReason::From));
            assert_eq!(transfer(op, "/l/1", "/y"), (1, ApplyReason::From));
            assert_eq!(transfer(op, "/a/b", "/x/y"), (1, ApplyReason::Path));
        }
        assert_eq!(transfer("move", "/a", "/a/b"), (1, ApplyReason::IntoItself));
        assert_eq!(transfer("move", "", "/a"), (1, ApplyReason::IntoItself));
    }

    #[test]
    fn a_move_to_a_longer_name_or_to_its_own_place_is_none_into_itself() {
        let move_to = |from: &str, path: &str| json!([{"op": "move", "from": from, "path": path}]);
        let document = json!({"a": 1, "l": [1, 2]});
        assert_eq!(applied(document.clone(), move_to("/a", "/ab")), Ok(json!({"ab": 1, "l": [1, 2]})));
        for place in ["", "/a", "/l/1"] {
            assert_eq!(applied(document.clone(), move_to(place, place)), Ok(document.clone()));
        }
        assert_eq!(applied(document, move_to("/b", "/b")), Err((0, ApplyReason::From)));
    }

    #[test]
    fn copies_may_add_up_to_the_limit_and_not_beyond() {
        let mebibyte = Value::from("x".repeat((1 << 20) - 2));
        let copies = |count: u64| {
            let copy = |at| json!({"op": "copy", "from": "/text", "path": format!("/{at}")});
            (0..count).map(copy).collect::<Value>()
        };
        let most = MAX_COPIED >> 20;
        assert_eq!(most, 32);
        let document = json!({"text": mebibyte});
        let members = |copied: Value| copied.as_object().unwrap().len() as u64;
        assert_eq!(applied(document.clone(), copies(most)).map(members), Ok(most + 1));
        let one_more = applied(document, copies(most + 1));
        assert_eq!(one_more.map(members), Err((usize::try_from(most).unwrap(), ApplyReason::TooLarge)));
    }
}
