//! The difference of two passages word by word, put so that it can be read.

use super::{Run, RunKind};
use similar::{ChangeTag, TextDiff};

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
    let words = TextDiff::from_unicode_words(before, after);
    if before.len().max(after.len()) > LARGE && words.ratio() < 0.3 {
        return whole();
    }
    let mut runs: Vec<Run> = Vec::new();
    for change in words.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => RunKind::Same,
            ChangeTag::Delete => RunKind::Removed,
            ChangeTag::Insert => RunKind::Added,
        };
        push(&mut runs, kind, change.value());
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
