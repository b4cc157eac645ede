//! Where a path of a desired persona stands.

use crate::persona::{Desired, Location};
use jsonptr::PointerBuf;

/// The pointer of a path.
pub(super) fn pointer(path: &[String]) -> PointerBuf {
    PointerBuf::from_tokens(path.iter().map(String::as_str))
}

/// Where the value stands; if the file has none, where the nearest value above does.
pub(super) fn value(desired: &Desired, path: &[String]) -> Option<Location> {
    desired.locations.nearest(&pointer(path)).cloned()
}

/// Where the member's key stands.
pub(super) fn key(desired: &Desired, path: &[String]) -> Option<Location> {
    desired.locations.key(&pointer(path)).cloned()
}
