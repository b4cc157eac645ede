//! The program's sandbox as a server in this process, on a thread of its own.

use personactl::sandbox::{Options, Recorded, Sandbox, Seed, StatePath};
use serde_json::Value;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A running sandbox. It stops with the value.
pub(crate) struct Account {
    sandbox: Option<Arc<Sandbox>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Account {
    /// The built-in personas.
    pub(crate) fn built_in() -> Self {
        Account::with(Options::default())
    }

    /// These personas and no others.
    pub(crate) fn of(personas: Vec<Value>) -> Self {
        Account::with(Options { seed: Seed::Personas(personas), ..Options::default() })
    }

    pub(crate) fn with(options: Options) -> Self {
        let (started, start) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let sandbox = Sandbox::start(&StatePath::Memory, options).await.unwrap();
                started.send(Arc::new(sandbox)).unwrap();
                let _ = stopped.await;
            });
        });
        Account { sandbox: Some(start.recv().unwrap()), stop: Some(stop), thread: Some(thread) }
    }

    /// The requests so far as `METHOD PATH STATUS`; the recording starts anew.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        let line = |r: &Recorded| format!("{} {} {}", r.method, r.path, r.status.map_or(0, |status| status));
        self.recording().take().iter().map(line).collect()
    }

    /// The requests so far that could change something.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.recording().lines().into_iter().filter(|line| !line.starts_with("GET ")).collect()
    }

    /// The one stored persona of this name.
    pub(crate) fn named(&self, name: &str) -> Value {
        let mut found = self.personas().into_iter().filter(|persona| persona["persona_name"] == name);
        match (found.next(), found.next()) {
            (Some(persona), None) => persona,
            _ => panic!("not exactly one persona is called {name}"),
        }
    }
}

impl Deref for Account {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        self.sandbox.as_deref().unwrap()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.sandbox = None;
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
