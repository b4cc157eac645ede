//! `plan` and `drift` as Markdown for a pull-request comment, a job summary or an issue.
//!
//! Owns what is said first (the counts, always whole), how much of the rest fits, and that no text from files or
//! the API leaves its place (`escape`). Posting it is not done here.

mod escape;
mod fit;
mod head;
mod persona;

use super::wording::Mood;
use crate::compare::Origin;
use crate::plan::{Action, PersonaPlan, Plan, Planned};
use fit::Block;
use std::io::{self, Write};

/// GitHub refuses comments and issues of 65,536 characters and more. Bytes are counted, of which a text never has
/// fewer than characters; the rest is left to whoever adds a line.
pub const COMMENT_LIMIT: usize = 65_000;

/// GitHub refuses a step's summary above 1 MiB.
pub const SUMMARY_LIMIT: usize = 1_000_000;

/// With so few personas, their blocks begin open.
const OPEN: usize = 2;

/// What the Markdown is for.
#[derive(Debug, Clone)]
pub struct MarkdownOptions {
    /// What the reader looks at.
    pub mood: Mood,
    /// The most bytes to write.
    pub limit: usize,
    /// Begins with the hidden marker that lets a workflow find its own comment again.
    pub marker: bool,
    /// Where all of it can be seen, if some is left out: the address of the workflow run.
    pub full_at: Option<String>,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        MarkdownOptions { mood: Mood::Plan, limit: COMMENT_LIMIT, marker: true, full_at: None }
    }
}

/// The hidden first line of a comment, the same for every run of one environment.
#[must_use]
pub fn marker(mood: Mood, environment: Option<&str>) -> String {
    match environment {
        Some(name) => format!("<!-- personactl:{}:{} -->", mood.command(), escape::marker(name)),
        None => format!("<!-- personactl:{} -->", mood.command()),
    }
}

/// Writes the plan.
pub fn write(plan: &Plan, options: &MarkdownOptions, out: &mut impl Write) -> io::Result<()> {
    out.write_all(document(plan, options).as_bytes())
}

/// The plan as Markdown.
#[must_use]
pub fn document(plan: &Plan, options: &MarkdownOptions) -> String {
    let mut text = head::head(plan, options);
    let named: Vec<&PersonaPlan> =
        weighed(plan).into_iter().filter(|persona| head::is_named(persona, options.mood)).collect();
    let open = named.len() <= OPEN;
    let mut blocks: Vec<Block> =
        named.into_iter().map(|persona| persona::block(persona, options.mood, open)).collect();
    blocks.extend(persona::unmanaged(plan, options.mood));
    let room = options.limit.saturating_sub(text.len());
    text.push_str(&fit::fit(&blocks, room, options));
    text
}

/// The personas that have something to be looked at, the most pressing first.
fn weighed(plan: &Plan) -> Vec<&PersonaPlan> {
    let undoes = |planned: &Planned| matches!(planned.change.origin, Some(Origin::Drift | Origin::Conflict));
    let weight = |persona: &PersonaPlan| match persona.action {
        Action::Failed(_) | Action::Refused(_) => 0,
        Action::Delete => 1,
        _ if persona.findings.changes.iter().any(undoes) => 2,
        _ => 3,
    };
    let mut personas: Vec<&PersonaPlan> = plan.personas.iter().collect();
    personas.sort_by_key(|persona| weight(persona));
    personas
}
