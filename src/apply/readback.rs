//! Reading back what was written: what the server did not keep is named, with what settles it.

use super::ledger::Entry;
use super::{Context, Ended};
use crate::compare::{self, Change, ChangeKind};
use crate::persona::{Desired, Live};
use crate::plan::Difference;
use crate::report::view::shown;
use serde_json::Value;

/// Reads the persona and compares it with the file once more.
pub(super) async fn read_back(context: &Context, desired: &Desired, id: &str, entry: &Entry) -> Ended {
    match context.client.reader().get(id).await {
        Ok(live) => compared(desired, &live),
        Err(error) => {
            context.note(&error);
            entry.warn(format!("written, but it could not be read back: {error}"));
            Ended::Done
        }
    }
}

/// The end of a persona that was written and now is this.
pub(super) fn compared(desired: &Desired, live: &Live) -> Ended {
    match differences(desired, live) {
        differences if differences.is_empty() => Ended::Done,
        differences => Ended::Differs(differences),
    }
}

/// Whether the server keeps what `sent` asked for, written in a form of its own: a text without the white space
/// around it, a list in another order.
pub(super) fn is_kept_in_another_form(sent: &Change, got: &Change) -> bool {
    match (&sent.after, &got.before) {
        (Some(Value::String(sent)), Some(Value::String(got))) => sent.trim() == got.trim(),
        (Some(Value::Array(sent)), Some(Value::Array(got))) => {
            let sorted = |list: &[Value]| {
                let mut texts: Vec<String> = list.iter().map(compare::canonical).collect();
                texts.sort_unstable();
                texts
            };
            sorted(sent) == sorted(got)
        }
        _ => matches!(got.kind, ChangeKind::Move { .. }),
    }
}

/// What live shows otherwise than the file says.
pub(super) fn differences(desired: &Desired, live: &Live) -> Vec<Difference> {
    let secrets = desired.secrets();
    let name = |change: &Change| {
        let shown = shown(change, &secrets);
        Difference { path: change.path.to_string(), hint: hint(change), sent: shown.after, got: shown.before }
    };
    compare::compare(desired, live).changes.iter().map(name).collect()
}

/// What the user can write so that file and API agree.
fn hint(change: &Change) -> String {
    let opaque =
        format!("if the API never shows it, add to the file: reconcile: {{opaque: [\"{}\"]}}", change.path);
    match (&change.kind, &change.after, &change.before) {
        (ChangeKind::Move { .. }, ..) => "the API keeps this list in an order of its own: write it in that order".to_owned(),
        (_, Some(Value::String(sent)), Some(Value::String(got))) if sent.trim() == got.trim() => {
            "the API trims this text: write it without blanks and line ends around it (a block scalar with `|-`)".to_owned()
        }
        (_, Some(_), Some(_)) => "write what the API shows, if it means the same".to_owned(),
        (_, Some(_), None) => opaque,
        (_, None, _) => "the API fills this in by itself: take the null out of the file, or write the value".to_owned(),
    }
}
