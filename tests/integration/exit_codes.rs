//! P65: the exit codes are one table, in the program, in `--help` and in the README.

use crate::support::Project;
use personactl::exit_code::Exit;

fn rows() -> Vec<(String, String)> {
    Exit::TABLE.iter().map(|(exit, meaning)| (exit.code().to_string(), (*meaning).to_owned())).collect()
}

#[test]
fn p65_help_shows_the_table_of_exit_codes() {
    let done = Project::new().run(["--help"]).exits(0);
    let (_, table) = done.stdout.split_once("Exit codes:\n").unwrap();
    let shown: Vec<(String, String)> = table
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .map(|(code, meaning)| (code.to_owned(), meaning.to_owned()))
        .collect();
    assert_eq!(shown, rows());
}

#[test]
fn p65_the_readme_names_the_same_codes() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("## Exit codes\n").expect("the README has a section on exit codes");
    let section = rest.split("\n## ").next().unwrap();
    let shown: Vec<(String, String)> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "))
        .filter(|(code, _)| code.chars().all(|c| c.is_ascii_digit()))
        .map(|(code, meaning)| (code.to_owned(), meaning.replace('`', "")))
        .collect();
    assert_eq!(shown, rows());
}

#[test]
fn codes_differ_and_2_is_left_to_usage_errors() {
    let codes: std::collections::BTreeSet<u8> = Exit::TABLE.iter().map(|(exit, _)| exit.code()).collect();
    assert_eq!(codes.len(), Exit::TABLE.len());
    assert_eq!(Exit::Usage.code(), 2);
    Project::new().run(["--no-such-flag"]).any_stderr().exits(2);
    Project::new().run(["plan", "-C", "no/such/folder"]).says("no/such/folder").exits(2);
}
