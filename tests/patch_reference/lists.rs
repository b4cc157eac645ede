//! Lists with much in common: repeated values, values of several sizes, a few edits.

use crate::random::Random;
use serde_json::{Value, json};

impl Random {
    /// A value without parts.
    pub(crate) fn plain(&mut self) -> Value {
        let text = "some text that is longer than a removal and its pointer, so that it is worth keeping";
        [json!(0), json!(1), json!("b"), json!(null), json!("a text of middling length"), json!(text)]
            [self.below(6)]
        .clone()
    }

    /// One of a few texts that are longer than an operation.
    pub(crate) fn one_of(&mut self, kinds: usize) -> Value {
        let kind = self.below(kinds);
        json!(format!("the element of kind {kind}, with a text of which there are two or more"))
    }

    /// Mostly something with parts.
    pub(crate) fn object(&mut self) -> Value {
        match self.below(5) {
            0 => self.plain(),
            1 => {
                let length = self.below(4);
                self.plain_list(length)
            }
            2 => json!({"id": self.below(4), "t": self.plain(), "n": {"v": self.plain()}}),
            // Much in common with others of its kind, so that several edits of it are worth their while.
            _ => {
                let (m, n) = (self.below(3), self.below(3));
                json!({"id": self.below(4), "m": m, "n": n, "text": "which all elements of this kind have ".repeat(6)})
            }
        }
    }

    pub(crate) fn plain_list(&mut self, length: usize) -> Value {
        (0..length).map(|_| self.plain()).collect()
    }

    pub(crate) fn object_list(&mut self, length: usize) -> Value {
        (0..length).map(|_| self.object()).collect()
    }

    /// The list with a few elements added, taken out, doubled, changed or put elsewhere.
    pub(crate) fn edited(&mut self, list: &Value, fresh: fn(&mut Self) -> Value) -> Value {
        let mut items = list.as_array().unwrap().clone();
        for _ in 0..1 + self.below(4) {
            let (at, to) = (self.below(items.len() + 1), self.below(items.len() + 1));
            match self.below(6) {
                0 | 1 => items.insert(at, fresh(self)),
                2 if at < items.len() => drop(items.remove(at)),
                3 if at < items.len() => items.insert(to, items[at].clone()),
                4 if at < items.len() && to < items.len() => {
                    let moved = items.remove(at);
                    items.insert(to, moved);
                }
                _ if at < items.len() => items[at] = self.changed(&items[at]),
                _ => {}
            }
        }
        Value::from(items)
    }

    /// The value with one of its parts changed.
    fn changed(&mut self, value: &Value) -> Value {
        let mut value = value.clone();
        match &mut value {
            Value::Object(members) => {
                let key = ["id", "t", "x"][self.below(3)];
                if self.below(4) == 0 {
                    members.remove(key);
                } else {
                    members.insert(key.to_owned(), self.plain());
                }
            }
            Value::Array(_) => value = self.edited(&value, Random::plain),
            _ => value = self.plain(),
        }
        value
    }

    /// Edits of the elements that `stays` does not hold back; those may change inside, beside their member `p`.
    pub(crate) fn edited_around(&mut self, list: &Value, stays: impl Fn(&Value) -> bool) -> Value {
        let mut items = Vec::new();
        for item in list.as_array().unwrap() {
            match self.below(6) {
                0 => items.push(self.object()),
                1 if !stays(item) => continue,
                2 => {
                    items.push(self.changed(item));
                    continue;
                }
                _ => {}
            }
            items.push(item.clone());
        }
        Value::from(items)
    }
}
