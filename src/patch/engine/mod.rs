//! The search for the cheapest patch.
//!
//! [`arena`] flattens both documents, [`marks`] puts the protected places on it, [`best`] prices a pair of
//! values, [`lists`] aligns a pair of lists (the only place with real choice) with the help of [`greedy`], [`bounds`],
//! [`pins`] and [`align`], [`emit`] writes the operations down, [`transfer`] finds moves and copies, [`guard`]
//! adds tests. [`by_index`] is the yardstick that the fallback must not exceed.

mod align;
mod arena;
mod best;
mod bounds;
mod by_index;
mod emit;
mod greedy;
mod guard;
mod lists;
mod marks;
mod pins;
mod price;
mod transfer;

use super::apply::gives;
use super::displaced::{self, Settled};
use super::{Arrays, Diff, DiffError, Operations, Options, Place, Protected};
use crate::json::{self, MAX_DEPTH};
use arena::{Arena, Id};
use foldhash::fast::FixedState;
use json_patch::{Patch, PatchOperation};
use jsonptr::PointerBuf;
use marks::Marks;
use price::FORBIDDEN;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

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
    let work = || {
        let settled = displaced::settle(live, protected, &options.unsure)?;
        search(live, target, protected, &settled, options)
    };
    if !deep {
        return work();
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .stack_size(DEEP_STACK)
            .spawn_scoped(scope, work)
            .map_err(|_| DiffError::Resources { reason: "no thread for a deeply nested document" })?;
        worker.join().unwrap_or(Err(DiffError::Resources { reason: "the comparison ended early" }))
    })
}

/// Finds the cheapest patch, with transfers and guards as the options say.
fn search(
    live: &Value,
    target: &Value,
    protected: &[Protected],
    settled: &Settled<'_>,
    options: &Options,
) -> Result<Diff, DiffError> {
    let mut engine = Engine::new(target, settled, options)?;
    let mut cost = engine.emit(engine.live, engine.target, 0);
    if cost >= FORBIDDEN && !engine.exact {
        let reason = "the work budget does not suffice to find what becomes of protected list elements";
        return Err(DiffError::Resources { reason });
    }
    if cost >= FORBIDDEN {
        let pointer = settled.original(&blame(target, settled, options));
        return Err(DiffError::Protected { pointer });
    }
    let mut operations = std::mem::take(&mut engine.operations);
    if !engine.exact {
        // A list may have been priced while there was budget, and written down when there was none.
        cost = engine.paid(&operations);
        if let Some((least, by_index)) = engine.by_index(cost) {
            (cost, operations) = (least, by_index);
        }
    }
    let exact = engine.exact;
    let start = |engine: &Engine<'_>, touched: &[Id]| {
        let mut start = match options.operations.test {
            true => engine.guards(touched, settled, protected, &options.unsure),
            false => Vec::new(),
        };
        start.extend(settled.moves.iter().cloned());
        start
    };
    let touched: Vec<Id> = operations.iter().filter_map(|operation| operation.old).collect();
    let mut patch = Patch(start(&engine, &touched));
    let Operations { r#move, copy, .. } = options.operations;
    if (r#move || copy) && cost > 0 {
        // The plain patch gets its values only if no other one is smaller: that saves a copy of them.
        let mut least = price::of(&patch) + cost;
        let mut smaller = None;
        // A move can cost a copy that saves more, and the other way round: each is tried without the other, too.
        let all = [(r#move, copy), (r#move, false), (false, copy)];
        let tries = if r#move && copy { 3 } else { 1 };
        let all = all.into_iter().take(tries).flat_map(|allowed| [(allowed, false), (allowed, true)]);
        for ((r#move, copy), weighed) in all {
            engine.restart(options);
            let transfers = transfer::Allowed { r#move, copy };
            let Some((operations, touched)) = with_transfers(&mut engine, transfers, weighed) else {
                continue;
            };
            let mut other = start(&engine, &touched);
            other.extend(operations);
            let other = Patch(other);
            // Transfers depend on the order of the operations, so that they are not taken on trust.
            if price::of(&other) < least && gives(live, &other, target).unwrap_or(false) {
                least = price::of(&other);
                smaller = Some(other);
            }
        }
        if let Some(patch) = smaller {
            return Ok(Diff { patch, exact, taken: settled.taken.clone() });
        }
    }
    patch.0.extend(engine.finish(operations)?);
    Ok(Diff { patch, exact, taken: settled.taken.clone() })
}

/// A patch with `move` and `copy`, if one was found, and what it takes away of live.
fn with_transfers(
    engine: &mut Engine<'_>,
    allowed: transfer::Allowed,
    weighed: bool,
) -> Option<(Vec<PatchOperation>, Vec<Id>)> {
    engine.transfers = Some(allowed);
    if weighed {
        engine.weights = engine.weigh();
    }
    if engine.emit(engine.live, engine.target, 0) >= FORBIDDEN {
        return None;
    }
    let (operations, orders) = (std::mem::take(&mut engine.operations), std::mem::take(&mut engine.orders));
    engine.transfer(operations, orders, allowed)
}

/// Which protected place is in the way: the first that is so by itself.
fn blame(target: &Value, settled: &Settled<'_>, options: &Options) -> PointerBuf {
    let surviving = || settled.protected.iter().filter(|place| place.target != Place::Gone);
    let forbids = |place: &&Protected| {
        Engine::with(&settled.live, target, std::slice::from_ref(*place), &settled.unsure, options)
            .is_ok_and(|mut engine| engine.emit(engine.live, engine.target, 0) >= FORBIDDEN)
    };
    surviving()
        .find(forbids)
        .or_else(|| surviving().next())
        .map(|place| place.live.clone())
        .unwrap_or_default()
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
    fn new(target: &'v Value, settled: &'v Settled<'_>, options: &Options) -> Result<Self, DiffError> {
        Self::with(&settled.live, target, &settled.protected, &settled.unsure, options)
    }

    fn with(
        live: &'v Value,
        target: &'v Value,
        protected: &[Protected],
        unsure: &BTreeSet<PointerBuf>,
        options: &Options,
    ) -> Result<Self, DiffError> {
        let mut arena = Arena::new();
        let live = arena.add(live).ok_or(DiffError::TooLarge { document: "live" })?;
        let target = arena.add(target).ok_or(DiffError::TooLarge { document: "target" })?;
        let marks = Marks::put(&mut arena, live, protected, unsure)?;
        let documents = arena[live].size as usize + arena[target].size as usize;
        Ok(Engine {
            arena,
            live,
            target,
            marks,
            arrays: options.arrays,
            memo: HashMap::default(),
            budget: options.work_budget,
            max_states: (documents / 8).max(1 << 15),
            exact: true,
            path: String::new(),
            operations: Vec::new(),
            orders: Vec::new(),
            transfers: None,
            weights: transfer::Weights::default(),
        })
    }

    /// Forgets everything but the documents, for another search.
    fn restart(&mut self, options: &Options) {
        self.memo = HashMap::default();
        self.budget = options.work_budget;
        self.exact = true;
        self.operations = Vec::new();
        self.orders = Vec::new();
        self.transfers = None;
        self.weights = transfer::Weights::default();
    }

    /// Takes `work` off the budget; false when it is used up.
    fn spend(&mut self, work: u64) -> bool {
        self.budget = self.budget.saturating_sub(work);
        self.budget > 0
    }
}
