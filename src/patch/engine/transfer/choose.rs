//! Decides which values are fetched, and from where.

use super::super::Engine;
use super::super::arena::{Id, Kind};
use super::super::emit::{Element, Operation, Order, Write};
use super::super::price::{BYTE, Cost, FORBIDDEN};
use super::Allowed;
use super::tree::Spot;
use super::weigh::TRANSFER;
use foldhash::fast::FixedState;
use std::collections::{HashMap, HashSet};

/// Smaller values are not edited after a move.
const WORTH_EDITING: u32 = 60;
/// How many sources are tried for one value that is to be edited after a move.
const TRIES: usize = 64;

/// One step of the patch, whose order and pointers are still open.
#[derive(Clone)]
pub(super) struct Action {
    pub(super) what: What,
    /// The value of live that is removed or written over.
    pub(super) old: Option<Spot>,
    /// The container that the new value goes to.
    pub(super) parent: Option<Spot>,
    /// The node of target that comes about.
    pub(super) new: Option<Id>,
}

/// What a step does.
#[derive(Clone, PartialEq)]
pub(super) enum What {
    Remove,
    /// Sends the value, except for the parts that are put by other steps.
    Literal(Vec<Id>),
    /// Moves a value; if not exact it is edited by other steps.
    Move(Spot, bool),
    Copy(Spot),
}

/// The steps, and the lists they lead to.
pub(super) struct Actions {
    pub(super) actions: Vec<Action>,
    pub(super) orders: HashMap<Spot, Vec<Element>, FixedState>,
}

/// The choice under way.
struct Choice<'e, 'v> {
    engine: &'e mut Engine<'v>,
    allowed: Allowed,
    pointers: Vec<u32>,
    parents: Vec<Option<Id>>,
    /// Values of live by hash.
    held: HashMap<u64, Vec<Id>, FixedState>,
    /// Values that have been sent already, by hash.
    sent: HashMap<u64, Id, FixedState>,
    /// Values of live that are removed (true) or written over (false).
    doomed: HashMap<Id, bool, FixedState>,
    /// Containers among them and below them, as sources to be edited.
    doomed_containers: Vec<Id>,
    /// Values of live that have been moved.
    moved: HashSet<Id, FixedState>,
    actions: Actions,
}

impl<'v> Engine<'v> {
    pub(super) fn choose(
        &mut self,
        operations: Vec<Operation>,
        orders: Vec<Order>,
        allowed: Allowed,
    ) -> Actions {
        let pointers = self.pointers();
        let mut parents = vec![None; self.arena.nodes.len()];
        let mut tainted: Vec<bool> = self.arena.nodes.iter().map(|node| node.flags != 0).collect();
        for id in (0..self.arena.nodes.len() as Id).rev() {
            for child in self.arena[id].children() {
                parents[child as usize] = Some(id);
                tainted[id as usize] |= tainted[child as usize];
            }
        }
        let mut held: HashMap<u64, Vec<Id>, FixedState> = HashMap::default();
        for id in self.live..self.target {
            // What is protected or unsure inside must not be written elsewhere.
            if !tainted[id as usize] {
                held.entry(self.arena[id].hash).or_default().push(id);
            }
        }
        let doomed: HashMap<Id, bool, FixedState> = operations
            .iter()
            .filter_map(|operation| Some((operation.old?, matches!(operation.write, Write::Remove))))
            .collect();
        let mut choice = Choice {
            engine: self,
            allowed,
            pointers,
            parents,
            held,
            sent: HashMap::default(),
            doomed,
            doomed_containers: Vec::new(),
            moved: HashSet::default(),
            actions: Actions { actions: Vec::new(), orders: HashMap::default() },
        };
        choice.find_doomed_containers(&tainted);
        choice.run(operations, orders);
        choice.actions
    }
}

impl Choice<'_, '_> {
    fn find_doomed_containers(&mut self, tainted: &[bool]) {
        let mut open: Vec<(Id, u32)> = self.doomed.keys().map(|id| (*id, 0)).collect();
        open.sort_unstable();
        while let Some((id, depth)) = open.pop() {
            let node = &self.engine.arena[id];
            if node.kind() != Kind::Leaf && node.size >= WORTH_EDITING && !tainted[id as usize] {
                self.doomed_containers.push(id);
            }
            if depth < 3 {
                open.extend(node.children().map(|child| (child, depth + 1)));
            }
        }
        self.doomed_containers.sort_unstable();
        self.doomed_containers.dedup();
    }

    fn run(&mut self, operations: Vec<Operation>, orders: Vec<Order>) {
        for order in orders {
            self.actions.orders.insert(order.list, order.elements);
        }
        // Equal values first, so that nothing else takes their sources.
        let mut rest = Vec::new();
        for operation in operations {
            let (Write::Add(new) | Write::Replace(new)) = operation.write else {
                rest.push(operation);
                continue;
            };
            let literal = self.literal(new, operation.old);
            match self.equal_source(new, operation.old, literal) {
                Some((what, _)) => self.put(what, &operation, new),
                None => rest.push(operation),
            }
        }
        for operation in rest {
            match operation.write {
                Write::Remove => self.actions.actions.push(Action {
                    what: What::Remove,
                    old: operation.old,
                    parent: None,
                    new: None,
                }),
                Write::Add(new) | Write::Replace(new) => {
                    let literal = self.literal(new, operation.old);
                    // By now it may have been sent elsewhere.
                    if let Some((what, _)) = self.equal_source(new, operation.old, literal) {
                        self.put(what, &operation, new);
                    } else if let Some(source) = self.similar_source(new, operation.old, literal) {
                        self.put_edited(source, &operation, new);
                    } else {
                        let mut holes = Vec::new();
                        self.carve(new, &mut holes);
                        self.put(What::Literal(holes), &operation, new);
                    }
                }
            }
        }
        let moved = &self.moved;
        self.actions.actions.retain(|action| {
            action.what != What::Remove || action.old.is_none_or(|old| !moved.contains(&old))
        });
    }

    /// Bytes of sending the value.
    fn literal(&self, new: Id, old: Option<Id>) -> u32 {
        let operation = if old.is_some() { 36 } else { 32 };
        operation + self.pointers[new as usize] + self.engine.arena[new].size
    }

    fn in_list(&self, id: Id) -> bool {
        self.parents[id as usize].is_some_and(|parent| self.engine.arena[parent].kind() == Kind::List)
    }

    /// The removed or overwritten value that `id` is or lies in.
    fn doom(&self, id: Id) -> Option<Id> {
        let mut at = Some(id);
        while let Some(here) = at {
            if self.doomed.contains_key(&here) {
                return Some(here);
            }
            at = self.parents[here as usize];
        }
        None
    }

    /// Bytes of a transfer from `source`, less the removal that it saves.
    fn fetch(&self, source: Id, new: Id, old: Option<Id>, moving: bool) -> i64 {
        let pointer = |id: Id| i64::from(self.pointers[id as usize]);
        let mut bytes = i64::from(TRANSFER) + 1 + pointer(source) + pointer(new);
        if moving && self.doomed.get(&source) == Some(&true) {
            bytes -= 27 + pointer(source);
        }
        // A list element cannot be written over by a transfer.
        if let Some(old) = old
            && self.in_list(old)
        {
            bytes += 27 + pointer(old);
        }
        bytes
    }

    /// The cheapest source of an equal value, if it costs less than `limit`.
    fn equal_source(&self, new: Id, old: Option<Id>, limit: u32) -> Option<(What, i64)> {
        let node = &self.engine.arena[new];
        let mut best: Option<(What, i64)> = None;
        let mut offer = |what: What, bytes: i64| {
            if bytes < best.as_ref().map_or(i64::from(limit), |best| best.1) {
                best = Some((what, bytes));
            }
        };
        for &source in self.held.get(&node.hash).into_iter().flatten().take(TRIES) {
            if !self.engine.arena.same(source, new) {
                continue;
            }
            let doom = self.doom(source);
            let free = doom.is_some_and(|doom| !self.is_moved(source) && !self.moved.contains(&doom));
            // What is written over by this very value can be moved there, but not copied.
            if free && self.allowed.r#move {
                offer(What::Move(source, true), self.fetch(source, new, old, true));
            } else if self.allowed.copy && (doom.is_none() || self.is_moved(source) || Some(source) != old) {
                offer(What::Copy(source), self.fetch(source, new, old, false));
            }
        }
        if let Some(&source) = self.sent.get(&node.hash)
            && self.allowed.copy
            && self.engine.arena.same(source, new)
        {
            offer(What::Copy(source), self.fetch(source, new, old, false));
        }
        best
    }

    /// Whether the value or one that contains it has been moved.
    fn is_moved(&self, id: Id) -> bool {
        let mut at = Some(id);
        while let Some(here) = at {
            if self.moved.contains(&here) {
                return true;
            }
            at = self.parents[here as usize];
        }
        false
    }

    /// The source that is cheapest to move and edit, if that costs less than `limit`.
    fn similar_source(&mut self, new: Id, old: Option<Id>, limit: u32) -> Option<Id> {
        let node = &self.engine.arena[new];
        let (kind, size) = (node.kind(), node.size);
        if kind == Kind::Leaf || size < WORTH_EDITING || !self.allowed.r#move {
            return None;
        }
        let candidates: Vec<Id> = self
            .doomed_containers
            .iter()
            .copied()
            .filter(|&id| self.engine.arena[id].kind() == kind && Some(id) != old)
            .filter(|&id| !self.is_moved(id) && !self.holds_moved(id))
            .take(TRIES)
            .collect();
        let mut best: Option<(Id, i64)> = None;
        for source in candidates {
            let fetch = self.fetch(source, new, old, true);
            let room = best.map_or(i64::from(limit), |best| best.1) - fetch;
            let Ok(room) = u64::try_from(room) else { continue };
            let pointer = self.pointers[new as usize];
            let cost: Cost = self.engine.best(source, new, pointer, room * BYTE);
            let bytes = i64::try_from(cost.min(FORBIDDEN) / BYTE).unwrap_or(i64::MAX / 2);
            // Replacing all of it is no edit.
            if cost < room * BYTE && cost < self.engine.put(source, new, pointer) {
                best = Some((source, fetch + bytes));
            }
        }
        best.map(|best| best.0)
    }

    fn holds_moved(&self, id: Id) -> bool {
        self.moved.iter().any(|&moved| {
            let mut at = Some(moved);
            while let Some(here) = at {
                if here == id {
                    return true;
                }
                at = self.parents[here as usize];
            }
            false
        })
    }

    /// Finds the parts of a value that is sent which are better fetched.
    fn carve(&mut self, new: Id, holes: &mut Vec<Id>) {
        let list = self.engine.arena[new].kind() == Kind::List;
        self.sent.entry(self.engine.arena[new].hash).or_insert(new);
        for child in self.engine.arena[new].children() {
            let node = &self.engine.arena[child];
            let key = if list { 0 } else { crate::json::string_size(node.key) as u32 + 1 };
            let share = node.size + key + 1;
            if let Some((what, _)) = self.equal_source(child, None, share) {
                holes.push(child);
                self.push(what, None, new, child);
            } else if let Some(source) = self.similar_source(child, None, share) {
                holes.push(child);
                self.push(What::Move(source, false), None, new, child);
                self.edit(source, child);
            } else {
                self.carve(child, holes);
            }
        }
    }

    fn put(&mut self, what: What, operation: &Operation, new: Id) {
        let parent = operation.parent.or_else(|| operation.old.and_then(|old| self.parents[old as usize]));
        let mut old = operation.old;
        let Some(parent) = parent else {
            // The root can only be replaced.
            self.actions.actions.push(Action { what, old, parent: None, new: Some(new) });
            return;
        };
        if let (Some(replaced), true) = (old, self.engine.arena[parent].kind() == Kind::List) {
            // The place of the replaced element is that of the new one.
            for element in self.actions.orders.entry(parent).or_default() {
                if matches!(element, Element::Kept(kept) if *kept == replaced) {
                    *element = Element::Added(new);
                }
            }
            if !matches!(what, What::Literal(_)) {
                self.actions.actions.push(Action {
                    what: What::Remove,
                    old: Some(replaced),
                    parent: None,
                    new: None,
                });
                self.doomed.insert(replaced, true);
                old = None;
            }
        }
        self.push(what, old, parent, new);
    }

    fn push(&mut self, what: What, old: Option<Id>, parent: Id, new: Id) {
        if let What::Move(source, _) = what {
            self.moved.insert(source);
        }
        self.actions.actions.push(Action { what, old, parent: Some(parent), new: Some(new) });
    }

    fn put_edited(&mut self, source: Id, operation: &Operation, new: Id) {
        self.put(What::Move(source, false), operation, new);
        self.edit(source, new);
    }

    /// Adds the steps that make `new` of a moved value.
    fn edit(&mut self, source: Id, new: Id) {
        let pointer = self.pointers[new as usize];
        let engine = &mut *self.engine;
        let operations = std::mem::take(&mut engine.operations);
        let orders = std::mem::take(&mut engine.orders);
        engine.emit(source, new, pointer);
        let edits = std::mem::replace(&mut engine.operations, operations);
        let orders = std::mem::replace(&mut engine.orders, orders);
        for operation in &edits {
            if let Some(old) = operation.old {
                self.doomed.insert(old, matches!(operation.write, Write::Remove));
            }
        }
        self.run(edits, orders);
    }
}
