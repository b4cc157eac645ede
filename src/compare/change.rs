//! One semantic difference between live and target.

use jsonptr::PointerBuf;
use serde_json::Value;
use std::fmt;

/// A difference. Values may be secret: there is no way to print them but through [`Change::before`] and
/// [`Change::after`] with the masking of the plan.
#[derive(Clone, PartialEq)]
pub struct Change {
    /// Where: in target's coordinates; for a removal in live's.
    pub path: PointerBuf,
    /// What kind of difference.
    pub kind: ChangeKind,
    /// What live holds; none where it holds nothing.
    pub before: Option<Value>,
    /// What target holds; none for a removal.
    pub after: Option<Value>,
    /// The value itself is secret. (A value that merely contains secrets is masked inside.)
    pub secret: bool,
    /// Whose change it is; known only with a base.
    pub origin: Option<Origin>,
    /// What the list elements on the way are called: number of segments up to and with the index, name.
    pub elements: Vec<(usize, String)>,
}

/// Kinds of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// Live has nothing there.
    Add,
    /// Target has nothing there.
    Remove,
    /// Both have something.
    Replace,
    /// A list element changes places; the place in live that it came from.
    Move {
        /// In live's coordinates.
        from: PointerBuf,
    },
}

/// Whose change it is, with a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Live is what the base says: the author of the files changed it.
    Yours,
    /// The base already said what the file says: someone changed live.
    Drift,
    /// Base, file and live all differ.
    Conflict,
}

impl ChangeKind {
    /// The word for JSON and text.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            ChangeKind::Add => "add",
            ChangeKind::Remove => "remove",
            ChangeKind::Replace => "replace",
            ChangeKind::Move { .. } => "move",
        }
    }
}

impl Origin {
    /// The word for JSON and text.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Origin::Yours => "yours",
            Origin::Drift => "drift",
            Origin::Conflict => "conflict",
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change({} {})", self.kind.word(), self.path)
    }
}
