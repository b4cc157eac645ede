//! The listings beside personas: a few elements each, read only.

use super::account::{Query, page};
use super::reply::Reply;
use serde_json::{Value, json};
use std::sync::LazyLock;

static SIBLINGS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("siblings.json")).unwrap_or_default());

/// The answer to a GET of a sibling, if the path is one.
pub(super) fn get(path: &str, query: &Query) -> Option<Reply> {
    let (kind, id) = match SIBLINGS.get(path) {
        Some(kind) => (kind, None),
        None => {
            let (list, id) = path.rsplit_once('/')?;
            (SIBLINGS.get(list)?, Some(id))
        }
    };
    let elements = kind["elements"].as_array()?;
    let Some(id) = id else {
        let from_zero = kind["from_zero"] == true;
        return Some(match page(elements, query, from_zero, None) {
            Ok(data) => Reply::json(200, json!({"data": data, "total_count": elements.len()})),
            Err(reply) => reply,
        });
    };
    let name = kind["id"].as_str()?;
    Some(match elements.iter().find(|element| element[name] == *id) {
        Some(element) => Reply::json(200, element.clone()),
        None => Reply::error(404, format!("invalid {name}")),
    })
}
