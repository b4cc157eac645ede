//! `plan --out` and `apply --plan`: a plan that goes through a file.

use super::Error;
use super::context::Project;
use super::plan::Shared;
use super::write::write_whole;
use crate::exit_code::Exit;
use crate::plan::{
    Action, Ground, PersonaPlan, Refusal, SavedOptions, SavedPlan, SavedPlanError, digest_desired,
};
use crate::report::json;
use crate::survey::Surveyed;
use serde_json::Value;
use std::path::Path;

/// Writes the plan to a file.
pub(super) fn save(
    path: &Path,
    project: &Project,
    surveyed: &Surveyed,
    shared: &Shared,
) -> Result<(), Error> {
    let options = SavedOptions {
        selection: shared.selection.clone(),
        create: shared.create,
        guard: shared.guard,
        skip_opaque: shared.skip_opaque,
        base: shared.base.clone(),
        prune: shared.prune,
    };
    let shown = json::document(&surveyed.plan);
    let saved = SavedPlan::new(&surveyed.plan, options, grounds(project, surveyed, &shown), shown);
    write_whole(path, &saved.text())
}

/// Reads a saved plan. What was said on the command line when it was made is said again.
pub(super) fn load(path: &Path, shared: &Shared) -> Result<(SavedPlan, Shared), Error> {
    let text = std::fs::read(path)
        .map_err(|error| Error::new("plan-read", format!("{} cannot be read: {error}", path.display())))?;
    let saved = SavedPlan::read(&text).map_err(|error| refused(path, &error))?;
    let options = saved.options.clone();
    let mut shared = shared.clone();
    shared.selection = options.selection;
    shared.create = options.create;
    shared.guard = options.guard;
    shared.skip_opaque = options.skip_opaque;
    shared.base = options.base;
    shared.prune = options.prune;
    Ok((saved, shared))
}

/// Keeps of the new plan what the saved one says too, and refuses what does not come to the same.
pub(super) fn hold_to(
    saved: &SavedPlan,
    path: &Path,
    project: &Project,
    surveyed: &mut Surveyed,
) -> Result<(), Error> {
    saved
        .is_for(surveyed.plan.environment.as_deref(), &surveyed.plan.endpoint)
        .map_err(|error| refused(path, &error).exit(Exit::Usage))?;
    let shown = json::document(&surveyed.plan);
    let grounds = grounds(project, surveyed, &shown);
    let personas = std::mem::take(&mut surveyed.plan.personas);
    let basis = std::mem::take(&mut surveyed.basis);
    let mut found = vec![false; saved.personas.len()];
    for ((mut persona, basis), ground) in personas.into_iter().zip(basis).zip(&grounds) {
        // What the saved plan does not name is left alone.
        let Some(row) = saved.row(&persona) else { continue };
        if let Some(index) = saved.personas.iter().position(|known| std::ptr::eq(known, row)) {
            found[index] = true;
        }
        if let Some(refusal) = row.differs(&persona, ground) {
            persona.requests.clear();
            persona.creation = None;
            persona.action = Action::Refused(refusal);
        }
        surveyed.plan.personas.push(persona);
        surveyed.basis.push(basis);
    }
    for (row, _) in
        saved.personas.iter().zip(found).filter(|(row, found)| !found && row.action != "unmanaged")
    {
        let refusal = Refusal {
            code: "files-moved",
            message: "it was in the saved plan, and neither its file nor the persona is there now".to_owned(),
            hint: Some("make a new plan and look at it".to_owned()),
        };
        let file = row.file.as_deref().map(Into::into);
        let label = Some(row.label.clone());
        surveyed.plan.personas.push(PersonaPlan::idle(
            label,
            row.persona_id.clone(),
            file,
            Action::Refused(refusal),
        ));
        surveyed.basis.push(crate::survey::Basis::default());
    }
    Ok(())
}

/// Marks the file, before the first write: a second run with it changes nothing.
pub(super) fn mark(saved: &SavedPlan, path: &Path) -> Result<(), Error> {
    let mut marked = saved.clone();
    marked.applied = true;
    write_whole(path, &marked.text()).map_err(|error| {
        error.hint("a saved plan is marked as applied before the first write; nothing was written")
    })
}

fn grounds(project: &Project, surveyed: &Surveyed, shown: &Value) -> Vec<Ground> {
    let basis = surveyed.basis.iter().enumerate();
    basis
        .map(|(index, basis)| Ground {
            live: basis.digest.clone(),
            desired: basis.file.and_then(|file| project.desired.get(file)).map(|file| digest_desired(file)),
            patch: shown["personas"][index]["patch"].clone(),
        })
        .collect()
}

fn refused(path: &Path, error: &SavedPlanError) -> Error {
    Error::new(error.code(), format!("{}: {error}", path.display())).hint(error.hint())
}
