//! Finding the row of the table that a path belongs to.

use super::field::{Field, Kind, Members, Secrecy};
use super::table::FIELDS;
use std::sync::LazyLock;

/// What the table says of a path.
#[derive(Debug, Clone, Copy)]
pub enum Lookup {
    /// The table has a row for it.
    Known(&'static Field),
    /// It lies inside this row's free-form part.
    Inside(&'static Field),
    /// The table knows the object above, and lists no such member.
    Unknown,
}

/// The row whose pattern names exactly this path.
#[must_use]
pub fn find<S: AsRef<str>>(path: &[S]) -> Option<&'static Field> {
    let mut node = &*TREE;
    for segment in path {
        node = node.child(segment.as_ref())?;
    }
    node.field
}

/// The row of this path, or the free-form row it lies in.
#[must_use]
pub fn lookup<S: AsRef<str>>(path: &[S]) -> Lookup {
    let mut node = &*TREE;
    let mut nearest: Option<&'static Field> = None;
    for segment in path {
        match node.child(segment.as_ref()) {
            Some(child) => node = child,
            None => {
                return match nearest {
                    Some(field) if field.kind != Kind::Object(Members::Listed) => Lookup::Inside(field),
                    _ => Lookup::Unknown,
                };
            }
        }
        nearest = node.field.or(nearest);
    }
    match (node.field, nearest) {
        (Some(field), _) => Lookup::Known(field),
        // The element of a list of objects has no row of its own.
        (None, Some(list)) => Lookup::Inside(list),
        (None, None) => Lookup::Unknown,
    }
}

/// What of the value at this path must not be shown. Paths that the table does not know are judged by name.
#[must_use]
pub fn secrecy(path: &[String]) -> Secrecy {
    let mut node = &*TREE;
    let mut told = Secrecy::ByName;
    for segment in path {
        let Some(child) = node.child(segment) else {
            // Below a plain field of the table, or in a part that it does not know: by name.
            return if told == Secrecy::Whole { told } else { Secrecy::ByName };
        };
        node = child;
        match node.field.map(|field| field.secrecy) {
            Some(Secrecy::Whole) => return Secrecy::Whole,
            Some(secrecy) => told = secrecy,
            None => {}
        }
    }
    told
}

/// The members that the table lists right below an object.
pub fn known_members<S: AsRef<str>>(parent: &[S]) -> impl Iterator<Item = &'static Field> {
    let node = parent.iter().try_fold(&*TREE, |node, segment| node.child(segment.as_ref()));
    node.into_iter().flat_map(|node| &node.members).filter_map(|(_, child)| child.field)
}

/// The table as a tree of segments, so that a look-up costs one step a segment.
static TREE: LazyLock<Node> = LazyLock::new(|| {
    let mut root = Node::default();
    for field in FIELDS {
        let mut node = &mut root;
        for segment in field.segments() {
            node = node.grow(segment);
        }
        node.field = Some(field);
    }
    root
});

#[derive(Default)]
struct Node {
    field: Option<&'static Field>,
    /// In the table's order: what is listed for people comes in it.
    members: Vec<(&'static str, Node)>,
    element: Option<Box<Node>>,
}

impl Node {
    fn grow(&mut self, segment: &'static str) -> &mut Node {
        if segment == "*" {
            return self.element.get_or_insert_default();
        }
        let at = match self.members.iter().position(|(name, _)| *name == segment) {
            Some(at) => at,
            None => {
                self.members.push((segment, Node::default()));
                self.members.len() - 1
            }
        };
        &mut self.members[at].1
    }

    /// `*` in the table stands for a list index only, so a member called like a wildcard is not mistaken.
    fn child(&self, segment: &str) -> Option<&Node> {
        if let Some((_, child)) = self.members.iter().find(|(name, _)| *name == segment) {
            return Some(child);
        }
        let index = segment == "-" || (!segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit()));
        self.element.as_deref().filter(|_| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(pointer: &str) -> Vec<String> {
        pointer.split('/').skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn every_pattern_is_listed_once_and_has_its_parent() {
        for (index, field) in FIELDS.iter().enumerate() {
            assert!(
                FIELDS[..index].iter().all(|other| other.pattern != field.pattern),
                "{} is listed twice",
                field.pattern
            );
            let mut parent: Vec<&str> = field.segments().map(|s| if s == "*" { "0" } else { s }).collect();
            parent.pop();
            if parent.last() == Some(&"0") {
                parent.pop();
            }
            assert!(parent.is_empty() || find(&parent).is_some(), "{} has no parent row", field.pattern);
        }
    }

    #[test]
    fn renamed_fields_lead_to_a_row() {
        for field in FIELDS {
            if let Some(new) = field.renamed_to {
                assert!(find(&path(new)).is_some(), "{} leads to {new}, which is no row", field.pattern);
            }
        }
    }

    #[test]
    fn a_path_inside_a_free_part_is_no_unknown_key() {
        assert!(matches!(lookup(&path("/layers/llm/extra_body/top_k")), Lookup::Inside(_)));
        assert!(matches!(lookup(&path("/layers/llm/tools/0/function/parameters/x/y")), Lookup::Inside(_)));
        assert!(matches!(lookup(&path("/layers/llm/parallel_tool_calls")), Lookup::Unknown));
        assert!(matches!(lookup(&path("/nonsense")), Lookup::Unknown));
    }

    #[test]
    fn secrets_are_known_by_path_and_in_free_parts_by_name() {
        assert_eq!(secrecy(&path("/layers/llm/api_key")), Secrecy::Whole);
        assert_eq!(secrecy(&path("/layers/llm/headers/X-Team")), Secrecy::Whole);
        assert_eq!(secrecy(&path("/layers/llm/extra_body/top_k")), Secrecy::ByName);
        assert_eq!(secrecy(&path("/system_prompt")), Secrecy::Open);
        assert_eq!(secrecy(&path("/layers/brand_new/webhook/token")), Secrecy::ByName);
    }
}
