//! `completions` and `man`: made from the arguments, so nothing can be missing.

use crate::support::Project;
use personactl::exit_code::Exit;

const COMMANDS: [&str; 13] = [
    "init",
    "validate",
    "plan",
    "apply",
    "drift",
    "pull",
    "list",
    "doctor",
    "show",
    "schema",
    "patch",
    "completions",
    "man",
];

#[test]
fn every_shell_gets_a_script_that_knows_every_command() {
    let project = Project::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = project.run(["completions", shell]).exits(0).stdout;
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
    project.run(["completions", "cmd.exe"]).says("possible values").exits(2);
}

#[test]
fn p65_the_manual_has_the_table_of_exit_codes() {
    let project = Project::new();
    let page = project.run(["man"]).exits(0).stdout.replace("\\-", "-");
    for (exit, meaning) in Exit::TABLE {
        assert!(page.contains(&format!("{:>3}  {meaning}", exit.code())), "{meaning} is missing in {page}");
    }
    for command in COMMANDS {
        let page = project.run(["man", command]).exits(0).stdout;
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
    project.run(["man", "nonsense"]).says("there is no command `nonsense`").exits(2);
}
