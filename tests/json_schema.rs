//! The JSON Schemas and `validate` agree: what one passes the other passes, what one fails the other fails, where a
//! schema can say it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use personactl::diagnostic::Severity;
use personactl::persona::json_schema;
use personactl::source::compose::compose;
use personactl::source::text::SourceText;
use personactl::source::{LoadRequest, Memory, load, settings_schema};
use serde_json::Value;
use std::path::Path;

/// The file as an editor sees it: a tagged value is its argument.
fn as_editors_see(text: &str) -> Value {
    let source = SourceText { file: "personas/p.yaml".into(), text: text.into() };
    compose(&source).root.unwrap().to_json()
}

fn passes(schema: &Value, text: &str) -> bool {
    jsonschema::draft202012::new(schema).unwrap().is_valid(&as_editors_see(text))
}

/// Whether `validate` finds no error.
fn is_valid(text: &str) -> bool {
    let files = Memory::default().with("personas/p.yaml", text).with("personas/p.md", "x");
    let none = |_: &str| None;
    let loaded = load(&files, &none, &LoadRequest { validate: true, ..LoadRequest::default() });
    !loaded.diagnostics.iter().any(|found| found.severity == Severity::Error)
}

#[test]
fn the_schemas_are_schemas() {
    for schema in [json_schema::persona(), json_schema::overlay(), settings_schema::settings()] {
        assert!(jsonschema::draft202012::meta::is_valid(&schema));
    }
}

#[test]
fn every_example_passes() {
    let schema = json_schema::persona();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("personas");
    let mut examples = 0;
    for file in ignore::Walk::new(folder).map(|entry| entry.unwrap().into_path()) {
        if file.extension().is_some_and(|ending| ending == "yaml") {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(passes(&schema, &text), "{}", file.display());
            examples += 1;
        }
    }
    assert!(examples >= 5);
}

#[test]
fn what_validate_passes_the_schema_passes() {
    let schema = json_schema::persona();
    for text in [
        "persona_name: A\nsystem_prompt: x\n",
        "persona_id: p1\n",
        "pal_id: p1\ndefault_face_id: r1\nlayers: {conversational_flow: {pal_interruptibility: low}}\n",
        "pal_name: A\nsystem_prompt: x\n",
        "persona_id: p1\nlayers: {llm: {base_url: https://x.example}}\n",
        "persona_name: A\npipeline_mode: echo\n",
        "persona_name: A\nsystem_prompt: !file p.md\ngreeting: null\n",
        "persona_name: A\nsystem_prompt: x\n_comment: strange keys are only warned of\nlayers: {brand_new: {a: 1}}\n",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {model: brand-new, tools: [{function: {name: a, parameters: {type: object}}}]}}\n",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {base_url: https://x.example, api_key: !env LLM_K, extra_body: {temperature: 9}}}\n",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: {tts_engine: azure}, perception: {perception_model: basic}}\n",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: null, stt: {participant_pause_sensitivity: ''}}\n",
        "persona_name: A\nsystem_prompt: x\nreconcile: {ignore: [/a/*/b], protect: true, unlisted: remove}\n",
    ] {
        assert!(is_valid(text), "{text}");
        assert!(passes(&schema, text), "{text}");
    }
}

#[test]
fn what_validate_fails_the_schema_fails_where_it_can_say_it() {
    let schema = json_schema::persona();
    for rest in [
        "",
        "persona_name: A",
        "persona_id: p1\nsystem_prompt: ''",
        "persona_name: A\nsystem_prompt: 5",
        "persona_name: ''\nsystem_prompt: x",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: {api_key: '********'}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: {api_key: '${TTS_API_KEY}'}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: {api_key: <your-key>}}",
        "persona_name: A\npal_name: B\nsystem_prompt: x",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {base_url: https://x.example, api_key: ''}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: {tts_engine: elevenlabs, voice_settings: {speed: 2}}}",
        "persona_name: A\nsystem_prompt: x\npipeline_mode: ful",
        "persona_name: A\nsystem_prompt: x\ncreated_at: y",
        "persona_name: A\nsystem_prompt: x\ndocument_ids: d1",
        "persona_name: A\nsystem_prompt: x\ndocument_ids: [1]",
        "persona_name: A\nsystem_prompt: x\ndocument_ids: ['']",
        "persona_name: A\nsystem_prompt: x\nis_template: 'yes'",
        "persona_name: A\nsystem_prompt: x\nlayers: []",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {is_custom: true}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {base_url: https://x.example}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {extra_body: {temperature: 3}}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {tools: [x]}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {tools: [{function: {name: a b}}]}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {tools: [{type: func, function: {name: a}}]}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {llm: {tools: [{function: {name: a, parameters: {type: array}}}]}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: {tts_engine: azure, tts_model_name: sonic-3}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {tts: {voice_settings: {stability: 2}}}",
        "persona_name: A\nsystem_prompt: x\nlayers: {conversational_flow: {voice_isolation: far}}",
        "persona_name: A\nsystem_prompt: x\nreconcile: {ignor: [/a]}",
        "persona_name: A\nsystem_prompt: x\nreconcile: {ignore: [a]}",
    ] {
        let text = format!("greeting: x\n{rest}\n");
        assert!(!is_valid(&text), "{text}");
        assert!(!passes(&schema, &text), "{text}");
    }
    let many: Vec<String> = (0..51).map(|id| format!("g{id}")).collect();
    let text = format!("persona_name: A\nsystem_prompt: x\nguardrail_ids: [{}]\n", many.join(", "));
    assert!(!is_valid(&text) && !passes(&schema, &text));
    let long = format!(
        "persona_name: A\nsystem_prompt: x\nlayers: {{perception: {{visual_tool_prompt: {}}}}}\n",
        "ü".repeat(10_001)
    );
    assert!(!is_valid(&long) && !passes(&schema, &long));
}

#[test]
fn an_overlay_requires_nothing_and_still_checks_types() {
    let schema = json_schema::overlay();
    assert!(passes(&schema, "layers: {tts: null}\n"));
    assert!(!passes(&schema, "layers: {tts: x}\n"));
}

#[test]
fn settings_are_checked_as_they_are_read() {
    let schema = settings_schema::settings();
    let read = |text: &str| {
        let files = Memory::default()
            .with("personactl.yaml", text)
            .with("personas/p.yaml", "persona_name: A\nsystem_prompt: x\n");
        let none = |_: &str| None;
        let env = text.contains("environments").then(|| "prod".to_owned());
        let request = LoadRequest { config: Some("personactl.yaml".into()), env, ..LoadRequest::default() };
        !load(&files, &none, &request).has_errors()
    };
    for good in [
        "endpoint: https://tavusapi.com\napi_key: !env TAVUS_KEY\nconcurrency: 4\nunlisted: remove\n",
        "environments: {prod: {vars: {a: [1]}, limits: {max_deletes: 0, wait: 30s}, prune: [p1]}}\n",
        "patch: {operations: [move], arrays: whole}\nlints: {older-yaml: deny}\nlimits: {wait: 5}\n",
        "ignore: [/a/*]\nopaque: [/a]\nsend_opaque: with-changes\nexpect_personas: [p1]\nenv_allow: [MY_KEY]\n",
    ] {
        assert!(read(good), "{good}");
        assert!(passes(&schema, good), "{good}");
    }
    for bad in [
        "endpont: x\n",
        "concurrency: 0\n",
        "unlisted: drop\n",
        "personas: []\n",
        "environments: {prod: {var: {}}}\n",
        "environments: {'a b': {}, prod: {}}\n",
        "patch: {operations: [swap]}\n",
        "lints: {older-yaml: loud}\n",
        "lints: {no-such: warn}\n",
        "limits: {wait: soon}\n",
        "ignore: [a]\n",
        "expect_personas: [1]\n",
        "env_allow: ['A*']\n",
        "api_key: sk-live-0123456789\n",
    ] {
        assert!(!read(bad), "{bad}");
        assert!(!passes(&schema, bad), "{bad}");
    }
}
