//! Lists within lists, and lists of objects with protected members.

use crate::random::Random;
use serde_json::{Map, Value, json};

impl Random {
    fn leaf(&mut self) -> Value {
        let long = "another text of about that length";
        [json!(0), json!(1), json!("a"), json!("some text of a length"), json!(long)][self.below(5)].clone()
    }

    pub(crate) fn value(&mut self, depth: usize) -> Value {
        if depth == 0 || self.below(5) == 0 {
            return self.leaf();
        }
        if self.below(3) > 0 {
            return (0..self.below(7)).map(|_| self.value(depth - 1)).collect();
        }
        let mut members = Map::new();
        for key in ["a", "b", "c"] {
            if self.below(3) > 0 {
                members.insert(key.to_owned(), self.value(depth - 1));
            }
        }
        Value::Object(members)
    }

    /// The value with elements taken out, added, put elsewhere, and some leaves changed.
    pub(crate) fn changed(&mut self, value: &Value) -> Value {
        match value {
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| self.changed(item)).collect();
                match self.below(5) {
                    0 if !items.is_empty() => drop(items.remove(self.below(items.len()))),
                    1 => items.insert(self.below(items.len() + 1), self.value(1)),
                    2 if items.len() > 1 => {
                        let moved = items.remove(self.below(items.len()));
                        items.insert(self.below(items.len() + 1), moved);
                    }
                    _ => {}
                }
                Value::Array(items)
            }
            Value::Object(members) => {
                members.iter().map(|(key, item)| (key.clone(), self.changed(item))).collect()
            }
            _ if self.below(6) == 0 => self.leaf(),
            leaf => leaf.clone(),
        }
    }

    /// A list of objects that hold lists of objects; some have a member `p`, each with a value of its own.
    pub(crate) fn marked(&mut self, depth: usize, marks: &mut usize) -> Value {
        (0..1 + self.below(8))
            .map(|_| {
                let mut object = json!({"a": self.leaf(), "b": self.leaf()});
                if depth > 0 && self.below(2) == 0 {
                    object["l"] = self.marked(depth - 1, marks);
                }
                if self.below(3) == 0 {
                    *marks += 1;
                    object["p"] = json!(*marks);
                }
                object
            })
            .collect()
    }

    /// The list with objects added and changed, but for their member `p`, and others taken out.
    pub(crate) fn around_marks(&mut self, list: &Value) -> Value {
        let mut items = Vec::new();
        for item in list.as_array().unwrap() {
            match self.below(5) {
                0 if !item.to_string().contains("\"p\"") => continue,
                1 => items.push(json!({"a": self.leaf(), "b": self.leaf()})),
                _ => {}
            }
            let mut item = item.clone();
            for key in ["a", "b"] {
                if self.below(4) == 0 {
                    item[key] = self.leaf();
                }
            }
            if let Some(inner) = item.get("l").cloned() {
                item["l"] = self.around_marks(&inner);
            }
            items.push(item);
        }
        Value::from(items)
    }
}

/// The pointers to all members `p`.
pub(crate) fn marks(value: &Value, at: &str, out: &mut Vec<String>) {
    for (index, item) in value.as_array().unwrap().iter().enumerate() {
        let at = format!("{at}/{index}");
        if item.get("p").is_some() {
            out.push(format!("{at}/p"));
        }
        if let Some(inner) = item.get("l") {
            marks(inner, &format!("{at}/l"), out);
        }
    }
}
