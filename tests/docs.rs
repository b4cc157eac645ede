//! Pages that are made from the program's own tables. `UPDATE_DOCS=1 cargo test --test docs` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use personactl::diagnostic::{Severity, codes::CODES};
use personactl::persona::schema::{FIELDS, Field, Kind, Secrecy, Values};
use std::path::Path;

fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(page.replace("\r\n", "\n"), text, "docs/{name} is not what the program says");
}

#[test]
fn the_page_of_codes_lists_every_code() {
    let mut page = "# Codes of findings\n\nMade from the program's table; `personactl validate --explain CODE` prints one. \
                    Warnings and notes can be given another level by `lints:` in personactl.yaml.\n"
        .to_owned();
    for (severity, title) in
        [(Severity::Error, "Errors"), (Severity::Warning, "Warnings"), (Severity::Note, "Notes")]
    {
        page += &format!("\n## {title}\n\n");
        for code in CODES.iter().filter(|code| code.severity == severity) {
            page += &format!("- **{}** {}\n", code.name, code.explanation);
        }
    }
    check("codes.md", &page);
}

#[test]
fn the_page_of_fields_lists_every_field() {
    let mut page = "# Fields of a persona\n\nMade from the program's table. `*` stands for any element of a list. Fields that only the \
                    server sets are left out: in a file they are an error.\n\n| field | type | about |\n|---|---|---|\n"
        .to_owned();
    for field in FIELDS.iter().filter(|field| !field.read_only) {
        page += &format!("| `{}` | {} | {} |\n", field.pattern, kind(field), about(field));
    }
    check("fields.md", &page);
}

fn kind(field: &Field) -> &'static str {
    match field.kind {
        Kind::Text => "text",
        Kind::Bool => "true or false",
        Kind::Number => "number",
        Kind::TextList => "list of texts",
        Kind::ObjectList => "list of objects",
        Kind::Object(_) => "object",
        Kind::Any => "any",
    }
}

fn about(field: &Field) -> String {
    let quoted =
        |values: &[&str]| values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    let mut parts = vec![field.doc.to_owned()];
    match field.values {
        Values::Any => {}
        Values::Closed(values) => parts.push(format!("One of {}.", quoted(values))),
        Values::Open(values) => {
            parts.push(format!("Known: {}; others are sent with a warning.", quoted(values)))
        }
    }
    if !field.stale.is_empty() {
        parts.push(format!("No longer offered: {}.", quoted(field.stale)));
    }
    if let Some((least, most)) = field.range {
        parts.push(format!("From {least} to {most}."));
    }
    if let Some(most) = field.max_chars {
        parts.push(format!("At most {most} characters."));
    }
    if let Some(most) = field.max_items {
        parts.push(format!("At most {most} entries."));
    }
    if let Some(default) = field.default.and_then(personactl::persona::schema::DefaultValue::value) {
        parts.push(format!("Default: `{default}`."));
    }
    if field.secrecy == Secrecy::Whole {
        parts.push("Secret.".to_owned());
    }
    if field.sibling.is_some() {
        parts.push("Takes `!ref NAME`.".to_owned());
    }
    if field.sent_alone {
        parts.push("Sent in a request of its own.".to_owned());
    }
    parts.extend(field.deprecation());
    if let Some(new) = field.renamed_to {
        parts.push(format!("Now `{new}`."));
    }
    parts.join(" ")
}
