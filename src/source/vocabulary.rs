//! Reading the vendor's newer names (PAL, Face) as the persona names that they stand for.

use super::node::{Content, Member, Node};
use super::typed::Found;
use crate::diagnostic::Diagnostic;
use crate::persona::schema::ALIASES;

/// Gives members with a newer name the older one, and notes it.
pub(super) fn translate(root: &mut Node, found: &mut Found) {
    for (alias, name) in ALIASES {
        let (above, alias) = alias.rsplit_once('/').unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        let Some(members) = members_at(root, above) else { continue };
        let Some(at) = members.iter().position(|member| member.key == alias) else { continue };
        let key_at = members[at].key_at.clone();
        if let Some(other) = members.iter().find(|member| member.key == name) {
            let message = format!("`{alias}` and `{name}` are two names of one field");
            let finding = Diagnostic::error("repeated-key", message, Some(key_at));
            found.push(finding.related(other.key_at.clone(), "also given here").hint("keep one of the two"));
            members.remove(at);
            continue;
        }
        let message = format!("`{alias}` is the newer name of `{name}`, and is read as it");
        found.push(Diagnostic::note("newer-name", message, Some(key_at)));
        name.clone_into(&mut members[at].key);
    }
}

fn members_at<'n>(root: &'n mut Node, pointer: &str) -> Option<&'n mut Vec<Member>> {
    let mut node = root;
    for segment in pointer.split('/').skip(1) {
        let Content::Map(members) = &mut node.content else { return None };
        node = &mut members.iter_mut().find(|member| member.key == segment)?.value;
    }
    match &mut node.content {
        Content::Map(members) => Some(members),
        _ => None,
    }
}

/// A path as the file writes it: with the newer name where the file has that one.
#[must_use]
pub fn as_written(root: &Node, path: &[String]) -> Vec<String> {
    let mut written = path.to_vec();
    for (alias, name) in ALIASES {
        let segments = |pointer: &str| pointer.split('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
        let (alias, name) = (segments(alias), segments(name));
        let depth = name.len();
        let fits = written.len() >= depth && written[..depth] == name[..];
        if fits && !has(root, &name) && has(root, &alias) {
            written[depth - 1].clone_from(&alias[depth - 1]);
        }
    }
    written
}

fn has(root: &Node, path: &[String]) -> bool {
    let mut node = root;
    path.iter().all(|segment| match node.get(segment) {
        Some(member) => {
            node = &member.value;
            true
        }
        None => false,
    })
}
