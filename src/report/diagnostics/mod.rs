//! Findings as people read them: `error[code]: what`, the place with its line and a caret, further places, a hint.
//!
//! Texts of files are shown, so three things are kept out of the output: characters that would steer a terminal
//! (annotate-snippets replaces them), credentials (values under telling names, and all that the scrubber knows), and
//! lines of any length (cut to the width).

pub mod machine;

use super::escape;
use crate::diagnostic::{Diagnostic, Severity};
use crate::persona::Location;
use crate::persona::secret::{Scrubber, is_mask, name_tells_secret};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

/// How findings are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// The width that lines are cut to.
    pub width: usize,
}

impl Default for Look {
    fn default() -> Self {
        Look { color: false, width: 100 }
    }
}

const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Lines between two places of one file above which each gets a snippet of its own.
const FAR: usize = 100;

/// Writes the findings, a blank line between each. `text_of` gives the text of a file.
pub fn write<'t>(
    out: &mut impl Write,
    found: &[Diagnostic],
    text_of: impl Fn(&str) -> Option<&'t str>,
    scrubber: &Scrubber,
    look: Look,
) -> io::Result<()> {
    for (index, finding) in found.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let drawn = draw(finding, &text_of, scrubber, look);
        writeln!(out, "{drawn}")?;
    }
    Ok(())
}

/// `2 errors, 1 warning`, and `nothing found` for none.
#[must_use]
pub fn count_line(found: &[Diagnostic]) -> String {
    let count = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    let parts: Vec<String> = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
        (count(Severity::Note), "note"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}{}", if number == 1 { "" } else { "s" }))
    .collect();
    if parts.is_empty() { "no faults".to_owned() } else { parts.join(", ") }
}

fn draw<'t>(
    finding: &Diagnostic,
    text_of: &impl Fn(&str) -> Option<&'t str>,
    scrubber: &Scrubber,
    look: Look,
) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let message = scrubber.clean(&finding.message);
    let mut group = level.primary_title(escape::inline(&message).into_owned()).id(finding.code).elements(
        windows(finding).into_iter().filter_map(|window| {
            let text = text_of(&window.file)?;
            Some(snippet(&window, text, scrubber))
        }),
    );
    // A place whose text is not at hand is still named.
    if let Some(at) = &finding.location
        && text_of(&at.file).is_none()
    {
        let origin = annotate_snippets::Origin::path(escape::inline(&at.file).into_owned())
            .line(at.line)
            .char_column(at.column);
        group = group.element(origin);
    }
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    let mut drawn = renderer.term_width(look.width).render(&[group as Group<'_>]);
    drawn.truncate(drawn.trim_end().len());
    if let Some(hint) = &finding.hint {
        let hint = scrubber.clean(hint);
        let style = if look.color { HINT } else { Style::new() };
        // On a line of its own, as for errors that have no place in a file.
        let _ = write!(drawn, "\n{style}hint{style:#}: {}", escape::inline(&hint));
    }
    drawn
}

/// Places of one file that are shown together.
struct Window {
    file: std::sync::Arc<str>,
    lines: (usize, usize),
    marks: Vec<(Location, Option<String>)>,
}

fn windows(finding: &Diagnostic) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let first = finding.location.iter().map(|at| (at, None));
    let further = finding.related.iter().map(|(at, what)| (at, Some(what.clone())));
    for (at, label) in first.chain(further) {
        let fits = windows.iter_mut().find(|window| {
            window.file == at.file && at.line + FAR > window.lines.1 && window.lines.0 + FAR > at.line
        });
        match fits {
            Some(window) => {
                window.lines = (window.lines.0.min(at.line), window.lines.1.max(at.line));
                window.marks.push((at.clone(), label));
            }
            None => windows.push(Window {
                file: at.file.clone(),
                lines: (at.line, at.line),
                marks: vec![(at.clone(), label)],
            }),
        }
    }
    windows
}

fn snippet<'s>(
    window: &Window,
    text: &str,
    scrubber: &Scrubber,
) -> Snippet<'s, annotate_snippets::Annotation<'s>> {
    let shown = lines(text, window.lines);
    let part = text.get(shown.clone()).unwrap_or_default();
    let mut snippet = Snippet::source(conceal(part, scrubber))
        .line_start(window.lines.0)
        .path(escape::inline(&window.file).into_owned())
        .fold(true);
    for (at, label) in &window.marks {
        let start = at.span.start.clamp(shown.start, shown.end) - shown.start;
        let line_end =
            part[floor(part, start)..].find(['\n', '\r']).map_or(part.len(), |end| floor(part, start) + end);
        let end = (at.span.end.clamp(shown.start, shown.end) - shown.start).clamp(start, line_end.max(start));
        let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        let span = floor(part, start)..floor(part, end);
        snippet = snippet.annotation(match label {
            Some(label) => kind.span(span).label(escape::inline(label).into_owned()),
            None => kind.span(span),
        });
    }
    snippet
}

/// The bytes of some lines, without a byte order mark.
fn lines(text: &str, (first, last): (usize, usize)) -> Range<usize> {
    let mut start = 0;
    let mut end = text.len();
    let mut at = 0;
    for (index, line) in crate::source::text::lines(text).enumerate() {
        if index + 1 == first {
            start = at;
        }
        at += line.len();
        if index + 1 == last {
            end = at;
            break;
        }
    }
    if first == 1 && text.starts_with(crate::source::text::BOM) {
        start = crate::source::text::BOM.len().min(end);
    }
    if first > 1 && start == 0 { text.len()..text.len() } else { start..end }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The text with credentials blanked, every byte by a star, so that places stay right.
fn conceal(text: &str, scrubber: &Scrubber) -> String {
    let mut shown = visible(scrubber.blank(text));
    for secret in values_of_telling_names(&shown).into_iter().rev() {
        let stars = "*".repeat(secret.len());
        shown.replace_range(secret, &stars);
    }
    shown
}

/// Misleading characters that annotate-snippets prints as they are, such as U+2028, in as many bytes.
fn visible(text: String) -> String {
    let harmful = |c: char| !c.is_ascii() && escape::is_harmful(c);
    if !text.contains(harmful) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.len_utf8() {
            3 if harmful(c) => out.push(char::REPLACEMENT_CHARACTER),
            bytes if harmful(c) => out.extend(std::iter::repeat_n('?', bytes)),
            _ => out.push(c),
        }
    }
    out
}

/// Values that stand on the same line after `api_key:` and its like, unless they are one of our tags or an alias.
fn values_of_telling_names(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        while let Some(colon) = line[from..].find(':').map(|colon| from + colon) {
            from = colon + 1;
            let key = line[..colon].trim_end_matches(['"', '\'', ' ']);
            let start =
                key.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).map_or(0, |c| c + 1);
            let start = floor(key, start);
            let value = line[from..].trim_start();
            let indent = line.len() - value.len();
            let value = value.trim_end();
            let harmless = value.is_empty()
                || value.starts_with(['!', '*', '&', '{', '[', '|', '>', '#', '/'])
                || matches!(value.trim_end_matches([',', '}', ']', ' ']), "null" | "~" | "\"\"" | "''");
            let bare = value.trim_end_matches([',', '}', ']', ' ']).trim_matches(['"', '\'']);
            if name_tells_secret(&key[start..]) && !harmless && !is_mask(bare) {
                secrets.push(at + indent..at + indent + value.len());
                break;
            }
        }
        at += line.len();
    }
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, finding: &Diagnostic) -> String {
        let mut out = Vec::new();
        let file = |name: &str| (name == "p.yaml").then_some(text);
        write(&mut out, std::slice::from_ref(finding), file, &Scrubber::default(), Look::default()).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn at(line: usize, column: usize, span: Range<usize>) -> Location {
        Location { file: "p.yaml".into(), line, column, span }
    }

    #[test]
    fn a_finding_shows_its_line_the_caret_further_places_and_the_hint() {
        let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\na: 6\n";
        let finding = Diagnostic::error("repeated-key", "`a` is given twice", Some(at(6, 1, 25..26)))
            .related(at(1, 1, 0..1), "first given here")
            .hint("keep one of the two");
        insta::assert_snapshot!(drawn(text, &finding));
    }

    #[test]
    fn a_finding_without_a_place_is_a_line_and_a_hint() {
        let finding = Diagnostic::error("no-files", "no persona file matches `x`", None).hint("write one");
        insta::assert_snapshot!(drawn("", &finding));
    }

    #[test]
    fn p66_text_from_files_cannot_steer_the_terminal_and_long_lines_are_cut() {
        let long = format!("a: \u{1b}[31mred\u{202e}cba {}\n", "x".repeat(10_000));
        let finding = Diagnostic::error("x", "bad \u{1b}[0m \u{202e}", Some(at(1, 4, 3..9)));
        let drawn = drawn(&long, &finding);
        assert!(!drawn.contains(['\u{1b}', '\u{202e}']), "{drawn:?}");
        let odd = "a: \u{85}\u{ad}\u{2028}\u{200b}\u{feff}\u{e0041} b\n";
        let drawn = self::drawn(odd, &Diagnostic::error("x", "y", Some(at(1, 11, 21..22))));
        assert!(!drawn.contains(|c| c != '\n' && escape::is_harmful(c)), "{drawn:?}");
        let place = |c| drawn.lines().find_map(|line| line.ends_with(c).then(|| line.chars().count()));
        assert!(place('b').is_some() && place('b') == place('^'), "{drawn}");
        let drawn = self::drawn(&long, &finding);
        assert!(drawn.lines().all(|line| line.chars().count() < 130), "{drawn}");
    }

    #[test]
    fn p34_a_credential_on_the_shown_line_is_blanked() {
        let text = "llm: {api_key: sk-very-secret, modle: x}\n";
        let finding = Diagnostic::error("x", "y", Some(at(1, 32, 31..36)));
        let shown = drawn(text, &finding);
        assert!(!shown.contains("very-secret"), "{shown}");
        for harmless in
            ["api_key: !env LLM_API_KEY", "max_tokens: 5", "monkey: business", "system_prompt: a: b"]
        {
            assert_eq!(conceal(harmless, &Scrubber::default()), harmless);
        }
        let mut scrubber = Scrubber::default();
        scrubber.learn("geheim-und-länger");
        assert!(!conceal("note: geheim-und-länger!", &scrubber).contains("geheim"));
    }

    #[test]
    fn a_place_beyond_the_text_or_inside_a_character_does_no_harm() {
        for span in [0..900, 900..900, 4..5, Range { start: 5, end: 4 }] {
            let finding = Diagnostic::error("x", "y", Some(at(1, 1, span.clone())));
            assert!(drawn("a: é\n", &finding).contains("p.yaml"), "{span:?}");
            let finding = Diagnostic::error("x", "y", Some(at(99, 1, span)));
            assert!(drawn("a: é\n", &finding).contains("p.yaml"));
        }
    }

    #[test]
    fn the_count_line_counts() {
        let found = [
            Diagnostic::error("a", "", None),
            Diagnostic::error("b", "", None),
            Diagnostic::note("c", "", None),
        ];
        assert_eq!(count_line(&found), "2 errors, 1 note");
        assert_eq!(count_line(&[]), "no faults");
    }
}
