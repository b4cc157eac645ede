//! What the rest of an alignment must cost at least: the search leaves a path when this says it cannot win.
//!
//! Every bound is admissible: it never says more than the true cost. See `docs/minimal-patch.md`, "Bounds".

use super::Engine;
use super::arena::{Id, Kind};
use super::lists::{Lists, Region};
use super::price::{ADD, BYTE, Cost, REMOVE, REPLACE, bytes, digits};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The table of common subsequences is made for at most this many pairs of elements, or one per two bytes of the
/// documents, so that its memory (four bytes per pair) stays in proportion to theirs.
const TABLE_LIMIT: usize = 1 << 16;
/// A value that several classes of elements hold.
const SEVERAL: u32 = u32::MAX;

/// Lower bounds for a region of two lists.
pub(super) struct Bounds {
    /// Elements in the region.
    x: usize,
    y: usize,
    /// Per position in live: the elements from there on that equal nothing need an operation each.
    a: Vec<Cost>,
    /// Per position in target: what the elements from there on cost that are not matched with an equal one.
    b: Vec<Cost>,
    /// The most that matching equal elements can save of `b`; if that was not computed, `b` has only elements
    /// that equal nothing.
    savings: Option<Savings>,
    /// The cheapest removal.
    remove: Cost,
    /// Per position in target: the cheapest addition from there on.
    insert: Vec<Cost>,
    /// What each element of target costs if it is not matched with an equal one.
    pub(super) penalty: Vec<Cost>,
    /// What must be paid in any case, not counting elements that have an equal partner.
    pub(super) certain: Cost,
    /// Bytes of values that must be written in any case.
    pub(super) content: u64,
    /// Classes of equal elements.
    pub(super) classes: Classes,
}

/// Every element's class, and how often each class occurs on either side.
pub(super) struct Classes {
    pub(super) a: Vec<u32>,
    pub(super) b: Vec<u32>,
    counts: Vec<(u32, u32)>,
}

impl Classes {
    /// Whether element `j` of target equals no element of live.
    fn hard_b(&self, j: usize) -> bool {
        self.counts[self.b[j] as usize].0 == 0
    }

    fn hard_a(&self, i: usize) -> bool {
        self.counts[self.a[i] as usize].1 == 0
    }

    /// Whether the two elements are equal, and nothing else equals them.
    pub(super) fn unique_pair(&self, i: usize, j: usize) -> bool {
        self.a[i] == self.b[j] && self.counts[self.a[i] as usize] == (1, 1)
    }
}

impl Bounds {
    /// What is still to be paid with `i` elements of live and `j` of target done.
    pub(super) fn rest(&self, i: usize, j: usize) -> Cost {
        let (rest_a, rest_b) = (self.x - i, self.y - j);
        let saved = self.savings.as_ref().map_or(0, |savings| savings.at(i, j));
        let unmatched = self.b[j] - saved;
        if rest_a > rest_b {
            // Every addition beyond the difference in length comes with a removal, and `b` counts both.
            self.a[i].max(unmatched + (rest_a - rest_b) as Cost * self.remove)
        } else {
            let excess = (rest_b - rest_a) as Cost;
            unmatched.saturating_sub(excess * self.remove).max(self.a[i] + excess * self.insert[j])
        }
    }
}

impl Engine<'_> {
    /// Bounds for an alignment that costs less than `least`.
    pub(super) fn bounds(&self, lists: &Lists, region: Region, least: Cost) -> Bounds {
        let (x, y, start) = (region.x(lists), region.y(lists), region.start);
        let (first_a, first_b) = (lists.a + start, lists.b + start);
        let classes = self.classes(first_a, x, first_b, y);
        let spots = self.spots(first_a, &classes.a);
        let documents = self.arena[self.live].size as usize + self.arena[self.target].size as usize;
        let small = x * y <= TABLE_LIMIT.max(documents / 2);

        let mut content = 0;
        for j in (0..y).filter(|&j| classes.hard_b(j)) {
            content += self.novel(&spots, first_b + j as u32, classes.b[j]);
        }
        // No cheaper alignment has more removals or additions than this, so an element of live at index i is
        // handled behind at least i - most survivors, one of target at index j behind at least j - most.
        let most = (least / BYTE).saturating_sub(content) / u64::from(28 + lists.p);
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let indexed = lists.indexed();
        let at_least = |index: u32| if indexed { digits(start.max(index.saturating_sub(most))) } else { 1 };

        let mut a = vec![0; x + 1];
        for i in (0..x).rev() {
            let index = bytes(lists.p + 1 + at_least(start + i as u32));
            a[i] = a[i + 1]
                + if classes.hard_a(i) && !self.leaves_by_move(first_a + i as u32) {
                    REMOVE + index
                } else {
                    0
                };
        }
        // An element that leaves by `move` costs nothing here: its arrival is charged.
        let remove = if self.ordering() { 0 } else { REMOVE + bytes(lists.p + 1 + at_least(0)) };
        let mut b = vec![0; y + 1];
        let mut insert = vec![0; y + 1];
        let mut penalty = vec![0; y];
        let mut certain = 0;
        let mut smallest = u32::MAX;
        for j in (0..y).rev() {
            let id = first_b + j as u32;
            let node = &self.arena[id];
            let index = lists.p + 1 + at_least(start + j as u32);
            // Only the last `most` elements can be added by `/-`, whose index is one byte.
            let by_dash = region.tail == 0 && (y - j) as u64 <= u64::from(most);
            let added = ADD + bytes(if by_dash { lists.p + 2 } else { index }) + bytes(self.weight(id));
            let written = REPLACE + bytes(index) + bytes(node.size);
            let hard = classes.hard_b(j);
            {
                let edited = if node.kind() == Kind::Leaf {
                    written
                } else {
                    // At least one operation, at least one segment below the element.
                    let below = self.cover_below(&spots, id, index, classes.b[j]);
                    written.min(below.max(REMOVE + bytes(index + 1)))
                };
                penalty[j] = edited.min(added + remove);
            }
            certain += if hard { penalty[j] } else { 0 };
            smallest = smallest.min(self.weight(id));
            let shortest = if region.tail == 0 || !indexed { 1 } else { digits(start) };
            insert[j] = ADD + bytes(lists.p + 1 + shortest) + bytes(smallest);
        }
        let certain = (certain + x as Cost * remove).saturating_sub(y as Cost * remove);
        let savings = if small { Savings::new(&classes, &penalty) } else { None };
        for j in (0..y).rev() {
            let counts = savings.is_some() || classes.hard_b(j);
            b[j] = b[j + 1] + if counts { penalty[j] } else { 0 };
        }
        Bounds { x, y, a, b, savings, remove, insert, penalty, certain, content, classes }
    }

    /// Classes of equal elements.
    fn classes(&self, a: Id, x: usize, b: Id, y: usize) -> Classes {
        let mut known: HashMap<u64, (u32, Id), FixedState> =
            HashMap::with_capacity_and_hasher(x + y, FixedState::default());
        let mut counts: Vec<(u32, u32)> = Vec::new();
        let mut class_of = |id: Id, in_a: bool| {
            let fresh = counts.len() as u32;
            let entry = known.entry(self.arena[id].hash).or_insert((fresh, id));
            // Two unequal values with one hash: the second gets a class of its own.
            let class = if entry.0 == fresh || self.arena.same(entry.1, id) { entry.0 } else { fresh };
            if class == fresh {
                counts.push((0, 0));
            }
            let count = &mut counts[class as usize];
            if in_a {
                count.0 += 1
            } else {
                count.1 += 1
            }
            class
        };
        let class_a = (a..a + x as u32).map(|id| class_of(id, true)).collect();
        let class_b = (b..b + y as u32).map(|id| class_of(id, false)).collect();
        Classes { a: class_a, b: class_b, counts }
    }

    /// Where live's elements hold which leaf under which key: the class of the element, or [`SEVERAL`].
    fn spots(&self, first: Id, classes: &[u32]) -> HashMap<u64, u32, FixedState> {
        let mut spots: HashMap<u64, u32, FixedState> = HashMap::default();
        let mut open: Vec<Id> = Vec::new();
        for (i, class) in classes.iter().enumerate() {
            open.push(first + i as u32);
            while let Some(id) = open.pop() {
                let node = &self.arena[id];
                if node.kind() == Kind::Leaf {
                    let holder = spots.entry(node.spot()).or_insert(*class);
                    if *holder != *class {
                        *holder = SEVERAL;
                    }
                }
                open.extend(node.children());
            }
        }
        spots
    }

    /// The least cost of bringing the content below `id` about in some element of live that does not equal
    /// the one it stands in: a leaf that occurs nowhere else under its key must be written, by itself or as
    /// part of something larger.
    fn cover_below(&self, spots: &HashMap<u64, u32, FixedState>, id: Id, p: u32, class: u32) -> Cost {
        let node = &self.arena[id];
        let list = node.kind() == Kind::List;
        let mut cost = 0;
        for child in node.children() {
            let below = &self.arena[child];
            let p = p + if list { 2 } else { below.segment };
            let whole = ADD + bytes(p) + bytes(self.weight(child));
            cost += if below.kind() == Kind::Leaf {
                if is_elsewhere(spots, below.spot(), class) { 0 } else { whole }
            } else {
                whole.min(self.cover_below(spots, child, p, class))
            };
        }
        cost
    }

    /// Bytes of the leaves at or below `id` that occur nowhere else under their key.
    fn novel(&self, spots: &HashMap<u64, u32, FixedState>, id: Id, class: u32) -> u64 {
        let node = &self.arena[id];
        if node.kind() == Kind::Leaf {
            return if is_elsewhere(spots, node.spot(), class) { 0 } else { u64::from(node.size) };
        }
        node.children().map(|child| self.novel(spots, child, class)).sum()
    }
}

fn is_elsewhere(spots: &HashMap<u64, u32, FixedState>, spot: u64, class: u32) -> bool {
    spots.get(&spot).is_some_and(|holder| *holder != class)
}

/// The heaviest common subsequence from every pair of positions on, an element weighing its penalty.
struct Savings {
    /// Costs as [`pack`] writes them, row by row.
    table: Vec<u32>,
    width: usize,
    /// Bits that hold the number of operations.
    low: u32,
}

impl Savings {
    /// `None` if the sums do not fit 32 bits.
    fn new(classes: &Classes, penalty: &[Cost]) -> Option<Self> {
        let total: Cost = penalty.iter().sum();
        let low = (total % BYTE).checked_ilog2().unwrap_or(0) + 1;
        let fits = (total / BYTE).checked_ilog2().is_none_or(|high| high + 1 + low <= u32::BITS);
        let penalty: Vec<u32> = penalty.iter().map(|cost| pack(*cost, low)).collect::<Option<_>>()?;
        let (x, y) = (classes.a.len(), classes.b.len());
        let width = y + 1;
        let mut table = if fits { vec![0_u32; (x + 1) * width] } else { return None };
        for i in (0..x).rev() {
            let (above, below) = table.split_at_mut((i + 1) * width);
            let row = &mut above[i * width..];
            for j in (0..y).rev() {
                let matched = if classes.a[i] == classes.b[j] { below[j + 1] + penalty[j] } else { 0 };
                row[j] = below[j].max(row[j + 1]).max(matched);
            }
        }
        Some(Savings { table, width, low })
    }

    fn at(&self, i: usize, j: usize) -> Cost {
        let packed = self.table[i * self.width + j];
        Cost::from(packed >> self.low) * BYTE + Cost::from(packed & ((1 << self.low) - 1))
    }
}

/// A cost in 32 bits, the lower `low` of which hold the operations.
fn pack(cost: Cost, low: u32) -> Option<u32> {
    let packed = ((cost / BYTE) << low) | (cost % BYTE);
    u32::try_from(packed).ok()
}
