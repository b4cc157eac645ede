//! Bytes as a persona file, and as one with an overlay and settings.

use crate::chance::Chance;
use personactl::persona::{Desired, Location};
use personactl::pull::{Replaced, Scope, rewrite};
use personactl::report::diagnostics::machine::{write_github, write_json};
use personactl::report::diagnostics::{Look, write};
use personactl::report::escape::is_harmful;
use personactl::source::compose::compose;
use personactl::source::emit::to_yaml;
use personactl::source::text::{SourceText, line_and_column, of_findings};
use personactl::source::{Files, LoadRequest, Loaded, Memory, load};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const SECRET: &str = "sk-of-the-fuzzer-0123456789";
const SETTINGS: &str = "environments: {prod: {vars: {greeting: Hi, count: 3, tools: [{name: a}]}}}\n";

/// Parts are separated by the byte 0xff: a persona file, an overlay, settings.
pub(crate) fn yaml(data: &[u8]) {
    let mut parts = data.split(|byte| *byte == 0xff);
    let persona = parts.next().unwrap_or_default();
    let (overlay, settings) = (parts.next(), parts.next());
    let json = matches!(persona.trim_ascii_start().first(), Some(b'{' | b'['));
    for ending in if json { ["yaml", "json"].as_slice() } else { ["yaml"].as_slice() } {
        let mut files = Memory::default()
            .with(&format!("personas/a.{ending}"), persona)
            .with("personas/prompt.md", "A long text\nof two lines.\n");
        let mut request = LoadRequest { validate: true, ..LoadRequest::default() };
        if let Some(overlay) = overlay {
            files = files.with("personas/a.prod.yaml", overlay);
            files = files.with("personactl.yaml", settings.unwrap_or(SETTINGS.as_bytes()));
            request.config = Some("personactl.yaml".to_owned());
            request.env = Some("prod".to_owned());
        }
        tree(&files, &request, &mut Chance::of(data));
    }
}

fn tree(files: &Memory, request: &LoadRequest, chance: &mut Chance) {
    let loaded = load(files, &variables, request);
    diagnostics(&loaded, files);
    if loaded.has_errors() {
        return;
    }
    for desired in &loaded.desired {
        agrees(&desired.file, files);
        emitted(desired);
        edited(desired, &loaded, files, request, chance);
    }
}

fn variables(name: &str) -> Option<String> {
    (name == "LLM_API_KEY").then(|| SECRET.to_owned())
}

/// Findings point inside their files, and printing them steers no terminal and shows no secret.
fn diagnostics(loaded: &Loaded, files: &Memory) {
    let found = &loaded.diagnostics;
    let texts = of_findings(files, found);
    for finding in found {
        for at in finding.location.iter().chain(finding.related.iter().map(|(at, _)| at)) {
            inside(at, &texts, files, finding.code);
        }
    }
    let text_of = |name: &str| texts.get(name).map(|text| &**text);
    let mut text = Vec::new();
    let mut data = Vec::new();
    let mut commands = Vec::new();
    let written = [
        write(&mut text, found, text_of, &loaded.scrubber, Look::default()),
        write_json(&mut data, found, &loaded.scrubber),
        write_github(&mut commands, found, "sub/", &loaded.scrubber),
    ];
    assert!(written.iter().all(Result::is_ok), "findings cannot be printed");
    for (format, bytes) in [("text", &text), ("json", &data), ("github", &commands)] {
        let shown = String::from_utf8_lossy(bytes);
        // A workflow command may hold a tab.
        let allowed = |c: char| c == '\n' || (c == '\t' && format == "github");
        let harmful = shown.chars().find(|c| !allowed(*c) && is_harmful(*c));
        assert!(harmful.is_none(), "{format}: {harmful:?} is printed:\n{shown:?}");
        assert!(!shown.contains(SECRET), "{format}: a secret is printed");
    }
    let parsed: Result<Value, _> = serde_json::from_slice(&data);
    assert!(parsed.is_ok_and(|parsed| parsed["diagnostics"].as_array().map(Vec::len) == Some(found.len())));
    let lines = commands.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    assert!(lines.clone().count() == found.len() && lines.clone().all(|line| line.starts_with(b"::")));
}

fn inside(at: &Location, texts: &BTreeMap<Arc<str>, Arc<str>>, files: &Memory, code: &str) {
    let Some(text) = texts.get(&at.file) else {
        // Not UTF-8, so that there is no text of it.
        let length = files.read(&at.file).map_or(0, |bytes| bytes.len());
        assert!(at.span.end <= length, "{code}: beyond the file");
        return;
    };
    assert!(at.span.start <= at.span.end && at.span.end <= text.len(), "{code}: {at:?} is beyond the file");
    assert!(text.is_char_boundary(at.span.start) && text.is_char_boundary(at.span.end), "{code}: {at:?}");
    let place = line_and_column(text, at.span.start);
    assert!(place == (at.line, at.column), "{code}: {at:?} is really at {place:?}");
}

/// Without tags and merge keys the reader of record sees the same values.
fn agrees(path: &str, files: &Memory) {
    let text = files.read(path).ok().and_then(|bytes| SourceText::new(path, bytes).ok());
    let Some(source) = text else { return };
    // JSON's surrogates are ours to read.
    let ours = ["<<", "\\ud", "\\uD"].iter().any(|mark| source.text.contains(mark));
    // So are unusual line breaks, which that reader folds with the spaces around them.
    if ours || source.text.contains(['!', '\r', '\u{85}', '\u{2028}', '\u{2029}']) || path.ends_with(".json")
    {
        return;
    }
    let Some(root) = compose(&source).root else { return };
    let other: Result<Value, _> = serde_yaml::from_str(source.text.trim_start_matches('\u{feff}'));
    assert!(other.as_ref().ok() == Some(&root.to_json()), "readers differ: {other:?}");
}

/// What was read, written as YAML, is read as the same.
fn emitted(desired: &Desired) {
    let mut document = desired.document.reveal().clone();
    for path in desired.unset.keys().chain(desired.references.keys()) {
        if let Ok(slot) = path.resolve_mut(&mut document) {
            *slot = "stands for something".into();
        }
    }
    let Value::Object(mut members) = document.clone() else { panic!("a persona that is no object") };
    if let Some(id) = &desired.id {
        members.insert("persona_id".to_owned(), id.clone().into());
    }
    let members = Value::Object(members);
    let text = to_yaml(&members);
    let other: Result<Value, _> = serde_yaml::from_str(&text);
    assert!(other.as_ref().ok() == Some(&members), "the reader of record differs: {other:?}\n{text}");
    let again =
        load(&Memory::default().with("personas/a.yaml", &text), &|_: &str| None, &LoadRequest::default());
    assert!(!again.has_errors(), "what was written has faults: {:?}\n{text}", again.diagnostics);
    let [again] = again.desired.as_slice() else { panic!("no persona in what was written") };
    assert!(
        *again.document.reveal() == document && again.id == desired.id,
        "written and read differ:\n{text}"
    );
}

/// A change of values is made exactly, or refused.
fn edited(desired: &Desired, loaded: &Loaded, files: &Memory, request: &LoadRequest, chance: &mut Chance) {
    let mut wanted = desired.document.reveal().clone();
    for _ in 0..=chance.below(3) {
        change(&mut wanted, chance);
    }
    let mut shared: BTreeMap<String, usize> = BTreeMap::new();
    for file in loaded.desired.iter().flat_map(|desired| desired.includes.values()) {
        *shared.entry(file.to_string()).or_default() += 1;
    }
    let (rewritten, kept) = rewrite(files, desired, &wanted, &shared, Scope::default());
    let texts: BTreeMap<String, String> = rewritten.into_iter().map(|file| (file.path, file.after)).collect();
    let replaced = Replaced { files, texts };
    let again = load(&replaced, &variables, &LoadRequest { validate: false, ..request.clone() });
    assert!(!again.has_errors(), "the edited file has faults: {:?}\n{:?}", again.diagnostics, replaced.texts);
    let again = again.desired.iter().find(|again| again.file == desired.file);
    let document = again.map(|again| again.document.reveal());
    // In an overlay null means that there is none, which is what live's null means, too.
    let overlaid = replaced.texts.keys().any(|path| *path != *desired.file);
    let same = |document: &Value| match overlaid {
        true => without_nulls(document) == without_nulls(&wanted),
        false => *document == wanted,
    };
    if kept.is_empty() {
        assert!(document.is_some_and(same), "not what was wanted: {wanted}\n{:?}", replaced.texts);
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect()
        }
        value => value.clone(),
    }
}

/// Texts that YAML has other plans for.
const TEXTS: [&str; 24] = [
    "",
    " ",
    "yes",
    "~",
    "1e3",
    "017",
    "2001-01-01",
    "a: b # c",
    "line\nline\n",
    "\n leading\nx",
    "tail \n\n",
    "a\n\n",
    "\u{85}x\u{2028}y",
    "!env X",
    "*a",
    "&a x",
    "- x",
    "'q' \"d\" \\",
    "\tt\t",
    "\r\n",
    "\u{feff}",
    "a,b]}",
    "%TAG",
    "---",
];

/// Changes one value below the root, but for the name.
fn change(document: &mut Value, chance: &mut Chance) {
    let Value::Object(members) = document else { return };
    if chance.below(4) == 0 {
        let key = format!("x{}", TEXTS[chance.below(TEXTS.len())]);
        members.insert(key, value(chance));
        return;
    }
    let keys: Vec<String> = members.keys().filter(|key| *key != "persona_name").cloned().collect();
    let Some(key) = keys.get(chance.below(keys.len())) else { return };
    if chance.below(8) == 0 {
        members.shift_remove(key);
        return;
    }
    if let Some(member) = members.get_mut(key) {
        change_below(member, chance);
    }
}

fn change_below(at: &mut Value, chance: &mut Chance) {
    let deeper = chance.below(4) > 0;
    match at {
        Value::Object(inner) if deeper && !inner.is_empty() => {
            let index = chance.below(inner.len());
            if let Some(inner) = inner.values_mut().nth(index) {
                change_below(inner, chance);
            }
        }
        Value::Array(inner) if deeper && !inner.is_empty() => {
            let index = chance.below(inner.len());
            change_below(&mut inner[index], chance);
        }
        Value::Object(inner) => match (chance.below(3), inner.len()) {
            (0, 1..) => {
                let index = chance.below(inner.len());
                if let Some(key) = inner.keys().nth(index).cloned() {
                    inner.shift_remove(&key);
                }
            }
            (1, _) => drop(inner.insert(TEXTS[chance.below(TEXTS.len())].to_owned(), value(chance))),
            _ => *at = value(chance),
        },
        Value::Array(inner) => match (chance.below(3), inner.len()) {
            (0, 1..) => drop(inner.remove(chance.below(inner.len()))),
            (1, length) => inner.insert(chance.below(length + 1), value(chance)),
            _ => *at = value(chance),
        },
        scalar => *scalar = value(chance),
    }
}

fn value(chance: &mut Chance) -> Value {
    match chance.below(14) {
        0 => Value::Null,
        1 => true.into(),
        2 => json!(-0.0),
        3 => json!(1.5e300),
        4 => u64::MAX.into(),
        5 => json!([]),
        6 => json!({}),
        7 => json!([value(chance), [1, {}]]),
        8 => Value::Object(Map::from_iter([(TEXTS[chance.below(TEXTS.len())].to_owned(), value(chance))])),
        _ => TEXTS[chance.below(TEXTS.len())].into(),
    }
}
