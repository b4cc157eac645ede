//! One collapsible block for each persona: its changes, prose as a word diff.
//!
//! A block comes in several sizes, so that `fit` can choose: whole, with long diffs cut at a line, and one line for
//! each change.

use super::escape::{code, entities, inline};
use super::fit::{Block, Size};
use crate::plan::{Action, PersonaPlan, Plan};
use crate::report::brief::{count, cut, cut_list, folded, plural};
use crate::report::lines::{Shape, lay_out};
use crate::report::view::{self, Body, Row};
use crate::report::wording::{self, Mood};
use crate::report::words::{Part, RunKind, Words, compare_texts};
use std::fmt::Write as _;

/// Columns of a comment on GitHub, about.
const WIDTH: usize = 92;
/// Characters of a value.
const VALUE: usize = 60;
/// Bytes of one word diff in a block whose diffs are cut.
const CUT: usize = 4_000;
/// And where there is room for more.
const LONG: usize = 40_000;
/// Changes that the shortest form of a block names.
const FEW: usize = 12;

/// The block of one persona.
pub(super) fn block(persona: &PersonaPlan, mood: Mood, open: bool) -> Block {
    let open = if open { " open" } else { "" };
    let told: Vec<Told> = persona
        .findings
        .changes
        .iter()
        .map(|planned| {
            let row = view::row(planned, persona, mood, VALUE);
            let words = match &row.body {
                Body::Words { before, after } => Some(compare_texts(before, after)),
                Body::Line(_) => None,
            };
            Told { row, words }
        })
        .collect();
    let draw = |size| {
        let mut text = format!("<details{open}>\n<summary>{}</summary>\n\n", summary(persona, mood));
        text.push_str(&asides(persona, mood));
        // A persona that is gone is told in one sentence.
        if wording::tells_changes(persona, mood) {
            changes(&told, size, mood, &mut text);
        }
        text.push_str("</details>\n\n");
        text
    };
    Block {
        action: wording::action(&persona.action, mood),
        changes: if wording::tells_changes(persona, mood) { persona.findings.changes.len() } else { 0 },
        sizes: [draw(Size::Brief), draw(Size::Cut), draw(Size::Long), draw(Size::Whole)],
    }
}

/// Live personas that no file means.
pub(super) fn unmanaged(plan: &Plan, mood: Mood) -> Option<Block> {
    let personas: Vec<&PersonaPlan> =
        plan.personas.iter().filter(|persona| persona.action == Action::Unmanaged).collect();
    if personas.is_empty() || mood == Mood::Drift {
        return None;
    }
    let draw = |most: usize| {
        let mut text = format!(
            "<details>\n<summary>{} that no file describes</summary>\n\n<ul>\n",
            plural(personas.len(), "live persona")
        );
        for persona in personas.iter().take(most) {
            let id = persona.id.as_deref().map(|id| format!(" {}", code(&cut(id, 80)))).unwrap_or_default();
            let _ = writeln!(text, "<li>{}{id}</li>", code(&view::label(persona)));
        }
        if personas.len() > most {
            let _ = writeln!(text, "<li>and {} more</li>", count(personas.len() - most));
        }
        text.push_str("</ul>\n\n</details>\n\n");
        text
    };
    Some(Block {
        action: "unmanaged",
        changes: 0,
        sizes: [draw(FEW), draw(10 * FEW), draw(100 * FEW), draw(usize::MAX)],
    })
}

struct Told {
    row: Row,
    words: Option<Words>,
}

fn summary(persona: &PersonaPlan, mood: Mood) -> String {
    let mut parts =
        vec![format!("{} {}", wording::action(&persona.action, mood), code(&view::label(persona)))];
    if !persona.findings.changes.is_empty() && wording::tells_changes(persona, mood) {
        parts.push(wording::changes(persona));
    }
    if let Some(at) = persona.updated_at.as_deref().filter(|_| wording::tells_time(persona, mood)) {
        parts.push(format!("live changed {}", code(&cut(at, 40))));
    }
    parts.join(" · ")
}

/// Why it is left alone, what cannot be compared, what to do about drift.
fn asides(persona: &PersonaPlan, mood: Mood) -> String {
    let mut lines = Vec::new();
    if let Action::Refused(refusal) | Action::Failed(refusal) = &persona.action {
        lines.push(format!("{}: {}", code(refusal.code), code(&cut(&refusal.message, 1_000))));
        if let Some(hint) = &refusal.hint {
            lines.push(format!("hint: {}", code(&cut(hint, 1_000))));
        }
    }
    for (words, paths) in wording::not_verifiable(persona, mood) {
        lines.push(format!("{words}: {}", code(&cut_list(&paths, 400))));
    }
    for note in persona.findings.notes.iter().take(FEW) {
        lines.push(code(&cut(&wording::note(note), 400)));
    }
    if mood == Mood::Drift {
        for (command, what) in wording::drift_advice(persona) {
            lines.push(format!("{} {what}", code(&command)));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("<li>{line}</li>\n")).collect();
    format!("<ul>\n{items}</ul>\n\n")
}

/// Lines are gathered into lists; a word diff stands in a block of its own, since it may hold blank lines.
fn changes(told: &[Told], size: Size, mood: Mood, text: &mut String) {
    let mut items = String::new();
    let flush = |items: &mut String, text: &mut String| {
        if !items.is_empty() {
            let _ = write!(text, "<ul>\n{items}</ul>\n\n");
            items.clear();
        }
    };
    let most = if size == Size::Brief { FEW } else { usize::MAX };
    for Told { row, words } in told.iter().take(most) {
        let place = format!("{} {}", row.sign, code(&row.place));
        let tail = tail(row);
        match (words, &row.body) {
            (Some(words), _) if size == Size::Brief => {
                let (removed, added) = words.sizes();
                let _ = writeln!(
                    items,
                    "<li>{place} {} removed, {} added; left out here{tail}</li>",
                    plural(removed, "word"),
                    plural(added, "word")
                );
            }
            (Some(words), _) => {
                flush(&mut items, text);
                let direction = wording::direction(mood).map(|words| format!(" {words}")).unwrap_or_default();
                let _ = write!(text, "<p>{place}{}{tail}</p>\n\n", inline(&direction));
                diff(words, size, text);
            }
            (None, Body::Line(line)) => {
                let _ = writeln!(items, "<li>{place} {}{tail}</li>", code(line));
            }
            (None, Body::Words { .. }) => {}
        }
    }
    if told.len() > most {
        let _ = writeln!(items, "<li>and {} more changes, left out here</li>", count(told.len() - most));
    }
    flush(&mut items, text);
}

fn tail(row: &Row) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(row.origin_text.map(inline));
    if row.place != row.pointer {
        parts.push(code(&row.pointer));
    }
    parts.extend(row.location.as_deref().map(code));
    if parts.is_empty() { String::new() } else { format!("<br><sub>{}</sub>", parts.join(" · ")) }
}

/// The word diff: what goes struck through, what comes underlined.
fn diff(words: &Words, size: Size, text: &mut String) {
    if let Some(label) = words.label() {
        let _ = write!(text, "<p>{label}</p>\n\n");
    }
    let most = match size {
        Size::Cut => CUT,
        Size::Long => LONG,
        Size::Brief | Size::Whole => usize::MAX,
    };
    let shape = Shape { width: WIDTH, marks: 0, visible: words.white_space_only };
    let mut lines: Vec<String> = Vec::new();
    for part in &words.parts {
        match part {
            Part::Folded { lines: number, paragraphs, .. } => {
                lines.push(format!("… {} unchanged", folded(*number, *paragraphs)));
            }
            Part::Shown(runs) => lines.extend(lay_out(runs, shape).iter().map(drawn)),
        }
    }
    text.push_str("<pre>\n");
    let start = text.len();
    for (index, line) in lines.iter().enumerate() {
        if text.len() - start + line.len() > most {
            let _ = writeln!(text, "… {} of this text left out here", plural(lines.len() - index, "line"));
            break;
        }
        let _ = writeln!(text, "{line}");
    }
    text.push_str("</pre>\n\n");
}

fn drawn(line: &crate::report::lines::Line) -> String {
    let mut out = String::from(if line.continued { "|   " } else { "| " });
    for piece in &line.pieces {
        let text = entities(&piece.text);
        match piece.kind {
            RunKind::Same => out.push_str(&text),
            RunKind::Elided => out.push('…'),
            RunKind::Removed => {
                let _ = write!(out, "<del>{text}</del>");
            }
            RunKind::Added => {
                let _ = write!(out, "<ins>{text}</ins>");
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}
