//! `validate`: every fault of every file at once. Reads files, sends nothing.

use super::Error;
use super::args::Global;
use super::context;
use super::output::Output;
use crate::diagnostic::{Diagnostic, Severity, codes, suggest};
use crate::exit_code::Exit;
use crate::report::diagnostics::{self, Look, machine};
use crate::source::{Disk, Loaded, load, text};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The arguments of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Report on these files only; all are read, as a fault may lie between two
    #[arg(value_name = "FILES")]
    pub files: Vec<PathBuf>,
    /// How the findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Explain a code, such as `repeated-key`, and stop
    #[arg(long, value_name = "CODE", conflicts_with_all = ["files", "format"])]
    pub explain: Option<String>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, with the lines in question.
    Text,
    /// For programs.
    Json,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
}

/// Runs `validate`.
pub(super) fn run(global: &Global, args: &ValidateArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    if let Some(code) = &args.explain {
        return explain(code, &output);
    }
    let (disk, request) = context::locate(global)?;
    let loaded = load(&disk, &|name: &str| std::env::var(name).ok(), &request);
    let found = chosen(&loaded, &disk, global, args)?;
    match args.format {
        Format::Text => write_text(&found, &loaded, &disk, &output)?,
        Format::Json => output.data(|mut out| machine::write_json(&mut out, &found, &loaded.scrubber))?,
        Format::Github => {
            let prefix = super::format::prefix(&disk);
            output.data(|mut out| machine::write_github(&mut out, &found, &prefix, &loaded.scrubber))?;
        }
    }
    let failed = found.iter().any(|finding| finding.severity == Severity::Error);
    // As at the end of `plan`.
    std::mem::forget(loaded.desired);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// The findings of the named files; all findings if none was named. Notes only with -v.
fn chosen(
    loaded: &Loaded,
    disk: &Disk,
    global: &Global,
    args: &ValidateArgs,
) -> Result<Vec<Diagnostic>, Error> {
    let folder = context::folder(global)?;
    let mut files = Vec::new();
    for path in &args.files {
        let name = disk.relative(&folder, path).filter(|name| loaded.files.contains(name.as_str()));
        files.push(name.ok_or_else(|| {
            let message = format!("{} is no file of this project that was read", path.display());
            Error::new("unknown-file", message)
                .hint("`personas:` in personactl.yaml says which files are personas")
                .exit(Exit::Usage)
        })?);
    }
    let named = |finding: &Diagnostic| {
        let first = finding.location.iter();
        let mut places = first.chain(finding.related.iter().map(|(at, _)| at));
        files.is_empty() || places.any(|at| files.iter().any(|file| **file == *at.file))
    };
    let wanted = |finding: &&Diagnostic| {
        named(finding)
            && (finding.severity != Severity::Note || global.verbose > 0 || args.format == Format::Json)
    };
    Ok(loaded.diagnostics.iter().filter(wanted).cloned().collect())
}

fn write_text(found: &[Diagnostic], loaded: &Loaded, disk: &Disk, output: &Output) -> Result<(), Error> {
    let layout = output.layout();
    let look = Look { color: layout.colour, width: layout.width };
    let texts = text::of_findings(disk, found);
    let text_of = |file: &str| texts.get(file).map(|text| &**text);
    let personas = crate::report::brief::plural(loaded.desired.len(), "persona");
    output.data(|mut out| {
        diagnostics::write(&mut out, found, text_of, &loaded.scrubber, look)?;
        if !found.is_empty() {
            writeln!(out)?;
        }
        writeln!(out, "{personas}: {}", diagnostics::count_line(found))
    })
}

fn explain(name: &str, output: &Output) -> Result<Exit, Error> {
    let Some(code) = codes::find(name) else {
        let error = Error::new("unknown-code", format!("there is no code `{name}`")).exit(Exit::Usage);
        let names = codes::CODES.iter().map(|code| code.name);
        return Err(match suggest::nearest(name, names.clone()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("codes: {}", names.collect::<Vec<_>>().join(", "))),
        });
    };
    let level = match code.severity {
        Severity::Error => "an error",
        Severity::Warning => "a warning",
        Severity::Note => "a note",
    };
    let adjustable = if code.severity == Severity::Error {
        String::new()
    } else {
        format!(" `lints: {{{}: allow|warn|deny}}` in personactl.yaml changes that.", code.name)
    };
    output
        .data(|out| writeln!(out, "{}\n\n{}\n\nIt is {level}.{adjustable}", code.name, code.explanation))?;
    Ok(Exit::Done)
}
