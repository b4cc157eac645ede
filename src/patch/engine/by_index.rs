//! The comparison by index, as simple generators do it: what the fallback must not exceed.

use super::Engine;
use super::arena::{Id, Kind, flag};
use super::best::Join;
use super::emit::{Operation, Write, push_segment};
use super::price::{ADD, Cost, REMOVE, REPLACE, bytes, digits};

impl Engine<'_> {
    /// The operations by index and what they cost, if that is less than `least` and nothing is protected or unsure.
    pub(super) fn by_index(&mut self, least: Cost) -> Option<(Cost, Vec<Operation>)> {
        if self.arena.nodes.iter().any(|node| node.flags != 0) {
            return None;
        }
        let mut walk = Walk { engine: self, path: String::new(), operations: Vec::new() };
        let cost = walk.pair(walk.engine.live, walk.engine.target, 0);
        let operations = walk.operations;
        (cost < least).then_some((cost, operations))
    }
}

struct Walk<'e, 'v> {
    engine: &'e Engine<'v>,
    path: String,
    operations: Vec<Operation>,
}

impl Walk<'_, '_> {
    fn pair(&mut self, a: Id, b: Id, p: u32) -> Cost {
        let arena = &self.engine.arena;
        if arena.same(a, b) {
            return 0;
        }
        match (arena[a].kind(), arena[b].kind()) {
            (Kind::Object, Kind::Object) => {
                let mut cost = 0;
                for pair in Join::new(self.engine, a, b) {
                    let Some(member) = pair.1.or(pair.0) else { continue };
                    let node = &self.engine.arena[member];
                    cost += self.step(node.key, p + node.segment, pair);
                }
                cost
            }
            (Kind::List, Kind::List) => {
                let (a, b) = (arena[a].children(), arena[b].children());
                let both = (a.end - a.start).min(b.end - b.start);
                let mut cost = 0;
                for at in 0..both {
                    let pair = (Some(a.start + at), Some(b.start + at));
                    cost += self.step(&at.to_string(), p + 1 + digits(at), pair);
                }
                for old in a.start + both..a.end {
                    cost += self.step(&both.to_string(), p + 1 + digits(both), (Some(old), None));
                }
                for new in b.start + both..b.end {
                    cost += self.step("-", p + 2, (None, Some(new)));
                }
                cost
            }
            _ => {
                debug_assert!(!arena[a].has(flag::KEEP), "checked by the caller");
                self.write(Write::Replace(b));
                REPLACE + bytes(p) + bytes(self.engine.arena[b].size)
            }
        }
    }

    fn step(&mut self, segment: &str, p: u32, pair: (Option<Id>, Option<Id>)) -> Cost {
        let length = self.path.len();
        push_segment(&mut self.path, segment);
        let cost = match pair {
            (Some(old), Some(new)) => self.pair(old, new, p),
            (Some(_), None) => {
                self.write(Write::Remove);
                REMOVE + bytes(p)
            }
            (None, Some(new)) => {
                self.write(Write::Add(new));
                ADD + bytes(p) + bytes(self.engine.arena[new].size)
            }
            (None, None) => 0,
        };
        self.path.truncate(length);
        cost
    }

    fn write(&mut self, write: Write) {
        self.operations.push(Operation { path: self.path.clone(), write, old: None, parent: None });
    }
}
