//! The difference of two texts, as prose: changed words inside the lines they stand in, unchanged lines folded.
//!
//! A model for every output: text, Markdown and HTML draw the same parts. Nothing here is escaped or coloured.

use similar::{Algorithm, ChangeTag, DiffTag, TextDiff, capture_diff_slices};

/// One part of the difference, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Unchanged lines that are not shown.
    Folded {
        /// How many.
        lines: usize,
        /// How many paragraphs (runs of lines that are not blank) they hold.
        paragraphs: usize,
        /// The lines themselves, for an output that can unfold them.
        text: String,
    },
    /// Lines with a change in them.
    Shown(Vec<Run>),
}

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What happened to it.
    pub kind: RunKind,
    /// The text, line ends included.
    pub text: String,
}

/// What happened to a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// It stays.
    Same,
    /// It goes.
    Removed,
    /// It comes.
    Added,
    /// It stays, and may be left out for brevity.
    Elided,
}

/// The difference of two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// From top to bottom.
    pub parts: Vec<Part>,
    /// Nothing but white space differs: it must be made visible.
    pub white_space_only: bool,
}

/// Words shown on either side of a change before the rest of a line is left out.
const CONTEXT: usize = 12;

/// Above this many bytes, two stretches with little in common are shown as one text gone and one come.
const LARGE: usize = 20_000;

/// Compares two texts.
#[must_use]
pub fn compare_texts(before: &str, after: &str) -> Words {
    let (before, after) = without_idle_newline(before, after);
    let mut parts = Vec::new();
    let mut shown: Vec<Run> = Vec::new();
    let stretches = stretches(before, after);
    let last = stretches.len().saturating_sub(1);
    for (index, stretch) in stretches.iter().enumerate() {
        let old = match stretch {
            Stretch::Same(old) => old,
            Stretch::Differs(old, new) => {
                shown.extend(inside(&old.concat(), &new.concat()));
                continue;
            }
        };
        let (head, tail) = context(old, index > 0, index < last);
        // One line folded takes the room of the line itself.
        if tail - head <= 1 && index > 0 && index < last {
            push(&mut shown, RunKind::Same, &old.concat());
            continue;
        }
        if head > 0 {
            push(&mut shown, RunKind::Same, &old[..head].concat());
        }
        show(&mut shown, &mut parts);
        if tail > head {
            parts.push(fold(&old[head..tail]));
        }
        if tail < old.len() {
            push(&mut shown, RunKind::Same, &old[tail..].concat());
        }
    }
    show(&mut shown, &mut parts);
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    Words { parts, white_space_only: squeezed(before) == squeezed(after) }
}

/// A lone newline at the end of one text only is no difference, so it is not shown as one.
fn without_idle_newline<'t>(before: &'t str, after: &'t str) -> (&'t str, &'t str) {
    let lone = |text: &'t str| text.strip_suffix('\n').filter(|rest| !rest.ends_with('\n'));
    match (lone(before), lone(after)) {
        (Some(rest), None) if !after.ends_with('\n') => (rest, after),
        (None, Some(rest)) if !before.ends_with('\n') => (before, rest),
        _ => (before, after),
    }
}

/// Neighbouring lines of both texts.
enum Stretch<'a> {
    Same(Vec<&'a str>),
    Differs(Vec<&'a str>, Vec<&'a str>),
}

/// Pairs the lines of both texts. Lines that differ in white space only are pairs too, so that such an edit does
/// not make its line a stranger.
fn stretches<'a>(before: &'a str, after: &'a str) -> Vec<Stretch<'a>> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let key = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let old_keys: Vec<String> = old.iter().map(key).collect();
    let new_keys: Vec<String> = new.iter().map(key).collect();
    let mut stretches = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys) {
        let (old, new) = (&old[op.old_range()], &new[op.new_range()]);
        if op.tag() != DiffTag::Equal {
            differs(&mut stretches, old, new);
            continue;
        }
        for (old, new) in old.iter().zip(new) {
            match stretches.last_mut() {
                _ if old != new => differs(&mut stretches, &[*old], &[*new]),
                Some(Stretch::Same(lines)) => lines.push(old),
                _ => stretches.push(Stretch::Same(vec![*old])),
            }
        }
    }
    stretches
}

fn differs<'a>(stretches: &mut Vec<Stretch<'a>>, old: &[&'a str], new: &[&'a str]) {
    stretches.push(Stretch::Differs(old.to_vec(), new.to_vec()));
}

/// Which of these unchanged lines are folded: not the neighbours of a change, if they belong to its paragraph.
fn context(lines: &[&str], follows: bool, leads: bool) -> (usize, usize) {
    let beside = |line: Option<&&str>| line.is_some_and(|line| !line.trim().is_empty());
    let head = usize::from(follows && beside(lines.first()));
    let tail = lines.len() - usize::from(leads && lines.len() > head && beside(lines.last()));
    (head, tail)
}

fn show(runs: &mut Vec<Run>, parts: &mut Vec<Part>) {
    if !runs.is_empty() {
        parts.push(Part::Shown(elide(std::mem::take(runs))));
    }
}

fn fold(lines: &[&str]) -> Part {
    let mut paragraphs = 0;
    let mut inside = false;
    for line in lines {
        let blank = line.trim().is_empty();
        paragraphs += usize::from(!blank && !inside);
        inside = !blank;
    }
    Part::Folded { lines: lines.len(), paragraphs, text: lines.concat() }
}

impl Words {
    /// How many words go and how many come.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        let runs = self.parts.iter().flat_map(|part| match part {
            Part::Shown(runs) => runs.as_slice(),
            Part::Folded { .. } => &[],
        });
        let mut sizes = (0, 0);
        for run in runs {
            let words = run.text.split_whitespace().count();
            match run.kind {
                RunKind::Removed => sizes.0 += words,
                RunKind::Added => sizes.1 += words,
                RunKind::Same | RunKind::Elided => {}
            }
        }
        sizes
    }
}

/// Word by word, with scattered small matches joined: a rewritten sentence reads better as a whole.
fn inside(before: &str, after: &str) -> Vec<Run> {
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

fn push(runs: &mut Vec<Run>, kind: RunKind, text: &str) {
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

/// Leaves out the middle of long unchanged stretches.
fn elide(runs: Vec<Run>) -> Vec<Run> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(before: &str, after: &str) -> String {
        let mut out = String::new();
        for part in compare_texts(before, after).parts {
            match part {
                Part::Folded { lines, paragraphs, .. } => out.push_str(&format!("<{lines}/{paragraphs}>")),
                Part::Shown(runs) => {
                    for run in runs {
                        out.push_str(&match run.kind {
                            RunKind::Same => run.text,
                            RunKind::Removed => format!("[-{}-]", run.text),
                            RunKind::Added => format!("{{+{}+}}", run.text),
                            RunKind::Elided => "…".to_owned(),
                        });
                    }
                }
            }
        }
        out
    }

    #[test]
    fn p05_a_lone_final_newline_is_not_shown_beside_a_change() {
        assert_eq!(marked("one\n\ntwo", "one\n\nten\n"), "<2/1>[-two-]{+ten+}");
        assert_eq!(marked("one\n\ntwo\n", "ten\n\ntwo"), "[-one-]{+ten+}\n<2/1>");
        assert!(marked("a\nb", "a\nb\n\n").contains('+'), "two newlines are meant");
    }

    #[test]
    fn a_changed_word_is_shown_in_its_line_and_the_rest_is_folded() {
        assert_eq!(
            marked(
                "One.\n\nAsk two questions at once.\n\nEnd.\n",
                "One.\n\nAsk one question at once.\n\nEnd.\n"
            ),
            "<2/1>Ask [-two questions-]{+one question+} at once.\n<2/1>"
        );
    }

    #[test]
    fn a_rewritten_sentence_is_not_torn_by_a_word_that_both_happen_to_have() {
        assert_eq!(
            marked(
                "Be encouraging. Tell the candidate when an answer was good.",
                "Show that you listened: repeat the important point in a few words."
            ),
            "[-Be encouraging. Tell the candidate when an answer was good-]{+Show that you listened: repeat the important point in a few words+}."
        );
        assert_eq!(marked("a red cat", "a big red fat cat"), "a {+big +}red {+fat +}cat");
        assert_eq!(
            marked("ask two or three follow-ups", "ask one follow-up"),
            "ask [-two or three-]{+one+} follow-[-ups-]{+up+}"
        );
    }

    #[test]
    fn a_change_inside_a_paragraph_of_short_lines_shows_its_neighbours() {
        assert_eq!(
            marked("a\nb\nc\nd\ne\n\nf\ng\n", "a\nb\nc\nX\ne\n\nf\nY\n"),
            "<2/1>c\n[-d-]{+X+}\ne\n\nf\n[-g-]{+Y+}\n"
        );
    }

    #[test]
    fn p71_one_word_of_ten_thousand_in_one_line_comes_with_a_little_context() {
        let words: Vec<String> = (0..10_000).map(|i| format!("w{i}")).collect();
        let before = words.join(" ");
        let shown = marked(&before, &before.replace("w5000 ", "changed "));
        assert!(shown.contains("[-w5000-]{+changed+}"), "{shown}");
        assert!(shown.split_whitespace().count() < 40, "{shown}");
    }

    #[test]
    fn p72_white_space_only_edits_are_recognised() {
        assert!(compare_texts("a b\n", "a  b\n").white_space_only);
        assert!(compare_texts("a\n\nb", "a\nb").white_space_only);
        assert!(!compare_texts("a b", "a c").white_space_only);
    }

    #[test]
    fn nothing_is_lost_but_a_lone_final_newline() {
        for (before, after) in [
            ("", "x\n"),
            ("x", ""),
            ("a, b, c", "d, e, f"),
            ("é – ö", "e – ö\n"),
            ("a b c", "b a c"),
            ("a\n\nb\nc\nd\n", "a\n\nb\nc\ne\n"),
        ] {
            let (mut old, mut new) = (String::new(), String::new());
            for part in compare_texts(before, after).parts {
                let runs = match part {
                    Part::Shown(runs) => runs,
                    Part::Folded { text, .. } => vec![Run { kind: RunKind::Same, text }],
                };
                for run in runs {
                    if run.kind != RunKind::Added {
                        old.push_str(&run.text);
                    }
                    if run.kind != RunKind::Removed {
                        new.push_str(&run.text);
                    }
                }
            }
            assert_eq!((old.as_str(), new.as_str()), without_idle_newline(before, after));
        }
    }
}
