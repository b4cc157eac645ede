//! Text from files and from the API inside Markdown: it stays text, whatever it holds.
//!
//! All such text stands in `<code>` or `<pre>` inside HTML blocks. A Markdown parser reads nothing in an HTML
//! block, and hosts link no mention, number or commit hash inside `<code>` and `<pre>`. So only HTML has to be
//! escaped, and a blank line, which would end the block, must not occur outside `<pre>`.

use crate::report::escape;
use std::borrow::Cow;

/// Text within a line of an HTML block: no character of it can end an element, an attribute or the block.
pub(super) fn inline(text: &str) -> String {
    entities(&escape::inline(text)).into_owned()
}

/// The same as code: nothing in it is linked.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", inline(text))
}

/// Text that had its harmful characters made visible already, as HTML on one line. Backticks are not special in
/// HTML; they are written as entities so that no tool that looks for fences finds one.
pub(super) fn entities(text: &str) -> Cow<'_, str> {
    let plain = escape::entities(text);
    if plain.contains(['`', '\n', '\r']) {
        Cow::Owned(plain.replace('`', "&#96;").replace(['\n', '\r'], " "))
    } else {
        plain
    }
}

/// A name inside the hidden marker: nothing in it can end the comment.
pub(super) fn marker(name: &str) -> String {
    let mut out = String::new();
    // Longer than any name of an environment.
    for byte in name.bytes().take(100) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_code_element_or_the_block() {
        assert_eq!(
            code("</code><img src=x>\n\n@user"),
            "<code>&lt;/code&gt;&lt;img src=x&gt;\\n\\n@user</code>"
        );
    }

    #[test]
    fn a_marker_cannot_be_ended_by_a_name() {
        assert_eq!(marker("prod"), "prod");
        assert_eq!(marker("a-->b c"), "a--%3Eb%20c");
    }
}
