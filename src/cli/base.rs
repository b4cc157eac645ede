//! `--base REF`: what the files said at a Git revision, and whether a newer commit was applied already.

use super::Error;
use super::args::Global;
use super::context::{self, Project};
use super::output::Output;
use crate::diagnostic::{Diagnostic, Severity};
use crate::git::{self, GitError, Revision};
use crate::persona::Desired;
use crate::plan;
use crate::report::brief::plural;
use crate::report::escape;
use crate::source::{FileError, Files, LoadRequest, Loaded, load, load_personas};
use crate::survey;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads the base, and tells every file what it was then. None for the all-zero revision, which means no base.
///
/// # Errors
/// If the revision cannot be read.
pub(super) fn read(
    global: &Global,
    project: &mut Project,
    revision: &str,
    output: &Output,
) -> Result<Option<survey::Base>, Error> {
    if git::is_zero(revision) {
        output
            .always("note: the base is the all-zero revision: there is none, so changes are not told apart");
        return Ok(None);
    }
    let tree = Revision::open(project.disk.root(), revision)?;
    let mut then = files_of(global, project, &tree)?;
    let faults: Vec<_> = then.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    if faults.iter().any(|found| found.code == "no-files") {
        output.always(
            "warning: this folder had no persona files at the base: of what is live, nothing can be told apart",
        );
    } else if let Some(first) = faults.first() {
        output.always(&format!(
            "warning: the files had {} at the base, where their personas are compared without one: {}",
            plural(faults.len(), "error"),
            escape::inline(&first.message)
        ));
    }
    let partial = !faults.is_empty();
    // A value that could not be read would pass for one that was not there.
    let faulty: BTreeSet<String> = faults.iter().flat_map(|found| places(found)).collect();
    then.desired.retain(|persona| !faulty.iter().any(|file| is_of(file, &persona.file)));
    let pairs = plan::pair(&project.desired, &then.desired);
    let old: Vec<Arc<Desired>> = then.desired.into_iter().map(Arc::new).collect();
    let mut files = Vec::new();
    for (file, base) in project.desired.iter_mut().zip(&pairs.bases) {
        let base = base.and_then(|index| old.get(index)).cloned();
        if let Some(base) = &base {
            let file = Arc::make_mut(file);
            file.removed = plan::removals(file, base);
            file.former_name = base.name.clone().filter(|name| file.name.as_ref() != Some(name));
        }
        files.push(base);
    }
    let gone = pairs.gone.iter().filter_map(|index| old.get(*index)).cloned().collect();
    Ok(Some(survey::Base { commit: tree.commit().to_owned(), files, gone, partial }))
}

/// The files that a finding is about.
fn places(found: &Diagnostic) -> impl Iterator<Item = String> {
    let related = found.related.iter().map(|(at, _)| at);
    found.location.iter().chain(related).map(|at| at.file.to_string())
}

/// Whether a file is the persona's, or one of its overlays.
fn is_of(file: &str, persona: &str) -> bool {
    let stem = persona.rsplit_once('.').map_or(persona, |(stem, _)| stem);
    file.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'))
}

/// The project as of a revision. Where its settings cannot serve (there were none, or not this environment), today's do.
fn files_of(global: &Global, project: &Project, tree: &Revision) -> Result<Loaded, Error> {
    let (_, today) = context::locate(global)?;
    let config = today.config.filter(|path| !matches!(tree.read(path), Err(FileError::NotFound)));
    let request = LoadRequest { config, validate: false, ..today };
    let known = crate::source::load_settings(tree, &request);
    if request.config.is_some() && !known.has_errors() {
        return Ok(load(tree, &context::environment, &request));
    }
    Ok(load_personas(tree, &context::environment, &request, &project.settings))
}

/// Refuses to apply a commit that is an ancestor of the base: what is checked out is older than what was applied.
///
/// # Errors
/// If so, or if Git cannot tell.
pub(super) fn refuse_older(project: &Project, revision: &str) -> Result<(), Error> {
    if git::is_zero(revision) {
        return Ok(());
    }
    let root = project.disk.root();
    let same = git::is_ancestor(root, revision, "HEAD")?;
    if !same && git::is_ancestor(root, "HEAD", revision)? {
        return Err(Error::new(
            "older-commit",
            format!("the commit checked out is an ancestor of `{revision}`, which was applied already"),
        )
        .hint("apply the newer commit, or leave --base out to go back on purpose"));
    }
    Ok(())
}

impl From<GitError> for Error {
    fn from(error: GitError) -> Self {
        Error::new(error.code(), format!("--base: {error}")).hint(error.hint())
    }
}
