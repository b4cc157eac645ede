//! The exact alignment of two lists: a dynamic program over (elements of live done, elements of target done,
//! survivors so far), the last of which decides how long the indices are.
//!
//! States that cannot beat the best known answer are dropped; a state is also dropped when another at the same
//! place is no dearer and has no more survivors.

use super::Engine;
use super::arena::flag;
use super::bounds::Bounds;
use super::lists::{Act, Alignment, Lists, Region};
use super::price::{BYTE, Cost, FORBIDDEN, digits};

const NONE: u32 = u32::MAX;

/// A rank that stands for `rank` where at most `more` elements can still survive: as long as the index cannot
/// get another digit, all ranks are alike.
fn alike(rank: u32, more: usize) -> u32 {
    let length = digits(rank);
    if length == digits(rank + more as u32) { 10_u32.pow(length - 1) } else { rank }
}

/// A place that the search has reached.
struct State {
    cost: Cost,
    /// Where it came from.
    parent: u32,
    /// The next state at the same place.
    next: u32,
    /// Elements of target done.
    j: u32,
    /// Survivors that count for the length of indices; always 0 where all indices have one digit.
    rank: u32,
    act: Act,
}

impl State {
    fn to(j: usize, act: Act) -> Self {
        State { cost: 0, parent: NONE, next: NONE, j: j as u32, rank: 0, act }
    }
}

/// The states of two neighbouring rows, by column.
struct Rows {
    states: Vec<State>,
    here: Vec<u32>,
    below: Vec<u32>,
}

impl Rows {
    /// Adds a state to the row below, or to this one.
    fn push(&mut self, below: bool, state: State) {
        let heads = if below { &mut self.below } else { &mut self.here };
        let head = &mut heads[state.j as usize];
        let mut at = *head;
        while at != NONE {
            let other = &mut self.states[at as usize];
            if other.rank <= state.rank && other.cost <= state.cost {
                return;
            }
            if other.rank >= state.rank && other.cost >= state.cost {
                *other = State { next: other.next, ..state };
                return;
            }
            at = other.next;
        }
        let id = self.states.len() as u32;
        self.states.push(State { next: *head, ..state });
        *head = id;
    }
}

impl Engine<'_> {
    /// The cheapest alignment of the region, if it costs less than `least`; `known` is some alignment.
    ///
    /// Where the budget does not suffice it falls back on the alignment by index.
    pub(super) fn align(
        &mut self,
        lists: &Lists,
        region: Region,
        known: &Alignment,
        least: Cost,
    ) -> Option<(Cost, Alignment)> {
        if self.budget == 0 {
            return self.fall_back(lists, region, least);
        }
        let bounds = self.bounds(lists, region, least);
        let (x, y, start, tail) = (region.x(lists), region.y(lists), region.start, region.tail);
        if bounds.rest(0, 0) >= least {
            return None;
        }
        let pins = self.pins(lists, region, known, &bounds, least);
        // What it costs to add all of target from a position on at the end.
        let mut append = vec![0; y + 1];
        for j in (0..y).rev() {
            append[j] = append[j + 1] + lists.append(self.weight(lists.b + start + j as u32));
        }
        let last_kept = (0..x).rev().find(|&i| self.arena[lists.a + start + i as u32].has(flag::KEEP));
        let mut promised = vec![false; y];
        for j in pins.iter().filter(|&&j| j != NONE) {
            promised[*j as usize] = true;
        }
        if self.marks.has_partners() {
            for i in 0..lists.n {
                let partner = self.marks.partner(lists.a + i).and_then(|j| j.checked_sub(start));
                if let Some(slot) = partner.and_then(|j| promised.get_mut(j as usize)) {
                    *slot = true;
                }
            }
        }
        let last_promised = promised.iter().rposition(|promised| *promised);
        let step = u32::from(lists.indexed());
        let mut least = least;
        let mut end: Option<(u32, usize)> = None;
        let mut rows = Rows { states: Vec::new(), here: vec![NONE; y + 1], below: vec![NONE; y + 1] };
        let rank = if step == 1 { start } else { 0 };
        let settle =
            |rank: u32, i: usize, j: usize| if step == 1 { alike(rank, (x - i).min(y - j)) } else { 0 };
        rows.push(false, State { rank, ..State::to(0, Act::Match) });
        let (mut low, mut high) = (0, 0);
        for i in 0..=x {
            let (mut next_low, mut next_high) = (usize::MAX, 0);
            let old = lists.a + start + i as u32;
            let pin = pins.get(i).copied().unwrap_or(NONE);
            let may_delete = i < x && !self.arena[old].has(flag::KEEP) && pin == NONE;
            let partner = match pin {
                NONE if i < x => self.marks.partner(old),
                NONE => None,
                pin => Some(start + pin),
            };
            let mut j = low;
            while j <= high {
                let mut at = rows.here[j];
                while at != NONE {
                    let State { cost, next, rank, .. } = rows.states[at as usize];
                    let this = std::mem::replace(&mut at, next);
                    if cost + bounds.rest(i, j) >= least {
                        continue;
                    }
                    if !self.spend(1) || rows.states.len() >= self.max_states {
                        self.exact = false;
                        return self.fall_back(lists, region, least);
                    }
                    let done = if tail > 0 {
                        (i == x && j == y).then_some(cost)
                    } else {
                        // Remove what is left, then add what is missing at the end.
                        let kept = last_kept.is_some_and(|kept| kept >= i)
                            || last_promised.is_some_and(|last| last >= j);
                        (!kept).then(|| cost + (x - i) as Cost * lists.remove(rank) + append[j])
                    };
                    if let Some(total) = done
                        && total < least
                    {
                        least = total;
                        end = Some((this, i));
                    }
                    if j < y && !promised[j] {
                        let cost = cost + lists.insert(rank, self.weight(lists.b + start + j as u32));
                        if cost + bounds.rest(i, j + 1) < least {
                            let rank = settle(rank, i, j + 1);
                            rows.push(
                                false,
                                State { cost, parent: this, rank, ..State::to(j + 1, Act::Insert) },
                            );
                            high = high.max(j + 1);
                        }
                    }
                    if may_delete {
                        let cost = cost + self.removal(lists, rank, start + i as u32);
                        if cost + bounds.rest(i + 1, j) < least {
                            let rank = settle(rank, i + 1, j);
                            rows.push(true, State { cost, parent: this, rank, ..State::to(j, Act::Delete) });
                            next_low = next_low.min(j);
                            next_high = next_high.max(j);
                        }
                    }
                    let fits = i < x
                        && j < y
                        && match partner {
                            Some(partner) => partner as usize == start as usize + j,
                            None => !promised[j],
                        };
                    if fits {
                        let new = lists.b + start + j as u32;
                        let room = least.saturating_sub(cost + bounds.rest(i + 1, j + 1));
                        let edit = if bounds.classes.a[i] == bounds.classes.b[j] {
                            0
                        } else {
                            self.element(old, new, lists.element(rank), lists.element(0), room)
                        };
                        if edit < room {
                            let (cost, rank) = (cost + edit, settle(rank + step, i + 1, j + 1));
                            rows.push(
                                true,
                                State { cost, parent: this, rank, ..State::to(j + 1, Act::Match) },
                            );
                            next_low = next_low.min(j);
                            next_high = next_high.max(j + 1);
                        }
                    }
                }
                rows.here[j] = NONE;
                j += 1;
            }
            std::mem::swap(&mut rows.here, &mut rows.below);
            if next_low == usize::MAX {
                break;
            }
            (low, high) = (next_low, next_high);
        }
        let (state, i) = end?;
        Some((least, Alignment { region, acts: acts(&rows.states, state, x - i, y) }))
    }

    /// Elements of live that every cheaper alignment matches with a certain element of target, by position in
    /// the region; [`NONE`] for the others. See `docs/minimal-patch.md`, "Runs".
    fn pins(
        &self,
        lists: &Lists,
        region: Region,
        known: &Alignment,
        bounds: &Bounds,
        least: Cost,
    ) -> Vec<u32> {
        let mut pins = vec![NONE; region.x(lists)];
        let operations = (least / BYTE).saturating_sub(bounds.content) / u64::from(28 + lists.p);
        let kept = self.marks.has_partners()
            || (lists.a..lists.a + lists.n).any(|id| self.arena[id].has(flag::KEEP));
        if least >= FORBIDDEN || kept || (lists.indexed() && operations > lists.tolerance()) {
            return pins;
        }
        let slack = least.saturating_sub(bounds.certain);
        // The known alignment, seen from the region: more elements may match at its ends.
        let mut diagonal: Vec<(usize, usize)> = Vec::new();
        let (mut i, mut j) = (0, 0);
        let before = (known.region.start - region.start) as usize;
        let behind = (known.region.tail - region.tail) as usize;
        let ends = |count| std::iter::repeat_n(Act::Match, count);
        for act in ends(before).chain(known.acts.iter().copied()).chain(ends(behind)) {
            if act == Act::Match && bounds.classes.unique_pair(i, j) {
                diagonal.push((i, j));
            }
            i += usize::from(act != Act::Insert);
            j += usize::from(act != Act::Delete);
        }
        for run in diagonal.chunk_by(|one, next| next.0 == one.0 + 1 && next.1 == one.1 + 1) {
            // No cheaper alignment leaves out so many of the run's pairs that their penalties exceed the
            // slack: it matches one of the first few and one of the last few, and then all between.
            let few = |pairs: &mut dyn Iterator<Item = &(usize, usize)>| {
                let mut sum = 0;
                pairs
                    .take_while(|(_, j)| {
                        let go_on = sum <= slack;
                        sum += bounds.penalty[*j];
                        go_on
                    })
                    .count()
            };
            let (first, last) = (few(&mut run.iter()), few(&mut run.iter().rev()));
            for (i, j) in run.get(first..run.len().saturating_sub(last)).unwrap_or_default() {
                pins[*i] = *j as u32;
            }
        }
        pins
    }

    /// Without budget: the alignment by index, if that is cheaper.
    fn fall_back(&mut self, lists: &Lists, region: Region, least: Cost) -> Option<(Cost, Alignment)> {
        self.exact = false;
        let alignment = Self::positional(lists, region);
        let cost = self.price(lists, &alignment, least);
        (cost < least).then_some((cost, alignment))
    }
}

/// The way to a state, then `deletes` removals and additions of the rest of target.
fn acts(states: &[State], mut at: u32, deletes: usize, y: usize) -> Vec<Act> {
    let done = states[at as usize].j as usize;
    let mut acts = Vec::new();
    loop {
        let state = &states[at as usize];
        if state.parent == NONE {
            break;
        }
        acts.push(state.act);
        at = state.parent;
    }
    acts.reverse();
    acts.resize(acts.len() + deletes, Act::Delete);
    acts.resize(acts.len() + y - done, Act::Insert);
    acts
}
