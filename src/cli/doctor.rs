//! `doctor`: looks at the key, the endpoint, trust and the account's answers. Holds a client that cannot write.

use super::Error;
use super::args::Global;
use super::context;
use super::output::Output;
use crate::api::ReadClient;
use crate::doctor::{Check, Verdict, examine};
use crate::exit_code::Exit;
use crate::report::brief::plural;
use crate::report::escape;
use clap::Args;
use std::io::{self, Write};

/// The arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {}

/// Runs `doctor`. What is wrong with files, key or endpoint is a finding here, not the end.
pub(super) async fn run(global: &Global, _: &DoctorArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let mut checks = Vec::new();
    let project = context::project(global, &output)?;
    checks.push(Check::new("files", Verdict::Good, plural(project.desired.len(), "persona")));
    match context::connect(global, &project).await {
        Ok(connection) => {
            let settings = &connection.settings;
            let whose = if settings.endpoint.is_vendor() { ", the vendor's" } else { "" };
            checks.push(Check::new("endpoint", Verdict::Good, format!("{}{whose}", connection.label)));
            let trust = match &settings.ca_file {
                _ if settings.endpoint.is_plain_http() => {
                    "none needed: unencrypted, to this machine".to_owned()
                }
                Some(file) => format!("the machine's authorities and those of {}", file.display()),
                None => "the machine's authorities".to_owned(),
            };
            checks.push(Check::new("trust", Verdict::Good, trust));
            let client = ReadClient::new(settings.clone());
            checks.extend(examine(&client, &project.desired).await);
        }
        Err(error) => {
            let found = format!("[{}] {}", error.code, error.message);
            checks.push(Check { what: "key and endpoint", verdict: Verdict::Bad, found, hint: error.hint });
        }
    }
    output.data(|out| write(&checks, out))?;
    let bad = checks.iter().filter(|check| check.verdict == Verdict::Bad).count();
    Ok(if bad == 0 { Exit::Done } else { Exit::Failed })
}

fn write(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    for check in checks {
        let word = match check.verdict {
            Verdict::Good => "ok",
            Verdict::Note => "note",
            Verdict::Bad => "FAIL",
        };
        writeln!(out, "{word:4}  {}: {}", check.what, escape::inline(&check.found))?;
        if let Some(hint) = &check.hint {
            writeln!(out, "      hint: {}", escape::inline(hint))?;
        }
    }
    Ok(())
}
