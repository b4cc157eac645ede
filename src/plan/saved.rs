//! A plan in a file: what was decided, and what it rests on, so that `apply --plan` does that and nothing else.
//!
//! It holds digests and masked values, never a secret: those are resolved again from files and environment. On
//! loading, everything is planned anew; a persona is written only if that comes to the same as was saved.

use super::{Action, PersonaPlan, Plan, Refusal, digest_of};
use crate::compare::canonical;
use crate::persona::Desired;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the layout; another one is refused.
const FORMAT_VERSION: u64 = 1;

/// What tells this file from `plan --format json`.
const KIND: &str = "personactl-plan";

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    format_version: u64,
    kind: String,
    /// The environment that the files were resolved for.
    pub environment: Option<String>,
    /// Where the live side was read.
    pub endpoint: String,
    /// Set before the first write: a plan is applied once.
    pub applied: bool,
    /// What was said on the command line.
    pub options: SavedOptions,
    /// What each persona's plan rests on.
    pub personas: Vec<Row>,
    /// The plan as `plan --format json` shows it, for people and programs.
    pub plan: Value,
}

/// The part of the command line that makes a plan what it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SavedOptions {
    /// SEL.
    pub selection: Vec<String>,
    /// `--create`.
    pub create: bool,
    /// `--guard`.
    pub guard: bool,
    /// `--skip-opaque`.
    pub skip_opaque: bool,
    /// `--base`.
    pub base: Option<String>,
    /// `--prune`.
    pub prune: bool,
}

/// One persona of a saved plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What messages call it.
    pub label: String,
    /// Its file.
    pub file: Option<String>,
    /// Its id, where it existed.
    pub persona_id: Option<String>,
    /// The plan's word.
    pub action: String,
    /// Digest of the live document.
    pub live: Option<String>,
    /// Digest of what the file said.
    pub desired: Option<String>,
    /// The operations, secrets masked.
    pub patch: Value,
}

/// Why a file is no plan that can be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedPlanError {
    /// Not JSON, or not of this layout.
    #[error("it is no saved plan: {0}")]
    Malformed(String),
    /// Another version.
    #[error("its format_version is {0}, and this program reads {FORMAT_VERSION}")]
    Version(u64),
    /// It was applied before.
    #[error("it was applied already, and a plan applies once")]
    Applied,
    /// Made for another environment or endpoint.
    #[error("it was made for {what} `{planned}`, and this run is for `{now}`")]
    Elsewhere {
        /// The environment or the endpoint.
        what: &'static str,
        /// Of the plan.
        planned: String,
        /// Of this run.
        now: String,
    },
}

impl SavedPlanError {
    /// Stable, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SavedPlanError::Malformed(_) => "plan-malformed",
            SavedPlanError::Version(_) => "plan-version",
            SavedPlanError::Applied => "plan-applied",
            SavedPlanError::Elsewhere { .. } => "plan-elsewhere",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            SavedPlanError::Malformed(_) | SavedPlanError::Version(_) | SavedPlanError::Applied => {
                "make a new one: personactl plan --out PLAN.json"
            }
            SavedPlanError::Elsewhere { .. } => "give the same --env and --endpoint to plan and apply",
        }
    }
}

/// What a persona's plan rests on now.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// Digest of the live document.
    pub live: Option<String>,
    /// Digest of what the file says.
    pub desired: Option<String>,
    /// The operations, secrets masked.
    pub patch: Value,
}

impl SavedPlan {
    /// Saves a plan. `shown` is the plan as `plan --format json` shows it, `grounds` are in the order of its personas.
    #[must_use]
    pub fn new(plan: &Plan, options: SavedOptions, grounds: Vec<Ground>, shown: Value) -> Self {
        let row = |(persona, ground): (&PersonaPlan, Ground)| Row {
            label: persona.label().to_owned(),
            file: persona.file.as_deref().map(str::to_owned),
            persona_id: persona.id.clone(),
            action: persona.action.word().to_owned(),
            live: ground.live,
            desired: ground.desired,
            patch: ground.patch,
        };
        SavedPlan {
            format_version: FORMAT_VERSION,
            kind: KIND.to_owned(),
            environment: plan.environment.clone(),
            endpoint: plan.endpoint.clone(),
            applied: false,
            options,
            personas: plan.personas.iter().zip(grounds).map(row).collect(),
            plan: shown,
        }
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// If it is none, of another version, or applied already.
    pub fn read(text: &[u8]) -> Result<Self, SavedPlanError> {
        let malformed = |error: String| SavedPlanError::Malformed(error);
        let value = crate::json::read_strict(text).map_err(|error| malformed(error.to_string()))?;
        if value["kind"] != KIND {
            return Err(malformed("it has no `kind` that says so; `plan --out` makes one".to_owned()));
        }
        match value["format_version"].as_u64() {
            Some(FORMAT_VERSION) => {}
            Some(other) => return Err(SavedPlanError::Version(other)),
            None => return Err(malformed("it has no `format_version`".to_owned())),
        }
        let saved: SavedPlan = serde_json::from_value(value).map_err(|error| malformed(error.to_string()))?;
        if saved.applied { Err(SavedPlanError::Applied) } else { Ok(saved) }
    }

    /// As it goes into the file.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        // A derived serialisation into memory has nothing that could fail.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Whether it was made for this environment and endpoint.
    ///
    /// # Errors
    /// If not.
    pub fn is_for(&self, environment: Option<&str>, endpoint: &str) -> Result<(), SavedPlanError> {
        let elsewhere = |what, planned: &str, now: &str| SavedPlanError::Elsewhere {
            what,
            planned: planned.to_owned(),
            now: now.to_owned(),
        };
        if self.environment.as_deref() != environment {
            let name = |environment: Option<&str>| environment.unwrap_or("(none)").to_owned();
            return Err(elsewhere("environment", &name(self.environment.as_deref()), &name(environment)));
        }
        if self.endpoint != endpoint {
            return Err(elsewhere("endpoint", &self.endpoint, endpoint));
        }
        Ok(())
    }

    /// The row of a persona: by its file, else by its id.
    #[must_use]
    pub fn row(&self, persona: &PersonaPlan) -> Option<&Row> {
        self.personas.iter().find(|row| match (&row.file, &persona.file) {
            (Some(saved), Some(now)) => **saved == **now,
            (None, None) => row.persona_id == persona.id,
            _ => false,
        })
    }
}

impl Row {
    /// Why a persona, planned anew, must not be written on the word of this row; none if it is as it was.
    #[must_use]
    pub fn differs(&self, persona: &PersonaPlan, ground: &Ground) -> Option<Refusal> {
        let refusal = |code, message: String| {
            let hint = Some("nothing was written to it; make a new plan and look at it".to_owned());
            Some(Refusal { code, message, hint })
        };
        if matches!(persona.action, Action::Failed(_) | Action::Refused(_)) {
            return None;
        }
        if self.desired != ground.desired {
            return refusal(
                "files-moved",
                "its file says something else than when it was planned".to_owned(),
            );
        }
        if self.live != ground.live || self.persona_id != persona.id {
            let what = match (&self.persona_id, &persona.id) {
                (None, Some(id)) => format!("it was to be created, and {id} exists by now"),
                (Some(id), None) => format!("{id} is gone since it was planned"),
                _ => "someone changed the live persona since it was planned".to_owned(),
            };
            return refusal("live-moved", what);
        }
        if self.action != persona.action.word() || self.patch != ground.patch {
            let what = format!("planned again, it comes to something else ({} before)", self.action);
            return refusal("plan-differs", what);
        }
        None
    }
}

/// SHA-256, in hex, of what a file says, secrets masked; and of its rules.
#[must_use]
pub fn digest_desired(desired: &Desired) -> String {
    let rules = &desired.reconcile;
    let said = serde_json::json!({
        "id": desired.id,
        "document": desired.document.masked(&desired.secrets()),
        "env": desired.env.iter().map(|(path, name)| format!("{path} {name}")).collect::<Vec<_>>(),
        "ignore": rules.ignore.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "opaque": rules.opaque.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "protect": rules.protect,
        "remove": rules.unlisted == crate::persona::Unlisted::Remove,
    });
    digest_of(&canonical(&said))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> SavedPlan {
        let mut plan = Plan { endpoint: "https://tavusapi.com".to_owned(), ..Plan::default() };
        let file = Some("personas/a.yaml".into());
        plan.personas.push(PersonaPlan::idle(Some("Ada".into()), Some("p1".into()), file, Action::Update));
        SavedPlan::new(&plan, SavedOptions::default(), vec![ground("l", "d")], Value::Null)
    }

    fn ground(live: &str, desired: &str) -> Ground {
        Ground { live: Some(live.into()), desired: Some(desired.into()), patch: serde_json::json!([]) }
    }

    fn persona(action: Action) -> PersonaPlan {
        PersonaPlan::idle(Some("Ada".into()), Some("p1".into()), Some("personas/a.yaml".into()), action)
    }

    #[test]
    fn a_plan_comes_back_from_its_file_once() {
        let mut plan = saved();
        assert_eq!(SavedPlan::read(&plan.text()).unwrap(), plan);
        plan.applied = true;
        assert_eq!(SavedPlan::read(&plan.text()).unwrap_err().code(), "plan-applied");
        plan.applied = false;
        plan.format_version = 2;
        assert_eq!(SavedPlan::read(&plan.text()).unwrap_err(), SavedPlanError::Version(2));
        for text in
            ["", "[]", "{\"format_version\": 1}", "{\"kind\": \"personactl-plan\", \"format_version\": 1}"]
        {
            assert_eq!(SavedPlan::read(text.as_bytes()).unwrap_err().code(), "plan-malformed", "{text}");
        }
    }

    #[test]
    fn a_plan_is_for_one_environment_and_endpoint() {
        let plan = saved();
        assert_eq!(plan.is_for(None, "https://tavusapi.com"), Ok(()));
        assert_eq!(plan.is_for(Some("prod"), "https://tavusapi.com").unwrap_err().code(), "plan-elsewhere");
        assert!(plan.is_for(None, "http://127.0.0.1:1").unwrap_err().to_string().contains("127.0.0.1"));
    }

    #[test]
    fn a_persona_is_written_only_if_it_is_as_it_was() {
        let plan = saved();
        let row = plan.row(&persona(Action::Update)).unwrap();
        let code =
            |persona: &PersonaPlan, ground: &Ground| row.differs(persona, ground).map(|refusal| refusal.code);
        assert_eq!(code(&persona(Action::Update), &ground("l", "d")), None);
        assert_eq!(code(&persona(Action::Update), &ground("other", "d")), Some("live-moved"));
        assert_eq!(code(&persona(Action::Update), &ground("l", "other")), Some("files-moved"));
        assert_eq!(code(&persona(Action::InSync), &ground("l", "d")), Some("plan-differs"));
        let patched = Ground { patch: serde_json::json!([1]), ..ground("l", "d") };
        assert_eq!(code(&persona(Action::Update), &patched), Some("plan-differs"));
        let other = PersonaPlan::idle(None, None, Some("personas/b.yaml".into()), Action::Create);
        assert!(plan.row(&other).is_none());
    }
}
