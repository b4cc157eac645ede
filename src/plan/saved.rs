//! A saved plan: what was reviewed, so that exactly this is applied, and only once.
//!
//! It holds digests and the masked plan, never a secret: the files are read again when it is applied, and each
//! persona goes ahead only if its file and its live side still are what they were.

use super::{Action, PersonaPlan, Plan, Refusal, digest_of};
use crate::compare::canonical;
use crate::persona::Desired;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The version of the layout. A plan of another version is refused.
pub const SAVED_VERSION: u64 = 1;

/// The word that tells a saved plan from other JSON.
const KIND: &str = "personactl-plan";

/// A plan as a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    kind: String,
    format_version: u64,
    /// Digest of all below, the plan's name: under it the plan is remembered as applied.
    pub id: String,
    /// The environment that it was made for.
    pub environment: Option<String>,
    /// The API that it was made against.
    pub endpoint: String,
    /// The commit of the base.
    pub base: Option<String>,
    /// The options that decide what is sent.
    pub options: SavedOptions,
    /// What is to be done to each persona.
    pub personas: Vec<SavedPersona>,
    /// The plan as it was shown, secrets masked.
    pub shown: Value,
}

/// The options that decide what is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedOptions {
    /// SEL
    pub selection: Vec<String>,
    /// `--create`
    pub create: bool,
    /// `--prune`
    pub prune: bool,
    /// `--guard`
    pub guard: bool,
    /// `--skip-opaque`
    pub skip_opaque: bool,
}

/// What is to be done to one persona.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPersona {
    /// What messages call it.
    pub label: String,
    /// Its file.
    pub file: Option<String>,
    /// Its id, where it has one.
    pub persona_id: Option<String>,
    /// `create`, `update`, `in_sync`, `delete`, `refused` or `failed`.
    pub action: String,
    /// Whether there is a PATCH to send.
    pub sends: bool,
    /// The digest of live; for a creation none: no such name.
    pub live: Option<String>,
    /// The digest of the file.
    pub desired: Option<String>,
    /// Why it is left alone.
    pub reason: Option<SavedReason>,
}

/// Why a persona was left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedReason {
    /// Stable, kebab-case.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

/// Why a file is no plan that can be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// It is no saved plan.
    #[error("it is no saved plan: {0}")]
    Malformed(String),
    /// Another version of the program made it.
    #[error("its format is version {0}, and this program reads version {SAVED_VERSION}")]
    Version(u64),
    /// It was changed after it was written.
    #[error("its content does not fit its id: it was changed after it was written")]
    Tampered,
}

impl SavedPlan {
    /// Saves a plan. `live` gives the digest of each persona's live side, `desired` its file.
    #[must_use]
    pub fn of(
        plan: &Plan,
        shown: Value,
        options: SavedOptions,
        live: impl Fn(usize) -> Option<String>,
        desired: impl Fn(usize) -> Option<String>,
    ) -> Self {
        let kept =
            plan.personas.iter().enumerate().filter(|(_, persona)| persona.action != Action::Unmanaged);
        let personas = kept.map(|(index, persona)| saved(persona, live(index), desired(index))).collect();
        let mut saved = SavedPlan {
            kind: KIND.to_owned(),
            format_version: SAVED_VERSION,
            id: String::new(),
            environment: plan.environment.clone(),
            endpoint: plan.endpoint.clone(),
            base: plan.base.clone(),
            options,
            personas,
            shown,
        };
        saved.id = saved.digest();
        saved
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// If it is none, is of another version, or was changed.
    pub fn parse(text: &[u8]) -> Result<Self, SavedError> {
        let malformed = |error: serde_json::Error| SavedError::Malformed(error.to_string());
        let value: Value = serde_json::from_slice(text).map_err(malformed)?;
        if value["kind"] != KIND {
            return Err(SavedError::Malformed(format!("it has no `\"kind\": \"{KIND}\"`")));
        }
        match value["format_version"].as_u64() {
            Some(SAVED_VERSION) => {}
            Some(other) => return Err(SavedError::Version(other)),
            None => return Err(SavedError::Malformed("it has no format_version".to_owned())),
        }
        let saved: SavedPlan = serde_json::from_value(value).map_err(malformed)?;
        if saved.id == saved.digest() { Ok(saved) } else { Err(SavedError::Tampered) }
    }

    /// The file's text.
    ///
    /// # Errors
    /// If it cannot be written as JSON, which a plan always can.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Holds a fresh plan to this one: whatever is not what was saved is refused, the rest goes on.
    pub fn hold(
        &self,
        plan: &mut Plan,
        live: impl Fn(usize) -> Option<String>,
        desired: impl Fn(usize) -> Option<String>,
    ) {
        let same = |saved: &SavedPersona, persona: &PersonaPlan| match &saved.file {
            Some(file) => persona.file.as_deref() == Some(file),
            None => persona.file.is_none() && saved.persona_id == persona.id,
        };
        let mut seen = vec![false; self.personas.len()];
        for (index, persona) in plan.personas.iter_mut().enumerate() {
            if persona.action == Action::Unmanaged {
                continue;
            }
            let found = self.personas.iter().position(|saved| same(saved, persona));
            let reason = match found.map(|at| (at, &self.personas[at])) {
                None => Some(("not-in-plan", "it is not part of the saved plan".to_owned())),
                Some((at, saved)) => {
                    seen[at] = true;
                    deviation(saved, persona, live(index), desired(index))
                }
            };
            if let Some((code, message)) = reason {
                let hint = Some("make a new plan and review it".to_owned());
                persona.action = Action::Refused(Refusal { code, message, hint });
                persona.requests.clear();
            }
        }
        for saved in self.personas.iter().zip(seen).filter(|(_, seen)| !seen).map(|(saved, _)| saved) {
            let file = saved.file.as_deref().map(Into::into);
            let action = Action::Refused(Refusal {
                code: "not-there",
                message: format!("`{}` is part of the saved plan, and is there no more", saved.label),
                hint: Some("make a new plan and review it".to_owned()),
            });
            plan.personas.push(PersonaPlan::idle(
                Some(saved.label.clone()),
                saved.persona_id.clone(),
                file,
                action,
            ));
        }
    }

    fn digest(&self) -> String {
        let blank = SavedPlan { id: String::new(), ..self.clone() };
        // Letter for letter: what counts as no change in a persona is a change here.
        digest_of(&serde_json::to_string(&blank).unwrap_or_default())
    }
}

/// Why a persona is not to be written under a saved plan.
fn deviation(
    saved: &SavedPersona,
    persona: &PersonaPlan,
    live: Option<String>,
    desired: Option<String>,
) -> Option<(&'static str, String)> {
    if let Action::Refused(_) | Action::Failed(_) = persona.action {
        return None;
    }
    if saved.desired != desired {
        return Some(("file-moved", "its file changed since the plan was saved".to_owned()));
    }
    if saved.live != live || saved.action != persona.action.word() {
        let then = &saved.action;
        let now = persona.action.word();
        let change = if then == now { String::new() } else { format!(" (then {then}, now {now})") };
        return Some((
            "live-moved",
            format!("the live side changed since the plan was saved{change}: it is not written"),
        ));
    }
    None
}

fn saved(persona: &PersonaPlan, live: Option<String>, desired: Option<String>) -> SavedPersona {
    let reason = match &persona.action {
        Action::Refused(Refusal { code, message, .. }) | Action::Failed(Refusal { code, message, .. }) => {
            Some(SavedReason { code: (*code).to_owned(), message: message.clone() })
        }
        _ => None,
    };
    SavedPersona {
        label: persona.label().to_owned(),
        file: persona.file.as_deref().map(str::to_owned),
        persona_id: persona.id.clone(),
        action: persona.action.word().to_owned(),
        sends: !persona.requests.is_empty(),
        live,
        desired,
        reason,
    }
}

/// The digest of a file: all that it says, with variables by name and never by value.
#[must_use]
pub fn desired_digest(desired: &Desired) -> String {
    let mut document = desired.document.reveal().clone();
    for (path, name) in &desired.env {
        if let Ok(slot) = path.resolve_mut(&mut document) {
            *slot = json!({ "!env": name });
        }
    }
    let removed: Vec<&str> = desired.removed.iter().map(|path| path.as_str()).collect();
    digest_of(&canonical(&json!({
        "id": desired.id, "name": desired.name, "document": document, "removed": removed,
        "ignore": desired.reconcile.ignore.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "opaque": desired.reconcile.opaque.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "remove": desired.reconcile.unlisted == crate::persona::Unlisted::Remove,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::Document;

    fn plan() -> SavedPlan {
        let mut plan = Plan { endpoint: "sandbox".into(), ..Plan::default() };
        plan.personas.push(PersonaPlan::idle(Some("A".into()), None, Some("a.yaml".into()), Action::Create));
        SavedPlan::of(&plan, json!({}), SavedOptions::default(), |_| None, |_| Some("d".into()))
    }

    #[test]
    fn a_saved_plan_comes_back_and_a_changed_one_does_not() {
        let text = plan().to_text().unwrap();
        assert_eq!(SavedPlan::parse(text.as_bytes()), Ok(plan()));
        let changed = text.replace("\"action\": \"create\"", "\"action\": \"update\"");
        assert_eq!(SavedPlan::parse(changed.as_bytes()), Err(SavedError::Tampered));
        let newer = text.replace("\"format_version\": 1", "\"format_version\": 2");
        assert_eq!(SavedPlan::parse(newer.as_bytes()), Err(SavedError::Version(2)));
        assert!(matches!(SavedPlan::parse(b"{}"), Err(SavedError::Malformed(_))));
    }

    #[test]
    fn p35_the_digest_of_a_file_knows_variables_by_name_only() {
        let path = jsonptr::PointerBuf::parse("/layers/llm/api_key").unwrap();
        let file = |value: &str, name: &str| Desired {
            document: Document::new(json!({"layers": {"llm": {"api_key": value}}})),
            env: [(path.clone(), name.to_owned())].into(),
            ..Desired::default()
        };
        assert_eq!(desired_digest(&file("one", "LLM_KEY")), desired_digest(&file("two", "LLM_KEY")));
        assert_ne!(desired_digest(&file("one", "LLM_KEY")), desired_digest(&file("one", "LLM_OTHER")));
    }
}
