//! Reading back what was written: what the server did not keep is named, with what settles it.

use super::ledger::Entry;
use super::{Context, Ended};
use crate::compare::{self, Change, ChangeKind};
use crate::persona::secret::segments;
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
    let mut named: Vec<Difference> = Vec::new();
    for change in &compare::compare(desired, live).changes {
        let difference = match &change.kind {
            // Many elements may have changed places: the list is named, once.
            ChangeKind::Move { .. } => reordered(desired, live, change),
            _ => {
                let shown = shown(change, &secrets);
                let (sent, got) = (shown.after, shown.before);
                Difference { path: change.path.to_string(), hint: hint(change), sent, got }
            }
        };
        if !named.iter().any(|known| known.path == difference.path) {
            named.push(difference);
        }
    }
    named
}

fn reordered(desired: &Desired, live: &Live, change: &Change) -> Difference {
    let secrets = desired.secrets();
    let mut list = change.path.clone();
    list.pop_back();
    let path = segments(&list);
    let at = |document: &Value| document.pointer(list.as_str()).map(|list| secrets.mask_below(&path, list));
    let (sent, got) = (at(desired.document.reveal()), at(live.document.reveal()));
    let hint = "the API keeps this list in an order of its own: write it in that order".to_owned();
    Difference { path: list.to_string(), sent, got, hint }
}

/// What the user can write so that file and API agree.
fn hint(change: &Change) -> String {
    let opaque =
        format!("if the API never shows it, add to the file: reconcile: {{opaque: [\"{}\"]}}", change.path);
    match (&change.after, &change.before) {
        (Some(Value::String(sent)), Some(Value::String(got))) if sent.trim() == got.trim() => {
            "the API trims this text: write it without blanks and line ends around it (a block scalar with `|-`)".to_owned()
        }
        (Some(_), Some(_)) => "write what the API shows, if it means the same".to_owned(),
        (Some(_), None) => opaque,
        (None, _) => "the API fills this in by itself: take the null out of the file, or write the value".to_owned(),
    }
}
