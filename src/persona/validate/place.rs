//! Where a path of a desired persona stands.

use crate::json::of_segments;
use crate::persona::{Desired, Location};

/// Where the value stands; if the file has none, where the nearest value above does.
pub(super) fn value(desired: &Desired, path: &[String]) -> Option<Location> {
    desired.locations.nearest(&of_segments(path)).cloned()
}

/// Where the member's key stands.
pub(super) fn key(desired: &Desired, path: &[String]) -> Option<Location> {
    desired.locations.key(&of_segments(path)).cloned()
}
