//! How much of the blocks fits: every block short before any is long, and nothing is cut inside a block.

use super::MarkdownOptions;
use super::escape::code;
use crate::report::brief::{count, plural};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How much a block tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Size {
    /// One line for each change, and not of all.
    Brief,
    /// Word diffs up to a length.
    Cut,
    /// Word diffs up to a greater one, for the few that are long.
    Long,
    /// All of it.
    Whole,
}

/// A block in its sizes.
pub(super) struct Block {
    /// What is done to its persona, for counting what is left out.
    pub action: &'static str,
    /// How many changes it tells of.
    pub changes: usize,
    /// By [`Size`].
    pub sizes: [String; 4],
}

impl Block {
    fn whole(&self) -> &str {
        &self.sizes[Size::Whole as usize]
    }
}

/// Kept for the sentence about what is left out.
const NOTICE: usize = 700;

/// The blocks as far as `room` bytes go, and what was left out.
pub(super) fn fit(blocks: &[Block], room: usize, options: &MarkdownOptions) -> String {
    if blocks.iter().map(|block| block.whole().len()).sum::<usize>() <= room {
        return blocks.iter().map(Block::whole).collect();
    }
    let room = room.saturating_sub(NOTICE);
    let mut used = 0;
    let shown = blocks
        .iter()
        .take_while(|block| {
            used += block.sizes[0].len();
            used <= room
        })
        .count();
    let mut used: usize = blocks[..shown].iter().map(|block| block.sizes[0].len()).sum();
    let mut chosen = vec![Size::Brief; shown];
    // Small ones first: as many personas as possible are told in full.
    for size in [Size::Cut, Size::Long, Size::Whole] {
        let mut order: Vec<usize> = (0..shown).collect();
        order.sort_by_key(|index| blocks[*index].sizes[size as usize].len());
        for index in order {
            let now = blocks[index].sizes[chosen[index] as usize].len();
            let then = blocks[index].sizes[size as usize].len();
            if used - now + then <= room {
                used = used - now + then;
                chosen[index] = size;
            }
        }
    }
    let mut text: String =
        (0..shown).map(|index| blocks[index].sizes[chosen[index] as usize].as_str()).collect();
    text.push_str(&notice(blocks, shown, &chosen, options));
    text
}

/// What was left out, and where it is.
fn notice(blocks: &[Block], shown: usize, chosen: &[Size], options: &MarkdownOptions) -> String {
    let shortened = blocks
        .iter()
        .zip(chosen)
        .filter(|(block, size)| block.sizes[**size as usize] != block.whole())
        .count();
    let mut said = Vec::new();
    if shortened > 0 {
        said.push(format!("{} shortened", plural(shortened, "persona")));
    }
    let rest = &blocks[shown..];
    if !rest.is_empty() {
        let mut actions: BTreeMap<&str, usize> = BTreeMap::new();
        for block in rest {
            *actions.entry(block.action).or_default() += 1;
        }
        let actions: Vec<String> =
            actions.into_iter().map(|(action, number)| format!("{} {action}", count(number))).collect();
        said.push(format!(
            "{} left out ({}; {})",
            plural(rest.len(), "block"),
            actions.join(", "),
            plural(rest.iter().map(|block| block.changes).sum(), "change")
        ));
    }
    if said.is_empty() {
        return String::new();
    }
    let mut text = format!("<p>Too long to be shown whole: {}. ", said.join(", "));
    match options.full_at.as_deref().filter(|address| is_plain_address(address)) {
        Some(address) => {
            let _ = write!(text, "All of it is in <a href=\"{address}\">the workflow run</a>.");
        }
        None => {
            let command = format!("personactl {} --format html", options.mood.command());
            let _ = write!(text, "{} shows all of it.", code(&command));
        }
    }
    text.push_str("</p>\n");
    text
}

/// The address comes from the environment: only what cannot leave an attribute is used.
fn is_plain_address(address: &str) -> bool {
    address.len() <= 300
        && address.starts_with("https://")
        && address.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@%=+".contains(&b))
}
