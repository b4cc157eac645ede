use super::*;
use crate::source::emit::to_yaml;
use proptest::prelude::*;
use serde_json::json;

fn source(text: &str) -> SourceText {
    SourceText { file: "p.yaml".into(), text: text.into() }
}

/// Edits the text so that it holds what `change` makes of its value.
fn edited(text: &str, change: impl FnOnce(&mut Value)) -> Result<String, Refusal> {
    let source = source(text);
    let root = compose(&source).root.unwrap();
    let mut new = root.to_json();
    change(&mut new);
    edit(&source, &root, &difference(&root.to_json(), &new))
}

const FILE: &str = "\
# The persona.
persona_name: 'It''s me'   # its name
greeting: \"hi\"

system_prompt: |  # what it is told
  One.

  Two.

# The layers.
layers:
  llm:
    model: tavus-gpt-oss # hosted
    extra_body: {temperature: 0.5, top_p: 1}
    tools:
      # the first
      - type: function
        function: {name: a}
      - function:
          name: b   # second
        type: function
  tts:
    tts_engine: cartesia
tags: [x, y]
";

#[test]
fn p29_only_the_lines_of_the_changed_values_change() {
    let new = edited(FILE, |value| {
        value["persona_name"] = json!("Another's");
        value["greeting"] = json!("no");
        value["system_prompt"] = json!("One.\n\nTwo and a half.\n");
        value["layers"]["llm"]["model"] = json!("tavus-glm-4.7");
        value["layers"]["llm"]["extra_body"]["temperature"] = json!(0.7);
        value["layers"]["llm"]["tools"][1]["function"]["name"] = json!("b2");
        value["layers"]["tts"]["voice_id"] = json!("v1");
        value["layers"]["llm"]["extra_body"].as_object_mut().unwrap().shift_remove("top_p");
        value["tags"] = json!(["x", "z, w", "y"]);
        value["memories"] = json!(["one: two", "three"]);
    })
    .unwrap();
    insta::assert_snapshot!(new);
}

#[test]
fn text_changes_between_one_line_and_many_and_keeps_its_remark() {
    let long = edited("a: short  # why\nb: 1\n", |value| value["a"] = json!("x\ny\n")).unwrap();
    assert_eq!(long, "a: |  # why\n  x\n  y\nb: 1\n");
    assert_eq!(edited(&long, |value| value["a"] = json!("short")).unwrap(), "a: short  # why\nb: 1\n");
    let list = edited("l:\n- |\n  x\n  y\n- z\n", |value| value["l"][0] = json!("q")).unwrap();
    assert_eq!(list, "l:\n- q\n- z\n");
}

#[test]
fn elements_come_and_go_with_their_lines() {
    let text = "tools:\n  - name: a  # first\n    x: 1\n  # about b\n  - name: b\n\n  - name: c\nend: 1\n";
    let without_b = edited(text, |value| {
        value["tools"].as_array_mut().unwrap().remove(1);
    });
    assert_eq!(
        without_b.unwrap(),
        "tools:\n  - name: a  # first\n    x: 1\n  # about b\n\n  - name: c\nend: 1\n"
    );
    let more = edited(text, |value| {
        value["tools"].as_array_mut().unwrap().insert(1, json!({"name": "n", "d": ["p\nq\n"]}));
        value["tools"].as_array_mut().unwrap().push(json!({"name": "z"}));
    });
    assert_eq!(
        more.unwrap(),
        "tools:\n  - name: a  # first\n    x: 1\n  # about b\n  - name: \"n\"\n    d:\n      - |\n        p\n        q\n  - name: b\n\n  - name: c\n  - name: z\nend: 1\n"
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_stay() {
    let new = edited("\u{feff}a: 1\r\nb: x\r\n", |value| value["b"] = json!("y\nz\n")).unwrap();
    assert_eq!(new, "\u{feff}a: 1\r\nb: |\r\n  y\r\n  z\r\n");
}

#[test]
fn tags_anchors_aliases_and_merge_keys_are_refused() {
    for (text, path) in [
        ("a: !env LLM_X\n", "a"),
        ("a: &x 1\nb: *x\n", "a"),
        ("b: &x 1\na: *x\n", "a"),
        ("b: &x {a: 1}\nc: {<<: *x, d: 1}\n", "c/a"),
        ("b: &x {a: 1}\n", "b/a"),
    ] {
        let refused = edited(text, |value| {
            let pointer = format!("/{path}");
            *value.pointer_mut(&pointer).unwrap() = json!("new");
        });
        assert!(matches!(refused, Err(Refusal::Written { .. })), "{text}: {refused:?}");
    }
    // Beside them, everything can be changed.
    let text = "b: &x {a: 1}\nc:\n  <<: *x\n  d: 1\n";
    assert_eq!(
        edited(text, |value| value["c"]["d"] = json!(2)).unwrap(),
        "b: &x {a: 1}\nc:\n  <<: *x\n  d: 2\n"
    );
}

#[test]
fn a_json_file_keeps_its_indentation() {
    let source =
        SourceText { file: "p.json".into(), text: "{\n\t\"a\": 1,\n\t\"b\": [\n\t\t1\n\t]\n}\n".into() };
    let root = compose(&source).root.unwrap();
    let edits = difference(&root.to_json(), &json!({"a": 2, "b": [1]}));
    assert_eq!(edit(&source, &root, &edits).unwrap(), "{\n\t\"a\": 2,\n\t\"b\": [\n\t\t1\n\t]\n}\n");
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z ]{0,8}",
        "[ -~]{0,10}",
        Just("no".to_owned()),
        Just("1".to_owned()),
        Just("a: b # c".to_owned()),
        Just("x\n\n y\n".to_owned()),
        Just("p\nq".to_owned()),
        Just("k\n\n\n".to_owned()),
        Just("\n lead\n".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i16>().prop_map(Into::into),
        text.prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec(("[a-e]{1,2}", inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::vec(("[a-e]{1,2}", any_json()), 1..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Writes a document with remarks, blank lines and other styles strewn in; what comes out still holds the value.
fn decorated(value: &Value, seeds: &[u8]) -> String {
    let mut seeds = seeds.iter().cycle();
    let mut out = String::new();
    let mut block: Option<usize> = None;
    for line in to_yaml(value).lines() {
        let indent = line.len() - line.trim_start().len();
        if block.is_some_and(|above| indent > above || line.trim().is_empty()) {
            out += &format!("{line}\n");
            continue;
        }
        let header = line.trim_end().rsplit([' ', '-', ':']).next().is_some_and(|last| last.starts_with('|'))
            || line.trim_end().ends_with("|-")
            || line.trim_end().ends_with("|+")
            || line.trim_end().ends_with("|2-");
        let was_block = block.is_some();
        block = header.then_some(indent);
        match seeds.next().unwrap() % 6 {
            0 if !was_block => out += "# above\n",
            1 if !was_block => out += "\n",
            _ => {}
        }
        match seeds.next().unwrap() % 4 {
            0 => out += &format!("{line}  # beside {indent}\n"),
            _ => out += &format!("{line}\n"),
        }
    }
    out
}

/// What [`edit`] lets through is right, as it reads every result again. So what counts is that it never makes a text
/// that it must then throw away, and that it seldom refuses.
#[test]
fn random_edits_of_random_files_are_made_and_seldom_refused() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (any_object(), any_object(), prop::collection::vec(any::<u8>(), 8), 0..3_usize);
    let (mut made, mut refused) = (0, Vec::new());
    for _ in 0..3000 {
        let (old, new, seeds, keep) = strategy.new_tree(&mut runner).unwrap().current();
        let text = decorated(&old, &seeds);
        let source = source(&text);
        let root = compose(&source).root.unwrap();
        if root.to_json() != old {
            continue;
        }
        // Often most of the document stays, as it does when people edit.
        let mut wanted = if keep > 0 { old.clone() } else { new.clone() };
        for (key, value) in new.as_object().unwrap().iter().take(keep) {
            wanted[key] = value.clone();
        }
        let edits = difference(&old, &wanted);
        assert_eq!(apply_to_value(old, &edits), wanted);
        if edits.iter().any(|edit| edit.path().is_empty() && matches!(edit, Edit::Set(..))) {
            // Nothing of the old document stays: a persona always keeps its name.
            continue;
        }
        match edit(&source, &root, &edits) {
            Ok(_) => made += 1,
            Err(Refusal::Differs | Refusal::Faulty) => panic!("{text}\n{edits:?}"),
            Err(refusal) => refused.push((refusal, text, edits)),
        }
    }
    assert!(
        made > 2000 && refused.len() * 100 < made * 3,
        "{made} made, {} refused: {:?}",
        refused.len(),
        refused.first()
    );
}

#[test]
fn a_result_that_lost_a_comment_or_holds_another_value_is_refused() {
    let source = source("# keep me\na: 1 # and me\n");
    assert_eq!(check(&source, "# keep me\na: 2\n", &json!({"a": 2}), &[]), Err(Refusal::Comment));
    assert_eq!(check(&source, "# keep me\na: 2 # and me\n", &json!({"a": 3}), &[]), Err(Refusal::Differs));
    assert_eq!(check(&source, "a: [\n", &json!({"a": 2}), &[]), Err(Refusal::Differs));
    assert_eq!(check(&source, "# keep me\na: 2 # and me\n", &json!({"a": 2}), &[]), Ok(()));
}

#[test]
fn a_long_text_that_ends_with_blank_lines_stays_a_block_where_no_blank_line_follows() {
    let long = "Say less.\n".repeat(40);
    for (after, block) in [("greeting: x\n", true), ("\ngreeting: x\n", false), ("", true)] {
        let text = format!("system_prompt: |  # prose\n  old\n{after}");
        let source = SourceText { file: "p.yaml".into(), text: text.as_str().into() };
        let root = compose(&source).root.unwrap();
        let value = Value::String(format!("{long}\n\n"));
        let edited = edit(&source, &root, &[Edit::Set(vec!["system_prompt".to_owned()], value)]).unwrap();
        assert_eq!(edited.starts_with("system_prompt: |+  # prose\n  Say less.\n"), block, "{edited}");
    }
}
