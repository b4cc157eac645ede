//! `!ref`: asking the account for the ids of siblings before anything is compared. Only reads.

use super::Error;
use super::context::Project;
use super::output::Output;
use super::plan::from_api;
use crate::api::ReadClient;
use crate::diagnostic::{Diagnostic, Severity};
use crate::persona::Desired;
use crate::report;
use crate::source;
use crate::source::references::{Listings, kinds, resolve};
use crate::survey;
use std::sync::Arc;

/// Puts the ids into the files' personas and into what they said at the base.
///
/// # Errors
/// If a listing cannot be read, or a name is not there or not alone.
pub(super) async fn settle(
    client: &ReadClient,
    project: &mut Project,
    base: Option<&mut survey::Base>,
    output: &Output,
) -> Result<(), Error> {
    let mut old: Vec<&mut Arc<Desired>> =
        base.into_iter().flat_map(|base| base.files.iter_mut().flatten().chain(&mut base.gone)).collect();
    let all = project.desired.iter().map(AsRef::as_ref).chain(old.iter().map(|persona| persona.as_ref()));
    let mut listings = Listings::new();
    for kind in kinds(all) {
        let listed = client.siblings(kind.listing()).await.map_err(|error| from_api(&error))?;
        listings.insert(kind, listed.iter().filter_map(|element| kind.id_and_name(element)).collect());
    }
    if listings.is_empty() {
        return Ok(());
    }
    let mut found = Vec::new();
    for persona in project.desired.iter_mut().filter(|persona| !persona.references.is_empty()) {
        found.extend(resolve(Arc::make_mut(persona), &listings));
    }
    // What a sibling was called at the base may be gone: that is no fault of today's files.
    for persona in old.iter_mut().filter(|persona| !persona.references.is_empty()) {
        resolve(Arc::make_mut(persona), &listings);
    }
    found.sort_by(|a, b| {
        let place = |one: &Diagnostic| one.location.as_ref().map(|at| (at.file.clone(), at.line, at.column));
        place(a).cmp(&place(b))
    });
    if found.is_empty() { Ok(()) } else { Err(tell(&found, project, output)) }
}

fn tell(found: &[Diagnostic], project: &Project, output: &Output) -> Error {
    let texts = source::text::of_findings(&project.disk, found);
    let layout = output.stderr_layout();
    let look = report::diagnostics::Look { color: layout.colour, width: layout.width };
    let mut text = Vec::new();
    let text_of = |file: &str| texts.get(file).map(|text| &**text);
    if report::diagnostics::write(&mut text, found, text_of, &project.scrubber, look).is_ok() {
        output.always(String::from_utf8_lossy(&text).trim_end());
    }
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error).count();
    Error::new(
        "files",
        format!("{} in the files: nothing was written", report::brief::plural(errors, "error")),
    )
}
