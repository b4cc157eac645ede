//! What answers mean: one persona in each of its three shapes, pages of a listing, the outcome of a write.
//!
//! Pure: an answer in, a value or the kind of fault out.

use super::answer::Answer;
use super::error::ErrorKind;
use crate::json::kind_of;
use crate::persona::{Document, Live};
use serde_json::{Map, Value};

/// One persona of a listing: enough to find it, too little to compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `persona_id`.
    pub id: String,
    /// `persona_name`; not unique, and may be missing.
    pub name: Option<String>,
    /// One of the vendor's own, which cannot be edited.
    pub stock: bool,
}

/// The personas of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Each once, in the server's order.
    pub entries: Vec<Entry>,
    /// Whether they are all. A listing that is not must lead to no create and no delete.
    pub complete: bool,
    /// How many there are, as the server says.
    pub total: Option<usize>,
}

/// One page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// In the server's order.
    pub entries: Vec<Entry>,
    /// `total_count`.
    pub total: Option<usize>,
}

/// The JSON of a successful answer.
pub fn json(answer: &Answer) -> Result<Value, ErrorKind> {
    read(answer, crate::json::read_strict)
}

fn read(
    answer: &Answer,
    reader: impl FnOnce(&[u8]) -> Result<Value, crate::json::ReadError>,
) -> Result<Value, ErrorKind> {
    if answer.body.trim_ascii().is_empty() {
        return Err(ErrorKind::EmptyAnswer);
    }
    match reader(&answer.body) {
        Ok(value) => Ok(value),
        Err(_) if answer.is_html() => Err(ErrorKind::Html),
        Err(e) => Err(ErrorKind::BadJson { reason: e.to_string() }),
    }
}

/// GET of one persona: `{..}`, `{"data": [{..}]}` or `{"data": {..}}`. It must be the persona that was asked for.
pub fn one(answer: &Answer, asked: &str) -> Result<Live, ErrorKind> {
    let document = unwrap(json(answer)?)?;
    let id = match document.get("persona_id") {
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        Some(other) => return Err(wrong(format!("`persona_id` is {}", kind_of(other)))),
        None => return Err(wrong("it has no `persona_id`")),
    };
    if id != asked {
        return Err(wrong(format!("it is about persona `{id}`")));
    }
    let name = match document.get("persona_name") {
        Some(Value::String(name)) => Some(name.clone()),
        _ => None,
    };
    Ok(Live { id, name, document: Document::new(Value::Object(document)) })
}

/// A page of personas: `{"data": [..], "total_count": n}`, or the bare list.
pub fn page(answer: &Answer) -> Result<Page, ErrorKind> {
    // The API lists personas with their prompts: those are not kept.
    let wanted = ["persona_id", "persona_name", "persona_type", "total_count"];
    let (elements, total) = elements(read(answer, |body| crate::json::read_named(body, &wanted))?)?;
    let entries = elements
        .into_iter()
        .enumerate()
        .map(|(index, element)| {
            let Some(id) = element.get("persona_id").and_then(Value::as_str).filter(|id| !id.is_empty())
            else {
                return Err(wrong(format!("element {index} of the listing has no `persona_id`")));
            };
            Ok(Entry {
                id: id.to_owned(),
                name: element.get("persona_name").and_then(Value::as_str).map(str::to_owned),
                stock: element.get("persona_type").and_then(Value::as_str) == Some("system"),
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Page { entries, total })
}

/// The elements of any listing, and their number as the server says.
pub fn list(answer: &Answer) -> Result<(Vec<Value>, Option<usize>), ErrorKind> {
    elements(json(answer)?)
}

fn elements(listing: Value) -> Result<(Vec<Value>, Option<usize>), ErrorKind> {
    match listing {
        Value::Array(elements) => Ok((elements, None)),
        Value::Object(mut members) => {
            let total = match members.get("total_count") {
                Some(Value::Number(count)) => count.as_u64().and_then(|count| usize::try_from(count).ok()),
                Some(Value::String(count)) => count.parse().ok(),
                _ => None,
            };
            match members.remove("data") {
                Some(Value::Array(elements)) => Ok((elements, total)),
                Some(other) => Err(wrong(format!("`data` is {}, not a list", kind_of(&other)))),
                None => Err(wrong("it has no `data`")),
            }
        }
        other => Err(wrong(format!("it is {}, not a listing", kind_of(&other)))),
    }
}

/// POST: the id of the new persona, wrapped or not.
pub fn created(answer: &Answer) -> Result<String, ErrorKind> {
    match unwrap(json(answer)?)?.get("persona_id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        _ => Err(wrong("it has no `persona_id`")),
    }
}

/// PATCH with a success status: the body, if there is one and it is an object. None is documented.
pub fn patched(answer: &Answer) -> Result<Option<Map<String, Value>>, ErrorKind> {
    match json(answer) {
        Err(ErrorKind::EmptyAnswer) => Ok(None),
        Err(kind) => Err(kind),
        Ok(Value::Object(members)) => Ok(Some(unwrap(Value::Object(members.clone())).unwrap_or(members))),
        Ok(_) => Ok(None),
    }
}

/// DELETE with a success status: whatever the body, unless it is a page for people, which the API never sends.
pub fn deleted(answer: &Answer) -> Result<(), ErrorKind> {
    if !answer.body.is_empty() && answer.is_html() { Err(ErrorKind::Html) } else { Ok(()) }
}

/// Takes one object out of `data`, where it is wrapped.
fn unwrap(value: Value) -> Result<Map<String, Value>, ErrorKind> {
    let Value::Object(mut members) = value else {
        return Err(wrong(format!("it is {}, not an object", kind_of(&value))));
    };
    if members.contains_key("persona_id") {
        return Ok(members);
    }
    match members.remove("data") {
        None => Ok(members),
        Some(Value::Object(inner)) => Ok(inner),
        Some(Value::Array(mut elements)) if elements.len() == 1 => match elements.pop() {
            Some(Value::Object(inner)) => Ok(inner),
            other => Err(wrong(format!(
                "`data` holds {}, not an object",
                other.as_ref().map_or("nothing", kind_of)
            ))),
        },
        Some(Value::Array(elements)) => {
            Err(wrong(format!("`data` holds {} personas where one was asked for", elements.len())))
        }
        Some(other) => Err(wrong(format!("`data` is {}", kind_of(&other)))),
    }
}

fn wrong(reason: impl Into<String>) -> ErrorKind {
    ErrorKind::WrongContent { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn answer(body: &str) -> Answer {
        Answer { status: 200, body: Bytes::from(body.to_owned()), ..Answer::default() }
    }

    fn fault(result: Result<impl Sized, ErrorKind>) -> String {
        result.map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn one_persona_is_read_flat_and_wrapped_either_way() {
        for body in [
            r#"{"persona_id": "p1", "persona_name": "Ada"}"#,
            r#"{"data": [{"persona_id": "p1", "persona_name": "Ada"}]}"#,
            r#"{"data": {"persona_id": "p1", "persona_name": "Ada"}}"#,
            "\u{feff}{\"persona_id\": \"p1\", \"persona_name\": \"Ada\", \"data\": [1, 2]}",
        ] {
            let live = one(&answer(body), "p1").unwrap();
            assert_eq!((live.id.as_str(), live.label()), ("p1", "Ada"), "{body}");
        }
    }

    #[test]
    fn an_answer_that_is_not_the_one_persona_is_refused_with_the_reason() {
        for (body, reason) in [
            (r#"{"data": []}"#, "`data` holds 0 personas"),
            (r#"{"data": [{"persona_id": "p1"}, {"persona_id": "p2"}]}"#, "`data` holds 2 personas"),
            (r#"{"data": ["p1"]}"#, "`data` holds a text"),
            (r#"{"data": 1}"#, "`data` is a number"),
            (r#"{"persona_id": "p2"}"#, "it is about persona `p2`"),
            (r#"{"persona_name": "Ada"}"#, "no `persona_id`"),
            (r#"{"persona_id": 7}"#, "`persona_id` is a number"),
            ("[]", "it is a list"),
            ("", "empty"),
            (" \n", "empty"),
            ("<!doctype html><p>log in", "HTML page"),
            (r#"{"persona_id": "p1""#, "line 1, column 20"),
            (r#"{"persona_id": "p1", "persona_id": "p1"}"#, "repeated"),
        ] {
            let text = fault(one(&answer(body), "p1"));
            assert!(text.contains(reason), "{body}: {text}");
        }
    }

    #[test]
    fn pages_give_ids_names_and_the_total() {
        let body = r#"{"data": [{"persona_id": "p1", "persona_name": "Ada"}, {"persona_id": "p2", "persona_type": "system"}],
                       "total_count": 12}"#;
        let page = page(&answer(body)).unwrap();
        assert_eq!(page.total, Some(12));
        assert_eq!(page.entries[0], Entry { id: "p1".into(), name: Some("Ada".into()), stock: false });
        assert_eq!(page.entries[1], Entry { id: "p2".into(), name: None, stock: true });
        assert_eq!(super::page(&answer("[]")).unwrap(), Page::default());
        assert!(fault(super::page(&answer(r#"{"data": [{}]}"#))).contains("element 0"));
        assert!(fault(super::page(&answer(r#"{"data": {}}"#))).contains("not a list"));
        assert!(fault(super::page(&answer(r#"{"personas": []}"#))).contains("no `data`"));
    }

    #[test]
    fn a_write_may_answer_with_or_without_a_body() {
        assert_eq!(created(&answer(r#"{"persona_id": "p9", "persona_name": "x"}"#)).unwrap(), "p9");
        assert_eq!(created(&answer(r#"{"data": {"persona_id": "p9"}}"#)).unwrap(), "p9");
        assert!(fault(created(&answer(r#"{"message": "ok"}"#))).contains("no `persona_id`"));
        assert_eq!(patched(&answer("")).unwrap(), None);
        assert_eq!(patched(&answer("\"ok\"")).unwrap(), None);
        assert!(
            patched(&answer(r#"{"data": [{"publish_url": "x"}]}"#))
                .unwrap()
                .unwrap()
                .contains_key("publish_url")
        );
        assert!(fault(patched(&answer("{"))).contains("no valid JSON"));
    }
}
