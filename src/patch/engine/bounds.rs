//! What the rest of an alignment must cost at least: the search leaves a path when this says it cannot win.
//!
//! Every bound is admissible: it never says more than the true cost. See `docs/minimal-patch.md`, "Bounds".

use super::Engine;
use super::arena::{Id, Kind};
use super::lists::Lists;
use super::price::{ADD, BYTE, Cost, REMOVE, bytes, digits};
use foldhash::fast::FixedState;
use std::collections::{HashMap, HashSet};

/// Shorter leaves are not worth looking for.
const SHORT: u32 = 8;

/// Lower bounds for the part of two lists between `start` and `tail`.
pub(super) struct Bounds {
    /// Per position in live: the elements from there on that equal nothing need an operation each.
    a: Vec<Cost>,
    /// Per position in target: the same, with the content that occurs nowhere in live.
    b: Vec<Cost>,
    /// The cheapest removal.
    remove: Cost,
    /// Per position in target: the cheapest addition from there on.
    insert: Vec<Cost>,
    /// Class of every element: equal elements share one.
    pub(super) class_a: Vec<u32>,
    pub(super) class_b: Vec<u32>,
}

impl Bounds {
    /// What is still to be paid with `i` elements of live and `j` of target done.
    pub(super) fn rest(&self, i: usize, j: usize) -> Cost {
        let (rest_a, rest_b) = (self.a.len() - i, self.b.len() - j);
        if rest_a > rest_b {
            // Elements removed because there are too many do not help to make those of target.
            self.a[i].max(self.b[j] + (rest_a - rest_b) as Cost * self.remove)
        } else {
            self.b[j].max(self.a[i] + (rest_b - rest_a) as Cost * self.insert[j])
        }
    }
}

impl Engine<'_> {
    /// Bounds for an alignment that costs less than `least`.
    pub(super) fn bounds(&self, lists: &Lists, start: u32, tail: u32, least: Cost) -> Bounds {
        let (x, y) = ((lists.n - start - tail) as usize, (lists.m - start - tail) as usize);
        let (first_a, first_b) = (lists.a + start, lists.b + start);
        let (class_a, class_b, soft_a, soft_b) = self.classes(first_a, x, first_b, y);
        let novel = self.novel(first_a, x, first_b, &soft_b);
        // No cheaper alignment has more removals or additions than this, so an element of live at index i is
        // handled behind at least i - most survivors, one of target at index j behind at least j - most.
        let content: u64 = novel.iter().map(|&size| u64::from(size)).sum();
        let most = (least / BYTE).saturating_sub(content) / u64::from(28 + lists.p);
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let at_least =
            |index: u32| if lists.indexed() { digits(start.max(index.saturating_sub(most))) } else { 1 };

        let mut a = vec![0; x + 1];
        for i in (0..x).rev() {
            let index = bytes(lists.p + 1 + at_least(start + i as u32));
            a[i] = a[i + 1] + if soft_a[i] { 0 } else { REMOVE + index };
        }
        let mut b = vec![0; y + 1];
        let mut insert = vec![0; y + 1];
        let mut smallest = u32::MAX;
        for j in (0..y).rev() {
            let node = &self.arena[first_b + j as u32];
            // Only the last `most` elements can be added by `/-`, whose index is one byte.
            let by_dash = tail == 0 && (y - j) as u64 <= u64::from(most);
            let index = lists.p + 1 + if by_dash { 1 } else { at_least(start + j as u32) };
            let added = ADD + bytes(index) + bytes(node.size);
            let edited = match (node.kind(), novel[j]) {
                (Kind::Leaf, _) => added,
                // At least one segment below the element.
                (_, 0) => REMOVE + bytes(index + 1),
                (_, content) => ADD + bytes(index + 1) + bytes(content),
            };
            b[j] = b[j + 1] + if soft_b[j] { 0 } else { added.min(edited) };
            smallest = smallest.min(node.size);
            let shortest = if tail == 0 || !lists.indexed() { 1 } else { digits(start) };
            insert[j] = ADD + bytes(lists.p + 1 + shortest) + bytes(smallest);
        }
        let remove = REMOVE + bytes(lists.p + 1 + if lists.indexed() { digits(start) } else { 1 });
        Bounds { a, b, remove, insert, class_a, class_b }
    }

    /// Classes of equal elements, and which elements have an equal one on the other side.
    #[expect(clippy::type_complexity, reason = "two pairs of parallel columns")]
    fn classes(&self, a: Id, x: usize, b: Id, y: usize) -> (Vec<u32>, Vec<u32>, Vec<bool>, Vec<bool>) {
        let mut known: HashMap<u64, (u32, Id, bool, bool), FixedState> =
            HashMap::with_capacity_and_hasher(x + y, FixedState::default());
        let mut next = 0;
        let mut class_of = |id: Id, in_a: bool| {
            let hash = self.arena[id].hash;
            let fresh = next;
            let entry = known.entry(hash).or_insert((fresh, id, false, false));
            // Two unequal values with one hash: the second gets a class of its own.
            if entry.0 != fresh && !self.arena.same(entry.1, id) {
                next += 1;
                return fresh;
            }
            if entry.0 == fresh {
                next += 1;
            }
            if in_a {
                entry.2 = true
            } else {
                entry.3 = true
            }
            entry.0
        };
        let class_a: Vec<u32> = (a..a + x as u32).map(|id| class_of(id, true)).collect();
        let class_b: Vec<u32> = (b..b + y as u32).map(|id| class_of(id, false)).collect();
        let soft = |id: Id| known.get(&self.arena[id].hash).is_some_and(|entry| entry.2 && entry.3);
        let soft_a = (a..a + x as u32).map(soft).collect();
        let soft_b = (b..b + y as u32).map(soft).collect();
        (class_a, class_b, soft_a, soft_b)
    }

    /// Per element of target that equals none of live: bytes of its leaves that occur nowhere below live's
    /// elements. They can only come from the value of an operation.
    fn novel(&self, a: Id, x: usize, b: Id, soft_b: &[bool]) -> Vec<u32> {
        let mut leaves: Vec<(u64, usize, u32)> = Vec::new();
        for (j, soft) in soft_b.iter().enumerate() {
            if !soft {
                let id = b + j as u32;
                self.leaves(id..id + 1, |hash, size| leaves.push((hash, j, size)));
            }
        }
        let mut novel = vec![0; soft_b.len()];
        if leaves.is_empty() {
            return novel;
        }
        // A coarse filter first: most leaves of live are not among the few that are asked for.
        let mut filter = [0_u64; 64];
        let bit = |hash: u64| ((hash >> 6) as usize & 63, 1_u64 << (hash & 63));
        for (hash, ..) in &leaves {
            let (word, mask) = bit(*hash);
            filter[word] |= mask;
        }
        let mut present: HashSet<u64, FixedState> = HashSet::default();
        self.leaves(a..a + x as u32, |hash, _| {
            let (word, mask) = bit(hash);
            if filter[word] & mask != 0 {
                present.insert(hash);
            }
        });
        for (hash, j, size) in leaves {
            if !present.contains(&hash) {
                novel[j] += size;
            }
        }
        novel
    }

    /// Calls `each` with hash and size of every longer leaf at or below the nodes.
    fn leaves(&self, mut level: std::ops::Range<Id>, mut each: impl FnMut(u64, u32)) {
        // Nodes lie level by level, so the children of a range are a range.
        while !level.is_empty() {
            let mut below: Option<std::ops::Range<Id>> = None;
            for id in level {
                let node = &self.arena[id];
                if node.kind() == Kind::Leaf {
                    if node.size >= SHORT {
                        each(node.hash, node.size);
                    }
                } else if !node.children().is_empty() {
                    let children = node.children();
                    below = Some(below.map_or(children.clone(), |below| below.start..children.end));
                }
            }
            level = below.unwrap_or(0..0);
        }
    }
}
