//! Pages that are made from the program's own tables, and what pages say that the repository can answer.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the made pages anew.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "docs/checks.rs"]
mod checks;

use clap::CommandFactory as _;
use personactl::cli::Cli;
use personactl::diagnostic::{Severity, codes::CODES};
use personactl::exit_code::Exit;
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
fn the_page_of_the_command_line_lists_every_command_and_option() {
    let mut program = Cli::command();
    program.build();
    let mut page = format!(
        "# The command line\n\nMade from the program's own arguments; `personactl COMMAND --help` says the same. {}. \
         Where a value can also come from a variable of the environment, it is named.\n\n\
         `SEL` stands for the name of a persona, its id, or a file; without one, all personas are meant.\n\n",
        sentence(&program.get_about().unwrap().to_string()),
    );
    page += "| command | does |\n|---|---|\n";
    for command in program.get_subcommands() {
        let name = command.get_name();
        page += &format!("| [`{name}`](#{name}) | {} |\n", cell(&command.get_about().unwrap().to_string()));
    }
    page += "\n## Options of every command\n\n| option | meaning |\n|---|---|\n";
    for argument in program.get_arguments().filter(|argument| argument.is_global_set()) {
        page += &row(argument);
    }
    for command in program.get_subcommands_mut() {
        let usage = command.render_usage().to_string();
        let usage: Vec<&str> = usage.trim_start_matches("Usage:").lines().map(str::trim).collect();
        page += &format!(
            "\n## {}\n\n{}.\n\n```text\n{}\n```\n",
            command.get_name(),
            sentence(&command.get_long_about().or(command.get_about()).unwrap().to_string()),
            usage.join("\n"),
        );
        let mut rows = command.get_arguments().filter(|argument| !argument.is_global_set()).peekable();
        if rows.peek().is_some() {
            page += "\n| argument | meaning |\n|---|---|\n";
        }
        for argument in rows {
            page += &row(argument);
        }
    }
    page += "\n## Exit codes\n\n| code | meaning |\n|---:|---|\n";
    for (exit, meaning) in Exit::TABLE {
        page += &format!("| {} | {meaning} |\n", exit.code());
    }
    check("cli.md", &page);
}

/// One argument, as a row of a table. Help and version are the same everywhere and left out.
fn row(argument: &clap::Arg) -> String {
    if argument.is_hide_set() || ["help", "version"].contains(&argument.get_id().as_str()) {
        return String::new();
    }
    let mut names: Vec<String> = argument.get_short().map(|short| format!("-{short}")).into_iter().collect();
    names.extend(argument.get_long().map(|long| format!("--{long}")));
    let mut shown = names.join(", ");
    let takes = argument.get_action().takes_values();
    let values = argument.get_value_names().unwrap_or_default();
    let value = values.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" ");
    if argument.is_positional() {
        let many = argument.get_num_args().is_some_and(|range| range.max_values() > 1 && values.len() < 2);
        shown = if argument.is_required_set() { value } else { format!("[{value}]") };
        shown += if many { "..." } else { "" };
    } else if takes && argument.get_num_args().is_some_and(|range| range.min_values() == 0) {
        shown += &format!("[={value}]");
    } else if takes {
        shown += &format!(" {value}");
    }
    let help = argument.get_long_help().or(argument.get_help()).unwrap().to_string();
    let mut parts = vec![format!("{}.", sentence(&help))];
    let choices: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| takes && !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({})", value.get_name(), help.to_string().trim_end_matches('.')),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !choices.is_empty() {
        parts.push(format!("One of {}.", choices.join(", ")));
    }
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if takes && !defaults.is_empty() {
        parts.push(format!("Default: `{}`.", defaults.join(" ")));
    }
    if let Some(variable) = argument.get_env() {
        parts.push(format!("Variable: `{}`.", variable.to_string_lossy()));
    }
    format!("| `{}` | {} |\n", cell(&shown), cell(&parts.join(" ")))
}

fn sentence(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
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
