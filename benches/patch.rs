//! The patch engine beside `json_patch::diff`, in one run.
//!
//! `cargo bench --bench patch` times pairs made here. With `PATCH_CASES=FILE.jsonl` (lines {id, before, after})
//! it also prints a table for that file: both times per pair, and the median of their ratios.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench prints what it measured, and fails by panicking"
)]

use personactl::patch::{Options, diff};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn main() {
    if let Ok(path) = std::env::var("PATCH_CASES") {
        for file in path.split(':') {
            table(file);
        }
        return;
    }
    divan::main();
}

/// A persona-like document with `tools` tools.
fn persona(tools: usize) -> Value {
    let tool = |n: usize| {
        json!({"type": "function", "function": {
            "name": format!("tool_{n}"),
            "description": format!("Looks up record {n} and says what was found, in one short sentence."),
            "parameters": {"type": "object", "properties": {
                "id": {"type": "string", "description": format!("the id of record {n}")},
                "limit": {"type": "integer", "minimum": n % 5},
            }, "required": ["id"]},
        }})
    };
    json!({
        "persona_name": "Interviewer",
        "system_prompt": "You are a patient interviewer. ".repeat(60),
        "layers": {"llm": {"model": "m", "tools": (0..tools).map(tool).collect::<Vec<_>>()}},
    })
}

const EDITS: [&str; 5] = ["nothing", "prompt", "insert_head", "move_first_last", "edit_each"];
const SIZES: [usize; 3] = [4, 60, 400];

fn edited(before: &Value, edit: &str) -> Value {
    let mut after = before.clone();
    let tools = after["layers"]["llm"]["tools"].as_array_mut().unwrap();
    match edit {
        "insert_head" => tools.insert(0, json!({"type": "function", "function": {"name": "new"}})),
        "move_first_last" => tools.rotate_left(1),
        "edit_each" => tools.iter_mut().for_each(|tool| tool["function"]["strict"] = json!(true)),
        "prompt" => after["system_prompt"] = json!("Be brief."),
        _ => {}
    }
    after
}

fn pairs() -> impl Iterator<Item = (&'static str, usize)> {
    EDITS.into_iter().flat_map(|edit| SIZES.map(|size| (edit, size)))
}

mod by_us {
    use super::*;

    #[divan::bench(args = pairs().map(|(e, n)| format!("{e}/{n}")).collect::<Vec<_>>())]
    fn diff_ours(bencher: divan::Bencher, case: &str) {
        let (before, after) = named(case);
        bencher.bench_local(|| diff(&before, &after, &[], &Options::default()).ok());
    }
}

mod by_json_patch {
    use super::*;

    #[divan::bench(args = pairs().map(|(e, n)| format!("{e}/{n}")).collect::<Vec<_>>())]
    fn diff_theirs(bencher: divan::Bencher, case: &str) {
        let (before, after) = named(case);
        bencher.bench_local(|| json_patch::diff(&before, &after));
    }
}

fn named(case: &str) -> (Value, Value) {
    let (edit, size) = case.split_once('/').unwrap();
    let before = persona(size.parse().unwrap());
    let after = edited(&before, edit);
    (before, after)
}

/// Best of several runs.
fn best(mut run: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
        if begin.elapsed() > Duration::from_millis(300) {
            break;
        }
    }
    best
}

fn table(file: &str) {
    let text = std::fs::read(file).unwrap();
    let mut ratios = Vec::new();
    let (mut sum_ours, mut sum_theirs, mut worst) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let verbose = std::env::var_os("PATCH_VERBOSE").is_some();
    for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(case) = personactl::json::read_strict(line) else { continue };
        let (before, after) = (&case["before"], &case["after"]);
        let ours = best(|| {
            std::hint::black_box(diff(before, after, &[], &Options::default()).ok());
        });
        let theirs = best(|| {
            std::hint::black_box(json_patch::diff(before, after));
        });
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        if verbose {
            println!(
                "{:28} ours {ours:>12.3?}  json-patch {theirs:>12.3?}  ratio {ratio:6.2}",
                case["id"].as_str().unwrap_or("?")
            );
        }
        ratios.push(ratio);
        sum_ours += ours;
        sum_theirs += theirs;
        worst = worst.max(ours);
    }
    ratios.sort_by(f64::total_cmp);
    let at = |share: f64| ratios[((ratios.len() - 1) as f64 * share) as usize];
    println!(
        "{file}: {} pairs; ratio of times: median {:.2}, 90 % {:.2}, worst {:.2}; sum ours {sum_ours:.3?}, json-patch {sum_theirs:.3?}; slowest of ours {worst:.3?}",
        ratios.len(),
        at(0.5),
        at(0.9),
        at(1.0)
    );
}
