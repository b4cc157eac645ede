//! A composed persona file to [`Desired`]: tags resolved, `reconcile:` taken out, every value's place noted.

use super::files::{self, FileError, Files};
use super::node::{Content, Node, Tag};
use super::settings::{Settings, UNLISTED, not_allowed};
use super::text::{BOM, SourceText};
use super::typed::{self, Found};
use super::variables::{self, Variables};
use crate::diagnostic::{Diagnostic, suggest};
use crate::persona::schema::{self, FIELDS};
use crate::persona::secret::{Scrubber, segments};
use crate::persona::{Desired, Document, Location, Reconcile, Reference};
use jsonptr::{PointerBuf, Token};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the resolving of tags needs.
pub(super) struct Context<'c> {
    pub(super) files: &'c dyn Files,
    pub(super) variables: &'c dyn Variables,
    pub(super) settings: &'c Settings,
    /// Stand-ins take the place of every `!env`.
    pub(super) dummies: bool,
    /// Files that were read.
    pub(super) names: &'c mut BTreeSet<Arc<str>>,
    /// Values that must be searched for in texts from elsewhere.
    pub(super) scrubber: &'c mut Scrubber,
    pub(super) found: &'c mut Found,
}

/// Reads a persona file's value. None where it is no object.
pub(super) fn interpret(file: &Arc<str>, root: &Node, context: &mut Context<'_>) -> Option<Desired> {
    let Some(members) = root.members() else {
        context.found.push(
            Diagnostic::error(
                "not-a-persona",
                format!("a persona file holds an object, and this is {}", root.kind()),
                Some(root.at.clone()),
            )
            .hint("write the fields of the persona, such as `persona_name` and `system_prompt`"),
        );
        return None;
    };
    let mut desired = Desired { file: file.clone(), ..Desired::default() };
    desired.reconcile = match root.get("reconcile") {
        Some(member) => reconcile(&member.value, context),
        None => reconcile_of(context.settings),
    };
    desired.id = label(root, "persona_id", context);
    let pinned = root.get("persona_id").filter(|id| id.value.content != Content::Null);
    if desired.id.is_none() && pinned.is_some() {
        desired.refused.insert(PointerBuf::from_tokens(["persona_id"]));
    }
    let mut document = Map::new();
    for member in members {
        if member.key == "reconcile" || member.key == "persona_id" {
            continue;
        }
        let pointer = PointerBuf::from_tokens([member.key.as_str()]);
        desired.locations.insert_key(pointer.clone(), member.key_at.clone());
        let value = resolve(&member.value, &pointer, &mut desired, context);
        document.insert(member.key.clone(), value);
    }
    desired.locations.insert(PointerBuf::new(), root.at.clone());
    if let Some(member) = root.get("persona_id") {
        let pointer = PointerBuf::from_tokens(["persona_id"]);
        desired.locations.insert_key(pointer.clone(), member.key_at.clone());
        desired.locations.insert(pointer, member.value.at.clone());
    }
    desired.name = document.get("persona_name").and_then(Value::as_str).map(str::to_owned);
    if let (Some(name), Some(member)) = (&desired.name, root.get("persona_name"))
        && name.trim().is_empty()
    {
        let message = "`persona_name` must be a text that is not empty";
        context.found.push(Diagnostic::error("bad-identity", message, Some(member.value.at.clone())));
        desired.name = None;
    }
    let has_name = root.get("persona_name").is_some_and(|member| member.value.content != Content::Null);
    if !has_name
        && desired.id.is_none()
        && root.get("persona_id").is_none_or(|id| id.value.content == Content::Null)
    {
        context.found.push(
            Diagnostic::error(
                "no-identity",
                "the file has neither `persona_name` nor `persona_id`",
                Some(first_line(&root.at)),
            )
            .hint("add `persona_name: ...`; with it the persona is found or created"),
        );
    }
    desired.document = Document::new(Value::Object(document));
    Some(desired)
}

/// A text that must not be empty, such as an id. Null is none.
fn label(root: &Node, key: &str, context: &mut Context<'_>) -> Option<String> {
    let value = &root.get(key)?.value;
    match (&value.content, value.tag) {
        (Content::Null, None) => None,
        (Content::Text(text), None) if !text.trim().is_empty() => Some(text.clone()),
        (Content::Text(_), Some(Tag::Var)) => match var(value, context) {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => {
            let (what, advice) = match (&value.content, value.tag) {
                (Content::Text(_), None) => (String::new(), None),
                (Content::Number(_), None) => (format!(", not {}", value.kind()), Some("quote it")),
                _ => (format!(", not {}", value.kind()), None),
            };
            let message = format!("`{key}` must be a text that is not empty{what}");
            let finding = Diagnostic::error("bad-identity", message, Some(value.at.clone()));
            context.found.push(match advice {
                Some(advice) => finding.hint(advice),
                None => finding,
            });
            None
        }
    }
}

/// A place without extent at the start of another.
fn first_line(at: &Location) -> Location {
    Location { span: at.span.start..at.span.start, ..at.clone() }
}

fn reconcile_of(settings: &Settings) -> Reconcile {
    Reconcile {
        ignore: settings.ignore.clone(),
        opaque: settings.opaque.clone(),
        protect: false,
        unlisted: settings.unlisted,
    }
}

fn reconcile(node: &Node, context: &mut Context<'_>) -> Reconcile {
    let mut rules = reconcile_of(context.settings);
    let found = &mut *context.found;
    for member in typed::members(node, "`reconcile`", &["ignore", "opaque", "protect", "unlisted"], found) {
        let (value, key) = (&member.value, format!("`reconcile.{}`", member.key));
        match member.key.as_str() {
            "ignore" => rules.ignore.extend(typed::patterns(value, &key, found)),
            "opaque" => rules.opaque.extend(typed::patterns(value, &key, found)),
            "protect" => rules.protect = typed::flag(value, &key, found).unwrap_or(rules.protect),
            _ => rules.unlisted = typed::choice(value, &key, &UNLISTED, found).unwrap_or(rules.unlisted),
        }
    }
    rules
}

/// The value at `pointer`, its tags resolved and its places noted.
fn resolve(node: &Node, pointer: &PointerBuf, desired: &mut Desired, context: &mut Context<'_>) -> Value {
    let value = resolve_tag(node, pointer, desired, context);
    let open = desired.unset.contains_key(pointer) || desired.references.contains_key(pointer);
    if node.tag.is_some() && value.is_null() && !open {
        desired.refused.insert(pointer.clone());
    }
    value
}

fn resolve_tag(node: &Node, pointer: &PointerBuf, desired: &mut Desired, context: &mut Context<'_>) -> Value {
    desired.locations.insert(pointer.clone(), node.at.clone());
    match (node.tag, &node.content) {
        (Some(Tag::File), Content::Text(path)) => {
            let (text, file) = include(path, node, context);
            desired.includes.extend(file.map(|file| (pointer.clone(), file)));
            text
        }
        (Some(Tag::Env), Content::Text(name)) => env(name, node, pointer, desired, context),
        (Some(Tag::Var), _) => var(node, context),
        (Some(Tag::Ref), Content::Text(name)) => reference(name, node, pointer, desired, context),
        (_, Content::List(elements)) => Value::Array(
            elements
                .iter()
                .enumerate()
                .map(|(index, element)| {
                    let mut below = pointer.clone();
                    below.push_back(Token::from(index));
                    resolve(element, &below, desired, context)
                })
                .collect(),
        ),
        (_, Content::Map(members)) => {
            let mut object = Map::new();
            for member in members {
                let mut below = pointer.clone();
                below.push_back(Token::new(member.key.as_str()));
                desired.locations.insert_key(below.clone(), member.key_at.clone());
                let value = resolve(&member.value, &below, desired, context);
                object.insert(member.key.clone(), value);
            }
            Value::Object(object)
        }
        _ => node.to_json(),
    }
}

/// `!env NAME`.
fn env(
    name: &str,
    node: &Node,
    pointer: &PointerBuf,
    desired: &mut Desired,
    context: &mut Context<'_>,
) -> Value {
    if !variables::is_name(name) {
        context.found.push(
            Diagnostic::error(
                "bad-env-name",
                format!("`{name}` is no name of an environment variable"),
                Some(node.at.clone()),
            )
            .hint("write `!env LLM_API_KEY`, the name without `$` or braces"),
        );
        return Value::Null;
    }
    let account_key = name == context.settings.api_key
        || context.settings.environments.values().any(|other| other.api_key.as_deref() == Some(name));
    if account_key || !variables::is_allowed(name, &context.settings.env_allow) {
        let mut finding = not_allowed(name, node);
        if account_key {
            finding =
                finding.hint("the key of the account itself is no part of a persona; use another variable");
        }
        context.found.push(finding);
        return Value::Null;
    }
    desired.env.insert(pointer.clone(), name.to_owned());
    if context.dummies {
        return Value::String(format!("sandbox-value-of-{name}"));
    }
    match context.variables.get(name) {
        Some(value) => {
            context.scrubber.learn(&value);
            Value::String(value)
        }
        None => {
            desired.unset.insert(pointer.clone(), name.to_owned());
            Value::Null
        }
    }
}

/// `!var NAME`.
fn var(node: &Node, context: &mut Context<'_>) -> Value {
    let Content::Text(name) = &node.content else { return Value::Null };
    if let Some(value) = context.settings.vars.get(name) {
        return value.clone();
    }
    // That none is chosen is said once, not at every `!var`.
    if context.settings.environment.is_none() && !context.settings.environments.is_empty() {
        return Value::Null;
    }
    let finding = match &context.settings.environment {
        Some(environment) => Diagnostic::error(
            "unknown-var",
            format!("the environment `{environment}` has no var `{name}`"),
            Some(node.at.clone()),
        ),
        None => Diagnostic::error(
            "unknown-var",
            format!("`!var {name}` needs an environment, and none is chosen"),
            Some(node.at.clone()),
        ),
    };
    context.found.push(match suggest::nearest(name, context.settings.vars.keys().map(String::as_str)) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("define it under `environments: {NAME: {vars: ...}}` in personactl.yaml"),
    });
    Value::Null
}

/// `!ref NAME`: null until the account tells the id.
fn reference(
    name: &str,
    node: &Node,
    pointer: &PointerBuf,
    desired: &mut Desired,
    context: &mut Context<'_>,
) -> Value {
    let mut path = segments(pointer);
    let of = |path: &[String]| schema::find(path).and_then(|field| field.sibling);
    // An element of a list of ids has no row of its own.
    let sibling = of(&path).or_else(|| {
        path.pop();
        of(&path)
    });
    match sibling {
        Some(_) if name.trim().is_empty() => {
            let message = "`!ref` names nothing";
            context.found.push(Diagnostic::error("tag-mismatch", message, Some(node.at.clone())));
        }
        Some(sibling) => {
            let reference = Reference { sibling, name: name.to_owned() };
            desired.references.insert(pointer.clone(), reference);
        }
        None => {
            let fields: Vec<&str> =
                FIELDS.iter().filter(|field| field.sibling.is_some()).map(|field| field.name()).collect();
            context.found.push(
                Diagnostic::error(
                    "ref-not-here",
                    "`!ref` stands where no id of a sibling belongs",
                    Some(node.at.clone()),
                )
                .hint(format!("it is of use in {}", fields.join(", "))),
            );
        }
    }
    Value::Null
}

/// `!file path`: the text, and the file it came from.
fn include(path: &str, node: &Node, context: &mut Context<'_>) -> (Value, Option<Arc<str>>) {
    let fault = |context: &mut Context<'_>, error: &FileError| {
        let finding = Diagnostic::error(
            error.code(),
            format!("`!file {path}`: this file {error}"),
            Some(node.at.clone()),
        );
        context.found.push(match error {
            FileError::Outside { .. } => finding.hint("keep the file inside the project"),
            FileError::NotFound => finding.hint("the path is relative to the file that names it"),
            _ => finding,
        });
        (Value::Null, None)
    };
    if path.trim().is_empty() {
        context.found.push(Diagnostic::error("tag-mismatch", "`!file` names no file", Some(node.at.clone())));
        return (Value::Null, None);
    }
    let Some(full) = files::resolve(files::folder_of(&node.at.file), path) else {
        return fault(context, &FileError::Outside { target: path.to_owned() });
    };
    let bytes = match context.files.read(&full) {
        Ok(bytes) => bytes,
        Err(error) => return fault(context, &error),
    };
    let source = match SourceText::new(&full, bytes) {
        Ok(source) => source,
        Err(finding) => {
            context.found.push(finding.related(node.at.clone(), "taken in here"));
            return (Value::Null, None);
        }
    };
    context.names.insert(source.file.clone());
    let mut text = source.text.strip_prefix(BOM).unwrap_or(&source.text).to_owned();
    if text.contains("\r\n") {
        text = text.replace("\r\n", "\n");
        context.found.push(Diagnostic::note(
            "crlf-in-file",
            format!("`{full}` has Windows line ends; they are read as plain ones"),
            Some(node.at.clone()),
        ));
    }
    (Value::String(text), Some(source.file))
}
