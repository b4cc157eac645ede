//! The exact alignment of two lists: a dynamic program over (elements of live done, elements of target done,
//! survivors so far), the last of which decides how long the indices are.
//!
//! States that cannot beat the best known answer are dropped; a state is also dropped when another at the same
//! place is no dearer and has no more survivors.

use super::Engine;
use super::arena::flag;
use super::bounds::Bounds;
use super::lists::{Act, Alignment, Lists, Region};
use super::price::{Cost, digits};

/// No state, no place.
pub(super) const NONE: u32 = u32::MAX;

/// A rank that stands for `rank` where at most `more` elements can still survive: as long as the index cannot
/// get another digit, all ranks are alike.
fn alike(rank: u32, more: usize) -> u32 {
    let length = digits(rank);
    if length == digits(rank + more as u32) { 10_u32.pow(length - 1) } else { rank }
}

/// A place that the search has reached.
#[derive(Clone, Copy)]
struct State {
    cost: Cost,
    /// The step that led here, in the [`Trace`].
    step: u32,
    /// The next state at the same place.
    next: u32,
    /// Elements of target done.
    j: u32,
    /// Survivors that count for the length of indices; always 0 where all indices have one digit.
    rank: u32,
}

/// The steps of all states, each as the index of the step before it and the act: four bytes per state are all
/// that is kept of rows that are done.
struct Trace(Vec<u32>);

/// Bits of a step that tell the act.
const ACT_BITS: u32 = 2;

impl Trace {
    fn packed(before: u32, act: Act) -> u32 {
        (before << ACT_BITS) | act as u32
    }

    fn push(&mut self, before: u32, act: Act) -> u32 {
        self.0.push(Self::packed(before, act));
        self.0.len() as u32 - 1
    }

    /// The way to a step.
    fn acts(&self, mut at: u32) -> Vec<Act> {
        let mut acts = Vec::new();
        while at != 0 {
            let step = self.0[at as usize];
            acts.push(match step & ((1 << ACT_BITS) - 1) {
                step if step == Act::Delete as u32 => Act::Delete,
                step if step == Act::Insert as u32 => Act::Insert,
                _ => Act::Match,
            });
            at = step >> ACT_BITS;
        }
        acts.reverse();
        acts
    }
}

/// The states of one row, by column.
struct Row {
    states: Vec<State>,
    heads: Vec<u32>,
}

impl Row {
    fn new(columns: usize) -> Self {
        Row { states: Vec::new(), heads: vec![NONE; columns] }
    }

    /// Adds a state that `act` reached after the step `before`.
    fn push(&mut self, state: State, before: u32, act: Act, trace: &mut Trace) {
        let head = &mut self.heads[state.j as usize];
        let mut at = *head;
        while at != NONE {
            let other = &mut self.states[at as usize];
            if other.rank <= state.rank && other.cost <= state.cost {
                return;
            }
            if other.rank >= state.rank && other.cost >= state.cost {
                // Nothing has been built on the other one yet: it takes over its step.
                trace.0[other.step as usize] = Trace::packed(before, act);
                *other = State { next: other.next, step: other.step, ..state };
                return;
            }
            at = other.next;
        }
        let id = self.states.len() as u32;
        self.states.push(State { next: *head, step: trace.push(before, act), ..state });
        *head = id;
    }
}

/// One search under way.
struct Search<'l> {
    lists: &'l Lists,
    region: Region,
    x: usize,
    y: usize,
    bounds: Bounds,
    /// Where elements of live must go, by position in the region; [`NONE`] where that is open.
    pins: Vec<u32>,
    /// Elements of target that are taken.
    promised: Vec<bool>,
    last_kept: Option<usize>,
    last_promised: Option<usize>,
    /// What it costs to add all of target from a position on at the end.
    append: Vec<Cost>,
    here: Row,
    below: Row,
    trace: Trace,
    /// The columns reached in the row below.
    reached: Option<(usize, usize)>,
    least: Cost,
    /// The best way found: its last state and that state's row.
    end: Option<(State, usize)>,
}

impl Search<'_> {
    /// A rank that stands for `rank` at this place.
    fn settle(&self, rank: u32, i: usize, j: usize) -> u32 {
        if self.lists.indexed() { alike(rank, (self.x - i).min(self.y - j)) } else { 0 }
    }

    /// Adds what `act` leads to from `state`, unless it cannot win: `cost` in row `i`, behind `j` elements of target.
    fn reach(&mut self, state: State, act: Act, (i, j): (usize, usize), cost: Cost) {
        if cost + self.bounds.rest(i, j) >= self.least {
            return;
        }
        let survivors = state.rank + u32::from(act == Act::Match && self.lists.indexed());
        let to = State { cost, rank: self.settle(survivors, i, j), j: j as u32, ..state };
        if act == Act::Insert {
            self.here.push(to, state.step, act, &mut self.trace);
        } else {
            self.below.push(to, state.step, act, &mut self.trace);
            self.reached = Some(self.reached.map_or((j, j), |(low, high)| (low.min(j), high.max(j))));
        }
    }

    /// The whole cost if everything ends with this state.
    fn close(&self, i: usize, j: usize, cost: Cost, rank: u32) -> Option<Cost> {
        if self.region.tail > 0 {
            return (i == self.x && j == self.y).then_some(cost);
        }
        // Remove what is left, then add what is missing at the end.
        let open =
            self.last_kept.is_some_and(|kept| kept >= i) || self.last_promised.is_some_and(|last| last >= j);
        (!open).then(|| cost + (self.x - i) as Cost * self.lists.remove(rank) + self.append[j])
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
        if bounds.rest(0, 0) >= least {
            return None;
        }
        let mut search = self.search(lists, region, known, bounds, least);
        let (mut low, mut high) = (0, 0);
        for i in 0..=search.x {
            if !self.row(&mut search, i, low, high) {
                return self.fall_back(lists, region, least);
            }
            std::mem::swap(&mut search.here, &mut search.below);
            search.below.states.clear();
            let Some(reached) = search.reached.take() else { break };
            (low, high) = reached;
        }
        let (state, i) = search.end?;
        let mut acts = search.trace.acts(state.step);
        // Then what is left of live is removed, and what is missing of target is added.
        acts.resize(acts.len() + search.x - i, Act::Delete);
        acts.resize(acts.len() + search.y - state.j as usize, Act::Insert);
        Some((search.least, Alignment { region, acts }))
    }

    fn search<'l>(
        &self,
        lists: &'l Lists,
        region: Region,
        known: &Alignment,
        bounds: Bounds,
        least: Cost,
    ) -> Search<'l> {
        let (x, y, start) = (region.x(lists), region.y(lists), region.start);
        let mut append = vec![0; y + 1];
        for j in (0..y).rev() {
            append[j] = append[j + 1] + lists.append(self.weight(lists.b + start + j as u32));
        }
        let mut pins = self.pins(lists, region, known, &bounds, least);
        if self.marks.has_partners() {
            for (i, pin) in pins.iter_mut().enumerate() {
                if let Some(partner) = self.marks.partner(lists.a + start + i as u32) {
                    // A partner outside the region cannot be reached from inside it.
                    *pin = partner.checked_sub(start).unwrap_or(NONE - 1);
                }
            }
        }
        let mut promised = vec![false; y];
        for pin in &pins {
            if let Some(slot) = promised.get_mut(*pin as usize) {
                *slot = true;
            }
        }
        let (mut here, mut trace) = (Row::new(y + 1), Trace(Vec::new()));
        let rank = if lists.indexed() { start } else { 0 };
        here.push(State { cost: 0, step: 0, next: NONE, j: 0, rank }, 0, Act::Match, &mut trace);
        Search {
            lists,
            region,
            x,
            y,
            bounds,
            pins,
            last_kept: (0..x).rev().find(|&i| self.arena[lists.a + start + i as u32].has(flag::KEEP)),
            last_promised: promised.iter().rposition(|promised| *promised),
            promised,
            append,
            here,
            below: Row::new(y + 1),
            trace,
            reached: None,
            least,
            end: None,
        }
    }

    /// Goes on from all states of a row; false when the budget is used up.
    fn row(&mut self, search: &mut Search<'_>, i: usize, low: usize, high: usize) -> bool {
        let mut j = low;
        // An addition reaches one column further in the same row.
        while j <= high || search.here.heads.get(j).is_some_and(|head| *head != NONE) {
            let mut at = search.here.heads[j];
            while at != NONE {
                let state = search.here.states[at as usize];
                let State { cost, next, rank, .. } = state;
                at = next;
                if cost + search.bounds.rest(i, j) >= search.least {
                    continue;
                }
                if !self.spend(1) || search.trace.0.len() >= self.max_states {
                    return false;
                }
                if let Some(total) = search.close(i, j, cost, rank)
                    && total < search.least
                {
                    search.least = total;
                    search.end = Some((state, i));
                }
                self.expand(search, state, i, j);
            }
            search.here.heads[j] = NONE;
            j += 1;
        }
        true
    }

    /// The three ways on from a state: add an element, remove one, match two.
    fn expand(&mut self, search: &mut Search<'_>, state: State, i: usize, j: usize) {
        let State { cost, rank, .. } = state;
        let (lists, start) = (search.lists, search.region.start);
        let (old, new) = (lists.a + start + i as u32, lists.b + start + j as u32);
        if j < search.y && !search.promised[j] {
            let cost = cost + lists.insert(rank, self.weight(new));
            search.reach(state, Act::Insert, (i, j + 1), cost);
        }
        let Some(&pin) = search.pins.get(i) else { return };
        if pin == NONE && !self.arena[old].has(flag::KEEP) {
            let cost = cost + self.removal(lists, rank, start + i as u32);
            search.reach(state, Act::Delete, (i + 1, j), cost);
        }
        if j < search.y && if pin == NONE { !search.promised[j] } else { pin as usize == j } {
            let room = search.least.saturating_sub(cost + search.bounds.rest(i + 1, j + 1));
            let edit = if search.bounds.classes.a[i] == search.bounds.classes.b[j] {
                0
            } else {
                self.element(old, new, lists.element(rank), lists.element(0), room)
            };
            if edit < room {
                search.reach(state, Act::Match, (i + 1, j + 1), cost + edit);
            }
        }
    }

    /// Without budget: the alignment by index, if that is cheaper.
    fn fall_back(&mut self, lists: &Lists, region: Region, least: Cost) -> Option<(Cost, Alignment)> {
        self.exact = false;
        let alignment = Self::positional(lists, region);
        let cost = self.price(lists, &alignment, least);
        (cost < least).then_some((cost, alignment))
    }
}
