//! `!ref NAME` to ids, once the account's listings are known.

use crate::diagnostic::{Diagnostic, suggest};
use crate::persona::Desired;
use crate::persona::name;
use crate::persona::schema::Sibling;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// For each kind of sibling the ids and names of those that exist.
pub type Listings = BTreeMap<Sibling, Vec<(String, String)>>;

/// The kinds of siblings that the personas refer to.
pub fn kinds<'d>(personas: impl IntoIterator<Item = &'d Desired>) -> BTreeSet<Sibling> {
    personas
        .into_iter()
        .flat_map(|persona| persona.references.values().map(|reference| reference.sibling))
        .collect()
}

/// Puts the ids in. What is not there, or not alone, is an error at the place of the `!ref`.
pub fn resolve(persona: &mut Desired, listings: &Listings) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (pointer, reference) in &persona.references {
        let at = persona.locations.nearest(pointer).cloned();
        let listed = listings.get(&reference.sibling).map(Vec::as_slice).unwrap_or_default();
        let same = |name: &str| name::same(name, &reference.name);
        let ids: BTreeSet<&str> =
            listed.iter().filter(|(_, name)| same(name)).map(|(id, _)| id.as_str()).collect();
        let (kind, name) = (reference.sibling.plural(), &reference.name);
        let mut ids = ids.into_iter();
        match (ids.next(), ids.next()) {
            (Some(id), None) => {
                if let Some(value) = persona.document.reveal_mut().pointer_mut(pointer.as_str()) {
                    *value = Value::String(id.to_owned());
                }
            }
            (Some(first), Some(second)) => {
                let rest: Vec<&str> = ids.collect();
                let all = [&[first, second][..], &rest].concat().join(", ");
                let message = format!("`{name}` is the name of several {kind}: {all}");
                found.push(Diagnostic::error("ambiguous-ref", message, at).hint("write the id itself"));
            }
            (None, _) => {
                let finding = Diagnostic::error(
                    "unknown-ref",
                    format!("the account has no {kind} called `{name}`"),
                    at,
                );
                let names = listed.iter().map(|(_, name)| name.as_str());
                found.push(match suggest::nearest(name, names.clone()) {
                    Some(near) => finding.hint(format!("did you mean `{near}`?")),
                    None => {
                        let known: BTreeSet<&str> = names.collect();
                        let known: Vec<&str> = known.into_iter().take(20).collect();
                        finding.hint(if known.is_empty() {
                            format!("it has no {kind} at all")
                        } else {
                            format!("it has: {}", known.join(", "))
                        })
                    }
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{LoadRequest, Memory, load};
    use serde_json::json;

    #[test]
    fn names_become_ids_and_missing_or_ambiguous_ones_are_located() {
        let text = "persona_name: A\nsystem_prompt: x\nobjectives_id: !ref Intake\ndocument_ids:\n  - !ref Café\n  - d2\n\
                    guardrail_ids: [!ref no_advise]\ndefault_replica_id: !ref Noor\ntool_ids: [!ref Nothing]\n";
        let files = Memory::default().with("personas/a.yaml", text);
        let none = |_: &str| None;
        let loaded = load(&files, &none, &LoadRequest { validate: true, ..LoadRequest::default() });
        assert_eq!(loaded.diagnostics, []);
        let mut persona = loaded.desired[0].clone();
        let pair = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let listings = Listings::from([
            (Sibling::Objectives, vec![pair("o1", "Intake"), pair("o1", "Intake"), pair("o2", "Other")]),
            (Sibling::Documents, vec![pair("d1", "Cafe\u{301}")]),
            (Sibling::Guardrails, vec![pair("g1", "no_advice")]),
            (Sibling::Replicas, vec![pair("r1", "Noor"), pair("r2", "Noor")]),
        ]);
        assert_eq!(kinds([&persona]).len(), 5);
        let found = resolve(&mut persona, &listings);
        let document = persona.document.reveal();
        assert_eq!(document["objectives_id"], "o1");
        assert_eq!(document["document_ids"], json!(["d1", "d2"]));
        let said: Vec<String> = found
            .iter()
            .map(|f| {
                format!("{} {} {}", f.code, f.location.as_ref().unwrap().line, f.hint.as_deref().unwrap())
            })
            .collect();
        assert_eq!(
            said,
            [
                "ambiguous-ref 8 write the id itself",
                "unknown-ref 7 did you mean `no_advice`?",
                "unknown-ref 9 it has no tools at all",
            ]
        );
        assert!(found[0].message.contains("r1, r2"));
    }
}
