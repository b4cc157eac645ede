//! Every exit code of the program, in one table: `--help`, the manual and the tests read it from here.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Something failed; also: declined at the prompt, or every persona refused.
    Failed = 1,
    /// The command line was wrong; also: no terminal to confirm on and no `--yes`.
    Usage = 2,
    /// Changes are pending (`plan --exit-code`) or the live side drifted (`drift`).
    Pending = 3,
    /// At least one write landed and at least one did not, or the read-back differs.
    Partial = 4,
    /// Interrupted by SIGINT.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// The table in the order of the codes: number, meaning.
    pub const TABLE: [(Exit, &'static str); 7] = [
        (Exit::Done, "done, or nothing to do"),
        (Exit::Failed, "failed; also: declined, or every persona refused"),
        (Exit::Usage, "usage error; also: no terminal to confirm on and no --yes"),
        (Exit::Pending, "changes pending (plan --exit-code) or drift (drift, always)"),
        (Exit::Partial, "at least one write landed and at least one did not, or the read-back differs"),
        (Exit::Interrupted, "interrupted (SIGINT)"),
        (Exit::Terminated, "terminated (SIGTERM)"),
    ];

    /// The number the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit.code())
    }
}
