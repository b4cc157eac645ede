//! The patch engine: the smallest RFC 6902 patch that turns one JSON document into another.
//!
//! # Contract
//! [`diff`] takes `live` (what is there), `target` (what shall be there), the [`Protected`] places of live and
//! [`Options`]. It returns a [`Diff`] whose patch
//!
//! - turns live into target, where equality is by value ([`crate::json::equal`]);
//! - writes nothing at or above a protected place that survives (an index that shifts because a sibling is
//!   added or removed is no write);
//! - is the cheapest of all such {add, remove, replace} patches in conventional form (`replace` for what
//!   exists, `add` for what does not), by bytes of compact JSON, then by number of operations, unless
//!   [`Diff::exact`] is false because the work budget ran out; then it is still right and never larger than
//!   the comparison by index;
//! - with `move` or `copy` allowed, is never larger than without.
//!
//! [`Diff::verify`] applies the patch and hands out a [`VerifiedPatch`], the only form that is sent.
//!
//! Pure: no I/O and no knowledge of personas. `docs/minimal-patch.md` has the argument why it is minimal.

mod apply;
mod displaced;
mod engine;
mod error;
mod options;
mod protected;
mod verify;

pub use apply::{ApplyError, ApplyReason, apply, parse};
pub use error::DiffError;
pub use options::{Arrays, DEFAULT_WORK_BUDGET, Operations, Options};
pub use protected::{Place, Protected};
pub use verify::{VerifiedPatch, VerifyError};

use json_patch::Patch;
use jsonptr::PointerBuf;
use serde_json::Value;

/// What [`diff`] found. It may hold secrets, so it can be neither printed nor serialized; see
/// [`Diff::verify`].
pub struct Diff {
    patch: Patch,
    exact: bool,
    taken: Vec<PointerBuf>,
}

impl Diff {
    /// Nothing to do: what [`diff`] finds between equal documents, for who knows already that they are.
    #[must_use]
    pub fn none() -> Self {
        Diff { patch: Patch(Vec::new()), exact: true, taken: Vec::new() }
    }

    /// Whether the patch is proven minimal; false when the work budget ran out and the fallback stepped in.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// The patch itself, with all its values.
    #[must_use]
    pub fn reveal(&self) -> &Patch {
        &self.patch
    }

    /// The patch itself, with all its values.
    #[must_use]
    pub fn into_patch(self) -> Patch {
        self.patch
    }

    /// Protected places (in live's coordinates) that were added again elsewhere because their list element
    /// had to change places, or that go with a removal.
    #[must_use]
    pub fn taken(&self) -> &[PointerBuf] {
        &self.taken
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patch.0.is_empty()
    }

    /// Adds an operation at the end that sets a value, whether or not there is one: for values that cannot be
    /// compared. The `target` to verify against must hold it.
    #[must_use]
    pub fn and_add(mut self, path: PointerBuf, value: Value) -> Self {
        self.patch.0.push(json_patch::PatchOperation::Add(json_patch::AddOperation { path, value }));
        self
    }

    /// Applies the patch to `live` with the json-patch crate and compares the outcome with `target` by value.
    ///
    /// # Errors
    /// [`VerifyError`] if the patch does not apply or does not give target: a bug, nothing may be sent.
    pub fn verify(self, live: &Value, target: &Value) -> Result<VerifiedPatch, VerifyError> {
        VerifiedPatch::new(self.patch, self.exact, live, target)
    }
}

/// The cheapest patch from `live` to `target`; see the module's contract.
///
/// # Errors
/// [`DiffError`] if a document is nested too deep, or if target cannot be reached without writing at or above
/// a protected place.
pub fn diff(
    live: &Value,
    target: &Value,
    protected: &[Protected],
    options: &Options,
) -> Result<Diff, DiffError> {
    engine::diff(live, target, protected, options)
}
