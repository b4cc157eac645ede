//! Reading without the middle of long `|` blocks.
//!
//! Prompts are most of a persona file, and both readers go through them character by character. In a `|` block every
//! line is the text behind the indentation, whatever stands in it. So both readers get a text without the middle
//! lines, and these are put in afterwards as they stand. The head of the block, which sets the indentation, its last
//! line with words and what follows, which `|-` and `|+` are about, and every unusual line stay for both readers.
//!
//! What looks like a block may be none (it may stand in quotation marks), so each cut is checked against what was
//! read: it must lie in a `|` block whose text begins as the lines before the cut do. Where that is not so, and where
//! anything is to be said of the shortened text, the whole text is read.

use crate::persona::Location;
use crate::source::node::{Content, Node, Style};
use std::ops::Range;

/// Lines of a block that both readers see before the cut.
const HEAD: usize = 3;

/// Fewer bytes are not worth a cut.
const WORTH_CUTTING: usize = 256;

/// The lines that are left out of one block.
#[derive(Debug)]
struct Cut {
    /// Where the block's first line begins, in the shortened text.
    body: usize,
    /// Where the cut is, in the shortened text.
    at: usize,
    /// The lines left out, in the whole text.
    source: Range<usize>,
    /// How many they are.
    lines: usize,
    /// The spaces that each line of the block begins with.
    indent: usize,
}

/// A text, and what was left out of it.
#[derive(Debug)]
pub(super) struct Shortened<'t> {
    whole: &'t str,
    cuts: Vec<Cut>,
    /// The text without the lines that were left out.
    pub(super) text: String,
}

impl<'t> Shortened<'t> {
    /// None where there is nothing to leave out.
    pub(super) fn of(whole: &'t str) -> Option<Self> {
        let mut cuts: Vec<Cut> = Vec::new();
        let mut text = String::new();
        let (mut at, mut told) = (0, 0);
        while let Some(end) = line_end(whole, at) {
            let opens = opens_block(&whole[at..end]);
            at = end;
            if opens && let Some((source, lines, indent, end)) = middle(whole, at) {
                text.push_str(&whole[told..source.start]);
                let body = text.len() - (source.start - at);
                told = source.end;
                cuts.push(Cut { body, at: text.len(), source, lines, indent });
                at = end;
            }
        }
        text.push_str(&whole[told..]);
        (!cuts.is_empty()).then_some(Shortened { whole, cuts, text })
    }

    /// What the whole text says, from what the shortened one was read as; `literals` are the places of the texts of
    /// `|` blocks in it. None where a cut went through something else.
    pub(super) fn restore(&self, mut root: Node, literals: &[Range<usize>]) -> Option<Node> {
        let in_block = |cut: &Cut| {
            let begins = |place: usize| {
                self.text.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
            };
            literals.iter().any(|block| begins(block.start) == cut.body && cut.at < block.end)
        };
        (self.cuts.iter().all(in_block) && self.put_in(&mut root)).then_some(root)
    }

    fn put_in(&self, node: &mut Node) -> bool {
        let place = node.at.span.clone();
        let whole = match &mut node.content {
            // An alias stands where no cut can be, and repeats a text that may have one.
            Content::Text(_) if node.shared => node.style != Style::Block,
            Content::Text(text) => {
                let cut = self.cuts.iter().find(|cut| place.start < cut.at && cut.at < place.end);
                cut.is_none_or(|cut| self.complete(text, cut))
            }
            Content::List(elements) => elements.iter_mut().all(|element| self.put_in(element)),
            Content::Map(members) => members.iter_mut().all(|member| {
                self.move_place(&mut member.key_at);
                self.put_in(&mut member.value)
            }),
            Content::Null | Content::Bool(_) | Content::Number(_) => true,
        };
        self.move_place(&mut node.at);
        whole
    }

    /// Puts the lines that were left out into the text of their block; false where it is not the text it should be.
    fn complete(&self, text: &mut String, cut: &Cut) -> bool {
        let middle = &self.whole[cut.source.clone()];
        let mut whole = String::with_capacity(text.len() + middle.len());
        push_unindented(&mut whole, &self.text[cut.body..cut.at], cut.indent);
        let Some(tail) = text.strip_prefix(whole.as_str()) else { return false };
        push_unindented(&mut whole, middle, cut.indent);
        whole.push_str(tail);
        *text = whole;
        true
    }

    /// From the shortened text to the whole one.
    fn move_place(&self, at: &mut Location) {
        let Range { start, end } = at.span;
        for cut in &self.cuts {
            if cut.at <= start {
                at.line += cut.lines;
                at.span.start += cut.source.len();
            }
            if cut.at <= end {
                at.span.end += cut.source.len();
            }
        }
    }
}

/// What can be left out of a block whose first line begins at `body`: where it stands, how many lines it is and how
/// they are indented; and where the ordinary lines of the block end.
fn middle(whole: &str, body: usize) -> Option<(Range<usize>, usize, usize, usize)> {
    let mut indent = None;
    let (mut at, mut lines) = (body, 0);
    // The end of the head; the last line with words and how many stand before it.
    let (mut from, mut last) = (None, (body, 0));
    while let Some(end) = line_end(whole, at) {
        let line = &whole[at..end];
        if line != "\n" {
            let indent = *indent.get_or_insert_with(|| line.len() - line.trim_start_matches(' ').len());
            if !is_plain(line, indent) {
                break;
            }
            last = (at, lines);
        }
        (at, lines) = (end, lines + 1);
        if lines == HEAD && indent.is_some() {
            from = Some(end);
        }
    }
    let (from, indent) = (from?, indent?);
    // Without indentation, `---` would end the block.
    (indent > 0 && last.0 >= from + WORTH_CUTTING).then(|| (from..last.0, last.1 - HEAD, indent, at))
}

/// Where the line that begins here ends, its line feed included.
fn line_end(text: &str, at: usize) -> Option<usize> {
    Some(at + text[at..].find('\n')? + 1)
}

/// Whether a line looks as if it opened a `|` block.
pub(super) fn opens_block(line: &str) -> bool {
    let line = line.trim_end_matches(['\n', ' ']);
    let mark = line.strip_suffix(['-', '+']).unwrap_or(line).strip_suffix('|');
    mark.is_some_and(|before| before.ends_with(' ') && before.trim_end_matches(' ').ends_with([':', '-']))
}

/// Whether a line is its indentation and words, in characters that no reader takes for anything else.
pub(super) fn is_plain(line: &str, indent: usize) -> bool {
    let Some((spaces, text)) = line.trim_end_matches('\n').split_at_checked(indent) else { return false };
    let blank = |text: &str| text.bytes().all(|byte| byte == b' ');
    blank(spaces) && !blank(text) && (is_printable(text) || text.chars().all(is_ordinary))
}

/// Whether there is nothing but printable ASCII: without leaving the loop early, which makes it a fast one.
fn is_printable(text: &str) -> bool {
    text.bytes().fold(true, |printable, byte| printable & matches!(byte, b' '..=b'~'))
}

/// No control character, no line break of any version of YAML, no byte order mark.
pub(super) fn is_ordinary(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

fn push_unindented(out: &mut String, lines: &str, indent: usize) {
    for line in lines.split_inclusive('\n') {
        out.push_str(if line == "\n" { line } else { &line[indent..] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a text with this body, or None if all of it is.
    fn shortened(header: &str, body: &str) -> Option<String> {
        let text = format!("{header}\n{body}b: 1\n");
        let left = Shortened::of(&text)?.text;
        let body = left.strip_prefix(header)?.strip_suffix("b: 1\n")?;
        Some(body.trim_start_matches('\n').to_owned())
    }

    fn lines(numbers: Range<usize>) -> String {
        numbers.map(|line| format!("  line {line}: say back what you have heard\n\n")).collect()
    }

    #[test]
    fn the_middle_goes_and_head_and_end_stay() {
        for header in ["a: |", "a:  |-", "- |+", "a: | "] {
            let left = shortened(header, &format!("{}\n\n", lines(0..20))).unwrap();
            let head = "  line 0: say back what you have heard\n\n  line 1: say back what you have heard\n";
            assert_eq!(left, format!("{head}{}\n\n", lines(19..20)), "{header}");
        }
    }

    #[test]
    fn the_cut_ends_before_a_line_that_is_not_just_its_words() {
        for odd in ["  tab\there", "  next\u{85}line", "  mark\u{feff}", "  bell\u{7}", "   ", "\tx"] {
            let left = shortened("a: |", &format!("{}{odd}\n{}", lines(0..10), lines(10..20))).unwrap();
            assert!(left.contains(&format!("{}{odd}\n{}", lines(9..10), lines(10..20))), "{odd:?}: {left}");
        }
    }

    #[test]
    fn what_may_be_read_in_another_way_is_left_whole() {
        assert_eq!(shortened("a: |", &lines(0..4)), None);
        assert_eq!(shortened("a: |", &lines(0..20).replace("  ", "")), None);
        for header in ["a: >", "a: |2", "a: x|", "a: &x |", "a: \"|", "|", "a:"] {
            assert_eq!(shortened(header, &lines(0..20)), None, "{header}");
        }
    }
}
