//! Every output over the same set of cases (`tests/cases/report`): snapshots beside each case, the JSON Schema,
//! and what must hold of all of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod report_support;

use personactl::report::text::{self, Layout};
use personactl::report::{Mood, github, html, json, markdown};
use report_support::{Case, cases};
use serde_json::Value;

fn bytes(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_text(case: &Case, layout: Layout) -> String {
    bytes(|out| text::write(&case.plan, case.mood, layout, out))
}

fn as_markdown(case: &Case) -> String {
    let options = markdown::MarkdownOptions { mood: case.mood, ..Default::default() };
    bytes(|out| markdown::write(&case.plan, &options, out))
}

fn as_html(case: &Case) -> String {
    bytes(|out| html::write(&case.plan, case.mood, out))
}

fn as_json(case: &Case) -> String {
    bytes(|out| json::write(&case.plan, out))
}

fn as_github(case: &Case) -> String {
    bytes(|out| {
        github::annotations(&case.plan, case.mood, "", out)?;
        github::outputs(&case.plan, case.mood, out)
    })
}

/// Style and script are the same on every page; their hashes change with them.
fn without_frame(page: &str) -> String {
    let mut page = page.to_owned();
    for (start, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let from = page.find(start).unwrap() + start.len();
        let to = from + page[from..].find(end).unwrap();
        page.replace_range(from..to, "…");
    }
    while let Some(at) = page.find("'sha256-") {
        let to = at + 8 + page[at + 8..].find('\'').unwrap() + 1;
        page.replace_range(at..to, "(hash)");
    }
    page
}

fn snapshot(format: &str, draw: impl Fn(&Case) -> String) {
    for case in cases() {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case.folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format, draw(&case)));
    }
}

#[test]
fn text_of_every_case() {
    snapshot("text", |case| as_text(case, Layout::default()));
}

#[test]
fn text_on_a_narrow_terminal_in_colour() {
    snapshot("colour", |case| {
        let layout = Layout { colour: true, verbose: true, ..Layout::of_terminal(60) };
        as_text(case, layout).replace('\u{1b}', "␛")
    });
}

#[test]
fn markdown_of_every_case() {
    snapshot("markdown", as_markdown);
}

#[test]
fn html_of_every_case() {
    snapshot("html", |case| without_frame(&as_html(case)));
}

#[test]
fn json_of_every_case() {
    snapshot("json", as_json);
}

#[test]
fn annotations_and_outputs_of_every_case() {
    snapshot("github", as_github);
}

type Draw = fn(&Case) -> String;
const ALL: [(&str, Draw); 5] = [
    ("text", |case| as_text(case, Layout { verbose: true, ..Layout::default() })),
    ("markdown", as_markdown),
    ("html", as_html),
    ("json", as_json),
    ("github", as_github),
];

#[test]
fn p36_p38_secrets_are_in_no_output_and_still_said_to_have_changed() {
    let case = report_support::case("secrets");
    assert!(case.secrets.len() >= 5);
    for (format, draw) in ALL {
        let out = draw(&case);
        for secret in &case.secrets {
            assert!(!out.contains(secret.as_str()), "{secret} is in {format}:\n{out}");
        }
        assert!(
            out.contains("/layers/llm/api_key") || out.contains("api_key"),
            "{format} does not tell of the key"
        );
    }
    let told = as_text(&case, Layout::default());
    assert!(told.contains("/layers/llm/api_key changed (secret)"), "{told}");
    let changes = json::document(&case.plan)["personas"][0]["changes"].clone();
    let key =
        changes.as_array().unwrap().iter().find(|change| change["path"] == "/layers/llm/api_key").unwrap();
    assert_eq!(
        (&key["before"], &key["after"], &key["secret"]),
        (&"(secret)".into(), &"(secret)".into(), &true.into())
    );
}

#[test]
fn p66_there_is_no_escape_byte_in_anything_but_coloured_text() {
    for case in cases() {
        for (format, draw) in ALL {
            let out = draw(&case);
            assert!(!out.contains('\u{1b}'), "{format} of {}", case.name);
            // Nor anything else that a terminal acts on.
            assert!(
                !out.chars().any(|c| c.is_control() && c != '\n' && c != '\t'),
                "{format} of {}",
                case.name
            );
        }
    }
}

#[test]
fn p73_two_runs_give_the_same_bytes() {
    for (first, second) in cases().iter().zip(cases()) {
        for (format, draw) in ALL {
            assert_eq!(draw(first), draw(&second), "{format} of {}", first.name);
        }
    }
}

#[test]
fn p70_a_bullet_is_never_taken_for_a_removed_line() {
    let case = report_support::case("white_space_and_bullets");
    let out = as_text(&case, Layout::default());
    // Signs of ours stand at the fourth column or behind the bar, in brackets.
    for line in out.lines().filter(|line| line.contains("Be kind.") || line.contains("Be brief.")) {
        assert!(line.starts_with("        | "), "{line}");
    }
    assert!(out.contains("        | - Never [-run-]{+shout+}."), "{out}");
}

#[test]
fn p72_white_space_edits_are_visible_and_labelled() {
    let out = as_text(&report_support::case("white_space_and_bullets"), Layout::default());
    assert!(out.contains("only white space differs"), "{out}");
    assert!(out.contains("Listen{+·+} well.[-·-]{+→+}Always."), "{out}");
}

#[test]
fn p64_counts_and_verdict_are_step_outputs() {
    let of = |name: &str| {
        let case = report_support::case(name);
        bytes(|out| github::outputs(&case.plan, case.mood, out))
    };
    assert_eq!(of("three_origins"), "changes=4\ndrift=3\ncreates=1\ndeletes=1\nverdict=refused\n");
    assert_eq!(of("prompt_and_tools"), "changes=2\ndrift=0\ncreates=1\ndeletes=0\nverdict=changes\n");
    assert_eq!(of("drift"), "changes=2\ndrift=2\ncreates=1\ndeletes=0\nverdict=drift\n");
    assert_eq!(of("nothing_to_do"), "changes=0\ndrift=0\ncreates=0\ndeletes=0\nverdict=in_sync\n");
    assert_eq!(of("failures"), "changes=0\ndrift=0\ncreates=0\ndeletes=0\nverdict=failed\n");
}

#[test]
fn every_json_output_is_as_the_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../docs/plan.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for case in cases() {
        let plan: Value = serde_json::from_str(&as_json(&case)).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&plan).map(|e| format!("{} at {}", e, e.instance_path())).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", case.name);
        // The schema names every member, so that a new one can't be forgotten in it.
        let mut strange = plan.clone();
        strange["personas"][0]["changed"] = true.into();
        assert!(!validator.is_valid(&strange), "{}", case.name);
    }
}

#[test]
fn p71_one_word_of_ten_thousand_shows_in_a_few_lines_of_every_format() {
    let words: Vec<String> = (0..10_000).map(|i| format!("w{i}")).collect();
    let before = words.chunks(12).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n");
    let after = before.replace("w5000 ", "changed ");
    let plan = report_support::plan_of(vec![report_support::prompt_change("Long", &before, &after)]);
    let told = bytes(|out| text::write(&plan, Mood::Plan, Layout::default(), out));
    assert!(told.contains("[-w5000-]{+changed+}"), "{told}");
    assert!(told.lines().count() < 16, "{told}");
    let comment = markdown::document(&plan, &Default::default());
    assert!(comment.contains("<del>w5000</del><ins>changed</ins>"), "{comment}");
    assert!(comment.len() < 2_500, "{}", comment.len());
}

#[test]
fn a_command_of_a_ci_log_never_begins_a_line_of_text() {
    let case = report_support::case("hostile_text");
    for width in [60, 61, 62, 63, 64, 80, 100, 140] {
        let out = as_text(&case, Layout::of_terminal(width));
        assert!(out.contains("::error file=x::owned"));
        assert!(out.lines().all(|line| !line.trim_start().starts_with("::")), "{out}");
        // Wherever a long line is wrapped.
        let plan = report_support::plan_of(vec![report_support::prompt_change(
            "X",
            "calm",
            &"::error::owned ".repeat(40),
        )]);
        let out = bytes(|out| text::write(&plan, Mood::Plan, Layout::of_terminal(width), out));
        assert!(out.lines().filter(|line| line.contains("::error::owned")).count() > 3);
        assert!(out.lines().all(|line| !line.trim_start().starts_with("::")), "{out}");
    }
}

#[test]
fn json_gives_back_every_character_that_it_escapes() {
    let text = "bidi \u{202e} tag \u{e0041} csi \u{9b}31m nel \u{85} del \u{7f}";
    let plan = report_support::plan_of(vec![report_support::prompt_change("X", "before", text)]);
    let out = bytes(|out| json::write(&plan, out));
    let read: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read["personas"][0]["changes"][0]["after"], text);
    assert!(out.is_ascii());
}
