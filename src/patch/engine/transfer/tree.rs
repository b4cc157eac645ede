//! The document while the patch runs: every value has an identity and knows its place.

use super::super::arena::{Arena, Id, Kind};
use super::super::emit::push_segment;

/// Index of a value in the tree. Nodes of the arena keep their number.
pub(super) type Spot = u32;

/// A value in the tree, or one that is not (or no longer) part of the document.
#[derive(Clone)]
pub(super) struct Twig<'v> {
    pub(super) parent: Option<Spot>,
    pub(super) key: &'v str,
    pub(super) list: bool,
    /// In the document's order for lists.
    pub(super) children: Vec<Spot>,
    /// Whether it is part of the document now.
    pub(super) present: bool,
}

/// All values, of live and of target; those of target are absent until they are put.
pub(super) struct Tree<'v> {
    pub(super) twigs: Vec<Twig<'v>>,
}

impl<'v> Tree<'v> {
    pub(super) fn new(arena: &Arena<'v>, live_end: Id) -> Self {
        let mut twigs: Vec<Twig<'v>> = arena
            .nodes
            .iter()
            .enumerate()
            .map(|(at, node)| Twig {
                parent: None,
                key: node.key,
                list: node.kind() == Kind::List,
                children: node.children().collect(),
                present: at < live_end as usize,
            })
            .collect();
        for at in 0..twigs.len() {
            for child in twigs[at].children.clone() {
                twigs[child as usize].parent = Some(at as Spot);
            }
        }
        Tree { twigs }
    }

    pub(super) fn twig(&self, spot: Spot) -> &Twig<'v> {
        &self.twigs[spot as usize]
    }

    /// The pointer to a value.
    pub(super) fn path(&self, spot: Spot) -> String {
        let mut chain = Vec::new();
        let mut at = spot;
        while let Some(parent) = self.twig(at).parent {
            chain.push((parent, at));
            at = parent;
        }
        let mut path = String::new();
        for (parent, child) in chain.into_iter().rev() {
            if self.twig(parent).list {
                let index = self.index(parent, child).unwrap_or(0);
                push_segment(&mut path, &index.to_string());
            } else {
                push_segment(&mut path, self.twig(child).key);
            }
        }
        path
    }

    pub(super) fn index(&self, list: Spot, element: Spot) -> Option<usize> {
        self.twig(list).children.iter().position(|child| *child == element)
    }

    /// Whether `spot` is `above` or lies below it.
    pub(super) fn is_within(&self, spot: Spot, above: Spot) -> bool {
        let mut at = Some(spot);
        while let Some(here) = at {
            if here == above {
                return true;
            }
            at = self.twig(here).parent;
        }
        false
    }

    /// Takes a value out of its parent.
    pub(super) fn detach(&mut self, spot: Spot) {
        if let Some(parent) = self.twigs[spot as usize].parent.take() {
            self.twigs[parent as usize].children.retain(|child| *child != spot);
        }
    }

    /// Puts a value into an object, or into a list before `position`.
    pub(super) fn attach(&mut self, spot: Spot, parent: Spot, key: &'v str, position: usize) {
        let twig = &mut self.twigs[spot as usize];
        (twig.parent, twig.key, twig.present) = (Some(parent), key, true);
        let children = &mut self.twigs[parent as usize].children;
        if position <= children.len() {
            children.insert(position, spot);
        } else {
            children.push(spot);
        }
    }

    /// A copy of a value, not yet part of the document.
    pub(super) fn duplicate(&mut self, spot: Spot) -> Spot {
        let copy = self.twigs.len() as Spot;
        let original = self.twig(spot).clone();
        self.twigs.push(Twig { parent: None, present: true, children: Vec::new(), ..original });
        for child in original.children {
            let below = self.duplicate(child);
            self.twigs[below as usize].parent = Some(copy);
            self.twigs[copy as usize].children.push(below);
        }
        copy
    }
}
