//! What the reader of record need not see: the middle of a long `|` block.
//!
//! Prompts are most of a persona file, and to read each a second time is most of what the second reading costs. In a
//! `|` block every line is the text behind the indentation, whatever stands in it. So lines in its middle that are
//! just that, and that our reader gave as just that, cannot be read in two ways. The head of the block, which sets the
//! indentation, its end, which `|-` and `|+` are about, and every unusual line stay for both readers.

use std::ops::Range;

/// Lines of a block that both readers see before and after the cut.
const HEAD: usize = 3;
const TAIL: usize = 3;

/// A block this short is read whole.
const WORTH_CUTTING: usize = 512;

/// Lines to leave out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Where the value stands, by the first byte of its place.
    pub(super) at: usize,
    /// The lines in the file.
    pub(super) source: Range<usize>,
    /// The same lines in the value.
    pub(super) value: Range<usize>,
}

impl Cut {
    /// What can be left out of the `|` block at `block` of the file, which our reader read as `value`.
    pub(super) fn of(text: &str, block: Range<usize>, value: &str, at: usize) -> Option<Self> {
        if value.len() < WORTH_CUTTING {
            return None;
        }
        let from = text.get(..block.start)?.rfind('\n')? + 1;
        let lines = text.get(from..block.end)?.split_inclusive('\n');
        // The first line with words sets the indentation. At none, `---` would end the block.
        let indent = indent_of(lines.clone().take(HEAD).find(|line| !is_blank(line))?);
        let count = value.split_inclusive('\n').count();
        if indent == 0 || count <= HEAD + TAIL {
            return None;
        }
        let (mut source, mut kept) = (from, 0);
        let mut cut: Option<Cut> = None;
        for (index, (line, ours)) in lines.zip(value.split_inclusive('\n')).take(count - TAIL).enumerate() {
            let sure = index >= HEAD && is_plain(line, ours, indent);
            match &mut cut {
                Some(_) if !sure => break,
                Some(cut) => {
                    cut.source.end += line.len();
                    cut.value.end += ours.len();
                }
                None if sure => {
                    cut =
                        Some(Cut { at, source: source..source + line.len(), value: kept..kept + ours.len() });
                }
                None => {}
            }
            source += line.len();
            kept += ours.len();
        }
        cut
    }
}

/// The text without the lines that are left out.
pub(super) fn shorten(text: &str, cuts: &[Cut]) -> String {
    let mut out = String::with_capacity(text.len().min(4 * WORTH_CUTTING));
    let mut at = 0;
    for cut in cuts {
        out.push_str(text.get(at..cut.source.start).unwrap_or_default());
        at = cut.source.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_blank(line: &str) -> bool {
    line.trim_start_matches(' ') == "\n"
}

/// Whether a line of the file is nothing but its indentation and what our reader made of it, in characters that no
/// reader takes for anything else.
fn is_plain(line: &str, ours: &str, indent: usize) -> bool {
    let behind = if line == "\n" {
        line
    } else {
        match line.split_at_checked(indent) {
            Some((spaces, behind)) if spaces.bytes().all(|byte| byte == b' ') => behind,
            _ => return false,
        }
    };
    behind == ours && behind.strip_suffix('\n').is_some_and(|words| words.chars().all(is_ordinary))
}

/// No control character, no line break of any version of YAML, no byte order mark.
fn is_ordinary(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{f8ef}'
        | '\u{f900}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(lines: usize) -> String {
        (0..lines).map(|line| format!("line {line}: say back what you have heard\n\n")).collect()
    }

    fn cut(body: &str, value: &str) -> Option<(String, String)> {
        let text = format!("a: |\n{body}b: 1\n");
        let cut = Cut::of(&text, 5..5 + body.len(), value, 3)?;
        let ours = format!("{}{}", &value[..cut.value.start], &value[cut.value.end..]);
        Some((shorten(&text, &[cut]), ours))
    }

    fn indented(value: &str) -> String {
        value
            .lines()
            .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") })
            .collect()
    }

    #[test]
    fn the_middle_goes_and_head_and_tail_stay() {
        let value = block(20);
        let (text, ours) = cut(&indented(&value), &value).unwrap();
        assert_eq!(text, format!("a: |\n{}b: 1\n", indented(&ours)));
        assert_eq!(ours.lines().count(), HEAD + TAIL);
    }

    #[test]
    fn the_cut_ends_before_a_line_that_is_not_just_its_text() {
        for odd in ["tab\there", "next\u{85}line", "mark\u{feff}", "bell\u{7}", "private\u{f8f5}"] {
            let value = format!("{}{odd}\n{}", block(10), block(10));
            let (text, ours) = cut(&indented(&value), &value).unwrap();
            assert!(text.contains(odd) && ours.contains(odd), "{odd:?}");
        }
        // What our reader did not read as it stands is for both readers to see.
        let value = block(20).replace("\n\n", "\n");
        assert_eq!(cut(&indented(&value), &value.replace("heard", "herd")), None);
    }

    #[test]
    fn short_blocks_and_blocks_without_indentation_are_left_alone() {
        assert_eq!(cut(&indented(&block(4)), &block(4)), None);
        assert_eq!(cut(&block(20), &block(20)), None);
    }
}
