//! The layers of the program: the pure modules reach no file, network, clock of the system or environment, the pure
//! ones do not know the edges, and nothing but the binary knows the command line.
//!
//! Reads the sources: every path that a file names, `use` trees spread out, `super` and imported names resolved;
//! comments, texts and test modules are left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Decide and compute. No input or output.
const PURE: [&str; 9] =
    ["compare", "diagnostic", "json", "patch", "persona", "plan", "pull", "report", "source"];

/// Reach outside.
const EDGES: [&str; 7] = ["api", "apply", "cli", "doctor", "git", "sandbox", "survey"];

/// Belong to neither: the map, the binary, and the exit codes that `plan` and `cli` share.
const ROOT: [&str; 3] = ["exit_code", "lib", "main"];

/// The one pure module with a door to the disk, behind the trait that all others use.
const DOOR: &str = "crate::source::disk";

/// What no pure module may name.
const OUTSIDE: [&str; 16] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "hyper",
    "hyper_util",
    "ignore",
    "indicatif",
    "reqwest",
    "rustls",
    "tempfile",
    "tokio",
];

/// What a report needs to write to whatever it is given.
const WRITING: [&str; 4] = ["std::io", "std::io::Error", "std::io::Result", "std::io::Write"];

#[test]
fn every_module_belongs_to_a_layer() {
    let mut found: Vec<String> = std::fs::read_dir(source_root())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    let mut known: Vec<&str> = PURE.into_iter().chain(EDGES).chain(ROOT).collect();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn pure_modules_reach_no_file_network_process_or_environment() {
    let faults = faults(&PURE, |module, path| {
        let writes = module.starts_with("crate::report") && WRITING.contains(&path);
        let disk = module == DOOR && (starts(path, "std") || starts(path, "ignore"));
        !writes && !disk && OUTSIDE.iter().any(|outside| starts(path, outside))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pure_modules_do_not_know_the_edges() {
    let faults = faults(&PURE, |_, path| EDGES.iter().any(|edge| starts(path, &format!("crate::{edge}"))));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_binary_knows_the_command_line() {
    let edges: Vec<&str> = EDGES.into_iter().filter(|edge| *edge != "cli").collect();
    let faults = faults(&edges, |_, path| starts(path, "crate::cli"));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn commands_that_only_read_name_no_client_that_writes() {
    for command in ["plan", "drift", "list", "pull", "doctor", "show", "validate"] {
        let (file, folder) =
            (source_root().join(format!("cli/{command}.rs")), source_root().join("cli").join(command));
        let files: Vec<_> = if folder.is_dir() {
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
        } else {
            vec![file]
        };
        assert!(!files.is_empty(), "{command}");
        for file in files {
            // A command that has moved must not be left out: no file, no test.
            let text = std::fs::read_to_string(&file).unwrap();
            let named = paths(&text, "crate::cli");
            let writes = |path: &&String| path.contains("WriteClient") || starts(path, "crate::apply");
            let faults: Vec<&String> = named.iter().filter(writes).collect();
            assert!(faults.is_empty(), "{command}: {faults:?}");
        }
    }
}

/// Tests wait for something that happens, not for time to pass. Longer waits are told by a clock of the tests' own.
#[test]
fn no_test_sleeps_for_longer_than_a_second() {
    let mut folders = vec![source_root().join("../tests"), source_root()];
    let mut faults = Vec::new();
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for (unit, most) in [("from_millis(", 1_000), ("WaitMs(", 1_000), ("from_secs(", 1)] {
                    for line in
                        text.lines().filter(|line| line.contains("sleep(") || line.contains("WaitMs("))
                    {
                        let digits = |rest: &str| {
                            let end =
                                rest.find(|c: char| c != '_' && !c.is_ascii_digit()).unwrap_or(rest.len());
                            rest[..end].replace('_', "").parse::<u64>().ok()
                        };
                        let waits = line.split(unit).skip(1).filter_map(digits);
                        count += 1;
                        faults.extend(
                            waits
                                .filter(|wait| *wait > most)
                                .map(|_| format!("{}: {}", path.display(), line.trim())),
                        );
                    }
                }
            }
        }
    }
    assert!(count > 0 && faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_reader_of_this_test_sees_through_use_trees_and_leaves_out_what_does_not_run() {
    let text = r##"
        //! std::env::var in a comment
        use std::{collections::BTreeMap, fs as files, io::{self, Read as _}};
        use super::super::api::{self, Client};
        /* use tokio::spawn; /* nested */ */
        fn run<'a>(text: &'a str) -> char {
            let shown = "reqwest::get \" hyper::x"; let raw = r#"std::net"#; let c = '"';
            files::read(text); io::stdout(); crate::cli::main(); 'x'
        }
        #[cfg(test)]
        mod tests { use std::process::Command; fn f() { if true { std::env::args(); } } }
        struct After(tokio::time::Instant);
    "##;
    let found = paths(text, "crate::plan::build");
    for wanted in [
        "std::collections::BTreeMap",
        "std::fs",
        "std::io::Read",
        "crate::api",
        "crate::api::Client",
        "std::fs::read",
        "std::io::stdout",
        "crate::cli::main",
        "tokio::time::Instant",
    ] {
        assert!(found.iter().any(|path| path == wanted), "{wanted} is not in {found:?}");
    }
    for absent in ["std::env", "tokio::spawn", "reqwest", "hyper", "std::net", "std::process"] {
        assert!(!found.iter().any(|path| starts(path, absent)), "{absent} is in {found:?}");
    }
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn starts(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Every path that a file of these modules names and that is wrong, with the file.
fn faults(modules: &[&str], wrong: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = 0;
    for module in modules {
        for file in files_below(&source_root().join(module)) {
            let relative = file.strip_prefix(source_root()).unwrap().with_extension("");
            let parts: Vec<String> =
                relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            if parts.last().is_some_and(|last| last == "tests") {
                continue;
            }
            let own = parts
                .iter()
                .filter(|part| *part != "mod")
                .fold("crate".to_owned(), |path, part| format!("{path}::{part}"));
            let text = std::fs::read_to_string(&file).unwrap();
            for path in paths(&text, &own) {
                seen += 1;
                if wrong(&own, &path) {
                    faults.push(format!("src/{}.rs names {path}", relative.display()));
                }
            }
        }
    }
    assert!(seen > 100, "hardly any path was found: the reader of this test is broken");
    faults
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// All paths of two segments and more that a file names, from the crate's or a dependency's root.
fn paths(text: &str, own: &str) -> Vec<String> {
    let tokens = without_tests(tokens(text));
    let mut imported: HashMap<String, String> = HashMap::new();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "use" {
            let mut uses = Vec::new();
            at = use_tree(&tokens, at + 1, String::new(), &mut uses);
            for (path, name) in uses {
                let path = resolve(&path, own, &HashMap::new());
                imported.insert(name, path.clone());
                found.push(path);
            }
        } else {
            at += 1;
        }
    }
    let mut at = 0;
    while at < tokens.len() {
        let begins = is_word(&tokens[at]) && (at == 0 || tokens[at - 1] != "::" && tokens[at - 1] != ".");
        if !begins || tokens.get(at + 1).is_none_or(|next| next != "::") {
            at += 1;
            continue;
        }
        let mut path = tokens[at].clone();
        at += 1;
        while tokens.get(at).is_some_and(|token| token == "::")
            && tokens.get(at + 1).is_some_and(|t| is_word(t))
        {
            path = format!("{path}::{}", tokens[at + 1]);
            at += 2;
        }
        found.push(resolve(&path, own, &imported));
    }
    found
}

/// Reads one `use` tree: the paths in it, each with the name it is known by.
fn use_tree(tokens: &[String], mut at: usize, prefix: String, out: &mut Vec<(String, String)>) -> usize {
    let mut path = prefix.clone();
    let mut name = String::new();
    let join = |path: &str, part: &str| {
        if path.is_empty() { part.to_owned() } else { format!("{path}::{part}") }
    };
    while at < tokens.len() {
        match tokens[at].as_str() {
            "::" => at += 1,
            "{" => {
                at += 1;
                while at < tokens.len() && tokens[at] != "}" {
                    at = use_tree(tokens, at, path.clone(), out);
                    if tokens.get(at).is_some_and(|token| token == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "as" => {
                name = tokens.get(at + 1).cloned().unwrap_or_default();
                at += 2;
            }
            "self" if !path.is_empty() => {
                name = path.rsplit("::").next().unwrap_or_default().to_owned();
                at += 1;
            }
            word if is_word(word) => {
                path = join(&path, word);
                name = word.to_owned();
                at += 1;
            }
            "*" => at += 1,
            _ => break,
        }
    }
    if path != prefix || name != String::new() {
        out.push((path, name));
    }
    at
}

fn resolve(path: &str, own: &str, imported: &HashMap<String, String>) -> String {
    let (first, rest) = path.split_once("::").map_or((path, None), |(first, rest)| (first, Some(rest)));
    let join = |base: &str| rest.map_or(base.to_owned(), |rest| format!("{base}::{rest}"));
    match first {
        "self" => join(own),
        "super" => {
            let above = own.rsplit_once("::").map_or("crate", |(above, _)| above);
            rest.map_or(above.to_owned(), |rest| {
                if starts(rest, "super") {
                    resolve(rest, above, imported)
                } else {
                    format!("{above}::{rest}")
                }
            })
        }
        first => imported.get(first).map_or_else(|| path.to_owned(), |full| join(full)),
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single signs; no comments, texts, characters or lifetimes.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    let has = |at: usize, part: &str| part.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c));
    while at < chars.len() {
        let c = chars[at];
        if has(at, "//") {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if has(at, "/*") {
            let mut depth = 0;
            while at < chars.len() {
                if has(at, "/*") {
                    depth += 1;
                    at += 2;
                } else if has(at, "*/") {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        break;
                    }
                } else {
                    at += 1;
                }
            }
        } else if c == 'r' && (has(at, "r\"") || has(at, "r#\"") || has(at, "r##\"")) {
            let signs = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            let end = format!("\"{}", "#".repeat(signs));
            at += 2 + signs;
            while at < chars.len() && !has(at, &end) {
                at += 1;
            }
            at += end.len();
        } else if c == '"' {
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c == '\'' {
            // A character ends in a quote; a lifetime does not.
            if chars.get(at + 1) == Some(&'\\') {
                at += 3;
                while at < chars.len() && chars[at] != '\'' {
                    at += 1;
                }
                at += 1;
            } else if chars.get(at + 2) == Some(&'\'') {
                at += 3;
            } else {
                at += 1;
                while at < chars.len() && (chars[at].is_alphanumeric() || chars[at] == '_') {
                    at += 1;
                }
            }
        } else if c.is_alphabetic() || c == '_' {
            let start = at;
            while at < chars.len() && (chars[at].is_alphanumeric() || chars[at] == '_') {
                at += 1;
            }
            // `r#type` is a word, and so is the `r` in front of it, which does no harm.
            tokens.push(chars[start..at].iter().collect());
        } else if has(at, "::") {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            at += 1;
        }
    }
    tokens
}

/// Leaves out every item under `#[cfg(test)]`.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at..].iter().take(mark.len()).eq(mark.iter()) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let mut depth = 0;
        while at < tokens.len() {
            match tokens[at].as_str() {
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
            at += 1;
        }
        at += 1;
    }
    kept
}
