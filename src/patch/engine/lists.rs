//! A pair of lists: what can be settled without search, and which search is needed for the rest.
//!
//! Equal elements at both ends are matched at once where that is proven harmless (`docs/minimal-patch.md`,
//! "Both ends"); what remains goes to [`super::greedy`] for a first answer and to [`super::align`] for the
//! best one.

use super::Engine;
use super::arena::{Arena, Id, flag};
use super::price::{ADD, BYTE, Cost, FORBIDDEN, REMOVE, bytes, digits};

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
    pub(super) start: u32,
    pub(super) acts: Vec<Act>,
    pub(super) tail: u32,
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
        let (start, tail) = self.ends(&lists);
        let (x, y) = (lists.n - start - tail, lists.m - start - tail);
        let simple = x == 0 || y == 0 || (x == 1 && y == 1);
        let mut alignment = if simple {
            let acts = if x == 1 && y == 1 {
                vec![Act::Match]
            } else {
                let (act, count) = if y == 0 { (Act::Delete, x) } else { (Act::Insert, y) };
                vec![act; count as usize]
            };
            Alignment { start, acts, tail }
        } else {
            self.greedy(&lists, start, tail)
        };
        let mut cost = self.price(&lists, &alignment, limit);
        let (start, tail) =
            if lists.indexed() { self.barriers(&lists, start, tail, cost.min(limit)) } else { (start, tail) };
        let settled = simple && (start, tail) == (alignment.start, alignment.tail);
        if !settled && let Some((least, better)) = self.align(&lists, start, tail, cost.min(limit)) {
            (cost, alignment) = (least, better);
        }
        if let Some(found) = found {
            *found = alignment;
        }
        cost
    }

    /// How many elements at both ends are equal and may be matched, as far as index lengths do not count.
    fn ends(&self, lists: &Lists) -> (u32, u32) {
        // An element that must survive somewhere may need the partner that plain equality would give away.
        if (lists.a..lists.a + lists.n)
            .any(|e| self.arena[e].has(flag::KEEP) && self.marks.partner(e).is_none())
        {
            return (0, 0);
        }
        let partners = self.marks.has_partners();
        let matches = |i: u32, j: u32| {
            self.arena.same(lists.a + i, lists.b + j)
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
        (start, tail)
    }

    /// Whether target's element `j` is promised to another element than `i`.
    pub(super) fn is_taken(&self, lists: &Lists, i: u32, j: u32) -> bool {
        (0..lists.n).any(|other| other != i && self.marks.partner(lists.a + other) == Some(j))
    }

    /// Shrinks the equal ends to where longer indices provably cannot make another alignment cheaper.
    fn barriers(&mut self, lists: &Lists, start: u32, tail: u32, least: Cost) -> (u32, u32) {
        if start + tail == 0 {
            return (0, 0);
        }
        // Not matching a unique pair at the ends costs at least `waste` bytes (one more operation); what it
        // can save is one byte per digit and operation. See docs/minimal-patch.md, "Both ends".
        let waste = u64::from(28 + lists.p);
        let size = |first: Id, count: u32| {
            (first..first + count).map(|id| u64::from(self.arena[id].size) + 1).sum::<u64>()
        };
        let growth = size(lists.b, lists.m).saturating_sub(size(lists.a, lists.n));
        let operations = (least / BYTE).saturating_sub(waste + growth) / waste;
        let longest = u64::from(digits(lists.n.max(lists.m)) - 1);
        if least >= FORBIDDEN || operations * longest > waste {
            return (0, 0);
        }
        let mut seen: std::collections::HashMap<u64, (u32, u32), foldhash::fast::FixedState> =
            Default::default();
        for id in lists.a..lists.a + lists.n {
            seen.entry(self.arena[id].hash).or_default().0 += 1;
        }
        for id in lists.b..lists.b + lists.m {
            seen.entry(self.arena[id].hash).or_default().1 += 1;
        }
        let unique = |i: u32| seen.get(&self.arena[lists.a + i].hash) == Some(&(1, 1));
        let start = (0..start).rev().find(|&i| unique(i)).map_or(0, |i| i + 1);
        let tail = (0..tail).rev().find(|&t| unique(lists.n - 1 - t)).map_or(0, |t| t + 1);
        (start, tail)
    }

    /// What an alignment costs; gives up at `limit`.
    pub(super) fn price(&mut self, lists: &Lists, alignment: &Alignment, limit: Cost) -> Cost {
        let last = alignment.last_match();
        let (mut i, mut j, mut rank, mut cost) = (alignment.start, alignment.start, alignment.start, 0);
        for (at, act) in alignment.acts.iter().enumerate() {
            match act {
                Act::Delete => {
                    if self.arena[lists.a + i].has(flag::KEEP) {
                        return FORBIDDEN;
                    }
                    cost += lists.remove(rank);
                    i += 1;
                }
                Act::Insert => {
                    let size = self.arena[lists.b + j].size;
                    cost += if at < last { lists.insert(rank, size) } else { lists.append(size) };
                    j += 1;
                }
                Act::Match => {
                    if self.marks.partner(lists.a + i).is_some_and(|partner| partner != j) {
                        return FORBIDDEN;
                    }
                    let p = lists.element(rank);
                    cost += self.element(lists.a + i, lists.b + j, p, limit.saturating_sub(cost));
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
        if self.tail > 0 {
            return self.acts.len();
        }
        self.acts.iter().rposition(|act| *act == Act::Match).map_or(0, |at| at + 1)
    }
}
