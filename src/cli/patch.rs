//! `personactl patch`: the patch engine by itself, on two documents, on a file of pairs, or applying a patch.

use super::Error;
use crate::diagnostic::{Diagnostic, Severity};
use crate::exit_code::Exit;
use crate::json::{self, read_noting, read_strict};
use crate::patch::{self, Operations, Options, Protected};
use crate::persona::Location;
use crate::source::compose::compose;
use crate::source::node::Node;
use crate::source::text::SourceText;
use jsonptr::PointerBuf;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Print the smallest JSON Patch that turns one document into another
///
/// Prints an RFC 6902 patch of as few bytes as possible. The documents are JSON or YAML files; `-` is standard
/// input.
#[derive(Debug, clap::Args)]
pub struct PatchArgs {
    /// The document as it is
    #[arg(required_unless_present_any = ["batch", "apply"], conflicts_with_all = ["batch", "apply"])]
    before: Option<PathBuf>,
    /// The document as it shall be
    #[arg(required_unless_present_any = ["batch", "apply"], conflicts_with_all = ["batch", "apply"])]
    after: Option<PathBuf>,
    /// Operations to use; add, remove and replace are always used
    #[arg(long, value_delimiter = ',', value_enum, default_value = "add,remove,replace")]
    operations: Vec<Operation>,
    /// A JSON Pointer into BEFORE: nothing is written at it or above it
    #[arg(long, value_name = "PATH", value_parser = pointer, conflicts_with = "apply")]
    protect: Vec<PointerBuf>,
    /// Steps of work within which the patch is proven minimal
    #[arg(long, value_name = "STEPS", default_value_t = patch::DEFAULT_WORK_BUDGET)]
    work_budget: u64,
    /// Apply the patch to BEFORE, compare the outcome with AFTER, and say what was found
    #[arg(long)]
    check: bool,
    /// Read lines {id, before, after} and write lines {id, ops, bytes, ns, exact, patch}
    #[arg(long, value_name = "CASES.jsonl")]
    batch: Option<PathBuf>,
    /// Apply PATCH to DOC and print the outcome
    #[arg(long, num_args = 2, value_names = ["DOC", "PATCH"], conflicts_with = "batch")]
    apply: Option<Vec<PathBuf>>,
}

/// An operation of RFC 6902.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Operation {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

fn pointer(text: &str) -> Result<PointerBuf, String> {
    PointerBuf::parse(text)
        .map_err(|_| "not a JSON Pointer: it is empty, or starts with `/` and escapes `~`".to_owned())
}

impl PatchArgs {
    fn options(&self) -> Options {
        let has = |operation| self.operations.contains(&operation);
        Options {
            operations: Operations {
                r#move: has(Operation::Move),
                copy: has(Operation::Copy),
                test: has(Operation::Test),
            },
            work_budget: self.work_budget,
            ..Options::default()
        }
    }

    fn protected(&self) -> Vec<Protected> {
        self.protect.iter().map(Protected::anywhere).collect()
    }
}

/// Runs the command: data to `out`, everything else to `notes`.
///
/// # Errors
/// [`Error`] with exit code 1 for bad input; nothing has been written to `out` then.
pub(super) fn run(args: &PatchArgs, out: &mut dyn Write, notes: &mut dyn Write) -> Result<Exit, Error> {
    let text = if let Some(cases) = &args.batch {
        batch(args, cases, notes)?
    } else if let Some([document, patch]) = args.apply.as_deref() {
        apply(document, patch)?
    } else if let (Some(before), Some(after)) = (&args.before, &args.after) {
        single(args, before, after, notes)?
    } else {
        return Err(Error::new("usage", "BEFORE and AFTER are needed").exit(Exit::Usage));
    };
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).or_else(|error| {
        // A reader that has seen enough is no failure.
        if error.kind() == std::io::ErrorKind::BrokenPipe { Ok(()) } else { Err(write_error(&error)) }
    })?;
    Ok(Exit::Done)
}

fn write_error(error: &std::io::Error) -> Error {
    Error::new("write", format!("cannot write the output: {error}"))
}

fn single(args: &PatchArgs, before: &Path, after: &Path, notes: &mut dyn Write) -> Result<String, Error> {
    if before == Path::new("-") && after == Path::new("-") {
        return Err(Error::new("usage", "only one of the documents can be standard input").exit(Exit::Usage));
    }
    let (before, after) = (read(before)?, read(after)?);
    let diff = patch::diff(&before, &after, &args.protected(), &args.options())
        .map_err(|error| diff_error(&error))?;
    let verified =
        diff.verify(&before, &after).map_err(|error| Error::new(error.code(), error.to_string()))?;
    let text = line(verified.reveal())?;
    if args.check {
        let fetches = args.options().operations;
        let proven = match verified.exact() {
            false => "not proven minimal: the work budget ran out",
            true if fetches.r#move || fetches.copy => "no larger than the smallest without move and copy",
            true => "proven minimal",
        };
        let bytes = text.len().saturating_sub(1);
        writeln!(
            notes,
            "checked: the patch gives AFTER; {} operations, {bytes} bytes, {proven}",
            verified.len()
        )
        .map_err(|error| write_error(&error))?;
    }
    Ok(text)
}

fn apply(document_path: &Path, patch_path: &Path) -> Result<String, Error> {
    if document_path == Path::new("-") && patch_path == Path::new("-") {
        return Err(Error::new("usage", "only one of the two can be standard input").exit(Exit::Usage));
    }
    let mut document = read(document_path)?;
    let operations = read(patch_path)?;
    let operations = patch::parse(operations)
        .map_err(|error| Error::new("patch-malformed", format!("{}: {error}", patch_path.display())))?;
    patch::apply(&mut document, &operations)
        .map_err(|error| Error::new(error.code(), format!("{}: {error}", patch_path.display())))?;
    line(&document)
}

fn diff_error(error: &patch::DiffError) -> Error {
    Error::new(error.code(), error.to_string())
}

fn line(value: &impl serde::Serialize) -> Result<String, Error> {
    let mut text = serde_json::to_string(value).map_err(|error| Error::new("write", error.to_string()))?;
    text.push('\n');
    Ok(text)
}

/// Repetitions of a timed comparison, and the time after which there are no more.
const REPETITIONS: u32 = 7;
const TIMING_LIMIT: Duration = Duration::from_millis(60);

fn batch(args: &PatchArgs, path: &Path, notes: &mut dyn Write) -> Result<String, Error> {
    let text = bytes(path)?;
    let (options, protected) = (args.options(), args.protected());
    let mut out = String::new();
    let (mut rows, mut refused) = (0_usize, 0_usize);
    for (number, row) in text.split(|&byte| byte == b'\n').enumerate() {
        if row.trim_ascii().is_empty() {
            continue;
        }
        rows += 1;
        let malformed = |what: String| {
            Error::new("batch-malformed", format!("{}: line {}: {what}", path.display(), number + 1))
        };
        let (case, fault) = read_noting(row).map_err(|error| malformed(error.to_string()))?;
        let Value::Object(mut case) = case else {
            return Err(malformed("not an object {id, before, after}".to_owned()));
        };
        let mut take =
            |key: &str| case.shift_remove(key).ok_or_else(|| malformed(format!("`{key}` is missing")));
        let (id, before, after) = (take("id")?, take("before")?, take("after")?);
        let answer = match fault {
            Some(fault) => Err(fault.kind.to_string()),
            None => timed(&before, &after, &protected, &options, args.check),
        };
        let row = match answer {
            Ok(Answer { patch, bytes, nanoseconds, exact }) => json!({
                "id": id, "ops": patch.len(), "bytes": bytes, "ns": nanoseconds, "exact": exact, "patch": patch,
            }),
            Err(error) => {
                refused += 1;
                json!({"id": id, "error": error})
            }
        };
        out.push_str(&line(&row)?);
    }
    if refused > 0 {
        writeln!(notes, "note: {refused} of {rows} pairs were refused; their rows say why")
            .map_err(|error| write_error(&error))?;
    }
    Ok(out)
}

struct Answer {
    patch: json_patch::Patch,
    bytes: usize,
    nanoseconds: u64,
    exact: bool,
}

fn timed(
    before: &Value,
    after: &Value,
    protected: &[Protected],
    options: &Options,
    check: bool,
) -> Result<Answer, String> {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    let mut answer = None;
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        let diff = patch::diff(before, after, protected, options);
        best = best.min(start.elapsed());
        answer = Some(diff.map_err(|error| error.to_string())?);
        if begin.elapsed() > TIMING_LIMIT {
            break;
        }
    }
    let diff = answer.ok_or("nothing was computed")?;
    let exact = diff.exact();
    let patch = if check {
        diff.verify(before, after).map_err(|error| error.to_string())?.reveal().clone()
    } else {
        diff.into_patch()
    };
    let bytes = serde_json::to_vec(&patch).map_err(|error| error.to_string())?.len();
    let nanoseconds = u64::try_from(best.as_nanos()).unwrap_or(u64::MAX);
    Ok(Answer { patch, bytes, nanoseconds, exact })
}

/// Reads a document: YAML or JSON by its file name; anything else, and standard input, by what it looks like.
fn read(path: &Path) -> Result<Value, Error> {
    let text = bytes(path)?;
    let named =
        |extensions: &[&str]| path.extension().is_some_and(|named| extensions.iter().any(|e| named == *e));
    if named(&["yaml", "yml"]) {
        return yaml(path, text);
    }
    match read_strict(&text) {
        Ok(value) => Ok(value),
        Err(error) => {
            let first = text.trim_ascii_start().first().copied();
            let json = named(&["json"]) || matches!(first, None | Some(b'{' | b'[' | b'"' | 0xef));
            if json || !matches!(error.kind, json::ReadErrorKind::Syntax(_)) {
                return Err(Error::new(error.code(), format!("{}: {error}", path.display())));
            }
            yaml(path, text)
        }
    }
}

fn yaml(path: &Path, text: Vec<u8>) -> Result<Value, Error> {
    let name = path.display().to_string();
    let fault = |found: &Diagnostic| {
        let place =
            found.location.as_ref().map_or(name.clone(), |at| format!("{name}:{}:{}", at.line, at.column));
        let error = Error::new(found.code, format!("{place}: {}", found.message));
        found.hint.iter().fold(error, |error, hint| error.hint(hint))
    };
    let source = SourceText::new(&name, text).map_err(|found| fault(&found))?;
    let composed = compose(&source);
    if let Some(found) = composed.diagnostics.iter().find(|found| found.severity == Severity::Error) {
        return Err(fault(found));
    }
    let root = composed.root.ok_or_else(|| Error::new("yaml-empty", format!("{name}: the file is empty")))?;
    match tagged(&root) {
        Some(at) => Err(Error::new(
            "yaml-tag",
            format!("{name}:{}:{}: a tag has no meaning here", at.line, at.column),
        )),
        None => Ok(root.to_json()),
    }
}

/// Where the first tagged value stands.
fn tagged(node: &Node) -> Option<&Location> {
    if node.tag.is_some() {
        return Some(&node.at);
    }
    let elements = node.elements().into_iter().flatten();
    let members = node.members().into_iter().flatten().map(|member| &member.value);
    elements.chain(members).find_map(tagged)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    let outcome = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut text).map(drop)
    } else {
        std::fs::read(path).map(|read| text = read)
    };
    outcome.map_err(|error| Error::new("read", format!("cannot read {}: {error}", path.display())))?;
    Ok(text)
}
