//! Places that must not be written over.

use jsonptr::{Pointer, PointerBuf};

/// A place in live that is protected: an opaque value, or one that the file does not list.
///
/// As long as it survives in target, no operation writes at it or above it. It may name something that live
/// does not show (a secret below an object that exists).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// Where it is in live.
    pub live: PointerBuf,
    /// Where it is in target.
    pub target: Place,
    /// Live does not show the real value (absent or masked), so that it cannot be written again: if its list
    /// element must change places, `move` carries it, even where `move` is not allowed otherwise.
    pub hidden: bool,
}

/// What becomes of a protected place in target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It survives here (in target's coordinates; list indices may differ from live's).
    At(PointerBuf),
    /// It survives in whatever place the list elements above it take.
    Anywhere,
    /// It goes with something that target removes by name.
    Gone,
}

impl Protected {
    /// Survives at `target`.
    pub fn at(live: impl AsRef<Pointer>, target: impl AsRef<Pointer>) -> Self {
        Protected { live: live.as_ref().to_buf(), target: Place::At(target.as_ref().to_buf()), hidden: false }
    }

    /// Survives wherever its list elements go: for callers that know live's coordinates only.
    pub fn anywhere(live: impl AsRef<Pointer>) -> Self {
        Protected { live: live.as_ref().to_buf(), target: Place::Anywhere, hidden: false }
    }

    /// Goes with a removal by name.
    pub fn gone(live: impl AsRef<Pointer>) -> Self {
        Protected { live: live.as_ref().to_buf(), target: Place::Gone, hidden: false }
    }

    /// The same, for a value that live does not show.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}
