//! The state file: read once, written by rename after each change, held by one process at a time.

use super::account::Account;
use super::options::Options;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatePath {
    /// Nowhere: it ends with the process.
    Memory,
    /// In a file, made on first use.
    File(PathBuf),
}

impl StatePath {
    /// Where it is kept unless told otherwise, below the root.
    pub const DEFAULT: &'static str = ".personactl/sandbox.json";
}

/// What can be wrong with the state file.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read, made or written.
    #[error("cannot {what} the sandbox state {path}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not what this program wrote.
    #[error("the sandbox state {path} cannot be used: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process holds it.
    #[error("the sandbox state {path} is in use by another process")]
    InUse {
        /// The file.
        path: String,
    },
}

impl StateError {
    /// Stable, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            StateError::Io { .. } => "sandbox-state-io",
            StateError::Malformed { .. } => "sandbox-state-malformed",
            StateError::InUse { .. } => "sandbox-state-in-use",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            StateError::Io { .. } => "give a file that can be written, as --sandbox=FILE",
            StateError::Malformed { .. } => {
                "delete the file to start anew, or give another as --sandbox=FILE"
            }
            StateError::InUse { .. } => "wait for it, use its server with --endpoint, or give another file",
        }
    }
}

/// How long a process waits for another one to finish with the state.
const PATIENCE: Duration = Duration::from_secs(5);

/// The account, and where to keep it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) account: Account,
    path: Option<PathBuf>,
    /// Released by the system when the process ends, however it ends.
    _lock: Option<File>,
}

pub(super) async fn open(path: &StatePath, options: &Options) -> Result<State, StateError> {
    let seeded =
        |path: &Path| Account::seeded(&options.seed, options).map_err(|reason| malformed(path, reason));
    let StatePath::File(path) = path else {
        return Ok(State { account: seeded(Path::new("in memory"))?, path: None, _lock: None });
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        std::fs::create_dir_all(folder).map_err(io("make the folder of", path))?;
        if folder.ends_with(".personactl") {
            std::fs::write(folder.join(".gitignore"), "*\n").map_err(io("make the folder of", path))?;
        }
    }
    let lock = lock(path).await?;
    let (account, is_new) = match std::fs::read(path) {
        Ok(text) => (Account::read(&text).map_err(|reason| malformed(path, reason))?, false),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => (seeded(path)?, true),
        Err(e) => return Err(io("read", path)(e)),
    };
    let state = State { account, path: Some(path.clone()), _lock: Some(lock) };
    if is_new {
        state.save()?;
    }
    Ok(state)
}

impl State {
    /// Writes the file, if there is one, as a whole or not at all.
    pub(super) fn save(&self) -> Result<(), StateError> {
        let Some(path) = &self.path else { return Ok(()) };
        let text = self.account.write().map_err(|reason| malformed(path, reason))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io("write", path))?;
        file.write_all(&text).map_err(io("write", path))?;
        file.persist(path).map_err(|e| io("write", path)(e.error))?;
        Ok(())
    }
}

async fn lock(path: &Path) -> Result<File, StateError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::create(PathBuf::from(name)).map_err(io("lock", path))?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StateError::InUse { path: path.display().to_string() });
            }
            Err(TryLockError::Error(e)) => return Err(io("lock", path)(e)),
        }
    }
}

fn io(what: &'static str, path: &Path) -> impl Fn(std::io::Error) -> StateError {
    let path = path.display().to_string();
    move |source| StateError::Io { what, path: path.clone(), source }
}

fn malformed(path: &Path, reason: String) -> StateError {
    StateError::Malformed { path: path.display().to_string(), reason }
}
