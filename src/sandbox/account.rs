//! The emulated account: what each call does to it and answers. No network and no files.

use super::options::{Options, PatchAnswer, Seed, Shape};
use super::record;
use super::reply::{Body, Reply};
use super::rules;
use super::vault::{self, Vault};
use crate::json;
use crate::patch as engine;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The personas that the sandbox starts with.
const SEED: &str = include_str!("seed.json");

/// All that is kept between runs. Secrets in it are sealed.
#[derive(Debug, Clone)]
pub(super) struct Account {
    personas: Vec<Value>,
    /// Counts what was made and changed: ids and time stamps come from it, so that two runs agree.
    counter: u64,
    pub(super) vault: Vault,
}

/// The state file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format_version: u32,
    salt: String,
    counter: u64,
    personas: Vec<Value>,
}

const FORMAT_VERSION: u32 = 1;

impl Account {
    /// A new account.
    pub(super) fn seeded(seed: &Seed, options: &Options) -> Result<Self, String> {
        let personas = match seed {
            Seed::Empty => Vec::new(),
            Seed::Personas(personas) => personas.clone(),
            Seed::BuiltIn => {
                let mut seed: Value =
                    serde_json::from_str(SEED).map_err(|e| format!("the built-in personas: {e}"))?;
                match seed.get_mut("personas").map(Value::take) {
                    Some(Value::Array(personas)) => personas,
                    _ => return Err("the built-in personas: no list".to_owned()),
                }
            }
        };
        let mut account =
            Account { personas: Vec::new(), counter: 0, vault: Vault::new(vault::random_hex()) };
        for persona in personas {
            account.plant(persona, options);
        }
        Ok(account)
    }

    /// Puts a persona in as GET would show it, with its `secrets`.
    pub(super) fn plant(&mut self, mut persona: Value, options: &Options) {
        let secrets = persona.as_object_mut().and_then(|members| members.remove("secrets"));
        for (pointer, secret) in secrets.as_ref().and_then(Value::as_object).into_iter().flatten() {
            put(&mut persona, pointer, secret.clone());
        }
        let id = self.next_id();
        if let Some(members) = persona.as_object_mut() {
            members.entry("persona_id").or_insert_with(|| id.into());
            members.entry("persona_type").or_insert_with(|| "user".into());
            members.entry("created_at").or_insert_with(|| self.stamp().into());
            members.entry("updated_at").or_insert_with(|| self.stamp().into());
        }
        record::normalise(&mut persona, &self.vault, options);
        self.personas.push(persona);
    }

    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        if file.format_version != FORMAT_VERSION {
            return Err(format!("format_version {} is not {FORMAT_VERSION}", file.format_version));
        }
        Ok(Account { personas: file.personas, counter: file.counter, vault: Vault::new(file.salt) })
    }

    pub(super) fn write(&self) -> Result<Vec<u8>, String> {
        let file = File {
            format_version: FORMAT_VERSION,
            salt: self.vault.salt().to_owned(),
            counter: self.counter,
            personas: self.personas.clone(),
        };
        let mut text = serde_json::to_vec_pretty(&file).map_err(|e| e.to_string())?;
        text.push(b'\n');
        Ok(text)
    }

    /// The personas as stored, secrets sealed.
    pub(super) fn personas(&self) -> &[Value] {
        &self.personas
    }

    pub(super) fn personas_mut(&mut self) -> &mut Vec<Value> {
        &mut self.personas
    }

    pub(super) fn list(&self, query: &Query, options: &Options) -> Reply {
        let wanted = query.get("persona_type");
        let matching: Vec<_> = self
            .personas
            .iter()
            .filter(|persona| wanted.is_none_or(|kind| persona["persona_type"] == *kind))
            .collect();
        match page(&matching, query, options.pages_from_zero, options.page_limit) {
            Ok(page) => {
                let data: Vec<_> = page.iter().map(|persona| record::listed(persona, options)).collect();
                Reply::json(200, json!({"data": data, "total_count": matching.len()}))
            }
            Err(reply) => reply,
        }
    }

    pub(super) fn get(&self, id: &str, options: &Options) -> Reply {
        let Some(index) = self.find(id) else { return Reply::unknown_persona() };
        let document = record::shown(&self.personas[index], options);
        Reply::json(
            200,
            match options.shape {
                Shape::Flat => document,
                Shape::InList => json!({"data": [document]}),
                Shape::InObject => json!({"data": document}),
            },
        )
    }

    pub(super) fn create(&mut self, body: &[u8], options: &Options) -> Reply {
        let sent = match parse(body) {
            Ok(Value::Object(sent)) => sent,
            Ok(_) => return Reply::error(400, "the body must be an object"),
            Err(reply) => return Reply { status: 400, ..reply },
        };
        if sent.get("layers").and_then(|layers| layers.get("conferencing")).is_some() {
            return Reply::error(400, "layers.conferencing must be patched in a request of its own");
        }
        let mut persona = Value::Object(sent);
        if let Err(reply) = rules::check(None, &persona, options.unknown) {
            return reply;
        }
        record::normalise(&mut persona, &self.vault, options);
        let id = self.next_id();
        let stamp = self.stamp();
        let mut stored = Map::new();
        stored.insert("persona_id".to_owned(), id.clone().into());
        stored.insert("persona_name".to_owned(), Value::Null);
        stored.insert("persona_type".to_owned(), "user".into());
        if let Value::Object(members) = persona {
            stored.extend(members);
        }
        for list in ["document_ids", "document_tags"] {
            stored.entry(list).or_insert_with(|| json!([]));
        }
        stored.insert("created_at".to_owned(), stamp.clone().into());
        stored.insert("updated_at".to_owned(), stamp.clone().into());
        let summary = json!({"persona_id": id, "persona_name": stored["persona_name"], "created_at": stamp});
        self.personas.push(Value::Object(stored));
        Reply::json(200, summary)
    }

    pub(super) fn patch(&mut self, id: &str, body: &[u8], force: bool, options: &Options) -> Reply {
        let Some(index) = self.find_own(id) else { return Reply::unknown_persona() };
        let patch = match parse(body).map(engine::parse) {
            Ok(Ok(patch)) => patch,
            Ok(Err(what)) => return Reply::error(422, format!("Invalid JSON Patch: {what}")),
            Err(reply) => return reply,
        };
        let alone = |operation: &&json_patch::PatchOperation| {
            let path = operation.path().as_str();
            path == "/layers/conferencing" || path.starts_with("/layers/conferencing/")
        };
        if patch.0.iter().any(|operation| alone(&operation))
            && !patch.0.iter().all(|operation| alone(&operation))
        {
            return Reply::error(400, "layers.conferencing must be patched in a request of its own");
        }
        let before = &self.personas[index];
        let drafted = before["has_unpublished_changes"] == true;
        if drafted && !force {
            let words = "This persona has unpublished changes. Retry with force=true to overwrite them.";
            let conflict = vec![("conflict", "maker_changes".into())];
            return Reply { status: 409, body: Body::Refusal(words.to_owned(), conflict) };
        }
        let mut after = before.clone();
        if let Err(e) = engine::apply(&mut after, &patch) {
            return Reply::error(422, format!("JSON Patch failed: {e}"));
        }
        if let Err(reply) = rules::check(Some(before), &after, options.unknown) {
            return reply;
        }
        record::normalise(&mut after, &self.vault, options);
        record::keep_order(before, &mut after);
        if json::equal(before, &after) && !drafted {
            return Reply::empty(304);
        }
        self.counter += 1;
        after["updated_at"] = self.stamp().into();
        if drafted {
            after["has_unpublished_changes"] = false.into();
        }
        self.personas[index] = after;
        match options.patch_answer {
            _ if drafted => Reply::json(200, json!({"discarded_maker_changes": true})),
            PatchAnswer::Empty => Reply::empty(200),
            PatchAnswer::NoContent => Reply::empty(204),
            PatchAnswer::Document => Reply { status: 200, ..self.get(id, options) },
        }
    }

    pub(super) fn delete(&mut self, id: &str) -> Reply {
        let Some(index) = self.find_own(id) else { return Reply::unknown_persona() };
        self.personas.remove(index);
        Reply::empty(204)
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.personas.iter().position(|persona| persona["persona_id"] == *id)
    }

    /// Stock personas can be read, and to every write they are unknown.
    fn find_own(&self, id: &str) -> Option<usize> {
        self.find(id).filter(|index| self.personas[*index]["persona_type"] != "system")
    }

    fn next_id(&mut self) -> String {
        self.counter += 1;
        let digest = Sha256::digest(format!("personactl sandbox persona {}", self.counter).as_bytes());
        format!("p{}", vault::hex(&digest[..6]))
    }

    /// Time passes by one second with each write, from the start of 2026 on.
    fn stamp(&self) -> String {
        let seconds = self.counter % 86_400;
        let day = self.counter / 86_400 % 28 + 1;
        format!("2026-01-{day:02}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// The decoded query of a request.
pub(super) type Query = std::collections::BTreeMap<String, String>;

/// One page of a listing.
pub(super) fn page<'a, T>(
    all: &'a [T],
    query: &Query,
    from_zero: bool,
    most: Option<usize>,
) -> Result<&'a [T], Reply> {
    let number = |name: &str, default: usize| match query.get(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| Reply::error(400, format!("{name} must be a number"))),
    };
    let limit = number("limit", 10)?.clamp(1, most.unwrap_or(100));
    let page = number("page", usize::from(!from_zero))?;
    let index = if from_zero { page } else { page.saturating_sub(1) };
    let start = index.saturating_mul(limit).min(all.len());
    Ok(&all[start..(start + limit).min(all.len())])
}

fn parse(body: &[u8]) -> Result<Value, Reply> {
    let value: Value =
        serde_json::from_slice(body).map_err(|e| Reply::error(422, format!("Invalid JSON: {e}")))?;
    if body.windows(vault::SEAL.len()).any(|window| window == vault::SEAL.as_bytes()) {
        return Err(Reply::error(400, "the body holds a digest of this sandbox's state file"));
    }
    Ok(value)
}

/// Puts a value at a pointer, with the objects above it.
fn put(document: &mut Value, pointer: &str, value: Value) {
    let mut at = document;
    for segment in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[segment.replace("~1", "/").replace("~0", "~")];
    }
    *at = value;
}
