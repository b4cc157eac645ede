//! The tree of a revision below one folder: names, links and submodules, and the bytes of files on demand.

use super::GitError;
use super::process::{Git, Objects, failed};
use crate::source::files::{MAX_FILE_BYTES, resolve};
use crate::source::{FileError, Listing};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Links that are followed before it must be a loop.
const MOST_LINKS: usize = 16;

pub(super) struct Tree {
    entries: BTreeMap<String, Entry>,
    objects: Mutex<Objects>,
}

#[derive(Debug, Clone)]
struct Entry {
    kind: Kind,
    hash: String,
    size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Link,
    Submodule,
}

impl Tree {
    pub(super) fn read(git: Git, commit: &str, prefix: &str) -> Result<Self, GitError> {
        // Run in the folder, so paths come relative to it; its own contents only.
        let output = git.run("ls-tree", &["-r", "-z", "-l", commit])?;
        if !output.status.success() {
            // The folder did not exist then.
            if prefix.is_empty() {
                return Err(failed("ls-tree", &output));
            }
        }
        let mut entries = BTreeMap::new();
        for record in output.stdout.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            // Names that are no UTF-8 cannot be persona files either.
            let Ok(record) = std::str::from_utf8(record) else { continue };
            let Some((head, path)) = record.split_once('\t') else { continue };
            let mut words = head.split_whitespace();
            let (Some(mode), Some(_), Some(hash), size) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                continue;
            };
            let kind = match mode {
                "120000" => Kind::Link,
                "160000" => Kind::Submodule,
                _ => Kind::File,
            };
            let size = size.and_then(|size| size.parse().ok()).unwrap_or(0);
            entries.insert(path.to_owned(), Entry { kind, hash: hash.to_owned(), size });
        }
        Ok(Tree { entries, objects: Mutex::new(git.objects()?) })
    }

    pub(super) fn list(&self, folder: &str) -> Listing {
        let mut listing = Listing::default();
        let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        for (path, entry) in
            self.entries.range(below.clone()..).take_while(|(path, _)| path.starts_with(&below))
        {
            let hidden = path[below.len()..].split('/').any(|part| part.starts_with('.'));
            match entry.kind {
                _ if hidden => {}
                Kind::File => listing.files.push(path.clone()),
                Kind::Submodule => {
                    let reason =
                        "is a submodule: its files are not part of this repository's revisions".to_owned();
                    listing.faults.push((path.clone(), FileError::Unreadable(reason)));
                }
                Kind::Link => match self.follow(path) {
                    Ok(_) => listing.files.push(path.clone()),
                    // A link to a folder: what is in it, under the link's name.
                    Err(FileError::IsFolder) => match self.target(path, entry) {
                        Ok(target) => listing.files.extend(
                            self.list(&target)
                                .files
                                .iter()
                                .map(|file| format!("{path}{}", &file[target.len()..])),
                        ),
                        Err(error) => listing.faults.push((path.clone(), error)),
                    },
                    Err(error) => listing.faults.push((path.clone(), error)),
                },
            }
        }
        listing.files.sort();
        listing
    }

    pub(super) fn read_file(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let entry = self.follow(path)?;
        if entry.size > MAX_FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        self.bytes(&entry.hash)
    }

    fn bytes(&self, hash: &str) -> Result<Vec<u8>, FileError> {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.read(hash).map_err(|error| FileError::Unreadable(error.to_string()))
    }

    /// The file that a path leads to, through links in it or at its end.
    fn follow(&self, path: &str) -> Result<Entry, FileError> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            match self.entries.get(&path) {
                Some(entry) if entry.kind == Kind::File => return Ok(entry.clone()),
                Some(entry) if entry.kind == Kind::Link => path = self.target(&path, entry)?,
                Some(_) => return Err(FileError::IsFolder),
                None => match self.through_a_folder_link(&path)? {
                    Some(longer) => path = longer,
                    None => {
                        let below = format!("{path}/");
                        let folder = self.entries.range(below.clone()..).next();
                        let is_folder = folder.is_some_and(|(name, _)| name.starts_with(&below));
                        return Err(if is_folder { FileError::IsFolder } else { FileError::NotFound });
                    }
                },
            }
        }
        Err(FileError::Loop)
    }

    /// Where a link leads, as a path below the root.
    fn target(&self, path: &str, entry: &Entry) -> Result<String, FileError> {
        let target = String::from_utf8(self.bytes(&entry.hash)?).map_err(|_| FileError::NameNotUtf8)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        resolve(folder, &target).ok_or(FileError::Outside { target })
    }

    /// `link/file` with the link replaced by where it leads.
    fn through_a_folder_link(&self, path: &str) -> Result<Option<String>, FileError> {
        for (at, _) in path.match_indices('/') {
            if let Some(entry) = self.entries.get(&path[..at]).filter(|entry| entry.kind == Kind::Link) {
                return Ok(Some(format!("{}{}", self.target(&path[..at], entry)?, &path[at..])));
            }
        }
        Ok(None)
    }
}
