use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(text: &str) -> Composed {
    let source = SourceText { file: "p.yaml".into(), text: text.into() };
    compose(&source)
}

fn value(text: &str) -> serde_json::Value {
    let composed = read(text);
    let errors: Vec<_> = composed.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{text:?}: {errors:?}");
    composed.root.unwrap().to_json()
}

/// `code line:column` of every finding, and of the places it points to.
fn findings(text: &str) -> Vec<String> {
    read(text)
        .diagnostics
        .iter()
        .map(|found| {
            let place = |at: &crate::persona::Location| format!("{}:{}", at.line, at.column);
            let mut said =
                format!("{} {}", found.code, found.location.as_ref().map(place).unwrap_or_default());
            for (at, _) in &found.related {
                said += &format!(" <- {}", place(at));
            }
            said
        })
        .collect()
}

#[test]
fn p24_merge_keys_are_resolved_and_explicit_keys_win() {
    let text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\n\
                x:\n  b: 0\n  <<: [*one, *two]\ny: {\"<<\": kept}\nz:\n  <<: {d: {<<: *one, a: 9}}\n";
    let read = value(text);
    assert_eq!(read["x"], json!({"b": 0, "a": 1, "c": 2}));
    assert_eq!(read["y"], json!({"<<": "kept"}));
    assert_eq!(read["z"], json!({"d": {"b": 1, "a": 9}}));
    assert!(findings("a: {<<: 1}\nb: {<<: [{}, x]}\n").iter().all(|f| f.starts_with("merge-not-object")));
}

#[test]
fn p23_a_repeated_key_is_an_error_at_any_depth_with_both_lines() {
    assert_eq!(
        findings("a: 1\nb:\n  - c: 1\n    d: 2\n    c: 3\na: 4\n"),
        ["repeated-key 5:5 <- 3:5", "repeated-key 6:1 <- 1:1"]
    );
    let found = read("a: 1\n'a': 2\n").diagnostics;
    assert_eq!(found[0].message, "`a` is given twice, on lines 1 and 2");
}

#[test]
fn a_long_block_is_read_without_its_middle_and_said_whole() {
    let prompt: String =
        (0..40).map(|line| format!("{}line {line} of words\n\n", " ".repeat(line % 3))).collect();
    let body: String = prompt
        .lines()
        .map(|line| if line.is_empty() { "\n".into() } else { format!("    {line}\n") })
        .collect();
    let text = format!("a:\n  - |-\n{body}  - p: |\n{}    q: 1\nb: [1]\n", body.replace("    ", "      "));
    let source = SourceText { file: "p.yaml".into(), text: text.as_str().into() };
    assert_eq!(shortened(&source).unwrap(), whole(&source).0.unwrap());
    assert_eq!(
        value(&text),
        json!({"a": [prompt.trim_end(), {"p": format!("{}\n", prompt.trim_end()), "q": 1}], "b": [1]})
    );
    // A text of which something is to be said is read whole, so that places are right.
    let last = text.lines().count() + 1;
    assert_eq!(findings(&format!("{text}c: no\n")), [format!("older-yaml {last}:4")]);
}

#[test]
fn p26_a_byte_order_mark_changes_nothing() {
    for text in ["a: 1\nb: x\n", "---\na: 1\nb: x\n", "# c\na: 1\nb: x\n"] {
        let marked = read(&format!("\u{feff}{text}"));
        assert_eq!(marked.diagnostics, []);
        let root = marked.root.unwrap();
        let plain = read(text).root.unwrap();
        assert_eq!(root.to_json(), plain.to_json());
        let (key, plain) = (&root.members().unwrap()[0].key_at, &plain.members().unwrap()[0].key_at);
        assert_eq!((key.line, key.column, key.span.start), (plain.line, plain.column, plain.span.start + 3));
    }
}

#[test]
fn p06_windows_line_ends_change_nothing() {
    let text = "a: |\n  one\n\n  two\nb: >-\n  x\n  y\nc: \"p\n  q\"\nd: [1,\n  2]\n";
    assert_eq!(value(&text.replace('\n', "\r\n")), value(text));
}

#[test]
fn p16_p21_values_keep_their_types() {
    assert_eq!(
        value(
            "a: no\nb: 18446744073709551615\nc: 017\nd: 1_000\ne: ~\nf:\ng: !!str 12\nh: '5'\ni: 1.0\nj:\ttab\n"
        ),
        json!({"a": "no", "b": u64::MAX, "c": "017", "d": "1_000", "e": null, "f": null, "g": "12", "h": "5",
               "i": 1.0, "j": "tab"})
    );
    assert_eq!(findings("a: no\n"), ["older-yaml 1:4"]);
}

#[test]
fn unusual_line_breaks_and_surrogate_escapes_arrive_as_written() {
    assert_eq!(
        value("a: x\u{85}y\nb: |\n  p\u{2028}q\nc: \"\\ud83d\\ude00 \\\\ud83d \\N\"\n"),
        json!({"a": "x\u{85}y", "b": "p\u{2028}q\n", "c": "\u{1f600} \\ud83d \u{85}"})
    );
}

#[test]
fn values_that_would_be_changed_are_errors() {
    for text in ["a: 1e999", "a: .nan", "a: -.inf", "a: 18446744073709551616", "a: 0b11", "a: 1e-400"] {
        assert_eq!(findings(text), ["bad-number 1:4"], "{text}");
    }
    assert_eq!(findings("a: \"\\ud83d\"\n").len(), 1);
    assert_eq!(findings("a: ! 7\n"), ["readers-differ 1:4"]);
}

#[test]
fn faults_of_the_text_are_located() {
    let deep = format!("{}1{}", "[".repeat(101), "]".repeat(101));
    for (text, expected) in [
        (
            "1: a\n~: b\ntrue: c\n? [x]\n: d\n",
            vec!["key-not-text 1:1", "key-not-text 2:1", "key-not-text 3:1", "key-not-text 4:3"],
        ),
        ("a: 1\n---\nb: 2\n", vec!["second-document 2:1"]),
        (deep.as_str(), vec!["too-deep 1:101"]),
        ("a: [1, 2\nb: 3\nc: 4\n", vec!["yaml-syntax 2:2 <- 1:4"]),
        ("a: {{ name }}\n", vec!["template-braces 1:4"]),
        ("a: {{ name }} hello\n", vec!["template-braces 1:4", "yaml-syntax 1:15"]),
        ("a: *gone\n", vec!["unknown-anchor 1:4"]),
        ("a: &a [*a]\n", vec!["alias-in-itself 1:8"]),
        ("a: !nope x\nb: !fil y\n", vec!["unknown-tag 1:4", "unknown-tag 2:4"]),
        ("a: !env [x]\n!env b: 1\n", vec!["tag-mismatch 1:4", "tag-on-key 2:6"]),
        ("a: x\u{1b}[31m\n", vec!["control-character 1:5"]),
        ("a:\n\tb: 1\n", vec!["yaml-syntax 2:2"]),
        ("a: \"x\n", vec!["yaml-syntax 1:4"]),
    ] {
        assert_eq!(findings(text), expected, "{text:?}");
    }
}

#[test]
fn an_alias_bomb_is_stopped() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{below}]\n");
    }
    let found = findings(&bomb);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("alias-bomb"), "{found:?}");
}

#[test]
fn a_json_file_is_strict_and_may_use_tabs() {
    let json_file = |text: &str| compose(&SourceText { file: "p.json".into(), text: text.into() });
    let read = json_file("\u{feff}{\n\t\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": [1, 2.5, null]\n}\n");
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.root.unwrap().to_json(), json!({"a": "\u{1f600}/", "b": [1, 2.5, null]}));
    let faults = |text: &str| json_file(text).diagnostics.iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(faults("{\"a\": 1,}"), ["bad-json"]);
    assert_eq!(faults("{a: 1}"), ["bad-json"]);
    assert_eq!(faults("{\"a\": 1, \"a\": 2}"), ["repeated-key"]);
    assert_eq!(faults("{\"a\": 18446744073709551616}"), ["bad-number"]);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        "\\PC{0,12}",
        "[ -~\n\t:#'\"\\\\-]{0,16}",
        Just("no".to_owned()),
        Just("1e3".to_owned()),
        Just("~".to_owned()),
        Just("<<".to_owned()),
        Just("a\u{85}b\u{2028}c".to_owned()),
        Just("x\n\n y\n".to_owned()),
        Just("1:30".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Into::into),
        text.clone().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::Array),
            prop::collection::vec((text.clone(), inner), 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Every scalar's span, read by itself, gives the scalar again.
fn spans_hold(text: &str, node: &Node) -> Result<(), TestCaseError> {
    match &node.content {
        Content::List(elements) => elements.iter().try_for_each(|element| spans_hold(text, element)),
        Content::Map(members) => members.iter().try_for_each(|member| spans_hold(text, &member.value)),
        _ => {
            let part = &text[node.at.span.clone()];
            let multi_line = part.contains('\n');
            if !multi_line {
                let again = read(part).root.map_or(serde_json::Value::Null, |root| root.to_json());
                // A block scalar's span is its text, without the `|`.
                let block =
                    text[..node.at.span.start].trim_end_matches([' ', '\n']).ends_with(['|', '-', '+', '>']);
                prop_assert!(block || again == node.to_json(), "{part:?} is not {:?}", node.to_json());
            }
            Ok(())
        }
    }
}

use crate::source::node::Content;

/// Text as people write it around long blocks, and around what only looks like one.
fn any_blocks() -> impl Strategy<Value = String> {
    let words = "[a-z:#|'\"*&-]{1,6}( [a-z:]{4,9}){4,9}";
    let line = prop_oneof![
        6 => words.prop_map(|words| words),
        2 => Just(String::new()),
        1 => Just("inner: |".to_owned()),
        1 => Just("---".to_owned()),
        1 => words.prop_map(|words| format!("    {words}")),
        1 => prop::sample::select(vec!["   ", "\ttab", "é\u{1f600}", "a\u{85}b", "\u{2028}", "x \u{feff}", "...", "a\r"])
            .prop_map(str::to_owned),
    ];
    let lines = prop::collection::vec((line, prop::bool::weighted(0.05)), 0..40);
    let headers = vec![
        "|",
        "|",
        "|",
        "|-",
        "|+",
        "| ",
        ">",
        "|2",
        "&x |",
        "!!str |",
        "'",
        "\"",
        "",
        "*x",
        "[",
        "# c |",
        "!file |",
        "\n    deep: |",
        "\n    - |",
        "\n  - x: |",
    ];
    let member = (prop::sample::select(headers), 1..4usize, lines).prop_map(|(header, indent, lines)| {
        let indent = " ".repeat(indent + if header.starts_with('\n') { 4 } else { 0 });
        let body: String = lines
            .into_iter()
            .map(|(line, outside)| match line.as_str() {
                "" => "\n".to_owned(),
                line => format!("{}{line}\n", if outside { &indent[1..] } else { &indent }),
            })
            .collect();
        let end = if header.starts_with(['\'', '"', '[']) { header.replace('[', "]") } else { String::new() };
        format!("{header}\n{body}{end}\n")
    });
    prop::collection::vec(member, 1..4).prop_map(|members| {
        let named = members.iter().enumerate().map(|(index, member)| format!("k{index}: {member}"));
        named.collect::<String>()
    })
}

/// What everyday files are made of, and what is close to it, with a character more here and there.
fn nearly_ordinary() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec![
        "word",
        "two words",
        "a, b",
        "it's",
        "sonic-3",
        "a/b.c",
        "true",
        "null",
        "7",
        "0",
        "12.50",
        "1.0",
        "'a: b'",
        "\"x # y\"",
        "''",
        "\"\"",
        "no",
        "~",
        "017",
        "1e3",
        "-1",
        "a:b",
        "a: b",
        "[]",
        "{}",
        "[a, 7]",
        "{a: b, c: 'd'}",
        "[a b, [c]]",
        "{a: {b: 1}}",
        "[{a: b}]",
        "{a}",
        "[a: b]",
        "{a:1}",
        "{\"a\":1}",
        "[a,]",
        "Infinity",
        "1 2",
        "",
        "word # why",
        "&x a",
        "*x",
        "!!str a",
        "- a",
        "? a",
        "|",
        "> a",
        "é",
        "a\u{2028}b",
        "a\tb",
        "x ",
        "%a",
        "@a",
        "(a)",
        "a)",
        "a'",
        "1.",
        "0.5.6",
        "00",
        "y",
        "a-",
        "a.",
        "a,",
        "_",
        "_a",
        "A_b",
    ]);
    let line = (
        0..4usize,
        prop::sample::select(vec!["k: ", "- ", "- k: ", "", "'k': ", "k:", "k : ", "? ", "# "]),
        scalar,
    );
    let block = prop::sample::select(vec![
        "b: |\n    one\n\n     two\n",
        "b: |-\n    one\n",
        "b: |\n    one\n\n\n",
        "- |\n    one\n  # two\n",
        "b: |\n\n    one\n",
        "b: |\n    one\n   \n",
        "b: >\n    one\n    two\n",
        "b: |+\n    one\n\n",
        "b: |2\n    one\n",
        "b: | # c\n    one\n",
        "b: \"x\n  y\"\n",
        "b: x\n  y\n",
        "b: [x,\n  y]\n",
        "---\n",
        "...\n",
        "b: |\n    é --- \u{1f600}\n",
    ]);
    let piece = prop_oneof![
        5 => line.prop_map(|(indent, key, value)| format!("{}{key}{value}\n", " ".repeat(2 * (indent / 2)))),
        1 => block.prop_map(str::to_owned),
    ];
    let mutation = prop::option::weighted(
        0.3,
        (
            any::<prop::sample::Index>(),
            prop::sample::select(vec![":", " ", "#", "\n", "'", "\"", "-", "[", "}", ",", "|", "  "]),
        ),
    );
    (prop::collection::vec(piece, 1..7), mutation).prop_map(|(pieces, mutation)| {
        // Numbered keys: a repeated one would be the only fault ever seen.
        let mut text = String::new();
        for (index, piece) in pieces.iter().enumerate() {
            text += &piece.replacen("k", &format!("k{index}"), 1).replacen("b:", &format!("b{index}:"), 1);
        }
        if let Some((at, extra)) = mutation {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            text.insert_str(places[at.index(places.len())], extra);
        }
        text
    })
}

#[test]
fn a_persona_as_people_write_it_is_ordinary() {
    let prompt: String = (0..9).map(|line| format!("  line {line}: say *this*, then # that\n\n")).collect();
    let ordinary = format!(
        "# Ours.\npersona_name: Ada (support)\nsystem_prompt: |\n{prompt}layers:\n  llm: {{model: gpt-4.1, on: true}}\n\
         \n  tts: # voice\n    speed: 1.5\n    name: \"a: b\"\n  tools:\n    - name: x\n      tags: [a, b]\n"
    );
    let ordinary_is = |text: &str| {
        let source = SourceText { file: "p.yaml".into(), text: text.into() };
        composer::run(&source).2.ordinary
    };
    assert!(ordinary_is(&ordinary.replace("on: true", "off_: true")));
    for (from, to) in [
        ("on: true", "on: yes"),
        ("1.5", "1_5"),
        ("[a, b]", "[a,\n b]"),
        ("llm:", "llm: &x"),
        ("\"a: b\"", "!!str a"),
        ("that", "that\t"),
    ] {
        let text = ordinary.replace("on: true", "off_: true").replace(from, to);
        assert!(from == "on: true" || !ordinary_is(&text), "{to}");
    }
}

proptest! {
    /// That the other reader agrees where none is asked is asserted wherever debug assertions are on.
    #[test]
    fn no_other_reading_of_a_text_that_is_called_ordinary(text in nearly_ordinary()) {
        for found in read(&text).diagnostics {
            prop_assert!(found.location.is_some_and(|at| at.span.end <= text.len()), "{}", text);
        }
    }

    #[test]
    fn a_text_read_without_the_middle_of_its_blocks_is_the_whole_text(text in any_blocks()) {
        let source = SourceText { file: "p.yaml".into(), text: text.as_str().into() };
        if let Some(root) = shortened(&source) {
            let (whole, diagnostics) = whole(&source);
            prop_assert_eq!(diagnostics, vec![], "{}", text);
            prop_assert_eq!(Some(root), whole, "{}", text);
        }
    }

    #[test]
    fn json_written_as_yaml_reads_back_equal_and_every_span_holds(json in any_json()) {
        // The writer leaves `<<` bare, which is a merge key.
        prop_assume!(!json.to_string().contains("\"<<\""));
        if let Ok(text) = serde_yaml::to_string(&json) {
            let composed = read(&text);
            let errors: Vec<_> = composed.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
            if errors.is_empty() {
                let root = composed.root.unwrap();
                // The writer takes these for line breaks and adds spaces; here they arrive as written.
                let unusual = text.contains(['\u{85}', '\u{2028}', '\u{2029}']);
                prop_assert!(unusual || root.to_json() == json, "{}", text);
                spans_hold(&text, &root)?;
            } else {
                // What cannot be read as it is must be refused for a stated reason, never for a plain document.
                prop_assert!(errors.iter().all(|e| matches!(e.code, "readers-differ" | "bad-number" | "control-character")), "{} {:?}", text, errors);
            }
        }
    }

    #[test]
    fn json_text_reads_back_equal(json in any_json()) {
        let text = serde_json::to_string_pretty(&json).unwrap();
        let composed = compose(&SourceText { file: "p.json".into(), text: text.as_str().into() });
        prop_assert_eq!(&composed.diagnostics, &vec![], "{}", text);
        prop_assert_eq!(composed.root.unwrap().to_json(), json);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,40}|[-:\\[\\]{},&*!|>'\"%@`#?<a1 \n\t]{0,40}") {
        let composed = read(&text);
        for found in composed.diagnostics {
            let at = found.location.unwrap();
            prop_assert!(at.line >= 1 && at.column >= 1 && at.span.end <= text.len());
        }
    }
}
