//! The sentences that all outputs share: what is done to a persona, whose a change is, who is undone by what.
//!
//! Owns wording only. Which changes there are and whose they are is decided in `plan`.

use super::brief::{count, plural};
use super::escape;
use crate::compare::{Note, Origin};
use crate::plan::{Action, PersonaPlan, Plan, Summary};

/// What the reader looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    /// What a run would do.
    #[default]
    Plan,
    /// What the live side has that the files do not say.
    Drift,
}

impl Mood {
    /// The command.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Mood::Plan => "plan",
            Mood::Drift => "drift",
        }
    }
}

/// The values that cannot be compared: what becomes of them, and their paths.
#[must_use]
pub fn not_verifiable(persona: &PersonaPlan, mood: Mood) -> Vec<(&'static str, Vec<&str>)> {
    let (sent, left): (Vec<_>, Vec<_>) =
        persona.findings.opaque.iter().map(|opaque| &opaque.path).partition(|path| persona.sends(path));
    let words = match mood {
        Mood::Plan => ["not verifiable, will be sent", "not verifiable, left out"],
        Mood::Drift => ["not verifiable"; 2],
    };
    let told = words.into_iter().zip([sent, left]);
    told.filter(|(_, paths)| !paths.is_empty())
        .map(|(words, paths)| (words, paths.iter().map(|path| path.as_str()).collect()))
        .collect()
}

/// What is done to a persona, in a word or two.
#[must_use]
pub fn action(action: &Action, mood: Mood) -> &'static str {
    match (action, mood) {
        (Action::Create, Mood::Plan) => "create",
        (Action::Create, Mood::Drift) => "missing",
        (Action::Update, Mood::Plan) => "update",
        (Action::Update, Mood::Drift) => "drifted",
        (Action::InSync, _) => "in sync",
        (Action::Delete, _) => "delete",
        (Action::Unmanaged, _) => "unmanaged",
        (Action::Refused(_), _) => "refused",
        (Action::Failed(_), _) => "failed",
    }
}

/// Whose change it is and who is undone by it.
#[must_use]
pub fn origin(origin: Origin, action: &Action, mood: Mood) -> &'static str {
    match (origin, mood) {
        (Origin::Yours, Mood::Plan) => "yours",
        (Origin::Drift, Mood::Plan) => "drift: undoes a change made on the live side",
        (Origin::Conflict, Mood::Plan) if matches!(action, Action::Refused(_)) => {
            "conflict: the file and the live side both changed it"
        }
        (Origin::Conflict, Mood::Plan) => "conflict: overwrites a change made on the live side",
        (Origin::Yours, Mood::Drift) => "yours: changed in the file, not applied yet",
        (Origin::Drift, Mood::Drift) => "drift: changed on the live side",
        (Origin::Conflict, Mood::Drift) => "conflict: changed on both sides",
    }
}

/// What a word diff leads from and to, where that is not what a reader expects.
#[must_use]
pub fn direction(mood: Mood) -> Option<&'static str> {
    match mood {
        Mood::Plan => None,
        Mood::Drift => Some("from the text in the file to the live one"),
    }
}

/// Whether the changes of a persona are told: not of one that is simply not there.
#[must_use]
pub fn tells_changes(persona: &PersonaPlan, mood: Mood) -> bool {
    persona.action != Action::Create || mood == Mood::Plan
}

/// What each origin means, for a legend.
pub const ORIGINS: [(Origin, &str); 3] = [
    (Origin::Yours, "changed in the files; the live persona is as it was before"),
    (Origin::Drift, "changed on the live side; applying the files undoes that change"),
    (Origin::Conflict, "changed on both sides; applying the files overwrites the live side's change"),
];

/// The counts that are not nought, in the order of their weight: number and word.
#[must_use]
pub fn tally(sum: &Summary, mood: Mood) -> Vec<(usize, &'static str)> {
    let rows = match mood {
        Mood::Plan => vec![
            (sum.create, "to create"),
            (sum.update, "to update"),
            (sum.delete, "to delete"),
            (sum.in_sync, "in sync"),
            (sum.unmanaged, "unmanaged"),
            (sum.refused, "refused"),
            (sum.failed, "failed"),
        ],
        Mood::Drift => vec![
            (sum.update, "drifted"),
            (sum.create, "missing"),
            (sum.in_sync, "in sync"),
            (sum.unmanaged, "unmanaged"),
            (sum.refused, "refused"),
            (sum.failed, "failed"),
        ],
    };
    // What a reader looks for is said even where it is nought.
    rows.into_iter()
        .enumerate()
        .filter(|(index, (number, what))| *number > 0 || *index < 2 || *what == "in sync")
        .map(|(_, row)| row)
        .collect()
}

/// The counts in one line.
#[must_use]
pub fn closing_line(plan: &Plan, mood: Mood) -> String {
    let sum = plan.summary();
    let counts: Vec<String> =
        tally(&sum, mood).into_iter().map(|(number, what)| format!("{} {what}", count(number))).collect();
    let mut line = format!("{}: {}", if mood == Mood::Plan { "Plan" } else { "Drift" }, counts.join(", "));
    if plan.base.is_some() {
        line.push_str(&format!(
            "; changes: {} yours, {} drift, {} conflict",
            count(sum.yours),
            count(sum.drift),
            count(sum.conflict)
        ));
    }
    if sum.not_verifiable > 0 {
        line.push_str(&format!("; {} not verifiable", plural(sum.not_verifiable, "value")));
    }
    line
}

/// `3 changes`, or with a base `3 changes (2 yours, 1 drift)`.
#[must_use]
pub fn changes(persona: &PersonaPlan) -> String {
    let changes = &persona.findings.changes;
    let mut line = plural(changes.len(), "change");
    let of = |origin| changes.iter().filter(|planned| planned.change.origin == Some(origin)).count();
    let parts: Vec<String> = ORIGINS
        .iter()
        .map(|(origin, _)| (of(*origin), origin.word()))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    if !parts.is_empty() {
        line.push_str(&format!(" ({})", parts.join(", ")));
    }
    line
}

/// What to do about a persona that drifted; nothing where there is nothing to do.
#[must_use]
pub fn drift_advice(persona: &PersonaPlan) -> Vec<(String, &'static str)> {
    let argument = super::view::argument(persona);
    match persona.action {
        Action::Update => vec![
            (format!("personactl pull {argument}"), "takes the live values into the file"),
            (format!("personactl apply {argument}"), "makes live what the file says"),
        ],
        Action::Create => vec![(format!("personactl apply {argument}"), "creates it again")],
        _ => Vec::new(),
    }
}

/// Whether it matters when the live persona was last changed: someone other than us did it.
#[must_use]
pub fn tells_time(persona: &PersonaPlan, mood: Mood) -> bool {
    let changes = &persona.findings.changes;
    let theirs = |origin| matches!(origin, Some(Origin::Drift | Origin::Conflict));
    mood == Mood::Drift && persona.action == Action::Update
        || changes.iter().any(|planned| theirs(planned.change.origin))
}

/// A note as a sentence.
#[must_use]
pub fn note(note: &Note) -> String {
    match note {
        Note::NothingToRemove(path) => format!(
            "{} is to go, but the API does not show it: nothing can be compared or removed",
            escape::inline(path.as_str())
        ),
    }
}
