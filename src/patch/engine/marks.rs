//! Puts protected and unsure places on the nodes of live.

use super::arena::{Arena, Id, Kind, flag};
use crate::patch::{DiffError, Place, Protected};
use jsonptr::PointerBuf;
use std::collections::{BTreeSet, HashMap};

/// What the flags on the nodes do not say.
#[derive(Default)]
pub(super) struct Marks {
    /// List elements whose place in the target's list is given: element of live to index in target.
    partner: HashMap<Id, u32>,
    /// Members that live does not show and that must not be written, by the object they belong to.
    hidden: HashMap<Id, Vec<String>>,
}

impl Marks {
    /// Walks every protected and unsure place down from the root of live.
    pub(super) fn put(
        arena: &mut Arena<'_>,
        live: Id,
        protected: &[Protected],
        unsure: &BTreeSet<PointerBuf>,
    ) -> Result<Self, DiffError> {
        let mut marks = Marks::default();
        for place in protected {
            marks.protect(arena, live, place)?;
        }
        // After all that survives is known: an element with something that survives stays.
        for place in protected.iter().filter(|place| place.hidden && place.target == Place::Gone) {
            mark_lost(arena, live, &place.live);
        }
        for pointer in unsure {
            mark_unsure(arena, live, pointer);
        }
        Ok(marks)
    }

    fn protect(&mut self, arena: &mut Arena<'_>, live: Id, place: &Protected) -> Result<(), DiffError> {
        let wrong = |reason| DiffError::Place { pointer: place.live.clone(), reason };
        let mut there = match &place.target {
            Place::Gone => return Ok(()),
            Place::At(pointer) => Some(pointer.tokens()),
            Place::Anywhere => None,
        };
        let mut node = live;
        let mut above = Vec::new();
        arena.nodes[node as usize].flags |= flag::KEEP;
        for token in place.live.tokens() {
            let key = token.decoded();
            above.push(node);
            let partner = match &mut there {
                Some(tokens) => Some(tokens.next().ok_or_else(|| wrong("it ends up at another depth"))?),
                None => None,
            };
            match arena[node].kind() {
                Kind::Object => {
                    if partner.is_some_and(|partner| partner.decoded() != key) {
                        return Err(wrong("a member above it is renamed"));
                    }
                    match member(arena, node, &key) {
                        Some(child) => node = child,
                        None => {
                            self.hidden.entry(node).or_default().push(key.into_owned());
                            return Ok(());
                        }
                    }
                }
                Kind::List => {
                    let children = arena[node].children();
                    let index = index(&key).filter(|&index| index < children.end - children.start);
                    node = children.start + index.ok_or_else(|| wrong("live has no such list element"))?;
                    if let Some(partner) = partner {
                        let partner =
                            self::index(&partner.decoded()).ok_or_else(|| wrong("it is no list index"))?;
                        if self.partner.insert(node, partner).is_some_and(|before| before != partner) {
                            return Err(wrong("its list element is given two places"));
                        }
                        if partner != node - children.start {
                            // What live shows may be equal; what it does not show has still to change places.
                            above.iter().for_each(|id| arena.estrange(*id));
                        }
                    }
                }
                Kind::Leaf => return Ok(()),
            }
            arena.nodes[node as usize].flags |= flag::KEEP;
        }
        if there.is_some_and(|mut rest| rest.next().is_some()) {
            return Err(wrong("it ends up at another depth"));
        }
        Ok(())
    }

    /// Whether any list element has a given place.
    pub(super) fn has_partners(&self) -> bool {
        !self.partner.is_empty()
    }

    /// The index in target that the list element must take.
    pub(super) fn partner(&self, element: Id) -> Option<u32> {
        self.partner.get(&element).copied()
    }

    /// Whether the object holds a protected member of this name that live does not show.
    pub(super) fn hides(&self, object: Id, key: &str) -> bool {
        !self.hidden.is_empty()
            && self.hidden.get(&object).is_some_and(|keys| keys.iter().any(|hidden| hidden == key))
    }
}

/// Marks all that holds the place, as nothing to be fetched from. The innermost list element among it must not be
/// reused for another element of target either: the hidden value would stay behind in that.
fn mark_lost(arena: &mut Arena<'_>, live: Id, pointer: &PointerBuf) {
    let way = way(arena, live, pointer);
    for id in &way {
        arena.nodes[*id as usize].flags |= flag::LADEN;
    }
    let in_list = |at: usize| at > 0 && arena[way[at - 1]].kind() == Kind::List;
    let Some(element) = (0..way.len()).rev().find(|&at| in_list(at)) else { return };
    if arena[way[element]].has(flag::KEEP) {
        return;
    }
    arena.nodes[way[element] as usize].flags |= flag::LOSE;
    for id in &way[..=element] {
        arena.estrange(*id);
    }
}

fn mark_unsure(arena: &mut Arena<'_>, live: Id, pointer: &PointerBuf) {
    let way = way(arena, live, pointer);
    let in_list = way.len() > 1 && arena[way[way.len() - 2]].kind() == Kind::List;
    // `add` on a list element would insert another one.
    if way.len() == pointer.count() + 1
        && !in_list
        && let Some(node) = way.last()
    {
        arena.nodes[*node as usize].flags |= flag::UNSURE;
    }
}

/// The nodes from the root down to the pointer, as far as they exist.
fn way(arena: &Arena<'_>, live: Id, pointer: &PointerBuf) -> Vec<Id> {
    let mut way = vec![live];
    let mut node = live;
    for token in pointer.tokens() {
        let key = token.decoded();
        let children = arena[node].children();
        let child = match arena[node].kind() {
            Kind::Object => member(arena, node, &key),
            Kind::List => {
                index(&key).map(|index| children.start + index).filter(|child| *child < children.end)
            }
            Kind::Leaf => None,
        };
        let Some(child) = child else { break };
        way.push(child);
        node = child;
    }
    way
}

fn member(arena: &Arena<'_>, object: Id, key: &str) -> Option<Id> {
    let children = arena[object].children();
    let nodes = &arena.nodes[children.start as usize..children.end as usize];
    nodes.binary_search_by(|node| node.key.cmp(key)).ok().map(|at| children.start + at as Id)
}

/// A list index as RFC 6901 spells it.
fn index(text: &str) -> Option<u32> {
    let canonical = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| canonical)
}
