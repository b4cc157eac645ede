//! A long run over a bad network: 200 personas, 16 at a time, 5 % of all requests struck by something. P85, P86.

use crate::support::project::{carry_out, deletion, desired, file, jobs};
use crate::support::{persona, sandbox, settings};
use personactl::api::WriteClient;
use personactl::plan::exit_of;
use personactl::sandbox::Fault;
use std::collections::BTreeMap;

const FAULTS: [&str; 7] = [
    "500,rate=1%,seed=1",
    "drop-before,rate=1%,seed=2",
    "drop-after,rate=1%,seed=3",
    "truncate,rate=0.5%,seed=4",
    "500-after,rate=0.5%,seed=5",
    "429,rate=0.5%,seed=6,retry-after=1",
    "garbage,rate=0.5%,seed=7",
];

#[tokio::test]
async fn after_enough_runs_the_account_is_what_the_files_say_with_nothing_twice() {
    // A third is to be created, a third to be changed, a third in sync, and ten are to go.
    let name = |n: usize| format!("Persona {n:03}");
    let wanted: BTreeMap<String, String> =
        (0..200).map(|n| (name(n), format!("You are number {n}."))).collect();
    let mut live = Vec::new();
    for (n, (name, prompt)) in wanted.iter().enumerate().filter(|(n, _)| n % 3 != 0) {
        let mut one = persona(&format!("p{n:04}"), name);
        one["system_prompt"] = if n % 3 == 1 { "Old.".into() } else { prompt.as_str().into() };
        live.push(one);
    }
    live.extend((0..10).map(|n| persona(&format!("pgone{n}"), &format!("Gone {n}"))));
    let sandbox = sandbox(live).await;
    let texts: Vec<_> =
        wanted.iter().map(|(name, prompt)| (format!("personas/{name}.yaml"), file(name, prompt))).collect();
    let files: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let desired = desired(&files);
    let mut settings = settings(sandbox.endpoint());
    settings.concurrency = 16;
    let client = WriteClient::new(settings);
    let mut deletions = Vec::new();
    for n in 0..10 {
        deletions.push(deletion(&client, &format!("pgone{n}")).await);
    }
    let faults: Vec<Fault> = FAULTS.iter().map(|fault| fault.parse().unwrap()).collect();
    sandbox.set_faults(faults);
    let mut rounds = 0;
    loop {
        rounds += 1;
        assert!(rounds <= 10, "it does not come to an end");
        let Ok(mut todo) = jobs(&client, &desired).await else { continue };
        todo.extend(deletions.iter().cloned());
        if exit_of(&carry_out(&client, todo).await).code() == 0 {
            break;
        }
    }
    let struck = sandbox.recording().all().iter().filter(|request| request.fault.is_some()).count();
    assert!(struck >= 20, "only {struck} requests were struck: nothing was tested");
    let account: Vec<(String, String)> = sandbox
        .personas()
        .iter()
        .map(|persona| {
            let text = |name: &str| persona[name].as_str().unwrap_or_default().to_owned();
            (text("persona_name"), text("system_prompt"))
        })
        .collect();
    assert_eq!(account.len(), 200, "something is there twice or was not deleted");
    assert_eq!(account.into_iter().collect::<BTreeMap<_, _>>(), wanted);
}

#[tokio::test]
async fn each_request_holds_only_its_own_values_at_any_concurrency_p85() {
    let mut accounts = Vec::new();
    for concurrency in [1, 8] {
        let live = (0..50).map(|n| persona(&format!("p{n:04}"), &format!("Persona {n:02}"))).collect();
        let sandbox = sandbox(live).await;
        let texts: Vec<_> = (0..50)
            .map(|n| {
                (
                    format!("personas/{n:02}.yaml"),
                    file(&format!("Persona {n:02}"), &format!("Only number {n}.")),
                )
            })
            .collect();
        let files: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        let mut settings = settings(sandbox.endpoint());
        settings.concurrency = concurrency;
        let client = WriteClient::new(settings);
        let todo = jobs(&client, &desired(&files)).await.unwrap();
        assert_eq!(exit_of(&carry_out(&client, todo).await).code(), 0);
        let prompts: Vec<_> = sandbox
            .personas()
            .iter()
            .map(|persona| (persona["persona_id"].clone(), persona["system_prompt"].clone()))
            .collect();
        for (n, (_, prompt)) in prompts.iter().enumerate() {
            assert_eq!(prompt, &format!("Only number {n}."));
        }
        assert_eq!(sandbox.recording().count("PATCH"), 50);
        accounts.push(prompts);
    }
    assert_eq!(accounts[0], accounts[1]);
}
