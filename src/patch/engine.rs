//! Step one: comparison by index, behind the final interface.

use super::{Diff, DiffError, Options, Place, Protected};
use crate::json::{self, MAX_DEPTH};
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use jsonptr::PointerBuf;
use serde_json::Value;

pub(super) fn diff(
    live: &Value,
    target: &Value,
    protected: &[Protected],
    options: &Options,
) -> Result<Diff, DiffError> {
    for (document, value) in [("live", live), ("target", target)] {
        if json::depth_exceeds(value, MAX_DEPTH) {
            return Err(DiffError::TooDeep { document, limit: MAX_DEPTH });
        }
    }
    let mut walk = Walk { protected, options, out: Vec::new() };
    walk.pair(live, target, &mut PointerBuf::root())?;
    Ok(Diff { patch: Patch(walk.out), exact: false, taken: Vec::new() })
}

struct Walk<'p> {
    protected: &'p [Protected],
    options: &'p Options,
    out: Vec<PatchOperation>,
}

impl Walk<'_> {
    fn check(&self, path: &PointerBuf) -> Result<(), DiffError> {
        let held =
            self.protected.iter().find(|p| p.target != Place::Gone && json::is_at_or_above(path, &p.live));
        held.map_or(Ok(()), |p| Err(DiffError::Protected { pointer: p.live.clone() }))
    }

    fn pair(&mut self, a: &Value, b: &Value, path: &mut PointerBuf) -> Result<(), DiffError> {
        match (a, b) {
            _ if json::equal(a, b) => {}
            _ if self.options.unsure.contains(path) => {
                self.check(path)?;
                self.out.push(PatchOperation::Add(AddOperation { path: path.clone(), value: b.clone() }));
            }
            (Value::Object(a), Value::Object(b)) => {
                for key in a.keys().filter(|key| !b.contains_key(*key)) {
                    let path = json::extend(path, key);
                    self.check(&path)?;
                    self.out.push(PatchOperation::Remove(RemoveOperation { path }));
                }
                for (key, value) in b {
                    path.push_back(key);
                    match a.get(key) {
                        Some(old) => self.pair(old, value, path)?,
                        None => self.out.push(PatchOperation::Add(AddOperation {
                            path: path.clone(),
                            value: value.clone(),
                        })),
                    }
                    path.pop_back();
                }
            }
            (Value::Array(a), Value::Array(b)) => {
                for (index, (old, new)) in a.iter().zip(b).enumerate() {
                    path.push_back(index);
                    self.pair(old, new, path)?;
                    path.pop_back();
                }
                for _ in b.len()..a.len() {
                    let path = json::extend(path, &b.len().to_string());
                    self.check(&path)?;
                    self.out.push(PatchOperation::Remove(RemoveOperation { path }));
                }
                for value in b.iter().skip(a.len()) {
                    let path = json::extend(path, "-");
                    self.out.push(PatchOperation::Add(AddOperation { path, value: value.clone() }));
                }
            }
            _ => {
                self.check(path)?;
                self.out
                    .push(PatchOperation::Replace(ReplaceOperation { path: path.clone(), value: b.clone() }));
            }
        }
        Ok(())
    }
}
