//! Merge keys: `<<: *base` and `<<: [*one, *two]`. Explicit keys win, then the earlier of the merged objects.

use super::composer::MERGE_KEY;
use crate::diagnostic::Diagnostic;
use crate::source::node::{Content, Member, Node};
use std::collections::HashSet;

/// The tree without merge keys.
pub(super) fn resolve(node: Node, found: &mut Vec<Diagnostic>) -> Node {
    let content = match node.content {
        Content::List(elements) => {
            Content::List(elements.into_iter().map(|element| resolve(element, found)).collect())
        }
        Content::Map(members) => Content::Map(merge(members, found)),
        scalar => scalar,
    };
    Node { content, ..node }
}

fn merge(members: Vec<Member>, found: &mut Vec<Diagnostic>) -> Vec<Member> {
    let members: Vec<Member> =
        members.into_iter().map(|member| Member { value: resolve(member.value, found), ..member }).collect();
    if !members.iter().any(|member| member.key == MERGE_KEY) {
        return members;
    }
    let mut taken: HashSet<String> = members.iter().map(|member| member.key.clone()).collect();
    let mut merged = Vec::with_capacity(members.len());
    for member in members {
        if member.key != MERGE_KEY {
            merged.push(member);
            continue;
        }
        for base in bases(member.value, found) {
            let inherited = base.into_iter().filter(|inherited| taken.insert(inherited.key.clone()));
            merged.extend(inherited.map(|mut member| {
                member.value.shared = true;
                member
            }));
        }
    }
    merged
}

/// The objects that a merge key names.
fn bases(value: Node, found: &mut Vec<Diagnostic>) -> Vec<Vec<Member>> {
    let mut refuse = |node: &Node| {
        found.push(
            Diagnostic::error(
                "merge-not-object",
                format!("`<<` merges objects, and this is {}", node.kind()),
                Some(node.at.clone()),
            )
            .hint("write `<<: *name` or `<<: [*one, *two]`; quote `\"<<\"` if a key of this name is meant"),
        );
    };
    if value.tag.is_none() {
        match value.content {
            Content::Map(members) => return vec![members],
            Content::List(elements) => {
                let mut bases = Vec::new();
                for element in elements {
                    match element {
                        Node { content: Content::Map(members), tag: None, .. } => bases.push(members),
                        other => refuse(&other),
                    }
                }
                return bases;
            }
            _ => {}
        }
    }
    refuse(&value);
    Vec::new()
}
