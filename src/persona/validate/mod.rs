//! Whether a desired persona is one that the API would take: against the schema table, and by the rules that join
//! several fields.
//!
//! Pure: from [`Desired`] to findings, each at the value's place. What a single field may hold is stated in the
//! table and only read here.

mod fields;
mod parameters;
mod place;
mod rules;
mod secrets;
mod tools;

use super::Desired;
use crate::diagnostic::Diagnostic;

pub use secrets::literal_secrets;

/// Every fault of a persona.
#[must_use]
pub fn validate(desired: &Desired) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    fields::check(desired, &mut found);
    rules::check(desired, &mut found);
    tools::check(desired, &mut found);
    secrets::check(desired, &mut found);
    found
}
