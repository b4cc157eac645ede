//! What must never be shown: by path (the schema table, `!env`), by look (a mask), by search (server texts).

use super::schema::{self, Secrecy};
use jsonptr::PointerBuf;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// What stands in every output in place of a secret.
pub const MASK: &str = "(secret)";

/// The paths of one persona whose values must not be shown: those of the schema table and those set by `!env`.
#[derive(Debug, Clone, Default)]
pub struct SecretPaths {
    env: Vec<Vec<String>>,
}

impl SecretPaths {
    /// The table's paths and these.
    pub fn with_env<'a>(env: impl IntoIterator<Item = &'a PointerBuf>) -> Self {
        SecretPaths { env: env.into_iter().map(|pointer| segments(pointer)).collect() }
    }

    /// Whether the value at this path is secret, being so itself or lying below one that is.
    /// `value` matters only inside free-form parts, where a scalar under a telling name (`token`) counts.
    #[must_use]
    pub fn covers(&self, path: &[String], value: Option<&Value>) -> bool {
        if self.env.iter().any(|env| path.starts_with(env))
            || value.and_then(Value::as_str).is_some_and(has_credentials)
        {
            return true;
        }
        match schema::secrecy(path) {
            Secrecy::Open => false,
            Secrecy::Whole => true,
            Secrecy::ByName => {
                value.is_none_or(|v| !v.is_object() && !v.is_array())
                    && path.iter().any(|segment| name_tells_secret(segment))
            }
        }
    }

    /// A copy of a whole document with secret values replaced by [`MASK`]. Null and empty text stay: they hide
    /// nothing, and show that no secret is set.
    #[must_use]
    pub fn mask(&self, document: &Value) -> Value {
        self.mask_at(&mut Vec::new(), document)
    }

    /// The same for a value that stands at `path` in its document.
    #[must_use]
    pub fn mask_below(&self, path: &[String], value: &Value) -> Value {
        self.mask_at(&mut path.to_vec(), value)
    }

    fn mask_at(&self, path: &mut Vec<String>, value: &Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, member)| {
                        path.push(key.clone());
                        let masked = self.mask_at(path, member);
                        path.pop();
                        (key.clone(), masked)
                    })
                    .collect(),
            ),
            Value::Array(elements) => Value::Array(
                elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| {
                        path.push(index.to_string());
                        let masked = self.mask_at(path, element);
                        path.pop();
                        masked
                    })
                    .collect(),
            ),
            Value::Null => Value::Null,
            Value::String(text) if text.is_empty() => value.clone(),
            scalar if self.covers(path, Some(scalar)) => Value::String(MASK.to_owned()),
            scalar => scalar.clone(),
        }
    }
}

/// The decoded segments of a pointer.
#[must_use]
pub fn segments(pointer: &jsonptr::Pointer) -> Vec<String> {
    pointer.tokens().map(|token| token.decoded().into_owned()).collect()
}

/// Whether a member's name says that its value is a credential.
#[must_use]
pub fn name_tells_secret(name: &str) -> bool {
    const TELLING: [&[u8]; 9] = [
        b"apikey",
        b"secret",
        b"password",
        b"passwd",
        b"authorization",
        b"credential",
        b"bearer",
        b"privatekey",
        b"accesskey",
    ];
    // Asked for every name on the way to every value: most names are short, and need no memory of their own.
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    let (mut short, long): ([u8; 48], Vec<u8>);
    let name: &[u8] = if name.len() <= 48 {
        short = [0; 48];
        let length = short.iter_mut().zip(letters).map(|(slot, letter)| *slot = letter).count();
        &short[..length]
    } else {
        long = letters.collect();
        &long
    };
    // `max_tokens` is a number of words, not a credential.
    TELLING.iter().any(|telling| name.windows(telling.len()).any(|part| part == *telling))
        || name.ends_with(b"token")
        || matches!(name, b"key" | b"auth")
}

/// Whether a text is an address with a credential in it: `https://user:password@host`, or `?api_key=...` behind it.
#[must_use]
pub fn has_credentials(text: &str) -> bool {
    let scheme = ["https://", "http://", "wss://", "ws://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let Some(rest) = scheme.and_then(|scheme| text.get(scheme.len()..)) else { return false };
    if rest.contains(char::is_whitespace) {
        return false;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let user = rest[..end].rsplit_once('@').is_some_and(|(user, _)| !user.trim_matches(':').is_empty());
    let query = rest.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    user || query.split('&').any(|pair| {
        pair.split_once('=').is_some_and(|(name, value)| !value.is_empty() && name_tells_secret(name))
    })
}

/// Whether a text is what somebody puts in place of a secret: a server's mask, our own, or a stand-in such as
/// `<your-api-key>`. Such a text is never compared, sent or written to a file.
#[must_use]
pub fn is_mask(text: &str) -> bool {
    let text = text.trim();
    if text == MASK {
        return true;
    }
    let hidden = |c: char| matches!(c, '*' | '•' | '●' | '∙' | '·' | '█');
    let run = text.chars().filter(|c| hidden(*c)).count();
    if run >= 3 && (run * 2 >= text.chars().count() || text.contains("***") || text.contains("•••")) {
        return true;
    }
    let bare = text
        .trim_matches(|c| matches!(c, '<' | '>' | '[' | ']' | '(' | ')' | '{' | '}'))
        .to_ascii_lowercase()
        .replace(['-', '_', ' '], "");
    let bracketed = text.starts_with(['<', '[', '(', '{']);
    matches!(bare.as_str(), "redacted" | "masked" | "hidden" | "filtered" | "sensitive" | "secret")
        && (bracketed || text.chars().any(|c| c.is_ascii_uppercase()))
        || (bare.starts_with("your")
            && (bare.ends_with("key") || bare.ends_with("token") || bare.ends_with("secret")))
        || (text.len() >= 6 && text.chars().all(|c| c == 'x' || c == 'X'))
}

/// Whether a text stands for a credential that is put in elsewhere, as other tools write it: `${LLM_KEY}`, `$LLM_KEY`,
/// `{{ llm_key }}`, `%LLM_KEY%`, `<token>`, `changeme`, `sk-...`. Nothing here fills these in.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let scheme = text.split_once(' ').filter(|(scheme, _)| {
        ["bearer", "basic", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
    });
    let bare = scheme.map_or(text, |(_, rest)| rest.trim());
    let within = |open: &str, close: &str| {
        bare.len() > open.len() + close.len() && bare.starts_with(open) && bare.ends_with(close)
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let variable = bare.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(word)
    });
    let percent = within("%", "%") && bare.trim_matches('%').chars().all(word);
    let folded: String = bare.chars().filter(char::is_ascii_alphanumeric).collect();
    let said = matches!(
        folded.to_ascii_lowercase().as_str(),
        "changeme" | "changethis" | "replaceme" | "todo" | "placeholder" | "fixme" | "insertkeyhere"
    );
    within("${", "}")
        || within("{{", "}}")
        || within("<", ">")
        || variable
        || percent
        || said
        || (bare.len() < 40 && (bare.contains("...") || bare.contains('…')))
}

/// Replaces known secret values in texts that come from elsewhere: server messages, logs.
#[derive(Clone, Default)]
pub struct Scrubber {
    needles: Vec<SecretString>,
}

impl Scrubber {
    /// Values shorter than eight characters are left out: they would blank innocent text. Of a value of several
    /// lines each line is known, too.
    pub fn learn(&mut self, value: &str) {
        self.learn_one(value);
        if value.contains('\n') {
            value.lines().for_each(|line| self.learn_one(line.trim()));
        }
    }

    fn learn_one(&mut self, value: &str) {
        if value.chars().count() >= 8 && !self.needles.iter().any(|known| known.expose_secret() == value) {
            self.needles.push(SecretString::from(value.to_owned()));
            // The longest first: one that is part of another must not leave the rest of it standing.
            self.needles.sort_by_key(|needle| std::cmp::Reverse(needle.expose_secret().len()));
        }
    }

    /// The text with every byte of a known secret replaced by a star: places in it stay what they are.
    #[must_use]
    pub fn blank(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for needle in &self.needles {
            let needle = needle.expose_secret();
            if text.contains(needle) {
                text = text.replace(needle, &"*".repeat(needle.len()));
            }
        }
        text
    }

    /// The text with every known secret replaced by [`MASK`].
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for needle in &self.needles {
            if text.contains(needle.expose_secret()) {
                text = text.replace(needle.expose_secret(), MASK);
            }
        }
        text
    }
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scrubber({} values)", self.needles.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_that_its_value_is_a_credential() {
        let long = format!("the {} of this webhook's API-Key", "name ".repeat(12));
        for name in
            ["api_key", "X-API-Key", "Authorization", "dbPassword", "refresh_token", "key", "AUTH", &long]
        {
            assert!(name_tells_secret(name), "{name}");
        }
        let long = "key, token and author stand in the middle of this name of a value";
        for name in ["max_tokens", "keyboard", "author", "monkey", "", "é", "system_prompt", long] {
            assert!(!name_tells_secret(name), "{name}");
        }
    }

    #[test]
    fn an_address_may_hold_a_credential() {
        for address in [
            "https://user:pass@llm.example.com/v1",
            "HTTPS://token@llm.example.com",
            "https://llm.example.com/v1?model=x&api_key=abc",
            "wss://:pw@host",
        ] {
            assert!(has_credentials(address), "{address}");
        }
        for address in [
            "https://llm.example.com/v1",
            "https://llm.example.com/@user?model=x&max_tokens=5#key=1",
            "https://host?api_key=",
            "https://a@b is a text about addresses",
            "user:pass@host",
            "https://@host",
        ] {
            assert!(!has_credentials(address), "{address}");
        }
    }

    #[test]
    fn p39_what_other_tools_would_fill_in_is_no_credential() {
        for text in [
            "${LLM_KEY}",
            "$LLM_KEY",
            "{{ secrets.LLM }}",
            "%LLM_KEY%",
            "<token>",
            "Bearer <token>",
            "changeme",
            "CHANGE-ME",
            "TODO",
            "sk-...",
            "sk-proj-…abcd",
            "Bearer ${TOKEN}",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "sk-proj-abcdef0123456789",
            "Bearer abc.def.ghi",
            "$2b$12$abcdefghijk",
            "a<b>c",
            "100%",
            "todos-1",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn p37_known_secrets_are_blanked_whole_and_short_ones_left() {
        let mut scrubber = Scrubber::default();
        for secret in ["short", "abcdefgh", "abcdefgh-longer", "line-one-1\nline-two-2\n"] {
            scrubber.learn(secret);
        }
        assert_eq!(scrubber.clean("x abcdefgh-longer short"), "x (secret) short");
        assert_eq!(scrubber.blank("line-two-2."), "**********.");
    }
}
