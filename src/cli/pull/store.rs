//! Writing what was pulled, or showing it: a difference of lines, and what could not be taken in.

use super::Pulled;
use crate::cli::Error;
use crate::cli::output::Output;
use crate::cli::write::write_whole;
use crate::git;
use crate::pull::NewFile;
use crate::report::{brief, escape, unified, view};
use crate::source::Disk;

/// Writes the files, or with `dry_run` shows how they would change.
pub(super) fn store(disk: &Disk, pulled: &Pulled, dry_run: bool, output: &Output) -> Result<(), Error> {
    if !dry_run {
        for file in pulled.rewritten.iter().filter(|file| git::is_dirty(disk.root(), &file.path)) {
            output.always(&format!(
                "warning: {} had changes that are not committed",
                escape::inline(&file.path)
            ));
        }
        for file in &pulled.rewritten {
            let path = disk.absolute(&file.path);
            // A link stays a link: what it leads to is written.
            let path = path.canonicalize().unwrap_or(path);
            write_whole(&path, file.after.as_bytes())?;
        }
        for (path, text) in pulled.new.iter().flat_map(texts) {
            let absolute = disk.absolute(path);
            if let Some(folder) = absolute.parent() {
                let failed =
                    |error| Error::new("file-write", format!("{} cannot be made: {error}", folder.display()));
                std::fs::create_dir_all(folder).map_err(failed)?;
            }
            if absolute.exists() {
                return Err(Error::new("file-exists", format!("{path} exists: it is not overwritten")));
            }
            write_whole(&absolute, text.as_bytes())?;
        }
    }
    output.data(|out| {
        for file in &pulled.rewritten {
            if dry_run {
                let name = escape::inline(&file.path);
                let shown = unified::unified(&name, &file.before, &file.after);
                writeln!(out, "{}", escape::block(&shown).trim_end())?;
            } else {
                let done = if file.before.is_empty() { "wrote" } else { "updated" };
                writeln!(out, "{done} {}", escape::inline(&file.path))?;
            }
            if !file.overlaid.is_empty() {
                let paths = escape::inline(&file.overlaid.join(", ")).into_owned();
                writeln!(
                    out,
                    "    only for this environment, as others have the same from the shared file: {paths}"
                )?;
                writeln!(out, "    (`--shared` changes it for all)")?;
            }
        }
        for file in &pulled.new {
            for (path, text) in texts(file) {
                let done = if dry_run { "would write" } else { "wrote" };
                writeln!(out, "{done} {}", escape::inline(path))?;
                if dry_run {
                    for line in text.lines() {
                        writeln!(out, "    {}", escape::inline(line))?;
                    }
                }
            }
            for pointer in &file.left_out {
                writeln!(out, "    left out: {} (it would be a fault in a file)", escape::inline(pointer))?;
            }
            if !file.variables.is_empty() {
                let names: Vec<&str> = file.variables.iter().map(String::as_str).collect();
                writeln!(out, "    set before apply: {}", names.join(", "))?;
            }
        }
        for (persona, kept) in &pulled.kept {
            let place = kept.at.as_ref().map(view::location).unwrap_or_default();
            let live =
                kept.live.as_ref().map_or_else(|| "nothing".to_owned(), |value| brief::brief(value, 60));
            writeln!(
                out,
                "not taken in: {} {} (live: {live}): {}  [{place}]",
                escape::inline(persona),
                escape::inline(&kept.path),
                escape::inline(&kept.reason)
            )?;
            // What stands in the way of an edit is for people to decide: the whole value, to be put in by hand.
            writeln!(out, "    {}", escape::inline(&kept.operation().to_string()))?;
        }
        if pulled.rewritten.is_empty() && pulled.new.is_empty() && pulled.kept.is_empty() && !pulled.skipped {
            writeln!(out, "the files say what is live already")?;
        }
        Ok(())
    })
}

/// The files that a persona's new file is made of.
fn texts(file: &NewFile) -> impl Iterator<Item = (&str, &str)> {
    let overlay = file.overlay.as_ref().map(|(path, text)| (path.as_str(), text.as_str()));
    std::iter::once((file.path.as_str(), file.text.as_str())).chain(overlay)
}
