//! Every fault against every write, once and for good, at every position: before the server acts, after it acted,
//! in the middle of the answer. Whatever happens, the exit code tells the truth about the account, nothing is done
//! twice, and no write is repeated blindly. P51, P56, P86.

use crate::support::project::{carry_out, deletion, desired, file, jobs, words};
use crate::support::{persona, sandbox, settings};
use personactl::api::WriteClient;
use personactl::exit_code::Exit;
use personactl::plan::exit_of;
use personactl::sandbox::Fault;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::task::{JoinSet, LocalSet};

const WRITES: [&str; 3] = ["PATCH", "POST", "DELETE"];

/// Where a fault strikes, and so what one of them leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// The server did nothing, and the client cannot know.
    Before,
    /// The server did it, and the client cannot know.
    After,
    /// The server says no.
    Refusal,
    /// Too many requests.
    Limit,
    /// The server says yes and keeps nothing.
    Lie,
    /// Nothing is wrong but the pace.
    Slow,
}

const FAULTS: [(&str, Position); 24] = [
    ("500", Position::Before),
    ("502", Position::Before),
    ("503", Position::Before),
    ("504", Position::Before),
    ("drop-before", Position::Before),
    ("html", Position::Before),
    ("hang", Position::Before),
    ("500-after", Position::After),
    ("503-after", Position::After),
    ("504-after", Position::After),
    ("drop-after", Position::After),
    ("hang-after", Position::After),
    ("truncate", Position::After),
    ("garbage", Position::After),
    ("empty", Position::After),
    ("400", Position::Refusal),
    ("401", Position::Refusal),
    ("403", Position::Refusal),
    ("404", Position::Refusal),
    ("409", Position::Refusal),
    ("422", Position::Refusal),
    ("redirect", Position::Refusal),
    ("429", Position::Limit),
    ("forget", Position::Lie),
];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    write: &'static str,
    fault: String,
    ended: &'static str,
    exit: u8,
    writes: usize,
    reads: usize,
    account: bool,
}

async fn play(write: &'static str, fault: String) -> Row {
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob")]).await;
    let mut settings = settings(sandbox.endpoint());
    // What hangs does so on the real clock; everything else never comes near this.
    settings.limits.attempt = Duration::from_millis(if fault.starts_with("hang") { 1_000 } else { 20_000 });
    let client = WriteClient::new(settings);
    let (name, prompt) =
        if write == "POST" { ("Carl", "You greet people.") } else { ("Ada", "You greet everybody.") };
    let todo = if write == "DELETE" {
        vec![deletion(&client, "p1").await]
    } else {
        jobs(&client, &desired(&[("personas/a.yaml", file(name, prompt))])).await.unwrap()
    };
    let _ = sandbox.recording().take();
    let mut parsed: Fault = fault.parse().unwrap();
    parsed.method = Some(write.to_owned());
    sandbox.set_faults(vec![parsed]);
    let outcomes = carry_out(&client, todo).await;
    let personas = sandbox.personas();
    let named: Vec<_> = personas.iter().filter(|persona| persona["persona_name"] == name).collect();
    let account = match write {
        "DELETE" => named.is_empty(),
        _ => named.len() == 1 && named[0]["system_prompt"] == prompt,
    };
    assert!(named.len() <= 1, "{write} {fault}: something was made twice");
    assert!(
        personas.iter().any(|persona| persona["persona_name"] == "Bob"),
        "{write} {fault}: the bystander is gone"
    );
    Row {
        write,
        ended: words(&outcomes)[0],
        exit: exit_of(&outcomes).code(),
        writes: sandbox.recording().count(write),
        reads: sandbox.recording().count("GET"),
        account,
        fault,
    }
}

#[tokio::test]
async fn every_fault_against_every_write_leaves_a_true_exit_code_and_nothing_done_twice() {
    LocalSet::new().run_until(matrix()).await;
}

async fn matrix() {
    // Requests that hang end by the real clock: they are played apart, where nothing else keeps the machine busy.
    let (hanging, others): (Vec<_>, Vec<_>) = FAULTS.iter().partition(|(fault, _)| fault.starts_with("hang"));
    let mut rows = Vec::new();
    for faults in [hanging, others] {
        let mut tasks = JoinSet::new();
        for write in WRITES {
            for (fault, _) in &faults {
                tasks.spawn_local(play(write, format!("{fault}:1")));
                tasks.spawn_local(play(write, (*fault).to_owned()));
            }
        }
        rows.extend(tasks.join_all().await);
    }
    for write in WRITES {
        rows.push(play(write, "drip=1ms:1".to_owned()).await);
        rows.push(play(write, "latency=5ms".to_owned()).await);
    }
    rows.sort();
    assert!(rows.len() >= 60, "{} combinations", rows.len());
    for row in &rows {
        let (kind, once) =
            row.fault.strip_suffix(":1").map_or((row.fault.as_str(), false), |kind| (kind, true));
        let position =
            FAULTS.iter().find(|(name, _)| *name == kind).map_or(Position::Slow, |(_, position)| *position);
        let done = row.exit == Exit::Done.code();
        assert_eq!(done, row.account, "the exit code lies: {row:?}");
        let (writes, lands) = match position {
            Position::Before => {
                if once {
                    (2, true)
                } else {
                    (4, false)
                }
            }
            Position::After | Position::Slow => (1, true),
            // A record may hold less than it shows: a 422 to a PATCH is answered once, more carefully.
            Position::Refusal if kind == "422" && row.write == "PATCH" => (2, once),
            Position::Refusal => (1, false),
            Position::Limit => {
                if once {
                    (2, true)
                } else {
                    (6, false)
                }
            }
            Position::Lie => (1, false),
        };
        assert_eq!(row.account, lands, "{row:?}");
        if kind.starts_with("hang") {
            // On a busy machine a request that does not hang may pass the short time limit, too.
            assert!((writes..=4).contains(&row.writes), "{row:?}");
        } else {
            assert_eq!(row.writes, writes, "{row:?}");
        }
        if position == Position::Lie && row.write == "PATCH" {
            assert_eq!((row.ended, row.exit), ("differs", Exit::Partial.code()), "{row:?}");
        }
    }
    let table = rows.iter().fold(String::new(), |mut table, row| {
        let Row { write, fault, ended, exit, writes, reads, .. } = row;
        let counts = match fault.starts_with("hang") {
            true => String::new(),
            false => format!("  {writes} writes {reads} reads"),
        };
        let _ = writeln!(table, "{write:6} {fault:14} {ended:8} exit {exit}{counts}");
        table
    });
    insta::assert_snapshot!(table);
}
