//! What operations cost: bytes of the compact patch first, number of operations second, in one integer.

use crate::json;
use json_patch::{Patch, PatchOperation};
use jsonptr::Pointer;
use serde_json::Value;

/// Bytes in the upper 40 bits, operations in the lower 24: sums and comparisons are lexicographic.
pub(super) type Cost = u64;

/// One byte.
pub(super) const BYTE: Cost = 1 << 24;
/// More than any patch costs: what protected places forbid. Adding a few of them does not overflow.
pub(super) const FORBIDDEN: Cost = 1 << 60;

// `{"op":"remove","path":""}` and so on, one byte for the comma, and one operation.
/// A removal, without its pointer.
pub(super) const REMOVE: Cost = 26 * BYTE + 1;
/// An addition, without its pointer and value.
pub(super) const ADD: Cost = 32 * BYTE + 1;
/// A replacement, without its pointer and value.
pub(super) const REPLACE: Cost = 36 * BYTE + 1;

/// A move or a copy, without its pointers.
const TRANSFER: Cost = 34 * BYTE + 1;
/// A test, without its pointer and value.
const TEST: Cost = 33 * BYTE + 1;

/// The cost of a whole patch.
pub(super) fn of(patch: &Patch) -> Cost {
    let pointer = |pointer: &Pointer| (json::string_size(pointer.as_str()) - 2) * BYTE;
    let value = |value: &Value| json::compact_size(value) * BYTE;
    let operation = |operation: &PatchOperation| match operation {
        PatchOperation::Remove(op) => REMOVE + pointer(&op.path),
        PatchOperation::Add(op) => ADD + pointer(&op.path) + value(&op.value),
        PatchOperation::Replace(op) => REPLACE + pointer(&op.path) + value(&op.value),
        PatchOperation::Test(op) => TEST + pointer(&op.path) + value(&op.value),
        PatchOperation::Move(op) => TRANSFER + pointer(&op.from) + pointer(&op.path),
        PatchOperation::Copy(op) => TRANSFER + pointer(&op.from) + pointer(&op.path),
    };
    patch.0.iter().map(operation).sum()
}

/// The cost of this many bytes.
pub(super) fn bytes(count: u32) -> Cost {
    Cost::from(count) * BYTE
}

/// Decimal digits of a list index.
pub(super) fn digits(index: u32) -> u32 {
    index.checked_ilog10().unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_costs_its_compact_bytes_and_its_operations() {
        let patch = serde_json::json!([
            {"op": "remove", "path": "/a~1b"}, {"op": "add", "path": "/é\"", "value": {"k": [1.5, null]}},
            {"op": "replace", "path": "", "value": "t"}, {"op": "test", "path": "/a", "value": 1},
            {"op": "move", "from": "/a", "path": "/b"}, {"op": "copy", "from": "/b", "path": "/c"},
        ]);
        let text = patch.to_string();
        let cost = of(&crate::patch::parse(patch).unwrap());
        // The bracket that closes takes the place of a last comma.
        assert_eq!((cost / BYTE + 1, cost % BYTE), (text.len() as u64, 6));
    }
}
