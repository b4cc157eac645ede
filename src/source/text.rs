//! The text of one file: UTF-8 checked, with places in it.

use super::files::Files;
use crate::diagnostic::Diagnostic;
use crate::persona::Location;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How a pointer begins that stands in for a file in Git LFS.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The byte order mark.
pub const BOM: &str = "\u{feff}";

/// A file's name and text.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// The path from the root.
    pub file: Arc<str>,
    /// The whole text, as it is in the file.
    pub text: Arc<str>,
}

impl SourceText {
    /// Checks that the bytes are UTF-8; the error says where they are not.
    pub fn new(file: &str, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let file: Arc<str> = file.into();
        if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes.as_slice() {
            let at = Location { file, line: 1, column: 1, span: 0..0 };
            return Err(Box::new(
                Diagnostic::error("bad-utf8", "the file is UTF-16, not UTF-8", Some(at))
                    .hint("save it with the encoding UTF-8"),
            ));
        }
        if bytes.starts_with(LFS_POINTER) {
            let at = Location { file, line: 1, column: 1, span: 0..0 };
            return Err(Box::new(
                Diagnostic::error(
                    "unreadable",
                    "the file is only a pointer to one in Git LFS, as revisions hold it and clones without LFS have it",
                    Some(at),
                )
                .hint("fetch it: `git lfs pull`, or `lfs: true` for actions/checkout; --base cannot read it at all"),
            ));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(SourceText { file, text: text.into() }),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let byte = bytes.get(valid).copied().unwrap_or_default();
                let before = String::from_utf8_lossy(&bytes[..valid]);
                let (line, column) = line_and_column(&before, valid);
                let at = Location { file, line, column, span: valid..valid };
                Err(Box::new(
                    Diagnostic::error(
                        "bad-utf8",
                        format!("the file is not UTF-8: byte {valid} is 0x{byte:02x}"),
                        Some(at),
                    )
                    .hint("save it with the encoding UTF-8"),
                ))
            }
        }
    }

    /// The place of a range of bytes. Counts from the start of the file: for single places, not for every value.
    #[must_use]
    pub fn locate(&self, span: Range<usize>) -> Location {
        let (line, column) = line_and_column(&self.text, span.start);
        Location { file: self.file.clone(), line, column, span }
    }
}

/// The texts that findings point into, as far as they can be read. Texts are long and mostly in order, so that they are
/// not kept: the few that are to be shown are read once more.
#[must_use]
pub fn of_findings(files: &dyn Files, found: &[Diagnostic]) -> BTreeMap<Arc<str>, Arc<str>> {
    let mut texts = BTreeMap::new();
    for at in found.iter().flat_map(|one| one.location.iter().chain(one.related.iter().map(|(at, _)| at))) {
        if !texts.contains_key(&at.file)
            && let Ok(Ok(source)) = files.read(&at.file).map(|bytes| SourceText::new(&at.file, bytes))
        {
            texts.insert(source.file, source.text);
        }
    }
    texts
}

/// The lines with their ends, as YAML sees them: after a line feed, or a carriage return that none follows.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = match rest.find(['\n', '\r']) {
            Some(at) if rest[at..].starts_with("\r\n") => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let (line, left) = rest.split_at(end);
        rest = left;
        (!line.is_empty()).then_some(line)
    })
}

/// 1-based line and column, in characters, of a byte offset. A byte order mark takes no column.
#[must_use]
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let (mut line, mut start) = (1, 0);
    for one in lines(text) {
        if start + one.len() > offset || !one.ends_with(['\n', '\r']) {
            break;
        }
        line += 1;
        start += one.len();
    }
    let column = text[start..offset].trim_start_matches(BOM).chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_utf8_is_located_in_characters() {
        let fault = SourceText::new("a.yaml", b"a: \xc3\xa9\nb: \xc3\xa9\xff".to_vec()).unwrap_err();
        let at = fault.location.unwrap();
        assert_eq!((fault.code, at.line, at.column), ("bad-utf8", 2, 5));
        assert!(fault.message.contains("0xff"), "{}", fault.message);
    }

    #[test]
    fn a_carriage_return_alone_ends_a_line_as_it_does_in_yaml() {
        let text = "\u{feff}a\r\nb\rcé\n\rd\r";
        assert_eq!(lines(text).collect::<Vec<_>>(), ["\u{feff}a\r\n", "b\r", "cé\n", "\r", "d\r"]);
        let places = [0, 4, 5, 6, 8, 11, 12, 13, 14, 99].map(|offset| line_and_column(text, offset));
        assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 3), (4, 1), (5, 1), (5, 2), (6, 1)]);
        assert_eq!(line_and_column("", 0), (1, 1));
    }

    #[test]
    fn p26_a_file_saved_as_utf16_is_named_as_such() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 2670\n".to_vec();
        assert!(SourceText::new("a.md", pointer).unwrap_err().message.contains("Git LFS"));
        let fault = SourceText::new("a.yaml", b"\xff\xfea\x00".to_vec()).unwrap_err();
        assert!(fault.message.contains("UTF-16"), "{}", fault.message);
    }
}
