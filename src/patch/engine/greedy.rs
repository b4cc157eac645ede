//! A quick, good alignment: the first answer, which the exact search then has to beat.
//!
//! Elements that are equal and unique on both sides keep their order as far as possible (longest increasing
//! subsequence); the gaps between them are small programs of their own, or go by index.

use super::Engine;
use super::arena::flag;
use super::lists::{Act, Alignment, Lists, Region};
use super::price::{Cost, FORBIDDEN};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Gaps of up to this many pairs are aligned by trying them all.
const SMALL_GAP: u32 = 64;

impl Engine<'_> {
    /// An alignment of the region.
    pub(super) fn greedy(&mut self, lists: &Lists, region: Region) -> Alignment {
        let Region { start, tail } = region;
        let (end_i, end_j) = (lists.n - tail, lists.m - tail);
        let mut acts = Vec::with_capacity((end_i.max(end_j) - start) as usize);
        let (mut i, mut j, mut rank) = (start, start, start);
        for (next_i, next_j) in self.anchors(lists, start, end_i, end_j) {
            rank += self.gap(lists, (i, next_i), (j, next_j), rank, &mut acts);
            acts.push(Act::Match);
            (i, j, rank) = (next_i + 1, next_j + 1, rank + 1);
        }
        self.gap(lists, (i, end_i), (j, end_j), rank, &mut acts);
        Alignment { region, acts }
    }

    /// The alignment by index.
    pub(super) fn positional(lists: &Lists, region: Region) -> Alignment {
        let mut acts = Vec::new();
        by_position(region.x(lists) as u32, region.y(lists) as u32, &mut acts);
        Alignment { region, acts }
    }

    /// Pairs that stay: those whose place is given, and between them unique equal elements in order.
    fn anchors(&self, lists: &Lists, start: u32, end_i: u32, end_j: u32) -> Vec<(u32, u32)> {
        // Occurrences and last position on either side.
        let mut seen: HashMap<u64, [(u32, u32); 2], FixedState> = HashMap::default();
        for (side, first, end) in [(0, lists.a, end_i), (1, lists.b, end_j)] {
            for at in start..end {
                let entry = &mut seen.entry(self.arena[first + at].hash).or_default()[side];
                *entry = (entry.0 + 1, at);
            }
        }
        let mut given: Vec<(u32, u32)> = Vec::new();
        if self.marks.has_partners() {
            let all = (start..end_i).filter_map(|i| self.marks.partner(lists.a + i).map(|j| (i, j)));
            for (i, j) in all {
                if j >= start && j < end_j && given.last().is_none_or(|&(_, before)| before < j) {
                    given.push((i, j));
                }
            }
        }
        given.push((end_i, end_j));
        let mut anchors = Vec::new();
        let (mut i, mut j) = (start, start);
        for (next_i, next_j) in given {
            let unique = (i..next_i).filter_map(|at| match seen.get(&self.arena[lists.a + at].hash) {
                Some(&[(1, _), (1, there)]) if there >= j && there < next_j => Some((at, there)),
                _ => None,
            });
            let in_order = longest_increasing(&unique.collect::<Vec<_>>());
            anchors.extend(in_order.into_iter().filter(|&(i, j)| self.arena.same(lists.a + i, lists.b + j)));
            if next_i < end_i {
                anchors.push((next_i, next_j));
            }
            (i, j) = (next_i + 1, next_j + 1);
        }
        anchors
    }

    /// Aligns one gap and returns how many of its elements survive.
    fn gap(
        &mut self,
        lists: &Lists,
        (i, end_i): (u32, u32),
        (j, end_j): (u32, u32),
        rank: u32,
        acts: &mut Vec<Act>,
    ) -> u32 {
        let (x, y) = (end_i - i, end_j - j);
        if x == 0 || y == 0 || x * y > SMALL_GAP || self.budget == 0 || (x == 1 && y == 1) {
            by_position(x, y, acts);
            return x.min(y);
        }
        let width = y as usize + 1;
        let mut table = vec![(FORBIDDEN, Act::Match); (x as usize + 1) * width];
        for at_i in (0..=x).rev() {
            for at_j in (0..=y).rev() {
                let here = at_i as usize * width + at_j as usize;
                let (old, new) = (lists.a + i + at_i, lists.b + j + at_j);
                if at_i == x && at_j == y {
                    table[here].0 = 0;
                    continue;
                }
                let mut least = (FORBIDDEN, Act::Match);
                if at_i < x && at_j < y {
                    let rest = table[here + width + 1].0;
                    let p = lists.element(rank);
                    let cost: Cost = rest + self.element(old, new, p, lists.element(0), FORBIDDEN);
                    least = (cost.min(FORBIDDEN), Act::Match);
                }
                if at_i < x && !self.arena[old].has(flag::KEEP) {
                    let cost = table[here + width].0 + self.removal(lists, rank, i + at_i);
                    if cost < least.0 {
                        least = (cost, Act::Delete);
                    }
                }
                if at_j < y {
                    let cost = table[here + 1].0 + lists.insert(rank, self.weight(new));
                    if cost < least.0 {
                        least = (cost, Act::Insert);
                    }
                }
                table[here] = least;
            }
        }
        let (mut at_i, mut at_j, mut survivors) = (0, 0, 0);
        while at_i < x || at_j < y {
            // Where everything is forbidden any way will do: the price will say so.
            let act = match table[at_i as usize * width + at_j as usize].1 {
                Act::Match if at_i == x => Act::Insert,
                Act::Match if at_j == y => Act::Delete,
                act => act,
            };
            acts.push(act);
            at_i += u32::from(act != Act::Insert);
            at_j += u32::from(act != Act::Delete);
            survivors += u32::from(act == Act::Match);
        }
        survivors
    }
}

fn by_position(x: u32, y: u32, acts: &mut Vec<Act>) {
    let both = x.min(y) as usize;
    let (act, rest) = if x > y { (Act::Delete, x - y) } else { (Act::Insert, y - x) };
    acts.resize(acts.len() + both, Act::Match);
    acts.resize(acts.len() + rest as usize, act);
}

/// The longest subsequence of pairs (first ascending) whose second ascends too.
fn longest_increasing(pairs: &[(u32, u32)]) -> Vec<(u32, u32)> {
    const NONE: usize = usize::MAX;
    // Per length, the pair that ends such a subsequence with the least second.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![NONE; pairs.len()];
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].1 < pair.1);
        before[at] = if length > 0 { ends[length - 1] } else { NONE };
        if length == ends.len() { ends.push(at) } else { ends[length] = at }
    }
    let mut chosen = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied().unwrap_or(NONE);
    while let Some(pair) = pairs.get(at) {
        chosen.push(*pair);
        at = before[at];
    }
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_most_pairs_in_order() {
        let pairs = [(0, 3), (1, 0), (2, 1), (3, 9), (4, 2)];
        assert_eq!(longest_increasing(&pairs), [(1, 0), (2, 1), (4, 2)]);
        assert!(longest_increasing(&[]).is_empty());
    }
}
