//! How long reports of large plans take, and how large they are: `cargo bench --bench report`.
//!
//! The pages are left in the folder for temporary files of the target, to be opened in a browser.

#[path = "../tests/report_support/mod.rs"]
mod report_support;

use personactl::plan::Plan;
use personactl::report::text::Layout;
use personactl::report::{Mood, html, json, markdown, text};
use report_support::{plan_of, prompt_change};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

/// Ten thousand words in paragraphs of sixty, or in one line.
fn prompt(in_lines: bool) -> String {
    let end = |i: usize| if in_lines && i % 60 == 59 { ".\n\n" } else { " " };
    (0..10_000).map(|i| format!("word{i}{}", end(i))).collect()
}

fn measure(what: &str, file: Option<&str>, draw: impl Fn(&mut Vec<u8>)) {
    let started = Instant::now();
    let mut out = Vec::new();
    draw(&mut out);
    let took = started.elapsed();
    let _ = writeln!(std::io::stdout(), "{what}: {took:.1?}, {} bytes", out.len());
    if let Some(file) = file {
        let _ = std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(file), out);
    }
}

fn many(number: usize, before: &str, after: impl Fn(usize) -> String) -> Plan {
    plan_of((0..number).map(|i| prompt_change(&format!("Persona {i}"), before, &after(i))).collect())
}

fn main() {
    for in_lines in [true, false] {
        let before = prompt(in_lines);
        let plan = many(1, &before, |_| before.replace("word5001 ", "changed "));
        measure(&format!("text, one word of 10,000, in lines: {in_lines}"), None, |out| {
            let _ = text::write(&plan, Mood::Plan, Layout::default(), out);
        });
        let shuffled: Vec<&str> = before.split(' ').rev().collect();
        let plan = many(1, &before, |_| shuffled.join(" "));
        measure(&format!("text, 10,000 words turned round, in lines: {in_lines}"), None, |out| {
            let _ = text::write(&plan, Mood::Plan, Layout::default(), out);
        });
    }
    let before = prompt(true);
    let short: String = before.chars().take(600).collect();
    let plan = many(3_000, &short, |i| short.replace("word7 ", &format!("changed{i} ")));
    measure("markdown, 3,000 personas", None, |out| {
        let _ = markdown::write(&plan, &markdown::MarkdownOptions::default(), out);
    });
    let one = many(200, &before, |i| before.replace(&format!("word{} ", i * 45 + 1), "changed "));
    measure("html, 200 personas, a word each", Some("one-word.html"), |out| {
        let _ = html::write(&one, Mood::Plan, out);
    });
    measure("json, 200 personas, a word each", None, |out| {
        let _ = json::write(&one, out);
    });
    let all = many(200, &before, |i| before.replace("1 ", &format!("{i}x ")).replace("word5", "phrase"));
    measure("html, 200 personas, every seventh word or so", Some("many-words.html"), |out| {
        let _ = html::write(&all, Mood::Plan, out);
    });
}
