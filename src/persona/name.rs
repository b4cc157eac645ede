//! When two persona names are the same: in Unicode's normal form C, whatever keyboard wrote them.

use unicode_normalization::UnicodeNormalization;

/// Whether both name the same persona.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.nfc().eq(b.nfc())
}

/// A text that is equal for two names exactly when [`same`] holds for them.
#[must_use]
pub fn key(name: &str) -> String {
    name.nfc().collect()
}
