//! From a comparison to what is sent: target and changes -> verified patches.

use super::three_way;
use super::{Action, Findings, PersonaPlan, Planned, Purpose, Refusal, Request};
use crate::compare::{self, Change, Comparison};
use crate::json;
use crate::patch::{self, Protected};
use crate::persona::schema::{self, FIELDS};
use crate::persona::secret::segments;
use crate::persona::{Desired, Document, Live};
use jsonptr::{Pointer, PointerBuf};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How patches are built and what goes with them.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which operations a patch may use, and how lists are written.
    pub patch: patch::Options,
    /// When values that cannot be compared are sent.
    pub send_opaque: SendOpaque,
    /// The server could not apply the usual patch, so its record holds less than it shows: use operations that fit
    /// whether or not a member, or the object around it, is there.
    pub cautious: bool,
}

/// When values that cannot be compared are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SendOpaque {
    /// With the persona's PATCH, or in one of its own.
    #[default]
    Always,
    /// Only with a PATCH that is sent anyway.
    WithChanges,
    /// Never, unless the same PATCH needs them.
    Never,
}

/// Plans a file whose persona does not exist yet.
#[must_use]
pub fn plan_creation(desired: &Desired) -> PersonaPlan {
    let comparison = compare::creation(desired);
    let mut plan = PersonaPlan::of(desired, Action::Create);
    plan.creation = Some(comparison.target.clone());
    plan.findings = findings(desired, comparison);
    plan
}

/// Plans a file against the live persona that it means. With a base, every change gets its origin.
#[must_use]
pub fn plan_update(desired: &Desired, base: Option<&Desired>, live: &Live, options: &Options) -> PersonaPlan {
    let mut comparison = compare::compare(desired, live);
    if let Some(base) = base {
        three_way::tell(&mut comparison, desired, base, live);
    }
    let action = if comparison.changes.is_empty() { Action::InSync } else { Action::Update };
    let mut plan = PersonaPlan::of(desired, action);
    plan.id = Some(live.id.clone());
    plan.name = plan.name.or_else(|| live.name.clone());
    plan.updated_at = live.document.reveal()["updated_at"].as_str().map(str::to_owned);
    match requests(live.document.reveal(), &comparison, options) {
        Ok(requests) => plan.requests = requests,
        Err(error) => {
            plan.action = Action::Failed(Refusal {
                code: "patch-not-verified",
                message: format!("the patch for this persona could not be built: {error}"),
                hint: Some("nothing was sent; please report this with the persona's file".to_owned()),
            });
        }
    }
    plan.findings = findings(desired, comparison);
    plan
}

fn findings(desired: &Desired, comparison: Comparison) -> Findings {
    let locate = |change: Change| {
        let location = desired.locations.nearest(&change.path).cloned();
        Planned { change, location }
    };
    Findings {
        changes: comparison.changes.into_iter().map(locate).collect(),
        opaque: comparison.opaque,
        unlisted: comparison.unlisted,
        notes: comparison.notes,
    }
}

/// Why there is no patch: a bug, or a target that can't be reached without writing over something protected.
#[derive(Debug, thiserror::Error)]
enum BuildError {
    #[error(transparent)]
    Diff(#[from] patch::DiffError),
    #[error(transparent)]
    Verify(#[from] patch::VerifyError),
}

/// The PATCHes that lead from live to target, each proven.
fn requests(live: &Value, comparison: &Comparison, options: &Options) -> Result<Vec<Request>, BuildError> {
    let target = comparison.target.reveal();
    // Most personas of most runs are in sync: they need no engine to say so, and no copies of long documents.
    if comparison.opaque.is_empty() && json::equal(live, target) {
        return Ok(Vec::new());
    }
    let alone: Vec<&'static str> =
        FIELDS.iter().filter(|field| field.sent_alone).map(|field| field.pattern).collect();
    // Everything but the fields that must be sent alone, then each of those.
    let mut stages = vec![(Purpose::Changes, with_members_of(target, live, &alone))];
    for (index, _) in alone.iter().enumerate() {
        stages.push((Purpose::Alone, with_members_of(target, live, &alone[index + 1..])));
    }
    let mut requests = Vec::new();
    let mut state = live.clone();
    let mut sent: Vec<&compare::Opaque> = Vec::new();
    for (stage, (purpose, mut goal)) in stages.into_iter().enumerate() {
        for opaque in &sent {
            json::put(&mut goal, &opaque.path, opaque.value.reveal().clone());
        }
        let mut difference = if json::equal(&state, &goal) {
            patch::Diff::none()
        } else {
            let protected = protected(comparison, &alone, stage);
            patch::diff(&state, &goal, &protected, &options.of(&state, comparison))?
        };
        let of_stage = |opaque: &&compare::Opaque| is_of(purpose, opaque, &alone);
        let rotated = comparison.opaque.iter().filter(of_stage).any(|opaque| opaque.changed);
        let changed = !difference.is_empty() || rotated;
        for opaque in opaque_of(purpose, changed, comparison, &alone, options) {
            json::put(&mut goal, &opaque.path, opaque.value.reveal().clone());
            difference = difference.and_add(opaque.path.clone(), opaque.value.reveal().clone());
            sent.push(opaque);
        }
        if !difference.is_empty() {
            let purpose = if changed { purpose } else { Purpose::Opaque };
            requests.push(Request { purpose, patch: difference.verify(&state, &goal)? });
        }
        state = goal;
    }
    Ok(requests)
}

/// The protected places of a stage. What an earlier stage wrote is in target's coordinates by now; what a later one
/// will write stays where live has it.
fn protected(comparison: &Comparison, alone: &[&str], stage: usize) -> Vec<Protected> {
    let stage_of = |place: &Pointer| {
        let own = |path: &&str| Pointer::parse(*path).is_ok_and(|path| place.starts_with(path));
        alone.iter().position(own).map_or(0, |index| index + 1)
    };
    let place = |kept: &compare::Kept| {
        let protected = match stage_of(&kept.target).cmp(&stage) {
            Ordering::Less => Protected::at(&kept.target, &kept.target),
            Ordering::Equal => Protected::at(&kept.live, &kept.target),
            Ordering::Greater => Protected::at(&kept.live, &kept.live),
        };
        if kept.hidden { protected.hidden() } else { protected }
    };
    comparison.kept.iter().map(place).collect()
}

impl Options {
    /// The engine's options for one live document.
    fn of(&self, live: &Value, comparison: &Comparison) -> patch::Options {
        let mut unsure = doubtful(live);
        // What is written whole must hold nothing that live does not show.
        unsure.retain(|place| !hides(place, &comparison.kept));
        if self.cautious {
            distrust(&mut Vec::new(), live, &comparison.kept, &mut unsure);
        }
        patch::Options { unsure, ..self.patch.clone() }
    }
}

/// Whether something that live does not show may be here or below.
fn hides(place: &Pointer, kept: &[compare::Kept]) -> bool {
    kept.iter().any(|kept| kept.hidden && kept.live.starts_with(place))
}

/// Adds every single value of an object, and every object that shows nothing but doubtful ones, unless a secret that
/// live does not show may be in it. Says whether all below is doubtful.
fn distrust(
    path: &mut Vec<String>,
    value: &Value,
    kept: &[compare::Kept],
    out: &mut BTreeSet<PointerBuf>,
) -> bool {
    let here = PointerBuf::from_tokens(path.iter().map(String::as_str));
    let doubtful = out.contains(&here);
    match value {
        Value::Object(members) => {
            let mut hollow = true;
            for (key, member) in members {
                path.push(key.clone());
                hollow &= distrust(path, member, kept, out);
                path.pop();
            }
            let hides = hides(&here, kept);
            // Not `/layers` itself: a layer that live does not show at all would go with it.
            if hollow && !hides && path.len() > 1 {
                out.insert(here);
            }
            hollow && !hides
        }
        Value::Array(_) => doubtful,
        _ => {
            out.insert(here);
            doubtful
        }
    }
}

/// Members that the record may not hold though live shows them: null, empty or the documented default.
fn doubtful(live: &Value) -> BTreeSet<PointerBuf> {
    fn below(path: &mut Vec<String>, value: &Value, out: &mut BTreeSet<PointerBuf>) {
        let Value::Object(members) = value else { return };
        for (key, member) in members {
            path.push(key.clone());
            let default =
                schema::find(path).and_then(|field| field.default).and_then(schema::DefaultValue::value);
            let empty = match member {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(elements) => elements.is_empty(),
                Value::Object(members) => members.is_empty(),
                _ => false,
            };
            if empty || default.is_some_and(|default| compare::same(&default, member)) {
                out.insert(PointerBuf::from_tokens(path.iter().map(String::as_str)));
            }
            below(path, member, out);
            path.pop();
        }
    }
    let mut out = BTreeSet::new();
    below(&mut Vec::new(), live, &mut out);
    out
}

/// The opaque values that go with the request of this stage.
fn opaque_of<'a>(
    purpose: Purpose,
    changed: bool,
    comparison: &'a Comparison,
    alone: &'a [&str],
    options: &Options,
) -> impl Iterator<Item = &'a compare::Opaque> {
    let wanted = match options.send_opaque {
        SendOpaque::Always => true,
        SendOpaque::WithChanges => changed,
        SendOpaque::Never => false,
    };
    comparison.opaque.iter().filter(move |opaque| {
        let sent = wanted || opaque.changed || changed && is_needed(&opaque.path, &comparison.changes);
        sent && is_of(purpose, opaque, alone)
    })
}

/// Whether an opaque value goes with the requests of this purpose.
fn is_of(purpose: Purpose, opaque: &compare::Opaque, alone: &[&str]) -> bool {
    let is_alone =
        alone.iter().any(|path| Pointer::parse(*path).is_ok_and(|path| opaque.path.starts_with(path)));
    is_alone == (purpose == Purpose::Alone)
}

/// Whether a change needs this value in the same request.
fn is_needed(opaque: &Pointer, changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        schema::find(&segments(&change.path))
            .and_then(|field| field.requires)
            .is_some_and(|needed| needed == opaque.as_str())
    })
}

/// `target`, but with what `live` holds at these paths.
fn with_members_of(target: &Value, live: &Value, paths: &[&str]) -> Value {
    let mut mixed = target.clone();
    for path in paths {
        let Ok(path) = Pointer::parse(path) else { continue };
        match path.resolve(live) {
            Ok(value) => json::put(&mut mixed, path, value.clone()),
            Err(_) => drop(path.delete(&mut mixed)),
        }
    }
    mixed
}

/// The body of a POST: fields that must be sent alone follow in a PATCH.
#[must_use]
pub fn creation_body(target: &Document) -> Document {
    let alone: Vec<&str> =
        FIELDS.iter().filter(|field| field.sent_alone).map(|field| field.pattern).collect();
    Document::new(with_members_of(target.reveal(), &Value::Null, &alone))
}
