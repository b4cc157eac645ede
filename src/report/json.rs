//! `plan --format json`: the plan as data, versioned, secrets masked.

use super::escape;
use super::view::shown;
use crate::persona::secret::segments;
use crate::plan::{Action, PersonaPlan, Plan};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The version of the layout. It rises when a member changes its meaning or goes; new members may come at any time.
pub const FORMAT_VERSION: u64 = 1;

/// Writes the plan as one JSON document.
pub fn write(plan: &Plan, out: &mut impl Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&document(plan))?;
    writeln!(out, "{}", harmless(&text))
}

/// What JSON allows as it is but a terminal or an eye is misled by, as JSON escapes. It occurs only inside texts.
pub(super) fn harmless(json: &str) -> std::borrow::Cow<'_, str> {
    let harmful = |c: char| c != '\n' && escape::is_harmful(c);
    if !json.contains(harmful) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if harmful(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// The plan as a JSON value.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "environment": plan.environment,
        "endpoint": plan.endpoint,
        "base": plan.base,
        "summary": plan.summary(),
        "personas": plan.personas.iter().map(persona).collect::<Vec<_>>(),
        "remarks": plan.remarks,
    })
}

fn persona(persona: &PersonaPlan) -> Value {
    let findings = &persona.findings;
    let changes: Vec<Value> = findings
        .changes
        .iter()
        .map(|planned| {
            let change = &planned.change;
            let shown = shown(change, &persona.secrets);
            let mut row = json!({
                "path": change.path.as_str(),
                "kind": change.kind.word(),
                "before": shown.before,
                "after": shown.after,
                "origin": change.origin.map(crate::compare::Origin::word),
                "secret": change.secret,
                "file": planned.location.as_ref().map(|location| &*location.file),
                "line": planned.location.as_ref().map(|location| location.line),
                "column": planned.location.as_ref().map(|location| location.column),
            });
            if let crate::compare::ChangeKind::Move { from } = &change.kind {
                row["from"] = json!(from.as_str());
            }
            row
        })
        .collect();
    let mut row = json!({
        "name": persona.name,
        "persona_id": persona.id,
        "file": persona.file.as_deref(),
        "action": persona.action.word(),
        "changes": changes,
        "not_verifiable": findings.opaque.iter().map(|opaque| opaque.path.as_str()).collect::<Vec<_>>(),
        "unlisted": findings.unlisted.iter().map(|unlisted| unlisted.path.as_str()).collect::<Vec<_>>(),
        "patch": patch(persona),
    });
    if let Action::Refused(refusal) | Action::Failed(refusal) = &persona.action {
        row["reason"] = json!({"code": refusal.code, "message": refusal.message, "hint": refusal.hint});
    }
    row
}

/// The operations of all requests, in the order they are sent.
fn patch(persona: &PersonaPlan) -> Vec<Value> {
    let show = |path: &jsonptr::Pointer, value: &Value| persona.secrets.mask_below(&segments(path), value);
    persona.requests.iter().flat_map(|request| request.patch.shown(&show)).collect()
}
