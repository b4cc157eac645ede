//! The word diff on the page: changed words marked, unchanged paragraphs folded but there.

use super::escape::{entities, text};
use crate::report::brief::folded;
use crate::report::escape;
use crate::report::lines::show_white_space;
use crate::report::words::{Part, Run, RunKind, Words};
use std::io::{self, Write};

pub(super) fn write(words: &Words, out: &mut impl Write) -> io::Result<()> {
    if let Some(label) = words.label() {
        writeln!(out, "<p class=\"meta\">{label}</p>")?;
    }
    writeln!(out, "<div class=\"words\">")?;
    for part in &words.parts {
        match part {
            Part::Folded { lines, paragraphs, text: unchanged } => writeln!(
                out,
                "<details class=\"fold\"><summary>{} unchanged</summary><div class=\"text\">{}</div></details>",
                folded(*lines, *paragraphs),
                text(unchanged)
            )?,
            Part::Shown(runs) => {
                write!(out, "<div class=\"text part\">")?;
                for run in runs {
                    write!(out, "{}", drawn(run, words.white_space_only))?;
                }
                writeln!(out, "</div>")?;
            }
        }
    }
    writeln!(out, "</div>")
}

fn drawn(run: &Run, visible: bool) -> String {
    let changed = || {
        let shown = show_white_space(&run.text, visible || run.text.trim().is_empty());
        entities(&escape::block(&shown))
    };
    match run.kind {
        RunKind::Same => text(&run.text),
        RunKind::Removed => format!("<del>{}</del>", changed()),
        RunKind::Added => format!("<ins>{}</ins>", changed()),
        RunKind::Elided => format!(
            "<details class=\"elided\"><summary aria-label=\"unchanged words\">…</summary>{}</details>",
            text(&run.text)
        ),
    }
}
