//! Writing a file as a whole or not at all: beside it first, then renamed over it.

use super::Error;
use std::io::Write as _;
use std::path::Path;

/// Writes the bytes to `path`. A file that is there keeps its mode.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::new("file-write", format!("{} cannot be written: {error}", path.display()))
            .hint("check that its folder exists and can be written")
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".personactl-").tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    let permissions = match std::fs::metadata(path) {
        Ok(metadata) => Some(metadata.permissions()),
        Err(_) => fresh_mode(),
    };
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Temporary files are for their owner only; a report is for whoever may read the folder.
#[cfg(unix)]
fn fresh_mode() -> Option<std::fs::Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn fresh_mode() -> Option<std::fs::Permissions> {
    None
}
