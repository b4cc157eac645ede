//! What values are expected to take if they can be fetched.

use super::super::Engine;
use super::super::arena::{Id, Kind};
use super::Weights;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Bytes that a transfer takes besides its two pointers.
pub(super) const TRANSFER: u32 = 33;

impl Engine<'_> {
    /// Bytes of the pointer to every node.
    pub(super) fn pointers(&self) -> Vec<u32> {
        let mut pointers = vec![0; self.arena.nodes.len()];
        // Parents come before their children.
        for id in 0..self.arena.nodes.len() as Id {
            let list = self.arena[id].kind() == Kind::List;
            for (index, child) in self.arena[id].children().enumerate() {
                let segment = if list {
                    1 + super::super::price::digits(index as u32)
                } else {
                    self.arena[child].segment
                };
                pointers[child as usize] = pointers[id as usize] + segment;
            }
        }
        pointers
    }

    /// Weights for a search that knows what live already holds.
    pub(in super::super) fn weigh(&self) -> Weights {
        let pointers = self.pointers();
        let mut held: HashMap<u64, (u32, u32), FixedState> = HashMap::default();
        let mut wanted: HashMap<u64, u32, FixedState> = HashMap::default();
        for id in self.live..self.target {
            let node = &self.arena[id];
            if node.flags == 0 {
                let entry = held.entry(node.hash).or_insert((u32::MAX, 0));
                *entry = (entry.0.min(pointers[id as usize]), entry.1 + 1);
            }
        }
        let all = self.arena.nodes.len() as Id;
        let mut bytes: Vec<u32> = self.arena.nodes.iter().map(|node| node.size).collect();
        for id in (self.target..all).rev() {
            let node = &self.arena[id];
            *wanted.entry(node.hash).or_default() += 1;
            let list = node.kind() == Kind::List;
            // As a literal, with holes where a transfer is cheaper.
            let mut literal = if node.kind() == Kind::Leaf { node.size } else { 2 };
            for child in node.children() {
                let below = &self.arena[child];
                let key = if list { 1 } else { (crate::json::string_size(below.key) as u32) + 2 };
                let fetched =
                    held.get(&below.hash).map(|held| TRANSFER + 1 + held.0 + pointers[child as usize]);
                literal += (bytes[child as usize].min(below.size) + key).min(fetched.unwrap_or(u32::MAX));
            }
            let fetched = held.get(&node.hash).map_or(u32::MAX, |held| 2 + held.0);
            bytes[id as usize] = node.size.min(literal).min(fetched);
        }
        let leaving = (self.live..self.target)
            .map(|id| {
                let node = &self.arena[id];
                let held = held.get(&node.hash).map_or(0, |held| held.1);
                held > 0 && wanted.get(&node.hash).is_some_and(|&wanted| wanted >= held)
            })
            .collect();
        Weights { bytes, leaving }
    }
}
