//! What a command needs before it can begin: the project's files, and a way to an API.

use super::Error;
use super::args::Global;
use super::output::Output;
use crate::api::{self, ApiKey, Endpoint};
use crate::diagnostic::Severity;
use crate::exit_code::Exit;
use crate::patch;
use crate::persona::Desired;
use crate::plan;
use crate::report;
use crate::sandbox::{Options as SandboxOptions, Sandbox, StatePath};
use crate::source::disk::SETTINGS_FILE;
use crate::source::{self, Disk, LoadRequest, Loaded, Settings, load, settings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where the sandbox keeps its state unless told otherwise.
pub(super) const SANDBOX_STATE: &str = ".personactl/sandbox.json";

/// The key that the sandbox takes; it is no secret.
const SANDBOX_KEY: &str = "sandbox-key-of-no-account";

/// The files of a project, read and found in order.
pub(super) struct Project {
    /// Where they are.
    pub disk: Disk,
    /// The settings, those of the environment put in.
    pub settings: Settings,
    /// What the files say.
    pub desired: Vec<Arc<Desired>>,
    /// Values that no text from elsewhere may repeat.
    pub scrubber: crate::persona::secret::Scrubber,
}

/// A way to an API. A sandbox lives as long as this.
pub(super) struct Connection {
    /// What the account is called in plans: the endpoint, or `sandbox`.
    pub label: String,
    /// For making a client.
    pub settings: api::Settings,
    _sandbox: Option<Sandbox>,
}

/// The folder that the command runs in.
///
/// # Errors
/// If it does not exist.
pub(super) fn folder(global: &Global) -> Result<PathBuf, Error> {
    let folder = global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(Error::new("no-folder", format!("-C {}: there is no such folder", folder.display()))
        .exit(Exit::Usage))
}

/// Finds the root and the settings file in it.
///
/// # Errors
/// If a settings file was named that does not exist, or the folder cannot be read.
pub(super) fn locate(global: &Global) -> Result<(Disk, LoadRequest), Error> {
    let folder = folder(global)?;
    let unreadable = |error: crate::source::FileError| {
        Error::new(error.code(), format!("{} {error}", folder.display())).exit(Exit::Failed)
    };
    let (disk, config) = match &global.config {
        Some(config) => {
            let path = folder.join(config);
            if !path.is_file() {
                let message = format!("--config {}: there is no such file", config.display());
                return Err(Error::new("no-config", message).exit(Exit::Usage));
            }
            let parent =
                path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            (Disk::new(parent).map_err(unreadable)?, name)
        }
        None => {
            let disk = Disk::find(&folder).map_err(unreadable)?;
            let config = disk.root().join(SETTINGS_FILE).is_file();
            (disk, config.then(|| SETTINGS_FILE.to_owned()))
        }
    };
    let request =
        LoadRequest { config, env: global.env.clone(), dummies: global.sandbox.is_some(), validate: true };
    Ok((disk, request))
}

/// Reads all files. What is wrong with them goes to stderr.
///
/// # Errors
/// If anything is an error: then nothing is sent.
pub(super) fn project(global: &Global, output: &Output) -> Result<Project, Error> {
    let (disk, request) = locate(global)?;
    let loaded = load(&disk, &environment, &request);
    settled(disk, loaded, output)
}

/// The same, but a project without a single persona file will do.
///
/// # Errors
/// If anything else is an error.
pub(super) fn project_or_empty(global: &Global, output: &Output) -> Result<Project, Error> {
    let (disk, request) = locate(global)?;
    let mut loaded = load(&disk, &environment, &request);
    loaded.diagnostics.retain(|found| found.code != "no-files");
    settled(disk, loaded, output)
}

fn settled(disk: Disk, loaded: Loaded, output: &Output) -> Result<Project, Error> {
    let Loaded { settings, desired, diagnostics, scrubber, files: _ } = loaded;
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    let shown: Vec<_> = diagnostics
        .into_iter()
        .filter(|found| match found.severity {
            Severity::Error => true,
            Severity::Warning => !output.quiet(),
            Severity::Note => output.layout().verbose,
        })
        .collect();
    if !shown.is_empty() {
        let mut text = Vec::new();
        let texts = source::text::of_findings(&disk, &shown);
        let text_of = |file: &str| texts.get(file).map(|text| &**text);
        let layout = output.stderr_layout();
        let look = report::diagnostics::Look { color: layout.colour, width: layout.width };
        report::diagnostics::write(&mut text, &shown, text_of, &scrubber, look)
            .map_err(|error| Error::new("stderr", error.to_string()))?;
        output.always(String::from_utf8_lossy(&text).trim_end());
    }
    if errors > 0 {
        let what = report::brief::plural(errors, "error");
        return Err(Error::new("files", format!("{what} in the files: nothing was sent")));
    }
    Ok(Project { disk, settings, desired: desired.into_iter().map(Arc::new).collect(), scrubber })
}

/// The environment of the process, as `!env` sees it.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The way to the account, or to the sandbox.
///
/// # Errors
/// If there is no key, the endpoint may not be used, or the sandbox cannot start.
pub(super) async fn connect(global: &Global, project: &Project) -> Result<Connection, Error> {
    let mut connection = match &global.sandbox {
        Some(state) => {
            let state = if state.is_absolute() { state.clone() } else { project.disk.root().join(state) };
            let sandbox = Sandbox::start(&StatePath::File(state), SandboxOptions::default()).await?;
            let key =
                ApiKey::new(SANDBOX_KEY).map_err(|error| Error::new(error.code(), error.to_string()))?;
            let settings = api::Settings::new(sandbox.endpoint().clone(), key);
            Connection { label: "sandbox".to_owned(), settings, _sandbox: Some(sandbox) }
        }
        None => {
            let endpoint = endpoint(global, &project.settings)?;
            let label = endpoint.to_string();
            Connection { label, settings: api::Settings::new(endpoint, key(project)?), _sandbox: None }
        }
    };
    let settings = &mut connection.settings;
    settings.ca_file = global.ca_file.clone();
    settings.concurrency =
        global.concurrency.map(usize::from).or(project.settings.concurrency).unwrap_or(settings.concurrency);
    settings.scrubber = project.scrubber.clone();
    if let Some(wait) = project.settings.limits.wait {
        settings.limits.wait = wait;
        settings.limits.total = settings.limits.total.max(wait.saturating_add(Duration::from_secs(60)));
    }
    Ok(connection)
}

/// A file may name the vendor's endpoint or one on this machine; any other must be named where a pull request
/// cannot reach, so that the key is not sent elsewhere.
fn endpoint(global: &Global, settings: &Settings) -> Result<Endpoint, Error> {
    let parse = |text: &str| {
        Endpoint::parse(text).map_err(|error| {
            Error::new(error.code(), format!("the endpoint is refused: {error}"))
                .hint(error.hint())
                .exit(Exit::Usage)
        })
    };
    if let Some(named) = &global.endpoint {
        return parse(named);
    }
    let Some(placed) = &settings.endpoint else { return parse(Endpoint::VENDOR) };
    let endpoint = parse(&placed.value)?;
    if endpoint.is_vendor() || endpoint.is_loopback() {
        return Ok(endpoint);
    }
    let message = format!(
        "{} sets the endpoint {}, which is neither the vendor's nor on this machine",
        report::view::location(&placed.at),
        placed.value
    );
    Err(Error::new("endpoint-not-named", message)
        .hint("name it on the command line (--endpoint) or in PERSONACTL_ENDPOINT: a file alone may not send the key there")
        .exit(Exit::Usage))
}

fn key(project: &Project) -> Result<ApiKey, Error> {
    let name = &project.settings.api_key;
    let value = std::env::var(name).unwrap_or_default();
    ApiKey::new(&value).map_err(|error| {
        let message = if value.is_empty() {
            format!("no API key: {name} is not set")
        } else {
            format!("{name}: {error}")
        };
        Error::new("no-key", message).hint(format!("set {name} to the account's key, or try --sandbox"))
    })
}

/// How patches are built, by the settings.
#[must_use]
pub(super) fn plan_options(settings: &Settings, skip_opaque: bool, guard: bool) -> plan::Options {
    let allows = |operation| settings.patch.operations.contains(&operation);
    let operations = patch::Operations {
        r#move: allows(settings::ExtraOperation::Move),
        copy: allows(settings::ExtraOperation::Copy),
        test: guard,
    };
    let arrays = match settings.patch.arrays {
        settings::Arrays::Edit => patch::Arrays::Edit,
        settings::Arrays::Whole => patch::Arrays::Whole,
    };
    let send_opaque = match settings.send_opaque {
        _ if skip_opaque => plan::SendOpaque::Never,
        settings::SendOpaque::Always => plan::SendOpaque::Always,
        settings::SendOpaque::WithChanges => plan::SendOpaque::WithChanges,
    };
    plan::Options {
        patch: patch::Options { operations, arrays, ..patch::Options::default() },
        send_opaque,
        cautious: false,
    }
}

/// The names of all variables that are not set.
#[must_use]
pub(super) fn missing(desired: &[Arc<Desired>], selected: Option<&BTreeSet<usize>>) -> BTreeSet<String> {
    let chosen = desired.iter().enumerate().filter(|(index, _)| selected.is_none_or(|s| s.contains(index)));
    chosen.flat_map(|(_, file)| file.unset.values().cloned()).collect()
}
