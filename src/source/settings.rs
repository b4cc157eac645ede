//! `personactl.yaml`: what a project states once for all its personas.
//!
//! Owns the keys, their types and defaults, and the choice of an environment. Every unknown key is an error.

use super::node::{Content, Node, Tag};
use super::typed::{self, Found};
use super::variables;
use crate::diagnostic::{Diagnostic, codes, suggest};
use crate::persona::{Location, Pattern, Unlisted};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The variable that holds the API key where nothing else is said.
pub const DEFAULT_API_KEY: &str = "TAVUS_API_KEY";
/// Where persona files are looked for where nothing else is said.
pub const DEFAULT_PERSONAS: [&str; 3] = ["personas/**/*.yaml", "personas/**/*.yml", "personas/**/*.json"];

/// The settings of a project, those of the chosen environment put in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The settings file, if there is one.
    pub file: Option<Arc<str>>,
    /// The chosen environment.
    pub environment: Option<String>,
    /// Where the API is, if the file says so. The caller decides whether a file may say this.
    pub endpoint: Option<Placed<String>>,
    /// Name of the variable that holds the API key.
    pub api_key: String,
    /// Names that `!env` may use beside those with a known prefix.
    pub env_allow: Vec<String>,
    /// Globs of persona files.
    pub personas: Vec<String>,
    /// All environments.
    pub environments: BTreeMap<String, Environment>,
    /// The environment that is used where none is named.
    pub default_environment: Option<String>,
    /// Values for `!var`, of the chosen environment.
    pub vars: BTreeMap<String, Value>,
    /// What happens to live values that no file names.
    pub unlisted: Unlisted,
    /// Paths that are ignored in every persona.
    pub ignore: Vec<Pattern>,
    /// Paths that cannot be compared in any persona.
    pub opaque: Vec<Pattern>,
    /// When values that cannot be compared are sent.
    pub send_opaque: SendOpaque,
    /// How many personas are worked on at once.
    pub concurrency: Option<usize>,
    /// How patches are built.
    pub patch: PatchSettings,
    /// Levels of findings, by code.
    pub lints: BTreeMap<String, Level>,
    /// Guards.
    pub limits: Limits,
    /// Ids of personas of which all must exist in the account.
    pub expect_personas: Vec<String>,
    /// Ids of personas that `--prune` may delete.
    pub prune: Vec<String>,
}

/// A value and where it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub at: Location,
}

/// What one environment sets.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Where its API is.
    pub endpoint: Option<Placed<String>>,
    /// Name of the variable that holds its API key.
    pub api_key: Option<String>,
    /// Values for `!var`.
    pub vars: BTreeMap<String, Value>,
    /// Ids of personas of which all must exist in its account.
    pub expect_personas: Option<Vec<String>>,
    /// Ids of personas that `--prune` may delete.
    pub prune: Option<Vec<String>>,
    /// Guards; what is not set is taken from the project.
    pub limits: Limits,
}

/// When values that cannot be compared are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SendOpaque {
    /// With every apply, in a request of their own if nothing else changes.
    #[default]
    Always,
    /// Only together with other changes.
    WithChanges,
}

/// How patches are built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchSettings {
    /// Operations allowed beside add, remove and replace.
    pub operations: Vec<ExtraOperation>,
    /// How lists are written.
    pub arrays: Arrays,
}

/// An operation that is used only where the settings allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraOperation {
    /// `move`
    Move,
    /// `copy`
    Copy,
}

/// How lists are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Arrays {
    /// Element by element.
    #[default]
    Edit,
    /// The whole list at once.
    Whole,
}

/// The level of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Not reported.
    Allow,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// Guards against doing too much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Most personas that one apply may change.
    pub max_changes: Option<u64>,
    /// Most personas that one apply may delete.
    pub max_deletes: Option<u64>,
    /// Longest wait for a server that asks for patience.
    pub wait: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            file: None,
            environment: None,
            endpoint: None,
            api_key: DEFAULT_API_KEY.to_owned(),
            env_allow: Vec::new(),
            personas: DEFAULT_PERSONAS.map(str::to_owned).to_vec(),
            environments: BTreeMap::new(),
            default_environment: None,
            vars: BTreeMap::new(),
            unlisted: Unlisted::default(),
            ignore: Vec::new(),
            opaque: Vec::new(),
            send_opaque: SendOpaque::default(),
            concurrency: None,
            patch: PatchSettings::default(),
            lints: BTreeMap::new(),
            limits: Limits::default(),
            expect_personas: Vec::new(),
            prune: Vec::new(),
        }
    }
}

/// The words for [`Unlisted`].
pub(super) const UNLISTED: [(&str, Unlisted); 2] = [("keep", Unlisted::Keep), ("remove", Unlisted::Remove)];

impl Settings {
    /// All keys of the file.
    pub const KEYS: [&'static str; 16] = [
        "endpoint",
        "api_key",
        "env_allow",
        "personas",
        "environments",
        "default_environment",
        "unlisted",
        "ignore",
        "opaque",
        "send_opaque",
        "concurrency",
        "patch",
        "lints",
        "limits",
        "expect_personas",
        "prune",
    ];

    /// Reads the file's value.
    pub(super) fn read(node: &Node, found: &mut Found) -> Self {
        let mut settings = Settings { file: Some(node.at.file.clone()), ..Settings::default() };
        let members = typed::members(node, "the settings file", &Self::KEYS, found);
        if let Some(allowed) = members.iter().find(|member| member.key == "env_allow") {
            settings.env_allow = env_allow(&allowed.value, found);
        }
        for member in members {
            let value = &member.value;
            let key = format!("`{}`", member.key);
            match member.key.as_str() {
                "endpoint" => settings.endpoint = placed(value, &key, found),
                "api_key" => {
                    settings.api_key = api_key(value, &settings.env_allow, found).unwrap_or(settings.api_key);
                }
                "personas" => settings.personas = globs(value, &key, found),
                "environments" => {
                    settings.environments = environments(value, &settings.env_allow, found);
                }
                "default_environment" => settings.default_environment = typed::text(value, &key, found),
                "unlisted" => {
                    settings.unlisted = typed::choice(value, &key, &UNLISTED, found).unwrap_or_default();
                }
                "ignore" => settings.ignore = typed::patterns(value, &key, found),
                "opaque" => settings.opaque = typed::patterns(value, &key, found),
                "send_opaque" => {
                    let words = [("always", SendOpaque::Always), ("with-changes", SendOpaque::WithChanges)];
                    settings.send_opaque = typed::choice(value, &key, &words, found).unwrap_or_default();
                }
                "concurrency" => {
                    settings.concurrency = typed::count(value, &key, 1, 64, found)
                        .and_then(|number| usize::try_from(number).ok());
                }
                "patch" => settings.patch = patch(value, found),
                "lints" => settings.lints = lints(value, found),
                "limits" => settings.limits = limits(value, found),
                "expect_personas" => settings.expect_personas = ids(value, &key, found),
                "prune" => settings.prune = ids(value, &key, found),
                _ => {}
            }
        }
        settings
    }

    /// The settings as another environment has them, as far as persona files can tell.
    pub(super) fn of(&self, environment: &str) -> Self {
        let vars = self.environments.get(environment).map(|other| other.vars.clone()).unwrap_or_default();
        Settings { environment: Some(environment.to_owned()), vars, ..self.clone() }
    }

    /// Puts in what the environment sets. `wanted` is the one that was asked for.
    pub(super) fn choose(&mut self, wanted: Option<&str>, at: Option<Location>, found: &mut Found) {
        let names = || self.environments.keys().map(String::as_str).collect::<Vec<_>>();
        let Some(name) = wanted.or(self.default_environment.as_deref()) else {
            if !self.environments.is_empty() {
                found.push(
                    Diagnostic::error(
                        "no-environment",
                        "the project has environments, and none was chosen",
                        at,
                    )
                    .hint(format!(
                        "use `--env` with one of {}, or set `default_environment`",
                        names().join(", ")
                    )),
                );
            }
            return;
        };
        let Some(environment) = self.environments.get(name).cloned() else {
            let finding =
                Diagnostic::error("unknown-environment", format!("there is no environment `{name}`"), at);
            found.push(match (suggest::nearest(name, names()), names()) {
                (Some(near), _) => finding.hint(format!("did you mean `{near}`?")),
                (None, names) if names.is_empty() => {
                    finding.hint("define it under `environments:` in personactl.yaml")
                }
                (None, names) => finding.hint(format!("environments: {}", names.join(", "))),
            });
            return;
        };
        self.environment = Some(name.to_owned());
        self.endpoint = environment.endpoint.or(self.endpoint.take());
        self.api_key = environment.api_key.unwrap_or(std::mem::take(&mut self.api_key));
        self.vars = environment.vars;
        self.expect_personas =
            environment.expect_personas.unwrap_or(std::mem::take(&mut self.expect_personas));
        self.prune = environment.prune.unwrap_or(std::mem::take(&mut self.prune));
        self.limits = Limits {
            max_changes: environment.limits.max_changes.or(self.limits.max_changes),
            max_deletes: environment.limits.max_deletes.or(self.limits.max_deletes),
            wait: environment.limits.wait.or(self.limits.wait),
        };
    }
}

fn placed(node: &Node, what: &str, found: &mut Found) -> Option<Placed<String>> {
    Some(Placed { value: typed::text(node, what, found)?, at: node.at.clone() })
}

fn ids(node: &Node, what: &str, found: &mut Found) -> Vec<String> {
    typed::texts(node, what, found).into_iter().map(|(id, _)| id).collect()
}

fn env_allow(node: &Node, found: &mut Found) -> Vec<String> {
    let mut allowed = Vec::new();
    for (name, at) in typed::texts(node, "`env_allow`", found) {
        if variables::is_name(&name) {
            allowed.push(name);
        } else {
            found.push(
                Diagnostic::error(
                    "bad-env-name",
                    format!("`{name}` is no name of an environment variable"),
                    Some(at.at.clone()),
                )
                .hint("list each name in full; patterns are not read"),
            );
        }
    }
    allowed
}

/// `api_key: !env NAME`; a key written out is refused without being repeated.
fn api_key(node: &Node, allowed: &[String], found: &mut Found) -> Option<String> {
    match (&node.content, node.tag) {
        (Content::Text(name), Some(Tag::Env)) if variables::is_name(name) => {
            if name == DEFAULT_API_KEY || variables::is_allowed(name, allowed) {
                return Some(name.clone());
            }
            found.push(not_allowed(name, node));
        }
        (_, Some(Tag::Env)) => found.push(typed::mismatch(node, "`api_key`", "`!env` and a name")),
        _ => found.push(
            Diagnostic::error(
                "literal-api-key",
                "`api_key` must not stand in the file",
                Some(node.at.clone()),
            )
            .hint(format!("write `api_key: !env {DEFAULT_API_KEY}` and set the variable")),
        ),
    }
    None
}

/// The finding for a variable that a file may not use.
pub(super) fn not_allowed(name: &str, node: &Node) -> Diagnostic {
    let prefixes = variables::ALLOWED_PREFIXES.join(", ");
    let finding =
        Diagnostic::error("env-not-allowed", format!("`{name}` may not be used here"), Some(node.at.clone()));
    if name == DEFAULT_API_KEY {
        finding.hint("the key of the account itself is no part of a persona; use another variable")
    } else {
        finding.hint(format!(
            "names start with {prefixes}, or stand in `env_allow` of personactl.yaml: `env_allow: [{name}]`"
        ))
    }
}

fn globs(node: &Node, what: &str, found: &mut Found) -> Vec<String> {
    let mut globs = Vec::new();
    for (glob, at) in typed::texts(node, what, found) {
        let outside = glob.starts_with('/') || glob.split('/').any(|part| part == "..");
        match globset::Glob::new(&glob) {
            Ok(_) if !outside => globs.push(glob),
            Ok(_) => found.push(Diagnostic::error(
                "bad-glob",
                format!("`{glob}` leads outside the project"),
                Some(at.at.clone()),
            )),
            Err(error) => found.push(Diagnostic::error(
                "bad-glob",
                format!("`{glob}` is no glob: {}", error.kind()),
                Some(at.at.clone()),
            )),
        }
    }
    if globs.is_empty() {
        found.push(Diagnostic::error("bad-setting", format!("{what} names no files"), Some(node.at.clone())));
    }
    globs
}

fn environments(node: &Node, allowed: &[String], found: &mut Found) -> BTreeMap<String, Environment> {
    const KEYS: [&str; 6] = ["endpoint", "api_key", "vars", "expect_personas", "prune", "limits"];
    let mut environments = BTreeMap::new();
    for member in typed::any_members(node, "`environments`", found) {
        let name = &member.key;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
            found.push(
                Diagnostic::error(
                    "bad-setting",
                    format!("`{name}` is no name for an environment"),
                    Some(member.key_at.clone()),
                )
                .hint("use letters, digits, `_` and `-`"),
            );
            continue;
        }
        let what = format!("the environment `{name}`");
        let mut environment = Environment::default();
        for member in typed::members(&member.value, &what, &KEYS, found) {
            let value = &member.value;
            let key = format!("`{}`", member.key);
            match member.key.as_str() {
                "endpoint" => environment.endpoint = placed(value, &key, found),
                "api_key" => environment.api_key = api_key(value, allowed, found),
                "vars" => environment.vars = vars(value, found),
                "expect_personas" => environment.expect_personas = Some(ids(value, &key, found)),
                "prune" => environment.prune = Some(ids(value, &key, found)),
                "limits" => environment.limits = limits(value, found),
                _ => {}
            }
        }
        environments.insert(name.clone(), environment);
    }
    environments
}

fn vars(node: &Node, found: &mut Found) -> BTreeMap<String, Value> {
    let mut vars = BTreeMap::new();
    for member in typed::any_members(node, "`vars`", found) {
        if tagged(&member.value) {
            found.push(
                Diagnostic::error(
                    "bad-setting",
                    "a value of `vars` has no tag",
                    Some(member.value.at.clone()),
                )
                .hint("secrets are no vars: use `!env` in the persona file"),
            );
        } else {
            vars.insert(member.key.clone(), member.value.to_json());
        }
    }
    vars
}

fn tagged(node: &Node) -> bool {
    node.tag.is_some()
        || node.elements().is_some_and(|elements| elements.iter().any(tagged))
        || node.members().is_some_and(|members| members.iter().any(|member| tagged(&member.value)))
}

fn patch(node: &Node, found: &mut Found) -> PatchSettings {
    let mut patch = PatchSettings::default();
    for member in typed::members(node, "`patch`", &["operations", "arrays"], found) {
        if member.key == "arrays" {
            let words = [("edit", Arrays::Edit), ("whole", Arrays::Whole)];
            patch.arrays = typed::choice(&member.value, "`arrays`", &words, found).unwrap_or_default();
        } else {
            let words = [
                ("add", None),
                ("remove", None),
                ("replace", None),
                ("move", Some(ExtraOperation::Move)),
                ("copy", Some(ExtraOperation::Copy)),
            ];
            for (_, element) in typed::texts(&member.value, "`operations`", found) {
                let chosen = typed::choice(element, "each of `operations`", &words, found).flatten();
                patch.operations.extend(chosen.filter(|extra| !patch.operations.contains(extra)));
            }
        }
    }
    patch
}

fn lints(node: &Node, found: &mut Found) -> BTreeMap<String, Level> {
    let words = [("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)];
    let names: Vec<&str> = codes::lints().map(|code| code.name).collect();
    let mut lints = BTreeMap::new();
    for member in typed::members(node, "`lints`", &names, found) {
        let level = typed::choice(&member.value, &format!("`{}`", member.key), &words, found);
        lints.extend(level.map(|level| (member.key.clone(), level)));
    }
    lints
}

fn limits(node: &Node, found: &mut Found) -> Limits {
    let mut limits = Limits::default();
    for member in typed::members(node, "`limits`", &["max_changes", "max_deletes", "wait"], found) {
        let key = format!("`{}`", member.key);
        match member.key.as_str() {
            "max_changes" => limits.max_changes = typed::count(&member.value, &key, 0, u64::MAX, found),
            "max_deletes" => limits.max_deletes = typed::count(&member.value, &key, 0, u64::MAX, found),
            _ => limits.wait = typed::duration(&member.value, &key, found),
        }
    }
    limits
}
