//! The listings beside personas: a few elements each, read only.

use super::account::{Query, page};
use super::reply::Reply;
use serde_json::{Value, json};
use std::sync::LazyLock;

static SIBLINGS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("siblings.json")).unwrap_or_default());

/// Where the table has the guardrails that are no sets.
const FLAT_GUARDRAILS: &str = "/v2/guardrails?legacy=false";

fn has(kind: &Value, element: &Value, id: &str) -> bool {
    kind["id"].as_str().is_some_and(|name| element[name] == *id)
}

/// The answer to a GET of a sibling, if the path is one.
pub(super) fn get(path: &str, query: &Query) -> Option<Reply> {
    // Flat guardrails are listed only where they are asked for.
    let flat = path == "/v2/guardrails" && query.get("legacy").is_some_and(|legacy| legacy == "false");
    let path = if flat { FLAT_GUARDRAILS } else { path };
    let (kind, id) = match SIBLINGS.get(path) {
        Some(kind) => (kind, None),
        None => {
            let (list, id) = path.rsplit_once('/')?;
            let holds = |kind: &&Value| {
                kind["elements"].as_array().is_some_and(|all| all.iter().any(|one| has(kind, one, id)))
            };
            let flat =
                (list == "/v2/guardrails").then(|| SIBLINGS.get(FLAT_GUARDRAILS)).flatten().filter(holds);
            (flat.or_else(|| SIBLINGS.get(list))?, Some(id))
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
    Some(match elements.iter().find(|element| has(kind, element, id)) {
        Some(element) => Reply::json(200, element.clone()),
        None => Reply::error(404, format!("invalid {name}")),
    })
}
