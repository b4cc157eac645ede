//! The difference of two texts, as prose: changed words inside the lines they stand in, unchanged lines folded.
//!
//! A model for every output: text, Markdown and HTML draw the same parts. Nothing here is escaped or coloured.

mod elide;
mod inside;
mod stretch;

use crate::persona::name;
use elide::elide;
use inside::{inside, push};
use stretch::{Stretch, stretches};

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
    /// Nothing but the way differs in which letters with accents are stored: it cannot be seen at all.
    pub normal_form_only: bool,
}

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
    Words {
        parts,
        white_space_only: squeezed(before).eq(squeezed(after)),
        normal_form_only: before != after && name::same(before, after),
    }
}

/// Whether two texts look alike, though they may differ: in white space, or in how accents are stored.
#[must_use]
pub fn look_alike(before: &str, after: &str) -> bool {
    squeezed(before).eq(squeezed(after)) || name::same(before, after)
}

fn squeezed(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_whitespace())
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
    /// What a reader must be told to see the difference at all.
    #[must_use]
    pub fn label(&self) -> Option<&'static str> {
        if self.white_space_only {
            Some("only white space differs (· space, → tab, ¶ line end)")
        } else if self.normal_form_only {
            Some("only the Unicode normal form of letters with accents differs")
        } else {
            None
        }
    }

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
