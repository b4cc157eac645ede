//! A persona file, alone or with an overlay and settings: what is read is written, edited and reported rightly.
#![no_main]

#[path = "../check/chance.rs"]
mod chance;
#[path = "../check/yaml.rs"]
mod yaml;

libfuzzer_sys::fuzz_target!(|data: &[u8]| yaml::yaml(data));
