//! Secrets in files: masks and stand-ins where a credential belongs, credentials that are written out.

use super::place;
use crate::diagnostic::Diagnostic;
use crate::json::of_segments;
use crate::persona::Desired;
use crate::persona::schema::{self, Lookup, Secrecy};
use crate::persona::secret::{
    MASK, SecretPaths, has_credentials, is_mask, is_placeholder, name_tells_secret,
};
use serde_json::Value;

pub(super) fn check(desired: &Desired, found: &mut Vec<Diagnostic>) {
    let secrets = desired.secrets();
    texts(desired.document.reveal(), &mut Vec::new(), &mut |path, text| {
        if is_stand_in(&secrets, path, text) {
            let from = desired.env.get(&of_segments(path));
            let message = match from {
                Some(name) => format!("`{name}` holds a mask or a stand-in, not a credential"),
                None => "this is a mask or a stand-in, not a value".to_owned(),
            };
            let finding = Diagnostic::error("masked-value", message, place::value(desired, path));
            found.push(match from {
                Some(_) => finding.hint("set the variable to the real value"),
                None if secrets.covers(path, None) => {
                    let name = named_in(text).unwrap_or_else(|| variable(path).to_owned());
                    finding.hint(format!("write `{}: !env {name}`", last(path)))
                }
                None => finding.hint("write the real text"),
            });
        } else if is_literal(desired, path, text) {
            let finding = |message| Diagnostic::warning("literal-secret", message, place::key(desired, path));
            found.push(if has_credentials(text) {
                finding(format!("`{}` is an address with a credential in it", last(path))).hint(format!(
                    "send the credential as `api_key` or in a header, or write `{}: !env LLM_URL` and set the variable",
                    last(path)
                ))
            } else {
                let line = format!("write `{}: !env {}` and set the variable", last(path), variable(path));
                finding(format!("`{}` is written out in the file", last(path))).hint(line)
            });
        }
    });
}

/// Credentials that are written out: nothing may print them.
#[must_use]
pub fn literal_secrets(desired: &Desired) -> Vec<&str> {
    let secrets = desired.secrets();
    let mut literal = Vec::new();
    texts(desired.document.reveal(), &mut Vec::new(), &mut |path, text| {
        if !is_stand_in(&secrets, path, text) && is_literal(desired, path, text) {
            literal.push(text);
        }
    });
    literal
}

fn is_stand_in(secrets: &SecretPaths, path: &[String], text: &str) -> bool {
    // The cheap question first: a prompt is long.
    let stars = text.starts_with(['*', '•'])
        && text.chars().all(|c| c == '*' || c == '•')
        && text.chars().count() >= 8;
    text == MASK || stars || (secrets.covers(path, None) && (is_mask(text) || is_placeholder(text)))
}

/// Whether the text is a credential in the file itself. A header such as `Accept` is none.
fn is_literal(desired: &Desired, path: &[String], text: &str) -> bool {
    if text.is_empty() || !desired.env.is_empty() && desired.env.contains_key(&of_segments(path)) {
        return false;
    }
    let bearer = || {
        let scheme = text.split_once(' ').map_or("", |(scheme, _)| scheme);
        ["bearer", "basic"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
    };
    if has_credentials(text) {
        return true;
    }
    let telling = || name_tells_secret(last(path)) || bearer();
    match schema::lookup(path) {
        Lookup::Known(field) => field.secrecy == Secrecy::Whole,
        Lookup::Inside(_) => schema::secrecy(path) != Secrecy::Open && !is_described(path) && telling(),
        Lookup::Unknown => telling(),
    }
}

/// A tool's parameter that is called `token` describes a value and holds none.
fn is_described(path: &[String]) -> bool {
    path.iter().any(|segment| segment == "parameters")
}

fn last(path: &[String]) -> &str {
    path.last().map_or("", String::as_str)
}

/// The variable that a stand-in such as `${LLM_KEY}` names, if `!env` may read it as it is.
fn named_in(text: &str) -> Option<String> {
    let name = text.trim().trim_start_matches(['$', '{', '%', ' ']).trim_end_matches(['}', '%', ' ']);
    let word = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let fits = ["LLM_", "TTS_"].iter().any(|prefix| name.starts_with(prefix));
    (word && fits).then(|| name.to_owned())
}

/// The variable that a secret of this path would come from.
fn variable(path: &[String]) -> &'static str {
    match path.get(1).map(String::as_str) {
        Some("tts") => "TTS_API_KEY",
        _ => "LLM_API_KEY",
    }
}

fn texts<'v>(value: &'v Value, path: &mut Vec<String>, visit: &mut impl FnMut(&[String], &'v str)) {
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                path.push(index.to_string());
                texts(element, path, visit);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                path.push(key.clone());
                texts(member, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}
