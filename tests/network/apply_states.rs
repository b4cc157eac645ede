//! Single ways through `apply`: what is never overwritten, what stops a run, and what is said of each persona.

use crate::support::project::{carry_out, deletion, desired, file, jobs, words};
use crate::support::{persona, sandbox, sandbox_with, settings, writer};
use personactl::api::{Brake, Exchange, Observer, Pause, WriteClient};
use personactl::apply::{self, Context, Ledger, Options};
use personactl::plan::{Ended, exit_of};
use personactl::sandbox::{Options as SandboxOptions, Recorded, Sandbox, Seed};
use serde_json::json;
use std::fmt;
use std::sync::{Arc, Mutex};

/// Does something once, after an attempt that fits.
struct Once<T>(Mutex<Option<T>>, fn(&Exchange<'_>) -> bool);

impl<T: FnOnce() + Send> Observer for Once<T> {
    fn exchange(&self, exchange: &Exchange<'_>) {
        if (self.1)(exchange)
            && let Some(act) = self.0.lock().unwrap().take()
        {
            act();
        }
    }

    fn pause(&self, _: &Pause<'_>) {}
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once")
    }
}

fn writes(sandbox: &Sandbox) -> Vec<Recorded> {
    sandbox.recording().all().into_iter().filter(|request| request.method != "GET").collect()
}

fn failure(ended: &Ended) -> (&'static str, String) {
    match ended {
        Ended::Failed(refusal) | Ended::Refused(refusal) => (refusal.code, refusal.message.clone()),
        other => (other.word(), String::new()),
    }
}

fn greeters(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| (format!("personas/{name}.yaml"), file(name, "You greet everybody."))).collect()
}

fn read(files: &[(String, String)]) -> Vec<Arc<personactl::persona::Desired>> {
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    desired(&files)
}

#[tokio::test]
async fn a_persona_that_changed_since_the_plan_is_not_written_and_the_others_are_p82() {
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob"), persona("p3", "Eve")]).await;
    let client = writer(sandbox.endpoint());
    let mut todo = jobs(&client, &read(&greeters(&["Ada", "Bob"]))).await.unwrap();
    todo.push(deletion(&client, "p3").await);
    for id in ["p1", "p3"] {
        sandbox.edit(id, |persona| persona["system_prompt"] = "Edited by hand.".into());
    }
    let outcomes = carry_out(&client, todo).await;
    assert_eq!(words(&outcomes), ["refused", "done", "refused"]);
    assert_eq!(failure(&outcomes[0].ended).0, "live-moved");
    assert_eq!(exit_of(&outcomes).code(), 4);
    assert_eq!(sandbox.personas()[0]["system_prompt"], "Edited by hand.");
    assert_eq!(writes(&sandbox).len(), 1);
}

#[tokio::test]
async fn after_an_unclear_answer_somebody_elses_edit_is_not_overwritten() {
    let sandbox = Arc::new(sandbox(vec![persona("p1", "Ada")]).await);
    sandbox.set_faults(vec!["drop-before:1,method=PATCH".parse().unwrap()]);
    let other = sandbox.clone();
    let edit = move || other.edit("p1", |persona| persona["system_prompt"] = "Edited by hand.".into());
    let mut settings = settings(sandbox.endpoint());
    settings.observer =
        Arc::new(Once(Mutex::new(Some(edit)), |exchange| exchange.method.as_str() == "PATCH"));
    let client = WriteClient::new(settings);
    let todo = jobs(&client, &read(&greeters(&["Ada"]))).await.unwrap();
    let outcomes = carry_out(&client, todo).await;
    let (code, message) = failure(&outcomes[0].ended);
    assert_eq!(code, "unclear");
    assert!(
        message.contains("PATCH /v2/personas/p1") && message.contains("someone else changed it"),
        "{message}"
    );
    assert_eq!(sandbox.personas()[0]["system_prompt"], "Edited by hand.");
    assert_eq!(writes(&sandbox).len(), 1);
}

#[tokio::test]
async fn a_persona_of_the_same_name_that_someone_else_made_is_not_taken_for_ours() {
    let sandbox = Arc::new(sandbox(Vec::new()).await);
    sandbox.set_faults(vec!["drop-before:1,method=POST".parse().unwrap()]);
    let other = sandbox.clone();
    let make = move || other.plant(persona("p9", "Ada"));
    let mut settings = settings(sandbox.endpoint());
    settings.observer = Arc::new(Once(Mutex::new(Some(make)), |exchange| exchange.method.as_str() == "POST"));
    let client = WriteClient::new(settings);
    let todo = jobs(&client, &read(&greeters(&["Ada"]))).await.unwrap();
    let outcomes = carry_out(&client, todo).await;
    let (code, message) = failure(&outcomes[0].ended);
    assert!(
        code == "unclear" && message.contains("p9 has this name now, but not what was sent"),
        "{message}"
    );
    assert_eq!(writes(&sandbox).len(), 1);
    assert_eq!(sandbox.personas().len(), 1);
}

#[tokio::test]
async fn an_incomplete_listing_creates_nothing_and_never_repeats_a_post_p58() {
    // The whole listing, then, after a POST that got no answer, only a part of it.
    let sandbox = Arc::new(sandbox(vec![persona("p1", "Bob")]).await);
    let client = writer(sandbox.endpoint());
    let todo = jobs(&client, &read(&greeters(&["Ada"]))).await.unwrap();
    sandbox.set_faults(vec![
        "drop-before:1,method=POST".parse().unwrap(),
        "500,method=GET,after=1".parse().unwrap(),
    ]);
    let outcomes = carry_out(&client, todo).await;
    let (code, message) = failure(&outcomes[0].ended);
    assert!(code == "unclear" && message.contains("the search failed too"), "{message}");
    assert_eq!(writes(&sandbox).len(), 1, "a POST is not repeated without a search");
}

#[tokio::test]
async fn a_refused_key_stops_new_writes_and_says_who_was_not_tried_p60() {
    let names: Vec<String> = (0..20).map(|n| format!("Persona {n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let live = names.iter().enumerate().map(|(n, name)| persona(&format!("p{n:02}"), name)).collect();
    let sandbox = sandbox(live).await;
    let mut settings = settings(sandbox.endpoint());
    settings.concurrency = 2;
    let client = WriteClient::new(settings);
    let todo = jobs(&client, &read(&greeters(&names))).await.unwrap();
    sandbox.set_faults(vec!["401,method=PATCH,after=5".parse().unwrap()]);
    let outcomes = carry_out(&client, todo).await;
    let count = |word: &str| words(&outcomes).iter().filter(|ended| **ended == word).count();
    assert_eq!(count("done"), 5);
    assert!((1..=2).contains(&count("failed")), "{:?}", words(&outcomes));
    assert_eq!(count("done") + count("failed") + count("not tried"), 20);
    assert!(matches!(&outcomes[19].ended, Ended::NotTried(reason) if reason.contains("refused the key")));
    assert_eq!(exit_of(&outcomes).code(), 4);
    assert_eq!(writes(&sandbox).len(), 5 + count("failed"));
}

#[tokio::test]
async fn one_refusal_does_not_stop_the_others_p87_p61() {
    for status in [400, 403, 404, 409] {
        let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob"), persona("p3", "Eve")]).await;
        let client = writer(sandbox.endpoint());
        let todo = jobs(&client, &read(&greeters(&["Ada", "Bob", "Eve"]))).await.unwrap();
        sandbox.set_faults(vec![format!("{status},method=PATCH,path=/v2/personas/p2").parse().unwrap()]);
        let outcomes = carry_out(&client, todo).await;
        assert_eq!(words(&outcomes), ["done", "failed", "done"], "{status}");
        assert_eq!(exit_of(&outcomes).code(), 4, "{status}");
        let (_, message) = failure(&outcomes[1].ended);
        for part in ["PATCH /v2/personas/p2", &format!("status {status}"), "request id sandbox-"] {
            assert!(message.contains(part), "{message} lacks {part}");
        }
    }
}

#[tokio::test]
async fn creates_go_before_updates_and_deletes_go_last_p75() {
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob")]).await;
    let client = writer(sandbox.endpoint());
    let mut todo = vec![deletion(&client, "p2").await];
    todo.extend(jobs(&client, &read(&greeters(&["Ada", "Carl"]))).await.unwrap());
    let outcomes = carry_out(&client, todo).await;
    assert_eq!(words(&outcomes), ["done", "done", "done"]);
    let methods: Vec<_> = writes(&sandbox).into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["POST", "PATCH", "DELETE"]);
}

#[tokio::test]
async fn what_the_server_trims_is_named_with_what_to_write_instead_p47() {
    let text = "persona_name: Ada\nsystem_prompt: '  You greet everybody.  '\n";
    // The answer to the PATCH gets lost, too: it arrived all the same.
    for faults in [vec![], vec!["drop-after:1,method=PATCH".parse().unwrap()]] {
        let seed = Seed::Personas(vec![persona("p1", "Ada")]);
        let options = SandboxOptions { seed, trim_texts: true, faults, ..SandboxOptions::default() };
        let sandbox = sandbox_with(options).await;
        let client = writer(sandbox.endpoint());
        let todo = jobs(&client, &desired(&[("personas/a.yaml", text.to_owned())])).await.unwrap();
        let outcomes = carry_out(&client, todo).await;
        let Ended::Differs(differences) = &outcomes[0].ended else { panic!("{:?}", outcomes[0].ended) };
        assert_eq!(differences.len(), 1, "{differences:?}");
        assert_eq!(differences[0].path, "/system_prompt");
        assert_eq!(differences[0].got, Some(json!("You greet everybody.")));
        assert!(differences[0].hint.contains("trims"), "{}", differences[0].hint);
        assert_eq!(exit_of(&outcomes).code(), 4);
        assert_eq!(writes(&sandbox).len(), 1);
    }
}

#[tokio::test]
async fn a_list_that_the_server_keeps_in_another_order_is_named_once_p47() {
    let seed = Seed::Personas(vec![persona("p1", "Ada")]);
    let options = SandboxOptions { seed, sort_lists: true, ..SandboxOptions::default() };
    let sandbox = sandbox_with(options).await;
    let client = writer(sandbox.endpoint());
    let text = "persona_name: Ada\nsystem_prompt: You greet people.\nlanguages: [de, en, bg, ar]\n";
    let todo = jobs(&client, &desired(&[("personas/a.yaml", text.to_owned())])).await.unwrap();
    let outcomes = carry_out(&client, todo).await;
    let Ended::Differs(differences) = &outcomes[0].ended else { panic!("{:?}", outcomes[0].ended) };
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(differences[0].path, "/languages");
    assert_eq!(differences[0].sent, Some(json!(["de", "en", "bg", "ar"])));
    assert_eq!(differences[0].got, Some(json!(["ar", "bg", "de", "en"])));
    assert!(differences[0].hint.contains("an order of its own"), "{}", differences[0].hint);
    assert_eq!(exit_of(&outcomes).code(), 4);
}

#[tokio::test]
async fn a_422_is_answered_once_with_operations_that_fit_either_way() {
    // GET shows a layer that the record does not hold.
    let text = "persona_name: Ada\nsystem_prompt: You greet people.\nlayers: {stt: {stt_engine: tavus-auto, hotwords: Ada}}\n";
    let mut ada = persona("p1", "Ada");
    ada["layers"] = json!({"stt": {"stt_engine": "tavus-auto"}});
    let sandbox = sandbox(vec![ada]).await;
    let client = writer(sandbox.endpoint());
    let todo = jobs(&client, &desired(&[("personas/a.yaml", text.to_owned())])).await.unwrap();
    sandbox.set_faults(vec!["422:1,method=PATCH".parse().unwrap()]);
    let outcomes = carry_out(&client, todo).await;
    assert_eq!(words(&outcomes), ["done"]);
    let sent: Vec<_> = writes(&sandbox).into_iter().map(|request| request.operations).collect();
    let operation = |op: &str, path: &str| vec![(op.to_owned(), path.to_owned())];
    assert_eq!(sent, [operation("add", "/layers/stt/hotwords"), operation("add", "/layers/stt")]);
}

#[tokio::test]
async fn a_422_never_leads_to_writing_over_a_hidden_secret() {
    let text = "persona_name: Ada\nsystem_prompt: You greet people.\nlayers: {llm: {model: new}}\n";
    let mut ada = persona("p1", "Ada");
    ada["layers"] = json!({"llm": {"model": "old", "base_url": "https://llm.example"}});
    ada["secrets"] = json!({"/layers/llm/api_key": "sk-hidden-12345"});
    let sandbox = sandbox(vec![ada]).await;
    let client = writer(sandbox.endpoint());
    let todo = jobs(&client, &desired(&[("personas/a.yaml", text.to_owned())])).await.unwrap();
    let before = sandbox.personas()[0]["layers"]["llm"]["api_key"].clone();
    sandbox.set_faults(vec!["422:1,method=PATCH".parse().unwrap()]);
    assert_eq!(words(&carry_out(&client, todo).await), ["done"]);
    let requests = writes(&sandbox);
    assert_eq!(requests[1].operations, [("add".to_owned(), "/layers/llm/model".to_owned())]);
    assert!(requests.iter().all(|request| !request.mask_sent));
    assert_eq!(sandbox.personas()[0]["layers"]["llm"]["api_key"], before);
}

#[tokio::test]
async fn a_pulled_brake_lets_no_new_write_begin_wherever_it_waits() {
    let names: Vec<String> = (0..12).map(|n| format!("Persona {n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let live = names.iter().enumerate().map(|(n, name)| persona(&format!("p{n:02}"), name)).collect();
    let sandbox = sandbox(live).await;
    let brake = Brake::default();
    let mut settings = settings(sandbox.endpoint());
    settings.concurrency = 4;
    settings.brake = brake.clone();
    let pull = move || brake.pull("the run was interrupted (SIGINT)");
    settings.observer =
        Arc::new(Once(Mutex::new(Some(pull)), |exchange| exchange.method.as_str() == "PATCH"));
    let client = WriteClient::new(settings);
    let todo = jobs(&client, &read(&greeters(&names))).await.unwrap();
    let outcomes = carry_out(&client, todo).await;
    let count = |word: &str| words(&outcomes).iter().filter(|ended| **ended == word).count();
    let sent = writes(&sandbox).len();
    assert!((1..=4).contains(&sent), "{sent} writes");
    assert_eq!((count("done"), count("not tried")), (sent, 12 - sent), "those under way were waited for");
}

#[tokio::test]
async fn a_run_that_is_ended_in_the_middle_still_says_where_everybody_stands_p86() {
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob"), persona("p3", "Eve")]).await;
    let mut settings = settings(sandbox.endpoint());
    settings.concurrency = 1;
    let client = WriteClient::new(settings);
    let todo = jobs(&client, &read(&greeters(&["Ada", "Bob", "Eve"]))).await.unwrap();
    sandbox.set_faults(vec!["hang,method=PATCH,path=/v2/personas/p2".parse().unwrap()]);
    let context = Context { client, options: Options::default() };
    let ledger = Ledger::new(&todo);
    let told = |_: &personactl::plan::Outcome| {};
    let run = apply::run(&context, todo, &ledger, &told);
    let hangs = async {
        while sandbox.recording().count("PATCH") < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = run => panic!("it cannot end"),
        () = hangs => {}
    }
    let outcomes = ledger.outcomes();
    assert_eq!(words(&outcomes), ["done", "failed", "not tried"]);
    let (code, message) = failure(&outcomes[1].ended);
    assert!(code == "unclear" && message.contains("PATCH was under way"), "{message}");
}

#[tokio::test]
async fn a_backup_is_made_before_each_write_and_what_cannot_be_kept_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(vec![persona("p1", "Ada"), persona("p2", "Bob")]).await;
    let client = writer(sandbox.endpoint());
    let backup = folder.path().join("backup");
    for (wanted, ended) in [(backup.clone(), "done"), (folder.path().join("file/backup"), "failed")] {
        std::fs::write(folder.path().join("file"), "").unwrap();
        let name = if ended == "done" { "Ada" } else { "Bob" };
        let todo = jobs(&client, &read(&greeters(&[name]))).await.unwrap();
        let options = Options { backup: Some(wanted), ..Options::default() };
        let context = Context { client: client.clone(), options };
        let ledger = Ledger::new(&todo);
        apply::run(&context, todo, &ledger, &|_| {}).await;
        assert_eq!(words(&ledger.outcomes()), [ended]);
    }
    let kept: serde_json::Value =
        serde_json::from_slice(&std::fs::read(backup.join("p1.json")).unwrap()).unwrap();
    assert_eq!(kept["system_prompt"], "You greet people.");
    assert_eq!(sandbox.personas()[1]["system_prompt"], "You greet people.");
}
