//! `--backup DIR`: what live was before it is written, one file a persona, secrets left out.

use super::{Error, write};
use crate::api::ReadClient;
use crate::apply::{Job, Work};
use crate::persona::secret::SecretPaths;
use std::path::Path;

/// Keeps every persona that is about to be changed or deleted.
///
/// # Errors
/// If one cannot be read or kept: then nothing is written to the account.
pub(super) async fn keep(client: &ReadClient, jobs: &[Job], folder: &Path) -> Result<usize, Error> {
    let mut kept = 0;
    for job in jobs {
        let (id, secrets) = match &job.work {
            Work::Update { id, desired, changes: true, .. } => (id, desired.secrets()),
            Work::Delete { id, .. } => (id, SecretPaths::default()),
            _ => continue,
        };
        let live = client.get(id).await.map_err(|error| {
            Error::new("backup", format!("--backup: {}: {error}; nothing was written", job.label))
        })?;
        let document = secrets.without(live.document.reveal());
        let text = serde_json::to_string_pretty(&document)
            .map_err(|error| Error::new("backup", error.to_string()))?;
        write::atomically(&folder.join(format!("{id}.json")), (text + "\n").as_bytes())?;
        kept += 1;
    }
    Ok(kept)
}
