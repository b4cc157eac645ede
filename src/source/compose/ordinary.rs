//! Which texts no two readers of YAML read in two ways.
//!
//! The check against the reader of record is about what readers are known to differ in: odd line breaks, numbers in
//! old notations, escapes, folding, block indentation, tags, anchors. A text with none of that needs no second
//! opinion: single lines of everyday words, numbers and quotations, and `|` blocks that are word for word what stands
//! behind their indentation. What is not plainly of this kind is not ordinary; debug builds check all of it anyway.

use super::cut;
use granit_parser::{ScalarStyle, StructureStyle};
use std::ops::Range;

/// Longer keys are errors to some readers.
const LONGEST_KEY: usize = 128;

/// More digits than this, and readers may round.
const MOST_DIGITS: usize = 15;

/// Whether a text consists of characters that all readers take for what they are, tabs and carriage returns left out,
/// and has no line that could be about documents.
pub(super) fn text(text: &str) -> bool {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'))
        || text.chars().all(|c| c == '\n' || cut::is_ordinary(c));
    let marked = ["---", "...", "%"].iter().any(|mark| text.starts_with(mark))
        || ["\n---", "\n...", "\n%"].iter().any(|mark| text.contains(mark));
    plain && !marked
}

/// Whether a value, which stands at `place` of the text and was read as `value`, can only mean that.
pub(super) fn scalar(text: &str, place: Range<usize>, style: ScalarStyle, value: &str) -> bool {
    let written = text.get(place.clone()).unwrap_or_default();
    match style {
        ScalarStyle::Plain => written == value && (value.is_empty() || is_word(value) || is_number(value)),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => is_quoted(written, value),
        ScalarStyle::Literal => block(text, place.start).is_some_and(|block| block == value),
        ScalarStyle::Folded => false,
    }
}

/// The same for a key: a name or a quotation, directly before its colon.
pub(super) fn key(text: &str, place: Range<usize>, style: ScalarStyle, key: &str) -> bool {
    let written = text.get(place.clone()).unwrap_or_default();
    let named = match style {
        ScalarStyle::Plain => written == key && is_word(key),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => is_quoted(written, key),
        ScalarStyle::Literal | ScalarStyle::Folded => false,
    };
    let behind = text.get(place.end..).unwrap_or_default();
    named && written.len() <= LONGEST_KEY && [": ", ":\n"].iter().any(|colon| behind.starts_with(colon))
}

/// Whether a collection is one by its indentation, or by brackets on a single line.
pub(super) fn collection(text: &str, place: Range<usize>, style: StructureStyle, bracket: char) -> bool {
    let written = text.get(place).unwrap_or_default();
    style == StructureStyle::Block || (written.starts_with(bracket) && !written.contains('\n'))
}

/// Words that begin with a letter, and mean nothing else anywhere.
fn is_word(text: &str) -> bool {
    const MEANT: [&str; 12] =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];
    let meant = || MEANT.iter().any(|word| text.eq_ignore_ascii_case(word));
    matches!(text, "null" | "true" | "false")
        || text.starts_with(|c: char| c.is_ascii_alphabetic())
            && !text.ends_with(' ')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" _-./,()'".contains(&b))
            && !meant()
}

/// Digits, or digits with a point between them.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let zeros = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && digits(fraction) && !zeros && text.len() <= MOST_DIGITS
}

/// One line in quotation marks without escapes.
fn is_quoted(written: &str, value: &str) -> bool {
    let inner = |mark: char| written.strip_prefix(mark)?.strip_suffix(mark);
    inner('"').is_some_and(|text| text == value && !text.contains(['\\', '\n']))
        || inner('\'').is_some_and(|text| text == value && !text.contains(['\'', '\n']))
}

/// What the `|` block whose text begins in the line of `at` says, if each of its lines is plain.
fn block(text: &str, at: usize) -> Option<String> {
    let body = text.get(..at)?.rfind('\n')? + 1;
    let header = text.get(..body)?.lines().next_back()?;
    let mark = header.trim_end_matches(' ');
    if !cut::opens_block(header) || mark.ends_with('+') {
        return None;
    }
    let lines = text.get(body..)?;
    let indent = lines.len() - lines.trim_start_matches(' ').len();
    let mut value = String::new();
    let mut rest = lines;
    while let Some(end) = rest.find('\n') {
        let line = &rest[..=end];
        if line == "\n" {
            value.push('\n');
        } else if cut::is_plain(line, indent) {
            value.push_str(&line[indent..]);
        } else {
            break;
        }
        rest = &rest[end + 1..];
    }
    // What ends the block is nothing, or words further to the left.
    let outside = rest.trim_start_matches(' ');
    let ends = rest.is_empty() || rest.len() - outside.len() < indent && !outside.starts_with(['\n', '#']);
    let words = value.trim_end_matches('\n').len();
    value.truncate(words);
    if mark.ends_with('|') {
        value.push('\n');
    }
    (indent > 0 && words > 0 && ends).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_values_are_ordinary_and_odd_ones_are_not() {
        for value in ["a", "sonic-3", "tavus/gpt 4.1, (new)", "true", "null", "7", "0", "12.50", "it's"] {
            assert!(scalar(value, 0..value.len(), ScalarStyle::Plain, value), "{value}");
        }
        for value in [
            "no", "Yes", "NULL", "~", "017", "1_000", "1e3", "0x1", "-1", ".5", "NaN", "a: b", "a #b",
            "12:30",
        ] {
            assert!(!scalar(value, 0..value.len(), ScalarStyle::Plain, value), "{value}");
        }
        assert!(!scalar("1234567890123456", 0..16, ScalarStyle::Plain, "1234567890123456"));
        assert!(scalar("'a: b'", 0..6, ScalarStyle::SingleQuoted, "a: b"));
        assert!(!scalar("'it''s'", 0..7, ScalarStyle::SingleQuoted, "it's"));
        assert!(!scalar(r#""a\n""#, 0..5, ScalarStyle::DoubleQuoted, "a\n"));
    }

    #[test]
    fn a_block_is_ordinary_when_its_lines_are_its_words() {
        for (text, value) in [
            ("a: |\n  one\n\n   two\n", Some("one\n\n two\n")),
            ("a: |-\n  one\nb: 1\n", Some("one")),
            ("a:\n  b: |\n    # one\n\n\n  c: 1\n", Some("# one\n")),
            ("a: |+\n  one\n\n", None),
            ("a: |\n  one", None),
            ("a: |\n  one\n   \n", None),
            ("a: |\n  one\n # two\n", None),
            ("a: |2\n  one\n", None),
            ("a: | # why\n  one\n", None),
            ("a: |\n\n  one\n", None),
        ] {
            let at = text.find("one").unwrap().saturating_sub(2);
            assert_eq!(block(text, at).as_deref(), value, "{text:?}");
        }
    }
}
