//! Cases of reports: a folder with `case.json` and the texts that it names makes a plan.
//!
//! The same way as the program makes one: desired and live are compared, patches built and proven. Only the
//! origins, which need a Git revision, are given.
#![allow(dead_code, unreachable_pub, reason = "shared by test programs that each use a part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

use jsonptr::PointerBuf;
use personactl::compare::Origin;
use personactl::persona::{Desired, Document, Live, Location, Locations, Reconcile};
use personactl::plan::{Action, Options, PersonaPlan, Plan, Refusal, plan_creation, plan_update};
use personactl::report::Mood;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A case as read.
pub struct Case {
    pub name: String,
    pub folder: PathBuf,
    pub mood: Mood,
    pub plan: Plan,
    /// Texts that must be in no output.
    pub secrets: Vec<String>,
}

/// Every folder of `tests/cases/report`, by name.
pub fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/report");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 8, "the cases are gone");
    folders.iter().map(|folder| read(folder)).collect()
}

/// One of them.
pub fn case(name: &str) -> Case {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/report").join(name))
}

fn read(folder: &Path) -> Case {
    let text = std::fs::read_to_string(folder.join("case.json")).unwrap();
    let case: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let word = |name: &str| case[name].as_str().map(str::to_owned);
    let plan = Plan {
        environment: word("environment"),
        endpoint: "https://tavusapi.com".to_owned(),
        base: word("base"),
        personas: list(&case["personas"]).map(|row| persona(row, folder)).collect(),
        remarks: list(&case["remarks"]).map(|remark| remark.as_str().unwrap().to_owned()).collect(),
    };
    Case {
        name: folder.file_name().unwrap().to_string_lossy().into_owned(),
        folder: folder.to_owned(),
        mood: if case["mood"] == "drift" { Mood::Drift } else { Mood::Plan },
        plan,
        secrets: list(&case["secrets"]).map(|secret| secret.as_str().unwrap().to_owned()).collect(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn persona(row: &Value, folder: &Path) -> PersonaPlan {
    let word = |name: &str| row[name].as_str().map(str::to_owned);
    let file: Option<Arc<str>> = word("file").map(Arc::from);
    let refusal = || Refusal {
        code: Box::leak(row["reason"]["code"].as_str().unwrap_or("code").to_owned().into_boxed_str()),
        message: row["reason"]["message"].as_str().unwrap_or("message").to_owned(),
        hint: row["reason"]["hint"].as_str().map(str::to_owned),
    };
    let mut plan = if row["desired"].is_object() {
        let desired = desired(row, file.unwrap(), folder);
        match row.get("live") {
            None => plan_creation(&desired),
            Some(document) => {
                let id = row["id"].as_str().unwrap_or("p0000000001").to_owned();
                let document = Document::new(texts(document, folder));
                plan_update(&desired, None, &Live { id, name: None, document }, &Options::default())
            }
        }
    } else {
        PersonaPlan::idle(word("name"), word("id"), file, Action::Unmanaged)
    };
    match row["action"].as_str() {
        Some("delete") => plan.action = Action::Delete,
        Some("refused") => plan.action = Action::Refused(refusal()),
        Some("failed") => plan.action = Action::Failed(refusal()),
        _ => {}
    }
    if let Some(origins) = row["origins"].as_object() {
        for (path, origin) in origins {
            let planned =
                plan.findings.changes.iter_mut().find(|planned| planned.change.path.as_str() == path);
            let planned = planned.unwrap_or_else(|| panic!("no change at {path}"));
            planned.change.origin = Some(match origin.as_str().unwrap() {
                "yours" => Origin::Yours,
                "drift" => Origin::Drift,
                _ => Origin::Conflict,
            });
        }
    }
    plan
}

/// A desired persona whose values stand on lines of their own.
pub fn desired(row: &Value, file: Arc<str>, folder: &Path) -> Desired {
    let document = texts(&row["desired"], folder);
    let pointers = |value: &Value| -> BTreeMap<PointerBuf, String> {
        let members = value.as_object().into_iter().flatten();
        members
            .map(|(path, name)| (PointerBuf::parse(path.clone()).unwrap(), name.as_str().unwrap().to_owned()))
            .collect()
    };
    let mut locations = Locations::default();
    let mut line = 1;
    locate(&row["desired"], &mut PointerBuf::new(), &mut |path, value| {
        line += 1;
        let (file, line) = match value["$text"].as_str() {
            Some(text) => (Arc::from(format!("personas/prompts/{text}")), 1),
            None => (file.clone(), line),
        };
        locations.insert(path, Location { file, line, column: 3, span: 0..0 });
    });
    Desired {
        id: row["id"].as_str().map(str::to_owned),
        name: document["persona_name"].as_str().map(str::to_owned),
        document: Document::new(document),
        env: pointers(&row["env"]),
        unset: pointers(&row["unset"]),
        locations,
        reconcile: Reconcile::default(),
        file,
        ..Desired::default()
    }
}

fn locate(value: &Value, at: &mut PointerBuf, found: &mut dyn FnMut(PointerBuf, &Value)) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) if !members.contains_key("$text") => {
            members.iter().map(|(key, child)| (key.clone(), child)).collect()
        }
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(i, child)| (i.to_string(), child)).collect()
        }
        _ => return,
    };
    for (key, child) in children {
        at.push_back(key.as_str());
        found(at.clone(), child);
        locate(child, at, found);
        at.pop_back();
    }
}

/// `{"$text": "file"}` becomes the file's text.
fn texts(value: &Value, folder: &Path) -> Value {
    match value {
        Value::Object(members) => match members.get("$text").and_then(Value::as_str) {
            Some(name) => Value::String(std::fs::read_to_string(folder.join(name)).unwrap()),
            None => members.iter().map(|(key, child)| (key.clone(), texts(child, folder))).collect(),
        },
        Value::Array(elements) => elements.iter().map(|child| texts(child, folder)).collect(),
        value => value.clone(),
    }
}

/// A plan of one persona whose prompt changes, for texts made up by a test.
pub fn prompt_change(name: &str, before: &str, after: &str) -> PersonaPlan {
    let row = serde_json::json!({"desired": {"persona_name": name, "system_prompt": after}});
    let desired = desired(&row, "personas/made-up.yaml".into(), Path::new(""));
    let live = serde_json::json!({"persona_id": "p1", "persona_name": name, "system_prompt": before});
    let live = Live { id: "p1".to_owned(), name: Some(name.to_owned()), document: Document::new(live) };
    plan_update(&desired, None, &live, &Options::default())
}

/// A plan of these personas.
pub fn plan_of(personas: Vec<PersonaPlan>) -> Plan {
    Plan { endpoint: "https://tavusapi.com".to_owned(), personas, ..Plan::default() }
}
