//! How a plan is written and where to: stdout in one format, further formats into files, and what a GitHub
//! workflow reads into the files that it names.

use super::Error;
use super::output::Output;
use crate::plan::Plan;
use crate::report::markdown::MarkdownOptions;
use crate::report::text::{self, Mood};
use crate::report::{escape, github, html, json, markdown};
use crate::source::Disk;
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The arguments.
#[derive(Debug, Clone, Args)]
pub struct Written {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also write it to a file in another format; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub save: Vec<Saved>,
}

/// How a plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For programs; docs/plan.schema.json describes it.
    Json,
    /// For a comment or an issue, below 65,536 characters.
    Markdown,
    /// One page for a browser.
    Html,
    /// Annotations, step outputs and a summary for a GitHub workflow.
    Github,
}

/// A format and the file it goes to.
#[derive(Debug, Clone)]
pub struct Saved {
    format: Format,
    file: PathBuf,
}

impl FromStr for Saved {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').ok_or("FORMAT=FILE is wanted, such as html=plan.html")?;
        let format = Format::from_str(format, false).map_err(|_| {
            let known: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            format!("there is no format `{format}`; there are: {}", known.join(", "))
        })?;
        if file.is_empty() {
            return Err("the name of the file is missing".to_owned());
        }
        Ok(Saved { format, file: PathBuf::from(file) })
    }
}

impl Written {
    /// Writes a plan everywhere it shall go.
    ///
    /// # Errors
    /// If something cannot be written.
    pub(super) fn write(&self, plan: &Plan, mood: Mood, disk: &Disk, output: &Output) -> Result<(), Error> {
        for saved in &self.save {
            save(&saved.file, |out| draw(plan, saved.format, mood, disk, None, out))
                .map_err(|error| unwritable("--save", &saved.file, &error))?;
        }
        if self.format == Format::Github {
            append("GITHUB_OUTPUT", |out| github::outputs(plan, mood, out))?;
            append("GITHUB_STEP_SUMMARY", |out| github::summary(plan, mood, out))?;
        }
        output.data(|out| draw(plan, self.format, mood, disk, Some(output), out))
    }

    /// Tells a GitHub workflow that there is no plan, and why: also then nobody shall need the exit code.
    pub(super) fn tell_failure(&self, error: &Error, output: &Output) -> Result<(), Error> {
        if self.format != Format::Github {
            return Ok(());
        }
        append("GITHUB_OUTPUT", |out| writeln!(out, "verdict=failed"))?;
        output.data(|mut out| github::failure(error.code, &error.message, error.hint.as_deref(), &mut out))
    }
}

/// Writes one format. Text has the layout of the terminal, or that of a file.
fn draw(
    plan: &Plan,
    format: Format,
    mood: Mood,
    disk: &Disk,
    terminal: Option<&Output>,
    mut out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(plan, mood, terminal.map(Output::layout).unwrap_or_default(), &mut out),
        Format::Json => json::write(plan, &mut out),
        Format::Markdown => {
            let options = MarkdownOptions { mood, full_at: workflow_run(), ..MarkdownOptions::default() };
            markdown::write(plan, &options, &mut out)
        }
        Format::Html => html::write(plan, mood, &mut out),
        Format::Github => github::annotations(plan, mood, &prefix(disk), &mut out),
    }
}

/// The way to the root from the workspace of a GitHub job, else from the current folder, for tools that know only that.
pub(super) fn prefix(disk: &Disk) -> String {
    let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let folders = [workspace, std::env::current_dir().ok()].into_iter().flatten();
    let mut below = folders.filter_map(|folder| {
        let folder = folder.canonicalize().ok()?;
        disk.root().strip_prefix(folder).ok().map(Path::to_owned)
    });
    match below.next() {
        Some(below) if !below.as_os_str().is_empty() => format!("{}/", below.display()).replace('\\', "/"),
        _ => String::new(),
    }
}

/// The address of the workflow run that this is part of.
fn workflow_run() -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
    Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
}

/// Adds to the file that a variable names; nothing where it is not set.
fn append(variable: &str, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<(), Error> {
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) else { return Ok(()) };
    let path = PathBuf::from(path);
    let mut text = Vec::new();
    write(&mut text)
        .and_then(|()| fs::OpenOptions::new().append(true).create(true).open(&path)?.write_all(&text))
        .map_err(|error| unwritable(variable, &path, &error))
}

/// Writes a file by rename, so that a reader sees the old one or the whole new one. A file that is no plain one
/// (a pipe, `/dev/stdout`) is written to.
fn save(path: &Path, draw: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let before = fs::metadata(path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        let mut out = io::BufWriter::new(fs::OpenOptions::new().write(true).open(path)?);
        draw(&mut out)?;
        return out.flush();
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&name);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    {
        let mut out = io::BufWriter::new(file.as_file_mut());
        draw(&mut out)?;
        out.flush()?;
    }
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn unwritable(what: &str, path: &Path, error: &io::Error) -> Error {
    let path = path.display().to_string();
    Error::new("not-written", format!("{what}: {} cannot be written: {error}", escape::inline(&path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_and_a_file_are_read_and_the_file_may_hold_an_equals_sign() {
        let saved: Saved = "html=a=b.html".parse().unwrap();
        assert_eq!((saved.format, saved.file), (Format::Html, PathBuf::from("a=b.html")));
        assert!("htlm=x".parse::<Saved>().unwrap_err().contains("text, json, markdown, html, github"));
        assert!("plan.html".parse::<Saved>().is_err() && "html=".parse::<Saved>().is_err());
    }

    #[test]
    fn a_saved_file_is_whole_or_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.md");
        save(&path, |out| out.write_all(b"one")).unwrap();
        let failed = save(&path, |out| {
            out.write_all(b"tw")?;
            Err(io::Error::other("stopped"))
        });
        assert_eq!(
            (failed.unwrap_err().to_string().as_str(), fs::read(&path).unwrap().as_slice()),
            ("stopped", &b"one"[..])
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
