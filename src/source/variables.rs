//! Environment variables for `!env`: the boundary to where their values come from, and which names are allowed.

/// Where the values of `!env` come from.
pub trait Variables {
    /// The value of a variable. None if it is not set or is empty: a credential is never replaced by nothing.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Variables for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name).filter(|value| !value.is_empty())
    }
}

/// What a name must start with where the settings do not list it: a persona file from a pull request must not be
/// able to read any variable it likes.
pub const ALLOWED_PREFIXES: [&str; 3] = ["TAVUS_", "LLM_", "TTS_"];

/// Whether the name may be used.
#[must_use]
pub fn is_allowed(name: &str, listed: &[String]) -> bool {
    // The key of the account itself is never part of a persona.
    name != "TAVUS_API_KEY" && ALLOWED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || listed.iter().any(|listed| listed == name)
}

/// Whether it is a name at all.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_known_prefix_or_in_the_list_are_allowed() {
        let listed = vec!["MY_KEY".to_owned()];
        assert!(is_allowed("LLM_API_KEY", &[]) && is_allowed("TTS_KEY", &[]) && is_allowed("TAVUS_X", &[]));
        assert!(is_allowed("MY_KEY", &listed));
        assert!(!is_allowed("MY_KEY", &[]) && !is_allowed("AWS_SECRET_ACCESS_KEY", &listed));
        assert!(!is_allowed("TAVUS_API_KEY", &[]));
    }

    #[test]
    fn p30_an_empty_value_counts_as_unset() {
        let variables = |name: &str| (name == "LLM_EMPTY").then(String::new);
        assert_eq!(Variables::get(&variables, "LLM_EMPTY"), None);
    }
}
