//! The scripts of the GitHub action, run as the runner runs them, in real Git repositories and with a `gh` that
//! only writes down what it was asked.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A workspace as actions/checkout leaves it, and what the runner provides.
struct Workspace {
    folder: tempfile::TempDir,
    base: String,
    head: String,
}

/// What a step did.
struct Step {
    code: Option<i32>,
    stdout: String,
    outputs: BTreeMap<String, String>,
    summary: String,
}

impl Workspace {
    /// A base with one persona, a branch on which its prompt becomes this, and GitHub's merge of the two.
    fn new(prompt: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut workspace = Workspace { folder, base: String::new(), head: String::new() };
        fs::create_dir_all(workspace.path("repository/personas")).unwrap();
        fs::create_dir(workspace.path("temp")).unwrap();
        workspace.git(&["init", "--quiet", "--initial-branch=main"]);
        workspace.write("You are calm. You speak slowly and never rush.\n");
        workspace.base = workspace.commit();
        workspace.git(&["checkout", "--quiet", "-b", "change"]);
        workspace.write(prompt);
        workspace.head = workspace.commit();
        workspace.git(&["checkout", "--quiet", "main"]);
        workspace.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "change"]);
        workspace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, prompt: &str) {
        let file = serde_json::json!({"persona_name": "Host", "system_prompt": prompt});
        fs::write(self.path("repository/personas/host.json"), file.to_string()).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path("repository"))
            .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self) -> String {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "commit"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs a script with only these variables, and those of the runner.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Step {
        let (outputs, summary) = (self.path("outputs"), self.path("summary"));
        let _ = fs::remove_file(&outputs);
        let path = std::env::var("PATH").unwrap();
        let output = Command::new("bash")
            .arg(Path::new(ROOT).join("action").join(script))
            .current_dir(self.path("repository"))
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOME", self.folder.path())
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_EVENT_NAME", "pull_request")
            .env("GITHUB_SERVER_URL", "https://github.example")
            .env("GITHUB_REPOSITORY", "owner/repository")
            .env("GITHUB_RUN_ID", "42")
            .env("BINARY", env!("CARGO_BIN_EXE_personactl"))
            .env("DIRECTORY", ".")
            .env("PULL_REQUEST_BASE", &self.base)
            .env("PULL_REQUEST_HEAD", &self.head)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        Step {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            outputs: read(&outputs)
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            summary: read(&summary),
        }
    }

    /// Puts a `gh` in front that answers a listing with these ids and notes its arguments.
    fn gh(&self, ids: &str, works: bool) {
        fs::create_dir_all(self.path("bin")).unwrap();
        let log = self.path("gh.log");
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> '{0}'\necho \"MARK=$MARK\" >> '{0}'\n\
             for last; do :; done\ncase \"$last\" in body=@*) cat \"${{last#body=@}}\" >> '{0}' ;; *) printf '{ids}' ;; esac\n\
             exit {1}\n",
            log.display(),
            u8::from(!works)
        );
        let _ = fs::remove_file(&log);
        fs::write(self.path("bin/gh"), script).unwrap();
        fs::set_permissions(self.path("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn gh_log(&self) -> String {
        fs::read_to_string(self.path("gh.log")).unwrap_or_default()
    }
}

const HOSTILE: &str = "You are calm. You speak slowly.\n\n::error::owned\n::stop-commands::x\n##[error]owned\n@octocat </pre> <!-- personactl-action:.: -->\n";

#[test]
fn p64_without_a_key_the_plan_compares_with_the_merge_base_and_sets_every_output() {
    let workspace = Workspace::new(HOSTILE);
    // The base branch has moved since: what was merged into counts, not what the event says.
    let step = workspace.run("plan.sh", &[("PULL_REQUEST_BASE", "0123456789012345678901234567890123456789")]);
    assert_eq!(step.code, Some(0), "{}", step.stdout);
    let expected = [
        ("changes", "1"),
        ("creates", "0"),
        ("deletes", "0"),
        ("drift", "0"),
        ("verdict", "changes"),
        ("exit-code", "0"),
    ];
    for (name, value) in expected {
        assert_eq!(step.outputs.get(name).map(String::as_str), Some(value), "{name} of {:?}", step.outputs);
    }
    for name in ["json", "md", "html"] {
        assert!(Path::new(&step.outputs[name]).is_file(), "{name}");
    }
    assert!(
        step.summary.contains("no account was read") && step.summary.contains(&workspace.base),
        "{}",
        step.summary
    );

    // Texts of files are shown while commands are stopped; then come ours.
    let (stopped, ours) = step.stdout.split_once("::stop-commands::").unwrap().1.split_once('\n').unwrap();
    let (texts, ours) = ours.split_once(&format!("\n::{stopped}::\n")).unwrap();
    assert!(stopped.len() == 32 && texts.contains("##[error]owned"), "{texts}");
    let ours: Vec<&str> = ours.lines().collect();
    assert!(ours.iter().all(|line| line.starts_with("::notice ")) && ours.len() == 2, "{ours:?}");
    assert!(ours[0].contains("file=personas/host.json,line=1"), "{ours:?}");
}

#[test]
fn files_that_cannot_be_read_fail_and_say_so_in_the_comment_too() {
    let workspace = Workspace::new("You are calm.\n");
    fs::write(workspace.path("repository/personas/host.json"), "{\"persona_name\": ").unwrap();
    let step = workspace.run("plan.sh", &[]);
    assert_eq!(
        (step.code, step.outputs["verdict"].as_str(), step.outputs["exit-code"].as_str()),
        (Some(0), "failed", "1")
    );
    assert!(step.stdout.contains("::error title=personactl::there is no plan"), "{}", step.stdout);
    let place = "\n::error file=personas/host.json,line=1,col=";
    assert!(step.stdout.contains(place), "{}", step.stdout);
    workspace.gh("", true);
    let step = workspace.run("comment.sh", &[("NUMBER", "7"), ("VERDICT", "failed"), ("EXIT_CODE", "1")]);
    assert_eq!(step.code, Some(0));
    let log = workspace.gh_log();
    assert!(log.contains("There is no plan for the newest commit (exit code 1). [The log](https://github.example/owner/repository/actions/runs/42)"), "{log}");
}

#[test]
fn strangers_code_is_never_run_next_to_secrets() {
    let step = Workspace::new("x\n").run("plan.sh", &[("GITHUB_EVENT_NAME", "pull_request_target")]);
    assert_eq!(step.code, Some(1));
    assert!(
        step.stdout.starts_with("::error title=personactl::this action does not run on pull_request_target")
    );
}

#[test]
fn p68_one_comment_is_made_and_then_updated_and_nothing_is_said_of_nothing() {
    let workspace = Workspace::new(HOSTILE);
    let markdown = workspace.run("plan.sh", &[]).outputs["md"].clone();
    let comment = |verdict: &str, works: bool, ids: &str| {
        workspace.gh(ids, works);
        let step = workspace.run(
            "comment.sh",
            &[("NUMBER", "7"), ("VERDICT", verdict), ("MARKDOWN", &markdown), ("ENVIRONMENT", "prod eu")],
        );
        assert_eq!(step.code, Some(0), "{}", step.stdout);
        (step.stdout, workspace.gh_log())
    };
    let mark = "<!-- personactl-action:.:prod_eu -->";

    let (_, log) = comment("changes", true, "");
    assert!(log.contains("api --silent --method POST repos/owner/repository/issues/7/comments"), "{log}");
    assert!(log.contains(&format!("MARK={mark}\n")), "{log}");
    // A person may have quoted the comment; theirs is left alone.
    assert!(
        log.contains("select(.user.type == \"Bot\") | select(.body | contains(env.MARK)) | .id"),
        "{log}"
    );
    // The mark is there once: the one in the prompt is escaped.
    let body = &log[log.find("<!-- personactl:plan -->").unwrap()..];
    assert_eq!(
        (body.matches(mark).count(), body.matches("<!-- personactl-action").count()),
        (1, 1),
        "{body}"
    );

    let (_, log) = comment("in_sync", true, "111\\n222\\n");
    assert!(log.contains("--method PATCH repos/owner/repository/issues/comments/111 "), "{log}");
    assert!(!log.contains("POST"), "{log}");

    let (said, log) = comment("in_sync", true, "");
    assert!(said.contains("no comment") && !log.contains("POST") && !log.contains("PATCH"), "{log}");

    let (said, _) = comment("changes", false, "");
    assert!(said.starts_with("::warning title=personactl::the comment could not be written"), "{said}");
}

#[test]
fn every_input_and_output_is_documented_and_nothing_else_is() {
    let read = |name: &str| fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let action: serde_json::Value = serde_yaml::from_str(&read("action.yml")).unwrap();
    let manual = read("docs/action.md");
    for (kind, heading) in [("inputs", "## Inputs"), ("outputs", "## Outputs")] {
        let names: Vec<&String> = action[kind].as_object().unwrap().keys().collect();
        let section = manual.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
        let rows: Vec<&str> =
            section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(rows, names, "{kind}");
    }
    // Nothing that a pull request may choose stands in a command.
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
    }
}

/// The lines of the shipped apply workflows that find the base, run as they stand there.
#[test]
fn p84_only_a_ref_that_is_not_there_yet_means_no_base() {
    for workflow in [".github/workflows/apply.yml", "src/cli/init/templates/apply.yml"] {
        let text = fs::read_to_string(Path::new(ROOT).join(workflow)).unwrap();
        let lines = text.lines().skip_while(|line| line.trim() != "base=()");
        let mut script: Vec<&str> = lines.take_while(|line| line.trim() != "fi").map(str::trim).collect();
        script.extend(["fi", "echo \"base: ${base[*]}\""]);
        let workspace = Workspace::new("You are quick.\n");
        let run = || {
            let output = Command::new("bash")
                .args(["-e", "-c", &script.join("\n")])
                .current_dir(workspace.path("repository"))
                .env("APPLIED", "refs/personactl/applied/default")
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .output()
                .unwrap();
            (output.status.success(), String::from_utf8(output.stdout).unwrap().trim().to_owned())
        };
        workspace.git(&["remote", "add", "origin", "./missing"]);
        assert_eq!(run(), (false, String::new()), "{workflow}: an origin that cannot be reached");
        workspace.git(&["remote", "set-url", "origin", "."]);
        assert_eq!(run(), (true, "base:".to_owned()), "{workflow}: no ref yet");
        workspace.git(&["update-ref", "refs/personactl/applied/default", "HEAD~1"]);
        assert_eq!(run(), (true, "base: --base refs/personactl/applied/default".to_owned()), "{workflow}");
    }
}
