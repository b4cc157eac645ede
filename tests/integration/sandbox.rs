//! `sandbox` and `--sandbox`: the emulator as a server of its own, and within a command.

use crate::support::Project;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A sandbox served by the binary; it ends with the value.
struct Served(Child);

impl Served {
    fn start(project: &Project, args: &[&str]) -> (Self, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_personactl"))
            .args(["sandbox"])
            .args(args)
            .current_dir(project.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        (Served(child), address.trim().to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_sandbox_command_serves_an_account_that_other_commands_reach_by_its_address() {
    let project = Project::shipped();
    let (_served, address) = Served::start(&project, &["--memory", "--record", "requests.jsonl"]);
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    project.run(["apply", "--yes"]).at(&address).secrets().exits(0).prints("1 created, 3 updated");
    project.run(["plan", "--exit-code"]).at(&address).secrets().exits(0);
    let recorded = project.read("requests.jsonl");
    assert_eq!(recorded.lines().filter(|line| line.contains("\"POST\"")).count(), 1, "{recorded}");
}

#[test]
fn faults_that_are_asked_for_strike() {
    let project = Project::shipped();
    let (_served, address) = Served::start(&project, &["--memory", "--fault", "403,method=PATCH"]);
    let done = project.run(["apply", "--yes"]).at(&address).secrets().exits(4);
    done.prints("1 created, 1 in sync, 3 failed");
}

#[test]
fn the_sandbox_option_needs_no_key_and_keeps_its_state_between_runs() {
    let project = Project::shipped();
    project.run(["plan", "--sandbox", "--exit-code"]).exits(3).prints("1 to create, 3 to update, 1 in sync");
    project.run(["apply", "--sandbox", "--yes"]).exits(0).prints("1 created, 3 updated, 1 in sync");
    project.run(["plan", "--sandbox", "--exit-code"]).exits(0).prints("5 in sync");
    project.run(["apply", "--sandbox", "--yes"]).exits(0).prints("Apply: 5 in sync");
    assert!(project.root().join(".personactl/sandbox.json").is_file());
    project.run(["plan", "--sandbox=other/state.json", "--exit-code"]).exits(3).prints("1 to create");
    assert!(project.root().join("other/state.json").is_file());
}
