//! Protected list elements that must change places.
//!
//! Where several protected elements of one list cross, not all of them can stay. As many as possible stay;
//! those whose values live shows lose their protection (they are removed, and added again with their values);
//! those that hold a hidden value are carried by `move`, before everything else. The search then sees a list
//! in which nothing crosses.

use super::{DiffError, Place, Protected};
use crate::json::is_at_or_above;
use json_patch::{MoveOperation, PatchOperation};
use jsonptr::{Pointer, PointerBuf};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What is left to do once nothing crosses.
pub(super) struct Settled<'v> {
    /// Live after `moves`.
    pub(super) live: Cow<'v, Value>,
    /// What comes first in the patch.
    pub(super) moves: Vec<PatchOperation>,
    /// Still protected, in the coordinates of `live`.
    pub(super) protected: Cow<'v, [Protected]>,
    /// The same for places that are unsure.
    pub(super) unsure: Cow<'v, BTreeSet<PointerBuf>>,
    /// No longer protected, in the original coordinates.
    pub(super) taken: Vec<PointerBuf>,
    steps: Vec<Step>,
}

/// One list that was rearranged.
struct Step {
    list: PointerBuf,
    /// Old index by new index.
    old: Vec<usize>,
}

/// An element whose place is given.
#[derive(Clone, Copy)]
struct Pair {
    live: usize,
    target: usize,
    hidden: bool,
}

impl Settled<'_> {
    /// A pointer into `live` as it was before the moves.
    pub(super) fn original(&self, pointer: &Pointer) -> PointerBuf {
        let back = |pointer: PointerBuf, step: &Step| {
            with_index(&pointer, &step.list, |new| step.old.get(new).copied())
        };
        self.steps.iter().rev().fold(pointer.to_buf(), back)
    }
}

/// Finds crossing elements and settles them.
pub(super) fn settle<'v>(
    live: &'v Value,
    protected: &'v [Protected],
    unsure: &'v BTreeSet<PointerBuf>,
) -> Result<Settled<'v>, DiffError> {
    let mut settled = Settled {
        live: Cow::Borrowed(live),
        moves: Vec::new(),
        protected: Cow::Borrowed(protected),
        unsure: Cow::Borrowed(unsure),
        taken: Vec::new(),
        steps: Vec::new(),
    };
    // Outer lists first: what lies in a moved element moves along. Each round settles one list for good.
    while let Some((list, pairs)) = first_crossing(&settled.live, &settled.protected) {
        let stay = staying(&pairs);
        let leave = |at: &usize| !stay.contains(at);
        let shown: Vec<usize> =
            (0..pairs.len()).filter(leave).filter(|&at| !pairs[at].hidden).map(|at| pairs[at].live).collect();
        settled.release(&list, &shown);
        let carried: Vec<Pair> =
            (0..pairs.len()).filter(leave).map(|at| pairs[at]).filter(|pair| pair.hidden).collect();
        let kept: Vec<Pair> = stay.iter().map(|at| pairs[*at]).collect();
        settled.carry(&list, &kept, carried)?;
    }
    Ok(settled)
}

impl Settled<'_> {
    /// Takes the protection off everything at or below these elements.
    fn release(&mut self, list: &Pointer, elements: &[usize]) {
        let elements: Vec<PointerBuf> = elements.iter().map(|index| below(list, *index)).collect();
        let (released, kept): (Vec<_>, Vec<_>) = self
            .protected
            .iter()
            .cloned()
            .partition(|place| elements.iter().any(|element| is_at_or_above(element, &place.live)));
        if !released.is_empty() {
            let originals: Vec<PointerBuf> =
                released.iter().map(|place| self.original(&place.live)).collect();
            self.taken.extend(originals);
            self.protected = Cow::Owned(kept);
        }
    }

    /// Moves elements to where they stand in order with those that stay.
    fn carry(&mut self, list: &PointerBuf, kept: &[Pair], mut carried: Vec<Pair>) -> Result<(), DiffError> {
        if carried.is_empty() {
            return Ok(());
        }
        let gone = || DiffError::Place { pointer: list.clone(), reason: "it is no list" };
        let length = self.live.pointer(list.as_str()).and_then(Value::as_array).ok_or_else(gone)?.len();
        let mut order: Vec<usize> = (0..length).collect();
        // Target index by live index, of all that stand where they belong.
        let mut settled: BTreeMap<usize, usize> = kept.iter().map(|pair| (pair.live, pair.target)).collect();
        carried.sort_by_key(|pair| pair.target);
        for pair in carried {
            let Some(from) = order.iter().position(|live| *live == pair.live) else { continue };
            order.remove(from);
            let target = |live: &usize| settled.get(live).copied();
            let before =
                order.iter().rposition(|live| target(live).is_some_and(|target| target < pair.target));
            let behind = || order.iter().position(|live| target(live).is_some());
            let to = before.map(|at| at + 1).or_else(behind).unwrap_or(0);
            order.insert(to, pair.live);
            settled.insert(pair.live, pair.target);
            if from != to {
                self.moves.push(PatchOperation::Move(MoveOperation {
                    from: below(list, from),
                    path: below(list, to),
                }));
            }
        }
        let mut rearranged = self.live.clone().into_owned();
        let items = rearranged.pointer_mut(list.as_str()).and_then(Value::as_array_mut).ok_or_else(gone)?;
        let mut old: Vec<Value> = std::mem::take(items);
        items.extend(order.iter().map(|live| old.get_mut(*live).map(Value::take).unwrap_or_default()));
        self.live = Cow::Owned(rearranged);

        let new_index = |old: usize| order.iter().position(|live| *live == old);
        let mut protected = self.protected.clone().into_owned();
        for place in &mut protected {
            place.live = with_index(&place.live, list, new_index);
        }
        self.protected = Cow::Owned(protected);
        self.unsure =
            Cow::Owned(self.unsure.iter().map(|place| with_index(place, list, new_index)).collect());
        self.steps.push(Step { list: list.clone(), old: order });
        Ok(())
    }
}

fn below(list: &Pointer, index: usize) -> PointerBuf {
    let mut pointer = list.to_buf();
    pointer.push_back(index);
    pointer
}

/// The pointer with another index in `list`, if it leads through an element of it.
fn with_index(pointer: &Pointer, list: &Pointer, index: impl Fn(usize) -> Option<usize>) -> PointerBuf {
    let mut tokens: Vec<String> = pointer.tokens().map(|token| token.decoded().into_owned()).collect();
    let at = list.count();
    if is_at_or_above(list, pointer)
        && let Some(new) = tokens.get(at).and_then(|token| token.parse().ok()).and_then(index)
        && let Some(token) = tokens.get_mut(at)
    {
        *token = new.to_string();
    }
    PointerBuf::from_tokens(tokens.iter().map(String::as_str))
}

/// The outermost list with crossing elements.
fn first_crossing(live: &Value, protected: &[Protected]) -> Option<(PointerBuf, Vec<Pair>)> {
    let mut lists: BTreeMap<(usize, PointerBuf), BTreeMap<usize, Pair>> = BTreeMap::new();
    for place in protected {
        let Place::At(target) = &place.target else { continue };
        let mut here = live;
        let mut path = PointerBuf::root();
        for (depth, (token, partner)) in place.live.tokens().zip(target.tokens()).enumerate() {
            let key = token.decoded();
            // An element that is not there cannot be moved; the search will refuse it.
            if let Value::Array(items) = here
                && let (Ok(live), Ok(target)) = (key.parse(), partner.decoded().parse())
                && live < items.len()
            {
                let pairs = lists.entry((depth, path.clone())).or_default();
                pairs.entry(live).or_insert(Pair { live, target, hidden: false }).hidden |= place.hidden;
            }
            let next = match here {
                Value::Array(items) => key.parse().ok().and_then(|index: usize| items.get(index)),
                Value::Object(members) => members.get(key.as_ref()),
                _ => None,
            };
            let Some(next) = next else { break };
            here = next;
            path.push_back(token);
        }
    }
    lists.into_iter().find_map(|((_, path), pairs)| {
        let pairs: Vec<Pair> = pairs.into_values().collect();
        let crosses = pairs.windows(2).any(|pair| pair[0].target > pair[1].target);
        crosses.then_some((path, pairs))
    })
}

/// Which pairs stay: an increasing subsequence with as many hidden ones, then as many pairs as possible.
fn staying(pairs: &[Pair]) -> Vec<usize> {
    let mut best: Vec<(usize, usize, Option<usize>)> = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let before = (0..at)
            .filter(|&other| pairs[other].target < pair.target)
            .max_by_key(|&other| (best[other].0, best[other].1));
        let (hidden, count) = before.map_or((0, 0), |other| (best[other].0, best[other].1));
        best.push((hidden + usize::from(pair.hidden), count + 1, before));
    }
    let mut at = (0..pairs.len()).max_by_key(|&at| (best[at].0, best[at].1));
    let mut stay = Vec::new();
    while let Some(here) = at {
        stay.push(here);
        at = best[here].2;
    }
    stay.reverse();
    stay
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(live: &str, target: &str) -> Protected {
        Protected::at(Pointer::parse(live).unwrap(), Pointer::parse(target).unwrap())
    }

    #[test]
    fn nothing_happens_where_nothing_crosses() {
        let live = json!({"l": [1, 2, 3]});
        let protected = [at("/l/0/x", "/l/1/x"), at("/l/2/x", "/l/2/x")];
        let none = BTreeSet::new();
        let settled = settle(&live, &protected, &none).unwrap();
        assert!(settled.moves.is_empty() && settled.taken.is_empty() && settled.steps.is_empty());
    }

    #[test]
    fn shown_ones_are_released_and_hidden_ones_are_carried() {
        let live = json!({"l": ["a", "b", "c"]});
        let protected =
            [at("/l/0/x", "/l/2/x"), at("/l/1/x", "/l/1/x").hidden(), at("/l/2/x", "/l/0/x").hidden()];
        let none = BTreeSet::new();
        let settled = settle(&live, &protected, &none).unwrap();
        assert_eq!(settled.taken, [PointerBuf::parse("/l/0/x").unwrap()]);
        assert_eq!(*settled.live, json!({"l": ["a", "c", "b"]}));
        assert_eq!(json!(settled.moves), json!([{"op": "move", "from": "/l/1", "path": "/l/2"}]));
        let now: Vec<_> = settled.protected.iter().map(|place| place.live.as_str()).collect();
        assert_eq!(now, ["/l/2/x", "/l/1/x"]);
        assert_eq!(settled.original(Pointer::parse("/l/2/x").unwrap()).as_str(), "/l/1/x");
    }

    #[test]
    fn as_many_as_possible_stay_and_hidden_ones_before_all_others() {
        let live = json!({"l": ["a", "b", "c"]});
        let taken = |last: Protected| {
            let protected = [at("/l/0/x", "/l/1/x"), at("/l/1/x", "/l/2/x"), last];
            let none = BTreeSet::new();
            let settled = settle(&live, &protected, &none).unwrap();
            assert!(settled.moves.is_empty());
            settled.taken.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(taken(at("/l/2/x", "/l/0/x")), ["/l/2/x"]);
        assert_eq!(taken(at("/l/2/x", "/l/0/x").hidden()), ["/l/0/x", "/l/1/x"]);
    }

    #[test]
    fn elements_of_a_list_within_an_element_are_carried() {
        let live = json!({"l": [0, {"m": ["a", "b"]}]});
        let protected = [at("/l/1/m/0/x", "/l/1/m/1/x").hidden(), at("/l/1/m/1/x", "/l/1/m/0/x").hidden()];
        let none = BTreeSet::new();
        let settled = settle(&live, &protected, &none).unwrap();
        assert_eq!(*settled.live, json!({"l": [0, {"m": ["b", "a"]}]}));
        assert_eq!(settled.moves.len(), 1);
    }
}
