//! What the tests share: a client that does not wait, personas, and a server that sends any bytes.

pub(crate) mod binary;
pub(crate) mod project;
pub(crate) mod raw;
pub(crate) mod tls;

use personactl::api::{
    ApiKey, Endpoint, Exchange, InstantClock, Observer, Pause, ReadClient, Settings, WriteClient,
};
use personactl::sandbox::{Options, Sandbox, Seed, StatePath};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const KEY: &str = "tvs-test-key-0123456789";

/// Settings whose waits are over at once.
pub(crate) fn settings(endpoint: &Endpoint) -> Settings {
    let mut settings = Settings::new(endpoint.clone(), ApiKey::new(KEY).unwrap());
    settings.clock = Arc::new(InstantClock::default());
    settings.seed = Some(1);
    settings
}

pub(crate) fn reader(endpoint: &Endpoint) -> ReadClient {
    ReadClient::new(settings(endpoint))
}

pub(crate) fn writer(endpoint: &Endpoint) -> WriteClient {
    WriteClient::new(settings(endpoint))
}

/// A sandbox with these personas and nothing else.
pub(crate) async fn sandbox(personas: Vec<Value>) -> Sandbox {
    sandbox_with(Options { seed: Seed::Personas(personas), ..Options::default() }).await
}

pub(crate) async fn sandbox_with(options: Options) -> Sandbox {
    Sandbox::start(&StatePath::Memory, options).await.unwrap()
}

/// A small persona.
pub(crate) fn persona(id: &str, name: &str) -> Value {
    json!({"persona_id": id, "persona_name": name, "system_prompt": "You greet people."})
}

pub(crate) fn patch(operations: Value) -> json_patch::Patch {
    serde_json::from_value(operations).unwrap()
}

/// Writes down what it is told.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) lines: Mutex<Vec<String>>,
    pub(crate) pauses: Mutex<Vec<(Duration, bool, bool)>>,
}

impl Observer for Notes {
    fn exchange(&self, exchange: &Exchange<'_>) {
        self.lines.lock().unwrap().push(format!("{exchange:?}"));
    }

    fn pause(&self, pause: &Pause<'_>) {
        self.lines.lock().unwrap().push(pause.to_string());
        self.pauses.lock().unwrap().push((pause.wait, pause.shared, pause.asked));
    }
}
