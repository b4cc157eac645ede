//! What counts as a change, case by case. P-numbers name public reports of the same trouble elsewhere.

use super::{ChangeKind, Comparison, Note, Origin, compare, creation, names_something, pair};
use crate::persona::secret::segments;
use crate::persona::{Desired, Document, Live, Pattern, Unlisted, schema};
use serde_json::{Value, json};

fn desired(document: Value) -> Desired {
    Desired { file: "personas/x.yaml".into(), document: Document::new(document), ..Desired::default() }
}

fn live(document: Value) -> Live {
    Live { id: "p1".into(), name: None, document: Document::new(document) }
}

fn compared(wanted: Value, found: Value) -> Comparison {
    compare(&desired(wanted), &live(found))
}

fn changes(comparison: &Comparison) -> Vec<String> {
    comparison.changes.iter().map(|change| format!("{} {}", change.kind.word(), change.path)).collect()
}

fn opaque(comparison: &Comparison) -> Vec<&str> {
    comparison.opaque.iter().map(|opaque| opaque.path.as_str()).collect()
}

fn unlisted(comparison: &Comparison) -> Vec<&str> {
    comparison.unlisted.iter().map(|unlisted| unlisted.path.as_str()).collect()
}

#[test]
fn p02_what_the_server_fills_in_is_kept_and_counted() {
    let found = compared(
        json!({"layers": {"conversational_flow": {"turn_taking_patience": "high"}}}),
        json!({"layers": {"conversational_flow": {"turn_taking_patience": "high", "voice_isolation": "near",
               "wake_phrase": null}}}),
    );
    assert_eq!(changes(&found), [""; 0]);
    assert_eq!(unlisted(&found), ["/layers/conversational_flow/voice_isolation"]);
    assert!(found.unlisted[0].is_default);
}

#[test]
fn p03_what_only_the_server_owns_is_neither_changed_nor_counted() {
    let found = compared(
        json!({"system_prompt": "x", "created_at": "never"}),
        json!({"persona_id": "p1", "system_prompt": "x", "created_at": "1", "updated_at": "2"}),
    );
    assert_eq!((changes(&found).len(), unlisted(&found).len()), (0, 0));
    assert_eq!(found.target.reveal()["created_at"], "1");
}

#[test]
fn p18_an_empty_text_is_sent_and_differs_from_absent() {
    assert_eq!(changes(&compared(json!({"greeting": ""}), json!({"greeting": "Hi"}))), ["replace /greeting"]);
    assert_eq!(changes(&compared(json!({"greeting": ""}), json!({}))), ["add /greeting"]);
    assert_eq!(compared(json!({"greeting": ""}), json!({})).target.reveal()["greeting"], "");
    // Where the table says so, empty and absent are one.
    assert_eq!(changes(&compared(json!({"document_ids": []}), json!({}))).len(), 0);
}

#[test]
fn p19_an_explicit_null_asks_for_removal_and_only_where_there_is_something() {
    let found = compared(
        json!({"layers": {"stt": {"hotwords": null}}}),
        json!({"layers": {"stt": {"hotwords": "a"}}}),
    );
    assert_eq!(changes(&found), ["remove /layers/stt/hotwords"]);
    assert_eq!(found.target.reveal(), &json!({"layers": {"stt": {}}}));
    assert!(compared(json!({"greeting": null}), json!({})).changes.is_empty());
    assert!(compared(json!({"greeting": null}), json!({"greeting": null})).changes.is_empty());
    // Removing what the server fills in would never end.
    let filled = json!({"layers": {"tts": {"tts_emotion_control": true}}});
    assert!(compared(json!({"layers": {"tts": {"tts_emotion_control": null}}}), filled).changes.is_empty());
}

#[test]
fn p45_an_absent_layer_is_one_addition_with_all_that_is_in_it() {
    let found = compared(
        json!({"layers": {"stt": {"stt_engine": "tavus-soniox", "hotwords": null}}}),
        json!({"layers": {}}),
    );
    assert_eq!(changes(&found), ["add /layers/stt"]);
    assert_eq!(found.changes[0].after, Some(json!({"stt_engine": "tavus-soniox"})));
}

#[test]
fn p07_order_counts_for_lists_unless_the_table_says_otherwise() {
    let ids = |list: &[&str]| json!({"document_ids": list});
    let same = compared(ids(&["a", "b"]), ids(&["b", "a"]));
    assert!(same.changes.is_empty());
    assert_eq!(same.target.reveal(), &ids(&["b", "a"]));
    let other = compared(ids(&["c", "a"]), ids(&["a", "b"]));
    assert_eq!(changes(&other), ["remove /document_ids/1", "add /document_ids/0"]);
    assert_eq!(changes(&compared(ids(&["a"]), ids(&["a", "a"]))), ["remove /document_ids/1"]);
    // P08: where something else differs, the file's own order is what is sent.
    let found = compared(ids(&["c", "a", "b"]), ids(&["b", "a"]));
    assert_eq!(changes(&found), ["add /document_ids/0"]);
    assert_eq!(found.target.reveal(), &ids(&["c", "a", "b"]));
    let queries = |list: &[&str]| json!({"layers": {"perception": {"visual_awareness_queries": list}}});
    let swap = compared(queries(&["b", "a"]), queries(&["a", "b"]));
    assert_eq!(changes(&swap).len(), 1);
    assert!(matches!(swap.changes[0].kind, ChangeKind::Move { .. }));
}

#[test]
fn p42_one_insertion_is_one_addition_and_one_deletion_one_removal() {
    let queries = |list: &[&str]| json!({"layers": {"perception": {"audio_awareness_queries": list}}});
    let path = "/layers/perception/audio_awareness_queries";
    let all = ["q1", "q2", "q3", "q4"];
    for index in 0..=4 {
        let mut more = all.to_vec();
        more.insert(index, "new");
        assert_eq!(changes(&compared(queries(&more), queries(&all))), [format!("add {path}/{index}")]);
        assert_eq!(changes(&compared(queries(&all), queries(&more))), [format!("remove {path}/{index}")]);
    }
}

fn tool(name: &str, rest: Value) -> Value {
    let mut function = json!({"name": name});
    if let (Some(function), Some(rest)) = (function.as_object_mut(), rest.as_object()) {
        function.extend(rest.clone());
    }
    json!({"type": "function", "function": function})
}

fn tools(list: Vec<Value>) -> Value {
    json!({"layers": {"llm": {"tools": list}}})
}

#[test]
fn p46_one_key_in_one_tool_is_one_change_and_the_tool_is_found_by_its_name() {
    let found = compared(
        tools(vec![tool("b", json!({"parameters": {"max": 20}})), tool("a", json!({"parameters": {}}))]),
        tools(vec![
            tool("a", json!({"parameters": {}})),
            tool("b", json!({"parameters": {"max": 10, "min": 1}})),
        ]),
    );
    assert_eq!(
        changes(&found),
        ["move /layers/llm/tools/0", "replace /layers/llm/tools/0/function/parameters/max"]
    );
    assert_eq!(found.changes[1].elements, [(4, "b".to_owned())]);
    assert_eq!(unlisted(&found), ["/layers/llm/tools/1/function/parameters/min"]);
    assert_eq!(found.target.reveal()["layers"]["llm"]["tools"][0]["function"]["parameters"]["min"], 1);
}

#[test]
fn p01_a_description_that_the_server_drops_is_not_verifiable_and_no_change() {
    let found = compared(
        tools(vec![tool("a", json!({"description": "does it"}))]),
        tools(vec![tool("a", json!({"parameters": {}}))]),
    );
    assert!(found.changes.is_empty());
    assert_eq!(opaque(&found), ["/layers/llm/tools/0/function/description"]);
    // Where the server does show it, it is compared like anything else.
    let shown = compared(
        tools(vec![tool("a", json!({"description": "does it"}))]),
        tools(vec![tool("a", json!({"description": "did it"}))]),
    );
    assert_eq!(changes(&shown), ["replace /layers/llm/tools/0/function/description"]);
}

fn key(key: Value) -> Value {
    json!({"layers": {"llm": {"model": "m", "api_key": key}}})
}

#[test]
fn a_secret_that_live_hides_is_opaque_and_one_in_clear_is_compared() {
    for hidden in [json!(null), json!(""), json!("********"), json!("sk-****1234")] {
        let found = compared(key(json!("sk-real-key")), key(hidden));
        assert_eq!((changes(&found).len(), opaque(&found)), (0, vec!["/layers/llm/api_key"]));
        assert_eq!(found.complete().reveal()["layers"]["llm"]["api_key"], "sk-real-key");
    }
    assert!(compared(key(json!("sk-real-key")), key(json!("sk-real-key"))).opaque.is_empty());
    // What is no text hides nothing.
    let odd = compared(key(json!("sk-real-key")), key(json!({"a": 1})));
    assert_eq!((changes(&odd), opaque(&odd).len()), (vec!["replace /layers/llm/api_key".to_owned()], 0));
    assert_eq!(opaque(&compared(key(json!("sk-real-key")), key(json!({})))), ["/layers/llm/api_key"]);
    let other = compared(key(json!("sk-real-key")), key(json!("sk-other-key")));
    assert_eq!(changes(&other), ["replace /layers/llm/api_key"]);
    assert!(other.changes[0].secret);
}

#[test]
fn null_on_a_secret_removes_it_only_where_live_shows_that_there_is_one() {
    let masked = compared(key(json!(null)), key(json!("********")));
    assert_eq!(changes(&masked), ["remove /layers/llm/api_key"]);
    assert_eq!(masked.target.reveal()["layers"]["llm"], json!({"model": "m"}));
    let absent = compared(key(json!(null)), json!({"layers": {"llm": {"model": "m"}}}));
    assert!(absent.changes.is_empty());
    assert_eq!(absent.notes.len(), 1);
    assert!(
        matches!(&absent.notes[0], Note::NothingToRemove(path) if path.as_str() == "/layers/llm/api_key")
    );
    for nothing in [json!(null), json!("")] {
        let found = compared(key(json!(null)), key(nothing));
        assert_eq!((found.changes.len(), found.notes.len()), (0, 1));
    }
}

#[test]
fn p92_p93_an_ignored_path_is_neither_compared_nor_written_also_in_lists_and_where_absent() {
    let mut file = desired(json!({
        "greeting": "mine", "layers": {"llm": {"tools": [tool("a", json!({"strict": true, "parameters": {"x": 1}}))]}}
    }));
    file.reconcile.ignore = vec![
        Pattern::parse("/greeting").unwrap(),
        Pattern::parse("/layers/llm/tools/*/function/parameters").unwrap(),
        Pattern::parse("/layers/stt").unwrap(),
    ];
    let found = compare(
        &file,
        &live(
            json!({"greeting": "theirs", "layers": {"llm": {"tools": [tool("a", json!({"parameters": {"x": 2}}))]}}}),
        ),
    );
    assert_eq!(changes(&found), ["add /layers/llm/tools/0/function/strict"]);
    assert_eq!(found.target.reveal()["greeting"], "theirs");
}

#[test]
fn with_unlisted_remove_only_known_values_that_are_no_default_go() {
    let mut file = desired(json!({"system_prompt": "x", "layers": {"llm": {"model": "m"}}}));
    file.reconcile.unlisted = Unlisted::Remove;
    let found = compare(
        &file,
        &live(json!({
            "system_prompt": "x", "greeting": "Hi", "brand_new": 1,
            "layers": {
                "llm": {"model": "m", "api_key": "sk-shown-in-clear", "speculative_inference": true, "novelty": 1},
                "stt": {"hotwords": "a"},
                "tts": {"tts_engine": "cartesia", "external_voice_id": "v1"},
                "conferencing": {"username": "u"},
            }
        })),
    );
    assert_eq!(
        changes(&found),
        ["remove /layers/stt", "remove /layers/tts/external_voice_id", "remove /greeting"]
    );
    let kept = unlisted(&found);
    for path in ["/brand_new", "/layers/llm/api_key", "/layers/llm/novelty", "/layers/conferencing"] {
        assert!(kept.contains(&path), "{path} is not among {kept:?}");
    }
    assert_eq!(found.target.reveal()["layers"]["tts"], json!({"tts_engine": "cartesia"}));
}

#[test]
fn removals_of_a_whole_layer_are_one_and_leave_others_alone() {
    let mut file = desired(json!({"system_prompt": "x"}));
    file.reconcile.unlisted = Unlisted::Remove;
    let found = compare(
        &file,
        &live(json!({"greeting": "Hi", "system_prompt": "x",
                     "layers": {"llm": {"base_url": "u"}, "stt": {"hotwords": "a"}, "novelty": {"a": 1}}})),
    );
    assert_eq!(changes(&found), ["remove /greeting", "remove /layers/llm", "remove /layers/stt"]);
}

#[test]
fn an_empty_layer_asks_for_nothing() {
    for empty in [json!({}), json!({"hotwords": null})] {
        let found = compared(json!({"layers": {"stt": empty}}), json!({"layers": {}}));
        assert_eq!(changes(&found), [""; 0]);
    }
}

#[test]
fn a_persona_name_in_another_normal_form_is_the_same() {
    let other = compared(json!({"persona_name": "Zoe"}), json!({"persona_name": "Zo\u{eb}"}));
    assert_eq!(changes(&other), ["replace /persona_name"]);
    let text = compared(json!({"greeting": "Zoe\u{308}"}), json!({"greeting": "Zo\u{eb}"}));
    assert_eq!(changes(&text), ["replace /greeting"]);
    assert!(
        compared(json!({"persona_name": "Zoe\u{308}"}), json!({"persona_name": "Zo\u{eb}"}))
            .changes
            .is_empty()
    );
}

#[test]
fn elements_without_a_name_are_paired_by_likeness_and_keep_what_the_file_does_not_name() {
    let list = |elements: Value| json!({"layers": {"mcp": {"connectors": elements}}});
    let found = compared(
        list(json!([{"url": "u0"}, {"url": "u1", "mode": "b"}])),
        list(json!([{"url": "u1", "mode": "a", "token_hint": 7}])),
    );
    assert_eq!(changes(&found), ["add /layers/mcp/connectors/0", "replace /layers/mcp/connectors/1/mode"]);
    assert_eq!(
        found.target.reveal(),
        &list(json!([{"url": "u0"}, {"url": "u1", "mode": "b", "token_hint": 7}]))
    );
}

#[test]
fn two_elements_of_one_name_are_told_apart_by_position() {
    let found = compared(
        tools(vec![tool("a", json!({"parameters": {"v": 1}})), tool("a", json!({"parameters": {"v": 3}}))]),
        tools(vec![tool("a", json!({"parameters": {"v": 1}})), tool("a", json!({"parameters": {"v": 2}}))]),
    );
    assert_eq!(changes(&found), ["replace /layers/llm/tools/1/function/parameters/v"]);
}

#[test]
fn a_creation_is_one_addition_for_each_field_of_the_table() {
    let found = creation(&desired(json!({
        "persona_name": "Ada", "created_at": "never", "context": null, "brand_new": {"a": null, "b": 1},
        "layers": {"llm": {"model": "m", "extra_body": {"new": null}}, "stt": {}},
    })));
    assert_eq!(
        changes(&found),
        [
            "add /persona_name",
            "add /brand_new",
            "add /layers/llm/model",
            "add /layers/llm/extra_body",
            "add /layers/stt"
        ]
    );
    let wanted = json!({
        "persona_name": "Ada", "brand_new": {"b": 1},
        "layers": {"llm": {"model": "m", "extra_body": {"new": null}}, "stt": {}},
    });
    assert_eq!((found.target.reveal(), found.complete().reveal()), (&wanted, &wanted));
    assert_eq!(found.changes[1].after, Some(json!({"b": 1})));
}

#[test]
fn a_pattern_names_what_is_there_or_could_be_right_there() {
    let document = json!({"layers": {"llm": {"tools": [{"name": "a"}, {"name": "b"}]}}, "greeting": "x"});
    let names = |pattern: &str| names_something(&Pattern::parse(pattern).unwrap(), &document);
    for pattern in ["/greeting", "/layers", "/layers/llm/tools/1", "/layers/*/tools/*/name"] {
        assert!(names(pattern), "{pattern}");
    }
    for pattern in
        ["/nothing", "/layers/llm/tools/2", "/greeting/x", "/layers/llm/tools/*/id", "/layers/llm/tools/name"]
    {
        assert!(!names(pattern), "{pattern}");
    }
}

#[test]
fn a_change_says_what_and_where_and_never_its_values() {
    let found = compared(json!({"greeting": "secret"}), json!({"greeting": "old"}));
    assert_eq!(format!("{:?}", found.changes[0]), "Change(replace /greeting)");
    let words = [Origin::Yours, Origin::Drift, Origin::Conflict].map(Origin::word);
    assert_eq!(words, ["yours", "drift", "conflict"]);
}

#[test]
fn like_elements_stay_paired_where_the_server_has_added_to_some() {
    let list = |elements: Value| json!({"layers": {"mcp": {"connectors": elements}}});
    let shown = list(json!([{"url": "u", "scopes": [1], "hint": 7}, {"url": "u", "scopes": [1]}]));
    let found =
        compared(list(json!([{"url": "u", "scopes": [1]}, {"url": "u", "scopes": [1]}])), shown.clone());
    assert_eq!(changes(&found), [""; 0]);
    assert_eq!(found.target.reveal(), &shown);
    // A longer list is no addition of the server's.
    let swapped = compared(
        list(json!([{"scopes": [1]}, {"scopes": [1, 2]}])),
        list(json!([{"scopes": [1, 2]}, {"scopes": [1]}])),
    );
    assert_eq!(changes(&swapped).len(), 1);
    assert!(matches!(swapped.changes[0].kind, ChangeKind::Move { .. }));
}

#[test]
fn elements_are_paired_by_name_then_by_equality_then_by_likeness() {
    let of = |live: Value, wanted: Value| pair(live.as_array().unwrap(), wanted.as_array().unwrap());
    for key in ["name", "id"] {
        let live = json!([{key: "a", "v": 1}, {key: "b", "v": 1}]);
        assert_eq!(of(live, json!([{key: "b", "v": 2}, {key: "a", "v": 2}])), [Some(1), Some(0)], "{key}");
    }
    assert_eq!(of(json!(["a", "b", "c"]), json!(["b", "x", "c"])), [Some(1), None, Some(2)]);
    assert_eq!(of(json!([1, 2]), json!([2, 1])), [Some(1), Some(0)]);
    assert_eq!(of(json!([1, 1, 2]), json!([2, 1, 1])), [Some(2), Some(0), Some(1)]);
    assert_eq!(of(json!([]), json!([1])), [None]);
    // Something in common, or of one simple kind.
    assert_eq!(of(json!([[1, 2]]), json!([[3]])), [Some(0)]);
    assert_eq!(of(json!([1]), json!(["x"])), [Some(0)]);
    for (live, wanted) in [
        (json!([1]), json!([[1]])),
        (json!([[1]]), json!([1])),
        (json!([{"a": 1}]), json!(["x"])),
        (json!(["x"]), json!([{"a": 1}])),
        (json!([{"a": 1}]), json!([{"b": 1}])),
        (json!([{"name": "a", "k": 1}]), json!([{"name": "b", "k": 1}])),
    ] {
        assert_eq!(of(live.clone(), wanted.clone()), [None], "{live} and {wanted}");
    }
    // As much as possible is shared.
    let three = json!([{"a": 9, "b": 9, "c": 9}, {"a": 1, "b": 2, "c": 3}, {"a": 9, "b": 9, "c": 9}]);
    assert_eq!(of(three, json!([{"a": 8, "b": 2, "c": 3}])), [Some(1)]);
    assert_eq!(of(json!([{"a": 1}, {"b": 1}]), json!([{"b": 2}, {"a": 2}])), [Some(1), None]);
    let live = json!([{"a": 1, "b": 1}, {"c": 1}, {"d": 1, "e": 1}]);
    assert_eq!(of(live, json!([{"a": 2, "b": 1}, {"x": 1}, {"d": 1, "e": 2}])), [Some(0), None, Some(2)]);
}

#[test]
fn long_lists_that_share_nothing_whole_are_paired_by_position() {
    let lists = |length: usize| {
        let live: Vec<Value> = (0..length).map(|i| json!({"a": i, "z": 0})).collect();
        let wanted: Vec<Value> = (0..length).map(|i| json!({"a": i + 1, "z": 1})).collect();
        (live, wanted)
    };
    let (live, wanted) = lists(200);
    let pairs = pair(&live, &wanted);
    assert_eq!((pairs[0], pairs[198], pairs[199]), (Some(1), Some(199), None));
    let (live, mut wanted) = lists(201);
    wanted[7] = json!({"other": 1});
    let pairs = pair(&live, &wanted);
    assert_eq!((pairs[0], pairs[6], pairs[7], pairs[200]), (Some(0), Some(6), None, Some(200)));
}

#[test]
fn as_few_elements_as_possible_move() {
    let queries = |list: &[&str]| json!({"layers": {"perception": {"visual_awareness_queries": list}}});
    let live = ["a", "b", "c", "d", "e"];
    for (wanted, moves) in [
        (["b", "c", "d", "e", "a"], 1),
        (["e", "a", "b", "c", "d"], 1),
        (["e", "d", "c", "b", "a"], 4),
        (["b", "a", "c", "e", "d"], 2),
    ] {
        let found = compared(queries(&wanted), queries(&live));
        assert_eq!(found.changes.len(), moves, "{wanted:?}: {:?}", found.changes);
        assert!(found.changes.iter().all(|change| matches!(change.kind, ChangeKind::Move { .. })));
        assert_eq!(found.target.reveal(), &queries(&wanted));
    }
}

/// A file with rules, compared.
fn ruled(wanted: Value, found: Value, ignore: &[&str], opaque: &[&str]) -> Comparison {
    let mut file = desired(wanted);
    let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::parse(text).unwrap()).collect();
    file.reconcile.ignore = patterns(ignore);
    file.reconcile.opaque = patterns(opaque);
    compare(&file, &live(found))
}

#[test]
fn a_rule_with_an_index_counts_in_either_document() {
    let wanted = tools(vec![tool("new", json!({})), tool("a", json!({"strict": true}))]);
    let found = tools(vec![tool("a", json!({"strict": false, "extra": 1}))]);
    for index in [0, 1] {
        let strict = format!("/layers/llm/tools/{index}/function/strict");
        let extra = format!("/layers/llm/tools/{index}/function/extra");
        let ignored = ruled(wanted.clone(), found.clone(), &[&strict, &extra], &[]);
        assert_eq!(changes(&ignored), ["add /layers/llm/tools/0"], "{index}");
        assert_eq!(unlisted(&ignored), [""; 0], "{index}");
        let kept: Vec<&str> = ignored.kept.iter().map(|kept| kept.live.as_str()).collect();
        assert!(kept.contains(&"/layers/llm/tools/0/function/strict"), "{kept:?}");
        assert!(kept.contains(&"/layers/llm/tools/0/function/extra"), "{kept:?}");
        let sent = ruled(wanted.clone(), found.clone(), &[], &[&strict]);
        assert_eq!(changes(&sent), ["add /layers/llm/tools/0"], "{index}");
        assert_eq!(opaque(&sent), ["/layers/llm/tools/1/function/strict"], "{index}");
    }
}

#[test]
fn elements_are_told_apart_by_what_can_be_seen_of_them() {
    let list = |elements: Value| json!({"layers": {"mcp": {"connectors": elements}}});
    let wanted = list(
        json!([{"url": "u2", "token": "real-2", "note": "b"}, {"url": "u1", "token": "real-1", "note": "a"}]),
    );
    let found = list(
        json!([{"url": "u1", "token": "****", "note": "x"}, {"url": "u2", "token": "****", "note": "y"}]),
    );
    let path = "/layers/mcp/connectors/*/note";
    for (ignore, sent) in [([path].as_slice(), [].as_slice()), (&[], &[path])] {
        let compared = ruled(wanted.clone(), found.clone(), ignore, sent);
        assert_eq!(compared.changes.len(), 1, "{:?}", compared.changes);
        assert!(matches!(compared.changes[0].kind, ChangeKind::Move { .. }));
        let tokens = opaque(&compared).iter().filter(|path| path.ends_with("token")).count();
        assert_eq!((tokens, compared.opaque.len()), (2, if sent.is_empty() { 2 } else { 4 }));
    }
    // What the server does not give back tells no elements apart.
    let nameless = |v: u8, description: Option<&str>| {
        let mut function = json!({"parameters": {"v": v}});
        if let Some(description) = description {
            function["description"] = description.into();
        }
        json!({"type": "function", "function": function})
    };
    let compared = compared(
        tools(vec![nameless(2, Some("two")), nameless(1, Some("one"))]),
        tools(vec![nameless(1, None), nameless(2, None)]),
    );
    assert_eq!(compared.changes.len(), 1, "{:?}", compared.changes);
    assert!(matches!(compared.changes[0].kind, ChangeKind::Move { .. }));
    // A variable that is not set hides a value, too.
    let mut file = desired(list(json!([{"url": "u2", "who": null}, {"url": "u1", "who": null}])));
    for index in 0..2 {
        let pointer = jsonptr::PointerBuf::parse(format!("/layers/mcp/connectors/{index}/who")).unwrap();
        file.env.insert(pointer.clone(), "LLM_WHO".to_owned());
        file.unset.insert(pointer, "LLM_WHO".to_owned());
    }
    let compared = compare(&file, &live(list(json!([{"url": "u1", "who": "x"}, {"url": "u2", "who": "y"}]))));
    assert_eq!(compared.changes.len(), 1, "{:?}", compared.changes);
    assert!(matches!(compared.changes[0].kind, ChangeKind::Move { .. }));
}

#[test]
fn only_what_is_secret_or_lossy_is_opaque_where_live_hides_it() {
    // A mask in an open field is a text like any other.
    assert_eq!(
        changes(&compared(json!({"greeting": "x"}), json!({"greeting": "****"}))),
        ["replace /greeting"]
    );
    let free = |members: Value| json!({"layers": {"llm": {"extra_body": members}}});
    assert_eq!(changes(&compared(free(json!({"a": 1})), free(json!({})))), ["add /layers/llm/extra_body/a"]);
    assert_eq!(
        opaque(&compared(free(json!({"token": "t"})), free(json!({})))),
        ["/layers/llm/extra_body/token"]
    );
    // A secret that neither side has is nothing to send; an empty one neither.
    let none = compared(key(json!("")), key(json!(null)));
    assert_eq!((none.changes.len(), none.opaque.len()), (0, 0));
    // What is lossy and shown is compared; what is asked away is not sent.
    let lossy = |value: Value| tools(vec![tool("a", json!({"description": value}))]);
    let away = compared(lossy(json!(null)), tools(vec![tool("a", json!({}))]));
    assert_eq!((away.changes.len(), away.opaque.len(), away.notes.len()), (0, 0, 0));
}

#[test]
fn an_unset_variable_is_opaque_whatever_live_shows() {
    let mut file = desired(key(json!(null)));
    let pointer = jsonptr::PointerBuf::parse("/layers/llm/api_key").unwrap();
    file.env.insert(pointer.clone(), "LLM_API_KEY".to_owned());
    file.unset.insert(pointer, "LLM_API_KEY".to_owned());
    for shown in [json!("sk-in-clear"), json!("****"), json!(null)] {
        let found = compare(&file, &live(key(shown)));
        assert_eq!((changes(&found).len(), opaque(&found)), (0, vec!["/layers/llm/api_key"]));
        assert_eq!(found.opaque[0].value.reveal(), "(secret)");
        assert_eq!(found.notes, []);
    }
    let created = creation(&file);
    assert_eq!(created.target.reveal()["layers"]["llm"]["api_key"], "(secret)");
}

#[test]
fn what_is_kept_is_told_apart_by_whether_live_shows_it() {
    let found = compared(
        json!({"layers": {"llm": {"model": "m"}}}),
        json!({"layers": {"llm": {"model": "m", "api_key": "****", "novelty": 1}}, "greeting": ""}),
    );
    let kept: Vec<(&str, bool)> = found.kept.iter().map(|kept| (kept.live.as_str(), kept.hidden)).collect();
    assert!(kept.contains(&("/layers/llm/api_key", true)), "{kept:?}");
    assert!(kept.contains(&("/layers/llm/novelty", false)), "{kept:?}");
    assert!(!kept.iter().any(|(path, _)| *path == "/layers/llm/model"), "{kept:?}");
    let free = |members: Value| json!({"layers": {"llm": {"extra_body": members}}});
    let masked = compared(free(json!({"a": 1})), free(json!({"a": 1, "token": "****"})));
    let token = masked.kept.iter().find(|kept| kept.live.as_str() == "/layers/llm/extra_body/token");
    assert!(token.is_some_and(|kept| kept.hidden), "{:?}", masked.kept);
    let clear = compared(
        json!({"layers": {"llm": {"model": "m"}}}),
        json!({"layers": {"llm": {"model": "m", "api_key": "sk-in-clear", "novelty": "****"}}}),
    );
    assert!(!clear.kept.iter().any(|kept| kept.hidden && kept.live.as_str().contains("novelty")));
    assert!(!clear.kept.iter().any(|kept| kept.hidden && kept.live.as_str().ends_with("api_key")));
    // A secret that neither side names may be there all the same.
    let hidden =
        compared(json!({"layers": {"llm": {"model": "m"}}}), json!({"layers": {"llm": {"model": "m"}}}));
    assert!(hidden.kept.iter().any(|kept| kept.live.as_str() == "/layers/llm/api_key" && kept.hidden));
    for kept in found.kept.iter().chain(&hidden.kept).filter(|kept| kept.hidden) {
        let field = schema::find(&segments(&kept.live)).unwrap();
        assert!(field.secrecy == schema::Secrecy::Whole || field.lossy, "{} is not hidden", kept.live);
    }
    let named = compared(key(json!("sk-real-key")), key(json!("sk-real-key")));
    assert!(!named.kept.iter().any(|kept| kept.live.as_str() == "/layers/llm/api_key"), "{:?}", named.kept);
}

#[test]
fn removals_of_the_base_go_by_name_and_defaults_stay() {
    let removed = |paths: &[&str], found: Value| {
        let mut file = desired(json!({"system_prompt": "x"}));
        file.removed = paths.iter().map(|path| jsonptr::PointerBuf::parse(*path).unwrap()).collect();
        compare(&file, &live(found))
    };
    let found = removed(&["/greeting"], json!({"system_prompt": "x", "greeting": "Hi", "context": "c"}));
    assert_eq!(changes(&found), ["remove /greeting"]);
    assert_eq!(found.target.reveal(), &json!({"system_prompt": "x", "context": "c"}));
    let empty = removed(&["/document_ids"], json!({"system_prompt": "x", "document_ids": []}));
    assert_eq!(changes(&empty), [""; 0]);
    assert_eq!(empty.target.reveal(), &json!({"system_prompt": "x", "document_ids": []}));
}
