//! An answer of the API: decoded, or refused with an error that is fit to print.
#![no_main]

#[path = "../check/answer.rs"]
mod answer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| answer::answer(data));
