//! What operations cost: bytes of the compact patch first, number of operations second, in one integer.

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

/// The cost of this many bytes.
pub(super) fn bytes(count: u32) -> Cost {
    Cost::from(count) * BYTE
}

/// Decimal digits of a list index.
pub(super) fn digits(index: u32) -> u32 {
    index.checked_ilog10().unwrap_or(0) + 1
}
