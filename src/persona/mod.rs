//! What a persona is: the schema table, the document that may hold secrets, the two sides of a comparison.
//!
//! Owns every fact about persona fields (one table, [`schema::FIELDS`]) and the types [`Desired`] and [`Live`].
//! Knows nothing of files, requests, patches or output.

pub mod desired;
pub mod document;
pub mod json_schema;
pub mod live;
pub mod name;
pub mod pattern;
pub mod schema;
pub mod secret;
pub mod validate;

pub use desired::{Desired, Location, Locations, Reconcile, Reference, Unlisted};
pub use document::Document;
pub use live::Live;
pub use pattern::Pattern;
