//! One persona on the page: who it is, its changes, the JSON patch behind a toggle.

use super::escape::{entities, inline, text};
use super::words;
use crate::persona::secret::segments;
use crate::plan::{Action, PersonaPlan, Planned, Purpose, Request};
use crate::report::brief::{cut_list, plural};
use crate::report::escape;
use crate::report::view::{self, Body};
use crate::report::wording::{self, Mood};
use crate::report::words::compare_texts;
use serde_json::Value;
use std::io::{self, Write};

/// Characters of a value on a change's line; all of it is behind a toggle.
const VALUE: usize = 300;

/// A closed body of more bytes is left unread by the browser until it is opened.
const LAZY: usize = 32_000;

pub(super) fn section(persona: &PersonaPlan, mood: Mood, open: bool, out: &mut impl Write) -> io::Result<()> {
    let action = wording::action(&persona.action, mood);
    let changes = &persona.findings.changes;
    let mut origins: Vec<&str> =
        changes.iter().filter_map(|planned| planned.change.origin).map(|origin| origin.word()).collect();
    origins.sort_unstable();
    origins.dedup();
    let find = [Some(view::label(persona)), persona.id.clone(), persona.file.as_deref().map(str::to_owned)];
    let find: Vec<String> = find.into_iter().flatten().collect();
    let told = wording::tells_changes(persona, mood);
    writeln!(
        out,
        "<section class=\"persona\" data-action=\"{action}\" data-origins=\"{}\" data-find=\"{}\">\n\
         <details{}><summary><span class=\"badge {action}\">{action}</span> <h2>{}</h2> <span class=\"meta\">{}</span>\
         </summary>",
        origins.join(" "),
        inline(&find.join(" ").to_lowercase()),
        if open { " open" } else { "" },
        entities(&view::label(persona)),
        if told && !changes.is_empty() { wording::changes(persona) } else { String::new() },
    )?;
    let mut body = Vec::new();
    writeln!(body, "<div class=\"body\">")?;
    asides(persona, mood, &mut body)?;
    if told {
        for planned in changes {
            change(planned, persona, mood, &mut body)?;
        }
        patch(persona, &mut body)?;
    }
    write!(body, "</div>")?;
    // Where scripts run, what stands in `noscript` is one piece of text, which ours reads when it is wanted; where
    // they don't, it is a part of the page. No text of a file can end it.
    let (start, end) = if !open && body.len() > LAZY { ("<noscript>", "</noscript>") } else { ("", "") };
    writeln!(out, "{start}")?;
    out.write_all(&body)?;
    writeln!(out, "{end}</details>\n</section>")
}

/// Name, id and file in a line.
pub(super) fn identity(persona: &PersonaPlan) -> String {
    let label = view::label(persona);
    let others = [persona.id.as_deref(), persona.file.as_deref()];
    let others: Vec<String> = others
        .into_iter()
        .flatten()
        .map(escape::inline)
        .filter(|other| *other != label)
        .map(|other| format!("<code>{}</code>", entities(&other)))
        .collect();
    format!("{} {}", entities(&label), others.join(" · ")).trim_end().to_owned()
}

fn asides(persona: &PersonaPlan, mood: Mood, out: &mut impl Write) -> io::Result<()> {
    let mut facts = Vec::new();
    facts.extend(persona.id.as_deref().map(|id| format!("<code>{}</code>", inline(id))));
    facts.extend(persona.file.as_deref().map(|file| format!("<code>{}</code>", inline(file))));
    facts.extend(persona.updated_at.as_deref().map(|at| format!("live changed {}", inline(at))));
    if !facts.is_empty() {
        writeln!(out, "<p class=\"meta\">{}</p>", facts.join(" · "))?;
    }
    if let Action::Refused(refusal) | Action::Failed(refusal) = &persona.action {
        let hint =
            refusal.hint.as_deref().map(|hint| format!("<br>hint: {}", inline(hint))).unwrap_or_default();
        writeln!(
            out,
            "<p class=\"refusal\"><code>{}</code> {}{hint}</p>",
            inline(refusal.code),
            inline(&refusal.message)
        )?;
    }
    let mut lines = Vec::new();
    for (words, paths) in wording::not_verifiable(persona, mood) {
        lines.push(format!("{words}: <code>{}</code>", entities(&cut_list(&paths, usize::MAX))));
    }
    lines.extend(persona.findings.notes.iter().map(|note| entities(&wording::note(note))));
    let unlisted = &persona.findings.unlisted;
    if !unlisted.is_empty() {
        let paths: Vec<&str> = unlisted.iter().map(|unlisted| unlisted.path.as_str()).collect();
        lines.push(format!(
            "{} not in the file, left alone: <code>{}</code>",
            plural(unlisted.len(), "live value"),
            entities(&cut_list(&paths, usize::MAX))
        ));
    }
    if mood == Mood::Drift {
        for (command, what) in wording::drift_advice(persona) {
            lines.push(format!("<code>{}</code> {what}", entities(&command)));
        }
    }
    if !lines.is_empty() {
        let items: String = lines.iter().map(|line| format!("<li>{line}</li>\n")).collect();
        writeln!(out, "<ul>\n{items}</ul>")?;
    }
    Ok(())
}

fn change(planned: &Planned, persona: &PersonaPlan, mood: Mood, out: &mut impl Write) -> io::Result<()> {
    let row = view::row(planned, persona, mood, VALUE);
    let origin = row.origin.map(|origin| origin.word());
    let data = origin.map(|word| format!(" data-origin=\"{word}\"")).unwrap_or_default();
    let badge = origin.map(|word| format!(" <span class=\"badge {word}\">{word}</span>")).unwrap_or_default();
    writeln!(
        out,
        "<div class=\"change\"{data}><h3><span class=\"sign\">{}</span> {}</h3>{badge}",
        entities(&row.sign.to_string()),
        entities(&row.place)
    )?;
    let mut small: Vec<String> = Vec::new();
    small
        .extend(row.origin_text.and_then(|sentence| sentence.split_once(": ")).map(|(_, what)| inline(what)));
    if row.place != row.pointer {
        small.push(format!("<code>{}</code>", entities(&row.pointer)));
    }
    small.extend(row.location.as_deref().map(|location| format!("<code>{}</code>", entities(location))));
    if !small.is_empty() {
        writeln!(out, "<p class=\"meta\">{}</p>", small.join(" · "))?;
    }
    match &row.body {
        Body::Words { before, after } => {
            if let Some(direction) = wording::direction(mood) {
                writeln!(out, "<p class=\"meta\">{}</p>", inline(direction))?;
            }
            words::write(&compare_texts(before, after), out)?;
        }
        Body::Line(line) => {
            writeln!(out, "<p><code>{}</code></p>", entities(line))?;
            let shown = view::shown(&planned.change, &persona.secrets);
            for (value, what) in [(&shown.before, "live"), (&shown.after, "file")] {
                if let Some(value) = value.as_ref().filter(|value| is_more(value)) {
                    toggle(&format!("whole value, {what}"), value, out)?;
                }
            }
        }
    }
    writeln!(out, "</div>")
}

/// Whether a value's line does not show all of it.
fn is_more(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().count() > VALUE,
        Value::Array(elements) => elements.iter().any(Value::is_object) || value.to_string().len() > VALUE,
        Value::Object(_) => true,
        _ => false,
    }
}

fn toggle(summary: &str, value: &Value, out: &mut impl Write) -> io::Result<()> {
    let whole = match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    };
    writeln!(out, "<details class=\"more\"><summary>{summary}</summary><pre>{}</pre></details>", text(&whole))
}

/// The requests as they would be sent, secrets masked.
fn patch(persona: &PersonaPlan, out: &mut impl Write) -> io::Result<()> {
    let show = |path: &jsonptr::Pointer, value: &Value| persona.secrets.mask_below(&segments(path), value);
    let operations: usize = persona.requests.iter().map(|request| request.patch.len()).sum();
    if operations == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<details class=\"more patch\"><summary>JSON patch ({})</summary>",
        plural(operations, "operation")
    )?;
    for request in &persona.requests {
        let operations: Vec<String> = request.patch.shown(&show).iter().map(Value::to_string).collect();
        writeln!(
            out,
            "<p class=\"meta\">{}</p><pre>[\n  {}\n]</pre>",
            purpose(request),
            text(&operations.join(",\n  "))
        )?;
    }
    writeln!(out, "</details>")
}

fn purpose(request: &Request) -> &'static str {
    match request.purpose {
        Purpose::Changes => "PATCH: the changes",
        Purpose::Alone => "PATCH: what the API wants in a request of its own",
        Purpose::Opaque => {
            "PATCH: only what cannot be compared; the API answers that nothing changed if it was in sync"
        }
    }
}
