//! Each folder under `tests/cases/source` is a project. What loading makes of it, its findings and its personas with
//! the place of every value, is compared with the snapshot beside it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use personactl::persona::secret::MASK;
use personactl::report::diagnostics;
use personactl::source::{Disk, LoadRequest, Loaded, load, text};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

const SECRET: &str = "a-value-nobody-may-see";

fn variables(name: &str) -> Option<String> {
    match name {
        "LLM_SET" => Some(SECRET.to_owned()),
        "TTS_EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn load_case(folder: &Path) -> Loaded {
    let disk = Disk::new(folder).unwrap();
    let config = folder.join("personactl.yaml").exists().then(|| "personactl.yaml".to_owned());
    let env = std::fs::read_to_string(folder.join("environment")).ok();
    let env = env.map(|name| name.trim().to_owned());
    load(&disk, &variables, &LoadRequest { config, env, dummies: false, validate: true })
}

/// Findings as people see them, then the personas as JSON: every value with its place.
fn describe(folder: &Path, loaded: &Loaded) -> String {
    let mut drawn = Vec::new();
    let texts = text::of_findings(&Disk::new(folder).unwrap(), &loaded.diagnostics);
    let text_of = |file: &str| texts.get(file).map(|text| &**text);
    let look = diagnostics::Look::default();
    diagnostics::write(&mut drawn, &loaded.diagnostics, text_of, &loaded.scrubber, look).unwrap();
    let mut out = String::from_utf8(drawn).unwrap();
    out += &format!("\n{}\n", diagnostics::count_line(&loaded.diagnostics));
    if loaded.has_errors() {
        return out;
    }
    for persona in &loaded.desired {
        let masked = persona.document.masked(&persona.secrets());
        let document = with_places(&masked, &mut Vec::new(), persona);
        let shown = json!({
            "file": &*persona.file,
            "id": persona.id,
            "unset": persona.unset.values().collect::<Vec<_>>(),
            "protect": persona.reconcile.protect,
            "ignore": persona.reconcile.ignore.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "document": document,
        });
        out += &format!("\n{}\n", serde_json::to_string_pretty(&shown).unwrap());
    }
    out
}

fn with_places(value: &Value, path: &mut Vec<String>, persona: &personactl::persona::Desired) -> Value {
    let mut below = |key: String, value: &Value| {
        path.push(key);
        let shown = with_places(value, path, persona);
        path.pop();
        shown
    };
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, value)| (key.clone(), below(key.clone(), value)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(elements) => Value::Array(
            elements.iter().enumerate().map(|(at, value)| below(at.to_string(), value)).collect(),
        ),
        scalar => {
            let pointer = jsonptr::PointerBuf::from_tokens(path.iter().map(String::as_str));
            let at = persona.locations.get(&pointer).unwrap();
            let folded = at.file.rsplit('/').next().unwrap();
            Value::String(format!("{scalar}  @{folded}:{}:{}", at.line, at.column))
        }
    }
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/source");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() > 10);
    cases
}

#[test]
fn every_case_gives_its_snapshot() {
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let described = describe(&case, &load_case(&case));
        assert!(!described.contains(SECRET), "{name} shows a secret");
        insta::with_settings!({snapshot_path => "cases/source", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, described);
        });
    }
}

#[test]
fn p06_p26_windows_line_ends_and_a_byte_order_mark_change_no_document() {
    for case in cases() {
        let plain = load_case(&case);
        if plain.has_errors() {
            continue;
        }
        let copy = tempfile::tempdir().unwrap();
        rewrite(&case, copy.path());
        let changed = load_case(copy.path());
        assert!(!changed.has_errors(), "{}: {:?}", case.display(), changed.diagnostics);
        for (plain, changed) in plain.desired.iter().zip(&changed.desired) {
            assert_eq!(plain.document.reveal(), changed.document.reveal(), "{}", case.display());
        }
    }
}

/// Copies a tree, every YAML and JSON file with a byte order mark and Windows line ends.
fn rewrite(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            rewrite(&path, &target);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(target, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
fn in_the_sandbox_every_env_value_is_a_stand_in() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases/source/p30_an_unset_variable_is_null_and_named_and_a_set_one_is_hidden");
    let disk = Disk::new(&case).unwrap();
    let request = LoadRequest { dummies: true, validate: true, ..LoadRequest::default() };
    let loaded = load(&disk, &variables, &request);
    let persona = &loaded.desired[0];
    assert!(persona.unset.is_empty());
    assert_eq!(persona.document.reveal().pointer("/layers/llm/api_key").unwrap(), "sandbox-value-of-LLM_SET");
    assert_eq!(persona.document.masked(&persona.secrets()).pointer("/layers/llm/api_key").unwrap(), MASK);
}
