//! Looking at the way to an account, and at what its answers are like, without changing anything.
//!
//! An edge that only reads. Each finding is a [`Check`]: what was looked at, how it is, and what to do where it is
//! not well. The API's documents and its answers differ in places; which way an account's answers go is found here.

use crate::api::{Answer, ApiError, Listing, Look, ReadClient, decode};
use crate::persona::schema::{self, FIELDS, Kind, Lookup, Secrecy};
use crate::persona::secret::is_mask;
use crate::persona::{Desired, Live};
use crate::report::brief::plural;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub what: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found. Not escaped.
    pub found: String,
    /// What to do, where something is to be done.
    pub hint: Option<String>,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Well.
    Good,
    /// Worth knowing.
    Note,
    /// Commands will fail, or do less than they should.
    Bad,
}

impl Check {
    /// A finding without a hint.
    #[must_use]
    pub fn new(what: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Check { what, verdict, found: found.into(), hint: None }
    }

    /// A request that failed.
    #[must_use]
    pub fn failed(what: &'static str, error: &ApiError) -> Self {
        Check {
            what,
            verdict: Verdict::Bad,
            found: format!("[{}] {error}", error.code()),
            hint: error.hint(),
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// So many personas are read at most: enough to see what answers are like.
const SAMPLE: usize = 20;

/// Looks at listing, pages, shapes, secrets and what answers leave out. `desired` are the project's files, if any.
pub async fn examine(client: &ReadClient, desired: &[Arc<Desired>]) -> Vec<Check> {
    let mut checks = Vec::new();
    let first = match client.look(&Look::Page(1)).await {
        Ok(answer) => answer,
        Err(error) => return vec![Check::failed("connection and key", &error)],
    };
    checks.push(Check::new("connection and key", Verdict::Good, "the API answers, and takes the key"));
    checks.push(match &first.request_id {
        Some(_) => Check::new("request ids", Verdict::Good, "answers carry one, and errors will name it"),
        None => Check::new("request ids", Verdict::Note, "answers carry none, so errors cannot name one"),
    });
    let listing = match client.list().await {
        Ok(listing) => listing,
        Err(error) => {
            checks.push(Check::failed("listing", &error));
            return checks;
        }
    };
    checks.push(listed(&listing));
    checks.push(page_base(client, &first).await);
    let own: Vec<&str> =
        listing.entries.iter().filter(|entry| !entry.stock).map(|entry| entry.id.as_str()).collect();
    let Some(sample) = own.first() else {
        checks.push(Check::new(
            "answers",
            Verdict::Note,
            "the account has no persona, so there is none to look at",
        ));
        return checks;
    };
    match client.look(&Look::Persona((*sample).to_owned())).await {
        Ok(answer) => checks.push(shape(&answer)),
        Err(error) => checks.push(Check::failed("shape of one persona", &error)),
    }
    let mut lives = Vec::new();
    for id in own.iter().take(SAMPLE) {
        match client.get(id).await {
            Ok(live) => lives.push(live),
            Err(error) => checks.push(Check::failed("reading a persona", &error)),
        }
    }
    if !lives.is_empty() {
        checks.push(secrets(&lives));
        checks.push(defaults(&lives));
        checks.push(left_out(&lives, desired));
    }
    checks
}

fn listed(listing: &Listing) -> Check {
    let count = listing.entries.len();
    let stock = listing.entries.iter().filter(|entry| entry.stock).count();
    let total =
        listing.total.map_or("no total is given".to_owned(), |total| format!("total_count is {total}"));
    if !listing.complete {
        let found = format!("only {count} personas were listed, and {total}");
        return Check::new("listing", Verdict::Bad, found)
            .hint("nothing is created or deleted on an incomplete listing; tell the vendor's support");
    }
    if stock > 0 {
        let found = format!("{count} personas; the filter for own ones lets {stock} stock ones through");
        return Check::new("listing", Verdict::Note, found);
    }
    Check::new("listing", Verdict::Good, format!("{}, each once; {total}", plural(count, "persona")))
}

/// Documents disagree about whether pages count from 0 or from 1.
async fn page_base(client: &ReadClient, first: &Answer) -> Check {
    let ids = |answer: &Answer| {
        decode::page(answer).map(|page| page.entries.into_iter().map(|e| e.id).collect::<BTreeSet<_>>())
    };
    let what = "pages";
    let zero = match client.look(&Look::Page(0)).await {
        Ok(zero) => zero,
        Err(error) if error.effect() == crate::api::Effect::Refused => {
            return Check::new(what, Verdict::Good, "they count from 1; a page 0 is refused");
        }
        Err(error) => return Check::failed(what, &error),
    };
    match (ids(&zero), ids(first)) {
        (Ok(zero), Ok(first)) if zero == first => {
            Check::new(what, Verdict::Good, "they count from 1; page 0 is page 1")
        }
        (Ok(zero), Ok(_)) if zero.is_empty() => {
            Check::new(what, Verdict::Good, "they count from 1; page 0 is empty")
        }
        (Ok(_), Ok(_)) => {
            Check::new(what, Verdict::Note, "they count from 0; every page is asked for all the same")
        }
        (Err(kind), _) | (_, Err(kind)) => Check::new(what, Verdict::Bad, kind.to_string()),
    }
}

fn shape(answer: &Answer) -> Check {
    let what = "shape of one persona";
    let found = match decode::json(answer) {
        Ok(Value::Object(members)) if members.contains_key("persona_id") => "the object itself",
        Ok(Value::Object(members)) => match members.get("data") {
            Some(Value::Array(_)) => "wrapped in a list under `data`, as documented",
            Some(Value::Object(_)) => "wrapped in an object under `data`",
            _ => return Check::new(what, Verdict::Bad, "neither a persona nor one under `data`"),
        },
        Ok(_) => return Check::new(what, Verdict::Bad, "not an object"),
        Err(kind) => return Check::new(what, Verdict::Bad, kind.to_string()),
    };
    Check::new(what, Verdict::Good, found)
}

/// Whether answers mask secrets, leave them out or show them.
fn secrets(lives: &[Live]) -> Check {
    let (mut masked, mut clear, mut absent) = (0, 0, 0);
    for live in lives {
        for field in FIELDS.iter().filter(|field| field.secrecy == Secrecy::Whole && field.kind == Kind::Text)
        {
            let layer = field.pattern.rsplit_once('/').map_or("", |(layer, _)| layer);
            let document = live.document.reveal();
            match document.pointer(field.pattern).and_then(Value::as_str) {
                Some(text) if is_mask(text) => masked += 1,
                Some(text) if !text.is_empty() => clear += 1,
                _ if document
                    .pointer(layer)
                    .and_then(|layer| layer.get("base_url"))
                    .is_some_and(|url| url != "") =>
                {
                    absent += 1;
                }
                _ => {}
            }
        }
    }
    let what = "secrets in answers";
    match (masked, clear, absent) {
        (0, 0, 0) => Check::new(what, Verdict::Note, "no persona seems to have one"),
        (_, 0, 0) => {
            Check::new(what, Verdict::Good, "masked: they cannot be compared, and are sent again by apply")
        }
        (0, 0, _) => {
            Check::new(what, Verdict::Good, "left out: they cannot be compared, and are sent again by apply")
        }
        (_, 0, _) => {
            Check::new(what, Verdict::Good, "masked or left out: they cannot be compared, and are sent again")
        }
        _ => Check::new(
            what,
            Verdict::Note,
            format!("shown in clear ({clear} of them): compared, and masked in all output"),
        ),
    }
}

/// Whether answers show defaults of fields that nobody set.
fn defaults(lives: &[Live]) -> Check {
    let shown = |pattern: &str, default: &Value| {
        lives.iter().any(|live| live.document.reveal().pointer(pattern).is_some_and(|value| value == default))
    };
    let stated = FIELDS.iter().filter_map(|field| Some((field.pattern, field.default?.value()?)));
    let seen: Vec<&str> =
        stated.filter(|(pattern, default)| shown(pattern, default)).map(|(pattern, _)| pattern).collect();
    let found = match seen.len() {
        0 => "no documented default is shown".to_owned(),
        count => {
            format!("{count} fields show their documented default: such values count as not in the file")
        }
    };
    Check::new("defaults in answers", Verdict::Good, found)
}

/// Which fields the files set that no answer shows.
fn left_out(lives: &[Live], desired: &[Arc<Desired>]) -> Check {
    let what = "fields left out of answers";
    let mut hidden: BTreeSet<&'static str> = BTreeSet::new();
    for field in FIELDS
        .iter()
        .filter(|field| !field.read_only && field.secrecy != Secrecy::Whole && !field.pattern.contains('*'))
    {
        let set = desired
            .iter()
            .any(|file| file.document.reveal().pointer(field.pattern).is_some_and(|value| !value.is_null()));
        let shown = lives.iter().any(|live| live.document.reveal().pointer(field.pattern).is_some());
        if set && !shown {
            hidden.insert(field.pattern);
        }
    }
    let lossy = lives.iter().any(|live| has_lossy(live.document.reveal(), &mut Vec::new()));
    let mut found = match hidden.len() {
        0 => format!("none of those that the files set (in {})", plural(lives.len(), "persona")),
        _ => format!("no answer shows {}", hidden.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    if !lossy {
        found.push_str("; function descriptions are left out or unused");
    }
    if hidden.is_empty() {
        return Check::new(what, Verdict::Good, found);
    }
    Check::new(what, Verdict::Note, found)
        .hint("if that stays so after an apply, list them in the file: reconcile: {opaque: [...]}")
}

fn has_lossy(value: &Value, path: &mut Vec<String>) -> bool {
    if matches!(schema::lookup(path), Lookup::Known(field) if field.lossy) {
        return true;
    }
    let mut below = |key: String, member: &Value| {
        path.push(key);
        let found = has_lossy(member, path);
        path.pop();
        found
    };
    match value {
        Value::Object(members) => members.iter().any(|(key, member)| below(key.clone(), member)),
        Value::Array(elements) => {
            elements.iter().enumerate().any(|(index, element)| below(index.to_string(), element))
        }
        _ => false,
    }
}
