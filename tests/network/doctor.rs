//! `doctor` says which way the account's answers go, with GET only (P90).

use crate::support::binary::{folder, personactl};
use crate::support::{persona, sandbox_with};
use personactl::sandbox::{Defaults, Options, Sandbox, Secrets, Seed, Shape};
use serde_json::json;
use std::path::Path;

fn account() -> Seed {
    let mut ada = persona("p1", "Ada");
    ada["layers"] = json!({"llm": {"model": "own", "base_url": "https://llm.example"}, "tts": {"external_voice_id": "v"}});
    ada["secrets"] = json!({"/layers/llm/api_key": "sk-hidden-12345"});
    Seed::Personas(vec![ada, persona("p2", "Bob")])
}

async fn doctor(sandbox: &Sandbox, folder: &Path, code: i32) -> String {
    let ran = personactl(folder, sandbox.endpoint(), &["doctor"]).await.exits(code);
    assert!(sandbox.recording().all().iter().all(|request| request.method == "GET"));
    // The port differs from run to run.
    ran.stdout.replace(&sandbox.endpoint().to_string(), "ENDPOINT")
}

#[tokio::test]
async fn a_well_account_is_described() {
    let sandbox = sandbox_with(Options { seed: account(), ..Options::default() }).await;
    let folder = folder(&[("Ada", "New.")]);
    let text = "persona_name: Bob\nsystem_prompt: New.\npersona_description: not shown anywhere\n";
    std::fs::write(folder.path().join("personas/Bob.yaml"), text).unwrap();
    insta::assert_snapshot!(doctor(&sandbox, folder.path(), 0).await);
}

#[tokio::test]
async fn the_other_ways_of_an_account_are_told() {
    let options = Options {
        seed: account(),
        shape: Shape::InList,
        secrets: Secrets::Omitted,
        defaults: Defaults::Hidden,
        pages_from_zero: true,
        page_limit: Some(1),
        ..Options::default()
    };
    let sandbox = sandbox_with(options).await;
    insta::assert_snapshot!(doctor(&sandbox, folder(&[("Ada", "New.")]).path(), 0).await);
}

#[tokio::test]
async fn a_refused_key_and_a_stranger_in_between_are_found() {
    let folder = folder(&[("Ada", "New.")]);
    for (fault, code, hint) in [
        ("401", "[key-refused]", "revoked"),
        ("html", "[html-answer]", "proxy"),
        ("redirect", "[redirected]", "endpoint"),
    ] {
        let options = Options { seed: account(), faults: vec![fault.parse().unwrap()], ..Options::default() };
        let sandbox = sandbox_with(options).await;
        let text = doctor(&sandbox, folder.path(), 1).await;
        assert!(
            text.contains("FAIL  connection and key") && text.contains(code) && text.contains(hint),
            "{text}"
        );
    }
}
