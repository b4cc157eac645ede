//! Files that live in a table: for tests, and for callers that already hold the bytes.

use super::files::{FileError, Files, Listing};
use std::collections::BTreeMap;

/// A tree of files given as paths and bytes.
#[derive(Debug, Clone, Default)]
pub struct Memory(BTreeMap<String, Vec<u8>>);

impl Memory {
    /// Adds a file.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.0.insert(path.to_owned(), bytes.as_ref().to_vec());
        self
    }
}

impl Files for Memory {
    fn list(&self, folder: &str) -> Listing {
        let inside = |path: &str| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        let hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
        let files = self.0.keys().filter(|path| inside(path) && !hidden(path)).cloned().collect();
        Listing { files, ..Listing::default() }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        match self.0.get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None if !self.list(path).files.is_empty() => Err(FileError::IsFolder),
            None => Err(FileError::NotFound),
        }
    }
}
