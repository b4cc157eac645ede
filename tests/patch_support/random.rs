//! A small generator of numbers: the same on every machine.
#![allow(dead_code, reason = "not every test program uses all of it")]

pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// One for small seeds, which would begin alike.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.below(2);
        random
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end.max(1)
    }
}
