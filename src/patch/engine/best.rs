//! The price of turning one value into another, by the cheaper of replacing it and editing inside it.

use super::arena::{Id, Kind, flag};
use super::price::{ADD, BYTE, Cost, FORBIDDEN, REMOVE, REPLACE, bytes};
use super::{Arrays, Engine};

/// What is known about the price of a pair.
#[derive(Clone, Copy)]
pub(super) enum Known {
    /// This is it.
    Exactly(Cost),
    /// It is at least this much.
    AtLeast(Cost),
}

impl Engine<'_> {
    /// The least cost of turning `a` into `b` where the pointer to them takes `p` bytes.
    ///
    /// Right if it is below `limit`; otherwise some value from `limit` up to the true cost.
    pub(super) fn best(&mut self, a: Id, b: Id, p: u32, limit: Cost) -> Cost {
        if self.arena.same(a, b) {
            return 0;
        }
        self.spend(1);
        let put = self.put(a, b, p);
        let edit = match (self.arena[a].kind(), self.arena[b].kind()) {
            _ if self.arena[a].has(flag::UNSURE | flag::LOSE) => FORBIDDEN,
            (Kind::Object, Kind::Object) => self.members(a, b, p, limit.min(put)),
            (Kind::List, Kind::List) if self.edits_lists(a) => self.lists(a, b, p, limit.min(put), None),
            _ => FORBIDDEN,
        };
        edit.min(put)
    }

    /// The cost of writing `b` whole where `a` is.
    pub(super) fn put(&self, a: Id, b: Id, p: u32) -> Cost {
        let node = &self.arena[a];
        let size = if node.key.is_empty() { self.arena[b].size } else { self.weight(b) };
        if node.has(flag::KEEP) {
            FORBIDDEN
        } else if node.has(flag::UNSURE) {
            ADD + bytes(p) + bytes(size)
        } else {
            REPLACE + bytes(p) + bytes(size)
        }
    }

    /// Whether the list may be edited element by element.
    pub(super) fn edits_lists(&self, a: Id) -> bool {
        self.arrays == Arrays::Edit || self.arena[a].has(flag::KEEP)
    }

    /// [`Engine::best`] for pairs of list elements, remembered; `p` is at least `least_p`, the same for all
    /// calls with this pair.
    pub(super) fn element(&mut self, a: Id, b: Id, p: u32, least_p: u32, limit: Cost) -> Cost {
        if self.arena[a].kind() == Kind::Leaf || self.arena[b].kind() == Kind::Leaf {
            return self.best(a, b, p, limit);
        }
        if self.arena.same(a, b) {
            return 0;
        }
        // Every operation gets longer with the pointer. If one operation is best at the shortest pointer it
        // stays best, because all others consist of at least one.
        let longer = bytes(p - least_p);
        if limit <= longer {
            return limit;
        }
        let shortest = self.remembered(a, b, least_p, limit - longer);
        if shortest % BYTE == 1 || shortest + longer >= limit || longer == 0 {
            return shortest + longer;
        }
        self.remembered(a, b, p, limit)
    }

    fn remembered(&mut self, a: Id, b: Id, p: u32, limit: Cost) -> Cost {
        if let Some(known) = self.memo.get(&(a, b, p)) {
            match *known {
                Known::Exactly(cost) => return cost,
                Known::AtLeast(cost) if cost >= limit => return cost,
                Known::AtLeast(_) => {}
            }
        }
        let cost = self.best(a, b, p, limit);
        if self.memo.len() < self.max_states / 4 {
            let known = if cost < limit { Known::Exactly(cost) } else { Known::AtLeast(cost) };
            self.memo.insert((a, b, p), known);
        }
        cost
    }

    /// The cost of removing a member.
    pub(super) fn loss(&self, old: Id, p: u32) -> Cost {
        if self.leaves_by_move(old) { 0 } else { REMOVE + bytes(p) }
    }

    /// The cost of turning object `a` into object `b` member by member; gives up at `limit`.
    fn members(&mut self, a: Id, b: Id, p: u32, limit: Cost) -> Cost {
        let mut cost = 0;
        // First what is certain, because it may already reach the limit.
        for pair in Join::new(self, a, b) {
            match pair {
                (Some(old), None) if self.arena[old].has(flag::KEEP) => return FORBIDDEN,
                (Some(old), None) => cost += self.loss(old, p + self.arena[old].segment),
                (None, Some(new)) if self.marks.hides(a, self.arena[new].key) => return FORBIDDEN,
                (None, Some(new)) => {
                    cost += ADD + bytes(p + self.arena[new].segment) + bytes(self.weight(new));
                }
                _ => {}
            }
        }
        if cost >= limit {
            return cost;
        }
        let (mut at_a, mut at_b) = (self.arena[a].children(), self.arena[b].children());
        while let Some((old, new)) = next_common(self, &mut at_a, &mut at_b) {
            cost += self.best(old, new, p + self.arena[new].segment, limit.saturating_sub(cost));
            if cost >= limit {
                return cost;
            }
        }
        cost
    }
}

/// The next pair of members that both objects have.
pub(super) fn next_common(
    engine: &Engine<'_>,
    at_a: &mut std::ops::Range<Id>,
    at_b: &mut std::ops::Range<Id>,
) -> Option<(Id, Id)> {
    while at_a.start < at_a.end && at_b.start < at_b.end {
        let (old, new) = (at_a.start, at_b.start);
        match engine.arena[old].key.cmp(engine.arena[new].key) {
            std::cmp::Ordering::Less => at_a.start += 1,
            std::cmp::Ordering::Greater => at_b.start += 1,
            std::cmp::Ordering::Equal => {
                at_a.start += 1;
                at_b.start += 1;
                return Some((old, new));
            }
        }
    }
    None
}

/// Members of two objects side by side, in the order of their keys.
pub(super) struct Join<'e, 'v> {
    engine: &'e Engine<'v>,
    a: std::ops::Range<Id>,
    b: std::ops::Range<Id>,
}

impl<'e, 'v> Join<'e, 'v> {
    pub(super) fn new(engine: &'e Engine<'v>, a: Id, b: Id) -> Self {
        Join { engine, a: engine.arena[a].children(), b: engine.arena[b].children() }
    }
}

impl Iterator for Join<'_, '_> {
    type Item = (Option<Id>, Option<Id>);

    fn next(&mut self) -> Option<Self::Item> {
        let arena = &self.engine.arena;
        let order = match (self.a.is_empty(), self.b.is_empty()) {
            (true, true) => return None,
            (false, true) => std::cmp::Ordering::Less,
            (true, false) => std::cmp::Ordering::Greater,
            (false, false) => arena[self.a.start].key.cmp(arena[self.b.start].key),
        };
        let old = if order.is_gt() { None } else { self.a.next() };
        let new = if order.is_lt() { None } else { self.b.next() };
        Some((old, new))
    }
}
