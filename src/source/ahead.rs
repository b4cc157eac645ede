//! Reading persona files a stretch ahead, on two threads: reading is most of what comes before the first request.
//!
//! Pure work side by side: what comes out, and in which order, is the same as from one file after the other.

use super::compose::compose;
use super::files::{FileError, Files};
use super::node::Node;
use super::text::SourceText;
use super::typed::Found;
use crate::diagnostic::Diagnostic;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// So many files are held as read at most: a whole project of them would be a lot of memory.
const STRETCH: usize = 64;

/// For fewer files a second thread is not worth its start.
const WORTH_SHARING: usize = 32;

/// What one file says.
pub(super) struct Read {
    root: Option<Node>,
    file: Option<Arc<str>>,
    found: Found,
}

/// Files to be taken one after the other.
pub(super) struct Ahead<'f> {
    files: &'f dyn Files,
    to_come: VecDeque<&'f str>,
    read: VecDeque<Read>,
}

impl<'f> Ahead<'f> {
    /// These files, in this order.
    pub(super) fn new(files: &'f dyn Files, paths: impl IntoIterator<Item = &'f str>) -> Self {
        Ahead { files, to_come: paths.into_iter().collect(), read: VecDeque::new() }
    }

    /// The next one.
    pub(super) fn next(&mut self, names: &mut BTreeSet<Arc<str>>, found: &mut Found) -> Option<Node> {
        if self.read.is_empty() {
            let stretch: Vec<&str> = self.to_come.drain(..self.to_come.len().min(STRETCH)).collect();
            self.read.extend(read_all(self.files, &stretch));
        }
        self.read.pop_front()?.tell(names, found)
    }
}

impl Read {
    /// The value; what was found and the file's name go to where they are collected.
    pub(super) fn tell(self, names: &mut BTreeSet<Arc<str>>, found: &mut Found) -> Option<Node> {
        names.extend(self.file);
        found.extend(self.found);
        self.root
    }
}

fn read_all(files: &dyn Files, paths: &[&str]) -> Vec<Read> {
    let in_turn = |paths: &[&str]| paths.iter().map(|path| read(files, path)).collect::<Vec<_>>();
    if paths.len() < WORTH_SHARING {
        return in_turn(paths);
    }
    let (here, there) = paths.split_at(paths.len() / 2);
    std::thread::scope(|scope| {
        let there = scope.spawn(|| in_turn(there));
        let mut all = in_turn(here);
        match there.join() {
            Ok(more) => all.extend(more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        all
    })
}

/// Reads and composes one file.
pub(super) fn read(files: &dyn Files, path: &str) -> Read {
    let mut found = Found::new();
    let (file, root) = match text(files, path) {
        Ok(source) => {
            let root = composed(&source, &mut found);
            (Some(source.file), root)
        }
        Err(finding) => {
            found.push(*finding);
            (None, None)
        }
    };
    Read { root, file, found }
}

fn text(files: &dyn Files, path: &str) -> Result<SourceText, Box<Diagnostic>> {
    let bytes = files.read(path).map_err(|error| {
        let finding = Diagnostic::error(error.code(), format!("`{path}` {error}"), None);
        Box::new(match error {
            FileError::Outside { .. } => finding.hint("keep the files inside the project"),
            _ => finding,
        })
    })?;
    SourceText::new(path, bytes)
}

fn composed(source: &SourceText, found: &mut Found) -> Option<Node> {
    let composed = compose(source);
    let broken = !composed.diagnostics.is_empty();
    found.extend(composed.diagnostics);
    if composed.root.is_none() && !broken {
        let at = Some(source.locate(0..0));
        found.push(
            Diagnostic::error("empty-file", format!("`{}` holds nothing", source.file), at)
                .hint("fill it or delete it"),
        );
    }
    composed.root
}
