//! Finds an order for the steps in which every value is fetched before it is changed, and writes the pointers
//! that hold at that time.

use super::super::Engine;
use super::super::arena::{Arena, Id};
use super::super::emit::{Element, push_segment};
use super::Allowed;
use super::choose::{Action, Actions, What};
use super::tree::{Spot, Tree};
use crate::json;
use foldhash::fast::FixedState;
use json_patch::{
    AddOperation, CopyOperation, MoveOperation, PatchOperation, RemoveOperation, ReplaceOperation,
};
use jsonptr::PointerBuf;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Names for members that exist only while the patch runs, shortest first.
const SPARE: [&str; 12] = ["", "0", "1", "2", "3", "a", "b", "c", "x", "y", "z", "_"];

struct Schedule<'e, 'v> {
    engine: &'e Engine<'v>,
    allowed: Allowed,
    tree: Tree<'v>,
    orders: HashMap<Spot, Vec<Element>, FixedState>,
    /// Where each new node of target is in the tree.
    placed: HashMap<Id, Spot, FixedState>,
    pending: Vec<Action>,
    out: Vec<PatchOperation>,
    /// Nodes of live that were removed, replaced or moved.
    touched: Vec<Id>,
}

impl Engine<'_> {
    pub(super) fn schedule(
        &self,
        actions: Actions,
        allowed: Allowed,
    ) -> Option<(Vec<PatchOperation>, Vec<Id>)> {
        let Actions { actions, orders } = actions;
        let tree = Tree::new(&self.arena, self.target);
        let mut schedule = Schedule {
            engine: self,
            allowed,
            tree,
            orders,
            placed: HashMap::default(),
            pending: actions,
            out: Vec::new(),
            touched: Vec::new(),
        };
        while !schedule.pending.is_empty() {
            let is_transfer = |action: &Action| matches!(action.what, What::Move(..) | What::Copy(_));
            let ready = |schedule: &Schedule<'_, '_>, transfer: bool| {
                (0..schedule.pending.len())
                    .find(|&at| is_transfer(&schedule.pending[at]) == transfer && schedule.is_ready(at))
            };
            let next = ready(&schedule, true).or_else(|| ready(&schedule, false));
            match next {
                Some(at) => {
                    let action = schedule.pending.remove(at);
                    schedule.run(action)?;
                }
                None => schedule.untie()?,
            }
        }
        Some((schedule.out, schedule.touched))
    }
}

impl<'v> Schedule<'_, 'v> {
    fn is_target(&self, spot: Spot) -> bool {
        spot >= self.engine.target && (spot as usize) < self.engine.arena.nodes.len()
    }

    /// Whether a step can run now without spoiling what other steps still need.
    fn is_ready(&self, at: usize) -> bool {
        let action = &self.pending[at];
        if action.parent.is_some_and(|parent| !self.is_there(parent)) {
            return false;
        }
        self.source_is_ready(at) && self.spoils(at).is_none()
    }

    fn is_there(&self, spot: Spot) -> bool {
        self.tree.twig(spot).present
    }

    fn source_is_ready(&self, at: usize) -> bool {
        let action = &self.pending[at];
        let source = match action.what {
            What::Move(source, _) | What::Copy(source) => source,
            _ => return true,
        };
        let inside = |other: &Action| other.parent.is_some_and(|parent| self.tree.is_within(parent, source));
        // A value must be whole before it is copied, and cannot go into itself.
        let whole = !self.is_target(source)
            || !self.pending.iter().enumerate().any(|(other, action)| other != at && inside(action));
        self.is_there(source) && whole && !inside(action)
    }

    /// A step whose source this one would change: its index, and whether only because the place is written over.
    fn spoils(&self, at: usize) -> Option<(usize, bool)> {
        let action = &self.pending[at];
        let moving = match action.what {
            What::Move(source, _) => Some(source),
            _ => None,
        };
        for (other, step) in self.pending.iter().enumerate().filter(|(other, _)| *other != at) {
            let (source, exact) = match step.what {
                What::Move(source, exact) => (source, exact),
                What::Copy(source) => (source, true),
                _ => continue,
            };
            // What is moved away is neither removed nor written over by this step.
            let old = action.old.filter(|old| moving != Some(*old));
            if old.is_some_and(|old| self.tree.is_within(source, old)) {
                return Some((other, true));
            }
            let changed = [old, moving.filter(|moving| *moving != source)];
            let inside = |spot: Spot| exact && self.tree.is_within(spot, source);
            let grows = action.parent.is_some_and(|parent| exact && self.tree.is_within(parent, source));
            if grows && !self.is_target(source) || changed.into_iter().flatten().any(inside) {
                return Some((other, false));
            }
        }
        None
    }

    /// Nothing can run because values are written over that are needed elsewhere: puts one of them aside.
    fn untie(&mut self) -> Option<()> {
        if !self.allowed.r#move {
            return None;
        }
        let at = (0..self.pending.len()).find(|&at| {
            let action = &self.pending[at];
            let member = action.old.and_then(|old| self.tree.twig(old).parent);
            let aside = member.is_some_and(|parent| !self.tree.twig(parent).list);
            let there = action.parent.is_none_or(|parent| self.is_there(parent));
            aside && there && matches!(self.spoils(at), Some((_, true)))
        })?;
        let old = self.pending[at].old.take()?;
        let parent = self.tree.twig(old).parent?;
        let taken = |key: &str| {
            let among = |children: &[Spot]| children.iter().any(|child| self.tree.twig(*child).key == key);
            let to_come = self.pending.iter().any(|action| {
                action.parent == Some(parent)
                    && action.new.is_some_and(|new| self.engine.arena[new].key == key)
            });
            among(&self.tree.twig(parent).children) || to_come || self.engine.marks.hides(parent, key)
        };
        let spare = SPARE.into_iter().find(|key| !taken(key))?;
        let from = self.tree.path(old);
        self.tree.detach(old);
        self.touch(old);
        let path = self.path_to(parent, spare, 0);
        self.tree.attach(old, parent, spare, usize::MAX);
        self.out.push(PatchOperation::Move(MoveOperation { from: pointer(from)?, path: pointer(path)? }));
        let leaves =
            self.pending.iter().any(|action| matches!(action.what, What::Move(source, _) if source == old));
        if !leaves {
            self.pending.push(Action { what: What::Remove, old: Some(old), parent: None, new: None });
        }
        Some(())
    }

    fn run(&mut self, action: Action) -> Option<()> {
        let Action { what, old, parent, new } = action;
        match what {
            What::Remove => {
                let old = old?;
                let path = pointer(self.tree.path(old))?;
                self.tree.detach(old);
                self.touch(old);
                self.lose(old);
                self.out.push(PatchOperation::Remove(RemoveOperation { path }));
            }
            What::Literal(holes) => self.literal(new?, old, parent, &holes)?,
            What::Move(source, _) => {
                let from = self.tree.path(source);
                self.tree.detach(source);
                self.touch(source);
                // What was to be written where it was finds nothing there.
                for step in self.pending.iter_mut().filter(|step| step.old == Some(source)) {
                    step.old = None;
                }
                let (path, position) = self.prepare(old.filter(|old| *old != source), parent?, new?)?;
                self.tree.attach(source, parent?, self.engine.arena[new?].key, position);
                self.placed.insert(new?, source);
                if from != path {
                    let (from, path) = (pointer(from)?, pointer(path)?);
                    self.out.push(PatchOperation::Move(MoveOperation { from, path }));
                }
            }
            What::Copy(source) => {
                let from = pointer(self.tree.path(source))?;
                let copy = self.tree.duplicate(source);
                let (path, position) = self.prepare(old, parent?, new?)?;
                self.tree.attach(copy, parent?, self.engine.arena[new?].key, position);
                self.placed.insert(new?, copy);
                self.out.push(PatchOperation::Copy(CopyOperation { from, path: pointer(path)? }));
            }
        }
        Some(())
    }

    /// Makes room for a new value: its pointer, and its position in a list.
    fn prepare(&mut self, old: Option<Spot>, parent: Spot, new: Id) -> Option<(String, usize)> {
        let position = if self.tree.twig(parent).list { self.position(parent, new)? } else { 0 };
        let path = self.path_to(parent, self.engine.arena[new].key, position);
        if let Some(old) = old.filter(|old| self.tree.twig(*old).parent == Some(parent)) {
            self.tree.detach(old);
            self.touch(old);
            self.lose(old);
        }
        Some((path, position))
    }

    fn path_to(&self, parent: Spot, key: &str, position: usize) -> String {
        let mut path = self.tree.path(parent);
        let twig = self.tree.twig(parent);
        if !twig.list {
            push_segment(&mut path, key);
        } else if position >= twig.children.len() {
            path.push_str("/-");
        } else {
            push_segment(&mut path, &position.to_string());
        }
        path
    }

    /// Where a new element belongs among those that are in the list now.
    fn position(&self, list: Spot, new: Id) -> Option<usize> {
        let order = self.orders.get(&list)?;
        let spot = |element: &Element| match element {
            Element::Kept(kept) => Some(*kept),
            Element::Added(added) => self.placed.get(added).copied(),
        };
        let slot =
            order.iter().position(|element| matches!(element, Element::Added(added) if *added == new))?;
        let index = |element: &Element| spot(element).and_then(|spot| self.tree.index(list, spot));
        let before = order[..slot].iter().rev().find_map(index);
        let behind = || order[slot..].iter().find_map(index);
        let end = self.tree.twig(list).children.len();
        Some(before.map(|index| index + 1).or_else(behind).unwrap_or(end))
    }

    fn touch(&mut self, spot: Spot) {
        if spot < self.engine.target {
            self.touched.push(spot);
        }
    }

    fn lose(&mut self, spot: Spot) {
        self.tree.twigs[spot as usize].present = false;
        for child in self.tree.twig(spot).children.clone() {
            self.lose(child);
        }
    }

    fn literal(&mut self, new: Id, old: Option<Spot>, parent: Option<Spot>, holes: &[Id]) -> Option<()> {
        let value = without(&self.engine.arena, new, holes);
        let Some(parent) = parent else {
            self.out.push(PatchOperation::Replace(ReplaceOperation { path: PointerBuf::root(), value }));
            self.touched.extend(old);
            self.grow(new, holes);
            return Some(());
        };
        let old = old.filter(|old| self.tree.twig(*old).parent == Some(parent));
        let replaced = old.and_then(|old| self.tree.index(parent, old));
        let position = match (replaced, self.tree.twig(parent).list) {
            (Some(index), true) => index,
            (None, true) => self.position(parent, new)?,
            (_, false) => 0,
        };
        let path = pointer(self.path_to(parent, self.engine.arena[new].key, position))?;
        if let Some(old) = old {
            self.tree.detach(old);
            self.touch(old);
            self.lose(old);
        }
        self.tree.attach(new, parent, self.engine.arena[new].key, position);
        self.grow(new, holes);
        self.placed.insert(new, new);
        self.out.push(match old {
            Some(_) => PatchOperation::Replace(ReplaceOperation { path, value }),
            None => PatchOperation::Add(AddOperation { path, value }),
        });
        Some(())
    }

    /// A node of target is there now, except for the holes.
    fn grow(&mut self, new: Id, holes: &[Id]) {
        self.tree.twigs[new as usize].present = true;
        for child in self.tree.twig(new).children.clone() {
            if holes.contains(&child) {
                self.tree.detach(child);
            } else {
                self.placed.insert(child, child);
                self.grow(child, holes);
            }
        }
        if self.tree.twig(new).list && !holes.is_empty() {
            let elements = self.engine.arena[new].children().map(Element::Added).collect();
            self.orders.entry(new).or_insert(elements);
        }
    }
}

fn pointer(path: String) -> Option<PointerBuf> {
    PointerBuf::parse(path).ok()
}

/// The value of a node without the holes in it.
fn without(arena: &Arena<'_>, id: Id, holes: &[Id]) -> Value {
    let node = &arena[id];
    if holes.is_empty() {
        return json::copy(node.value);
    }
    let kept = || node.children().filter(|child| !holes.contains(child));
    match node.value {
        Value::Array(_) => Value::Array(kept().map(|child| without(arena, child, holes)).collect()),
        Value::Object(_) => {
            let mut members = Map::with_capacity(kept().count());
            members.extend(kept().map(|child| (arena[child].key.to_owned(), without(arena, child, holes))));
            Value::Object(members)
        }
        other => other.clone(),
    }
}
