//! `--format github`: annotations for the log, step outputs, and the step's summary.
//!
//! Owns the workflow-command syntax and its escaping. Which file the outputs go to is the command line's concern.

use super::escape;
use super::markdown::{self, MarkdownOptions};
use super::view::{self, Body};
use super::wording::{self, Mood};
use crate::compare::Origin;
use crate::plan::{Action, PersonaPlan, Plan, Planned};
use std::io::{self, Write};

/// GitHub shows ten annotations of each level from one step and drops the rest without a word.
const SHOWN: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        }
    }
}

struct Annotation {
    level: Level,
    file: Option<String>,
    at: Option<(usize, usize)>,
    title: String,
    message: String,
}

/// Writes one workflow command for each thing worth a look: errors first, then what undoes someone else's change.
///
/// `prefix` leads from the workspace to the root of the project.
pub fn annotations(plan: &Plan, mood: Mood, prefix: &str, out: &mut impl Write) -> io::Result<()> {
    let mut all: Vec<Annotation> = plan.personas.iter().flat_map(|persona| annotate(persona, mood)).collect();
    all.extend(plan.remarks.iter().map(|remark| Annotation {
        level: Level::Notice,
        file: None,
        at: None,
        title: "personactl".to_owned(),
        message: remark.clone(),
    }));
    all.sort_by_key(|annotation| annotation.level);
    for level in [Level::Error, Level::Warning, Level::Notice] {
        let of_level: Vec<&Annotation> = all.iter().filter(|annotation| annotation.level == level).collect();
        let shown = if of_level.len() > SHOWN { SHOWN - 1 } else { of_level.len() };
        for annotation in &of_level[..shown] {
            write(annotation, prefix, out)?;
        }
        if of_level.len() > shown {
            let message =
                format!("{} more like these: the summary of this run has them", of_level.len() - shown);
            let title = "personactl".to_owned();
            write(&Annotation { level, file: None, at: None, title, message }, prefix, out)?;
        }
    }
    Ok(())
}

/// Writes the one annotation of a run that came to nothing.
pub fn failure(code: &str, message: &str, hint: Option<&str>, out: &mut impl Write) -> io::Result<()> {
    let hint = hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    let annotation = Annotation {
        level: Level::Error,
        file: None,
        at: None,
        title: format!("personactl: {code}"),
        message: format!("{message}{hint}"),
    };
    write(&annotation, "", out)
}

fn annotate(persona: &PersonaPlan, mood: Mood) -> Vec<Annotation> {
    let label = view::label(persona);
    let file = persona.file.as_deref().map(str::to_owned);
    let word = wording::action(&persona.action, mood);
    let whole = |level, message: String| {
        let title = format!("{word} {label}");
        vec![Annotation { level, file: file.clone(), at: file.is_some().then_some((1, 1)), title, message }]
    };
    match &persona.action {
        Action::InSync | Action::Unmanaged => Vec::new(),
        Action::Refused(refusal) | Action::Failed(refusal) => {
            let hint = refusal.hint.as_deref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
            let mut all = whole(Level::Error, format!("{} [{}]{hint}", refusal.message, refusal.code));
            all.extend(of_changes(persona, &label, mood, true));
            all
        }
        Action::Delete => whole(Level::Warning, "this persona would be deleted".to_owned()),
        Action::Create if mood == Mood::Drift => {
            whole(Level::Warning, "there is no such live persona".to_owned())
        }
        Action::Create if persona.findings.changes.iter().any(is_drift) => {
            let message = "this persona would be created again: someone deleted it on the live side";
            whole(Level::Warning, message.to_owned())
        }
        Action::Create => whole(Level::Notice, "this persona would be created".to_owned()),
        Action::Update => of_changes(persona, &label, mood, false),
    }
}

fn is_drift(planned: &Planned) -> bool {
    planned.change.origin == Some(Origin::Drift)
}

/// Changes that are at a line of a file. Of a refused persona only those that explain it.
fn of_changes(persona: &PersonaPlan, label: &str, mood: Mood, refused: bool) -> Vec<Annotation> {
    let mut all = Vec::new();
    for planned in &persona.findings.changes {
        let origin = planned.change.origin;
        if refused && origin != Some(Origin::Conflict) {
            continue;
        }
        let row = view::row(planned, persona, mood, 60);
        let what = match &row.body {
            Body::Line(line) => line.clone(),
            Body::Words { before, after } => {
                let (removed, added) = super::words::compare_texts(before, after).sizes();
                format!("text: {removed} words removed, {added} added")
            }
        };
        let whose = row.origin_text.map(|text| format!("\n{text}")).unwrap_or_default();
        let level = match (origin, mood) {
            (Some(Origin::Conflict), _) if refused => Level::Error,
            (Some(Origin::Drift | Origin::Conflict), _) | (_, Mood::Drift) => Level::Warning,
            _ => Level::Notice,
        };
        let place = planned.location.as_ref();
        all.push(Annotation {
            level,
            file: place
                .map(|place| place.file.to_string())
                .or_else(|| persona.file.as_deref().map(str::to_owned)),
            at: place.map(|place| (place.line, place.column)),
            title: format!("{label}: {}", row.place),
            message: format!("{} {}: {what}{whose}", row.sign, row.place),
        });
    }
    all
}

fn write(annotation: &Annotation, prefix: &str, out: &mut impl Write) -> io::Result<()> {
    let mut properties = Vec::new();
    if let Some(file) = &annotation.file {
        properties.push(format!("file={}", property(&format!("{prefix}{file}"))));
        if let Some((line, column)) = annotation.at {
            properties.push(format!("line={line},col={column}"));
        }
    }
    properties.push(format!("title={}", property(&annotation.title)));
    writeln!(out, "::{} {}::{}", annotation.level.word(), properties.join(","), data(&annotation.message))
}

/// What follows `::`: newlines stay newlines for the reader, all else that harms is made visible.
pub(super) fn data(text: &str) -> String {
    escape::block(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value.
pub(super) fn property(text: &str) -> String {
    let text = escape::inline(text);
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace(':', "%3A").replace(',', "%2C")
}

/// How a run would end, in a word for scripts.
#[must_use]
pub fn verdict(plan: &Plan, mood: Mood) -> &'static str {
    let sum = plan.summary();
    if sum.failed > 0 {
        "failed"
    } else if sum.refused > 0 {
        "refused"
    } else if !sum.has_changes() {
        "in_sync"
    } else if mood == Mood::Drift {
        "drift"
    } else {
        "changes"
    }
}

/// Writes the step outputs as `name=value` lines, for the file that GITHUB_OUTPUT names. All but the verdict are
/// numbers of personas: that would be written, that someone changed on the live side, created, deleted.
pub fn outputs(plan: &Plan, mood: Mood, out: &mut impl Write) -> io::Result<()> {
    let sum = plan.summary();
    let drifted = plan
        .personas
        .iter()
        .filter(|persona| match mood {
            Mood::Drift => matches!(persona.action, Action::Update | Action::Create),
            Mood::Plan => persona
                .findings
                .changes
                .iter()
                .any(|planned| matches!(planned.change.origin, Some(Origin::Drift | Origin::Conflict))),
        })
        .count();
    writeln!(out, "changes={}", sum.create + sum.update + sum.delete)?;
    writeln!(out, "drift={drifted}")?;
    writeln!(out, "creates={}", sum.create)?;
    writeln!(out, "deletes={}", sum.delete)?;
    writeln!(out, "verdict={}", verdict(plan, mood))
}

/// Writes the step's summary, for the file that GITHUB_STEP_SUMMARY names.
pub fn summary(plan: &Plan, mood: Mood, out: &mut impl Write) -> io::Result<()> {
    let options = MarkdownOptions { mood, limit: markdown::SUMMARY_LIMIT, marker: false, full_at: None };
    markdown::write(plan, &options, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_begin_a_command_or_a_property_of_its_own() {
        assert_eq!(data("100%\n::error::x\u{1b}"), "100%25%0A::error::x\\u{1b}");
        assert_eq!(property("a,line=9::x\n"), "a%2Cline=9%3A%3Ax\\n");
    }
}
