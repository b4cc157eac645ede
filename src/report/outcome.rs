//! What a run of `apply` did: a line for each persona as it is settled, and a closing line.

use super::brief::{brief, plural};
use super::escape;
use crate::plan::{Ended, Outcome};
use std::io::{self, Write};

/// One persona's line, with what must be said about it below.
pub fn write_one(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let label = escape::inline(&outcome.label);
    let id = outcome.id.as_deref().map(|id| format!(" ({})", escape::inline(id))).unwrap_or_default();
    let word = match (&outcome.ended, outcome.action) {
        (Ended::Done, "create") => "created",
        (Ended::Done, "delete") => "deleted",
        (Ended::Done, _) => "updated",
        (ended, _) => ended.word(),
    };
    writeln!(out, "{word}: {label}{id}")?;
    match &outcome.ended {
        Ended::Differs(differences) => {
            for difference in differences {
                let value = |value: &Option<serde_json::Value>| {
                    value.as_ref().map_or_else(|| "nothing".to_owned(), |value| brief(value, 60))
                };
                writeln!(
                    out,
                    "    {}: the API stored {} for {}",
                    escape::inline(&difference.path),
                    value(&difference.got),
                    value(&difference.sent)
                )?;
                writeln!(out, "    hint: {}", escape::inline(&difference.hint))?;
            }
        }
        Ended::Failed(refusal) | Ended::Refused(refusal) => {
            writeln!(out, "    error[{}]: {}", refusal.code, escape::inline(&refusal.message))?;
            if let Some(file) = &outcome.file {
                writeln!(out, "    file: {}", escape::inline(file))?;
            }
            if let Some(hint) = &refusal.hint {
                writeln!(out, "    hint: {}", escape::inline(hint))?;
            }
        }
        Ended::NotTried(reason) => writeln!(out, "    because {}", escape::inline(reason))?,
        Ended::Done | Ended::InSync | Ended::Resent => {}
    }
    for warning in &outcome.warnings {
        writeln!(out, "    warning: {}", escape::inline(warning))?;
    }
    Ok(())
}

/// The last line: the counts.
#[must_use]
pub fn closing_line(outcomes: &[Outcome]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut count = |word: String| match counts.iter_mut().find(|(known, _)| *known == word) {
        Some((_, number)) => *number += 1,
        None => counts.push((word, 1)),
    };
    for outcome in outcomes {
        count(match (&outcome.ended, outcome.action) {
            (Ended::Done, "create") => "created".to_owned(),
            (Ended::Done, "delete") => "deleted".to_owned(),
            (Ended::Done, _) => "updated".to_owned(),
            (ended, _) => ended.word().to_owned(),
        });
    }
    let order =
        ["created", "updated", "deleted", "re-sent", "in sync", "differs", "failed", "refused", "not tried"];
    counts.sort_by_key(|(word, _)| order.iter().position(|known| known == word));
    let parts: Vec<String> = counts.iter().map(|(word, number)| format!("{number} {word}")).collect();
    let differs: usize = outcomes
        .iter()
        .map(|outcome| match &outcome.ended {
            Ended::Differs(differences) => differences.len(),
            _ => 0,
        })
        .sum();
    let mut line =
        format!("Apply: {}", if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") });
    if differs > 0 {
        line.push_str(&format!("; {} not kept by the API", plural(differs, "value")));
    }
    line
}
