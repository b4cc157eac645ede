//! Replays the fuzz targets' corpora: inputs that are odd, and those that once showed a fault.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../fuzz/check/answer.rs"]
mod answer;
#[path = "../fuzz/check/chance.rs"]
mod chance;
#[path = "../fuzz/check/pair.rs"]
mod pair;
#[path = "../fuzz/check/saved.rs"]
mod saved;
#[path = "../fuzz/check/yaml.rs"]
mod yaml;

use std::path::{Path, PathBuf};

/// Every file of a target's corpus, in the order of their names. None is skipped, and there are `least` or more.
fn replay(target: &str, least: usize, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= least, "the corpus of `{target}` has {} files, not {least}", files.len());
    files.retain(|file| {
        let data = std::fs::read(file).unwrap();
        std::panic::catch_unwind(|| check(&data)).is_err()
    });
    assert!(files.is_empty(), "these show a fault: {files:?}");
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_is_replayed() {
    let names = |folder: &str, ending: &str| -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| name.trim_end_matches(ending).to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("corpus", ""), ["answer", "pair", "saved", "yaml"]);
    assert_eq!(names("fuzz_targets", ".rs"), ["answer", "pair", "saved", "yaml"]);
}

#[test]
fn every_answer_of_the_corpus_is_decoded_or_refused_in_words_that_can_be_printed() {
    replay("answer", 12, answer::answer);
}

#[test]
fn every_pair_of_the_corpus_is_patched_rightly() {
    replay("pair", 50, pair::pair);
}

#[test]
fn every_saved_plan_of_the_corpus_is_read_as_written_or_refused() {
    replay("saved", 12, saved::saved);
}

#[test]
fn every_file_of_the_corpus_is_read_written_and_edited_rightly() {
    replay("yaml", 12, yaml::yaml);
}
