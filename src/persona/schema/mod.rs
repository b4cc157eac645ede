//! The schema table: the one place that states what a persona may hold.
//!
//! Validation, comparison, masking, the JSON Schema, the reference page and the sandbox all read [`FIELDS`].
//! A field is added in `table.rs` and nowhere else.

mod field;
mod lookup;
mod sibling;
mod table;
mod vocabulary;

pub use field::{DefaultValue, Field, Kind, Members, Secrecy, Values};
pub use lookup::{Lookup, find, known_members, lookup, secrecy};
pub use sibling::Sibling;
pub use table::{FIELDS, FORCE_DEFAULTS_LAYER};
pub use vocabulary::ALIASES;
