//! Memory: reading two documents, finding the patch and verifying it takes less than 20 times their size.
//!
//! The peak is what the program asks the allocator for, so it is the same on every machine. One test: the
//! allocator counts for the whole process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use peak_alloc::PeakAlloc;
use personactl::json::read_strict;
use personactl::patch::{Operations, Options, diff};
use serde_json::{Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A persona whose tools are told apart by `tag`.
fn persona(tag: &str, tools: &[usize]) -> Value {
    let tool = |n: &usize| {
        json!({"type": "function", "function": {
            "name": format!("{tag}_{n}"),
            "description": format!("The {tag} of record {n}: looks it up and says in one sentence what was found."),
            "parameters": {"type": "object", "required": ["id"], "properties": {
                "id": {"type": "string", "description": format!("the id of {tag} {n}")},
                "limit": {"type": "integer", "minimum": n % 5},
            }},
        }})
    };
    json!({
        "persona_name": "Interviewer",
        "system_prompt": "You are a patient interviewer. ".repeat(60),
        "layers": {"llm": {"tools": tools.iter().map(tool).collect::<Vec<_>>()}},
    })
}

/// The numbers below `count` in an order that repeats nowhere.
fn shuffled(count: usize) -> Vec<usize> {
    (0..count).map(|n| (n * 7919 + 13) % count).collect()
}

fn pairs() -> Vec<(&'static str, Value, Value)> {
    let all: Vec<usize> = (0..401).collect();
    let mut rotated = all.clone();
    rotated.rotate_left(100);
    let mut edited = persona("search", &all);
    for tool in edited["layers"]["llm"]["tools"].as_array_mut().unwrap() {
        tool["function"]["strict"] = json!(true);
    }
    let ids =
        |order: Vec<usize>| json!(order.iter().map(|n| format!("t{:012x}", n * 48271)).collect::<Vec<_>>());
    vec![
        ("equal", persona("search", &all), persona("search", &all)),
        ("shuffled tools", persona("search", &all), persona("search", &shuffled(401))),
        ("moved tools", persona("search", &all), persona("search", &rotated)),
        ("every tool edited", persona("search", &all), edited),
        ("unrelated tools", persona("search", &all), persona("report", &shuffled(401))),
        ("shuffled ids", ids((0..8_009).collect()), ids(shuffled(8_009))),
    ]
}

#[test]
fn the_peak_is_below_twenty_times_the_documents() {
    let transfers = Operations { r#move: true, copy: true, test: false };
    let mut peaks = String::new();
    for (name, live, target) in pairs() {
        let (live, target) = (live.to_string(), target.to_string());
        let size = live.len() + target.len();
        for operations in [Operations::default(), transfers] {
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            let (live, target) =
                (read_strict(live.as_bytes()).unwrap(), read_strict(target.as_bytes()).unwrap());
            let options = Options { operations, ..Options::default() };
            let patch = diff(&live, &target, &[], &options).unwrap().verify(&live, &target).unwrap();
            assert_eq!(patch.is_empty(), name == "equal");
            let peak = MEMORY.peak_usage() - before;
            #[expect(clippy::cast_precision_loss, reason = "sizes of some hundred kilobytes")]
            let times = peak as f64 / size as f64;
            let with = if operations == transfers { ", with move and copy" } else { "" };
            peaks += &format!("{name}{with}: {size} bytes, peak {times:.1} times\n");
            assert!(peak < 20 * size, "{peaks}");
        }
    }
    println!("{peaks}");
}
