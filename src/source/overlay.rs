//! Overlays: `interviewer.prod.yaml` over `interviewer.yaml`, merged by RFC 7396.
//!
//! null deletes, lists replace, objects merge; each value keeps the place it came from. Also owns the rule by which
//! a file's name makes it an overlay.

use super::node::{Content, Member, Node};
use std::collections::BTreeMap;

/// File name endings of persona files.
pub const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// What a persona file's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'p> {
    /// The path without its ending.
    pub stem: &'p str,
    /// The path without its ending and without the word before it, with that word: `a`, `prod` of `a.prod.yaml`.
    pub over: Option<(&'p str, &'p str)>,
}

/// Takes a path apart.
#[must_use]
pub fn name(path: &str) -> Name<'_> {
    let stem = match path.rsplit_once('.') {
        Some((stem, ending)) if EXTENSIONS.contains(&ending) => stem,
        _ => path,
    };
    let over = stem.rsplit_once('.').filter(|(base, word)| {
        !word.is_empty() && !word.contains('/') && !base.is_empty() && !base.ends_with('/')
    });
    Name { stem, over }
}

/// Persona files sorted by what they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sorted<'p> {
    /// Each base file with its overlays, by environment.
    pub bases: BTreeMap<&'p str, BTreeMap<&'p str, &'p str>>,
    /// Overlays that cannot be used, with why.
    pub faults: Vec<(&'p str, OverlayFault)>,
}

/// Why a file is no usable overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverlayFault {
    /// The word in its name is no environment, though a base file stands beside it.
    NoEnvironment {
        /// The base file.
        base: String,
        /// The word.
        word: String,
    },
    /// It names an environment, and no base file stands beside it.
    NoBase {
        /// The path of the missing base, without ending.
        stem: String,
        /// The environment.
        word: String,
    },
    /// A second overlay of the same environment, or a second base file of the same stem.
    Second {
        /// The other one.
        first: String,
    },
}

/// Tells base files and overlays apart.
#[must_use]
pub fn sort<'p>(paths: &'p [String], is_environment: impl Fn(&str) -> bool) -> Sorted<'p> {
    let mut sorted = Sorted::default();
    let mut stems: BTreeMap<&str, &str> = BTreeMap::new();
    for path in paths {
        stems.entry(name(path).stem).or_insert(path);
    }
    let mut overlays: Vec<(&str, &str, &str, &'p str)> = Vec::new();
    for path in paths {
        match name(path).over {
            Some((base, word)) => match stems.get(base) {
                Some(base_path) => overlays.push((base, word, base_path, path)),
                None if is_environment(word) => sorted
                    .faults
                    .push((path, OverlayFault::NoBase { stem: base.to_owned(), word: word.to_owned() })),
                None => {
                    sorted.bases.entry(path).or_default();
                }
            },
            None => {
                sorted.bases.entry(path).or_default();
            }
        }
    }
    for (stem, word, base, path) in overlays {
        if !is_environment(word) {
            let fault = OverlayFault::NoEnvironment { base: base.to_owned(), word: word.to_owned() };
            sorted.faults.push((path, fault));
            continue;
        }
        // An overlay of two base files (`a.yaml` and `a.yml`) would be a guess.
        let twins = paths.iter().filter(|other| name(other).stem == stem).count();
        let Some(known) = sorted.bases.get_mut(base) else { continue };
        match known.get(word) {
            Some(first) => {
                sorted.faults.push((path, OverlayFault::Second { first: (*first).to_owned() }));
            }
            None if twins > 1 => {
                let other = paths.iter().find(|other| name(other).stem == stem && other.as_str() != base);
                let first = other.cloned().unwrap_or_default();
                sorted.faults.push((path, OverlayFault::Second { first }));
            }
            None => {
                known.insert(word, path);
            }
        }
    }
    sorted
}

/// `overlay` over `base`, by RFC 7396.
#[must_use]
pub fn merge(base: Node, overlay: Node) -> Node {
    match (base.content, overlay.content) {
        (Content::Map(base_members), Content::Map(overlay_members))
            if base.tag.is_none() && overlay.tag.is_none() =>
        {
            Node { content: Content::Map(merge_members(base_members, overlay_members)), ..base }
        }
        (_, Content::Map(members)) if overlay.tag.is_none() => {
            Node { content: Content::Map(merge_members(Vec::new(), members)), ..overlay }
        }
        (_, content) => Node { content, ..overlay },
    }
}

fn merge_members(mut members: Vec<Member>, overlay: Vec<Member>) -> Vec<Member> {
    for over in overlay {
        let known = members.iter().position(|member| member.key == over.key);
        let deletes = over.value.content == Content::Null && over.value.tag.is_none();
        match known {
            Some(at) if deletes => {
                members.remove(at);
            }
            Some(at) => {
                let empty = Node::null(over.value.at.clone());
                let base = std::mem::replace(&mut members[at].value, empty);
                // The key's place follows the value's, so that messages about either name one file.
                members[at].key_at = over.key_at;
                members[at].value = merge(base, over.value);
            }
            None if deletes => {}
            None => {
                let nothing = Node::null(over.value.at.clone());
                members.push(Member { value: merge(nothing, over.value), ..over });
            }
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::compose::compose;
    use crate::source::text::SourceText;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn node(file: &str, value: &Value) -> Node {
        compose(&SourceText { file: file.into(), text: value.to_string().into() }).root.unwrap()
    }

    #[test]
    fn an_overlay_merges_objects_deletes_by_null_and_keeps_places() {
        let base = json!({"a": {"b": 1, "c": 2}, "l": [1, 2], "d": "x"});
        let over = json!({"a": {"b": 9, "new": {"n": null, "k": 1}}, "l": [3], "d": null, "gone": null});
        let merged = merge(node("a.json", &base), node("a.prod.json", &over));
        assert_eq!(merged.to_json(), json!({"a": {"b": 9, "c": 2, "new": {"k": 1}}, "l": [3]}));
        let a = &merged.get("a").unwrap().value;
        assert_eq!(&*a.get("b").unwrap().value.at.file, "a.prod.json");
        assert_eq!(&*a.get("c").unwrap().value.at.file, "a.json");
    }

    #[test]
    fn a_name_tells_an_overlay_only_beside_its_base() {
        let paths: Vec<String> = [
            "p/a.prod.yaml",
            "p/a.yaml",
            "p/a.old.yaml",
            "p/v1.2.yaml",
            "p/b.prod.yml",
            "p/c.json",
            "p/c.prod.json",
            "p/c.prod.yaml",
            "p/d.yaml",
            "p/d.yml",
            "p/d.prod.yaml",
        ]
        .map(str::to_owned)
        .to_vec();
        let sorted = sort(&paths, |word| word == "prod");
        let bases: Vec<&str> = sorted.bases.keys().copied().collect();
        assert_eq!(bases, ["p/a.yaml", "p/c.json", "p/d.yaml", "p/d.yml", "p/v1.2.yaml"]);
        assert_eq!(sorted.bases["p/a.yaml"]["prod"], "p/a.prod.yaml");
        assert_eq!(sorted.bases["p/c.json"]["prod"], "p/c.prod.json");
        let faults: Vec<String> =
            sorted.faults.iter().map(|(path, fault)| format!("{path} {fault:?}")).collect();
        assert_eq!(
            faults,
            [
                "p/b.prod.yml NoBase { stem: \"p/b\", word: \"prod\" }",
                "p/a.old.yaml NoEnvironment { base: \"p/a.yaml\", word: \"old\" }",
                "p/c.prod.yaml Second { first: \"p/c.prod.json\" }",
                "p/d.prod.yaml Second { first: \"p/d.yml\" }",
            ]
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), (0..3_i64).prop_map(Into::into), "[ab]".prop_map(Into::into)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
                prop::collection::vec(("[abc]", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn merging_is_rfc_7396(base in any_json(), over in any_json()) {
            let mut expected = base.clone();
            json_patch::merge(&mut expected, &over);
            let merged = merge(node("a.json", &base), node("b.json", &over));
            prop_assert_eq!(merged.to_json(), expected);
        }
    }
}
