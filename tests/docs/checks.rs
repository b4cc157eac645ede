//! What the pages say about the repository: links, tests, dependencies, decisions, commands and numbers.

use clap::Parser as _;
use personactl::cli::Cli;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap().replace("\r\n", "\n")
}

/// The pages for people: at the root, in docs/ and below.
fn pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/decisions"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() > 15);
    found
}

/// What stands between backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Lines with the language of the fenced block that they stand in, if any.
fn lines(text: &str) -> Vec<(Option<&str>, &str)> {
    let mut block = None;
    let mut found = Vec::new();
    for line in text.lines() {
        match line.trim_start().strip_prefix("```") {
            Some(language) => block = if block.is_some() { None } else { Some(language) },
            None => found.push((block, line)),
        }
    }
    found
}

/// A heading's name in links, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap();
    lines(&text)
        .into_iter()
        .filter(|(block, line)| block.is_none() && line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#')))
        .collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut faults = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (block, line) in lines(&text) {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            let pictures = line.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
            for target in targets.chain(pictures).filter(|target| block.is_none() && !target.contains("://"))
            {
                let (file, name) = target.split_once('#').unwrap_or((target, ""));
                let goal = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
                if !goal.exists() || (!name.is_empty() && !anchors(&goal).contains(name)) {
                    faults.push(format!("{}: {target}", page.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A command of a page as words: quotes taken off, nothing behind a comment, a pipe or a redirection.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '#' | '|' | '>' | '&' | ';') if word.is_none() => break,
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn every_command_line_in_a_page_is_one_that_the_program_takes() {
    let mut faults = Vec::new();
    let mut count = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (block, line) in lines(&text) {
            let shown = line.trim().trim_start_matches("$ ");
            let commands: Vec<&str> = match block {
                Some(_) => vec![shown],
                None => quoted(line).collect(),
            };
            for command in commands.into_iter().filter(|command| command.starts_with("personactl ")) {
                let words = words(command);
                // Patterns rather than commands: `personactl COMMAND --help`, a line of usage.
                let pattern = |word: &String| {
                    word.contains("...")
                        || word.contains('…')
                        || ["COMMAND", "FAULT", "[OPTIONS]"].contains(&word.as_str())
                };
                if words.iter().any(pattern) {
                    continue;
                }
                count += 1;
                match Cli::try_parse_from(&words) {
                    Err(error) if error.use_stderr() && !bare(&words) => {
                        faults.push(format!("{}: `{command}`: {}", page.display(), error.kind()));
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 40, "only {count} commands found");
}

/// A command that is only named, without the arguments that it needs.
fn bare(words: &[String]) -> bool {
    use clap::CommandFactory as _;
    words.len() == 2 && Cli::command().find_subcommand(&words[1]).is_some()
}

#[test]
fn the_readme_goes_in_the_order_of_a_newcomer() {
    let readme = read("README.md");
    let headings: Vec<&str> = lines(&readme)
        .into_iter()
        .filter(|(block, line)| block.is_none() && line.starts_with("## "))
        .map(|(_, line)| line.trim_start_matches("## "))
        .collect();
    let order = [
        "First run",
        "Your own account",
        "In a pull request: what would a merge change?",
        "On merge: make it live",
        "Drift: has anyone changed a persona?",
        "A persona file",
        "Secrets",
        "Environments",
        "Exit codes",
        "How it compares",
        "State of the project",
        "Links",
    ];
    assert_eq!(headings, order);
}

#[test]
fn every_file_that_the_page_of_security_names_exists() {
    let page = read("docs/security.md");
    let mut count = 0;
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| asset")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert!(!cells[4].trim_end_matches(" |").trim().is_empty(), "no test: {row}");
        for cell in &cells[3..] {
            let mut folder = PathBuf::new();
            for name in quoted(cell) {
                if name.starts_with("just ") {
                    let recipe = format!("\n{}:", name.trim_start_matches("just "));
                    assert!(read("justfile").contains(&recipe), "{name}");
                    continue;
                }
                // A name without a folder stands beside the one before it.
                let path =
                    if name.contains('/') || folder.as_os_str().is_empty() || root().join(name).exists() {
                        PathBuf::from(name)
                    } else {
                        folder.join(name)
                    };
                assert!(root().join(&path).exists(), "{} in: {row}", path.display());
                folder = path.parent().unwrap().to_owned();
                count += 1;
            }
        }
    }
    assert!(count > 40, "only {count} names found");
}

/// The keys of a table of Cargo.toml.
fn dependencies(table: &str) -> BTreeSet<String> {
    let manifest = read("Cargo.toml");
    manifest
        .split(&format!("\n[{table}]\n"))
        .nth(1)
        .unwrap()
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = ").map(|(name, _)| name.to_owned()))
        .collect()
}

#[test]
fn every_dependency_has_its_line_and_no_line_is_left_over() {
    let page = read("docs/dependencies.md");
    for (table, heading) in [("dependencies", "## In the binary"), ("dev-dependencies", "## In tests only")] {
        let section = page.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
        let named: BTreeSet<String> = section
            .lines()
            .filter_map(|line| line.strip_prefix("| "))
            .filter_map(|row| row.split([' ', ',']).next())
            .filter(|name| *name != "crate")
            .map(str::to_owned)
            .collect();
        assert_eq!(named, dependencies(table), "{heading}");
    }
}

#[test]
fn every_decision_is_listed() {
    let list = read("docs/decisions/README.md");
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(root().join("docs/decisions")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        assert!(list.contains(&format!("]({name})")), "{name} is not in the list");
        numbers.push(name[..4].parse::<usize>().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    for choice in ["serde_yaml", "No state file", "Unlisted values", "comes from Git", "Connection: close"] {
        assert!(list.contains(choice), "no record of: {choice}");
    }
}

#[test]
fn the_oldest_rust_is_the_same_number_everywhere() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    for (file, said) in [
        ("README.md", format!("With Rust {oldest} or later")),
        ("CONTRIBUTING.md", format!("Rust {oldest} or later")),
        (".ci/lib.sh", format!("install Rust {oldest} or later")),
        (".github/workflows/ci.yml", format!("rustup toolchain install {oldest}.0 ")),
    ] {
        assert!(read(file).contains(&said), "{file} does not say `{said}`");
    }
}

#[test]
fn contributing_names_the_recipes_that_there_are() {
    let recipes: BTreeSet<String> = read("justfile")
        .lines()
        .filter_map(|line| line.strip_suffix(':'))
        .filter(|name| *name != "default")
        .map(str::to_owned)
        .collect();
    let page = read("CONTRIBUTING.md");
    let named: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `just ")?.split('`').next().map(str::to_owned))
        .collect();
    assert_eq!(named, recipes);
    assert_eq!(named.len(), 5);
}
