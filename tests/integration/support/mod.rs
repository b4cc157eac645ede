//! What the tests share: a fluent runner for the real binary, and accounts to run it against.
//!
//! - [`Project`]: a temporary folder of persona files; `project.run(["plan"])` runs the binary in it.
//! - [`Account`]: the program's own sandbox, started in this process, with its recording.
//! - [`PlainAccount`]: a second, independent server that stores what it is sent exactly as it comes and shows it so.
//! - [`raw`]: a server that sends any bytes.
#![allow(dead_code, unused_imports, reason = "two test programs share this, and neither needs all of it")]

mod account;
mod plain;
mod project;
#[path = "../../network/support/raw.rs"]
pub(crate) mod raw;

pub(crate) use account::Account;
pub(crate) use plain::{Docs, PlainAccount, Received};
pub(crate) use project::{Done, Project, Run};

/// Values that stand for secrets. The runner fails any test in whose output one of them occurs.
pub(crate) const SECRETS: [(&str, &str); 5] = [
    ("TAVUS_API_KEY", "fixture-account-key-0123456789"),
    ("LLM_API_KEY", "fixture-model-key-0123456789"),
    ("TTS_API_KEY", "fixture-voice-key-0123456789"),
    // What an account holds before its key is rotated.
    ("LLM_OLD_KEY", "fixture-old-key-0123456789"),
    ("LLM_GATEWAY_TOKEN", "fixture-gateway-token-0123456789"),
];
