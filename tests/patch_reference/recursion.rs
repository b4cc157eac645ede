//! The recursion: bytes first, then operations; `None` is what protected places forbid.

use jsonptr::Pointer;
use personactl::json::equal;
use personactl::patch::{Place, Protected};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

type Cost = Option<(usize, usize)>;
/// A value of either document is told by its address.
type At = *const Value;

pub(crate) struct Recursion<'v> {
    live: &'v Value,
    target: &'v Value,
    /// Values of live that must stay where they are: what is protected, and everything above it.
    kept: HashSet<At>,
    /// Elements that must become a certain element of target, and those.
    given: HashMap<At, At>,
    promised: HashSet<At>,
    known: HashMap<(At, At, usize), Cost>,
}

fn plus(a: Cost, b: Cost) -> Cost {
    Some((a?.0 + b?.0, a?.1 + b?.1))
}

fn cheaper(a: Cost, b: Cost) -> Cost {
    [a, b].into_iter().flatten().min()
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

fn segment(key: &str) -> usize {
    let printed = Value::from(key.replace('~', "~0").replace('/', "~1"));
    1 + size(&printed) - 2
}

fn index(rank: usize) -> usize {
    1 + rank.max(1).ilog10() as usize + 1
}

/// The costs of all elements from each position on.
fn sums(list: &[Value], cost: impl Fn(&Value) -> Cost) -> Vec<Cost> {
    let mut sums = vec![Some((0, 0))];
    for value in list.iter().rev() {
        sums.push(plus(sums[sums.len() - 1], cost(value)));
    }
    sums.reverse();
    sums
}

impl<'v> Recursion<'v> {
    pub(crate) fn new(live: &'v Value, target: &'v Value, protected: &[Protected]) -> Self {
        let (kept, given, promised) = Default::default();
        let mut recursion = Recursion { live, target, kept, given, promised, known: HashMap::new() };
        for place in protected {
            recursion.protect(&place.live, &place.target);
        }
        recursion
    }

    fn protect(&mut self, here: &Pointer, there: &Place) {
        let ways = |pointer: &Pointer| -> Vec<String> {
            let mut way = vec![String::new()];
            for token in pointer.tokens() {
                way.push(format!("{}/{}", way[way.len() - 1], token.encoded()));
            }
            way
        };
        let (live, target) = (self.live, self.target);
        for (depth, way) in ways(here).iter().enumerate() {
            let value = live.pointer(way).unwrap();
            self.kept.insert(value);
            let element = depth > 0 && live.pointer(&ways(here)[depth - 1]).unwrap().is_array();
            if let (true, Place::At(there)) = (element, there) {
                let partner = target.pointer(&ways(there)[depth]).unwrap();
                self.given.insert(value, partner);
                self.promised.insert(partner);
            }
        }
    }

    /// Bytes and operations of the cheapest patch.
    pub(crate) fn least(&mut self) -> Cost {
        let (bytes, operations) = self.pair(self.live, self.target, 0)?;
        Some((if operations == 0 { 2 } else { bytes + 1 }, operations))
    }

    fn removal(&self, old: &Value, pointer: usize) -> Cost {
        (!self.kept.contains(&(old as At))).then_some((26 + pointer, 1))
    }

    fn addition(&self, new: &Value, pointer: usize) -> Cost {
        (!self.promised.contains(&(new as At))).then_some((32 + pointer + size(new), 1))
    }

    fn pair(&mut self, old: &'v Value, new: &'v Value, pointer: usize) -> Cost {
        if equal(old, new) {
            return Some((0, 0));
        }
        let key = (old as At, new as At, pointer);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let whole = (!self.kept.contains(&(old as At))).then_some((36 + pointer + size(new), 1));
        let inside = match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
                let mut sum = Some((0, 0));
                for key in keys {
                    let pointer = pointer + segment(key);
                    let member = match (old.get(key), new.get(key)) {
                        (Some(old), Some(new)) => self.pair(old, new, pointer),
                        (Some(old), None) => self.removal(old, pointer),
                        (None, new) => self.addition(new.unwrap(), pointer),
                    };
                    sum = plus(sum, member);
                }
                sum
            }
            (Value::Array(old), Value::Array(new)) => self.lists(old, new, pointer),
            _ => None,
        };
        let cost = cheaper(whole, inside);
        self.known.insert(key, cost);
        cost
    }

    /// Whether the one may become the other.
    fn may_match(&self, old: &Value, new: &Value) -> bool {
        match self.given.get(&(old as At)) {
            Some(partner) => std::ptr::eq(*partner, new),
            None => !self.promised.contains(&(new as At)),
        }
    }

    fn lists(&mut self, old: &'v [Value], new: &'v [Value], pointer: usize) -> Cost {
        // What it costs to remove all from an element on at a pointer without bytes, and to add all at the end.
        let gone = sums(old, |old| self.removal(old, 0));
        let come = sums(new, |new| self.addition(new, pointer + 2));
        let adding: Vec<Cost> = new.iter().map(|new| self.addition(new, pointer)).collect();
        // Costs from (elements of live done, of target done, survivors) on; one row of live at a time, from the end.
        let ranks = old.len().min(new.len()) + 1;
        let mut below: Vec<Vec<Cost>> = Vec::new();
        for i in (0..=old.len()).rev() {
            let mut row = vec![vec![None; ranks + 1]; new.len() + 1];
            for j in (0..=new.len()).rev() {
                for rank in 0..=i.min(j) {
                    let here = pointer + index(rank);
                    // Everything that is left goes, everything that is missing is added at the end.
                    let gone = plus(gone[i], Some(((old.len() - i) * here, 0)));
                    let mut least = plus(gone, come[j]);
                    if i < old.len() {
                        least = cheaper(least, plus(self.removal(&old[i], here), below[j][rank]));
                    }
                    if j < new.len() {
                        least =
                            cheaper(least, plus(plus(adding[j], Some((index(rank), 0))), row[j + 1][rank]));
                    }
                    if i < old.len() && j < new.len() && self.may_match(&old[i], &new[j]) {
                        let edit = self.pair(&old[i], &new[j], here);
                        least = cheaper(least, plus(edit, below[j + 1][rank + 1]));
                    }
                    row[j][rank] = least;
                }
            }
            below = row;
        }
        below[0][0]
    }
}
