//! How each persona ended, and what that makes of the whole run.

use super::Refusal;
use crate::exit_code::Exit;
use serde_json::Value;
use std::sync::Arc;

/// One persona at the end of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What messages call it.
    pub label: String,
    /// `persona_id`, where it has one by now.
    pub id: Option<String>,
    /// Its file.
    pub file: Option<Arc<str>>,
    /// What was to be done, in the plan's word.
    pub action: &'static str,
    /// How it ended.
    pub ended: Ended,
    /// What does not make it a failure, but must be said.
    pub warnings: Vec<String>,
}

/// How a persona ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// Written, and read back as the file says.
    Done,
    /// Nothing had to be written: it was as the file says, or 304 said so.
    InSync,
    /// Values that cannot be compared were sent, and the API took them as a change.
    Resent,
    /// Written, but the API shows something else.
    Differs(Vec<Difference>),
    /// The API or the network said no.
    Failed(Refusal),
    /// Left alone because writing would not have been safe.
    Refused(Refusal),
    /// The run stopped before its turn.
    NotTried(String),
}

/// A value that the server did not keep as sent. Values are masked already.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where, as a pointer.
    pub path: String,
    /// What was sent; none: removed.
    pub sent: Option<Value>,
    /// What the API shows; none: nothing.
    pub got: Option<Value>,
    /// What to write instead, or the rule that settles it.
    pub hint: String,
}

impl Ended {
    /// The word for text and JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Ended::Done => "done",
            Ended::InSync => "in sync",
            Ended::Resent => "re-sent",
            Ended::Differs(_) => "differs",
            Ended::Failed(_) => "failed",
            Ended::Refused(_) => "refused",
            Ended::NotTried(_) => "not tried",
        }
    }

    /// Whether a write landed.
    #[must_use]
    pub fn landed(&self) -> bool {
        matches!(self, Ended::Done | Ended::Resent | Ended::Differs(_))
    }

    /// Whether it is as the file says, as far as can be seen.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self, Ended::Done | Ended::Resent | Ended::InSync)
    }
}

/// The exit code of a run that ended like this.
#[must_use]
pub fn exit_of(outcomes: &[Outcome]) -> Exit {
    let landed = outcomes.iter().any(|outcome| outcome.ended.landed());
    let good = outcomes.iter().all(|outcome| outcome.ended.is_good());
    match (good, landed) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Partial,
        (false, false) => Exit::Failed,
    }
}
