//! Taking typed values out of nodes, with a finding where they do not fit: for settings and `reconcile:`.

use super::node::{Content, Member, Node};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::suggest::nearest;
use crate::persona::Pattern;
use std::time::Duration;

/// Where findings go.
pub(super) type Found = Vec<Diagnostic>;

/// The members of an object whose keys are all among `known`; null counts as an empty object.
pub(super) fn members<'n>(node: &'n Node, what: &str, known: &[&str], found: &mut Found) -> Vec<&'n Member> {
    let members = any_members(node, what, found);
    let (good, unknown): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|member| known.contains(&member.key.as_str()));
    for member in unknown {
        let finding = Diagnostic::error(
            "unknown-setting",
            format!("{what} has no key `{}`", member.key),
            Some(member.key_at.clone()),
        );
        found.push(match nearest(&member.key, known.iter().copied()) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            // The list of lints would fill the screen.
            None if known.len() > 16 => finding,
            None => finding.hint(format!("known keys: {}", known.join(", "))),
        });
    }
    good
}

/// The members of an object with keys of the user's choice.
pub(super) fn any_members<'n>(node: &'n Node, what: &str, found: &mut Found) -> Vec<&'n Member> {
    match (&node.content, node.tag) {
        (Content::Map(members), None) => members.iter().collect(),
        (Content::Null, None) => Vec::new(),
        _ => {
            found.push(mismatch(node, what, "an object"));
            Vec::new()
        }
    }
}

/// A finding that `what` should be something else.
pub(super) fn mismatch(node: &Node, what: &str, wanted: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-setting",
        format!("{what} must be {wanted}, not {}", node.kind()),
        Some(node.at.clone()),
    )
}

/// A text that is not empty.
pub(super) fn text(node: &Node, what: &str, found: &mut Found) -> Option<String> {
    match node.text() {
        Some("") => {
            found.push(Diagnostic::error("bad-setting", format!("{what} is empty"), Some(node.at.clone())));
            None
        }
        Some(text) => Some(text.to_owned()),
        None => {
            found.push(mismatch(node, what, "a text"));
            None
        }
    }
}

/// A list of texts, each with its node.
pub(super) fn texts<'n>(node: &'n Node, what: &str, found: &mut Found) -> Vec<(String, &'n Node)> {
    match (&node.content, node.tag) {
        (Content::List(elements), None) => elements
            .iter()
            .filter_map(|element| Some((text(element, &format!("each of {what}"), found)?, element)))
            .collect(),
        (Content::Null, None) => Vec::new(),
        _ => {
            found.push(mismatch(node, what, "a list of texts"));
            Vec::new()
        }
    }
}

/// A list of patterns.
pub(super) fn patterns(node: &Node, what: &str, found: &mut Found) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for (text, element) in texts(node, what, found) {
        match Pattern::parse(&text) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => found.push(
                Diagnostic::error("bad-pattern", format!("`{text}`: {error}"), Some(element.at.clone()))
                    .hint("for example `/layers/llm/tools/*/function/description`"),
            ),
        }
    }
    patterns
}

/// A whole number within bounds.
pub(super) fn count(node: &Node, what: &str, least: u64, most: u64, found: &mut Found) -> Option<u64> {
    let number = match &node.content {
        Content::Number(number) if node.tag.is_none() => number.as_u64(),
        _ => None,
    };
    let number = number.filter(|number| (least..=most).contains(number));
    if number.is_none() {
        let bounds =
            if most == u64::MAX { format!("from {least}") } else { format!("from {least} to {most}") };
        found.push(Diagnostic::error(
            "bad-setting",
            format!("{what} must be a whole number {bounds}"),
            Some(node.at.clone()),
        ));
    }
    number
}

/// true or false.
pub(super) fn flag(node: &Node, what: &str, found: &mut Found) -> Option<bool> {
    match node.content {
        Content::Bool(flag) if node.tag.is_none() => Some(flag),
        _ => {
            found.push(mismatch(node, what, "true or false"));
            None
        }
    }
}

/// One of a set of words.
pub(super) fn choice<T: Copy>(
    node: &Node,
    what: &str,
    choices: &[(&str, T)],
    found: &mut Found,
) -> Option<T> {
    let chosen = node.text().and_then(|text| choices.iter().find(|(word, _)| *word == text));
    if chosen.is_none() {
        let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
        let finding = Diagnostic::error(
            "bad-setting",
            format!("{what} must be one of {}", words.join(", ")),
            Some(node.at.clone()),
        );
        let near = node.text().and_then(|text| nearest(text, choices.iter().map(|(word, _)| *word)));
        found.push(match near {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding,
        });
    }
    chosen.map(|(_, value)| *value)
}

/// A length of time: a number of seconds, or a text such as `30s` or `5m`.
pub(super) fn duration(node: &Node, what: &str, found: &mut Found) -> Option<Duration> {
    let seconds = match &node.content {
        Content::Number(number) if node.tag.is_none() => number.as_u64(),
        Content::Text(text) if node.tag.is_none() => {
            let (digits, factor) = match text.strip_suffix('s') {
                Some(digits) => (digits, 1),
                None => (text.strip_suffix('m').unwrap_or_default(), 60),
            };
            digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor))
        }
        _ => None,
    };
    if seconds.is_none() {
        found.push(
            Diagnostic::error(
                "bad-setting",
                format!("{what} must be a length of time"),
                Some(node.at.clone()),
            )
            .hint("for example `30s` or `5m`"),
        );
    }
    seconds.map(Duration::from_secs)
}
