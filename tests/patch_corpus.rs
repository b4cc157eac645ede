//! Replays the fuzzer's corpus: documents that are odd, and those that once showed a fault.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../fuzz/check.rs"]
mod check;

#[test]
fn every_pair_of_the_corpus_is_patched_rightly() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/pair");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 12, "the corpus is missing");
    for file in files {
        check::pair(&std::fs::read(file).unwrap());
    }
}
