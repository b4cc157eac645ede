//! Pairs of documents that have long texts in common, in different places.

use crate::random::Random;
use serde_json::{Map, Value, json};

impl Random {
    fn leaf(&mut self) -> Value {
        let n = self.below(6);
        match self.below(6) {
            0 => json!(1),
            1 => json!("s"),
            2 => json!([]),
            3 => json!(format!("text {n} of middling length, forty")),
            _ => json!(format!("text {n} that is long enough to be fetched, if it is somewhere")),
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        if depth == 0 || self.below(4) == 0 {
            return self.leaf();
        }
        if self.below(2) == 0 {
            return (0..self.below(5)).map(|_| self.value(depth - 1)).collect();
        }
        self.object(depth)
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut members = Map::new();
        for key in ["a", "b", "c", "d"] {
            if self.below(3) > 0 {
                members.insert(key.to_owned(), self.value(depth - 1));
            }
        }
        Value::Object(members)
    }

    fn place(&mut self, document: &Value) -> String {
        let mut places = Vec::new();
        pointers(document, String::new(), &mut places);
        places.swap_remove(self.below(places.len()))
    }

    /// Moves or copies a part of the document, wrapped or as it is.
    fn shift(&mut self, document: &mut Value) {
        let from = self.place(document);
        let part = document.pointer(&from).unwrap().clone();
        let part = match self.below(4) {
            0 => json!({"w": part, "v": 1}),
            1 => json!([part, 2]),
            _ => part,
        };
        if self.below(2) == 0 && !from.is_empty() {
            apply(document, json!([{"op": "remove", "path": from}]));
        }
        let key = ["a", "e", "0", "1", "-"][self.below(5)];
        let path = format!("{}/{key}", self.place(document));
        apply(document, json!([{"op": "add", "path": path, "value": part}]));
    }
}

/// Applies what can be applied: not every place takes every key.
fn apply(document: &mut Value, operations: Value) {
    let patch = personactl::patch::parse(operations).unwrap();
    drop(personactl::patch::apply(document, &patch));
}

fn pointers(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{index}"), out);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                pointers(item, format!("{at}/{key}"), out);
            }
        }
        _ => {}
    }
    out.push(at);
}

/// A document, and what became of it; both have much else that stays.
pub(crate) fn pair(seed: u64) -> (Value, Value) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    random.below(2);
    let live = random.object(3);
    let mut target = live.clone();
    for _ in 0..1 + random.below(4) {
        random.shift(&mut target);
    }
    let beside = |document: Value| json!({"document": document, "rest": "much else ".repeat(100)});
    (beside(live), beside(target))
}
