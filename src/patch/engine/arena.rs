//! Both documents flattened: one node per value, with what the search asks for again and again.
//!
//! Children of a node are contiguous, members sorted by key. Built and hashed without recursion.

use crate::json::{self, Canonical};
use foldhash::quality::FixedState;
use serde_json::Value;
use std::hash::BuildHasher;

/// Index of a node.
pub(super) type Id = u32;

/// One value of either document.
pub(super) struct Node<'v> {
    pub(super) value: &'v Value,
    /// The member's key; empty for list elements and the roots.
    pub(super) key: &'v str,
    /// Equal values have equal hashes.
    pub(super) hash: u64,
    /// Bytes of the value as compact JSON.
    pub(super) size: u32,
    first: Id,
    len: u32,
    /// Bytes that `/key` takes in a printed pointer.
    pub(super) segment: u32,
    /// Hash of the key (0 for list elements): with `hash` it tells where the value can be found again.
    key_hash: u32,
    /// See [`flag`].
    pub(super) flags: u8,
}

/// Marks on nodes of live.
pub(super) mod flag {
    /// A protected place at or below the node survives: it may be neither replaced nor removed.
    pub(in super::super) const KEEP: u8 = 1;
    /// The record may not hold the member: it is written whole, by `add`.
    pub(in super::super) const UNSURE: u8 = 2;
    /// A list element that goes with a value that live does not show: nothing of it may be reused.
    pub(in super::super) const LOSE: u8 = 4;
    /// A value that live does not show goes with the node: moved or copied, it would take that along.
    pub(in super::super) const LADEN: u8 = 8;
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Leaf,
    List,
    Object,
}

impl Node<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self.value {
            Value::Array(_) => Kind::List,
            Value::Object(_) => Kind::Object,
            _ => Kind::Leaf,
        }
    }

    /// Hash of the value together with its key: what stays in place keeps both.
    pub(super) fn spot(&self) -> u64 {
        mix(self.hash, u64::from(self.key_hash))
    }

    pub(super) fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    pub(super) fn children(&self) -> std::ops::Range<Id> {
        self.first..self.first + self.len
    }
}

/// The nodes of live, then those of target.
pub(super) struct Arena<'v> {
    pub(super) nodes: Vec<Node<'v>>,
    hasher: FixedState,
    /// A whole number is written with a fraction or an exponent: equal values may differ in size.
    pub(super) respelled: bool,
}

impl<'v> std::ops::Index<Id> for Arena<'v> {
    type Output = Node<'v>;

    fn index(&self, id: Id) -> &Node<'v> {
        &self.nodes[id as usize]
    }
}

impl<'v> Arena<'v> {
    pub(super) fn new() -> Self {
        Arena { nodes: Vec::new(), hasher: FixedState::with_seed(0x6902), respelled: false }
    }

    /// Adds a document and returns its root; `None` if it has more bytes or nodes than 32 bits count.
    pub(super) fn add(&mut self, document: &'v Value) -> Option<Id> {
        let root = Id::try_from(self.nodes.len()).ok()?;
        self.nodes.push(leaf(document, ""));
        let mut next = root as usize;
        while let Some(node) = self.nodes.get(next) {
            let first = self.nodes.len();
            match node.value {
                Value::Array(items) => self.nodes.extend(items.iter().map(|item| leaf(item, ""))),
                Value::Object(members) => {
                    self.nodes.extend(members.iter().map(|(key, value)| leaf(value, key)));
                    let children = &mut self.nodes[first..];
                    if !children.is_sorted_by_key(|child| child.key) {
                        children.sort_unstable_by_key(|child| child.key);
                    }
                }
                _ => {}
            }
            let len = self.nodes.len() - first;
            let node = &mut self.nodes[next];
            node.first = Id::try_from(first).ok()?;
            node.len = u32::try_from(len).ok()?;
            next += 1;
        }
        for at in (root as usize..self.nodes.len()).rev() {
            if let Value::Number(number) = self.nodes[at].value {
                self.respelled |= number.is_f64() && matches!(Canonical::from(number), Canonical::Whole(_));
            }
            let (hash, size) = self.digest(at);
            let key = self.nodes[at].key;
            let segment = if key.is_empty() { 1 } else { json::segment_size(key) };
            let key_hash = if key.is_empty() { 0 } else { self.hasher.hash_one(key.as_bytes()) };
            let node = &mut self.nodes[at];
            node.hash = hash;
            node.key_hash = (key_hash >> 32) as u32;
            node.size = u32::try_from(size).ok()?;
            node.segment = u32::try_from(segment).ok()?;
        }
        Some(root)
    }

    fn digest(&self, at: usize) -> (u64, u64) {
        let node = &self.nodes[at];
        match node.value {
            Value::Null => (mix(1, 1), 4),
            Value::Bool(value) => (mix(2, u64::from(*value)), 5 - u64::from(*value)),
            Value::Number(number) => {
                (mix(3, self.hasher.hash_one(Canonical::from(number))), json::compact_size(node.value))
            }
            Value::String(text) => (mix(4, self.hasher.hash_one(text.as_bytes())), json::string_size(text)),
            Value::Array(_) => {
                let (mut hash, mut size) = (mix(5, u64::from(node.len)), 0);
                for child in self.slice(node) {
                    hash = mix(hash, child.hash);
                    size += u64::from(child.size) + 1;
                }
                (hash, 1 + size.max(1))
            }
            Value::Object(_) => {
                let (mut hash, mut size) = (mix(6, u64::from(node.len)), 0);
                for child in self.slice(node) {
                    // Members are sorted by key, so the order of the file does not count.
                    hash = mix(hash, mix(u64::from(child.key_hash), child.hash));
                    size += json::string_size(child.key) + u64::from(child.size) + 2;
                }
                (hash, 1 + size.max(1))
            }
        }
    }

    fn slice(&self, node: &Node<'v>) -> &[Node<'v>] {
        &self.nodes[node.first as usize..(node.first + node.len) as usize]
    }

    /// Makes a node of live unequal to everything.
    pub(super) fn estrange(&mut self, id: Id) {
        // Never the hash of a value by intent; if by accident, the values are still compared as what they are.
        let hash = &mut self.nodes[id as usize].hash;
        *hash = mix(!*hash, 7);
    }

    /// Whether two nodes hold equal values. The hash only saves comparisons; it never decides for equality.
    pub(super) fn same(&self, a: Id, b: Id) -> bool {
        let (a, b) = (&self[a], &self[b]);
        a.hash == b.hash && json::equal(a.value, b.value)
    }
}

fn leaf<'v>(value: &'v Value, key: &'v str) -> Node<'v> {
    Node { value, key, hash: 0, size: 0, first: 0, len: 0, segment: 0, key_hash: 0, flags: 0 }
}

/// Combines two hashes, depending on their order.
fn mix(a: u64, b: u64) -> u64 {
    let product =
        u128::from(a ^ 0x9e37_79b9_7f4a_7c15) * u128::from(b.rotate_left(32) ^ 0xd1b5_4a32_d192_ed03);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
    let folded = (product >> 64) as u64 ^ product as u64;
    folded ^ a.rotate_left(17)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sizes_are_those_of_compact_json() {
        let values = json!({
            "": {}, "a\"b": [], "é": [[], {}], "t": [true, false, null], "n": [0, -1.5, 1e300, 18_446_744_073_709_551_615_u64],
        });
        let mut arena = Arena::new();
        let root = arena.add(&values).unwrap();
        for node in &arena.nodes {
            assert_eq!(u64::from(node.size), node.value.to_string().len() as u64, "{}", node.value);
        }
        let segments: u32 = arena[root].children().map(|child| arena[child].segment).sum();
        assert_eq!(segments, ["/", "/a\\\"b", "/é", "/t", "/n"].map(str::len).iter().sum::<usize>() as u32);
    }

    #[test]
    fn equal_values_share_a_hash_and_others_do_not() {
        let a = json!({"x": [1, 2.0, "t"], "y": null});
        let b = json!({"y": null, "x": [1.0, 2, "t"]});
        let c = json!({"x": [2, 1, "t"], "y": null});
        let mut arena = Arena::new();
        let roots = [&a, &b, &c].map(|v| arena.add(v).unwrap());
        assert!(arena.same(roots[0], roots[1]));
        assert_ne!(arena[roots[0]].hash, arena[roots[2]].hash);
        assert_eq!(u64::from(arena[roots[1]].size), b.to_string().len() as u64);
    }
}
