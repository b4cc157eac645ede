//! A strict JSON reader: what it accepts means the same to every other reader.
//!
//! RFC 8259, and on top: no repeated key, no number that our number type would round, no half surrogate, no
//! nesting beyond [`MAX_DEPTH`]. It does not recurse. A byte order mark at the start is skipped.

use super::MAX_DEPTH;
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

/// Why a text was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct ReadError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: ReadErrorKind,
}

impl ReadError {
    /// A stable code for the kind of fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            ReadErrorKind::Syntax(_) => "json-syntax",
            ReadErrorKind::NotUtf8 => "json-not-utf8",
            ReadErrorKind::DuplicateKey(_) => "json-duplicate-key",
            ReadErrorKind::NumberRange => "json-number-range",
            ReadErrorKind::NumberPrecision => "json-number-precision",
            ReadErrorKind::Surrogate => "json-surrogate",
            ReadErrorKind::TooDeep => "json-too-deep",
        }
    }
}

/// What can be wrong with a JSON text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadErrorKind {
    /// Not JSON.
    #[error("{0}")]
    Syntax(&'static str),
    /// Not UTF-8.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// The same key twice in one object.
    #[error("the key `{0}` is repeated in this object")]
    DuplicateKey(String),
    /// An integer beyond 64 bits, or a number beyond the range of `f64`.
    #[error("the number is beyond 64-bit integers and finite doubles")]
    NumberRange,
    /// A number that would change its value when it is stored as `f64`.
    #[error("the number has more digits than a double can keep")]
    NumberPrecision,
    /// Half of a surrogate pair.
    #[error("an unpaired surrogate escape")]
    Surrogate,
    /// Nested too deep.
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
}

/// Reads one JSON document.
///
/// # Errors
/// [`ReadError`] with the line and column of the first fault.
pub fn read_strict(text: &[u8]) -> Result<Value, ReadError> {
    let (value, _) = read(text, false, None)?;
    Ok(value)
}

/// The same, but texts are kept only under these names. All others are checked as well, and come out empty: for
/// documents of which little is wanted.
///
/// # Errors
/// [`ReadError`] with the line and column of the first fault.
pub fn read_named(text: &[u8], names: &[&str]) -> Result<Value, ReadError> {
    let (value, _) = read(text, false, Some(names))?;
    Ok(value)
}

/// Reads one JSON document in spite of faults that leave its structure intact (repeated keys, numbers, half
/// surrogates, depth): the first of them comes with the value, which is then only good for finding out what
/// the fault belongs to.
///
/// # Errors
/// [`ReadError`] if the text is not JSON at all.
pub fn read_noting(text: &[u8]) -> Result<(Value, Option<ReadError>), ReadError> {
    read(text, true, None)
}

fn read(text: &[u8], noting: bool, names: Option<&[&str]>) -> Result<(Value, Option<ReadError>), ReadError> {
    let (text, bad) = match std::str::from_utf8(text) {
        Ok(text) => (text, None),
        // The part before the bad byte is read as well: an earlier fault is the better message.
        Err(error) => {
            let good = text.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(good).unwrap_or_default(), Some(error.valid_up_to()))
        }
    };
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: start,
        noting,
        names,
        noted: None,
        scratch: String::new(),
    };
    let outcome = reader.document();
    match (outcome, bad) {
        (Err((at, kind)), Some(bad)) if at < bad => Err(locate(text, at, kind)),
        (_, Some(bad)) => Err(locate(text, bad, ReadErrorKind::NotUtf8)),
        (Err((at, kind)), None) => Err(locate(text, at, kind)),
        (Ok(value), None) => Ok((value, reader.noted.map(|(at, kind)| locate(text, at, kind)))),
    }
}

fn locate(text: &str, at: usize, kind: ReadErrorKind) -> ReadError {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    ReadError {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().filter(|&c| c != '\u{feff}').count() + 1,
        kind,
    }
}

type Fault = (usize, ReadErrorKind);

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Whether faults that leave the structure intact are noted instead of ending the reading.
    noting: bool,
    /// The only members whose texts are kept, if not all are.
    names: Option<&'t [&'t str]>,
    noted: Option<Fault>,
    /// The text being put together.
    scratch: String,
}

/// A container that is still open: where its elements begin among those that were read and belong to none yet.
enum Open {
    Array { first: usize },
    Object { first: usize },
}

/// The key of a member whose value is being read, or was, and where it stands.
type Key = (usize, String);

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, Fault> {
        let mut open: Vec<Open> = Vec::new();
        // Elements and keys wait here until their container is whole, so that it takes no more memory than it
        // needs: one that grows by itself takes up to twice as much.
        let mut values: Vec<Value> = Vec::new();
        let mut keys: Vec<Key> = Vec::new();
        'value: loop {
            self.blank();
            let mut value = match self.peek() {
                Some(b'[' | b'{') if open.len() >= MAX_DEPTH => {
                    self.note(self.at, ReadErrorKind::TooDeep)?;
                    self.skip_container()?;
                    Value::Null
                }
                Some(b'[') => {
                    self.enter();
                    if self.eat(b']') {
                        Value::Array(Vec::new())
                    } else {
                        open.push(Open::Array { first: values.len() });
                        continue 'value;
                    }
                }
                Some(b'{') => {
                    self.enter();
                    if self.eat(b'}') {
                        Value::Object(Map::new())
                    } else {
                        keys.push(self.key()?);
                        open.push(Open::Object { first: values.len() });
                        continue 'value;
                    }
                }
                Some(b'"') if !self.keeps(open.last(), keys.last()) => {
                    self.skip_string().map(|()| Value::String(String::new()))?
                }
                _ => self.scalar()?,
            };
            // The value is whole: hand it to the innermost open container, closing as many as end here.
            loop {
                self.blank();
                match open.last() {
                    None => {
                        return if self.at == self.bytes.len() {
                            Ok(value)
                        } else {
                            self.syntax("more text after the document")
                        };
                    }
                    Some(&Open::Array { first }) => {
                        values.push(value);
                        if self.eat(b',') {
                            continue 'value;
                        }
                        self.expect(b']', "expected `,` or `]`")?;
                        value = values.drain(first..).collect();
                    }
                    Some(&Open::Object { first }) => {
                        values.push(value);
                        if self.eat(b',') {
                            keys.push(self.key()?);
                            continue 'value;
                        }
                        self.expect(b'}', "expected `,` or `}`")?;
                        value = self.object(&mut keys, values.drain(first..))?;
                    }
                }
                open.pop();
            }
        }
    }

    /// The object of these values and the last keys.
    fn object(
        &mut self,
        keys: &mut Vec<Key>,
        values: impl ExactSizeIterator<Item = Value>,
    ) -> Result<Value, Fault> {
        let mut members = Map::with_capacity(values.len());
        let first = keys.len().saturating_sub(values.len());
        for ((at, key), value) in keys.drain(first..).zip(values) {
            match members.entry(key) {
                Entry::Vacant(vacant) => {
                    vacant.insert(value);
                }
                Entry::Occupied(mut occupied) => {
                    self.note(at, ReadErrorKind::DuplicateKey(occupied.key().clone()))?;
                    occupied.insert(value);
                }
            }
        }
        Ok(Value::Object(members))
    }

    /// Whether the text that is next is wanted.
    fn keeps(&self, open: Option<&Open>, key: Option<&Key>) -> bool {
        match (self.names, open, key) {
            (Some(names), Some(Open::Object { .. }), Some((_, key))) => names.contains(&key.as_str()),
            (names, ..) => names.is_none(),
        }
    }

    /// Notes a fault and goes on, or ends the reading with it.
    fn note(&mut self, at: usize, kind: ReadErrorKind) -> Result<(), Fault> {
        if !self.noting {
            return Err((at, kind));
        }
        // A repeated key is seen when its object ends, behind faults that stand after it.
        if self.noted.as_ref().is_none_or(|first| at < first.0) {
            self.noted = Some((at, kind));
        }
        Ok(())
    }

    /// Steps over an opening bracket and the blanks behind it.
    fn enter(&mut self) {
        self.at += 1;
        self.blank();
    }

    /// Steps over a container that is nested too deep, without looking at more than its brackets.
    fn skip_container(&mut self) -> Result<(), Fault> {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'[' | b'{') => depth += 1,
                Some(b']' | b'}') => depth -= 1,
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(_) => {}
                None => return self.syntax("the text ends inside an array or object"),
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn key(&mut self) -> Result<Key, Fault> {
        self.blank();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.syntax("expected a key in double quotes");
        }
        let key = self.string()?;
        self.blank();
        self.expect(b':', "expected `:`")?;
        Ok((start, key))
    }

    fn scalar(&mut self) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => self.syntax("expected a JSON value"),
            None => self.syntax("the text ends where a value should be"),
        }
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, Fault> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            return Ok(value);
        }
        self.syntax("expected a JSON value")
    }

    fn number(&mut self) -> Result<Number, Fault> {
        let start = self.at;
        self.eat(b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return self.syntax("expected a digit"),
        }
        if self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return self.syntax("a number must not start with 0");
        }
        let mut whole = true;
        if self.eat(b'.') {
            whole = false;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let token = self.text.get(start..self.at).unwrap_or_default();
        match exact_number(token, whole) {
            Ok(number) => Ok(number),
            Err(kind) => self.note(start, kind).map(|()| Number::from(0)),
        }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.syntax("expected a digit") } else { Ok(()) }
    }

    /// A string. It is put together in one buffer for all, so that a long text with many escapes is not moved as it
    /// grows.
    fn string(&mut self) -> Result<String, Fault> {
        let mut out = std::mem::take(&mut self.scratch);
        out.clear();
        let ended = self.each_part(|part| out.push_str(part));
        let string = ended.map(|()| out.as_str().to_owned());
        self.scratch = out;
        string
    }

    /// Steps over a string, checking it.
    fn skip_string(&mut self) -> Result<(), Fault> {
        self.each_part(|_| {})
    }

    /// Gives the parts of a string, what stands for itself and what escapes stand for.
    fn each_part(&mut self, mut take: impl FnMut(&str)) -> Result<(), Fault> {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let plain = plain_run(rest);
            take(self.text.get(self.at..self.at + plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => take(self.escape()?.encode_utf8(&mut [0; 4])),
                Some(_) => return self.syntax("a control character in a string must be escaped"),
                None => return self.syntax("the text ends inside a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        let letter = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        let plain = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex4(start)?;
                let code = match first {
                    0xD800..=0xDBFF => {
                        let mark = self.at;
                        let second = if self.bytes.get(mark..mark + 2) == Some(b"\\u") {
                            self.at += 2;
                            self.hex4(start)?
                        } else {
                            0
                        };
                        if (0xDC00..=0xDFFF).contains(&second) {
                            0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                        } else {
                            self.at = mark;
                            first
                        }
                    }
                    _ => first,
                };
                match char::from_u32(code) {
                    Some(char) => char,
                    None => {
                        self.note(start, ReadErrorKind::Surrogate).map(|()| char::REPLACEMENT_CHARACTER)?
                    }
                }
            }
            _ => return Err((start, ReadErrorKind::Syntax("unknown escape"))),
        };
        Ok(plain)
    }

    fn hex4(&mut self, start: usize) -> Result<u32, Fault> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        self.at += 4;
        code.ok_or((start, ReadErrorKind::Syntax("expected four hexadecimal digits")))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, message: &'static str) -> Result<(), Fault> {
        if self.eat(byte) { Ok(()) } else { self.syntax(message) }
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn syntax<T>(&self, message: &'static str) -> Result<T, Fault> {
        Err((self.at.min(self.bytes.len()), ReadErrorKind::Syntax(message)))
    }
}

/// How many bytes stand for themselves in a string. Eight are looked at in one step: for each byte of `word` that is
/// below `n`, the highest bit of that byte in `(word - n * ONES) & !word` is set. A borrow may set more of them, but
/// only in bytes behind the first that is meant.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x80 * ONES;
    let below = |word: u64, n: u8| word.wrapping_sub(u64::from(n) * ONES) & !word;
    let is = |word: u64, byte: u8| below(word ^ (u64::from(byte) * ONES), 1);
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let ends = (is(word, b'"') | is(word, b'\\') | below(word, 0x20)) & HIGHEST;
        if ends != 0 {
            return index * 8 + ends.trailing_zeros() as usize / 8;
        }
    }
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    words.len() * 8 + rest.iter().position(ends).unwrap_or(rest.len())
}

/// The number a token stands for, if our number type can keep it.
fn exact_number(token: &str, whole: bool) -> Result<Number, ReadErrorKind> {
    if whole && token != "-0" {
        let number =
            token.parse::<u64>().map(Number::from).or_else(|_| token.parse::<i64>().map(Number::from));
        return number.map_err(|_| ReadErrorKind::NumberRange);
    }
    let real = token.parse::<f64>().ok().filter(|real| real.is_finite());
    let number = real.and_then(Number::from_f64).ok_or(ReadErrorKind::NumberRange)?;
    if decimal(token) == decimal(&number.to_string()) {
        Ok(number)
    } else {
        Err(ReadErrorKind::NumberPrecision)
    }
}

/// A decimal token as (negative, significant digits, exponent of the last digit): equal for equal values.
fn decimal(token: &str) -> (bool, String, i64) {
    let (negative, token) = token.strip_prefix('-').map_or((false, token), |rest| (true, rest));
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return (negative, String::new(), 0);
    }
    let dropped = digits.len() - digits.trim_end_matches('0').len();
    // An exponent beyond i64 can only belong to a token that has already been refused.
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    let shift = i64::try_from(dropped).unwrap_or(0) - i64::try_from(fraction.len()).unwrap_or(0);
    (negative, significant.to_owned(), exponent.saturating_add(shift))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(text: &str) -> (usize, usize, &'static str) {
        let error = read_strict(text.as_bytes()).unwrap_err();
        (error.line, error.column, error.code())
    }

    #[test]
    fn reads_what_the_printer_prints() {
        let value = json!({
            "a": [null, true, false, 0, -1, u64::MAX, i64::MIN, 1.5, 1e300, 5e-324, -0.0],
            "é\n\"\\/\u{1}🙂": {"": [[], {}]},
        });
        assert_eq!(read_strict(value.to_string().as_bytes()).unwrap(), value);
        assert_eq!(read_strict(serde_json::to_string_pretty(&value).unwrap().as_bytes()).unwrap(), value);
        assert_eq!(read_strict(b"\xef\xbb\xbf [1 , 2]\r\n").unwrap(), json!([1, 2]));
        assert_eq!(
            read_strict(br#""\ud83d\ude42\u00e9\/\b\f\n\r\t""#).unwrap(),
            json!("🙂é/\u{8}\u{c}\n\r\t")
        );
    }

    #[test]
    fn texts_that_are_not_wanted_are_checked_all_the_same() {
        let text = r#"{"id": "x", "other": "y\n", "list": ["z", {"id": "w"}], "n": 1}"#;
        let value = read_named(text.as_bytes(), &["id"]).unwrap();
        assert_eq!(value, json!({"id": "x", "other": "", "list": ["", {"id": "w"}], "n": 1}));
        assert_eq!(read_named(br#"{"other": "\ud800"}"#, &["id"]).unwrap_err().code(), "json-surrogate");
    }

    #[test]
    fn a_run_of_plain_bytes_ends_at_the_first_that_is_none() {
        let plain = |byte: u8| byte != b'"' && byte != b'\\' && byte >= 0x20;
        // Every byte at every place of a word, before and behind every kind of byte that matters.
        for byte in 0..=u8::MAX {
            for other in [0, 0x1f, 0x20, b'!', b'"', b'#', b'[', b'\\', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                for at in 0..20 {
                    let mut bytes = [b'a'; 24];
                    (bytes[at], bytes[at + 1]) = (byte, other);
                    let expected = bytes.iter().position(|&b| !plain(b)).unwrap_or(bytes.len());
                    assert_eq!(plain_run(&bytes), expected, "{byte:#x} {other:#x} at {at}");
                }
            }
        }
    }

    #[test]
    fn faults_have_a_place_and_a_code() {
        assert_eq!(refused("{\"a\": 1,\n \"b\": {\"é\": 1, \"é\": 2}}"), (2, 16, "json-duplicate-key"));
        assert_eq!(refused("[18446744073709551616]"), (1, 2, "json-number-range"));
        assert_eq!(refused("[-9223372036854775809]"), (1, 2, "json-number-range"));
        assert_eq!(refused("[1e999]"), (1, 2, "json-number-range"));
        assert_eq!(refused("[0.10000000000000000001]"), (1, 2, "json-number-precision"));
        assert_eq!(refused("[9007199254740993.0]"), (1, 2, "json-number-precision"));
        assert_eq!(refused("[1e-999]"), (1, 2, "json-number-precision"));
        assert_eq!(refused(r#"["\ud800"]"#), (1, 3, "json-surrogate"));
        assert_eq!(refused(r#"["\udc00x"]"#), (1, 3, "json-surrogate"));
        assert_eq!(refused(r#"["\ud800\ud800"]"#), (1, 3, "json-surrogate"));
        let error = read_strict(b"[1,\n\"\xff\"]").unwrap_err();
        assert_eq!((error.line, error.column, error.code()), (2, 2, "json-not-utf8"));
    }

    #[test]
    fn only_json_is_json() {
        for text in [
            "",
            " ",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,}",
            "{a:1}",
            "'a'",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "1e+",
            "nul",
            "truefalse",
            "\"a",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\t\"",
            "1 2",
            "[1]]",
            "NaN",
            "Infinity",
            "// c\n1",
        ] {
            assert_eq!(refused(text).2, "json-syntax", "{text}");
        }
    }

    #[test]
    fn depth_is_limited_without_recursion() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read_strict(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), (1, MAX_DEPTH + 1, "json-too-deep"));
        assert_eq!(refused(&"[".repeat(1_000_000)).2, "json-too-deep");
    }

    #[test]
    fn noting_keeps_the_rest() {
        let text = br#"{"id": "x", "n": 1e999, "s": "\ud800", "id": "y"}"#;
        let (value, fault) = read_noting(text).unwrap();
        assert_eq!(value["id"], "y");
        assert_eq!(fault.unwrap().code(), "json-number-range");
        let deep = format!(r#"{{"before": {}"]"{}, "id": 7}}"#, "[".repeat(5000), "]".repeat(5000));
        let (value, fault) = read_noting(deep.as_bytes()).unwrap();
        assert_eq!((&value["id"], fault.unwrap().code()), (&json!(7), "json-too-deep"));
        assert!(read_noting(b"{").is_err());
    }
}
