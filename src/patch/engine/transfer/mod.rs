//! `move` and `copy`: a cheapest {add, remove, replace} patch is rewritten so that values which live already
//! holds are fetched instead of sent.
//!
//! Two patches are rewritten: the cheapest one, and one that was searched for in the knowledge that some values
//! need not be sent ([`weigh`]). [`choose`] decides what is fetched from where, [`schedule`] finds an order in
//! which every value is fetched before it is changed, on a [`tree`] that knows every value's place at all
//! times. The caller keeps the smallest patch, so the outcome is never larger than without.

mod choose;
mod schedule;
mod tree;
mod weigh;

use super::Engine;
use super::arena::Id;
use super::emit::{Operation, Order};
use json_patch::PatchOperation;
use std::collections::HashMap;

/// What may be used.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    pub(super) r#move: bool,
    pub(super) copy: bool,
}

/// What is known for the search with transfers in mind; empty for the ordinary one.
#[derive(Default)]
pub(super) struct Weights {
    /// Bytes that each node of target is expected to take in a patch.
    bytes: Vec<u32>,
    /// Elements and members of live that are expected to leave by `move`.
    leaving: Vec<bool>,
}

impl Engine<'_> {
    /// Bytes that a node of target takes as a value of the patch.
    pub(super) fn weight(&self, id: Id) -> u32 {
        self.weights.bytes.get(id as usize).copied().unwrap_or(self.arena[id].size)
    }

    /// Whether removing the element is paid for by its arrival elsewhere.
    pub(super) fn leaves_by_move(&self, id: Id) -> bool {
        self.weights.leaving.get(id as usize).copied().unwrap_or(false)
    }

    /// Whether the search has transfers in mind.
    pub(super) fn ordering(&self) -> bool {
        self.transfers.is_some()
    }

    /// The operations with `move` and `copy` where they save bytes, and the nodes of live that they take away;
    /// `None` if no order for them was found.
    pub(super) fn transfer(
        &mut self,
        operations: Vec<Operation>,
        orders: Vec<Order>,
        allowed: Allowed,
    ) -> Option<(Vec<PatchOperation>, Vec<Id>)> {
        // The prices of the search are of no more use, and take as much memory as the documents.
        self.memo = HashMap::default();
        let actions = self.choose(operations, orders, allowed);
        self.memo = HashMap::default();
        self.schedule(actions, allowed)
    }
}
