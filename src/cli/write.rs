//! Writing files whole or not at all: into a neighbour, then by rename. The mode of a file that exists is kept.

use super::Error;
use std::io::Write;
use std::path::Path;

/// Writes a file atomically; missing folders are made.
///
/// # Errors
/// If it cannot be written; then what was there before still is.
pub(super) fn atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write(path, bytes)
        .map_err(|error| Error::new("write", format!("{} cannot be written: {error}", path.display())))
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |there| there.permissions().mode() & 0o7777);
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.persist(path)?;
    Ok(())
}
