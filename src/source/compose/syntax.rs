//! What the parser's complaints mean to people, with the usual cause.

use crate::diagnostic::Diagnostic;
use crate::persona::Location;
use crate::source::text::SourceText;
use granit_parser::{ErrorKind, ScanError};

/// The diagnostic for text that is no YAML. `open` are the brackets that were open at that point.
pub(super) fn explain(source: &SourceText, error: &ScanError, open: &[Location]) -> Diagnostic {
    let marker = error.marker();
    let offset = marker.byte_offset().unwrap_or(source.text.len()).min(source.text.len());
    let at = source.locate(offset..offset);
    let kind = error.kind();
    let finding = |what: String| Diagnostic::error("yaml-syntax", what, Some(at.clone()));

    if let ErrorKind::RecursionLimitExceeded = kind {
        return Diagnostic::error("too-deep", "values are nested too deep", Some(at));
    }
    if let ErrorKind::UnknownAnchor = kind {
        let name: String = source.text[offset..]
            .chars()
            .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | ']' | '}'))
            .collect();
        return Diagnostic::error(
            "unknown-anchor",
            format!("`{name}` repeats nothing: no anchor of this name before it"),
            Some(at),
        )
        .hint("quote the text if it is no alias");
    }
    if let ErrorKind::UnexpectedCharacter { character } = kind
        && (character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}'))
    {
        // The parser names the start of the text that holds it.
        let offset = offset + source.text[offset..].find(*character).unwrap_or(0);
        return Diagnostic::error(
            "control-character",
            format!("the character U+{:04X} may not stand in YAML", u32::from(*character)),
            Some(source.locate(offset..offset + character.len_utf8())),
        )
        .hint("remove it, or write it as an escape in a double-quoted text");
    }
    let line = line_around(&source.text, offset);
    if line.contains("{{") {
        return finding(said(kind)).hint("a text that starts with `{{` must be quoted: `\"{{ name }} ...\"`");
    }
    if let Some(opening) = open.last() {
        let bracket =
            source.text.get(opening.span.start..).and_then(|text| text.chars().next()).unwrap_or('[');
        let closing = if bracket == '{' { '}' } else { ']' };
        return finding(format!("`{bracket}` of line {} is not closed before this", opening.line))
            .related(opening.clone(), "opened here")
            .hint(format!("close it with `{closing}`, or quote the text that starts with `{bracket}`"));
    }
    let hint = match kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            "close the quotation mark; inside '...' an apostrophe is written twice"
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => "indent with spaces",
        ErrorKind::UnexpectedCharacter { .. } => "quote a text that starts with this character",
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "quote a text that has `: ` in it, or write it as a `|` block"
        }
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape => {
            "in \"...\" a backslash is written `\\\\`; in '...' it stands for itself"
        }
        ErrorKind::InvalidLowSurrogate
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate => "write both halves, or the character itself",
        _ => "check the indentation and the quotation marks here and on the line above",
    };
    finding(said(kind)).hint(hint)
}

fn said(kind: &ErrorKind) -> String {
    let said = kind.to_string();
    let mut chars = said.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn line_around(text: &str, offset: usize) -> &str {
    let before = text.get(..offset).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    &text[start..end]
}
