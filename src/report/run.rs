//! `apply --report`: how a run ended, as JSON. Values in it are masked already.

use crate::exit_code::Exit;
use crate::plan::{Ended, Outcome, Refusal};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version of the layout. It rises when a member changes its meaning or goes; new members may come at any time.
pub const FORMAT_VERSION: u64 = 1;

/// What is said of a run as a whole.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The environment, if one was chosen.
    pub environment: Option<String>,
    /// Where the requests went.
    pub endpoint: String,
    /// Whether the run is over; false in the report that is written before the first request.
    pub ended: bool,
    /// The signal that interrupted it.
    pub interrupted: Option<&'static str>,
    /// The exit code, once it is over.
    pub exit: Option<Exit>,
}

/// The report.
#[must_use]
pub fn document(run: &Run, outcomes: &[Outcome]) -> Value {
    let mut summary: BTreeMap<String, u64> = BTreeMap::new();
    for outcome in outcomes {
        *summary.entry(key(outcome.ended.word())).or_default() += 1;
    }
    json!({
        "format_version": FORMAT_VERSION,
        "environment": run.environment,
        "endpoint": run.endpoint,
        "ended": run.ended,
        "interrupted": run.interrupted,
        "exit_code": run.exit.map(Exit::code),
        "summary": summary,
        "personas": outcomes.iter().map(persona).collect::<Vec<_>>(),
    })
}

/// The word of an end as a member's name or value.
fn key(word: &str) -> String {
    word.replace([' ', '-'], "_")
}

fn persona(outcome: &Outcome) -> Value {
    let mut row = json!({
        "name": outcome.label,
        "persona_id": outcome.id,
        "file": outcome.file.as_deref(),
        "action": outcome.action,
        "outcome": key(outcome.ended.word()),
        "warnings": outcome.warnings,
    });
    match &outcome.ended {
        Ended::Failed(refusal) | Ended::Refused(refusal) => row["error"] = error(refusal),
        Ended::NotTried(reason) => row["because"] = reason.as_str().into(),
        Ended::Differs(differences) => {
            let one = |difference: &crate::plan::Difference| json!({"path": difference.path, "sent": difference.sent, "got": difference.got, "hint": difference.hint});
            row["differences"] = differences.iter().map(one).collect();
        }
        Ended::Done | Ended::InSync | Ended::Resent => {}
    }
    row
}

fn error(refusal: &Refusal) -> Value {
    json!({"code": refusal.code, "message": refusal.message, "hint": refusal.hint})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_how_each_persona_ended() {
        let outcome = |label: &str, ended: Ended| Outcome {
            label: label.to_owned(),
            id: Some("p1".to_owned()),
            file: Some("personas/a.yaml".into()),
            action: "update",
            ended,
            warnings: Vec::new(),
        };
        let refusal = Refusal { code: "live-moved", message: "someone was there".to_owned(), hint: None };
        let outcomes = [
            outcome("Ada", Ended::Done),
            outcome("Bob", Ended::Refused(refusal)),
            outcome("Eve", Ended::NotTried("interrupted".to_owned())),
        ];
        let run =
            Run { ended: true, interrupted: Some("SIGINT"), exit: Some(Exit::Interrupted), ..Run::default() };
        let report = document(&run, &outcomes);
        assert_eq!(report["summary"], json!({"done": 1, "refused": 1, "not_tried": 1}));
        assert_eq!(report["exit_code"], 130);
        assert_eq!(report["personas"][1]["error"]["code"], "live-moved");
        assert_eq!(report["personas"][2]["because"], "interrupted");
        assert_eq!(report["personas"][0]["outcome"], "done");
    }
}
