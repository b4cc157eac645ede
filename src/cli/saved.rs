//! Saved plans as files: `plan --out` and `apply --plan`, and the memory of what was applied.

use super::context::Project;
use super::plan::Shared;
use super::{Error, write};
use crate::persona::Desired;
use crate::plan::{Plan, SavedOptions, SavedPlan, desired_digest};
use crate::report::json;
use crate::survey::Basis;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the ids of applied plans are remembered, below the root.
const APPLIED: &str = ".personactl/applied";

/// Writes a plan to a file.
///
/// # Errors
/// If it cannot be written.
pub(super) fn save(
    path: &Path,
    plan: &Plan,
    basis: &[Basis],
    desired: &[Arc<Desired>],
    shared: &Shared,
) -> Result<(), Error> {
    let options = SavedOptions {
        selection: shared.selection.clone(),
        create: shared.create,
        prune: shared.prune,
        guard: shared.guard,
        skip_opaque: shared.skip_opaque,
    };
    let saved =
        SavedPlan::of(plan, json::document(plan), options, |i| live(basis, i), |i| file(basis, desired, i));
    let text = saved.to_text().map_err(|error| Error::new("write", error.to_string()))?;
    write::write_whole(path, text.as_bytes())
}

/// Reads a saved plan, unless it was applied already.
///
/// # Errors
/// If it cannot be read, is no plan, or was applied.
pub(super) fn read(path: &Path, project: &Project) -> Result<SavedPlan, Error> {
    let shown = path.display();
    let text = std::fs::read(path)
        .map_err(|error| Error::new("plan-unreadable", format!("--plan {shown}: {error}")))?;
    let saved = SavedPlan::parse(&text).map_err(|error| {
        Error::new("plan-malformed", format!("--plan {shown}: {error}"))
            .hint("make it again with `plan --out`")
    })?;
    if marker(project, &saved).exists() {
        return Err(Error::new(
            "plan-applied",
            format!("--plan {shown}: this plan was applied already; nothing was written"),
        )
        .hint("a saved plan applies once: make a new one with `plan --out`"));
    }
    Ok(saved)
}

/// The options that the plan was made with.
pub(super) fn shared(saved: &SavedPlan, given: &Shared) -> Shared {
    Shared {
        selection: saved.options.selection.clone(),
        create: saved.options.create,
        prune: saved.options.prune,
        guard: saved.options.guard,
        skip_opaque: saved.options.skip_opaque,
        base: saved.base.clone(),
        max_changes: given.max_changes,
        max_deletes: given.max_deletes,
    }
}

/// Refuses a plan that was made for another account or environment.
///
/// # Errors
/// If so.
pub(super) fn check(saved: &SavedPlan, plan: &Plan) -> Result<(), Error> {
    let name = |environment: &Option<String>| environment.clone().unwrap_or_else(|| "none".to_owned());
    let differs = if saved.endpoint != plan.endpoint {
        format!("was made against {}, and this run goes to {}", saved.endpoint, plan.endpoint)
    } else if saved.environment != plan.environment {
        format!(
            "is for the environment {}, and this run is for {}",
            name(&saved.environment),
            name(&plan.environment)
        )
    } else {
        return Ok(());
    };
    Err(Error::new("plan-elsewhere", format!("the saved plan {differs}: nothing was written"))
        .hint("give the same --env, --endpoint and --sandbox as when it was made"))
}

/// Holds a fresh plan to the saved one.
pub(super) fn hold(saved: &SavedPlan, plan: &mut Plan, basis: &mut Vec<Basis>, desired: &[Arc<Desired>]) {
    saved.hold(plan, |i| live(basis, i), |i| file(basis, desired, i));
    basis.resize_with(plan.personas.len(), Basis::default);
}

/// Remembers that the plan was applied: from before the first write, so that not even a run that was cut off is
/// repeated blindly.
///
/// # Errors
/// If it cannot be remembered: then nothing is written.
pub(super) fn remember(saved: &SavedPlan, project: &Project) -> Result<(), Error> {
    let path = marker(project, saved);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| {
            Error::new("file-write", format!("{} cannot be made: {error}", folder.display()))
        })?;
    }
    write::write_whole(&path, b"")
}

fn marker(project: &Project, saved: &SavedPlan) -> PathBuf {
    project.disk.root().join(APPLIED).join(&saved.id)
}

fn live(basis: &[Basis], index: usize) -> Option<String> {
    basis.get(index).and_then(|basis| basis.digest.clone())
}

fn file(basis: &[Basis], desired: &[Arc<Desired>], index: usize) -> Option<String> {
    let file = basis.get(index).and_then(|basis| basis.file)?;
    desired.get(file).map(|desired| desired_digest(desired))
}
