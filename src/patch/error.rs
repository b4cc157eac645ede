//! Why no patch could be made.

use jsonptr::PointerBuf;

/// Why [`super::diff`] refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiffError {
    /// A document is nested too deep.
    #[error("{document} is nested more than {limit} levels deep")]
    TooDeep {
        /// `live` or `target`.
        document: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Target cannot be reached without writing at or above a protected place.
    #[error("`{pointer}` is protected, and the target cannot be reached without writing at or above it")]
    Protected {
        /// The protected place in live.
        pointer: PointerBuf,
    },
    /// The places given for protected values contradict each other or the documents.
    #[error("the protected place `{pointer}` cannot survive: {reason}")]
    Place {
        /// The protected place in live.
        pointer: PointerBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// A document is larger than the engine counts.
    #[error("{document} is too large to be compared")]
    TooLarge {
        /// `live` or `target`.
        document: &'static str,
    },
    /// The machine refused what the engine needs.
    #[error("out of resources: {reason}")]
    Resources {
        /// What was refused.
        reason: &'static str,
    },
}

impl DiffError {
    /// A stable code for the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DiffError::TooDeep { .. } => "patch-too-deep",
            DiffError::Protected { .. } => "patch-protected",
            DiffError::Place { .. } => "patch-protected-place",
            DiffError::TooLarge { .. } => "patch-too-large",
            DiffError::Resources { .. } => "patch-resources",
        }
    }
}
