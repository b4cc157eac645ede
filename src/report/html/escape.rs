//! Text from files and from the API inside HTML: entities for what HTML reads, escapes for what misleads an eye.

use crate::report::escape;

/// Text of an element whose line breaks count.
pub(super) fn text(text: &str) -> String {
    entities(&escape::block(text))
}

/// Text within a line, or the value of a quoted attribute.
pub(super) fn inline(text: &str) -> String {
    entities(&escape::inline(text))
}

/// Text that had its harmful characters made visible already.
pub(super) fn entities(text: &str) -> String {
    escape::entities(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_element_or_an_attribute() {
        assert_eq!(text("</div>\n\"'&"), "&lt;/div&gt;\n&quot;&#39;&amp;");
        assert_eq!(inline("a\u{202e}\nb"), "a\\u{202e}\\nb");
    }
}
