use super::*;
use crate::compare::compare;
use crate::persona::{Document, Live};
use crate::source::{LoadRequest, Loaded, Memory, load};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn live(document: Value) -> Live {
    Live {
        id: document["persona_id"].as_str().unwrap_or("p0").to_owned(),
        name: document["persona_name"].as_str().map(str::to_owned),
        document: Document::new(document),
    }
}

fn read(files: &dyn Files) -> Loaded {
    let config = files.read("personactl.yaml").is_ok().then(|| "personactl.yaml".to_owned());
    let variables = |name: &str| (name == "LLM_SET").then(|| "the-real-credential".to_owned());
    load(files, &variables, &LoadRequest { config, validate: true, ..LoadRequest::default() })
}

/// What an account may hold: tools without descriptions, masks, leftovers, defaults, wrong types, strange keys.
fn account() -> Vec<Live> {
    [
        json!({"persona_id": "p1", "persona_name": "Café Host", "system_prompt": "One.\n\n  - two\n", "pipeline_mode": "full",
               "created_at": "2026-01-01", "updated_at": "x", "context": null, "document_ids": [], "greeting": "no",
               "layers": {"llm": {"model": "tavus-gpt-oss", "base_url": "", "api_key": "", "headers": {}, "speculative_inference": true,
                          "tools": [{"function": {"parameters": {"type": "object", "properties": {"a": {"type": "string"}}}, "name": "t"}, "type": "function"}]},
                          "tts": {"tts_engine": "cartesia", "tts_emotion_control": "true", "voice_settings": {"speed": "normal"}},
                          "conversational_flow": {"voice_isolation": "off", "wake_phrase": null}, "brand_new": {"x": [1, {}]}}}),
        json!({"persona_id": "p2", "persona_name": "Twin", "system_prompt": "x", "modle": "near a known name",
               "layers": {"llm": {"model": "mine", "base_url": "https://x.example", "api_key": "********",
                                  "headers": {"Authorization": "Bearer real-secret-value", "Accept": "a/b"}}}}),
        json!({"persona_id": "p3", "persona_name": "twin", "system_prompt": "y",
               "layers": {"tts": {"api_key": "real-voice-credential", "external_voice_id": "v"}}}),
        json!({"persona_id": "p4", "persona_name": null, "pipeline_mode": "echo", "layers": {"llm": {"tools": [{"type": "function", "function": {"name": "not a name"}}]}}}),
        json!({"persona_id": "p5", "persona_name": "", "system_prompt": "1e3", "languages": ["no", "2026-01-02"]}),
    ]
    .map(live)
    .to_vec()
}

static NO_NAMES: BTreeSet<String> = BTreeSet::new();

fn place(taken: &BTreeSet<String>) -> Place<'_> {
    Place { folder: "personas", taken, names: &NO_NAMES, environment: None }
}

#[test]
fn p12_what_is_pulled_is_in_sync_and_has_no_fault() {
    let personas = account();
    let files = new_files(&personas, place(&BTreeSet::new()));
    let mut project = Memory::default();
    for file in &files {
        project = project.with(&file.path, &file.text);
    }
    let loaded = read(&project);
    assert!(!loaded.has_errors(), "{:#?}", loaded.diagnostics);
    assert_eq!(loaded.desired.len(), personas.len());
    for desired in &loaded.desired {
        let persona = personas.iter().find(|live| Some(&live.id) == desired.id.as_ref()).unwrap();
        assert_eq!(compare(desired, persona).changes, [], "{}", desired.file);
    }
    let shown: Vec<String> = files
        .iter()
        .map(|file| format!("== {} {:?} {:?}\n{}", file.path, file.variables, file.left_out, file.text))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_live_shows_under_a_newer_name_only_is_left_out() {
    let persona = live(json!({"persona_id": "p1", "pal_id": "p1", "pal_name": "Ada", "greeting": "Hi",
                              "layers": {"conversational_flow": {"pal_interruptibility": "low"}}}));
    let files = new_files(std::slice::from_ref(&persona), place(&BTreeSet::new()));
    assert_eq!(files[0].text, "persona_id: p1\ngreeting: Hi\n");
    assert_eq!(files[0].left_out.len(), 3, "{:?}", files[0].left_out);
    let loaded = read(&Memory::default().with(&files[0].path, &files[0].text));
    assert_eq!(compare(&loaded.desired[0], &persona).changes, []);
}

#[test]
fn p40_no_secret_and_no_mask_is_ever_written() {
    for file in new_files(&account(), place(&BTreeSet::new())) {
        for secret in ["****", "real-secret-value", "real-voice-credential"] {
            assert!(!file.text.contains(secret), "{}", file.text);
        }
    }
}

#[test]
fn p80_same_named_and_nameless_personas_get_stable_distinct_files() {
    let paths = |personas: &[Live], taken: &[&str]| -> Vec<String> {
        let taken = taken.iter().map(|path| (*path).to_owned()).collect();
        new_files(personas, place(&taken)).into_iter().map(|file| file.path).collect()
    };
    let mut personas = account();
    assert_eq!(
        paths(&personas, &["personas/cafe-host.yaml"]),
        [
            "personas/cafe-host-p1.yaml",
            "personas/twin-p2.yaml",
            "personas/twin-p3.yaml",
            "personas/persona-p4.yaml",
            "personas/persona-p5.yaml",
        ]
    );
    let device = live(json!({"persona_id": "p6", "persona_name": "Aux", "system_prompt": "x"}));
    assert_eq!(paths(&[device], &[]), ["personas/aux-p6.yaml"]);
    personas.reverse();
    assert_eq!(paths(&personas, &[]).last().unwrap(), "personas/cafe-host.yaml");
}

const FILE: &str = "\
# The coach.
persona_id: p1
persona_name: Coach  # shown in the dashboard
system_prompt: !file prompts/coach.md
greeting: 'Hello'
layers:
  llm:
    base_url: https://x.example  # ours
    api_key: !env LLM_SET
    model: !env LLM_UNSET
    tools:
      # books
      - type: function
        function:
          name: book
          description: Books a call.   # only here
      - type: function
        function: {name: gone}
  tts: &voice
    tts_engine: cartesia
";

fn project() -> Memory {
    Memory::default()
        .with("personas/coach.yaml", FILE)
        .with("personas/prompts/coach.md", "Old prompt.\r\nSecond.\r\n")
}

fn pulled(files: &Memory, document: Value, add: bool) -> (Vec<Rewritten>, Vec<Kept>) {
    let loaded = read(files);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let desired = &loaded.desired[0];
    let wanted = taken(desired, &live(document), add);
    let mut shared = BTreeMap::new();
    for file in loaded.desired.iter().flat_map(|desired| desired.includes.values()) {
        *shared.entry(file.to_string()).or_default() += 1;
    }
    rewrite(files, desired, &wanted, &shared, Scope::default())
}

fn document() -> Value {
    json!({"persona_id": "p1", "persona_name": "Coach two", "system_prompt": "New prompt.\nSecond.", "greeting": "Hi",
           "persona_description": "unlisted",
           "layers": {"llm": {"base_url": "https://y.example", "api_key": "********", "model": "m",
                              "tools": [{"type": "function", "function": {"name": "book"}},
                                        {"type": "function", "function": {"name": "new", "parameters": {"type": "object"}}}]},
                      "tts": {"tts_engine": "elevenlabs"}}})
}

#[test]
fn p29_p79_values_are_taken_into_the_file_that_has_the_id_and_everything_else_stays() {
    let (rewritten, kept) = pulled(&project(), document(), false);
    let mut shown = String::new();
    for file in &rewritten {
        shown += &format!("== {}\n{}", file.path, file.after.replace('\r', "<CR>"));
    }
    for kept in &kept {
        shown += &format!(
            "-- {} {:?}: {} @{}\n",
            kept.path,
            kept.live,
            kept.reason,
            kept.at.as_ref().unwrap().line
        );
    }
    insta::assert_snapshot!(shown);

    // Read again, only what could not be taken differs.
    let texts = rewritten.into_iter().map(|file| (file.path, file.after)).collect();
    let project = project();
    let loaded = read(&Replaced { files: &project, texts });
    let changes: Vec<String> = compare(&loaded.desired[0], &live(document()))
        .changes
        .iter()
        .map(|change| change.path.to_string())
        .collect();
    assert_eq!(changes, ["/layers/tts/tts_engine"]);
}

#[test]
fn unlisted_values_are_added_only_on_request() {
    let (rewritten, _) = pulled(&project(), document(), true);
    let text = &rewritten.iter().find(|file| file.path == "personas/coach.yaml").unwrap().after;
    assert!(text.contains("persona_description: unlisted\n"), "{text}");
    assert!(!text.contains("****"), "{text}");
}

#[test]
fn a_prompt_that_several_personas_share_is_not_overwritten() {
    let files =
        project().with("personas/other.yaml", "persona_name: Other\nsystem_prompt: !file prompts/coach.md\n");
    let (rewritten, kept) = pulled(&files, document(), false);
    assert!(rewritten.iter().all(|file| !file.path.contains("prompts")));
    assert!(
        kept.iter().any(|kept| kept.path == "/system_prompt" && kept.reason.contains("several places")),
        "{kept:?}"
    );
}

#[test]
fn p08_what_is_in_sync_already_gives_no_edit() {
    let files = Memory::default().with(
        "personas/a.yaml",
        "persona_id: p1\nsystem_prompt: |\n  x\n  y\ndocument_tags: [b, a]\ntool_ids: []\nlayers: {llm: {extra_body: {temperature: 1.0}}}\n",
    );
    let same = json!({"persona_id": "p1", "system_prompt": "x\ny", "document_tags": ["a", "b"], "tool_ids": null,
                      "layers": {"llm": {"extra_body": {"temperature": 1}, "speculative_inference": true}}});
    assert_eq!(pulled(&files, same, false), (Vec::new(), Vec::new()));
}

#[test]
fn newer_names_in_a_file_stay_when_their_values_change() {
    let files =
        Memory::default().with("personas/a.yaml", "pal_id: p1\npal_name: Old # note\nsystem_prompt: x\n");
    let (rewritten, kept) =
        pulled(&files, json!({"persona_id": "p1", "persona_name": "New", "system_prompt": "x"}), false);
    assert_eq!(kept, []);
    assert_eq!(rewritten[0].after, "pal_id: p1\npal_name: New # note\nsystem_prompt: x\n");
}

/// A project of two environments, and what its first persona becomes when `prod` is pulled.
fn pulled_prod(files: &Memory, document: Value) -> (BTreeMap<String, String>, Vec<Kept>) {
    let config = "environments:\n  staging: {vars: {office: Test}}\n  prod: {vars: {office: Rose Street}}\n";
    let files = files.clone().with("personactl.yaml", config);
    let read = |name: &str| {
        let config = Some("personactl.yaml".to_owned());
        let request = LoadRequest { config, env: Some(name.to_owned()), ..LoadRequest::default() };
        let loaded = load(&files, &|_: &str| None, &request);
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        loaded.desired
    };
    let (prod, others) = (read("prod"), read("staging"));
    let wanted = taken(&prod[0], &live(document), false);
    let scope = Scope { environment: Some("prod"), others: &others };
    let (rewritten, kept) = rewrite(&files, &prod[0], &wanted, &BTreeMap::new(), scope);
    (rewritten.into_iter().map(|file| (file.path, file.after)).collect(), kept)
}

#[test]
fn p41_what_other_environments_share_goes_into_the_overlay_of_the_one_that_is_pulled() {
    let base = "persona_name: A\nsystem_prompt: !file a.md\ngreeting: hello # all\npersona_description: !var office\n\
                memories: [a, b]\nlayers:\n  llm: {extra_body: {seed: 1, n: 2}}\n  stt: {hotwords: x}\n";
    let files = Memory::default().with("personas/a.yaml", base).with("personas/a.md", "Old.\n");
    let now = json!({"persona_id": "p1", "persona_name": "A", "system_prompt": "New.\nTwo.", "greeting": "no",
                     "persona_description": "Elsewhere", "memories": ["b", "c"],
                     "layers": {"llm": {"extra_body": {"n": 3}}}});
    let (texts, kept) = pulled_prod(&files, now.clone());
    // A value of `vars` differs by environment as it is: that is where it belongs.
    let paths: Vec<&str> = kept.iter().map(|kept| kept.path.as_str()).collect();
    assert_eq!(paths, ["/persona_description"]);
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["personas/a.prod.yaml"]);
    insta::assert_snapshot!(texts["personas/a.prod.yaml"]);

    // What only `prod` reads is changed where it stands; the overlay's comments and order stay.
    let over = "# prod\nlayers:\n  llm: {model: m} # ours\ngreeting: hi  # said in prod\n";
    let staging = "layers: {stt: {hotwords: y}}\n";
    let files = files.with("personas/a.prod.yaml", over).with("personas/a.staging.yaml", staging);
    let mut now = now;
    now["layers"]["stt"] = json!({"hotwords": "z"});
    let (texts, _) = pulled_prod(&files, now);
    assert_eq!(texts["personas/a.yaml"], base.replace("hotwords: x", "hotwords: z"));
    insta::assert_snapshot!(texts["personas/a.prod.yaml"]);
}

#[test]
fn p40_a_list_with_a_reference_or_a_secret_in_it_is_not_copied_into_an_overlay() {
    let base = "persona_name: A\nsystem_prompt: x\ndocument_tags: [!var office, b]\n\
                layers: {llm: {tools: [{function: {name: f}, url: !env LLM_URL}, {function: {name: g}, api_key: written-out-0123}]}}\n";
    let files = Memory::default().with("personas/a.yaml", base);
    let tools = json!([{"function": {"name": "f"}}, {"function": {"name": "new"}}]);
    let now = json!({"persona_id": "p1", "persona_name": "A", "system_prompt": "x",
                     "document_tags": ["Rose Street", "c"], "layers": {"llm": {"tools": tools}}});
    let (texts, kept) = pulled_prod(&files, now);
    assert!(texts.is_empty(), "{texts:?}");
    assert!(kept.iter().any(|kept| kept.path.starts_with("/document_tags")), "{kept:?}");
    assert!(kept.iter().any(|kept| kept.path.starts_with("/layers/llm/tools")), "{kept:?}");
}

#[test]
fn p07_another_member_of_a_list_without_order_is_taken_in_and_another_order_is_not() {
    let text = "persona_id: p1\nsystem_prompt: x\ndocument_tags: [a, b]\ntool_ids:\n  - t1  # the only one\n";
    let files = Memory::default().with("personas/a.yaml", text);
    let with = |tags: Value, tools: Value| {
        let now = json!({"persona_id": "p1", "system_prompt": "x", "document_tags": tags, "tool_ids": tools});
        pulled(&files, now, false).0.first().map(|file| file.after.clone())
    };
    assert_eq!(with(json!(["b", "a"]), json!(["t1"])), None);
    let after = with(json!(["a", "c"]), json!(["t2"])).unwrap();
    assert_eq!(after, text.replace("[a, b]", "[a, c]").replace("- t1", "- t2"));
}

#[test]
fn p41_new_files_of_an_environment_hold_no_id_of_its_account() {
    let names = BTreeSet::from(["Taken".to_owned()]);
    let taken = BTreeSet::new();
    let prod = Place { environment: Some("prod"), names: &names, ..place(&taken) };
    let persona = |id: &str, name: &str| {
        live(json!({"persona_id": id, "persona_name": name, "system_prompt": "x", "document_ids": ["d1"],
                    "layers": {"tts": {"tts_engine": "cartesia", "pronunciation_dictionary_id": "pd_1"}}}))
    };
    let files = new_files(&[persona("p1", "Desk"), persona("p2", "Taken")], prod);
    let shown: Vec<String> =
        files.iter().map(|file| format!("== {}\n{}-- {:?}\n", file.path, file.text, file.overlay)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}
