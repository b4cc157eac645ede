//! Two JSON documents, one per line: every patch between them must be right.
#![no_main]

#[path = "../check/pair.rs"]
mod pair;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pair::pair(data));
