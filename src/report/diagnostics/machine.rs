//! Findings for programs: JSON, and the workflow commands that GitHub turns into annotations.

use crate::diagnostic::{Diagnostic, Severity};
use crate::persona::Location;
use crate::persona::secret::Scrubber;
use crate::report::github::{data, property};
use crate::report::json::harmless;
use serde_json::{Value, json};
use std::io::{self, Write};

/// The version of the JSON layout.
pub const FORMAT_VERSION: u32 = 1;

/// Writes the findings as one JSON object.
pub fn write_json(out: &mut impl Write, found: &[Diagnostic], scrubber: &Scrubber) -> io::Result<()> {
    let count = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    let document = json!({
        "format_version": FORMAT_VERSION,
        "summary": {
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "notes": count(Severity::Note),
        },
        "diagnostics": found.iter().map(|finding| as_json(finding, scrubber)).collect::<Vec<_>>(),
    });
    writeln!(out, "{}", harmless(&serde_json::to_string_pretty(&document)?))
}

fn as_json(finding: &Diagnostic, scrubber: &Scrubber) -> Value {
    let place = |at: &Location| json!({"file": &*at.file, "line": at.line, "column": at.column});
    let mut value = json!({
        "code": finding.code,
        "severity": word(finding.severity),
        "message": scrubber.clean(&finding.message),
        "hint": finding.hint.as_ref().map(|hint| scrubber.clean(hint)),
        "file": null,
        "line": null,
        "column": null,
        "related": finding
            .related
            .iter()
            .map(|(at, what)| {
                let mut related = place(at);
                related["message"] = Value::String(scrubber.clean(what));
                related
            })
            .collect::<Vec<_>>(),
    });
    if let (Some(Value::Object(place)), Some(members)) =
        (finding.location.as_ref().map(place), value.as_object_mut())
    {
        members.extend(place);
    }
    value
}

/// Writes one workflow command a finding. `prefix` leads from the workspace to the root of the project.
pub fn write_github(
    out: &mut impl Write,
    found: &[Diagnostic],
    prefix: &str,
    scrubber: &Scrubber,
) -> io::Result<()> {
    for finding in found {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = Vec::new();
        if let Some(at) = &finding.location {
            properties.push(format!("file={}", property(&format!("{prefix}{}", at.file))));
            properties.push(format!("line={},col={}", at.line, at.column));
        }
        properties.push(format!("title={}", property(finding.code)));
        let mut message = scrubber.clean(&finding.message);
        if let Some(hint) = &finding.hint {
            message += &format!("\nhint: {}", scrubber.clean(hint));
        }
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&message))?;
    }
    Ok(())
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Diagnostic {
        let at = |line| Location { file: "personas/a,b.yaml".into(), line, column: 3, span: 0..1 };
        Diagnostic::error("repeated-key", "`100%` is given twice\u{1b}", Some(at(5)))
            .related(at(2), "first given here")
            .hint("keep one")
    }

    #[test]
    fn github_commands_are_escaped_so_that_no_text_can_add_a_command() {
        let mut out = Vec::new();
        write_github(&mut out, &[finding()], "sub/", &Scrubber::default()).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "::error file=sub/personas/a%2Cb.yaml,line=5,col=3,title=repeated-key::\
             `100%25` is given twice\\u{1b}%0Ahint: keep one\n"
        );
    }

    #[test]
    fn json_has_every_part() {
        let mut out = Vec::new();
        write_json(&mut out, &[finding(), Diagnostic::note("git-ignored", "x", None)], &Scrubber::default())
            .unwrap();
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["summary"], json!({"errors": 1, "warnings": 0, "notes": 1}));
        assert_eq!(value["diagnostics"][0]["line"], 5);
        assert_eq!(value["diagnostics"][0]["related"][0]["line"], 2);
        assert_eq!(value["diagnostics"][1]["file"], Value::Null);

        let odd = Diagnostic::note("git-ignored", "a\u{202e}b\u{7f}", None);
        let mut out = Vec::new();
        write_json(&mut out, &[odd], &Scrubber::default()).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("a\\u202eb\\u007f"));
    }
}
