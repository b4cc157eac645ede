//! Bytes as a saved plan.

use crate::chance::Chance;
use personactl::plan::{Action, PersonaPlan, Plan, SavedError, SavedPlan, digest_of};
use personactl::report::escape::inline;
use serde_json::{Value, json};

/// As it is; and signed anew, which gets past the digest.
pub(crate) fn saved(data: &[u8]) {
    let chance = &mut Chance::of(data);
    match SavedPlan::parse(data) {
        Ok(plan) => parsed(&plan, data, chance),
        Err(error) => refused(&error),
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(data) else { return };
    if !value.is_object() {
        return;
    }
    value["kind"] = "personactl-plan".into();
    value["format_version"] = 1.into();
    value["id"] = "".into();
    let Ok(blank) = serde_json::from_value::<SavedPlan>(value.clone()) else { return };
    value["id"] = digest_of(&serde_json::to_string(&blank).unwrap_or_default()).into();
    let text = value.to_string();
    match SavedPlan::parse(text.as_bytes()) {
        Ok(plan) => parsed(&plan, text.as_bytes(), chance),
        Err(error) => refused(&error),
    }
}

fn refused(error: &SavedError) {
    let text = error.to_string();
    assert!(!text.is_empty() && inline(&text).len() < 16 * 1024, "an error of {} bytes", text.len());
}

fn parsed(plan: &SavedPlan, data: &[u8], chance: &mut Chance) {
    // Printed, it is read as the same, again and again.
    let text = plan.to_text().unwrap_or_default();
    let again = SavedPlan::parse(text.as_bytes());
    assert!(again.as_ref() == Ok(plan), "another plan after printing: {again:?}");
    assert!(again.ok().and_then(|again| again.to_text().ok()) == Some(text.clone()), "another text");
    // One byte changed: refused, or says the same.
    for bytes in [data, text.as_bytes()] {
        for _ in 0..4 {
            let mut changed = bytes.to_vec();
            let at = chance.below(changed.len());
            changed[at] = changed[at].wrapping_add(1 + chance.below(255) as u8);
            harmless(plan, &changed);
        }
    }
    // One value changed.
    if let Ok(mut value) = serde_json::to_value(plan) {
        let count = count(&value);
        let mut at = chance.below(count);
        replace(&mut value, &mut at, chance);
        harmless(plan, value.to_string().as_bytes());
    }
    hold(plan);
}

fn harmless(plan: &SavedPlan, changed: &[u8]) {
    let Ok(other) = SavedPlan::parse(changed) else { return };
    assert!(*plan == other, "a changed plan is accepted:\n{plan:?}\n{other:?}");
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(elements) => elements.iter().map(count).sum(),
        _ => 1,
    }
}

fn replace(value: &mut Value, at: &mut usize, chance: &mut Chance) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, at, chance)),
        Value::Array(elements) => elements.iter_mut().for_each(|element| replace(element, at, chance)),
        scalar => {
            if *at == 0 {
                *scalar = match (&*scalar, chance.below(3)) {
                    (Value::String(text), 0) => format!("{text}\n").into(),
                    (Value::Bool(flag), _) => (!flag).into(),
                    (_, 1) => Value::Null,
                    _ => json!("other"),
                };
            }
            *at = at.wrapping_sub(1);
        }
    }
}

/// Held to a plan, what has not moved goes on and what has moved does not.
fn hold(saved: &SavedPlan) {
    let fresh = || {
        let mut plan = Plan::default();
        for persona in &saved.personas {
            let action = match persona.action.as_str() {
                "create" => Action::Create,
                "update" => Action::Update,
                "delete" => Action::Delete,
                _ => Action::InSync,
            };
            let file = persona.file.as_deref().map(Into::into);
            plan.personas.push(PersonaPlan::idle(
                Some(persona.label.clone()),
                persona.persona_id.clone(),
                file,
                action,
            ));
        }
        plan
    };
    let refused = |plan: &Plan| {
        plan.personas.iter().map(|persona| matches!(persona.action, Action::Refused(_))).collect::<Vec<_>>()
    };
    let unique = |index: usize| {
        let persona = &saved.personas[index];
        let twin = |other: &&_| {
            let other: &personactl::plan::SavedPersona = other;
            other.file == persona.file && (persona.file.is_some() || other.persona_id == persona.persona_id)
        };
        saved.personas.iter().filter(twin).count() == 1
    };
    let known = ["create", "update", "delete", "in_sync"];
    let mut plan = fresh();
    let live = |index: usize| saved.personas.get(index)?.live.clone();
    let desired = |index: usize| saved.personas.get(index)?.desired.clone();
    saved.hold(&mut plan, live, desired);
    for (index, refused) in refused(&plan).into_iter().enumerate().take(saved.personas.len()) {
        let persona = &saved.personas[index];
        if unique(index) {
            assert!(refused != known.contains(&persona.action.as_str()), "what has not moved is refused");
        }
    }
    let mut plan = fresh();
    saved.hold(&mut plan, |_| Some("moved".to_owned()), desired);
    for (index, refused) in refused(&plan).into_iter().enumerate().take(saved.personas.len()) {
        let persona = &saved.personas[index];
        if unique(index) && persona.live.as_deref() != Some("moved") {
            assert!(refused, "what has moved is not refused");
        }
    }
    let mut nothing = Plan::default();
    saved.hold(&mut nothing, live, desired);
    assert!(
        nothing.personas.len() == saved.personas.len() && refused(&nothing).iter().all(|refused| *refused)
    );
}
