//! What the caller may choose about a patch.

use jsonptr::PointerBuf;
use std::collections::BTreeSet;

/// Which operations besides `add`, `remove` and `replace` may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operations {
    /// `move`, for renamed members and elements that changed places.
    pub r#move: bool,
    /// `copy`, for values that exist already.
    pub copy: bool,
    /// `test` operations first, on every value the patch replaces or removes (not on hidden ones).
    pub test: bool,
}

/// How lists are changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Arrays {
    /// Element by element, or whole where that is smaller.
    #[default]
    Edit,
    /// Always whole, except where a protected place inside forbids it.
    Whole,
}

/// The choices of one [`super::diff`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Operations besides add, remove and replace.
    pub operations: Operations,
    /// How lists are changed.
    pub arrays: Arrays,
    /// Steps of work (alignment states and compared nodes) within which the result is exact.
    pub work_budget: u64,
    /// Places in live which the record behind it may not hold, although live shows a value (null, empty, the
    /// documented default): they are written whole, with `add` instead of `replace`, which is right either way.
    pub unsure: BTreeSet<PointerBuf>,
}

/// The work budget unless the caller says otherwise: about 20 ms in a release build.
pub const DEFAULT_WORK_BUDGET: u64 = 120_000;

impl Default for Options {
    fn default() -> Self {
        Options {
            operations: Operations::default(),
            arrays: Arrays::default(),
            work_budget: DEFAULT_WORK_BUDGET,
            unsure: BTreeSet::new(),
        }
    }
}
