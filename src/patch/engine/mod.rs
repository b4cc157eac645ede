//! The search for the cheapest patch.
//!
//! [`arena`] flattens both documents, [`marks`] puts the protected places on it, [`best`] prices a pair of
//! values, [`lists`] aligns a pair of lists (the only place with real choice), [`emit`] writes the operations
//! down. [`by_index`] is the yardstick that the fallback must not exceed.

mod align;
mod arena;
mod best;
mod bounds;
mod by_index;
mod emit;
mod greedy;
mod lists;
mod marks;
mod price;
mod transfer;

use super::{Arrays, Diff, DiffError, Operations, Options, Place, Protected};
use crate::json::{self, MAX_DEPTH};
use arena::{Arena, Id};
use foldhash::fast::FixedState;
use json_patch::Patch;
use marks::Marks;
use price::FORBIDDEN;
use serde_json::Value;
use std::collections::HashMap;

/// Up to this depth the recursion fits any stack; beyond, the work moves to a thread with a larger one.
const SHALLOW: usize = 64;
/// The stack of that thread.
const DEEP_STACK: usize = 64 << 20;

/// See [`super::diff`].
pub(super) fn diff(
    live: &Value,
    target: &Value,
    protected: &[Protected],
    options: &Options,
) -> Result<Diff, DiffError> {
    let mut deep = false;
    for (document, value) in [("live", live), ("target", target)] {
        if json::depth_exceeds(value, SHALLOW) {
            deep = true;
            if json::depth_exceeds(value, MAX_DEPTH) {
                return Err(DiffError::TooDeep { document, limit: MAX_DEPTH });
            }
        }
    }
    if !deep {
        return shallow(live, target, protected, options);
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .stack_size(DEEP_STACK)
            .spawn_scoped(scope, || shallow(live, target, protected, options))
            .map_err(|_| DiffError::Resources { reason: "no thread for a deeply nested document" })?;
        worker.join().unwrap_or(Err(DiffError::Resources { reason: "the comparison ended early" }))
    })
}

fn shallow(
    live: &Value,
    target: &Value,
    protected: &[Protected],
    options: &Options,
) -> Result<Diff, DiffError> {
    let mut engine = Engine::new(live, target, protected, options)?;
    let cost = engine.emit(engine.live, engine.target, 0);
    if cost >= FORBIDDEN {
        return Err(DiffError::Protected { pointer: blame(live, target, protected, options) });
    }
    let mut operations = std::mem::take(&mut engine.operations);
    if !engine.exact
        && let Some(by_index) = engine.by_index(cost)
    {
        operations = by_index;
    }
    let mut patch = Patch(engine.into_operations(operations)?);
    let Operations { r#move, copy, .. } = options.operations;
    if (r#move || copy) && !patch.0.is_empty() {
        let allowed = transfer::Allowed { r#move, copy };
        for weighed in [false, true] {
            let rewritten = with_transfers(live, target, protected, options, allowed, weighed)?;
            if let Some(other) = rewritten
                && size(&other) < size(&patch)
            {
                patch = other;
            }
        }
    }
    Ok(Diff { patch, exact: engine.exact, taken: Vec::new() })
}

/// Bytes and operations of a patch.
fn size(patch: &Patch) -> (usize, usize) {
    (serde_json::to_vec(patch).map_or(usize::MAX, |text| text.len()), patch.0.len())
}

/// A patch with `move` and `copy`, if one was found that gives the target.
fn with_transfers(
    live: &Value,
    target: &Value,
    protected: &[Protected],
    options: &Options,
    allowed: transfer::Allowed,
    weighed: bool,
) -> Result<Option<Patch>, DiffError> {
    let mut engine = Engine::new(live, target, protected, options)?;
    engine.transfers = Some(allowed);
    if weighed {
        engine.weights = engine.weigh();
    }
    if engine.emit(engine.live, engine.target, 0) >= FORBIDDEN {
        return Ok(None);
    }
    let (operations, orders) = (std::mem::take(&mut engine.operations), std::mem::take(&mut engine.orders));
    let Some(patch) = engine.transfer(operations, orders, allowed).map(Patch) else { return Ok(None) };
    let mut outcome = live.clone();
    let right = super::apply(&mut outcome, &patch).is_ok() && json::equal(&outcome, target);
    Ok(right.then_some(patch))
}

/// Which protected place is in the way: the first that is so by itself.
fn blame(live: &Value, target: &Value, protected: &[Protected], options: &Options) -> jsonptr::PointerBuf {
    let surviving = || protected.iter().filter(|p| p.target != Place::Gone);
    let alone = surviving().find(|p| {
        Engine::new(live, target, std::slice::from_ref(p), options)
            .is_ok_and(|mut engine| engine.emit(engine.live, engine.target, 0) >= FORBIDDEN)
    });
    alone.or_else(|| surviving().next()).map(|p| p.live.clone()).unwrap_or_default()
}

/// The state of one search.
struct Engine<'v> {
    arena: Arena<'v>,
    live: Id,
    target: Id,
    marks: Marks,
    arrays: Arrays,
    /// Prices of pairs of list elements, by (element, element, bytes of the pointer).
    memo: HashMap<(Id, Id, u32), best::Known, FixedState>,
    /// Work left.
    budget: u64,
    /// Alignment states that may be kept at once, so that memory stays in proportion to the documents.
    max_states: usize,
    /// No fallback was needed so far.
    exact: bool,
    path: String,
    operations: Vec<emit::Operation>,
    /// The lists that were edited, if `move` and `copy` are to be found.
    orders: Vec<emit::Order>,
    /// The transfers allowed in this search, if any.
    transfers: Option<transfer::Allowed>,
    weights: transfer::Weights,
}

impl<'v> Engine<'v> {
    fn new(
        live: &'v Value,
        target: &'v Value,
        protected: &[Protected],
        options: &Options,
    ) -> Result<Self, DiffError> {
        let mut arena = Arena::new();
        let live = arena.add(live).ok_or(DiffError::TooLarge { document: "live" })?;
        let target = arena.add(target).ok_or(DiffError::TooLarge { document: "target" })?;
        let marks = Marks::put(&mut arena, live, protected, &options.unsure)?;
        let documents = arena[live].size as usize + arena[target].size as usize;
        Ok(Engine {
            arena,
            live,
            target,
            marks,
            arrays: options.arrays,
            memo: HashMap::default(),
            budget: options.work_budget,
            max_states: (documents / 4).max(1 << 18),
            exact: true,
            path: String::new(),
            operations: Vec::new(),
            orders: Vec::new(),
            transfers: None,
            weights: transfer::Weights::default(),
        })
    }

    /// Takes `work` off the budget; false when it is used up.
    fn spend(&mut self, work: u64) -> bool {
        self.budget = self.budget.saturating_sub(work);
        self.budget > 0
    }
}
