//! P82: a persona that somebody changes between plan and write is not written; the others go on.

use crate::support::{PlainAccount, Project};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

fn persona(id: &str, name: &str) -> Value {
    json!({"persona_id": id, "persona_name": name, "system_prompt": "You greet people."})
}

fn project() -> Project {
    Project::new()
        .file("personas/a.yaml", "persona_name: Ada\nsystem_prompt: You sing.\n")
        .file("personas/b.yaml", "persona_name: Bea\nsystem_prompt: You sing.\n")
}

/// An account in which something happens right before the `nth` request of this kind is answered.
fn when(method: &'static str, path: &'static str, nth: usize, act: fn(&mut Vec<Value>)) -> PlainAccount {
    let seen = AtomicUsize::new(0);
    PlainAccount::hooked(vec![persona("pa", "Ada"), persona("pb", "Bea")], move |request, docs| {
        let fits = request.method == method && request.path.split('?').next() == Some(path);
        if fits && seen.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            act(docs);
        }
    })
}

#[test]
fn p82_a_persona_that_moved_since_the_plan_is_refused_and_the_others_are_written() {
    let account = when("GET", "/v2/personas/pa", 2, |docs| docs[0]["greeting"] = json!("Ahoy!"));
    let done = project().run(["apply", "--yes"]).at(account.endpoint()).exits(4);
    done.prints("refused: Ada (pa)").prints("live-moved").prints("updated: Bea (pb)");
    let docs = account.docs();
    assert_eq!(
        (&docs[0]["system_prompt"], &docs[0]["greeting"]),
        (&json!("You greet people."), &json!("Ahoy!"))
    );
    assert_eq!(docs[1]["system_prompt"], "You sing.");
    let written: Vec<String> = account.take_writes().into_iter().map(|request| request.path).collect();
    assert_eq!(written, ["/v2/personas/pb"]);
}

#[test]
fn p82_what_only_the_server_owns_may_move() {
    let account =
        when("GET", "/v2/personas/pa", 2, |docs| docs[0]["updated_at"] = json!("2026-05-05T00:00:00Z"));
    project().run(["apply", "--yes"]).at(account.endpoint()).exits(0).prints("Apply: 2 updated");
}

#[test]
fn p82_somebody_else_made_the_same_change_meanwhile() {
    let account = when("GET", "/v2/personas/pa", 2, |docs| docs[0]["system_prompt"] = json!("You sing."));
    let done = project().run(["apply", "--yes"]).at(account.endpoint()).ends();
    assert!(done.stdout.contains("updated: Bea (pb)"), "{done}");
    let written: Vec<String> = account.take_writes().into_iter().map(|request| request.path).collect();
    assert_eq!(written, ["/v2/personas/pb"], "there is nothing to write any more");
}

#[test]
fn p82_a_name_that_came_into_being_since_the_plan_is_not_created_twice() {
    let account = when("GET", "/v2/personas", 2, |docs| docs.push(persona("pnew", "Cay")));
    let project = project().file("personas/c.yaml", "persona_name: Cay\nsystem_prompt: You dance.\n");
    let done = project.run(["apply", "--yes"]).at(account.endpoint()).exits(4);
    done.prints("refused: Cay").prints("pnew").prints("2 updated");
    assert!(account.take_writes().iter().all(|request| request.method == "PATCH"));
}

#[test]
fn p47_an_edit_right_after_the_write_is_seen_by_the_read_back() {
    let account = when("GET", "/v2/personas/pa", 3, |docs| docs[0]["system_prompt"] = json!("You shout."));
    let done = project().run(["apply", "--yes"]).at(account.endpoint()).exits(4);
    done.prints("differs: Ada (pa)").prints("the API stored \"You shout.\" for \"You sing.\"");
}
