//! The counts of a plan: by action, by origin, and of what could not be compared.

use super::{Action, PersonaPlan};
use crate::compare::Origin;
use serde::Serialize;

/// The counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Personas to be created.
    pub create: usize,
    /// Personas to be changed.
    pub update: usize,
    /// Personas that are as their files say.
    pub in_sync: usize,
    /// Personas to be deleted.
    pub delete: usize,
    /// Live user personas that no file means.
    pub unmanaged: usize,
    /// Personas left alone because writing would not be safe.
    pub refused: usize,
    /// Personas that could not be read or planned.
    pub failed: usize,
    /// Values that cannot be compared.
    pub not_verifiable: usize,
    /// Live values that the files do not name.
    pub unlisted: usize,
    /// Changes made by the author of the files.
    pub yours: usize,
    /// Changes made on the live side.
    pub drift: usize,
    /// Changes made on both sides.
    pub conflict: usize,
}

impl Summary {
    pub(super) fn of(personas: &[PersonaPlan]) -> Self {
        let mut sum = Summary::default();
        for persona in personas {
            match persona.action {
                Action::Create => sum.create += 1,
                Action::Update => sum.update += 1,
                Action::InSync => sum.in_sync += 1,
                Action::Delete => sum.delete += 1,
                Action::Unmanaged => sum.unmanaged += 1,
                Action::Refused(_) => sum.refused += 1,
                Action::Failed(_) => sum.failed += 1,
            }
            sum.not_verifiable += persona.findings.opaque.len();
            sum.unlisted += persona.findings.unlisted.len();
            for planned in &persona.findings.changes {
                match planned.change.origin {
                    Some(Origin::Yours) => sum.yours += 1,
                    Some(Origin::Drift) => sum.drift += 1,
                    Some(Origin::Conflict) => sum.conflict += 1,
                    None => {}
                }
            }
        }
        sum
    }

    /// Whether a run would change anything.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.create + self.update + self.delete > 0
    }

    /// Whether something could not be planned.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.refused + self.failed > 0
    }
}
