//! The boundary to where files come from: a folder on disk, a Git revision, a table in a test.
//!
//! Owns the trait and its error words. Paths are relative to the root, with `/`, and never leave it.

use std::fmt;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// A tree of files under a root, which several threads may read from.
pub trait Files: Sync {
    /// All files below `folder` (empty for the root), in the order of their paths, with what could not be looked
    /// into. Hidden entries (a leading dot) are not listed.
    fn list(&self, folder: &str) -> Listing;

    /// The bytes of one file.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;
}

/// What [`Files::list`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Paths of files, sorted.
    pub files: Vec<String>,
    /// Paths left out because Git ignores them, sorted; a folder stands for all below it.
    pub ignored: Vec<String>,
    /// Paths that could not be listed, with the reason: an unreadable folder is never an empty one.
    pub faults: Vec<(String, FileError)>,
}

/// Why a path gave no bytes or no listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// Nothing is there.
    NotFound,
    /// It is a folder.
    IsFolder,
    /// It lies outside the root, by `..`, by being absolute, or through a link to this place.
    Outside {
        /// Where it leads, as far as that may be told.
        target: String,
    },
    /// A link that leads back to a folder it lies in.
    Loop,
    /// A link to nothing.
    Dangling,
    /// Larger than [`MAX_FILE_BYTES`].
    TooLarge,
    /// The name is not UTF-8.
    NameNotUtf8,
    /// Anything else, in the system's words.
    Unreadable(String),
}

impl FileError {
    /// The stable code of a diagnostic about it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            FileError::NotFound => "file-not-found",
            FileError::IsFolder => "file-is-folder",
            FileError::Outside { .. } => "outside-root",
            FileError::Loop => "link-loop",
            FileError::Dangling => "dangling-link",
            FileError::TooLarge => "file-too-large",
            FileError::NameNotUtf8 => "file-name-not-utf8",
            FileError::Unreadable(_) => "unreadable",
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::NotFound => f.write_str("does not exist"),
            FileError::IsFolder => f.write_str("is a folder, not a file"),
            FileError::Outside { target } => write!(f, "leads outside the project, to `{target}`"),
            FileError::Loop => f.write_str("is a link that leads back to a folder it lies in"),
            FileError::Dangling => f.write_str("is a link to nothing"),
            FileError::TooLarge => {
                write!(f, "is larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024)
            }
            FileError::NameNotUtf8 => f.write_str("has a name that is not UTF-8"),
            FileError::Unreadable(reason) => write!(f, "cannot be read: {reason}"),
        }
    }
}

/// Joins `path`, written in a file in `folder`, to a path from the root: `.` and `..` are resolved as text.
/// None if it is absolute or climbs above the root.
#[must_use]
pub fn resolve(folder: &str, path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') || drive {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a path, empty for one at the root.
#[must_use]
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_resolved_as_text_and_never_climbs_above_the_root() {
        assert_eq!(resolve("personas/a", "../prompts/./x.md").as_deref(), Some("personas/prompts/x.md"));
        assert_eq!(resolve("personas", "prompts\\x.md").as_deref(), Some("personas/prompts/x.md"));
        assert_eq!(resolve("personas", "../x.md").as_deref(), Some("x.md"));
        for outside in ["../../x.md", "/etc/passwd", "C:/x.md", "a/../../../x"] {
            assert_eq!(resolve("personas", outside), None, "{outside}");
        }
    }
}
