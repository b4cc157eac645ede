//! Runs of elements that every cheaper alignment must keep.

use super::Engine;
use super::align::NONE;
use super::arena::flag;
use super::bounds::Bounds;
use super::lists::{Act, Alignment, Lists, Region};
use super::price::{BYTE, Cost, FORBIDDEN};

impl Engine<'_> {
    /// Elements of live that every cheaper alignment matches with a certain element of target, by position in
    /// the region; [`NONE`] for the others. See `docs/minimal-patch.md`, "Runs".
    pub(super) fn pins(
        &self,
        lists: &Lists,
        region: Region,
        known: &Alignment,
        bounds: &Bounds,
        least: Cost,
    ) -> Vec<u32> {
        let mut pins = vec![NONE; region.x(lists)];
        let operations = (least / BYTE).saturating_sub(bounds.content) / u64::from(28 + lists.p);
        let kept = self.marks.has_partners()
            || (lists.a..lists.a + lists.n).any(|id| self.arena[id].has(flag::KEEP));
        if least >= FORBIDDEN || kept || (lists.indexed() && operations > lists.tolerance()) {
            return pins;
        }
        let slack = least.saturating_sub(bounds.certain);
        // The known alignment, seen from the region: more elements may match at its ends.
        let mut diagonal: Vec<(usize, usize)> = Vec::new();
        let (mut i, mut j) = (0, 0);
        let before = (known.region.start - region.start) as usize;
        let behind = (known.region.tail - region.tail) as usize;
        let ends = |count| std::iter::repeat_n(Act::Match, count);
        for act in ends(before).chain(known.acts.iter().copied()).chain(ends(behind)) {
            if act == Act::Match && bounds.classes.unique_pair(i, j) {
                diagonal.push((i, j));
            }
            i += usize::from(act != Act::Insert);
            j += usize::from(act != Act::Delete);
        }
        for run in diagonal.chunk_by(|one, next| next.0 == one.0 + 1 && next.1 == one.1 + 1) {
            // No cheaper alignment leaves out so many of the run's pairs that their penalties exceed the
            // slack: it matches one of the first few and one of the last few, and then all between.
            let few = |pairs: &mut dyn Iterator<Item = &(usize, usize)>| {
                let mut sum = 0;
                pairs
                    .take_while(|(_, j)| {
                        let go_on = sum <= slack;
                        sum += bounds.penalty[*j];
                        go_on
                    })
                    .count()
            };
            let (first, last) = (few(&mut run.iter()), few(&mut run.iter().rev()));
            for (i, j) in run.get(first..run.len().saturating_sub(last)).unwrap_or_default() {
                pins[*i] = *j as u32;
            }
        }
        pins
    }
}
