//! How fast `plan` and `apply` are, side by side with a bare loop of the same GETs: `cargo bench --bench plan`.
//!
//! The emulator runs in this process; what is measured runs in processes of its own: the program, and this program
//! again as the bare loop (the same HTTP crate, the same number of requests at once, answers read and thrown away).
//! Wall time, CPU time and peak memory of each are printed as a table for docs/performance.md. `PERSONACTL=PATH` gives
//! another build, such as the release one, for the start of the program.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program to be run by hand")]

use personactl::api::Endpoint;
use personactl::sandbox::{Fault, Options, Sandbox, Seed, StatePath};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A prompt of real length.
fn prompt(number: usize) -> String {
    let mut text = format!("# Persona number {number}\n");
    for paragraph in 0..24 {
        let _ = writeln!(
            text,
            "\nParagraph {paragraph}: ask one question at a time, listen to the answer, say back what you have heard, and only then go on to the next point of the list for number {number}."
        );
    }
    text
}

fn file(number: usize) -> String {
    let mut text = format!("persona_name: Persona {number:05}\nsystem_prompt: |\n");
    for line in prompt(number).lines() {
        let _ = writeln!(text, "{}{line}", if line.is_empty() { "" } else { "  " });
    }
    text.push_str("layers:\n  llm: {model: tavus-gpt-oss, speculative_inference: true}\n  tts: {tts_engine: cartesia, tts_model_name: sonic-3}\n");
    text
}

fn live(number: usize) -> serde_json::Value {
    serde_json::json!({
        "persona_id": format!("p{number:08}"), "persona_name": format!("Persona {number:05}"),
        "system_prompt": prompt(number),
        "layers": {"llm": {"model": "tavus-gpt-oss", "speculative_inference": true},
                   "tts": {"tts_engine": "cartesia", "tts_model_name": "sonic-3"}},
    })
}

struct Measured {
    wall: Duration,
    cpu: Duration,
    peak_mib: f64,
}

/// Runs a command to its end and looks at it from outside.
fn measure(command: &mut Command) -> Measured {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
    let (mut threads, mut peak) = (HashMap::new(), 0.0);
    let wall = loop {
        // The numbers of a thread and of a process are gone with it: the last look before its end counts.
        threads.extend(cpu_of_threads(child.id()));
        peak = f64::max(peak, peak_mib(child.id()).unwrap_or_default());
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?} ended with {status}");
            break begun.elapsed();
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    Measured { wall, cpu: threads.values().sum(), peak_mib: peak }
}

/// CPU time so far of each thread, as Linux tells it.
fn cpu_of_threads(id: u32) -> HashMap<OsString, Duration> {
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let cpu = |thread: std::fs::DirEntry| {
        let nanos = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let nanos = nanos.split_whitespace().next()?.parse().ok()?;
        Some((thread.file_name(), Duration::from_nanos(nanos)))
    };
    threads.filter_map(cpu).collect()
}

/// Peak memory so far.
fn peak_mib(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}

/// The same GETs with nothing around them.
async fn bare(endpoint: &str, count: usize, concurrency: usize) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let places = Arc::new(tokio::sync::Semaphore::new(concurrency));
    let get = |url: String| {
        let (client, places) = (client.clone(), places.clone());
        async move {
            let _place = places.acquire().await.unwrap();
            let answer = client.get(url).header("x-api-key", "bench").send().await.unwrap();
            assert!(answer.status().is_success());
            answer.bytes().await.unwrap().len()
        }
    };
    get(format!("{endpoint}/v2/personas?limit=100&page=1&persona_type=user")).await;
    let mut tasks = tokio::task::JoinSet::new();
    for page in 2..=count.div_ceil(100) {
        tasks.spawn(get(format!("{endpoint}/v2/personas?limit=100&page={page}&persona_type=user")));
    }
    while tasks.join_next().await.is_some() {}
    for number in 0..count {
        tasks.spawn(get(format!("{endpoint}/v2/personas/p{number:08}")));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn project(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder.join("personas")).unwrap();
    for number in 0..count {
        std::fs::write(folder.join(format!("personas/{number:05}.yaml")), file(number)).unwrap();
    }
}

fn personactl(folder: &Path, endpoint: &Endpoint, concurrency: usize, command: &[&str]) -> Command {
    let mut run = Command::new(env!("CARGO_BIN_EXE_personactl"));
    run.args(command).args(["--endpoint", &endpoint.to_string(), "--concurrency", &concurrency.to_string()]);
    run.current_dir(folder).env_clear().env("TAVUS_API_KEY", "bench-key-0123456789");
    run
}

fn best(mut run: impl FnMut() -> Measured, times: usize) -> Measured {
    let runs = (0..times).map(|_| run());
    runs.min_by_key(|measured| measured.wall).unwrap()
}

fn row(what: &str, ours: &Measured, bare: Option<&Measured>) {
    let ms = |duration: Duration| format!("{:.0}", duration.as_secs_f64() * 1000.0);
    let ratio = |a: Duration, b: Duration| format!("{:.2}", a.as_secs_f64() / b.as_secs_f64());
    let (wall, cpu, wall_ratio, cpu_ratio) = match bare {
        Some(bare) => (ms(bare.wall), ms(bare.cpu), ratio(ours.wall, bare.wall), ratio(ours.cpu, bare.cpu)),
        None => ("-".into(), "-".into(), "-".into(), "-".into()),
    };
    println!(
        "| {what} | {} | {wall} | {wall_ratio} | {} | {cpu} | {cpu_ratio} | {:.0} |",
        ms(ours.wall),
        ms(ours.cpu),
        ours.peak_mib
    );
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, flag, endpoint, count, concurrency, ..] = args.as_slice()
        && flag == "--bare"
    {
        runtime().block_on(bare(endpoint, count.parse().unwrap(), concurrency.parse().unwrap()));
        return;
    }
    let large = args.iter().any(|arg| arg == "--large");
    println!("| what | wall ms | bare | ratio | CPU ms | bare | ratio | peak MiB |");
    println!("|---|---|---|---|---|---|---|---|");
    let counts: &[usize] = if large { &[1_000, 10_000] } else { &[1_000] };
    for &count in counts {
        let folder = tempfile::tempdir().unwrap();
        project(folder.path(), count);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            runtime().block_on(async move {
                let seed = Seed::Personas((0..count).map(live).collect());
                let sandbox =
                    Sandbox::start(&StatePath::Memory, Options { seed, ..Options::default() }).await.unwrap();
                sender.send(Arc::new(sandbox)).unwrap();
                std::future::pending::<()>().await;
            });
        });
        let sandbox = receiver.recv().unwrap();
        let endpoint = sandbox.endpoint().clone();
        let loops = |concurrency: usize| {
            let mut run = Command::new(std::env::current_exe().unwrap());
            run.args(["--bare", &endpoint.to_string(), &count.to_string(), &concurrency.to_string()]);
            run
        };
        for (latency, concurrency) in [(20, 8), (20, 32), (0, 8)] {
            sandbox.set_faults(match latency {
                0 => Vec::new(),
                ms => vec![format!("latency={ms}ms").parse::<Fault>().unwrap()],
            });
            let bare = best(|| measure(&mut loops(concurrency)), 3);
            let ours =
                best(|| measure(&mut personactl(folder.path(), &endpoint, concurrency, &["plan", "-q"])), 3);
            row(&format!("plan, {count} personas, {latency} ms, {concurrency} at once"), &ours, Some(&bare));
        }
        sandbox.set_faults(Vec::new());
        let _ = sandbox.recording().take();
        measure(&mut personactl(folder.path(), &endpoint, 8, &["plan", "-q"]));
        let planned = sandbox.recording().take().len();
        sandbox.edit("p00000007", |persona| persona["system_prompt"] = "Something else.".into());
        let ours = measure(&mut personactl(folder.path(), &endpoint, 8, &["apply", "--yes", "-q"]));
        row(&format!("apply, {count} personas, one change"), &ours, None);
        println!(
            "(plan: {planned} requests; apply with one change: {} more)",
            sandbox.recording().take().len() - planned
        );
    }
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), 10);
    let endpoint = Endpoint::vendor();
    row(
        "validate, 10 files",
        &best(|| measure(&mut personactl(folder.path(), &endpoint, 8, &["validate"])), 20),
        None,
    );
    // How fast a program starts depends on how it was linked: the one to look at is the one that people get.
    let program = std::env::var_os("PERSONACTL").unwrap_or_else(|| env!("CARGO_BIN_EXE_personactl").into());
    let version = || measure(Command::new(&program).arg("--version"));
    let nothing = best(|| measure(&mut Command::new("/bin/true")), 50);
    row("--version, beside /bin/true", &best(version, 50), Some(&nothing));
}
