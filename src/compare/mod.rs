//! Comparing what a file says with what is live: the target document and the changes that lead to it.
//!
//! Owns the answer to "do they differ, and where" (equality of single values in `equality`, the walk over both
//! documents in `walk`, lists in `list`). Builds no patch and knows nothing of requests or output.

mod change;
mod equality;
mod list;
#[cfg(test)]
mod tests;
mod walk;

pub use change::{Change, ChangeKind, Origin};
pub use equality::{canonical, same};
pub use list::{name as element_name, pair};

use crate::json;
use crate::persona::{Desired, Document, Live, Pattern};
use jsonptr::PointerBuf;
use serde_json::Value;

/// What a comparison of one file with one live persona gave.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Live with the file's values put in. Opaque values are left as live shows them.
    pub target: Document,
    /// Every difference, in the order of the file, removals by their place in live.
    pub changes: Vec<Change>,
    /// Values that cannot be compared and will be sent.
    pub opaque: Vec<Opaque>,
    /// Live values that the file does not name.
    pub unlisted: Vec<Unlisted>,
    /// What a patch must not write: see [`Kept`].
    pub kept: Vec<Kept>,
    /// Things worth saying that are no change.
    pub notes: Vec<Note>,
}

impl Comparison {
    /// Target with the opaque values put in too: what live shall hold once everything was sent.
    #[must_use]
    pub fn complete(&self) -> Document {
        let mut complete = self.target.clone();
        for opaque in &self.opaque {
            json::put(complete.reveal_mut(), &opaque.path, opaque.value.reveal().clone());
        }
        complete
    }
}

/// An opaque value: the file has it, and what live holds cannot be seen.
#[derive(Debug, Clone)]
pub struct Opaque {
    /// Where it goes, in target's coordinates.
    pub path: PointerBuf,
    /// What will be sent.
    pub value: Document,
    /// Why it cannot be compared.
    pub reason: OpaqueReason,
    /// The file says something else of it than the base did; known only with a base.
    pub changed: bool,
}

/// Why a value cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpaqueReason {
    /// A secret that live lacks or shows masked.
    Secret,
    /// The server does not give it back.
    Lossy,
    /// A rule of the project or the file says so.
    Rule,
}

/// A live value at a path that the file does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// Its place, in live's coordinates.
    pub path: PointerBuf,
    /// It is just what the server fills in.
    pub is_default: bool,
}

/// A place that survives from live into target and must not be written, nor anything above it. It may name
/// something that live does not show: a secret that the server hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// In live's coordinates.
    pub live: PointerBuf,
    /// In target's coordinates.
    pub target: PointerBuf,
    /// Live does not show the true value, so it could not be written again.
    pub hidden: bool,
}

/// Something worth saying that is no change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The file asks to remove a secret that live does not show: nothing can be compared or done.
    NothingToRemove(PointerBuf),
}

/// Compares a file with the live persona that it means.
#[must_use]
pub fn compare(desired: &Desired, live: &Live) -> Comparison {
    walk::Walk::new(desired).run(live.document.reveal())
}

/// What a file would create: every value is an addition.
#[must_use]
pub fn creation(desired: &Desired) -> Comparison {
    walk::Walk::new(desired).create()
}

/// Whether the pattern names anything in the document, or a member that the document could have right there.
#[must_use]
pub fn names_something(pattern: &Pattern, document: &Value) -> bool {
    fn below(pattern: &Pattern, path: &mut Vec<String>, value: &Value) -> bool {
        if pattern.matches(path) {
            return true;
        }
        if !pattern.reaches_below(path) {
            return false;
        }
        let mut step = |key: String, child: &Value| {
            path.push(key);
            let found = below(pattern, path, child);
            path.pop();
            found
        };
        match value {
            Value::Object(members) => members.iter().any(|(key, child)| step(key.clone(), child)),
            Value::Array(elements) => {
                elements.iter().enumerate().any(|(index, child)| step(index.to_string(), child))
            }
            _ => false,
        }
    }
    below(pattern, &mut Vec::new(), document)
}
