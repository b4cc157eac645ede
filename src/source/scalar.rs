//! What a plain (unquoted) YAML scalar means, by the core rules of YAML 1.2, and where other readers differ.
//!
//! Pure text in, a decision out. `no`, `on`, `y`, `017` and `1_000` are text; what the core rules call a number but
//! cannot be held as one is refused, never rounded or turned into text.

use serde_json::Number;

/// What a plain scalar is.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that JSON can hold.
    Number(Number),
    /// Text.
    Text,
    /// A number that cannot be held as it is written.
    Refused(Refusal),
}

/// Why a number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `.nan`, `.inf`: JSON has no such number.
    NotFinite,
    /// An integer that 64 bits do not hold.
    TooBig,
    /// Beyond the range of a double, such as `1e999`.
    OutOfRange,
    /// `0b101`, `-0x1f`: some readers see a number, others text.
    Ambiguous,
}

impl Refusal {
    /// What is wrong, to follow the value in a message.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Refusal::NotFinite => "is no number that JSON can hold",
            Refusal::TooBig => "is an integer beyond 64 bits",
            Refusal::OutOfRange => "is a number beyond the range of a double",
            Refusal::Ambiguous => "is a number to some YAML readers and text to others",
        }
    }
}

/// What an unquoted scalar means.
#[must_use]
pub fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Bool(true),
        "false" | "False" | "FALSE" => return Plain::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Plain::Refused(Refusal::NotFinite),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Plain::Refused(Refusal::NotFinite);
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return radix(text, unsigned, digits, 16);
    }
    if let Some(digits) = unsigned.strip_prefix("0o") {
        return radix(text, unsigned, digits, 8);
    }
    if let Some(digits) = unsigned.strip_prefix("0b") {
        let binary = !digits.is_empty() && digits.bytes().all(|b| matches!(b, b'0' | b'1'));
        return if binary { Plain::Refused(Refusal::Ambiguous) } else { Plain::Text };
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return integer(text, unsigned);
    }
    if is_core_float(unsigned) { float(text) } else { Plain::Text }
}

fn integer(text: &str, digits: &str) -> Plain {
    if digits.len() > 1 && digits.starts_with('0') {
        // `017` is 17 by the letter of YAML 1.2 and 15 to older readers; nobody means either.
        return Plain::Text;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = text.parse::<u64>() {
        return Plain::Number(number.into());
    }
    match text.parse::<i64>() {
        Ok(number) => Plain::Number(number.into()),
        Err(_) => Plain::Refused(Refusal::TooBig),
    }
}

fn radix(text: &str, unsigned: &str, digits: &str, radix: u32) -> Plain {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Plain::Text;
    }
    if text != unsigned {
        // The core rules allow no sign here; other readers do.
        return Plain::Refused(Refusal::Ambiguous);
    }
    match u64::from_str_radix(digits, radix) {
        Ok(number) => Plain::Number(number.into()),
        Err(_) => Plain::Refused(Refusal::TooBig),
    }
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_core_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

fn float(text: &str) -> Plain {
    let Ok(number) = text.strip_prefix('+').unwrap_or(text).parse::<f64>() else {
        return Plain::Text;
    };
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let vanished = number == 0.0 && mantissa.bytes().any(|b| matches!(b, b'1'..=b'9'));
    match Number::from_f64(number) {
        Some(number) if !vanished => Plain::Number(number),
        _ => Plain::Refused(Refusal::OutOfRange),
    }
}

/// What a YAML 1.1 reader would take this text for, if not for text.
#[must_use]
pub fn older_reading(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let one_case = text == lower || text == text.to_ascii_uppercase() || {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_uppercase()) && chars.all(|c| c.is_ascii_lowercase())
    };
    if one_case && matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "y" | "n") {
        return Some("a boolean");
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let starts = unsigned.starts_with(|c: char| c.is_ascii_digit());
    if !starts {
        return None;
    }
    if is_date(text) {
        return Some("a date");
    }
    let octal = unsigned.len() > 1
        && unsigned.starts_with('0')
        && unsigned.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let grouped = unsigned.contains('_')
        && unsigned.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.'))
        && unsigned.bytes().filter(|b| *b == b'.').count() <= 1;
    let sexagesimal = unsigned.contains(':')
        && unsigned.split(':').enumerate().all(|(place, part)| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_digit())
                && (place == 0 || (part.len() <= 2 && part.as_bytes()[0] < b'6' || part.len() == 1))
        });
    (octal || grouped || sexagesimal).then_some("a number")
}

/// `2026-01-02`, perhaps with a time behind it.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let hour = |time: &str| {
        time.split_once(':').is_some_and(|(hour, _)| matches!(hour.len(), 1..=2) && digits(hour))
    };
    matches!(parts.as_slice(), [year, month, day]
        if year.len() == 4 && [month, day].iter().all(|part| matches!(part.len(), 1..=2)))
        && parts.iter().all(|part| digits(part))
        && time.is_none_or(|time| hour(time.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p21_dates_are_text_and_older_readers_convert_them() {
        for text in ["2026-01-02", "2026-1-2", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43"] {
            assert_eq!((plain(text), older_reading(text)), (Plain::Text, Some("a date")), "{text}");
        }
        for text in ["2026-01", "26-01-02", "2026-01-02-03", "2026-01-02 or so", "2026-01-xx", "2026--"] {
            assert_eq!((plain(text), older_reading(text)), (Plain::Text, None), "{text}");
        }
    }

    #[test]
    fn p21_words_and_digits_that_older_readers_convert_stay_text() {
        for text in
            ["no", "No", "NO", "on", "off", "y", "N", "yes", "017", "-012", "1_000", "12:30:45", "1_0.5"]
        {
            assert_eq!(plain(text), Plain::Text, "{text}");
            assert!(older_reading(text).is_some(), "{text}");
        }
        for text in [
            "nO", "note", "1.2.3", "v1", "12:30pm", "10:99", "_", "a_b", "0x", "0o9", "1e", "+", "-", ".",
            "e5",
        ] {
            assert_eq!(plain(text), Plain::Text, "{text}");
            assert_eq!(older_reading(text), None, "{text}");
        }
    }

    #[test]
    fn p16_integers_of_64_bits_keep_every_digit() {
        assert_eq!(plain("18446744073709551615"), Plain::Number(u64::MAX.into()));
        assert_eq!(plain("-9223372036854775808"), Plain::Number(i64::MIN.into()));
        assert_eq!(plain("+7"), Plain::Number(7.into()));
        assert_eq!(plain("0x1F"), Plain::Number(31.into()));
        assert_eq!(plain("0o17"), Plain::Number(15.into()));
    }

    #[test]
    fn numbers_that_cannot_be_held_are_refused_not_changed() {
        for (text, refusal) in [
            ("18446744073709551616", Refusal::TooBig),
            ("-9223372036854775809", Refusal::TooBig),
            ("0xFFFFFFFFFFFFFFFFF", Refusal::TooBig),
            ("1e999", Refusal::OutOfRange),
            ("-1e400", Refusal::OutOfRange),
            ("1e-999", Refusal::OutOfRange),
            (".nan", Refusal::NotFinite),
            ("-.inf", Refusal::NotFinite),
            ("0b101", Refusal::Ambiguous),
            ("-0x1f", Refusal::Ambiguous),
        ] {
            assert_eq!(plain(text), Plain::Refused(refusal), "{text}");
        }
        assert_eq!(plain("0e999"), Plain::Number(Number::from_f64(0.0).unwrap()));
    }

    #[test]
    fn floats_follow_the_core_rules() {
        for (text, number) in
            [("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("+1.5E-2", 0.015), ("00.5", 0.5)]
        {
            assert_eq!(plain(text), Plain::Number(Number::from_f64(number).unwrap()), "{text}");
        }
    }
}
