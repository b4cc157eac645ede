//! Live personas into files: what a file should hold afterwards, and the texts that make it so.
//!
//! Pure: takes what was read and what was fetched, gives texts to write. Never takes over a secret or a mask, and
//! what it writes is read again before anyone may put it on disk.

mod new_file;
mod overlaid;
mod rewrite;
mod taken;

use crate::source::{FileError, Files, Listing};
use std::collections::BTreeMap;

pub use new_file::{NewFile, Place, new_files};
pub use overlaid::Scope;
pub use rewrite::{Kept, Rewritten, rewrite};
pub use taken::taken;

/// Files with some texts replaced: to read the outcome before it is written.
pub struct Replaced<'f> {
    /// The files as they are.
    pub files: &'f dyn Files,
    /// New texts, by path.
    pub texts: BTreeMap<String, String>,
}

impl Files for Replaced<'_> {
    fn list(&self, folder: &str) -> Listing {
        let mut listing = self.files.list(folder);
        let inside = |path: &str| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        listing.files.extend(self.texts.keys().filter(|path| inside(path)).cloned());
        listing.files.sort();
        listing.files.dedup();
        // A folder that is yet to be made is no fault.
        listing.faults.retain(|(path, error)| {
            *error != FileError::NotFound
                || !self.texts.keys().any(|text| text.starts_with(&format!("{path}/")))
        });
        listing
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        match self.texts.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.files.read(path),
        }
    }
}

#[cfg(test)]
mod tests;
