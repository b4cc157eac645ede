//! Word-diff runs as lines of a given width: every piece is escaped, changed white space is made visible where it
//! would not be seen, and no piece spans lines.
//!
//! Shared by text and Markdown, which draw the marks. HTML wraps by itself.

use super::brief::{char_columns, columns};
use super::escape;
use super::words::{Run, RunKind};

/// One line of output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// It goes on with a line of the text that was too long, instead of beginning one.
    pub continued: bool,
    /// What stands in it.
    pub pieces: Vec<Piece>,
}

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What happened to it.
    pub kind: RunKind,
    /// Its text; empty for what was left out.
    pub text: String,
}

/// How lines are made.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Columns of a line.
    pub width: usize,
    /// Columns that the marks around a changed piece take.
    pub marks: usize,
    /// Makes white space visible in every changed piece, not only where there is nothing else.
    pub visible: bool,
}

/// Lays runs out.
#[must_use]
pub fn lay_out(runs: &[Run], shape: Shape) -> Vec<Line> {
    let mut writer = Writer { shape, lines: Vec::new(), line: Line::default(), column: 0 };
    for run in runs {
        writer.run(run);
    }
    if !writer.line.pieces.is_empty() || writer.line.continued {
        writer.lines.push(writer.line);
    }
    writer.lines
}

struct Writer {
    shape: Shape,
    lines: Vec<Line>,
    line: Line,
    column: usize,
}

impl Writer {
    fn run(&mut self, run: &Run) {
        if run.kind == RunKind::Elided {
            self.put(RunKind::Elided, "");
            return;
        }
        let changed = matches!(run.kind, RunKind::Removed | RunKind::Added);
        let text = show_white_space(&run.text, changed && (self.shape.visible || run.text.trim().is_empty()));
        for (index, piece) in text.split('\n').enumerate() {
            if index > 0 {
                self.end(false);
            }
            let piece = escape::block(piece);
            for word in piece.split_inclusive([' ', '·', '\t', '→']) {
                self.word(run.kind, word);
            }
        }
    }

    /// A word with the blank behind it, on this line or the next.
    fn word(&mut self, kind: RunKind, word: &str) {
        let seen = columns(word.trim_end());
        let opens = self.line.pieces.last().is_none_or(|piece| piece.kind != kind);
        let marks = if opens && kind != RunKind::Same { self.shape.marks } else { 0 };
        if self.column > 0 && self.column + marks + seen > self.shape.width {
            self.end(true);
        }
        if seen + marks <= self.shape.width {
            self.put(kind, word);
            return;
        }
        // Longer than a line by itself.
        let room = self.shape.width.saturating_sub(self.shape.marks).max(8);
        let mut taken = 0;
        let mut start = 0;
        for (at, c) in word.char_indices() {
            let wide = char_columns(c);
            if taken + wide > room {
                self.put(kind, &word[start..at]);
                self.end(true);
                (start, taken) = (at, 0);
            }
            taken += wide;
        }
        self.put(kind, &word[start..]);
    }

    fn put(&mut self, kind: RunKind, text: &str) {
        self.column += columns(text);
        match self.line.pieces.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(text),
            _ => {
                self.column += match kind {
                    RunKind::Same => 0,
                    RunKind::Elided => 1,
                    RunKind::Removed | RunKind::Added => self.shape.marks,
                };
                self.line.pieces.push(Piece { kind, text: text.to_owned() });
            }
        }
    }

    fn end(&mut self, continued: bool) {
        let next = Line { continued, pieces: Vec::new() };
        self.lines.push(std::mem::replace(&mut self.line, next));
        self.column = 0;
    }
}

/// The text as it is, or with its white space made visible. Line breaks other than `\n` are shown as escapes anyway.
pub(super) fn show_white_space(text: &str, visible: bool) -> std::borrow::Cow<'_, str> {
    if !visible {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            ' ' => out.push('·'),
            '\t' => out.push('→'),
            '\n' => out.push_str("¶\n"),
            '\u{a0}' | '\u{202f}' | '\u{3000}' | '\u{2000}'..='\u{200a}' => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(kind: RunKind, text: &str) -> Run {
        Run { kind, text: text.to_owned() }
    }

    fn drawn(runs: &[Run], width: usize) -> Vec<String> {
        let shape = Shape { width, marks: 4, visible: false };
        let piece = |piece: &Piece| match piece.kind {
            RunKind::Same => piece.text.clone(),
            RunKind::Removed => format!("[-{}-]", piece.text),
            RunKind::Added => format!("{{+{}+}}", piece.text),
            RunKind::Elided => "…".to_owned(),
        };
        let line = |line: Line| {
            let start = if line.continued { "  " } else { "" };
            format!("{start}{}", line.pieces.iter().map(piece).collect::<String>())
        };
        lay_out(runs, shape).into_iter().map(line).collect()
    }

    #[test]
    fn lines_break_at_blanks_and_marks_are_closed_at_each_end() {
        let runs = [run(RunKind::Same, "one two "), run(RunKind::Removed, "three four five\nsix")];
        assert_eq!(drawn(&runs, 16), ["one two ", "  [-three four -]", "  [-five-]", "[-six-]"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut_into_pieces_and_nothing_is_lost() {
        let word = "日本".repeat(10);
        let lines = lay_out(&[run(RunKind::Same, &word)], Shape { width: 16, marks: 0, visible: false });
        assert!(lines.len() > 2);
        assert_eq!(
            lines.iter().flat_map(|line| &line.pieces).map(|p| p.text.as_str()).collect::<String>(),
            word
        );
    }

    #[test]
    fn p72_white_space_alone_becomes_visible_among_other_changes_too() {
        let runs = [
            run(RunKind::Same, "a"),
            run(RunKind::Removed, " "),
            run(RunKind::Added, "\t\n"),
            run(RunKind::Same, "b"),
        ];
        assert_eq!(drawn(&runs, 80), ["a[-·-]{+→¶+}", "b"]);
    }
}
