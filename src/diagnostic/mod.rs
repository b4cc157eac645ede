//! What is wrong with a file, where, and what to do about it.
//!
//! Owns the type that loading and validation report with. Knows nothing of terminals: `report` draws it.

pub mod codes;
pub mod suggest;

use crate::persona::Location;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// Probably not meant; the run goes on.
    Warning,
    /// The run stops before any request.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable, kebab-case, unique to the kind of finding.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment without a full stop; user values in backticks. Never a secret.
    pub message: String,
    /// Where. None for faults of no single place (an empty folder).
    pub location: Option<Location>,
    /// Further places, each with what it is (`first given here`).
    pub related: Vec<(Location, String)>,
    /// What to do next.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A finding without related places or hint.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        location: Option<Location>,
    ) -> Self {
        Diagnostic { code, severity, message: message.into(), location, related: Vec::new(), hint: None }
    }

    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>, location: Option<Location>) -> Self {
        Self::new(Severity::Error, code, message, location)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>, location: Option<Location>) -> Self {
        Self::new(Severity::Warning, code, message, location)
    }

    /// A note.
    pub fn note(code: &'static str, message: impl Into<String>, location: Option<Location>) -> Self {
        Self::new(Severity::Note, code, message, location)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, location: Location, what: impl Into<String>) -> Self {
        self.related.push((location, what.into()));
        self
    }
}
