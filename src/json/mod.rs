//! JSON as values: equality by value, a strict reader, depth and printed size.
//!
//! Owns what the rest of the program means by "the same JSON value" and "readable JSON". Pure: no file, no
//! persona knowledge. It does not own YAML (see `source`) nor patches (see `patch`).

mod copy;
mod depth;
mod equal;
mod kind;
mod number;
mod pointer;
mod read;
mod size;

pub use copy::copy;
pub use depth::{MAX_DEPTH, depth_exceeds};
pub use equal::equal;
pub use kind::kind_of;
pub use number::Canonical;
pub use pointer::{at, extend, is_at_or_above, of_segments, put};
pub use read::{ReadError, ReadErrorKind, read_named, read_noting, read_strict};
pub use size::{compact_size, segment_size, string_size};
