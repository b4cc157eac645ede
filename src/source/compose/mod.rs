//! YAML (and so JSON) text to a tree of values that know their places.
//!
//! The events come from `granit-parser`, which gives a byte range for each. The values are checked against
//! `serde_yaml`, the reader of record (`record`), wherever readers could differ (`ordinary`): where the two disagree
//! the file is refused, so that no value is changed by the choice of a reader. Merge keys are resolved afterwards (`merge`).
//! Knows nothing of personas; the meaning of our tags is given in `source::interpret`.

mod composer;
mod cut;
mod merge;
mod ordinary;
mod record;
mod syntax;

use super::node::Node;
use super::text::SourceText;
use crate::diagnostic::{Diagnostic, Severity};
use composer::Scalars;

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 100;

/// The most values that aliases may add to a file, and the most bytes of text.
pub const MAX_ALIASED: usize = 100_000;
const MAX_ALIASED_BYTES: usize = 16 * 1024 * 1024;

/// What a file says.
#[derive(Debug)]
pub struct Composed {
    /// The value; None if the file is empty or broken beyond reading.
    pub root: Option<Node>,
    /// What is wrong with the text. A value that was refused is null in the tree.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text.
#[must_use]
pub fn compose(source: &SourceText) -> Composed {
    let (raw, mut diagnostics) = match shortened(source) {
        Some(raw) => (Some(raw), Vec::new()),
        None => whole(source),
    };
    let root = raw.map(|raw| merge::resolve(raw, &mut diagnostics));
    Composed { root, diagnostics }
}

/// Reads all of the text with both readers.
fn whole(source: &SourceText) -> (Option<Node>, Vec<Diagnostic>) {
    let (raw, mut diagnostics, scalars) = composer::run(source);
    let sound = !diagnostics.iter().any(|found| found.severity == Severity::Error);
    if let (true, Some(raw)) = (sound, &raw) {
        let checked = if source.file.ends_with(".json") {
            record::check_json(source, raw)
        } else {
            differs(source, raw, &scalars)
        };
        diagnostics.extend(checked);
    }
    (raw, diagnostics)
}

/// What the reader of record makes of it in another way, where there is anything that it could.
fn differs(source: &SourceText, raw: &Node, scalars: &Scalars) -> Option<Diagnostic> {
    let check = || record::check_yaml(source, raw, &scalars.quoted);
    if scalars.ordinary {
        debug_assert_eq!(check(), None, "{}", source.text);
        return None;
    }
    check()
}

/// Reads what no reader can get wrong without them. None where the text has to be read whole.
fn shortened(source: &SourceText) -> Option<Node> {
    let cut = cut::Shortened::of(&source.text)?;
    let short = SourceText { file: source.file.clone(), text: cut.text.as_str().into() };
    let (raw, diagnostics, scalars) = composer::run(&short);
    let raw = raw.filter(|_| diagnostics.is_empty())?;
    match differs(&short, &raw, &scalars) {
        None => cut.restore(raw, &scalars.literals),
        Some(_) => None,
    }
}

/// The comments of a text with their places, as far as it can be read.
#[must_use]
pub fn comments(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let options = granit_parser::options! { max_buffered_comment_events: 100_000 };
    let events = granit_parser::Parser::new_from_str_with_options(text, options);
    events
        .map_while(Result::ok)
        .filter_map(|(event, span)| match event {
            granit_parser::Event::Comment(comment, _) => {
                Some((span.byte_range()?, comment.trim_end().to_owned()))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
