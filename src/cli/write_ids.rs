//! `apply --write-ids`: the ids of personas that were just created go into their files, or into the environment's
//! overlays, comments kept.

use super::Error;
use super::context::Project;
use super::output::Output;
use super::write::write_whole;
use crate::plan::Outcome;
use crate::report::escape;
use crate::source::compose::compose;
use crate::source::edit::{Edit, edit};
use crate::source::text::SourceText;
use crate::source::{FileError, Files, overlay};
use serde_json::Value;

/// Writes the ids. A file that cannot be edited safely is left as it is, and the line to add is printed.
///
/// # Errors
/// If a file cannot be written.
pub(super) fn write(project: &Project, outcomes: &[Outcome], output: &Output) -> Result<(), Error> {
    let created = outcomes.iter().filter(|outcome| outcome.action == "create" && outcome.ended.landed());
    for outcome in created {
        let (Some(id), Some(file)) = (&outcome.id, &outcome.file) else { continue };
        let path = match &project.settings.environment {
            Some(environment) => overlay_of(project, file, environment),
            None => file.to_string(),
        };
        let shown = escape::inline(&path).into_owned();
        match with_id(project, &path, id) {
            Ok(text) => {
                let target = project.disk.absolute(&path);
                // A link stays a link: what it leads to is written.
                write_whole(&target.canonicalize().unwrap_or(target), text.as_bytes())?;
                output.say(&format!("wrote persona_id: {} to {shown}", escape::inline(id)));
            }
            Err(reason) => output.always(&format!(
                "warning: {shown} was left as it is: {reason}; add this line to it: persona_id: {}",
                escape::inline(id)
            )),
        }
    }
    Ok(())
}

/// The overlay that there is, whatever its ending; else the one to be made.
fn overlay_of(project: &Project, file: &str, environment: &str) -> String {
    let stem = overlay::name(file).stem;
    let named = overlay::EXTENSIONS.map(|ending| format!("{stem}.{environment}.{ending}"));
    let there = named.iter().find(|path| !matches!(project.disk.read(path), Err(FileError::NotFound)));
    there.unwrap_or(&named[0]).clone()
}

/// The file's text with the id in it. An overlay that does not exist yet holds nothing else.
fn with_id(project: &Project, path: &str, id: &str) -> Result<String, String> {
    let bytes = match project.disk.read(path) {
        Ok(bytes) => bytes,
        Err(FileError::NotFound) => return Ok(format!("persona_id: {id}\n")),
        Err(error) => return Err(error.to_string()),
    };
    let source = SourceText::new(path, bytes).map_err(|found| found.message)?;
    let Some(root) = compose(&source).root else { return Err("it cannot be read".to_owned()) };
    let value = Value::String(id.to_owned());
    let change = match root.get("persona_id") {
        Some(_) => Edit::Set(vec!["persona_id".to_owned()], value),
        None => Edit::Add(Vec::new(), "persona_id".to_owned(), value),
    };
    edit(&source, &root, &[change]).map_err(|error| error.to_string())
}
