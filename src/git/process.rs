//! Starting `git`: never through a shell, never with a name where an option could stand.

use super::GitError;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

/// How Git begins to say that there is no repository at all.
const NO_REPOSITORY: &[u8] = b"fatal: not a git repository";

/// The user's `git`, run in one folder.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
}

impl Git {
    pub(super) fn at(folder: &Path) -> Self {
        Git { folder: folder.to_owned() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).stdin(Stdio::null());
        // Paths come as they are, and no pager or prompt can stop the run.
        command.args(["-c", "core.quotePath=false"]).env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        // A hook, or whoever runs one, names a repository to its children: without its work tree Git would take the
        // folder for the top of that, and look in the wrong place of the revision. Only both together are a wish.
        if std::env::var_os("GIT_WORK_TREE").is_none() || std::env::var_os("GIT_DIR").is_none() {
            for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE", "GIT_COMMON_DIR"] {
                command.env_remove(name);
            }
        }
        command
    }

    pub(super) fn run(&self, name: &'static str, args: &[&str]) -> Result<Output, GitError> {
        let output = self.command().arg(name).args(args).output();
        output.map_err(|error| GitError::NoGit(error.to_string()))
    }

    fn words(&self, name: &'static str, args: &[&str]) -> Result<Option<String>, GitError> {
        let output = self.run(name, args)?;
        let text = String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned();
        Ok(output.status.success().then_some(text))
    }

    /// The folder's place in the repository: empty, or ending in `/`.
    pub(super) fn prefix(&self) -> Result<String, GitError> {
        let inside = self.run("rev-parse", &["--is-inside-work-tree"])?;
        // Git may know of a repository and refuse it: one of another owner, or of a format that is new to it.
        let refused = !inside.status.success() && !inside.stderr.starts_with(NO_REPOSITORY);
        if refused {
            return Err(failed("rev-parse", &inside));
        }
        if inside.stdout.trim_ascii() != b"true" {
            return Err(GitError::NoWorkTree(self.folder.display().to_string()));
        }
        self.words("rev-parse", &["--show-prefix"])?
            .ok_or_else(|| GitError::NoWorkTree(self.folder.display().to_string()))
    }

    /// The commit that a revision names.
    pub(super) fn commit(&self, revision: &str) -> Result<String, GitError> {
        if revision.is_empty() || revision.starts_with('-') || revision.contains(['\0', '\n']) {
            return Err(GitError::BadName(revision.to_owned()));
        }
        let name = format!("{revision}^{{commit}}");
        if let Some(commit) = self.words("rev-parse", &["--verify", "--quiet", "--end-of-options", &name])? {
            return Ok(commit);
        }
        match self.words("rev-parse", &["--is-shallow-repository"])?.as_deref() {
            Some("true") => Err(GitError::Shallow(revision.to_owned())),
            _ => Err(GitError::Unknown(revision.to_owned())),
        }
    }

    pub(super) fn is_ancestor(&self, ancestor: &str, commit: &str) -> Result<bool, GitError> {
        let (ancestor, commit) = (self.commit(ancestor)?, self.commit(commit)?);
        let output = self.run("merge-base", &["--is-ancestor", &ancestor, &commit])?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failed("merge-base", &output)),
        }
    }

    pub(super) fn is_dirty(&self, file: &str) -> bool {
        let status = self.run("status", &["--porcelain", "--untracked-files=no", "--", file]);
        status.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    }

    /// A process that gives objects on demand.
    pub(super) fn objects(&self) -> Result<Objects, GitError> {
        let mut child = self
            .command()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| GitError::NoGit(error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => {
                Ok(Objects { child, input: Some(input), output: BufReader::new(output) })
            }
            _ => Err(GitError::NoGit("its pipes did not open".to_owned())),
        }
    }
}

pub(super) fn failed(command: &'static str, output: &Output) -> GitError {
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    GitError::Failed { command, message }
}

/// `git cat-file --batch`: one process for all files of a revision.
#[derive(Debug)]
pub(super) struct Objects {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Objects {
    /// The bytes of an object, by its hash.
    pub(super) fn read(&mut self, hash: &str) -> std::io::Result<Vec<u8>> {
        let broken = |what: &str| std::io::Error::other(format!("git cat-file: {what}"));
        let input = self.input.as_mut().ok_or_else(|| broken("ended"))?;
        writeln!(input, "{hash}")?;
        input.flush()?;
        let mut head = String::new();
        self.output.read_line(&mut head)?;
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let size = size.ok_or_else(|| broken(head.trim_end()))?;
        // The object, and the line end after it.
        let mut bytes = vec![0; size + 1];
        self.output.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(bytes)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // Closing its input ends it.
        self.input.take();
        let _ = self.child.wait();
    }
}
