//! A temporary folder of persona files, and a fluent runner for the real binary in it.
//!
//! Every run is in a scrubbed environment, and every run is checked for what must never be: a fixture secret in its
//! output, or an escape byte. Stderr must be empty unless the test says what stands there.

use super::SECRETS;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A folder of persona files. It goes away with the value.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        Project { folder: tempfile::Builder::new().prefix("personactl-test-").tempdir().unwrap() }
    }

    /// One persona file.
    pub(crate) fn with(text: &str) -> Self {
        Project::new().file("personas/a.yaml", text)
    }

    /// The personas that this repository ships.
    pub(crate) fn shipped() -> Self {
        let project = Project::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&root.join("personas"), &project.root().join("personas"));
        std::fs::copy(root.join("personactl.yaml"), project.root().join("personactl.yaml")).unwrap();
        project
    }

    /// Waits between attempts are over at once.
    pub(crate) fn impatient(self) -> Self {
        self.file("personactl.yaml", "limits: {wait: 0s}\n")
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(path, text);
        self
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// Replaces a text that must be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not hold {from:?}");
        self.write(path, text.replace(from, to));
    }

    /// Copies a folder of files into a folder of the project.
    pub(crate) fn take_in(&self, from: &Path, to: &str) {
        copy(from, &self.root().join(to));
    }

    /// Prepares a run of the binary in this folder.
    pub(crate) fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Run {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_personactl"));
        for (name, _) in std::env::vars_os() {
            if is_scrubbed(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command.current_dir(self.root()).args(args).timeout(Duration::from_secs(120));
        let root = self.root().canonicalize().unwrap();
        let marks = vec![(root.display().to_string(), "PROJECT".to_owned())];
        Run { command, marks, stderr: Vec::new(), any_stderr: false, coloured: false }
    }

    /// Every file below the folder, for searching all artefacts.
    pub(crate) fn all_files(&self) -> Vec<PathBuf> {
        fn below(folder: &Path, out: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { below(&path, out) } else { out.push(path) }
            }
        }
        let mut out = Vec::new();
        below(self.root(), &mut out);
        out.sort();
        out
    }
}

fn is_scrubbed(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let starts = ["PERSONACTL_", "TAVUS_", "LLM_", "TTS_", "GITHUB_", "CLICOLOR", "SSL_CERT", "GIT_"];
    starts.iter().any(|start| name.starts_with(start))
        || name.ends_with("_PROXY")
        || ["NO_COLOR", "FORCE_COLOR", "CI", "RUST_LOG", "TERM", "COLUMNS"].contains(&name.as_str())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// A run that is about to be.
pub(crate) struct Run {
    command: assert_cmd::Command,
    marks: Vec<(String, String)>,
    stderr: Vec<String>,
    any_stderr: bool,
    coloured: bool,
}

impl Run {
    /// Against this address, with the fixture key.
    pub(crate) fn at(self, endpoint: impl std::fmt::Display) -> Self {
        let (name, key) = SECRETS[0];
        self.at_without_key(endpoint).env(name, key)
    }

    pub(crate) fn at_without_key(mut self, endpoint: impl std::fmt::Display) -> Self {
        let endpoint = endpoint.to_string();
        self.command.args(["--endpoint", &endpoint]);
        // Redirects name the port on its own.
        if let Some((_, port)) = endpoint.rsplit_once(':') {
            self.marks.push((format!("127.0.0.1:{port}"), "127.0.0.1:PORT".to_owned()));
        }
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With all fixture secrets set.
    pub(crate) fn secrets(self) -> Self {
        SECRETS.into_iter().fold(self, |run, (name, value)| run.env(name, value))
    }

    /// Escape bytes are expected.
    pub(crate) fn coloured(mut self) -> Self {
        self.coloured = true;
        self
    }

    /// Stderr must hold this.
    pub(crate) fn says(mut self, part: &str) -> Self {
        self.stderr.push(part.to_owned());
        self
    }

    /// What stands on stderr is looked at by the test itself.
    pub(crate) fn any_stderr(mut self) -> Self {
        self.any_stderr = true;
        self
    }

    /// Runs it; the exit code must be this.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Done {
        let done = self.ends();
        assert_eq!(done.code, Some(code), "exit code; {done}");
        done
    }

    /// Runs it, however it ends.
    #[track_caller]
    pub(crate) fn ends(mut self) -> Done {
        let output = self.command.output().unwrap();
        let mut done = Done {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        };
        for (from, to) in &self.marks {
            done.stdout = done.stdout.replace(from, to);
            done.stderr = done.stderr.replace(from, to);
        }
        for (_, secret) in SECRETS {
            assert!(!done.stdout.contains(secret) && !done.stderr.contains(secret), "a secret in {done}");
        }
        if !self.coloured {
            assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "escapes in {done}");
        }
        for part in &self.stderr {
            assert!(done.stderr.contains(part), "{part:?} is not in stderr; {done}");
        }
        assert!(!done.stderr.contains("panicked"), "{done}");
        if self.stderr.is_empty() && !self.any_stderr {
            assert_eq!(done.stderr, "", "nothing was expected on stderr; {done}");
        }
        done
    }
}

/// What a run printed, with paths and ports replaced by marks.
pub(crate) struct Done {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Done {
    /// Stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}; {self}"))
    }

    /// Stdout must hold this.
    #[track_caller]
    pub(crate) fn prints(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "{part:?} is not in stdout; {self}");
        self
    }

    /// Stdout must not hold this.
    #[track_caller]
    pub(crate) fn prints_no(self, part: &str) -> Self {
        assert!(!self.stdout.contains(part), "{part:?} is in stdout; {self}");
        self
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Done { stdout, stderr, code } = self;
        write!(f, "exit {code:?}\n--- stdout\n{stdout}--- stderr\n{stderr}---")
    }
}
