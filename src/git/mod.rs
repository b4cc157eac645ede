//! Files as of a Git revision, read through the user's own `git`.
//!
//! An edge: it starts processes. Owns how a revision is named and found, and how its tree is read; what the files
//! mean is `source`'s business, which sees this as one more [`Files`].

mod process;
mod tree;

use crate::source::{FileError, Files, Listing};
use process::Git;
use std::path::Path;
use tree::Tree;

/// Why a revision gives no files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// There is no `git`.
    #[error("`git` cannot be started: {0}")]
    NoGit(String),
    /// The folder is in no work tree.
    #[error("{0} is in no Git work tree")]
    NoWorkTree(String),
    /// No such revision, and the history is whole.
    #[error("Git knows no revision `{0}`")]
    Unknown(String),
    /// No such revision, in a shallow clone.
    #[error("this shallow clone lacks the revision `{0}`")]
    Shallow(String),
    /// A name that Git could take for an option.
    #[error("`{0}` is no revision")]
    BadName(String),
    /// Git failed otherwise.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The subcommand.
        command: &'static str,
        /// What it said.
        message: String,
    },
}

impl GitError {
    /// Stable, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            GitError::NoGit(_) => "git-missing",
            GitError::NoWorkTree(_) => "git-no-work-tree",
            GitError::Unknown(_) => "revision-unknown",
            GitError::Shallow(_) => "revision-not-fetched",
            GitError::BadName(_) => "revision-malformed",
            GitError::Failed { .. } => "git-failed",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            GitError::NoGit(_) => "install git, or leave --base out",
            GitError::NoWorkTree(_) => "run inside a clone of the repository, or leave --base out",
            GitError::Unknown(_) => {
                "name a branch, tag or commit that `git rev-parse` knows; branches of a remote are origin/NAME"
            }
            GitError::Shallow(_) => {
                "fetch it: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout in a workflow"
            }
            GitError::BadName(_) => "name a branch, a tag or a commit",
            GitError::Failed { .. } => "the words of git say what is wrong",
        }
    }
}

/// Whether the name is the all-zero revision, which means that there is no base: what a push event gives for a new
/// branch.
#[must_use]
pub fn is_zero(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|b| b == b'0')
}

/// The files below a folder of a work tree, as of a revision.
pub struct Revision {
    commit: String,
    tree: Tree,
}

impl Revision {
    /// Finds the revision and lists its tree.
    ///
    /// # Errors
    /// If the folder is in no work tree, or the revision cannot be found.
    pub fn open(root: &Path, revision: &str) -> Result<Self, GitError> {
        let git = Git::at(root);
        let prefix = git.prefix()?;
        let commit = git.commit(revision)?;
        let tree = Tree::read(git, &commit, &prefix)?;
        Ok(Revision { commit, tree })
    }

    /// The commit's full hash.
    #[must_use]
    pub fn commit(&self) -> &str {
        &self.commit
    }
}

impl Files for Revision {
    fn list(&self, folder: &str) -> Listing {
        self.tree.list(folder)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.tree.read_file(path)
    }
}

/// Whether Git knows of changes in the file that are not committed. Without Git there is nothing to know.
#[must_use]
pub fn is_dirty(root: &Path, file: &str) -> bool {
    Git::at(root).is_dirty(file)
}

/// Whether `ancestor` is `commit` or one of its ancestors.
///
/// # Errors
/// If either cannot be found.
pub fn is_ancestor(root: &Path, ancestor: &str, commit: &str) -> Result<bool, GitError> {
    Git::at(root).is_ancestor(ancestor, commit)
}
