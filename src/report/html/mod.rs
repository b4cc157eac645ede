//! `plan` and `drift` as one HTML page that needs nothing else: no network, no other file.
//!
//! Owns the page's frame and its policy: only its own style and script run, by their hashes. Without the script
//! the page is whole (inline word diffs, everything folded can be unfolded); the script adds filters and the
//! side-by-side view. Text from files and the API is escaped in `escape`.

mod escape;
mod persona;
mod words;

use super::brief::{count, cut_list, plural};
use super::wording::{self, Mood};
use crate::plan::{Action, PersonaPlan, Plan};
use escape::inline;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::io::{self, Write};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// With more personas than this, each begins closed.
const OPEN: usize = 12;

/// Writes the page.
pub fn write(plan: &Plan, mood: Mood, out: &mut impl Write) -> io::Result<()> {
    let command = mood.command();
    let environment =
        plan.environment.as_deref().map(|name| format!(" · {}", inline(name))).unwrap_or_default();
    let (before, after) = match mood {
        Mood::Plan if plan.endpoint.is_empty() => ("the base", "the files"),
        Mood::Plan => ("live now", "after apply"),
        Mood::Drift => ("the file", "live now"),
    };
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; \
         script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>personactl {command}{environment}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body data-before=\"{before}\" data-after=\"{after}\">\n\
         <a class=\"skip\" href=\"#personas\">Skip to the personas</a>\n",
        hash(STYLE),
        hash(SCRIPT),
    )?;
    header(plan, mood, out)?;
    let touched: Vec<&PersonaPlan> = plan.personas.iter().filter(|persona| is_touched(persona)).collect();
    if !touched.is_empty() {
        tools(plan, &touched, mood, out)?;
    }
    writeln!(out, "<main id=\"personas\" tabindex=\"-1\">")?;
    for persona in &touched {
        persona::section(persona, mood, touched.len() <= OPEN, out)?;
    }
    rest(plan, Action::InSync, "in sync", out)?;
    rest(plan, Action::Unmanaged, "unmanaged: no file describes them", out)?;
    write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

/// What a `style-src` or `script-src` names content by.
fn hash(content: &str) -> String {
    base64(&Sha256::digest(content.as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap_or(0);
            out.push(if place <= chunk.len() { char::from(DIGITS[digit]) } else { '=' });
        }
    }
    out
}

fn is_touched(persona: &PersonaPlan) -> bool {
    match persona.action {
        Action::InSync => !persona.findings.notes.is_empty(),
        Action::Unmanaged => false,
        _ => true,
    }
}

fn header(plan: &Plan, mood: Mood, out: &mut impl Write) -> io::Result<()> {
    let sum = plan.summary();
    writeln!(out, "<header>\n<h1>personactl {}</h1>", mood.command())?;
    let mut facts = Vec::new();
    if let Some(environment) = &plan.environment {
        facts.push(format!("environment <code>{}</code>", inline(environment)));
    }
    facts.push(match plan.endpoint.as_str() {
        // Without a key there is only the base to compare with.
        "" => "no account was read".to_owned(),
        endpoint => format!("live side <code>{}</code>", inline(endpoint)),
    });
    if let Some(base) = &plan.base {
        facts.push(format!("compared with <code>{}</code>", inline(base)));
    }
    writeln!(
        out,
        "<p class=\"facts\">{}</p>\n<ul class=\"counts\" aria-label=\"counts\">",
        facts.join(" · ")
    )?;
    for (number, what) in wording::tally(&sum, mood) {
        writeln!(out, "<li><b>{}</b> {what}</li>", count(number))?;
    }
    if sum.not_verifiable > 0 {
        let noun = if sum.not_verifiable == 1 { "value" } else { "values" };
        writeln!(out, "<li><b>{}</b> {noun} not verifiable</li>", count(sum.not_verifiable))?;
    }
    if sum.unlisted > 0 {
        let noun = if sum.unlisted == 1 { "live value" } else { "live values" };
        writeln!(out, "<li><b>{}</b> {noun} not in the files</li>", count(sum.unlisted))?;
    }
    writeln!(out, "</ul>")?;
    if plan.base.is_some() {
        let numbers = [sum.yours, sum.drift, sum.conflict];
        writeln!(out, "<dl class=\"legend\">")?;
        for ((origin, meaning), number) in wording::ORIGINS.iter().zip(numbers) {
            let word = origin.word();
            writeln!(
                out,
                "<dt><span class=\"badge {word}\">{word}</span> {}</dt><dd>{meaning}</dd>",
                count(number)
            )?;
        }
        writeln!(out, "</dl>")?;
    }
    let missing: BTreeSet<&str> =
        plan.personas.iter().flat_map(|persona| persona.missing.iter().map(String::as_str)).collect();
    if !plan.remarks.is_empty() || !missing.is_empty() {
        writeln!(out, "<ul class=\"remarks\">")?;
        if !missing.is_empty() {
            let names: Vec<&str> = missing.into_iter().collect();
            let names = escape::entities(&cut_list(&names, usize::MAX));
            writeln!(
                out,
                "<li>apply needs these variables, which are not set here: <code>{names}</code></li>"
            )?;
        }
        for remark in &plan.remarks {
            writeln!(out, "<li>{}</li>", inline(remark))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</header>")
}

/// The filters; hidden until the script that makes them work has run.
fn tools(plan: &Plan, touched: &[&PersonaPlan], mood: Mood, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "<div class=\"tools\" role=\"search\" aria-label=\"filter\" hidden>\n\
         <label>Persona <input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>\n"
    )?;
    let actions: BTreeSet<&str> =
        touched.iter().map(|persona| wording::action(&persona.action, mood)).collect();
    checkboxes("Action", "action", actions, out)?;
    if plan.base.is_some() {
        checkboxes("Origin", "origin", wording::ORIGINS.iter().map(|(origin, _)| origin.word()), out)?;
    }
    write!(
        out,
        "<fieldset><legend>Texts</legend>\
         <label><input type=\"radio\" name=\"view\" value=\"inline\" checked> inline</label> \
         <label><input type=\"radio\" name=\"view\" value=\"side\"> side by side</label></fieldset>\n\
         <span><button type=\"button\" id=\"open\">Open all</button> \
         <button type=\"button\" id=\"close\">Close all</button></span>\n\
         <p class=\"status\" role=\"status\"></p>\n</div>\n"
    )
}

fn checkboxes<'a>(
    legend: &str,
    name: &str,
    values: impl IntoIterator<Item = &'a str>,
    out: &mut impl Write,
) -> io::Result<()> {
    write!(out, "<fieldset><legend>{legend}</legend>")?;
    for value in values {
        write!(
            out,
            "<label><input type=\"checkbox\" name=\"{name}\" value=\"{value}\" checked> {value}</label> "
        )?;
    }
    writeln!(out, "</fieldset>")
}

/// Personas of which there is no more to say than who they are.
fn rest(plan: &Plan, action: Action, what: &str, out: &mut impl Write) -> io::Result<()> {
    let personas: Vec<&PersonaPlan> =
        plan.personas.iter().filter(|persona| persona.action == action && !is_touched(persona)).collect();
    if personas.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details class=\"rest\"><summary>{} {what}</summary>\n<ul>",
        plural(personas.len(), "persona")
    )?;
    for persona in personas {
        writeln!(out, "<li>{}</li>", persona::identity(persona))?;
    }
    writeln!(out, "</ul></details>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(
            [base64(b""), base64(b"M"), base64(b"Ma"), base64(b"Man!")],
            ["", "TQ==", "TWE=", "TWFuIQ=="]
        );
    }

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }
}
