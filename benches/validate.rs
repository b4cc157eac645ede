//! How long it takes to read and validate 1,000 persona files of 5 kB: `cargo bench --bench validate`.
//!
//! The files are on disk and everything is read anew each round. CPU time of all threads, as Linux tells it; the goal
//! is under 150 ms.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program to be run by hand")]

use personactl::source::{Disk, LoadRequest, load};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const FILES: usize = 1000;

fn persona(number: usize) -> String {
    let mut text = format!("persona_name: Persona {number}\npipeline_mode: full\nsystem_prompt: |\n");
    for line in 0..34 {
        let _ = writeln!(
            text,
            "  {line}. You help visitors of place {number} to find their way. Keep the answers short, and say so when you do not know."
        );
    }
    text.push_str(
        "layers:\n  llm:\n    model: tavus-gpt-oss\n    extra_body: {temperature: 0.5}\n    tools:\n      - type: function\n        \
         function:\n          name: book\n          description: Books a visit.\n          parameters: {type: object, properties: {day: {type: string}}, required: [day]}\n  \
         tts:\n    tts_engine: cartesia\n  conversational_flow:\n    turn_taking_patience: medium\n",
    );
    text
}

const ROUNDS: u32 = 10;

/// CPU time of this process so far, its ended threads included, in steps of 10 ms: so it is told of all rounds.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = behind_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(10 * ticks.sum::<u64>())
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("personas")).unwrap();
    let mut bytes = 0;
    for number in 0..FILES {
        let text = persona(number);
        bytes += text.len();
        std::fs::write(folder.path().join(format!("personas/p{number}.yaml")), text).unwrap();
    }
    let disk = Disk::new(folder.path()).unwrap();
    let none = |_: &str| None;
    let mut least_wall = Duration::MAX;
    let before = cpu();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let loaded = load(&disk, &none, &LoadRequest { validate: true, ..LoadRequest::default() });
        assert!(!loaded.has_errors() && loaded.desired.len() == FILES);
        drop(loaded);
        least_wall = least_wall.min(started.elapsed());
    }
    println!(
        "{FILES} files, {} kB in all: {:.0} ms of CPU (mean of {ROUNDS}), {:.0} ms by the clock (least)",
        bytes / 1000,
        (cpu().saturating_sub(before) / ROUNDS).as_secs_f64() * 1000.0,
        least_wall.as_secs_f64() * 1000.0
    );
}
