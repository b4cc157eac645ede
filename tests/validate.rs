//! What validation says of a persona, one rule a test: the file, then the codes with the lines they point at.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use personactl::source::{LoadRequest, Memory, load};

/// `code line` of every finding in a persona file with this text.
fn check(text: &str) -> Vec<String> {
    let files = Memory::default().with("personas/p.yaml", text);
    let none = |_: &str| None;
    let loaded = load(&files, &none, &LoadRequest { validate: true, ..LoadRequest::default() });
    loaded
        .diagnostics
        .iter()
        .map(|found| format!("{} {}", found.code, found.location.as_ref().map_or(0, |at| at.line)))
        .collect()
}

/// The same for a persona that is whole otherwise; lines count from its own first one.
fn check_more(text: &str) -> Vec<String> {
    check(&format!("persona_name: P\nsystem_prompt: x\n{text}"))
        .into_iter()
        .map(|found| {
            let (code, line) = found.split_once(' ').unwrap();
            format!("{code} {}", line.parse::<usize>().unwrap() - 2)
        })
        .collect()
}

#[test]
fn a_whole_persona_has_no_findings() {
    assert_eq!(
        check_more("layers: {tts: {tts_engine: elevenlabs, voice_settings: {speed: normal}}}\n"),
        [""; 0]
    );
}

#[test]
fn p11_a_read_only_field_is_named() {
    assert_eq!(
        check_more("created_at: x\nlayers:\n  llm:\n    is_custom: true\n"),
        ["read-only-field 1", "read-only-field 4"]
    );
}

#[test]
fn p21_a_text_field_that_got_a_number_or_boolean_asks_for_quotes() {
    assert_eq!(check_more("greeting: 5\npersona_description: true\n"), ["wrong-type 1", "wrong-type 2"]);
    assert_eq!(check_more("greeting: no\n"), ["older-yaml 1"]);
    // `off` is what the field's documentation says: no warning for that.
    assert_eq!(check_more("layers: {conversational_flow: {voice_isolation: off}}\n"), [""; 0]);
    assert_eq!(check_more("layers: {tts: {tts_emotion_control: \"true\"}}\n"), ["wrong-type 1"]);
    assert_eq!(check_more("document_ids: [d1, 2]\ntool_ids: t1\n"), ["wrong-type 1", "wrong-type 2"]);
}

#[test]
fn p27_misspelt_fields_are_errors_and_strange_ones_warnings() {
    assert_eq!(
        check_more("greating: x\n_comment: z\nlayers:\n  llm: {temprature: 1}\n  tss: {}\n  new: {a: 1}\n"),
        [
            "unknown-field 1",
            "unrecognised-field 2",
            "unrecognised-field 4",
            "unknown-field 5",
            "unrecognised-field 6",
        ]
    );
}

#[test]
fn free_parts_take_any_member() {
    let free = "layers:\n  llm:\n    extra_body: {seed: 1, nested: {a: [1]}}\n  mcp: {connectors: [x]}\n";
    assert_eq!(check_more(free), [""; 0]);
}

#[test]
fn closed_values_fail_open_ones_warn_and_stale_ones_advise() {
    assert_eq!(
        check_more("pipeline_mode: ful\nlayers:\n  tts: {tts_engine: playht}\n  stt: {stt_engine: new}\n"),
        ["unknown-value 1", "stale-value 3", "unfamiliar-value 4"]
    );
    assert_eq!(check_more("layers:\n  llm: {model: tavus-gpt-4o}\n"), ["stale-value 2"]);
}

#[test]
fn beside_a_base_url_any_model_is_fine() {
    let own = "layers: {llm: {model: mine, base_url: https://x.example, api_key: !env LLM_KEY}}\n";
    assert_eq!(check_more(own), [""; 0]);
}

#[test]
fn p89_numbers_texts_and_lists_have_bounds() {
    assert_eq!(
        check_more("layers: {llm: {extra_body: {temperature: 2.1, top_p: -0.1}}}\n"),
        ["out-of-range 1", "out-of-range 1"]
    );
    assert_eq!(check_more("layers: {llm: {extra_body: {temperature: 2, top_p: 0}}}\n"), [""; 0]);
    let long =
        |length: usize| format!("layers: {{perception: {{visual_tool_prompt: {}}}}}\n", "ü".repeat(length));
    assert_eq!(check_more(&long(10_000)), [""; 0]);
    assert_eq!(check_more(&long(10_001)), ["too-long 1"]);
    let many = |number: usize| {
        format!(
            "guardrail_ids: [{}]\n",
            (0..number).map(|id| format!("g{id}")).collect::<Vec<_>>().join(", ")
        )
    };
    assert_eq!(check_more(&many(50)), [""; 0]);
    assert_eq!(check_more(&many(51)), ["too-many 1"]);
}

#[test]
fn renamed_and_deprecated_fields_are_warned_of() {
    assert_eq!(
        check_more("context: x\nguardrails_id: g\nlayers: {llm: {tools: []}}\n"),
        ["renamed-field 1", "deprecated-field 2", "legacy-field 3"]
    );
}

#[test]
fn a_prompt_is_required_unless_the_mode_is_echo_or_an_id_is_pinned() {
    assert_eq!(check("persona_name: P\n"), ["missing-prompt 1"]);
    assert_eq!(check("persona_name: P\nsystem_prompt: \"\"\n"), ["missing-prompt 2"]);
    assert_eq!(check("persona_id: p1\nsystem_prompt:\n"), ["missing-prompt 2"]);
    assert_eq!(check("persona_id: p1\n"), [""; 0]);
    assert_eq!(check("persona_name: P\npipeline_mode: echo\n"), [""; 0]);
    assert_eq!(check_more("pipeline_mode: echo\n"), ["prompt-unused 0"]);
}

#[test]
fn a_custom_model_needs_its_key_where_the_persona_would_be_created() {
    assert_eq!(check_more("layers: {llm: {base_url: https://x.example}}\n"), ["missing-api-key 1"]);
    assert_eq!(
        check("persona_id: p\nlayers: {llm: {base_url: https://x.example}}\n"),
        ["api-key-elsewhere 2"]
    );
}

#[test]
fn azure_takes_no_model_and_sleep_needs_wake() {
    assert_eq!(
        check_more("layers:\n  tts:\n    tts_engine: azure\n    tts_model_name: sonic-3\n"),
        ["azure-model 4"]
    );
    assert_eq!(
        check_more("layers:\n  conversational_flow:\n    sleep_phrase: bye\n"),
        ["sleep-without-wake 3"]
    );
    assert_eq!(check_more("layers:\n  conversational_flow: {sleep_phrase: bye, wake_phrase: hi}\n"), [""; 0]);
}

#[test]
fn tools_need_distinct_lawful_names() {
    let tools = "layers:\n  perception:\n    audio_tools:\n    - {name: fine}\n    - {name: 1st}\n    - {name: fine}\n    - {}\n";
    assert_eq!(
        check_more(tools),
        ["legacy-field 3", "bad-tool-name 5", "tool-twice 6", "tool-without-name 7"]
    );
    // Too long is one fault, wherever the name stands.
    let name = "a".repeat(65);
    let long = format!("layers: {{llm: {{tools: [{{function: {{name: {name}}}}}]}}}}\n");
    assert_eq!(check_more(&long), ["legacy-field 1", "too-long 1"]);
    let flat = format!("layers: {{llm: {{tools: [{{name: {name}}}]}}}}\n");
    assert_eq!(check_more(&flat), ["legacy-field 1", "bad-tool-name 1"]);
}

#[test]
fn p39_masks_and_stand_ins_are_refused() {
    for mask in ["\"********\"", "(secret)", "<your-api-key>", "REDACTED", "sk-****abcd"] {
        assert_eq!(
            check_more(&format!("layers: {{tts: {{api_key: {mask}}}}}\n")),
            ["masked-value 1"],
            "{mask}"
        );
    }
    assert_eq!(check_more("greeting: (secret)\n"), ["masked-value 1"]);
    assert_eq!(check_more("greeting: Enter your key ***\n"), [""; 0]);
}

#[test]
fn literal_secrets_are_warned_of_and_descriptions_of_parameters_are_none() {
    assert_eq!(
        check_more("layers: {llm: {headers: {Accept: text/plain, X-Token: abc}}}\n"),
        ["literal-secret 1"]
    );
    assert_eq!(
        check_more("layers:\n  llm:\n    base_url: https://user:pw@host/v1\n    api_key: !env LLM_API_KEY\n"),
        ["literal-secret 3"]
    );
    let described = "layers:\n  llm:\n    tools:\n    - function:\n        name: a\n        parameters: {properties: {token: {type: string}}}\n";
    assert_eq!(check_more(described), ["legacy-field 3"]);
}

#[test]
fn parameters_of_tools_are_json_schema() {
    let tool = |parameters: &str| {
        check_more(&format!("layers:\n  llm:\n    tools:\n    - function:\n        name: a\n        parameters: {parameters}\n"))
            .split_off(1)
    };
    for good in [
        "{type: object, properties: {a: {type: [string, 'null'], enum: [x]}}, required: [a]}",
        "{type: object, properties: {l: {type: array, items: {type: integer, minimum: 1}}}, additionalProperties: false}",
        "{}",
        "{anyOf: [{type: object}], x-extra: 1}",
    ] {
        assert_eq!(tool(good), [""; 0], "{good}");
    }
    for bad in [
        "{type: array}",
        "{type: objekt}",
        "{properties: [a]}",
        "{properties: {a: string}}",
        "{properties: {a: {type: strin}}}",
        "{properties: {a: {enum: []}}}",
        "{properties: {a: {description: 5}}}",
        "{properties: {a: {items: [x]}}}",
        "{properties: {a: {anyOf: []}}}",
        "{properties: {a: {minimum: low}}}",
        "{properties: {a: {maxLength: -1}}}",
        "{required: a}",
    ] {
        let found = tool(bad);
        assert!(
            found.iter().all(|found| found == "bad-parameters 6") && !found.is_empty(),
            "{bad}: {found:?}"
        );
    }
    assert_eq!(tool("[a]"), ["wrong-type 6"]);
    assert_eq!(tool("{properties: {a: {}}, required: [a, b]}"), ["required-unknown 6"]);
}

#[test]
fn the_users_own_model_takes_any_temperature() {
    let own =
        "layers: {llm: {base_url: https://x.example, api_key: !env LLM_KEY, extra_body: {temperature: 9}}}\n";
    assert_eq!(check_more(own), [""; 0]);
}

#[test]
fn engines_and_perception_models_have_their_bounds() {
    let pace = |engine: &str| {
        check_more(&format!("layers: {{tts: {{tts_engine: {engine}, voice_settings: {{speed: 2}}}}}}\n"))
    };
    assert_eq!(pace("elevenlabs"), ["out-of-range 1"]);
    assert_eq!(pace("cartesia"), [""; 0]);
    let audio = |model: &str| {
        check_more(&format!(
            "layers: {{perception: {{perception_model: {model}, audio_awareness_queries: [a]}}}}\n"
        ))
    };
    assert_eq!(audio("raven-0"), ["perception-unused 1"]);
    assert_eq!(audio("off"), ["perception-unused 1"]);
    assert_eq!(audio("raven-1"), [""; 0]);
}

#[test]
fn lists_of_ids_have_no_empty_and_no_repeated_entries() {
    assert_eq!(
        check_more("document_ids: [a, '']\ndocument_tags: [x, z, x]\n"),
        ["empty-entry 1", "repeated-entry 2"]
    );
}

#[test]
fn an_old_name_beside_its_new_one_is_to_be_removed() {
    let both = "layers:\n  stt: {participant_pause_sensitivity: low}\n  conversational_flow: {turn_taking_patience: high}\n";
    assert_eq!(check_more(both), ["renamed-field 2"]);
}

#[test]
fn a_persona_needs_a_name_or_an_id_that_is_text() {
    assert_eq!(check("system_prompt: x\n"), ["no-identity 1"]);
    assert_eq!(check("persona_name: ' '\nsystem_prompt: x\n"), ["bad-identity 1"]);
    assert_eq!(check("persona_id: 5\nsystem_prompt: x\n"), ["bad-identity 1"]);
    assert_eq!(check("persona_name: 5\nsystem_prompt: x\n"), ["wrong-type 1"]);
}

#[test]
fn the_key_of_no_account_may_stand_in_a_persona() {
    let settings = "api_key: !env TAVUS_MAIN\nenvironments: {prod: {api_key: !env TAVUS_PROD}}\ndefault_environment: prod\n";
    let codes = |name: &str| {
        let persona =
            format!("persona_name: P\nsystem_prompt: x\nlayers: {{tts: {{api_key: !env {name}}}}}\n");
        let files = Memory::default().with("personactl.yaml", settings).with("personas/p.yaml", persona);
        let none = |_: &str| None;
        let request =
            LoadRequest { config: Some("personactl.yaml".into()), validate: true, ..LoadRequest::default() };
        load(&files, &none, &request).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("TAVUS_PROD"), ["env-not-allowed"]);
    assert_eq!(codes("TAVUS_VOICE"), [""; 0]);
}
