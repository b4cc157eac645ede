//! The plan: for every persona what would be done and why, and the requests that do it.
//!
//! Owns matching files to live personas (`matching`), turning a comparison into verified requests (`build`) and
//! the counts (`summary`). Pure: the live documents are handed in, the plan is handed out.

mod build;
mod digest;
mod guards;
mod matching;
mod offline;
mod outcome;
mod persona;
mod saved;
mod summary;
mod three_way;

pub use build::{Options, SendOpaque, creation_body, plan_creation, plan_update};
pub use digest::{digest, digest_of};
pub use guards::Guards;
pub use matching::{Account, Entry, Match, Matching, match_personas};
pub use offline::plan_against_base;
pub use outcome::{Difference, Ended, Outcome, exit_of};
pub use persona::{Action, Findings, PersonaPlan, Planned, Purpose, Refusal, Request};
pub use saved::{SAVED_VERSION, SavedError, SavedOptions, SavedPersona, SavedPlan, desired_digest};
pub use summary::Summary;
pub use three_way::{Pairs, pair, removals};

use crate::persona::Pattern;

/// Everything that one run would do.
#[derive(Default)]
pub struct Plan {
    /// The environment that the files were resolved for.
    pub environment: Option<String>,
    /// Where the live side was read.
    pub endpoint: String,
    /// The Git revision that changes were told apart by.
    pub base: Option<String>,
    /// Personas of files in the order of the files, then live personas without a file in the order of the account.
    pub personas: Vec<PersonaPlan>,
    /// Whole-run remarks: an incomplete listing, an ignore rule that matches nothing.
    pub remarks: Vec<String>,
}

impl Plan {
    /// The counts.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.personas)
    }

    /// Remarks on ignore rules that matched no persona of the run.
    pub fn remark_on_idle_rules(&mut self, idle: impl IntoIterator<Item = Pattern>) {
        for pattern in idle {
            self.remarks
                .push(format!("the ignore rule `{pattern}` matches nothing: remove it, or mend its path"));
        }
    }
}
