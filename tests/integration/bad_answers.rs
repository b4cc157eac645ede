//! An account or a network at fault: said with what to do, exit code 1, and nothing changed in the account.

use crate::support::raw::{RawServer, Step, answer, json as reply};
use crate::support::{Account, PlainAccount, Project, Run};
use personactl::sandbox::Options;
use serde_json::json;

const FILE: &str = "persona_name: Ada\nsystem_prompt: You sing.\n";

fn run(command: &str, project: &Project) -> Run {
    if command == "apply" { project.run(["apply", "--yes"]) } else { project.run([command]) }
}

const COMMANDS: [&str; 4] = ["plan", "apply", "drift", "list"];

#[test]
fn a_key_that_is_not_set_is_named_and_nothing_is_sent() {
    let account = Account::built_in();
    let project = Project::with(FILE);
    for command in COMMANDS {
        let done = run(command, &project).at_without_key(account.endpoint()).says("TAVUS_API_KEY").exits(1);
        assert!(done.stderr.contains("hint:") && done.stdout.is_empty(), "{done}");
    }
    let named = Project::with(FILE).file("personactl.yaml", "api_key: !env TAVUS_OTHER_KEY\n");
    named.run(["plan"]).at(account.endpoint()).says("TAVUS_OTHER_KEY").exits(1);
    assert_eq!(account.recording().lines(), [""; 0]);
}

#[test]
fn a_key_that_is_refused_stops_every_command_at_the_first_request() {
    let account = Account::with(Options { key: Some("the-right-key".to_owned()), ..Options::default() });
    let project = Project::with(FILE);
    for command in COMMANDS {
        let done = run(command, &project).at(account.endpoint()).says("401").exits(1);
        assert!(done.stderr.contains("key") && done.stderr.contains("hint:"), "{done}");
        assert_eq!(account.take_lines(), ["GET /v2/personas 401"], "{command}");
    }
}

/// Whatever a server answers that is not the API: said so, with exit code 1, and no write was tried.
#[track_caller]
fn refused(server: &RawServer, parts: &[&str]) {
    let project = Project::with(FILE).impatient();
    for command in COMMANDS {
        let mut run = run(command, &project).at(&server.endpoint);
        for part in parts {
            run = run.says(part);
        }
        assert_eq!(run.exits(1).stdout, "", "{command}");
    }
    let lines: Vec<String> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert!(lines.iter().all(|line| line.starts_with("GET ")), "{lines:?}");
}

#[test]
fn a_page_for_people_is_no_answer() {
    let page = "<!doctype html><title>Sign in</title>";
    let server =
        RawServer::start(move |_, _| answer("200 OK", "content-type: text/html\r\n", page.as_bytes()));
    refused(&server, &["HTML", "GET", "/v2/personas", "hint:"]);
}

#[test]
fn p50_a_redirect_is_an_error_that_names_the_host() {
    let server =
        RawServer::start(|_, _| answer("302 Found", "location: https://elsewhere.example/v2\r\n", b""));
    refused(&server, &["elsewhere.example", "GET", "/v2/personas"]);
}

#[test]
fn an_answer_over_the_cap_is_an_error() {
    let server = RawServer::start(|_, _| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40000000\r\n\r\n";
        let mut steps = vec![Step::Send(head.as_bytes().to_vec())];
        steps.extend((0..40).map(|_| Step::Send(vec![b' '; 1_000_000])));
        steps
    });
    refused(&server, &["32 MiB", "GET", "/v2/personas"]);
}

#[test]
fn json_that_is_cut_or_something_else_is_an_error() {
    let server = RawServer::start(|_, _| reply("200 OK", "{\"data\": ["));
    refused(&server, &["GET", "/v2/personas"]);
    let server = RawServer::start(|_, _| reply("200 OK", "{\"personas\": 3}"));
    refused(&server, &["GET", "/v2/personas"]);
}

#[test]
fn nobody_listening_is_an_error_with_the_address() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let project = Project::with(FILE).impatient();
    for command in COMMANDS {
        let done = run(command, &project).at(&address).any_stderr().exits(1);
        assert!(done.stderr.contains("error[") && done.stderr.contains("hint:"), "{done}");
    }
}

#[test]
fn p58_a_failed_listing_is_a_failure_and_never_an_empty_account() {
    for fault in ["403,path=/v2/personas", "400,path=/v2/personas", "404,path=/v2/personas"] {
        let account = Account::built_in();
        account.set_faults(vec![fault.parse().unwrap()]);
        let project = Project::with(FILE);
        for command in COMMANDS {
            let done = run(command, &project).at(account.endpoint()).says("/v2/personas").exits(1);
            assert_eq!(done.stdout, "", "{fault} {command}: no counts of nothing");
        }
        assert_eq!(account.writes(), [""; 0], "{fault}");
    }
}

#[test]
fn p58_on_an_incomplete_listing_nothing_is_created_and_the_rest_goes_on() {
    let persona = json!({"persona_id": "pb", "persona_name": "Bea", "system_prompt": "You greet people."});
    let shown = persona.clone();
    let server = RawServer::start(move |_, seen| {
        let line = &seen.line;
        match line.as_str() {
            line if line.starts_with("GET /v2/personas?") => {
                reply("200 OK", &json!({"data": [shown], "total_count": 3}).to_string())
            }
            line if line.starts_with("GET ") => reply("200 OK", &shown.to_string()),
            _ => reply("200 OK", "{}"),
        }
    });
    let project =
        Project::with(FILE).file("personas/b.yaml", "persona_name: Bea\nsystem_prompt: You greet people.\n");
    let plan = project.run(["plan"]).at(&server.endpoint).any_stderr().exits(1);
    plan.prints("incomplete").prints("0 to create").prints("1 in sync").prints("1 refused");
    project.run(["apply", "--yes"]).at(&server.endpoint).any_stderr().exits(1);
    let lines: Vec<String> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert!(lines.iter().all(|line| line.starts_with("GET ")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("page=0")), "page 0 was tried: {lines:?}");
}

#[test]
fn an_id_that_does_not_exist_is_a_failure_of_that_persona_alone() {
    let account = Account::of(vec![json!({"persona_id": "pb", "persona_name": "Bea", "system_prompt": "x"})]);
    let project = Project::with("persona_id: pgone\nsystem_prompt: x\n")
        .file("personas/b.yaml", "persona_name: Bea\nsystem_prompt: You sing.\n");
    let plan = project.run(["plan"]).at(account.endpoint()).exits(1);
    plan.prints("! failed pgone (personas/a.yaml)").prints("/v2/personas/pgone").prints("~ update Bea");
    assert_eq!(account.writes(), [""; 0]);
    project.run(["apply", "--yes"]).at(account.endpoint()).exits(4).prints("failed: pgone");
    assert_eq!(account.writes(), ["PATCH /v2/personas/pb 200"]);
}

#[test]
fn a_stock_persona_is_refused_and_never_written() {
    let stock = json!({"persona_id": "pstock", "persona_name": "Stock", "system_prompt": "x", "persona_type": "system"});
    let account = Account::of(vec![stock.clone()]);
    let project = Project::with("persona_id: pstock\nsystem_prompt: You sing.\n");
    project.run(["plan"]).at(account.endpoint()).exits(1).prints("stock persona").prints("personas/a.yaml");
    project.run(["apply", "--yes"]).at(account.endpoint()).exits(1).prints("stock persona");
    assert_eq!(account.writes(), [""; 0]);
}

#[test]
fn p80_an_ambiguous_name_is_refused_with_both_ids_and_never_written() {
    let twin = |id: &str| json!({"persona_id": id, "persona_name": "Ada", "system_prompt": "x"});
    let account = PlainAccount::of(vec![twin("pa"), twin("pb")]);
    let project = Project::with(FILE);
    for command in ["plan", "apply"] {
        let done = run(command, &project).at(account.endpoint()).exits(1);
        done.prints("ambiguous-name").prints("pa, pb").prints("persona_id");
    }
    assert_eq!(account.take_writes(), []);
}
