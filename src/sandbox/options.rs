//! How the emulator behaves where the real API is undecided or unkind.

use super::fault::Fault;
use std::path::PathBuf;

/// Choices, each of which the client must survive either way. The default is the likelier one.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How GET shows one persona.
    pub shape: Shape,
    /// What GET shows of a secret.
    pub secrets: Secrets,
    /// What becomes of documented defaults.
    pub defaults: Defaults,
    /// What becomes of fields that the table does not know.
    pub unknown: Unknown,
    /// What a successful PATCH answers.
    pub patch_answer: PatchAnswer,
    /// Which body errors have.
    pub errors: Errors,
    /// Whether the first page is page 0 instead of page 1.
    pub pages_from_zero: bool,
    /// How many personas a page holds at most.
    pub page_limit: Option<usize>,
    /// Leading and trailing white space of texts is dropped when they are stored.
    pub trim_texts: bool,
    /// Lists of texts are stored in alphabetical order.
    pub sort_lists: bool,
    /// Function descriptions are not stored at all, instead of merely not shown.
    pub drop_descriptions: bool,
    /// The only key that is accepted; None for any.
    pub key: Option<String>,
    /// Faults, the first that fits counts.
    pub faults: Vec<Fault>,
    /// A file that gets one JSON line for each request; no secrets.
    pub record: Option<PathBuf>,
    /// The account at the first start.
    pub seed: Seed,
    /// Port to listen on; 0 for any that is free.
    pub port: u16,
}

/// How GET shows one persona.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// The object itself, as clients see it.
    #[default]
    Flat,
    /// `{"data": [..]}`, as documented.
    InList,
    /// `{"data": {..}}`.
    InObject,
}

/// What GET shows of a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Secrets {
    /// Eight asterisks.
    #[default]
    Masked,
    /// Nothing.
    Omitted,
}

/// What becomes of documented defaults of fields that are not set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Defaults {
    /// GET shows them, but the record does not hold them: `replace` and `remove` fail.
    #[default]
    Shown,
    /// They are stored with the persona.
    Stored,
    /// They are not shown.
    Hidden,
}

/// What becomes of fields that the table does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unknown {
    /// 400, or 500 right below `/layers/llm`.
    #[default]
    Refused,
    /// Stored.
    Kept,
    /// Accepted and not stored.
    Dropped,
}

/// What a successful PATCH answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PatchAnswer {
    /// No body.
    #[default]
    Empty,
    /// The persona as GET shows it.
    Document,
    /// 204.
    NoContent,
}

/// Which body errors have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Errors {
    /// `error` or `message`, as documented for each status.
    #[default]
    AsDocumented,
    /// Always `message`.
    Message,
}

/// The account at the first start.
#[derive(Debug, Clone, Default)]
pub enum Seed {
    /// The built-in personas, which differ from this project's `personas/` in telling ways.
    #[default]
    BuiltIn,
    /// No persona.
    Empty,
    /// These, as GET would show them; a member `secrets` (pointer to value) is put in.
    Personas(Vec<serde_json::Value>),
}
