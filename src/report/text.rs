//! `plan` and `drift` as text for people: a heading for each persona, a line for each change, prose as a word diff.

use super::escape;
use super::view::{self, Shown, brief, plural, shown};
use super::words::{Part, Run, RunKind, Words, compare_texts};
use crate::compare::{ChangeKind, Note, Origin};
use crate::persona::secret::SecretPaths;
use crate::plan::{Action, PersonaPlan, Plan, Planned};
use anstyle::{AnsiColor, Color, Effects, Style};
use std::io::{self, Write};

/// How text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Whether colours are written. Without them changed words stand in `[-…-]` and `{+…+}`.
    pub colour: bool,
    /// Columns of the terminal, or a fixed number where there is none.
    pub width: usize,
    /// Lists what is otherwise only counted.
    pub verbose: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { colour: false, width: 100, verbose: false }
    }
}

/// What the reader looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// What a run would do.
    Plan,
    /// What the live side has that the files do not say.
    Drift,
}

const GREEN: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Green)));
const RED: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Red)));
const YELLOW: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Yellow)));
const CYAN: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Cyan)));
const BOLD: Style = Style::new().effects(Effects::BOLD);
const DIM: Style = Style::new().effects(Effects::DIMMED);

/// Writes the whole plan.
pub fn write(plan: &Plan, mood: Mood, layout: Layout, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page { layout, out };
    for persona in &plan.personas {
        page.persona(persona, mood)?;
    }
    for remark in &plan.remarks {
        writeln!(page.out, "note: {}", escape::inline(remark))?;
    }
    if !plan.personas.is_empty() || !plan.remarks.is_empty() {
        writeln!(page.out)?;
    }
    writeln!(page.out, "{}", closing_line(plan, mood))
}

/// The last line: the counts.
#[must_use]
pub fn closing_line(plan: &Plan, mood: Mood) -> String {
    let sum = plan.summary();
    let mut counts = match mood {
        Mood::Plan => vec![
            format!("{} to create", sum.create),
            format!("{} to update", sum.update),
            format!("{} to delete", sum.delete),
            format!("{} in sync", sum.in_sync),
        ],
        Mood::Drift => vec![
            format!("{} drifted", sum.update),
            format!("{} missing", sum.create),
            format!("{} in sync", sum.in_sync),
        ],
    };
    if mood == Mood::Plan && sum.delete == 0 {
        counts.retain(|count| !count.ends_with("to delete"));
    }
    for (number, what) in [(sum.unmanaged, "unmanaged"), (sum.refused, "refused"), (sum.failed, "failed")] {
        if number > 0 {
            counts.push(format!("{number} {what}"));
        }
    }
    let mut line = format!("{}: {}", if mood == Mood::Plan { "Plan" } else { "Drift" }, counts.join(", "));
    if plan.base.is_some() {
        line.push_str(&format!(
            "; changes: {} yours, {} drift, {} conflict",
            sum.yours, sum.drift, sum.conflict
        ));
    }
    if sum.not_verifiable > 0 {
        line.push_str(&format!("; {} not verifiable", plural(sum.not_verifiable, "value")));
    }
    line
}

struct Page<'a, W: Write> {
    layout: Layout,
    out: &'a mut W,
}

impl<W: Write> Page<'_, W> {
    fn paint(&self, style: Style, text: &str) -> String {
        if self.layout.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn persona(&mut self, persona: &PersonaPlan, mood: Mood) -> io::Result<()> {
        if persona.action == Action::Unmanaged && mood == Mood::Drift && !self.layout.verbose {
            return Ok(());
        }
        self.heading(persona, mood)?;
        if let Action::Refused(refusal) | Action::Failed(refusal) = &persona.action {
            writeln!(self.out, "    error[{}]: {}", refusal.code, escape::inline(&refusal.message))?;
            if let Some(hint) = &refusal.hint {
                writeln!(self.out, "    hint: {}", escape::inline(hint))?;
            }
        }
        if persona.action == Action::Create && mood == Mood::Drift {
            return Ok(());
        }
        for planned in &persona.findings.changes {
            self.change(planned, &persona.secrets, mood)?;
        }
        self.asides(persona, mood)
    }

    fn heading(&mut self, persona: &PersonaPlan, mood: Mood) -> io::Result<()> {
        let (sign, word, style) = match (&persona.action, mood) {
            (Action::Create, Mood::Plan) => ("+", "create", GREEN),
            (Action::Create, Mood::Drift) => ("-", "missing", RED),
            (Action::Update, Mood::Plan) => ("~", "update", YELLOW),
            (Action::Update, Mood::Drift) => ("~", "drifted", YELLOW),
            (Action::InSync, _) => ("=", "in sync", DIM),
            (Action::Delete, _) => ("-", "delete", RED),
            (Action::Unmanaged, _) => ("?", "unmanaged", DIM),
            (Action::Refused(_), _) => ("!", "refused", RED),
            (Action::Failed(_), _) => ("!", "failed", RED),
        };
        let label = self.paint(BOLD, &escape::inline(persona.label()));
        let mut origin: Vec<String> = Vec::new();
        if let (Some(id), true) = (&persona.id, persona.label() != persona.id.as_deref().unwrap_or_default())
        {
            origin.push(escape::inline(id).into_owned());
        }
        if let Some(file) = &persona.file {
            origin.push(escape::inline(file).into_owned());
        }
        if let (Some(at), Mood::Drift, Action::Update) = (&persona.updated_at, mood, &persona.action) {
            origin.push(format!("live changed {}", escape::inline(at)));
        }
        let sign = self.paint(style, sign);
        let word = self.paint(style, word);
        if origin.is_empty() {
            writeln!(self.out, "{sign} {word} {label}")
        } else {
            let origin = self.paint(DIM, &format!("({})", origin.join(", ")));
            writeln!(self.out, "{sign} {word} {label} {origin}")
        }
    }

    fn change(&mut self, planned: &Planned, secrets: &SecretPaths, mood: Mood) -> io::Result<()> {
        let change = &planned.change;
        let shown = shown(change, secrets);
        let style = match change.kind {
            ChangeKind::Add => GREEN,
            ChangeKind::Remove => RED,
            ChangeKind::Replace => YELLOW,
            ChangeKind::Move { .. } => CYAN,
        };
        let sign = self.paint(style, &view::sign(&change.kind).to_string());
        let pointer = escape::inline(change.path.as_str()).into_owned();
        let place = view::place(change);
        let mut line = format!("    {sign} {place}");
        let prose = !change.secret && change.kind == ChangeKind::Replace && view::is_prose(&shown);
        if !prose {
            line.push_str(&self.values(&change.kind, change.secret, &shown, mood));
        }
        let mut tail: Vec<String> = Vec::new();
        if let Some(origin) = change.origin {
            tail.push(
                match origin {
                    Origin::Yours => "yours",
                    Origin::Drift => "drift: takes back a change made on the live side",
                    Origin::Conflict => "conflict: changed on both sides",
                }
                .to_owned(),
            );
        }
        if place != pointer {
            tail.push(pointer);
        }
        if let Some(location) = &planned.location {
            tail.push(view::location(location));
        }
        if !tail.is_empty() {
            line.push_str("  ");
            line.push_str(&self.paint(DIM, &format!("[{}]", tail.join(", "))));
        }
        writeln!(self.out, "{line}")?;
        if prose && let (Some(before), Some(after)) = (&shown.before, &shown.after) {
            let texts = (before.as_str().unwrap_or_default(), after.as_str().unwrap_or_default());
            // Drift is told from the live side: what live has now is what came.
            let (before, after) = if mood == Mood::Drift { (texts.1, texts.0) } else { texts };
            self.words(&compare_texts(before, after))?;
        }
        Ok(())
    }

    /// What follows the place on a change's line.
    fn values(&self, kind: &ChangeKind, secret: bool, shown: &Shown, mood: Mood) -> String {
        // Two values share a line; the place and the location take their part of it.
        let most = (self.layout.width / 3).clamp(24, 80);
        let none = || "nothing".to_owned();
        let before = shown.before.as_ref().map(|value| brief(value, most));
        let after = shown.after.as_ref().map(|value| brief(value, most));
        match (kind, mood) {
            (ChangeKind::Move { from }, _) => {
                format!(" moves here from {}", escape::inline(from.as_str()))
            }
            (_, _) if secret && shown.before.is_some() && shown.after.is_some() => {
                " changed (secret)".to_owned()
            }
            (ChangeKind::Add, Mood::Plan) => format!(" {}", after.unwrap_or_else(none)),
            (ChangeKind::Remove, Mood::Plan) => format!(" was {}", before.unwrap_or_else(none)),
            (ChangeKind::Replace, Mood::Plan) => {
                format!(" {} -> {}", before.unwrap_or_else(none), after.unwrap_or_else(none))
            }
            (_, Mood::Drift) => {
                format!(" is {}; the file says {}", before.unwrap_or_else(none), after.unwrap_or_else(none))
            }
        }
    }

    /// The word diff, behind a bar: a line of the text can't be taken for a sign of ours.
    fn words(&mut self, words: &Words) -> io::Result<()> {
        if words.white_space_only {
            writeln!(self.out, "        only white space differs (· space, → tab, ¶ line end)")?;
        }
        for part in &words.parts {
            match part {
                Part::Folded { lines, paragraphs } => {
                    let what = if *paragraphs > 0 {
                        plural(*paragraphs, "paragraph")
                    } else {
                        plural(*lines, "line")
                    };
                    let line = self.paint(DIM, &format!("… {what} unchanged"));
                    writeln!(self.out, "        {line}")?;
                }
                Part::Shown(runs) => self.runs(runs, words.white_space_only)?,
            }
        }
        Ok(())
    }

    fn runs(&mut self, runs: &[Run], visible: bool) -> io::Result<()> {
        let mut line = String::new();
        let mut lines = Vec::new();
        for run in runs {
            let (open, close, style) = match run.kind {
                RunKind::Removed => ("[-", "-]", Some(RED.effects(Effects::STRIKETHROUGH))),
                RunKind::Added => ("{+", "+}", Some(GREEN)),
                RunKind::Same => ("", "", None),
                RunKind::Elided => ("…", "", Some(DIM)),
            };
            let text =
                if visible && style.is_some() { show_white_space(&run.text) } else { run.text.clone() };
            // A mark never spans lines: each line of the output is complete in itself.
            for (index, piece) in text.split('\n').enumerate() {
                if index > 0 {
                    lines.push(std::mem::take(&mut line));
                }
                if piece.is_empty() && run.kind != RunKind::Elided {
                    continue;
                }
                let piece = escape::block(piece);
                match style {
                    Some(style) if self.layout.colour && run.kind != RunKind::Elided => {
                        line.push_str(&self.paint(style, &piece));
                    }
                    _ => line.push_str(&format!("{open}{piece}{close}")),
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        for line in lines {
            writeln!(self.out, "        | {line}")?;
        }
        Ok(())
    }

    fn asides(&mut self, persona: &PersonaPlan, mood: Mood) -> io::Result<()> {
        let findings = &persona.findings;
        let (sent, left): (Vec<_>, Vec<_>) =
            findings.opaque.iter().map(|opaque| &opaque.path).partition(|path| persona.sends(path));
        let sent_words = if mood == Mood::Drift { "" } else { ", will be sent" };
        let left_words = if mood == Mood::Drift { "" } else { ", left out" };
        for (paths, words) in [(sent, sent_words), (left, left_words)] {
            if !paths.is_empty() {
                let paths: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
                let line = format!("not verifiable{words}: {}", escape::inline(&paths.join(", ")));
                let line = self.paint(DIM, &line);
                writeln!(self.out, "    {line}")?;
            }
        }
        if !persona.missing.is_empty() {
            let names: Vec<&str> = persona.missing.iter().map(String::as_str).collect();
            writeln!(self.out, "    apply needs these variables, which are not set: {}", names.join(", "))?;
        }
        for note in &findings.notes {
            match note {
                Note::NothingToRemove(path) => writeln!(
                    self.out,
                    "    {} is null in the file and not shown by the API: nothing can be compared or removed",
                    escape::inline(path.as_str())
                )?,
            }
        }
        if !findings.unlisted.is_empty() {
            let (verb, noun) = if findings.unlisted.len() == 1 { ("is", "value") } else { ("are", "values") };
            let line = format!("{} live {noun} {verb} not in the file", findings.unlisted.len());
            let line = self.paint(DIM, &line);
            writeln!(self.out, "    {line}")?;
            if self.layout.verbose {
                for unlisted in &findings.unlisted {
                    let default = if unlisted.is_default { " (the default)" } else { "" };
                    writeln!(self.out, "        {}{default}", escape::inline(unlisted.path.as_str()))?;
                }
            }
        }
        Ok(())
    }
}

fn show_white_space(text: &str) -> String {
    text.replace(' ', "·").replace('\t', "→").replace('\n', "¶\n")
}
