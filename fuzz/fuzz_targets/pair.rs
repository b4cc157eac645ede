//! Two JSON documents, one per line: every patch between them must be right.
//!
//! `cargo +nightly fuzz run pair`. What it finds goes into `fuzz/corpus/pair`, which `cargo test` replays.
#![no_main]

#[path = "../check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check::pair(data));
