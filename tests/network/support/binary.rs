//! The real binary, run in a folder against an address, with an environment of its own.

use super::KEY;
use std::path::Path;
use std::process::Command;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Fails with all output unless the exit code is this.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs `personactl` in a folder against an address.
pub(crate) async fn personactl(folder: &Path, address: &impl ToString, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_personactl"));
    command.args(args).args(["--endpoint", &address.to_string()]).current_dir(folder);
    command.env_clear().env("TAVUS_API_KEY", KEY);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A folder with persona files: name and prompt.
pub(crate) fn folder(personas: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    for (name, prompt) in personas {
        write(folder.path(), name, prompt);
    }
    folder
}

/// Writes one persona file.
pub(crate) fn write(folder: &Path, name: &str, prompt: &str) {
    std::fs::write(folder.join(format!("personas/{name}.yaml")), super::project::file(name, prompt)).unwrap();
}
