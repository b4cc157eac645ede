//! `test` operations for what a patch takes away.

use super::Engine;
use super::arena::Id;
use crate::json::is_at_or_above;
use crate::patch::Protected;
use crate::patch::displaced::Settled;
use json_patch::{PatchOperation, TestOperation};
use jsonptr::PointerBuf;

impl Engine<'_> {
    /// Tests, in live's original coordinates, on the nodes of live that a patch replaces, removes or moves.
    ///
    /// None on a value that is not known for sure: hidden, masked or unsure at it, above it or below it.
    pub(super) fn guards(
        &self,
        touched: &[Id],
        settled: &Settled<'_>,
        protected: &[Protected],
        unsure: &std::collections::BTreeSet<PointerBuf>,
    ) -> Vec<PatchOperation> {
        let related = |a: &PointerBuf, b: &PointerBuf| is_at_or_above(a, b) || is_at_or_above(b, a);
        let uncertain = |path: &PointerBuf| {
            protected.iter().filter(|place| place.hidden).any(|place| related(path, &place.live))
                || unsure.iter().any(|place| related(path, place))
        };
        let paths = self.paths();
        let mut places: Vec<(PointerBuf, Id)> = touched
            .iter()
            .filter_map(|id| Some((settled.original(paths.get(*id as usize)?), *id)))
            .filter(|(path, _)| !uncertain(path))
            .collect();
        places.sort();
        places.dedup_by(|next, before| is_at_or_above(&before.0, &next.0));
        places
            .into_iter()
            .map(|(path, id)| {
                PatchOperation::Test(TestOperation { path, value: self.arena[id].value.clone() })
            })
            .collect()
    }

    /// The pointers to all nodes of live.
    fn paths(&self) -> Vec<PointerBuf> {
        let mut paths = vec![PointerBuf::root(); self.target as usize];
        for id in self.live..self.target {
            let list = self.arena[id].value.is_array();
            for (index, child) in self.arena[id].children().enumerate() {
                let mut path = paths[id as usize].clone();
                if list {
                    path.push_back(index)
                } else {
                    path.push_back(self.arena[child].key)
                }
                paths[child as usize] = path;
            }
        }
        paths
    }
}
