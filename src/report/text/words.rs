//! The word diff on a terminal: changed words inside the lines they stand in, behind a bar.
//!
//! The bar keeps a line of the text from being taken for a sign of ours, or for a command by a CI log.

use super::{DIM, GREEN, Page, RED};
use crate::report::brief::folded;
use crate::report::lines::{Line, Piece, Shape, lay_out};
use crate::report::words::{Part, RunKind, compare_texts};
use anstyle::Effects;
use std::io::{self, Write};

/// What stands in front of every line, and of what goes on with it.
const BAR: &str = "        | ";
const CONTINUED: &str = "        |   ";

impl<W: Write> Page<'_, W> {
    pub(super) fn words(&mut self, before: &str, after: &str) -> io::Result<()> {
        let words = compare_texts(before, after);
        if let Some(label) = words.label() {
            writeln!(self.out, "        {label}")?;
        }
        let dashes = if self.layout.colour { 1 } else { mark_length(before, after) };
        let shape = Shape {
            width: self.layout.width.saturating_sub(CONTINUED.len()).max(20),
            marks: if self.layout.colour { 0 } else { 2 + 2 * dashes },
            visible: words.white_space_only,
        };
        for part in &words.parts {
            match part {
                Part::Folded { lines, paragraphs, .. } => {
                    let line = self.paint(DIM, &format!("… {} unchanged", folded(*lines, *paragraphs)));
                    writeln!(self.out, "        {line}")?;
                }
                Part::Shown(runs) => {
                    for line in lay_out(runs, shape) {
                        self.line(&line, dashes)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &Line, dashes: usize) -> io::Result<()> {
        let mut text = String::from(if line.continued { CONTINUED } else { BAR });
        for piece in &line.pieces {
            text.push_str(&self.piece(piece, dashes));
        }
        let text = if self.layout.colour { text.as_str() } else { text.trim_end() };
        writeln!(self.out, "{text}")
    }

    fn piece(&self, piece: &Piece, dashes: usize) -> String {
        let text = &piece.text;
        match (piece.kind, self.layout.colour) {
            (RunKind::Same, _) => text.clone(),
            (RunKind::Elided, _) => self.paint(DIM, "…"),
            // Struck through and underlined: the difference is seen without telling red from green.
            (RunKind::Removed, true) => self.paint(RED.effects(Effects::STRIKETHROUGH), text),
            (RunKind::Added, true) => self.paint(GREEN.effects(Effects::UNDERLINE), text),
            (RunKind::Removed, false) => format!("[{0}{text}{0}]", "-".repeat(dashes)),
            (RunKind::Added, false) => format!("{{{0}{text}{0}}}", "+".repeat(dashes)),
        }
    }
}

/// How many dashes a mark needs so that neither text holds one that looks the same.
fn mark_length(before: &str, after: &str) -> usize {
    let taken = |length: usize| {
        let (removed, added) = (format!("[{}", "-".repeat(length)), format!("{{{}", "+".repeat(length)));
        [before, after].iter().any(|text| text.contains(&removed) || text.contains(&added))
    };
    // A text of nothing but dashes is not worth more than this.
    (1..8).find(|length| !taken(*length)).unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_grow_until_no_text_holds_them() {
        assert_eq!(mark_length("plain", "text"), 1);
        assert_eq!(mark_length("a [-b-] c", "{++x"), 3);
    }
}
