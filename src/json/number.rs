//! Numbers by value: 1 = 1.0, and 64-bit integers are exact.

use serde_json::Number;

/// A number reduced to what it is worth: two numbers are equal exactly when these are equal bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Canonical {
    /// A whole number, however it was spelled.
    Whole(i128),
    /// Anything else, as the bits of its `f64` (never NaN; zero is [`Canonical::Whole`]).
    Bits(u64),
}

/// Below this every whole `f64` fits `i128`; above it no integer that we read can be equal.
const WHOLE_LIMIT: f64 = 1e38;

impl From<&Number> for Canonical {
    fn from(number: &Number) -> Self {
        if let Some(whole) = number.as_i64() {
            return Canonical::Whole(whole.into());
        }
        if let Some(whole) = number.as_u64() {
            return Canonical::Whole(whole.into());
        }
        let real = number.as_f64().unwrap_or(f64::NAN);
        if real.fract() == 0.0 && real.abs() < WHOLE_LIMIT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and far below the range of i128")]
            return Canonical::Whole(real as i128);
        }
        Canonical::Bits(real.to_bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn canonical(value: &serde_json::Value) -> Canonical {
        Canonical::from(value.as_number().unwrap())
    }

    #[test]
    fn spelling_does_not_count_and_neighbours_differ() {
        assert_eq!(canonical(&json!(1)), canonical(&json!(1.0)));
        assert_eq!(canonical(&json!(0)), canonical(&json!(-0.0)));
        assert_ne!(canonical(&json!(9007199254740993_i64)), canonical(&json!(9007199254740992.0)));
        assert_ne!(canonical(&json!(u64::MAX)), canonical(&json!(18446744073709551616.0)));
        assert_ne!(canonical(&json!(0.1)), canonical(&json!(0.2)));
    }
}
