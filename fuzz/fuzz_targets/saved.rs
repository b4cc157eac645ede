//! A saved plan: read as it was written, or refused.
#![no_main]

#[path = "../check/chance.rs"]
mod chance;
#[path = "../check/saved.rs"]
mod saved;

libfuzzer_sys::fuzz_target!(|data: &[u8]| saved::saved(data));
