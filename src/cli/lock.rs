//! One `apply` at a time in one checkout. (Across machines, the shipped workflow sees to it.)

use super::Error;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held until dropped; the system lets go of it however the process ends.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "what counts is that it stays open")] File);

/// Takes the lock of the project below `root`.
///
/// # Errors
/// If another process holds it, or it cannot be made.
pub(super) fn take(root: &Path) -> Result<Lock, Error> {
    let folder = root.join(".personactl");
    let path = folder.join("apply.lock");
    let failed = |error: std::io::Error| {
        Error::new("lock", format!("{} cannot be made: {error}", path.display()))
            .hint("apply keeps its lock there: make the project's folder writable")
    };
    if !folder.is_dir() {
        std::fs::create_dir_all(&folder).map_err(failed)?;
        std::fs::write(folder.join(".gitignore"), "*\n").map_err(failed)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => {
            Err(Error::new("locked", "another apply is running in this checkout: nothing was written")
                .hint("wait until it has ended"))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_apply_in_the_same_checkout_is_refused_until_the_first_has_ended() {
        let root = tempfile::tempdir().unwrap();
        let first = take(root.path()).unwrap();
        assert_eq!(take(root.path()).unwrap_err().code, "locked");
        drop(first);
        take(root.path()).unwrap();
        assert_eq!(std::fs::read_to_string(root.path().join(".personactl/.gitignore")).unwrap(), "*\n");
    }
}
