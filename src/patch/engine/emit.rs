//! Writes the cheapest patch down: removals left to right, edits, additions right to left, additions at the end.

use super::Engine;
use super::arena::{Id, Kind, flag};
use super::best::Join;
use super::lists::{Act, Alignment, Lists, Region};
use super::price::{ADD, BYTE, Cost, FORBIDDEN, REMOVE, REPLACE, bytes};
use crate::json;
use crate::patch::DiffError;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use jsonptr::PointerBuf;

/// An operation whose value is still a node of target.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) path: String,
    pub(super) write: Write,
    /// The node of live that is removed or replaced.
    pub(super) old: Option<Id>,
    /// The node of live that something is added to.
    pub(super) parent: Option<Id>,
}

/// The elements that an edited list ends up with.
#[derive(Clone)]
pub(super) struct Order {
    /// The list in live.
    pub(super) list: Id,
    /// Elements of live that stay, and elements of target that are added.
    pub(super) elements: Vec<Element>,
}

/// One element of an edited list.
#[derive(Clone, Copy)]
pub(super) enum Element {
    Kept(Id),
    Added(Id),
}

/// What an operation does.
#[derive(Clone, Copy)]
pub(super) enum Write {
    Remove,
    Add(Id),
    Replace(Id),
}

impl Engine<'_> {
    /// Appends the cheapest operations that turn `a` into `b` at the current path, and returns their cost;
    /// [`FORBIDDEN`] if there are none.
    pub(super) fn emit(&mut self, a: Id, b: Id, p: u32) -> Cost {
        if self.arena.same(a, b) {
            return 0;
        }
        let put = self.put(a, b, p);
        let before = self.operations.len();
        let edit = match (self.arena[a].kind(), self.arena[b].kind()) {
            _ if self.arena[a].has(flag::UNSURE | flag::LOSE) => FORBIDDEN,
            (Kind::Object, Kind::Object) => self.emit_members(a, b, p, put),
            (Kind::List, Kind::List) if self.edits_lists(a) => self.emit_lists(a, b, p, put),
            _ => FORBIDDEN,
        };
        if edit < put {
            return edit;
        }
        self.operations.truncate(before);
        if put < FORBIDDEN {
            let write = if self.arena[a].has(flag::UNSURE) { Write::Add(b) } else { Write::Replace(b) };
            self.write(write, Some(a), None);
        }
        put
    }

    fn emit_members(&mut self, a: Id, b: Id, p: u32, limit: Cost) -> Cost {
        let mut cost = 0;
        let pairs: Vec<_> = Join::new(self, a, b).collect();
        for pair in pairs {
            if let (Some(old), Some(new)) = pair
                && self.arena.same(old, new)
            {
                continue;
            }
            let Some(member) = pair.1.or(pair.0) else { continue };
            let (key, segment) = (self.arena[member].key, self.arena[member].segment);
            let length = self.path.len();
            push_segment(&mut self.path, key);
            cost += match pair {
                (Some(old), Some(new)) => self.emit(old, new, p + segment),
                (Some(old), None) if self.arena[old].has(flag::KEEP) => FORBIDDEN,
                (Some(old), None) => {
                    self.write(Write::Remove, Some(old), None);
                    self.loss(old, p + segment)
                }
                (None, Some(_)) if self.marks.hides(a, key) => FORBIDDEN,
                (None, Some(new)) => {
                    self.write(Write::Add(new), None, Some(a));
                    ADD + bytes(p + segment) + bytes(self.weight(new))
                }
                (None, None) => 0,
            };
            self.path.truncate(length);
            if cost >= limit {
                break;
            }
        }
        cost
    }

    fn emit_lists(&mut self, a: Id, b: Id, p: u32, limit: Cost) -> Cost {
        let mut alignment = Alignment { region: Region { start: 0, tail: 0 }, acts: Vec::new() };
        let cost = self.lists(a, b, p, limit, Some(&mut alignment));
        if cost >= limit {
            return cost;
        }
        let lists = Lists::new(&self.arena, a, b, p);
        if self.ordering() {
            self.orders.push(Order { list: a, elements: alignment.elements(&lists) });
        }
        let last = alignment.last_match();
        let start = alignment.region.start;
        let (mut i, mut j, mut rank) = (start, start, start);
        let (mut edits, mut inserts, mut appends) = (Vec::new(), Vec::new(), Vec::new());
        for (at, act) in alignment.acts.iter().enumerate() {
            match act {
                Act::Delete => {
                    let old = lists.a + i;
                    self.at(&rank.to_string(), |engine| engine.write(Write::Remove, Some(old), None));
                    i += 1;
                }
                Act::Insert => {
                    if at < last {
                        inserts.push((rank, lists.b + j))
                    } else {
                        appends.push(lists.b + j)
                    }
                    j += 1;
                }
                Act::Match => {
                    edits.push((rank, lists.a + i, lists.b + j));
                    i += 1;
                    j += 1;
                    rank += 1;
                }
            }
        }
        for (rank, old, new) in edits {
            let edited = self.at(&rank.to_string(), |engine| engine.emit(old, new, lists.element(rank)));
            // It was priced while there was budget: without, a list in it may get no alignment that is allowed.
            if edited >= FORBIDDEN {
                return FORBIDDEN;
            }
        }
        for (rank, new) in inserts.into_iter().rev() {
            self.at(&rank.to_string(), |engine| engine.write(Write::Add(new), None, Some(a)));
        }
        for new in appends {
            self.at("-", |engine| engine.write(Write::Add(new), None, Some(a)));
        }
        cost
    }

    /// Runs `then` with one more segment on the path.
    fn at<R>(&mut self, segment: &str, then: impl FnOnce(&mut Self) -> R) -> R {
        let length = self.path.len();
        push_segment(&mut self.path, segment);
        let outcome = then(self);
        self.path.truncate(length);
        outcome
    }

    fn write(&mut self, write: Write, old: Option<Id>, parent: Option<Id>) {
        self.operations.push(Operation { path: self.path.clone(), write, old, parent });
    }

    /// What the operations cost as they stand.
    pub(super) fn paid(&self, operations: &[Operation]) -> Cost {
        let one = |Operation { path, write, .. }: &Operation| {
            let value = |id: Id| bytes(self.arena[id].size);
            let pointer = (json::string_size(path) - 2) * BYTE;
            pointer
                + match *write {
                    Write::Remove => REMOVE,
                    Write::Add(id) => ADD + value(id),
                    Write::Replace(id) => REPLACE + value(id),
                }
        };
        operations.iter().map(one).sum()
    }

    /// The operations with their values.
    pub(super) fn finish(&self, operations: Vec<Operation>) -> Result<Vec<PatchOperation>, DiffError> {
        let operation = |Operation { path, write, .. }: Operation| {
            let path = PointerBuf::parse(path)
                .map_err(|_| DiffError::Resources { reason: "a pointer of the patch is malformed" })?;
            let value = |id: Id| json::copy(self.arena[id].value);
            Ok(match write {
                Write::Remove => PatchOperation::Remove(RemoveOperation { path }),
                Write::Add(id) => PatchOperation::Add(AddOperation { path, value: value(id) }),
                Write::Replace(id) => PatchOperation::Replace(ReplaceOperation { path, value: value(id) }),
            })
        };
        operations.into_iter().map(operation).collect()
    }
}

impl Alignment {
    /// The list that it leads to.
    fn elements(&self, lists: &Lists) -> Vec<Element> {
        let Region { start, tail } = self.region;
        let mut elements: Vec<_> = (0..start).map(|i| Element::Kept(lists.a + i)).collect();
        let (mut i, mut j) = (start, start);
        for act in &self.acts {
            match act {
                Act::Delete => {}
                Act::Insert => elements.push(Element::Added(lists.b + j)),
                Act::Match => elements.push(Element::Kept(lists.a + i)),
            }
            i += u32::from(*act != Act::Insert);
            j += u32::from(*act != Act::Delete);
        }
        elements.extend((lists.n - tail..lists.n).map(|i| Element::Kept(lists.a + i)));
        elements
    }
}

/// Appends `/key`, escaped as RFC 6901 says.
pub(super) fn push_segment(path: &mut String, key: &str) {
    path.push('/');
    if key.contains(['~', '/']) {
        path.push_str(&key.replace('~', "~0").replace('/', "~1"));
    } else {
        path.push_str(key);
    }
}

#[cfg(test)]
mod tests {
    use crate::patch::displaced::settle;
    use crate::patch::engine::{Engine, price};
    use crate::patch::{Options, Patch};
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_priced_is_what_is_paid_and_what_the_patch_takes() {
        let live =
            json!({"a/b": [1, {"x": "t", "y\"": 1}, 3], "c~d": "text", "e": {"f": null, "g": [[], {}]}});
        let target =
            json!({"a/b": [0, 1, {"x": "u", "y\"": 1, "z": 2}], "e": {"f": [true], "g": [[], {}]}, "h": "é"});
        let (none, unsure) = (Vec::new(), BTreeSet::new());
        let settled = settle(&live, &none, &unsure).unwrap();
        let mut engine = Engine::new(&target, &settled, &Options::default()).unwrap();
        let priced = engine.emit(engine.live, engine.target, 0);
        let operations = std::mem::take(&mut engine.operations);
        assert_eq!(engine.paid(&operations), priced);
        assert_eq!(price::of(&Patch(engine.finish(operations).unwrap())), priced);
    }
}
