//! The difference of two passages word by word, put so that it can be read.

use super::{Run, RunKind};
use similar::{Algorithm, DiffTag, DiffableStr, capture_diff_slices};

/// Above this many bytes, two stretches with little in common are shown as one text gone and one come.
const LARGE: usize = 20_000;

/// Word by word, with scattered small matches joined: a rewritten sentence reads better as a whole.
pub(super) fn inside(before: &str, after: &str) -> Vec<Run> {
    let whole = || {
        let run = |kind, text: &str| Run { kind, text: text.to_owned() };
        let runs = vec![run(RunKind::Removed, before), run(RunKind::Added, after)];
        runs.into_iter().filter(|run| !run.text.is_empty()).collect()
    };
    if before.is_empty() || after.is_empty() {
        return whole();
    }
    let (old, new) = (before.tokenize_unicode_words(), after.tokenize_unicode_words());
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let alike: usize =
        ops.iter().filter(|op| op.tag() == DiffTag::Equal).map(|op| op.old_range().len()).sum();
    // Less than three words in ten are in both.
    if before.len().max(after.len()) > LARGE && alike * 20 < (old.len() + new.len()) * 3 {
        return whole();
    }
    let mut runs: Vec<Run> = Vec::new();
    for op in ops {
        let (gone, come) = (&old[op.old_range()], &new[op.new_range()]);
        let (one, other) = match op.tag() {
            DiffTag::Equal => (RunKind::Same, None),
            _ => (RunKind::Removed, Some(RunKind::Added)),
        };
        gone.iter().for_each(|word| push(&mut runs, one, word));
        if let Some(other) = other {
            come.iter().for_each(|word| push(&mut runs, other, word));
        }
    }
    join(&runs)
}

pub(super) fn push(runs: &mut Vec<Run>, kind: RunKind, text: &str) {
    match runs.last_mut() {
        Some(last) if last.kind == kind => last.text.push_str(text),
        _ => runs.push(Run { kind, text: text.to_owned() }),
    }
}

/// Turns a run of blanks or punctuation between two changes into part of both, and puts what goes before what comes.
fn join(runs: &[Run]) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    let (mut gone, mut come) = (String::new(), String::new());
    for (index, run) in runs.iter().enumerate() {
        match run.kind {
            RunKind::Removed => gone.push_str(&run.text),
            RunKind::Added => come.push_str(&run.text),
            RunKind::Same | RunKind::Elided => {
                // Only where both sides were rewritten around it; a word added next to another stays two changes.
                let rewritten = !gone.is_empty() && !come.is_empty() && index + 1 < runs.len();
                if rewritten && is_slight(&run.text, gone.len().max(come.len()), &runs[index + 1..]) {
                    gone.push_str(&run.text);
                    come.push_str(&run.text);
                } else {
                    flush(&mut joined, &mut gone, &mut come);
                    push(&mut joined, RunKind::Same, &run.text);
                }
            }
        }
    }
    flush(&mut joined, &mut gone, &mut come);
    joined
}

/// Whether an unchanged stretch between two changes does not stand for itself: blanks and punctuation, or a word
/// or two that happen to occur in both of two rewritten passages.
fn is_slight(text: &str, before: usize, following: &[Run]) -> bool {
    if text.contains('\n') {
        return false;
    }
    if !text.chars().any(char::is_alphanumeric) {
        return true;
    }
    let of = |kind| {
        let runs = following.iter().take_while(|run| run.kind != RunKind::Same);
        runs.filter(|run| run.kind == kind).map(|run| run.text.len()).sum::<usize>()
    };
    let (gone, come) = (of(RunKind::Removed), of(RunKind::Added));
    let length = text.trim().len();
    text.split_whitespace().count() <= 2
        && gone > 0
        && come > 0
        && length <= before
        && length <= gone.max(come)
}

/// Writes what goes and what comes; blanks that both ended on, through joining, stay.
fn flush(runs: &mut Vec<Run>, gone: &mut String, come: &mut String) {
    let mut shared = String::new();
    while let (Some(a), Some(b)) = (gone.chars().last(), come.chars().last()) {
        if a != b || a.is_alphanumeric() {
            break;
        }
        shared.insert(0, a);
        gone.pop();
        come.pop();
    }
    if !gone.is_empty() {
        push(runs, RunKind::Removed, gone);
    }
    if !come.is_empty() {
        push(runs, RunKind::Added, come);
    }
    if !shared.is_empty() {
        push(runs, RunKind::Same, &shared);
    }
    gone.clear();
    come.clear();
}
