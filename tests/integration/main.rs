//! The real binary, end to end, over real sockets. Everything here needs the loopback interface only.
//!
//! One file for each command, and one for each promise that all commands share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

mod apply;
mod bad_answers;
mod bad_files;
mod base;
mod concurrency;
mod drift;
mod exit_codes;
mod list;
mod manual;
mod moved;
mod output;
mod plan;
mod sandbox;
mod secrets;
mod write_ids;

/// A file that nobody names is never compiled, and its tests never run.
#[test]
fn no_file_of_this_folder_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "main")
        .collect();
    files.sort();
    let mut named: Vec<&str> = include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')))
        .collect();
    named.sort_unstable();
    assert_eq!(named, files);
}
