//! JSON values to YAML text: block style, long text as `|`, and quoted wherever any reader could see something else.
//!
//! Used for files that are new (`pull`, `init`) and for `show`. What an older reader (YAML 1.1) would take for a
//! boolean, a number, a date or null is quoted, so that other tools on the same files see text, too.

use super::scalar::{self, Plain};
use crate::report::escape;
use serde_json::{Map, Number, Value};
use std::fmt::Write as _;

/// What is written besides the values themselves, by path.
#[derive(Clone, Copy)]
pub struct Extras<'e> {
    /// Text that takes the place of a value: `!env LLM_API_KEY`.
    pub instead: &'e dyn Fn(&[String]) -> Option<String>,
    /// A remark that follows the value on its line.
    pub remark: &'e dyn Fn(&[String]) -> Option<String>,
}

impl Default for Extras<'_> {
    fn default() -> Self {
        Extras { instead: &|_| None, remark: &|_| None }
    }
}

/// The value as a YAML document.
#[must_use]
pub fn to_yaml(value: &Value) -> String {
    to_yaml_with(value, Extras::default())
}

/// The value as a YAML document in which no text ends with blank lines: for a place that blank lines follow already.
#[must_use]
pub fn to_yaml_closed(value: &Value) -> String {
    write(value, Extras::default(), false)
}

/// The value as a YAML document, with extras.
#[must_use]
pub fn to_yaml_with(value: &Value, extras: Extras<'_>) -> String {
    write(value, extras, true)
}

fn write(value: &Value, extras: Extras<'_>, open: bool) -> String {
    let mut emitter = Emitter { out: String::new(), path: Vec::new(), extras, open };
    match value {
        Value::Object(members) if !members.is_empty() => emitter.members(members, 0, false),
        Value::Array(elements) if !elements.is_empty() => emitter.elements(elements, 0, false),
        scalar => {
            emitter.scalar(scalar, 0);
            emitter.out.push('\n');
        }
    }
    emitter.out
}

struct Emitter<'e> {
    out: String,
    path: Vec<String>,
    extras: Extras<'e>,
    /// Whether blank lines may stand at the end of a block.
    open: bool,
}

impl Emitter<'_> {
    /// `inline`: the first member continues the line of a `- `.
    fn members(&mut self, members: &Map<String, Value>, indent: usize, inline: bool) {
        for (index, (key, value)) in members.iter().enumerate() {
            if !(inline && index == 0) {
                self.indent(indent);
            }
            let written = key_text(key);
            // A key of over 1024 characters is read only after a `?`.
            if written.chars().count() > 1000 {
                let _ = write!(self.out, "? {written}\n{}:", " ".repeat(indent));
            } else {
                let _ = write!(self.out, "{written}:");
            }
            self.path.push(key.clone());
            self.value(value, indent + 2, false);
            self.path.pop();
        }
    }

    fn elements(&mut self, elements: &[Value], indent: usize, inline: bool) {
        for (index, value) in elements.iter().enumerate() {
            if !(inline && index == 0) {
                self.indent(indent);
            }
            self.out.push('-');
            self.path.push(index.to_string());
            self.value(value, indent + 2, true);
            self.path.pop();
        }
    }

    /// What follows a `:` or a `-`, with the end of the line.
    fn value(&mut self, value: &Value, indent: usize, element: bool) {
        if let Some(text) = (self.extras.instead)(&self.path) {
            let _ = write!(self.out, " {text}");
            return self.end_line();
        }
        match value {
            Value::Object(members) if !members.is_empty() => {
                if element {
                    self.out.push(' ');
                } else {
                    self.out.push('\n');
                }
                self.members(members, indent, element);
            }
            Value::Array(elements) if !elements.is_empty() => {
                if element {
                    self.out.push(' ');
                } else {
                    self.out.push('\n');
                }
                self.elements(elements, indent, element);
            }
            scalar => {
                self.out.push(' ');
                self.scalar(scalar, indent);
            }
        }
    }

    /// A scalar or an empty collection, with the end of the line unless at the top.
    fn scalar(&mut self, value: &Value, indent: usize) {
        let text = match value {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number_text(number),
            Value::String(text) if indent > 0 && fits_block(text, self.open) => {
                return self.block(text, indent);
            }
            Value::String(text) => scalar_text(text),
            Value::Array(_) => "[]".to_owned(),
            Value::Object(_) => "{}".to_owned(),
        };
        self.out.push_str(&text);
        if indent > 0 {
            self.end_line();
        }
    }

    /// A `|` block.
    fn block(&mut self, text: &str, indent: usize) {
        let body = text.trim_end_matches('\n');
        let breaks = text.len() - body.len();
        self.out.push('|');
        // Without the number, a first line that starts with a space would set the indentation.
        if body.starts_with([' ', '\n']) {
            self.out.push('2');
        }
        match breaks {
            0 => self.out.push('-'),
            1 => {}
            _ => self.out.push('+'),
        }
        self.end_line();
        for line in body.split('\n') {
            if !line.is_empty() {
                self.indent(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
    }

    fn end_line(&mut self) {
        if let Some(remark) = (self.extras.remark)(&self.path) {
            let _ = write!(self.out, "  # {}", escape::inline(&remark));
        }
        self.out.push('\n');
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Whether the text is written as a block: several lines, nothing that a block cannot hold as it is.
fn fits_block(text: &str, open: bool) -> bool {
    let body = text.trim_end_matches('\n');
    body.contains('\n')
        && !body.starts_with('\t')
        // Blank lines at the end would run together with those that part it from what follows. Only a long text is
        // worse off on one line.
        && (text.len() - body.len() < 2 || (open && body.len() > 200))
        && !text.contains(|c: char| c != '\n' && c != '\t' && must_escape(c))
        // A line of spaces only before the first text would be taken for its indentation, and the last one for nothing.
        && body.lines().find(|line| !line.is_empty()).is_none_or(|line| !line.trim().is_empty())
        && body.lines().next_back().is_none_or(|line| !line.trim().is_empty())
}

/// A scalar on one line: bare where every reader sees the same text, else in double quotes.
#[must_use]
pub fn scalar_text(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { quoted(text) }
}

fn key_text(key: &str) -> String {
    scalar_text(key)
}

fn is_bare(text: &str) -> bool {
    // Anything that starts like a number, a date or an indicator is quoted.
    text.starts_with(char::is_alphabetic)
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(|c: char| c == '\n' || c == '\t' || must_escape(c))
        && scalar::plain(text) == Plain::Text
        && scalar::older_reading(text).is_none()
}

/// Characters that no YAML text may hold, or that nobody can see. The joiners stay: emoji and several scripts are
/// written with them.
fn must_escape(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{7f}')
        || (escape::is_harmful(c) && !matches!(c, '\u{200c}' | '\u{200d}'))
}

/// In double quotes, with everything escaped that is not plainly visible.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if must_escape(c) => {
                let code = u32::from(c);
                let _ =
                    if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A number that older readers take for one, too: `1e20` has a point for them.
fn number_text(number: &Number) -> String {
    let text = number.to_string();
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
            format!("{mantissa}{point}e{sign}{exponent}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::compose::compose;
    use crate::source::text::SourceText;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_people_would() {
        let value = json!({
            "persona_name": "Sales Coach", "system_prompt": "One.\n\n- two\n  three\n", "chomped": "a\nb",
            "kept": "a\nb\n\n\n", "indented": "  a\nb\n", "list": ["x", {"a": 1, "b": [true, null]}, [], {}],
            "url": "https://x.example/v1?a=b#c", "odd": "a: b", "remark": "a #b", "empty": "", "n": 1.0e20,
        });
        insta::assert_snapshot!(to_yaml(&value));
    }

    #[test]
    fn a_long_text_stays_a_block_with_lines_of_spaces_in_it_and_blank_lines_at_its_end() {
        let long = "Say less.\n".repeat(40);
        for text in [
            format!("{long}  \n\n   \nlast"),
            format!("{long}\n\n"),
            format!("{long}x  \n\n"),
            format!("\n\n{long}\t\nend\n"),
        ] {
            let value = json!({"a": {"system_prompt": text}, "list": [text, "x"], "z": 1});
            let yaml = to_yaml(&value);
            assert!(yaml.lines().count() > 80, "{yaml}");
            let composed = compose(&SourceText { file: "p.yaml".into(), text: yaml.as_str().into() });
            assert_eq!(composed.diagnostics, [], "{yaml}");
            assert_eq!(composed.root.unwrap().to_json(), value, "{yaml}");
        }
    }

    #[test]
    fn p22_what_older_readers_would_convert_is_quoted() {
        for text in [
            "no",
            "No",
            "yes",
            "on",
            "OFF",
            "y",
            "N",
            "true",
            "null",
            "~",
            "",
            "1",
            "017",
            "1_000",
            "1e3",
            ".5",
            "0x1f",
            "2026-01-02",
            "12:30:45",
            "2001-12-14t21:59:43.10-05:00",
            "=",
            "<<",
            "-",
            "- a",
            "? a",
            "!a",
            "&a",
            "*a",
            "@a",
            "%a",
            "a: b",
            "a #b",
            "a:",
            " a",
            "a ",
            "{a",
            "[a",
            "'a",
            "\"a",
            "#a",
            ">",
            "|",
            ",",
            "a\tb",
            "\u{85}",
            "\u{feff}x",
        ] {
            assert_eq!(scalar_text(text), quoted(text), "{text:?}");
        }
        for text in ["note", "Sales Coach", "tavus-gpt-oss", "über", "a's \"b\"", "x{y}", "https://x"] {
            assert_eq!(scalar_text(text), text);
        }
    }

    #[test]
    fn extras_stand_instead_of_values_and_after_them() {
        let extras = Extras {
            instead: &|path| (path == ["a", "key"]).then(|| "!env LLM_API_KEY".to_owned()),
            remark: &|path| (path.len() == 2).then(|| "from x.yaml:1".to_owned()),
        };
        let text = to_yaml_with(&json!({"a": {"key": null, "b": 1}, "c": "x\ny"}), extras);
        assert_eq!(
            text,
            "a:\n  key: !env LLM_API_KEY  # from x.yaml:1\n  b: 1  # from x.yaml:1\nc: |-\n  x\n  y\n"
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            ".{0,12}",
            "[ -~\n\t:#'\"\\\\-]{0,20}",
            "( |\n|a|\t|-|#|é|\u{2028}){0,10}",
            Just("<<".to_owned()),
            "a{1020,1030}",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Into::into),
            text.clone().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec((text.clone(), inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal_without_a_single_finding(value in any_json()) {
            let text = to_yaml(&value);
            let composed = compose(&SourceText { file: "p.yaml".into(), text: text.as_str().into() });
            prop_assert_eq!(&composed.diagnostics, &vec![], "{}", text);
            prop_assert_eq!(composed.root.unwrap().to_json(), value, "{}", text);
        }
    }
}
