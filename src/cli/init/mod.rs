//! `init`: the files of a new project. Never overwrites anything; says what to run next.

mod scaffold;

use super::Error;
use super::args::Global;
use super::context;
use super::output::Output;
use super::pull::PullArgs;
use crate::exit_code::Exit;
use crate::source::Disk;
use crate::source::disk::SETTINGS_FILE;
use clap::Args;
use std::io::Write as _;
use std::path::Path;

/// The arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Leave out the GitHub workflows
    #[arg(long)]
    pub no_workflows: bool,
    /// Write the account's personas instead of an example: the same as `pull --all` afterwards
    #[arg(long)]
    pub from_account: bool,
}

/// Runs `init`.
pub(super) fn run(global: &Global, args: &InitArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let folder = context::folder(global)?;
    refuse_nested(&folder)?;
    let has_personas = has_personas(&folder);
    let mut written = Vec::new();
    for file in scaffold::files(!args.no_workflows, !has_personas && !args.from_account) {
        let path = folder.join(file.path);
        let done = create(&path, &file.text).map_err(|error| cannot_write(&path, &error))?;
        written.push(if done { format!("wrote  {}", file.path) } else { format!("kept   {}", file.path) });
    }
    let ignore = folder.join(".gitignore");
    if add_line(&ignore, scaffold::IGNORED).map_err(|error| cannot_write(&ignore, &error))? {
        written.push(format!("added  {} to .gitignore", scaffold::IGNORED));
    }
    output.data(|out| {
        for line in &written {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
        if args.from_account {
            return Ok(());
        }
        writeln!(out, "next: personactl plan --sandbox")?;
        writeln!(out, "      shows what would be created, without an account; see personas/ for the files")
    })?;
    Ok(Exit::Done)
}

/// Takes in the account's personas, for `--from-account`.
pub(super) async fn pull(global: &Global) -> Result<Exit, Error> {
    let exit = super::pull::run(global, &PullArgs { all: true, ..PullArgs::default() }).await?;
    Output::new(global).data(|out| {
        writeln!(out, "\nnext: personactl plan{}", if global.sandbox.is_some() { " --sandbox" } else { "" })?;
        writeln!(out, "      shows that the files say what is live")
    })?;
    Ok(exit)
}

/// A project inside a project would hide files from the outer one.
fn refuse_nested(folder: &Path) -> Result<(), Error> {
    let Ok(disk) = Disk::find(folder) else { return Ok(()) };
    let here = folder.canonicalize().is_ok_and(|here| here == disk.root());
    if here || !disk.root().join(SETTINGS_FILE).is_file() {
        return Ok(());
    }
    let message = format!("this folder lies inside the project {}", disk.root().display());
    Err(Error::new("inside-project", message)
        .hint("run init there, or in a folder of its own")
        .exit(Exit::Usage))
}

/// Whether there is something in `personas` already: then no example is wanted.
fn has_personas(folder: &Path) -> bool {
    std::fs::read_dir(folder.join("personas")).is_ok_and(|mut entries| entries.next().is_some())
}

/// Writes a file that does not exist yet. False if it does.
fn create(path: &Path, text: &str) -> std::io::Result<bool> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Adds a line to a file that may exist, unless it is there.
fn add_line(path: &Path, line: &str) -> std::io::Result<bool> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    if text.lines().any(|known| known.trim() == line) {
        return Ok(false);
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
    writeln!(file, "{gap}{line}")?;
    Ok(true)
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::new("cannot-write", format!("{} cannot be written: {error}", path.display()))
}
