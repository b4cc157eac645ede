//! Markdown read by a CommonMark/GFM parser: whatever files and API hold, it stays text in its own place, and the
//! whole stays below what a comment may have.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod report_support;

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, format_html, parse_document};
use personactl::persona::secret::SecretPaths;
use personactl::plan::{Action, PersonaPlan, Plan, Refusal};
use personactl::report::Mood;
use personactl::report::github;
use personactl::report::markdown::{COMMENT_LIMIT, MarkdownOptions, document, marker};
use proptest::prelude::*;
use report_support::{cases, plan_of, prompt_change};

/// What every made-up text begins with, to be looked for where no text may be.
const SENTINEL: &str = "zqx";

fn gfm<'a>() -> Options<'a> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.autolink = true;
    extension.table = true;
    extension.strikethrough = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    options.parse.relaxed_autolinks = true;
    options.render.r#unsafe = true;
    options
}

/// Checks everything that must hold of any plan's Markdown.
fn check(markdown: &str) {
    // Counted as GitHub may: characters, UTF-16 units, bytes. Bytes are the most.
    assert!(markdown.len() < 65_536, "{} bytes", markdown.len());
    let arena = Arena::new();
    let options = gfm();
    let root = parse_document(&arena, markdown, &options);
    for node in root.descendants() {
        let value = &node.data.borrow().value;
        match value {
            NodeValue::Document
            | NodeValue::HtmlBlock(_)
            | NodeValue::Heading(_)
            | NodeValue::Paragraph
            | NodeValue::SoftBreak => {}
            NodeValue::Text(text) => assert!(!text.contains(SENTINEL), "text read as Markdown: {text}"),
            other => panic!("{other:?} in\n{markdown}"),
        }
    }
    let mut page = String::new();
    format_html(root, &options, &mut page).unwrap();
    check_page(&page);
}

/// The page has only our tags (none of those that GFM's tag filter or GitHub's sanitizer takes away), well nested, and no text of files or API outside code.
fn check_page(page: &str) {
    const TAGS: [&str; 18] = [
        "details",
        "summary",
        "p",
        "ul",
        "li",
        "code",
        "pre",
        "del",
        "ins",
        "sub",
        "table",
        "tr",
        "th",
        "td",
        "h3",
        "details open",
        "td align=\"right\"",
        "a href=\"https://github.example/runs/1\"",
    ];
    let mut rest = page;
    if let Some(from) = rest.strip_prefix("<!-- ") {
        let end = from.find("-->").unwrap();
        let plain = |c: char| c.is_ascii_alphanumeric() || ":%_.-".contains(c);
        assert!(from[..end].starts_with("personactl:") && from[..end].trim_end().chars().all(plain));
        rest = &from[end + 3..];
    }
    let mut open: Vec<&str> = Vec::new();
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        check_text(text, &open);
        let end = tag.find('>').unwrap_or_else(|| panic!("a tag without end: {tag}"));
        let name = &tag[1..end];
        rest = &tag[end + 1..];
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "wrongly nested");
        } else if name != "br" {
            assert!(TAGS.contains(&name), "<{name}> is not ours");
            open.push(name.split(' ').next().unwrap());
        }
    }
    check_text(rest, &open);
    assert!(open.is_empty(), "not closed: {open:?}");
}

fn check_text(text: &str, open: &[&str]) {
    assert!(!text.contains('>'), "{text}");
    for reference in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;", "#96;"];
        assert!(known.iter().any(|name| reference.starts_with(name)), "&{reference}");
    }
    if !open.iter().any(|name| matches!(*name, "code" | "pre")) {
        // Hosts link mentions, numbers, hashes and addresses everywhere but in code.
        assert!(!text.contains(SENTINEL) && !text.contains(['@', '#']), "outside code: {text}");
    }
    assert!(!text.chars().any(personactl_harmful), "{text:?}");
}

fn personactl_harmful(c: char) -> bool {
    c != '\n' && c != '\t' && personactl::report::escape::is_harmful(c)
}

/// The text of the page's first `<pre>`, as a reader sees the new side.
fn added_side(markdown: &str) -> String {
    let from = markdown.find("<pre>\n").unwrap() + 6;
    let to = from + markdown[from..].find("</pre>").unwrap();
    let mut text = markdown[from..to].to_owned();
    while let Some(at) = text.find("<del>") {
        let end = at + text[at..].find("</del>").unwrap() + 6;
        text.replace_range(at..end, "");
    }
    for (from, to) in [
        // A line that was too long goes on behind the bar.
        ("\n|   ", ""),
        ("<ins>", ""),
        ("</ins>", ""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#96;", "`"),
        ("&amp;", "&"),
    ] {
        text = text.replace(from, to);
    }
    text
}

fn nasty() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        4 => prop::sample::select(vec![
            "```", "`````", "~~~~", "`", "</pre>", "</code>", "</details>", "</summary>", "</td></tr></table>", "<!--",
            "-->", "--!>", "]]>", "<![CDATA[", "<?php", "?>", "<!DOCTYPE x>", "<script>", "</script>", "<style>",
            "<img src=https://evil.example/x.png>", "![x](https://evil.example/y.png)", "[x]: https://evil.example",
            "[x]", "[link](javascript:alert(1))", "<https://evil.example>", "https://evil.example/?a=b&c=d",
            "www.evil.example", "mail@evil.example", "@octocat", "@org/team", "#123", "GH-7", "org/repo#9",
            "4be1c0912ab34cd56ef78901234567890abcdef0", ":tada:", "|", "| a | b |\n|---|---|\n| c | d |", "&lt;", "&#64;user",
            "&amp", "&", "<", ">", "\"", "'", "\\", "\\`", "$x$", "$$", "[^1]", "[^1]: note", "> [!WARNING]", "- [ ] task",
            "# head", "===", "---", "***", "    indented", "\t", "\n", "\n\n", "\r\n", "\r", "\u{0}", "\u{1b}[31m", "\u{7f}",
            "\u{85}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{2066}", "\u{200b}", "\u{200d}", "\u{feff}", "\u{e0041}",
            "\u{ad}", "\u{ffff}", "~~gone~~", "**bold**", "<del>", "</del>", "<ins>", "[-x-]", "{+y+}", "日本語", "é", "👩‍🚀",
        ]).prop_map(str::to_owned),
        1 => "[a-z ]{1,12}",
        1 => any::<String>(),
    ];
    prop::collection::vec(atom, 0..24).prop_map(|atoms| format!("{SENTINEL}{}", atoms.concat()))
}

fn hostile_plan(texts: &[String; 9], mood: Mood) -> Plan {
    let [name, before, after, file, id, message, hint, environment, remark] = texts.clone();
    let mut changed = prompt_change(&name, &before, &after);
    changed.file = Some(file.as_str().into());
    changed.updated_at = Some(before.clone());
    for planned in &mut changed.findings.changes {
        planned.change.origin = Some(personactl::compare::Origin::Drift);
        if let Some(location) = &mut planned.location {
            location.file = file.as_str().into();
        }
    }
    let refused = Action::Refused(Refusal { code: "code", message, hint: Some(hint) });
    let refused =
        PersonaPlan::idle(Some(name.clone()), Some(id.clone()), Some(file.as_str().into()), refused);
    let mut unset = prompt_change(&after, &name, &before);
    unset.missing = vec![id.clone()];
    unset.secrets = SecretPaths::default();
    let unmanaged = PersonaPlan::idle(Some(after), Some(id), None, Action::Unmanaged);
    let deleted = PersonaPlan::idle(
        Some(before.clone()),
        None,
        None,
        if mood == Mood::Plan { Action::Delete } else { Action::Create },
    );
    Plan {
        environment: Some(environment.clone()),
        endpoint: environment,
        base: Some(before),
        remarks: vec![remark],
        ..plan_of(vec![changed, refused, unset, deleted, unmanaged])
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_leaves_its_place(texts in prop::array::uniform9(nasty()), drift in any::<bool>(), limit in 4_000_usize..COMMENT_LIMIT) {
        let mood = if drift { Mood::Drift } else { Mood::Plan };
        let plan = hostile_plan(&texts, mood);
        check(&document(&plan, &MarkdownOptions { mood, ..Default::default() }));
        check(&document(&plan, &MarkdownOptions { mood, limit, ..Default::default() }));
    }

    #[test]
    fn a_workflow_command_is_one_line_and_begins_no_other(texts in prop::array::uniform9(nasty())) {
        let plan = hostile_plan(&texts, Mood::Plan);
        let mut out = Vec::new();
        github::annotations(&plan, Mood::Plan, "sub/", &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        for line in out.lines() {
            let (properties, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (level, properties) = properties.split_once(' ').unwrap();
            prop_assert!(["error", "warning", "notice"].contains(&level));
            for property in properties.split(',') {
                let (name, value) = property.split_once('=').unwrap();
                prop_assert!(["file", "line", "col", "title"].contains(&name), "{}", line);
                prop_assert!(!value.contains(':'));
            }
            prop_assert!(!line.chars().any(|c| c.is_control() && c != '\t'));
        }
    }
}

#[test]
fn every_case_holds() {
    for case in cases() {
        check(
            &document(&case.plan, &MarkdownOptions { mood: case.mood, ..Default::default() })
                .replace("octocat", "octocat zqx"),
        );
    }
}

#[test]
fn hostile_text_is_all_there_for_the_reader() {
    let hostile = "zqx </pre> <img src=x> @octocat #1 ``` --> &lt; | [x](y)";
    let plan = plan_of(vec![prompt_change(
        "X",
        "nothing alike, at least sixty columns of it, so that it is a text",
        hostile,
    )]);
    let markdown = document(&plan, &MarkdownOptions::default());
    assert!(added_side(&markdown).contains(hostile), "{markdown}");
}

#[test]
fn p68_the_marker_is_the_first_line_and_the_same_for_every_plan_of_an_environment() {
    let first = |plan: &Plan| document(plan, &MarkdownOptions::default()).lines().next().unwrap().to_owned();
    let mut one = plan_of(vec![prompt_change("One", "a", "b")]);
    let mut two = plan_of(vec![]);
    assert_eq!(
        (first(&one).as_str(), first(&two).as_str()),
        ("<!-- personactl:plan -->", "<!-- personactl:plan -->")
    );
    one.environment = Some("prod".to_owned());
    two.environment = Some("prod".to_owned());
    assert_eq!(
        (first(&one).as_str(), first(&two).as_str()),
        ("<!-- personactl:plan:prod -->", "<!-- personactl:plan:prod -->")
    );
    assert_eq!(marker(Mood::Drift, Some("x-->y")), "<!-- personactl:drift:x--%3Ey -->");
}

fn words(from: usize, number: usize) -> String {
    (from..from + number).map(|i| format!("w{i}{}", if i % 15 == 14 { ".\n\n" } else { " " })).collect()
}

/// Many personas, each with a name and a file of its own.
fn many(number: usize, folders: usize) -> Plan {
    let persona = |index: usize| {
        let mut persona =
            prompt_change(&format!("zqx <Persona> number {index} @octocat"), &words(0, 80), &words(40, 80));
        persona.file = Some(format!("personas/folder-{}/persona-{index}.yaml", index % folders).into());
        persona
    };
    plan_of((0..number).map(persona).collect())
}

#[test]
fn p67_with_thousands_of_personas_the_summary_is_whole_and_the_rest_is_counted() {
    for (number, folders) in [(20, 3), (400, 3), (3_000, 40), (3_000, 3_000)] {
        let mut plan = many(number, folders);
        plan.personas.push(PersonaPlan::idle(
            Some("Broken".to_owned()),
            None,
            None,
            Action::Failed(Refusal { code: "http", message: "500".to_owned(), hint: None }),
        ));
        let markdown = document(&plan, &MarkdownOptions::default());
        check(&markdown);
        // The headline and the table say all of them, in every size.
        let counts = format!("{} to update, 1 failed", personactl::report::brief::count(number));
        assert!(markdown.contains(&counts), "{}", &markdown[..400]);
        let table = &markdown[markdown.find("<table>").unwrap()..markdown.find("</table>").unwrap()];
        let rows = table.matches("<tr><td>").count();
        match (number, folders) {
            (_, 3 | 40) if number > 100 => assert_eq!(rows, folders + 1),
            (20, _) => assert_eq!(rows, 21),
            _ => assert!(rows == 1 && table.contains("1 failed, 3,000 update"), "{table}"),
        }
        // What is shown and what is left out is everything, and it ends at the end of a block.
        let blocks = markdown.matches("<details").count();
        assert_eq!(blocks, markdown.matches("</details>\n").count());
        if number > 20 {
            assert!(markdown.contains("Too long to be shown whole"));
            let left = number + 1 - blocks;
            if left > 0 {
                let count = personactl::report::brief::count(left);
                assert!(
                    markdown.contains(&format!("{count} blocks left out ({count} update; {count} changes)")),
                    "{left}"
                );
            }
        }
        // What could not be planned comes first.
        let first = &markdown[markdown.find("<summary>").unwrap()..];
        assert!(first.starts_with("<summary>failed <code>Broken</code>"), "{}", &first[..80]);
    }
}

#[test]
fn p67_a_rewritten_prompt_is_cut_at_a_line_and_the_others_are_whole() {
    let mut personas = vec![prompt_change("Rewritten", &words(0, 10_000), &words(20_000, 10_000))];
    personas.extend((0..5).map(|i| prompt_change(&format!("Small {i}"), &words(0, 300), &words(1, 299))));
    let options =
        MarkdownOptions { full_at: Some("https://github.example/runs/1".to_owned()), ..Default::default() };
    let markdown = document(&plan_of(personas), &options);
    check(&markdown);
    assert!(markdown.contains("of this text left out here"), "{markdown}");
    // What room there is goes to the long one.
    assert!(markdown.len() > 40_000, "{}", markdown.len());
    assert_eq!(markdown.matches("<details").count(), 6);
    assert!(
        markdown.contains("1 persona shortened. All of it is in <a href=\"https://github.example/runs/1\">"),
        "{markdown}"
    );
}

#[test]
fn an_address_that_could_leave_its_attribute_is_not_used() {
    let plan = many(400, 3);
    for address in [
        "javascript:alert(1)",
        "https://x.example/\"><img src=x>",
        "https://x.example/ y",
        "https://x.example/\n\n# zqx",
    ] {
        let options = MarkdownOptions { full_at: Some(address.to_owned()), ..Default::default() };
        let markdown = document(&plan, &options);
        check(&markdown);
        assert!(!markdown.contains("href"), "{address}");
    }
}

#[test]
fn a_summary_may_be_longer_than_a_comment_and_has_no_marker() {
    let plan = many(400, 3);
    let mut out = Vec::new();
    github::summary(&plan, Mood::Plan, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.starts_with("### personactl plan: 400 to update"));
    assert!(out.len() > 65_536 && out.len() < 1_048_576, "{}", out.len());
    assert_eq!(out.matches("<details").count(), 400);
}
