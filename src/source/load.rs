//! The way in: from a tree of files to settings and desired personas, with every fault of every file.

use super::ahead::{self, Ahead};
use super::files::Files;
use super::find;
use super::interpret::{Context, interpret};
use super::node::Node;
use super::overlay::{self, OverlayFault};
use super::settings::{Level, Settings};
use super::typed::Found;
use super::variables::Variables;
use super::vocabulary;
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::persona::name;
use crate::persona::schema::{self, Values};
use crate::persona::secret::{Scrubber, segments};
use crate::persona::{Desired, Location, validate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct LoadRequest {
    /// The settings file, from the root. Without one there are only defaults.
    pub config: Option<String>,
    /// The environment that was named.
    pub env: Option<String>,
    /// Every `!env` gets a stand-in: for the sandbox.
    pub dummies: bool,
    /// Whether the personas are checked against the schema table, too.
    pub validate: bool,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The settings, those of the chosen environment put in.
    pub settings: Settings,
    /// The personas, in the order of their files. Not to be used if there are errors.
    pub desired: Vec<Desired>,
    /// Everything that is wrong, in the order of files and lines.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were read: personas, overlays, settings and texts.
    pub files: BTreeSet<Arc<str>>,
    /// Knows the values of `!env` and the secrets written out in files.
    pub scrubber: Scrubber,
}

impl Loaded {
    /// Whether anything is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }
}

/// Reads settings and personas.
#[must_use]
pub fn load(files: &dyn Files, variables: &dyn Variables, request: &LoadRequest) -> Loaded {
    let mut loaded = Loaded::default();
    let mut found = Vec::new();
    loaded.settings = read_settings(files, request, &mut loaded.files, &mut found);
    read_personas(files, variables, request, &mut loaded, &mut found);
    finish(&mut loaded, found);
    loaded
}

/// Reads the settings only: for commands that need no persona files.
#[must_use]
pub fn load_settings(files: &dyn Files, request: &LoadRequest) -> Loaded {
    let mut loaded = Loaded::default();
    let mut found = Vec::new();
    loaded.settings = read_settings(files, request, &mut loaded.files, &mut found);
    finish(&mut loaded, found);
    loaded
}

/// Reads personas under settings that are already known: those of another revision, say.
#[must_use]
pub fn load_personas(
    files: &dyn Files,
    variables: &dyn Variables,
    request: &LoadRequest,
    settings: &Settings,
) -> Loaded {
    let mut loaded = Loaded { settings: settings.clone(), ..Loaded::default() };
    let mut found = Vec::new();
    read_personas(files, variables, request, &mut loaded, &mut found);
    finish(&mut loaded, found);
    loaded
}

fn read_settings(
    files: &dyn Files,
    request: &LoadRequest,
    names: &mut BTreeSet<Arc<str>>,
    found: &mut Found,
) -> Settings {
    let root = request.config.as_deref().and_then(|path| ahead::read(files, path).tell(names, found));
    // Settings that are all commented out are no settings; only an empty persona file is a fault.
    found.retain(|finding| finding.code != "empty-file");
    let mut settings = match &root {
        Some(root) => Settings::read(root, found),
        None => Settings { file: request.config.as_deref().map(Arc::from), ..Settings::default() },
    };
    let at = match (&request.env, root.as_ref()) {
        (Some(_), _) | (None, None) => None,
        (None, Some(root)) => root
            .get("default_environment")
            .map(|member| member.value.at.clone())
            .or_else(|| root.get("environments").map(|member| member.key_at.clone())),
    };
    // A settings file that cannot be read hides its environments: one complaint is enough.
    if found.is_empty() || !settings.environments.is_empty() {
        settings.choose(request.env.as_deref(), at, found);
    }
    settings
}

fn read_personas(
    files: &dyn Files,
    variables: &dyn Variables,
    request: &LoadRequest,
    loaded: &mut Loaded,
    found: &mut Found,
) {
    let settings = &loaded.settings;
    let paths = find::persona_files(files, &settings.personas, request.config.as_deref(), found);
    if paths.is_empty() && !settings.personas.is_empty() {
        found.push(
            Diagnostic::error(
                "no-files",
                format!("no persona file matches {}", quoted(&settings.personas)),
                None,
            )
            .hint("`personactl init` writes an example; `personas:` in personactl.yaml says where to look"),
        );
    }
    let sorted = overlay::sort(&paths, |word| settings.environments.contains_key(word));
    for (path, fault) in &sorted.faults {
        found.push(overlay_finding(path, fault, settings));
    }
    let mut desired = Vec::new();
    let paths = sorted
        .bases
        .iter()
        .flat_map(|(base, overlays)| std::iter::once(*base).chain(overlays.values().copied()));
    let mut ahead = Ahead::new(files, paths);
    // The same personas in other environments: the faults of their overlays are faults of this commit.
    let mut elsewhere = Vec::new();
    for (base, overlays) in &sorted.bases {
        let mut root = next_persona(&mut ahead, &mut loaded.files, found);
        let file: Arc<str> = (*base).into();
        let mut chosen = None;
        for (environment, path) in overlays {
            let Some(over) = next_persona(&mut ahead, &mut loaded.files, found) else { continue };
            if settings.environment.as_deref() == Some(environment) {
                chosen = Some(over);
            } else if let (true, Some(root)) = (request.validate, &root) {
                let node = overlay::merge(root.clone(), over);
                let settings = settings.of(environment);
                let mut here = Vec::new();
                let mut context = Context {
                    files,
                    variables,
                    settings: &settings,
                    dummies: request.dummies,
                    names: &mut loaded.files,
                    scrubber: &mut loaded.scrubber,
                    found: &mut here,
                };
                if let Some(persona) = interpret(&file, &node, &mut context) {
                    validated(&persona, &mut here);
                    elsewhere.push(persona);
                }
                here.retain(|finding| finding.location.as_ref().is_some_and(|at| *at.file == **path));
                found.extend(here);
            }
        }
        root = match (root, chosen) {
            (Some(root), Some(over)) => Some(overlay::merge(root, over)),
            (root, _) => root,
        };
        let Some(root) = root else { continue };
        let mut context = Context {
            files,
            variables,
            settings,
            dummies: request.dummies,
            names: &mut loaded.files,
            scrubber: &mut loaded.scrubber,
            found: &mut *found,
        };
        desired.extend(interpret(&file, &root, &mut context));
    }
    twins(&desired, found);
    found.retain(|finding| {
        finding.code != "older-yaml"
            || !desired.iter().chain(&elsewhere).any(|persona| needs_no_warning(finding, persona))
    });
    for persona in desired.iter().chain(&elsewhere) {
        for secret in validate::literal_secrets(persona) {
            loaded.scrubber.learn(secret);
        }
    }
    for persona in &desired {
        if request.validate {
            validated(persona, found);
        }
    }
    loaded.desired = desired;
}

/// Adds what the schema table and its rules say of a persona.
fn validated(persona: &Desired, found: &mut Found) {
    // A value that was refused is null by now: what follows from that is not worth a second complaint.
    let known: Vec<Location> = found
        .iter()
        .filter(|finding| finding.severity == Severity::Error && finding.code != "no-identity")
        .filter_map(|finding| finding.location.clone())
        .collect();
    let same = |a: &Location, b: &Location| a.file == b.file && (a.line, a.column) == (b.line, b.column);
    found.extend(validate::validate(persona).into_iter().filter(|finding| {
        !finding.location.as_ref().is_some_and(|at| known.iter().any(|known| same(known, at)))
    }));
}

/// The next persona file or overlay, the vendor's newer names as the ones used here.
fn next_persona(ahead: &mut Ahead<'_>, names: &mut BTreeSet<Arc<str>>, found: &mut Found) -> Option<Node> {
    let mut root = ahead.next(names, found)?;
    vocabulary::translate(&mut root, found);
    Some(root)
}

fn overlay_finding(path: &str, fault: &OverlayFault, settings: &Settings) -> Diagnostic {
    let known = if settings.environments.is_empty() {
        "personactl.yaml defines no environments".to_owned()
    } else {
        let names: Vec<&str> = settings.environments.keys().map(String::as_str).collect();
        format!("environments: {}", names.join(", "))
    };
    match fault {
        OverlayFault::NoEnvironment { base, word } => Diagnostic::error(
            "overlay-of-nothing",
            format!("`{path}` stands beside `{base}`, and `{word}` is no environment"),
            None,
        )
        .hint(format!("{known}; rename the file if it is a persona of its own")),
        OverlayFault::NoBase { stem, word } => Diagnostic::error(
            "overlay-without-base",
            format!("`{path}` is the overlay of `{word}`, and there is no `{stem}.yaml`"),
            None,
        )
        .hint("write what all environments share into the base file"),
        OverlayFault::Second { first } => Diagnostic::error(
            "overlay-ambiguous",
            format!("`{path}` and `{first}` claim the same place"),
            None,
        )
        .hint("keep one file ending (.yaml, .yml or .json)"),
    }
}

/// Whether the value that a finding points at is one that the field's documentation names, such as `off`, or one that
/// only the server sets: a warning about it would come up in every file that follows the documentation, or say the less
/// important thing about a value that is not sent.
fn needs_no_warning(finding: &Diagnostic, persona: &Desired) -> bool {
    let Some(at) = &finding.location else { return false };
    let mut places = persona.locations.iter().filter(|(_, place)| *place == at);
    places.any(|(pointer, _)| {
        let field = schema::find(&segments(pointer));
        let text = persona.document.reveal().pointer(pointer.as_str()).and_then(serde_json::Value::as_str);
        field.is_some_and(|field| field.read_only)
            || matches!((field.map(|field| field.values), text), (Some(Values::Closed(known)), Some(text)) if known.contains(&text))
    })
}

/// Two files for one persona: by id, or by name (equal in NFC).
fn twins(desired: &[Desired], found: &mut Found) {
    let mut ids: BTreeMap<&str, &Desired> = BTreeMap::new();
    let mut names: BTreeMap<String, &Desired> = BTreeMap::new();
    for persona in desired {
        if let Some(id) = &persona.id {
            match ids.get(id.as_str()) {
                Some(first) => found.push(twin(persona, first, "persona_id", id)),
                None => drop(ids.insert(id, persona)),
            }
        }
        if let Some(name) = &persona.name {
            let name = name::key(name);
            match names.get(&name) {
                // Two pinned ids tell two personas of one name apart.
                Some(first) if first.id.is_some() && persona.id.is_some() => {}
                Some(first) => found.push(twin(persona, first, "persona_name", &name)),
                None => drop(names.insert(name, persona)),
            }
        }
    }
}

fn twin(persona: &Desired, first: &Desired, key: &str, value: &str) -> Diagnostic {
    let place = |persona: &Desired| {
        let pointer = jsonptr::PointerBuf::from_tokens([key]);
        persona.locations.nearest(&pointer).cloned()
    };
    let finding = Diagnostic::error(
        "persona-twice",
        format!("`{}` and `{}` mean one persona: both have the {key} `{value}`", first.file, persona.file),
        place(persona),
    );
    let finding = match place(first) {
        Some(at) => finding.related(at, "also here"),
        None => finding,
    };
    match key {
        "persona_name" => finding.hint("give each its own name, or pin both with `persona_id`"),
        _ => finding.hint("give each its own id, or delete one file"),
    }
}

/// Levels of the settings, then the order of files and lines.
fn finish(loaded: &mut Loaded, found: Found) {
    let lints = &loaded.settings.lints;
    let mut found: Vec<Diagnostic> = found
        .into_iter()
        .filter_map(|mut finding| {
            if codes::lints().any(|code| code.name == finding.code) {
                match lints.get(finding.code) {
                    Some(Level::Allow) => return None,
                    Some(Level::Warn) => finding.severity = Severity::Warning,
                    Some(Level::Deny) => finding.severity = Severity::Error,
                    None => {}
                }
            }
            Some(finding)
        })
        .collect();
    found.sort_by(|a, b| {
        let place = |d: &Diagnostic| d.location.as_ref().map(|at| (at.file.clone(), at.line, at.column));
        place(a).cmp(&place(b))
    });
    found.dedup();
    loaded.diagnostics = found;
}

fn quoted(globs: &[String]) -> String {
    globs.iter().map(|glob| format!("`{glob}`")).collect::<Vec<_>>().join(", ")
}
