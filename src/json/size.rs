//! How many bytes a value takes as compact JSON, as `serde_json` prints it.

use serde_json::Value;

/// Bytes of the compact JSON of `value`.
#[must_use]
pub fn compact_size(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number_size(number),
        Value::String(text) => string_size(text),
        Value::Array(items) => 1 + items.iter().map(|item| compact_size(item) + 1).sum::<u64>().max(1),
        Value::Object(members) => {
            1 + members
                .iter()
                .map(|(key, value)| string_size(key) + compact_size(value) + 2)
                .sum::<u64>()
                .max(1)
        }
    }
}

/// Bytes of `number` as it is printed.
pub(super) fn number_size(number: &serde_json::Number) -> u64 {
    if let Some(whole) = number.as_u64() {
        return u64::from(whole.checked_ilog10().unwrap_or(0)) + 1;
    }
    if let Some(whole) = number.as_i64() {
        return u64::from(whole.unsigned_abs().checked_ilog10().unwrap_or(0)) + 2;
    }
    number.to_string().len() as u64
}

/// Bytes of `text` as a JSON string with its quotes.
#[must_use]
pub fn string_size(text: &str) -> u64 {
    // Sums of single bytes over short chunks compile to vector code; prompts are long.
    let chunks = text.as_bytes().chunks(48);
    let extra: u64 = chunks.map(|chunk| u64::from(chunk.iter().map(|&b| escape_extra(b)).sum::<u8>())).sum();
    text.len() as u64 + extra + 2
}

/// Bytes that one more segment `/key` takes inside a pointer that is printed as a JSON string.
#[must_use]
pub fn segment_size(key: &str) -> u64 {
    // `~` and `/` become `~0` and `~1`.
    key.bytes().map(|b| 1 + u64::from(escape_extra(b)) + u64::from(b == b'~' || b == b'/')).sum::<u64>() + 1
}

/// How many bytes more than itself a byte takes inside a JSON string; without branches.
fn escape_extra(byte: u8) -> u8 {
    let short = (byte == b'\n') | (byte == b'\r') | (byte == b'\t') | (byte == 0x08) | (byte == 0x0c);
    let long = (byte < 0x20) & !short;
    u8::from((byte == b'"') | (byte == b'\\') | short) + 5 * u8::from(long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sizes_are_those_of_the_printer() {
        let all: String = (0..0x100_u32).filter_map(char::from_u32).chain(['\u{2028}', '🙂']).collect();
        for value in [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(-1),
            json!(10),
            json!(-10),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1.5),
            json!(1e100),
            json!(-0.0),
            json!([]),
            json!({}),
            json!([1, [2]]),
            json!({"a": {"b\n": 1}, "c": [true]}),
            json!(all),
        ] {
            assert_eq!(compact_size(&value), value.to_string().len() as u64, "{value}");
        }
    }

    #[test]
    fn segment_sizes_are_those_of_a_printed_pointer() {
        for key in ["", "a", "a/b~c", "q\"\\\n\u{1}", "é"] {
            let pointer = super::super::extend(jsonptr::Pointer::root(), key);
            assert_eq!(segment_size(key), json!(pointer.as_str()).to_string().len() as u64 - 2, "{key}");
        }
    }
}
