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
    rows: Rows,
    /// The columns reached in the row below.
    reached: Option<(usize, usize)>,
    least: Cost,
    /// The best way found: its last state and that state's row.
    end: Option<(u32, usize)>,
}

impl Search<'_> {
    /// A rank that stands for `rank` at this place.
    fn settle(&self, rank: u32, i: usize, j: usize) -> u32 {
        if self.lists.indexed() { alike(rank, (self.x - i).min(self.y - j)) } else { 0 }
    }

    /// Adds a state in row `i`, unless it cannot win.
    fn reach(&mut self, i: usize, below: bool, state: State) {
        let j = state.j as usize;
        if state.cost + self.bounds.rest(i, j) >= self.least {
            return;
        }
        let rank = self.settle(state.rank, i, j);
        self.rows.push(below, State { rank, ..state });
        if below {
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
            let rows = &mut search.rows;
            std::mem::swap(&mut rows.here, &mut rows.below);
            let Some(reached) = search.reached.take() else { break };
            (low, high) = reached;
        }
        let (state, i) = search.end?;
        let acts = acts(&search.rows.states, state, search.x - i, search.y);
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
        let mut rows = Rows { states: Vec::new(), here: vec![NONE; y + 1], below: vec![NONE; y + 1] };
        let rank = if lists.indexed() { start } else { 0 };
        rows.push(false, State { rank, ..State::to(0, Act::Match) });
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
            rows,
            reached: None,
            least,
            end: None,
        }
    }

    /// Goes on from all states of a row; false when the budget is used up.
    fn row(&mut self, search: &mut Search<'_>, i: usize, low: usize, high: usize) -> bool {
        let mut j = low;
        // An addition reaches one column further in the same row.
        while j <= high || search.rows.here.get(j).is_some_and(|head| *head != NONE) {
            let mut at = search.rows.here[j];
            while at != NONE {
                let this = at;
                let State { cost, next, rank, .. } = search.rows.states[this as usize];
                at = next;
                if cost + search.bounds.rest(i, j) >= search.least {
                    continue;
                }
                if !self.spend(1) || search.rows.states.len() >= self.max_states {
                    return false;
                }
                if let Some(total) = search.close(i, j, cost, rank)
                    && total < search.least
                {
                    search.least = total;
                    search.end = Some((this, i));
                }
                self.expand(search, this, i, j);
            }
            search.rows.here[j] = NONE;
            j += 1;
        }
        true
    }

    /// The three ways on from a state: add an element, remove one, match two.
    fn expand(&mut self, search: &mut Search<'_>, this: u32, i: usize, j: usize) {
        let State { cost, rank, .. } = search.rows.states[this as usize];
        let (lists, start) = (search.lists, search.region.start);
        let (old, new) = (lists.a + start + i as u32, lists.b + start + j as u32);
        let from = |cost, rank, to| State { cost, parent: this, rank, ..to };
        if j < search.y && !search.promised[j] {
            let cost = cost + lists.insert(rank, self.weight(new));
            search.reach(i, false, from(cost, rank, State::to(j + 1, Act::Insert)));
        }
        let Some(&pin) = search.pins.get(i) else { return };
        if pin == NONE && !self.arena[old].has(flag::KEEP) {
            let cost = cost + self.removal(lists, rank, start + i as u32);
            search.reach(i + 1, true, from(cost, rank, State::to(j, Act::Delete)));
        }
        if j < search.y && if pin == NONE { !search.promised[j] } else { pin as usize == j } {
            let room = search.least.saturating_sub(cost + search.bounds.rest(i + 1, j + 1));
            let edit = if search.bounds.classes.a[i] == search.bounds.classes.b[j] {
                0
            } else {
                self.element(old, new, lists.element(rank), lists.element(0), room)
            };
            if edit < room {
                let rank = rank + u32::from(lists.indexed());
                search.reach(i + 1, true, from(cost + edit, rank, State::to(j + 1, Act::Match)));
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
