//! What the plan says of one persona.

use crate::compare::{Change, Note, Opaque, Origin, Unlisted, same};
use crate::patch::VerifiedPatch;
use crate::persona::secret::SecretPaths;
use crate::persona::{Desired, Document, Location};
use std::sync::Arc;

/// What is done to one persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// POST.
    Create,
    /// PATCH.
    Update,
    /// Nothing, or at most opaque values are sent again.
    InSync,
    /// DELETE.
    Delete,
    /// Nothing: no file means it.
    Unmanaged,
    /// Nothing, because it would not be safe.
    Refused(Refusal),
    /// Nothing, because it could not be read or planned.
    Failed(Refusal),
}

/// Why a persona is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// What is wrong, with the ids and numbers it is about.
    pub message: String,
    /// What lifts it.
    pub hint: Option<String>,
}

impl Action {
    /// The word for JSON and counts.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::InSync => "in_sync",
            Action::Delete => "delete",
            Action::Unmanaged => "unmanaged",
            Action::Refused(_) => "refused",
            Action::Failed(_) => "failed",
        }
    }
}

/// A change, and where the file says so.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The change.
    pub change: Change,
    /// The line of the file that asks for it; for a removal the nearest line above.
    pub location: Option<Location>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The changes, and whatever opaque values go with them.
    Changes,
    /// A field that the API wants in a request of its own.
    Alone,
    /// Opaque values only: 304 if they were in sync, 200 if not, a refusal is a warning.
    Opaque,
}

/// One PATCH.
pub struct Request {
    /// What it is for.
    pub purpose: Purpose,
    /// The operations, proven to lead from live to target.
    pub patch: VerifiedPatch,
}

/// What comparing one persona found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Every difference.
    pub changes: Vec<Planned>,
    /// Values that cannot be compared.
    pub opaque: Vec<Opaque>,
    /// Live values that the file does not name.
    pub unlisted: Vec<Unlisted>,
    /// Things worth saying.
    pub notes: Vec<Note>,
}

/// What the plan says of one persona.
pub struct PersonaPlan {
    /// `persona_name`: the file's, else the live one.
    pub name: Option<String>,
    /// `persona_id`, where there is one.
    pub id: Option<String>,
    /// The file, relative to the root.
    pub file: Option<Arc<str>>,
    /// Whether the file pins the id.
    pub pinned: bool,
    /// What is done.
    pub action: Action,
    /// What the comparison found.
    pub findings: Findings,
    /// The PATCHes, in the order they are sent. Not to be sent while [`PersonaPlan::missing`] holds a name.
    pub requests: Vec<Request>,
    /// The body of the POST.
    pub creation: Option<Document>,
    /// Variables that are not set, without which nothing can be sent.
    pub missing: Vec<String>,
    /// What must be masked in its values.
    pub secrets: SecretPaths,
    /// `updated_at` of the live document.
    pub updated_at: Option<String>,
}

impl PersonaPlan {
    /// What messages call this persona: its name, else its id, else its file.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().or(self.id.as_deref()).or(self.file.as_deref()).unwrap_or("(nameless)")
    }

    /// Says whose the changes are that have no origin yet: all yours where the base has no such file; where it has one
    /// and the persona is no longer live, what it said already is drift, as someone deleted the persona.
    pub fn attribute(&mut self, base: Option<&Desired>) {
        let said = |change: &Change| {
            base.and_then(|base| change.path.resolve(base.document.reveal()).ok())
                .zip(change.after.as_ref())
                .is_some_and(|(before, after)| same(before, after))
        };
        for planned in &mut self.findings.changes {
            let origin = if said(&planned.change) { Origin::Drift } else { Origin::Yours };
            planned.change.origin.get_or_insert(origin);
        }
    }

    /// The beginning of a plan for the persona of a file.
    #[must_use]
    pub fn of(desired: &Desired, action: Action) -> Self {
        let mut plan =
            PersonaPlan::idle(desired.name.clone(), desired.id.clone(), Some(desired.file.clone()), action);
        plan.pinned = desired.id.is_some();
        plan.missing = desired.unset.values().cloned().collect();
        plan.missing.sort();
        plan.missing.dedup();
        plan.secrets = desired.secrets();
        plan
    }

    /// Whether one of the requests writes the value at this path, by itself or with what is around it.
    #[must_use]
    pub fn sends(&self, path: &jsonptr::Pointer) -> bool {
        let operations = self.requests.iter().flat_map(|request| &request.patch.reveal().0);
        let mut writes =
            operations.filter(|operation| !matches!(operation, json_patch::PatchOperation::Test(_)));
        writes.any(|operation| path.starts_with(operation.path()))
    }

    /// A plan that does nothing to a persona.
    #[must_use]
    pub fn idle(name: Option<String>, id: Option<String>, file: Option<Arc<str>>, action: Action) -> Self {
        PersonaPlan {
            name,
            id,
            file,
            pinned: false,
            action,
            findings: Findings::default(),
            requests: Vec::new(),
            creation: None,
            missing: Vec::new(),
            secrets: SecretPaths::default(),
            updated_at: None,
        }
    }
}
