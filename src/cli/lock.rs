//! One apply at a time in a checkout.

use super::Error;
use std::fs::{File, TryLockError};
use std::path::Path;

/// The file whose lock it is, below the root.
const LOCK: &str = ".personactl/apply.lock";

/// Held while an apply runs; the system lets go of it even if the process is killed.
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock.
///
/// # Errors
/// If another apply holds it, or the file cannot be made.
pub(super) fn take(root: &Path) -> Result<Lock, Error> {
    let path = root.join(LOCK);
    let failed =
        |error: std::io::Error| Error::new("lock", format!("{} cannot be locked: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Error::new(
            "locked",
            format!(
                "another apply runs in this checkout ({} is locked): nothing was written",
                path.display()
            ),
        )
        .hint("wait for it to end")),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
