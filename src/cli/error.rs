//! What a command can fail with, and how that is said: `error[code]: what`, then `hint: what to do`.

use crate::exit_code::Exit;

/// A failure on its way to stderr. The typed errors of the modules below turn into this at the top.
#[derive(Debug)]
pub struct Error {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// What happened and where, one sentence without a full stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The exit code it leads to.
    pub exit: Exit,
}

impl Error {
    /// A failure with exit code 1.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Error { code, message: message.into(), hint: None, exit: Exit::Failed }
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Changes the exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}
