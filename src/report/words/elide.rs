//! Leaving out what stays and is far from any change.

use super::{Run, RunKind};

/// Words shown on either side of a change before the rest of a line is left out.
const CONTEXT: usize = 12;

/// Leaves out the middle of long unchanged stretches.
pub(super) fn elide(runs: Vec<Run>) -> Vec<Run> {
    let last = runs.len().saturating_sub(1);
    let mut shown = Vec::new();
    for (index, run) in runs.into_iter().enumerate() {
        if run.kind != RunKind::Same {
            shown.push(run);
            continue;
        }
        let head = if index == 0 { 0 } else { head_end(&run.text) };
        let tail = if index == last { run.text.len() } else { tail_start(&run.text) };
        if head >= tail || run.text[head..tail].split_whitespace().count() <= 4 {
            shown.push(run);
            continue;
        }
        let part = |text: &str| Run { kind: RunKind::Same, text: text.to_owned() };
        if head > 0 {
            shown.push(part(&run.text[..head]));
        }
        shown.push(Run { kind: RunKind::Elided, text: run.text[head..tail].to_owned() });
        if tail < run.text.len() {
            shown.push(part(&run.text[tail..]));
        }
    }
    shown
}

/// The end of the first words of a stretch.
fn head_end(text: &str) -> usize {
    let mut words = 0;
    let mut inside = false;
    for (index, c) in text.char_indices() {
        if c.is_whitespace() && inside {
            words += 1;
            if words == CONTEXT {
                return index;
            }
        }
        inside = !c.is_whitespace();
    }
    text.len()
}

/// The start of the last words of a stretch.
fn tail_start(text: &str) -> usize {
    let mut words = 0;
    let mut inside = false;
    for (index, c) in text.char_indices().rev() {
        if c.is_whitespace() && inside {
            words += 1;
            if words == CONTEXT {
                return index + c.len_utf8();
            }
        }
        inside = !c.is_whitespace();
    }
    0
}
