//! `plan` and `drift` as text for people: a heading for each persona, a line for each change, prose as a word diff.
//!
//! Owns layout and colour for a terminal. Without colour there is no escape byte in the output, whatever the
//! files and the API hold.

mod words;

use super::brief::{columns, cut_list};
use super::escape;
use super::view::{self, Body, Row};
use super::wording;
use crate::plan::{Action, PersonaPlan, Plan};
use anstyle::{AnsiColor, Color, Effects, Style};
use std::io::{self, Write};

pub use super::wording::{Mood, closing_line};

/// How text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Whether colours are written. Without them changed words stand in `[-…-]` and `{+…+}`.
    pub colour: bool,
    /// Columns of the terminal, or a fixed number where there is none.
    pub width: usize,
    /// Lists what is otherwise only counted.
    pub verbose: bool,
    /// A person reads it on a terminal: the place of a change goes below where it does not fit. Otherwise every
    /// change is one line, for `grep`.
    pub terminal: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { colour: false, width: 100, verbose: false, terminal: false }
    }
}

impl Layout {
    /// For a terminal of so many columns: very narrow ones are not made worse, and prose is not set wider than
    /// one can read.
    #[must_use]
    pub fn of_terminal(columns: usize) -> Self {
        Layout { width: columns.clamp(60, 140), terminal: true, ..Layout::default() }
    }
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
        if wording::tells_changes(persona, mood) {
            // Two values share a line; the place and the location take their part of it.
            let most = (self.layout.width / 3).clamp(24, 80);
            for planned in &persona.findings.changes {
                self.change(&view::row(planned, persona, mood, most), mood)?;
            }
            self.asides(persona, mood)?;
        }
        if mood == Mood::Drift {
            for (command, what) in wording::drift_advice(persona) {
                writeln!(self.out, "    hint: `{command}` {what}")?;
            }
        }
        Ok(())
    }

    fn heading(&mut self, persona: &PersonaPlan, mood: Mood) -> io::Result<()> {
        let (sign, style) = match (&persona.action, mood) {
            (Action::Create, Mood::Plan) => ("+", GREEN),
            (Action::Create, Mood::Drift) | (Action::Delete, _) => ("-", RED),
            (Action::Update, _) => ("~", YELLOW),
            (Action::InSync, _) => ("=", DIM),
            (Action::Unmanaged, _) => ("?", DIM),
            (Action::Refused(_) | Action::Failed(_), _) => ("!", RED),
        };
        let label = view::label(persona);
        let mut origin: Vec<String> = Vec::new();
        if let Some(id) = persona.id.as_deref().map(escape::inline).filter(|id| *id != label) {
            origin.push(id.into_owned());
        }
        if let Some(file) = persona.file.as_deref().map(escape::inline).filter(|file| *file != label) {
            origin.push(file.into_owned());
        }
        if let Some(at) = persona.updated_at.as_deref().filter(|_| wording::tells_time(persona, mood)) {
            origin.push(format!("live changed {}", escape::inline(at)));
        }
        let sign = self.paint(style, sign);
        let word = self.paint(style, wording::action(&persona.action, mood));
        let label = self.paint(BOLD, &label);
        if origin.is_empty() {
            writeln!(self.out, "{sign} {word} {label}")
        } else {
            let origin = self.paint(DIM, &format!("({})", origin.join(", ")));
            writeln!(self.out, "{sign} {word} {label} {origin}")
        }
    }

    fn change(&mut self, row: &Row, mood: Mood) -> io::Result<()> {
        let style = match row.sign {
            '+' => GREEN,
            '-' => RED,
            '>' => CYAN,
            _ => YELLOW,
        };
        let mut line = format!("    {} {}", row.sign, row.place);
        let text = match &row.body {
            Body::Line(text) => Some(text.as_str()),
            Body::Words { .. } => wording::direction(mood),
        };
        if let Some(text) = text {
            line.push(' ');
            line.push_str(text);
        }
        let mut tail: Vec<&str> = Vec::new();
        tail.extend(row.origin_text);
        if row.place != row.pointer {
            tail.push(&row.pointer);
        }
        tail.extend(row.location.as_deref());
        let used = columns(&line);
        let sign = self.paint(style, &row.sign.to_string());
        let line = line.replacen(row.sign, &sign, 1);
        if tail.is_empty() {
            writeln!(self.out, "{line}")?;
        } else {
            let tail = format!("[{}]", tail.join(", "));
            // What does not fit goes below, so that the values stay in one piece.
            let fits = !self.layout.terminal || used + 2 + columns(&tail) <= self.layout.width;
            let tail = self.paint(DIM, &tail);
            let gap = if fits { "  " } else { "\n        " };
            writeln!(self.out, "{line}{gap}{tail}")?;
        }
        match &row.body {
            Body::Words { before, after } => self.words(before, after),
            Body::Line(_) => Ok(()),
        }
    }

    fn asides(&mut self, persona: &PersonaPlan, mood: Mood) -> io::Result<()> {
        let findings = &persona.findings;
        for (words, paths) in wording::not_verifiable(persona, mood) {
            let most = if self.layout.verbose { usize::MAX } else { self.layout.width };
            let line = format!("{words}: {}", cut_list(&paths, most));
            let line = self.paint(DIM, &line);
            writeln!(self.out, "    {line}")?;
        }
        if !persona.missing.is_empty() {
            let names = escape::inline(&persona.missing.join(", ")).into_owned();
            writeln!(self.out, "    apply needs these variables, which are not set: {names}")?;
        }
        for note in &findings.notes {
            writeln!(self.out, "    {}", wording::note(note))?;
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
