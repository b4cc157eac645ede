//! A pair of lists: what can be settled without search, and which search is needed for the rest.
//!
//! Equal elements at both ends are matched at once where that is proven harmless (`docs/minimal-patch.md`,
//! "Both ends"); what remains goes to [`super::greedy`] for a first answer and to [`super::align`] for the
//! best one.

use super::Engine;
use super::arena::{Arena, Id, flag};
use super::price::{ADD, BYTE, Cost, FORBIDDEN, REMOVE, bytes, digits};
use foldhash::fast::FixedState;
use std::collections::{HashMap, HashSet};

/// Two lists and the pointer to them.
#[derive(Clone, Copy)]
pub(super) struct Lists {
    /// First element of live's list.
    pub(super) a: Id,
    /// Elements of live's list.
    pub(super) n: u32,
    /// First element of target's list.
    pub(super) b: Id,
    /// Elements of target's list.
    pub(super) m: u32,
    /// Bytes of the pointer to the list.
    pub(super) p: u32,
}

/// What happens to the next element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Live's is removed.
    Delete,
    /// Target's is added.
    Insert,
    /// Live's becomes target's.
    Match,
}

/// A way from one list to the other: `start` equal elements, then `acts`, then `tail` equal elements.
#[derive(Clone)]
pub(super) struct Alignment {
    pub(super) region: Region,
    pub(super) acts: Vec<Act>,
}

/// What lies between equal elements at both ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    /// Equal elements at the start.
    pub(super) start: u32,
    /// Equal elements at the end.
    pub(super) tail: u32,
}

impl Region {
    /// How many elements of live it has.
    pub(super) fn x(self, lists: &Lists) -> usize {
        (lists.n - self.start - self.tail) as usize
    }

    /// How many elements of target it has.
    pub(super) fn y(self, lists: &Lists) -> usize {
        (lists.m - self.start - self.tail) as usize
    }
}

impl Lists {
    pub(super) fn new(arena: &Arena<'_>, a: Id, b: Id, p: u32) -> Self {
        let (a, b) = (arena[a].children(), arena[b].children());
        Lists { a: a.start, n: a.end - a.start, b: b.start, m: b.end - b.start, p }
    }

    /// Removing an element while `rank` elements before it survive.
    pub(super) fn remove(&self, rank: u32) -> Cost {
        REMOVE + bytes(self.p + 1 + digits(rank))
    }

    /// Adding an element of `size` bytes behind `rank` survivors.
    pub(super) fn insert(&self, rank: u32, size: u32) -> Cost {
        ADD + bytes(self.p + 1 + digits(rank)) + bytes(size)
    }

    /// Adding an element at the end, by `/-`.
    pub(super) fn append(&self, size: u32) -> Cost {
        ADD + bytes(self.p + 2) + bytes(size)
    }

    /// Bytes of the pointer to the element behind `rank` survivors.
    pub(super) fn element(&self, rank: u32) -> u32 {
        self.p + 1 + digits(rank)
    }

    /// Up to this many operations, an addition and a removal more always cost more than the digits they save.
    pub(super) fn tolerance(&self) -> u64 {
        u64::from(62 + 2 * self.p)
    }

    /// Whether more than one length of index can occur.
    pub(super) fn indexed(&self) -> bool {
        self.n.min(self.m) > 9
    }
}

impl Engine<'_> {
    /// The least cost of turning list `a` into list `b` element by element, as [`Engine::best`] says; the
    /// alignment is stored in `found` if the cost is below `limit`.
    pub(super) fn lists(&mut self, a: Id, b: Id, p: u32, limit: Cost, found: Option<&mut Alignment>) -> Cost {
        let lists = Lists::new(&self.arena, a, b, p);
        let ends = self.ends(&lists);
        let (x, y) = (ends.x(&lists), ends.y(&lists));
        let simple = x == 0 || y == 0 || (x == 1 && y == 1);
        let mut alignment = if simple { Self::positional(&lists, ends) } else { self.greedy(&lists, ends) };
        let mut cost = self.price(&lists, &alignment, limit);
        let region = if lists.indexed() { self.barriers(&lists, ends, cost.min(limit)) } else { ends };
        let settled = simple && region == ends;
        if !settled && let Some((least, better)) = self.align(&lists, region, &alignment, cost.min(limit)) {
            (cost, alignment) = (least, better);
        }
        if let Some(found) = found {
            *found = alignment;
        }
        cost
    }

    /// How many elements at both ends are equal and may be matched, as far as index lengths do not count.
    fn ends(&self, lists: &Lists) -> Region {
        // An element that must survive somewhere may need the partner that plain equality would give away.
        if (lists.a..lists.a + lists.n)
            .any(|e| self.arena[e].has(flag::KEEP) && self.marks.partner(e).is_none())
        {
            return Region { start: 0, tail: 0 };
        }
        let partners = self.marks.has_partners();
        let uneven = self.uneven(lists);
        let matches = |i: u32, j: u32| {
            self.arena.same(lists.a + i, lists.b + j)
                && !uneven.contains(&self.arena[lists.a + i].hash)
                && (!partners || self.marks.partner(lists.a + i).is_none_or(|partner| partner == j))
                && (!partners || !self.is_taken(lists, i, j))
        };
        let shorter = lists.n.min(lists.m);
        let mut start = 0;
        while start < shorter && matches(start, start) {
            start += 1;
        }
        let mut tail = 0;
        while tail < shorter - start && matches(lists.n - 1 - tail, lists.m - 1 - tail) {
            tail += 1;
        }
        Region { start, tail }
    }

    /// Hashes of equal elements that differ in size, such as `1` and `1.0`: which of them is added makes a difference.
    fn uneven(&self, lists: &Lists) -> HashSet<u64, FixedState> {
        let mut uneven = HashSet::default();
        if self.arena.respelled {
            let mut sizes: HashMap<u64, u32, FixedState> = HashMap::default();
            for id in (lists.a..lists.a + lists.n).chain(lists.b..lists.b + lists.m) {
                let node = &self.arena[id];
                if *sizes.entry(node.hash).or_insert(node.size) != node.size {
                    uneven.insert(node.hash);
                }
            }
        }
        uneven
    }

    /// Whether target's element `j` is promised to another element than `i`.
    pub(super) fn is_taken(&self, lists: &Lists, i: u32, j: u32) -> bool {
        (0..lists.n).any(|other| other != i && self.marks.partner(lists.a + other) == Some(j))
    }

    /// Shrinks the equal ends to where longer indices provably cannot make another alignment cheaper.
    fn barriers(&mut self, lists: &Lists, ends: Region, least: Cost) -> Region {
        let none = Region { start: 0, tail: 0 };
        // See docs/minimal-patch.md, "Both ends". Not matching a unique pair costs at least `waste` bytes, for
        // it takes one more operation; what that can save is a digit or more per operation.
        let waste = u64::from(28 + lists.p);
        let size = |first: Id, count: u32| -> u64 {
            (first..first + count).map(|id| u64::from(self.arena[id].size) + 1).sum()
        };
        let growth = size(lists.b, lists.m).saturating_sub(size(lists.a, lists.n));
        let operations = (least / BYTE).saturating_sub(growth) / waste;
        if ends == none || least >= FORBIDDEN || operations > lists.tolerance() {
            return none;
        }
        let longest = u64::from(digits(lists.n.max(lists.m)) - 1);
        let pairs = (operations * longest).div_ceil(waste).max(1) as usize;
        let mut seen: HashMap<u64, (u32, u32), FixedState> = HashMap::default();
        for id in lists.a..lists.a + lists.n {
            seen.entry(self.arena[id].hash).or_default().0 += 1;
        }
        for id in lists.b..lists.b + lists.m {
            seen.entry(self.arena[id].hash).or_default().1 += 1;
        }
        let unique = |i: u32| seen.get(&self.arena[lists.a + i].hash) == Some(&(1, 1));
        let back = |count: u32, unique: &dyn Fn(u32) -> bool| {
            (0..count).rev().filter(|&at| unique(at)).nth(pairs - 1).map_or(0, |at| at + 1)
        };
        Region { start: back(ends.start, &unique), tail: back(ends.tail, &|at| unique(lists.n - 1 - at)) }
    }

    /// Removing element `i` behind `rank` survivors.
    pub(super) fn removal(&self, lists: &Lists, rank: u32, i: u32) -> Cost {
        if self.leaves_by_move(lists.a + i) { 0 } else { lists.remove(rank) }
    }

    /// What an alignment costs; gives up at `limit`.
    pub(super) fn price(&mut self, lists: &Lists, alignment: &Alignment, limit: Cost) -> Cost {
        let last = alignment.last_match();
        let start = alignment.region.start;
        let (mut i, mut j, mut rank, mut cost) = (start, start, start, 0);
        for (at, act) in alignment.acts.iter().enumerate() {
            match act {
                Act::Delete => {
                    if self.arena[lists.a + i].has(flag::KEEP) {
                        return FORBIDDEN;
                    }
                    cost += self.removal(lists, rank, i);
                    i += 1;
                }
                Act::Insert => {
                    let size = self.weight(lists.b + j);
                    cost += if at < last { lists.insert(rank, size) } else { lists.append(size) };
                    j += 1;
                }
                Act::Match => {
                    if self.marks.partner(lists.a + i).is_some_and(|partner| partner != j) {
                        return FORBIDDEN;
                    }
                    let p = lists.element(rank);
                    let (old, new) = (lists.a + i, lists.b + j);
                    cost += self.element(old, new, p, lists.element(0), limit.saturating_sub(cost));
                    i += 1;
                    j += 1;
                    rank += 1;
                }
            }
            if cost >= limit {
                return cost;
            }
        }
        cost
    }
}

impl Alignment {
    /// The number of acts up to and with the last survivor: what is added behind it goes to the end.
    pub(super) fn last_match(&self) -> usize {
        if self.region.tail > 0 {
            return self.acts.len();
        }
        self.acts.iter().rposition(|act| *act == Act::Match).map_or(0, |at| at + 1)
    }
}
