//! Which personas are pulled, and into which files.

use super::PullArgs;
use crate::cli::Error;
use crate::cli::context::Project;
use crate::cli::output::Output;
use crate::exit_code::Exit;
use crate::persona::Desired;
use crate::persona::name;
use crate::plan::{Account, Match, match_personas};
use crate::report::escape;
use crate::source::{Files as _, Settings};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was chosen.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Files, by index, with the persona that each means.
    pub(super) files: Vec<(usize, String)>,
    /// Ids of personas that get a new file.
    pub(super) new: Vec<String>,
    /// Something was left out for a reason that was told.
    pub(super) refused: bool,
    /// A file means no live persona.
    pub(super) skipped: bool,
}

impl Chosen {
    /// Every persona to fetch.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.files.iter().map(|(_, id)| id).chain(&self.new).cloned().collect()
    }
}

/// Finds what the arguments name among the files and in the account.
pub(super) fn choose(
    desired: &[Arc<Desired>],
    account: &Account,
    args: &PullArgs,
    output: &Output,
) -> Result<Chosen, Error> {
    let matching = match_personas(desired, account);
    let mut chosen = Chosen::default();
    let mut left: BTreeSet<&str> = args.selection.iter().map(String::as_str).collect();
    let mut wants = |ours: &[Option<&str>]| {
        let named: Vec<&str> = args
            .selection
            .iter()
            .map(String::as_str)
            .filter(|sel| ours.iter().flatten().any(|own| name::same(own, sel.trim_start_matches("./"))))
            .collect();
        left.retain(|sel| !named.contains(sel));
        args.selection.is_empty() || !named.is_empty()
    };
    for (index, (file, found)) in desired.iter().zip(&matching.matches).enumerate() {
        if !wants(&[file.name.as_deref(), file.id.as_deref(), Some(&*file.file)]) {
            continue;
        }
        match found {
            Match::Live(id) => chosen.files.push((index, id.clone())),
            Match::Create => {
                chosen.skipped = true;
                output
                    .always(&format!("skipped {}: no live persona has its name", escape::inline(&file.file)));
            }
            Match::Refused(refusal) => {
                chosen.refused = true;
                output.always(&format!("error[{}]: {}", refusal.code, escape::inline(&refusal.message)));
            }
        }
    }
    for entry in &matching.unmanaged {
        let named = wants(&[entry.name.as_deref(), Some(&entry.id)]);
        if args.all || (named && !args.selection.is_empty()) {
            chosen.new.push(entry.id.clone());
        }
    }
    match left.first() {
        Some(unknown) => {
            Err(Error::new("unknown-persona", format!("no file and no live persona is called `{unknown}`"))
                .hint("`personactl list` shows names, ids and files")
                .exit(Exit::Usage))
        }
        None => Ok(chosen),
    }
}

/// Where new files go: the folder of the first glob of `personas:`.
pub(super) fn folder(settings: &Settings) -> String {
    let glob = settings.personas.first().map_or("personas/", String::as_str).trim_start_matches("./");
    let literal = glob.find(['*', '?', '[', '{', '\\']).map_or(glob, |at| &glob[..at]);
    literal.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// Paths that exist already.
pub(super) fn paths(project: &Project) -> BTreeSet<String> {
    let listing = project.disk.list(&folder(&project.settings));
    listing.files.into_iter().chain(listing.ignored).collect()
}
