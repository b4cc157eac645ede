//! P85: many at a time gives what one at a time gives.

use crate::support::{PlainAccount, Project, Received};
use serde_json::{Value, json};

const COUNT: usize = 50;

fn account() -> PlainAccount {
    let docs = (0..COUNT)
        .filter(|n| n % 5 != 0)
        .map(|n| {
            json!({"persona_id": format!("p{n:03}"), "persona_name": format!("Persona {n}"), "system_prompt": "Old.",
                "layers": {"llm": {"model": "tavus-gpt-oss", "extra_body": {"only": n}}}})
        })
        .collect();
    PlainAccount::of(docs)
}

fn project() -> Project {
    let project = Project::new();
    for n in 0..COUNT {
        let text = format!(
            "persona_name: Persona {n}\nsystem_prompt: You are number {n}.\nlayers: {{llm: {{extra_body: {{seed: {n}}}}}}}\n"
        );
        project.write(&format!("personas/{n:03}.yaml"), text);
    }
    project
}

fn apply(concurrency: &str) -> (String, Vec<Received>, Vec<Value>) {
    let (project, account) = (project(), account());
    let run = project.run(["apply", "--yes", "--concurrency", concurrency]).at(account.endpoint());
    let done = run.exits(0).prints("Apply: 10 created, 40 updated");
    let mut writes = account.take_writes();
    writes.sort_by_key(|request| (request.path.clone(), request.body.to_string()));
    let mut docs = account.docs();
    for doc in &mut docs {
        // Ids of new personas are given in the order in which they came.
        if doc["persona_id"].as_str().is_some_and(|id| id.starts_with("pnew")) {
            doc.as_object_mut().unwrap().remove("persona_id");
        }
    }
    docs.sort_by_key(Value::to_string);
    let lines = done.stdout.lines().map(|line| line.split(" (pnew").next().unwrap());
    (lines.collect::<Vec<_>>().join("\n"), writes, docs)
}

#[test]
fn p85_fifty_personas_at_eight_at_a_time_end_as_one_at_a_time() {
    let (one, eight) = (apply("1"), apply("8"));
    assert_eq!(one.0, eight.0, "what is said, in the same order");
    assert_eq!(one.1, eight.1, "what is sent");
    assert_eq!(one.2, eight.2, "what the account is then");
    assert_eq!(eight.1.len(), COUNT);
    for request in &eight.1 {
        let number = match request.path.strip_prefix("/v2/personas/p") {
            Some(id) => id.parse::<usize>().unwrap(),
            None => request.body["layers"]["llm"]["extra_body"]["seed"].as_u64().unwrap() as usize,
        };
        let text = request.body.to_string();
        let own = format!("You are number {number}.");
        assert_eq!(text.matches("You are number").count(), 1, "{text}");
        assert!(text.contains(&own), "each request holds only its own values: {text}");
    }
}
