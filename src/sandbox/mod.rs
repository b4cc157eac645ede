//! An emulator of the persona API, as a server on this machine's loopback, in the same process.
//!
//! Owns what the API does, as far as it is known: the same schema table as everything else, RFC 6902, pages,
//! defaults, hidden secrets, refusals; and faults on request. Where the real API is undecided, [`Options`] choose.
//! The ordinary client talks to it over a real socket: nothing is mocked away, and the client knows nothing of it.
//!
//! Its state is one JSON file, kept between runs, with secrets only as salted digests. Ids and time stamps come
//! from a counter in it, so two runs of the same commands give the same bytes (but for the salt).

mod account;
mod body;
mod fault;
mod options;
mod record;
mod recording;
mod reply;
mod rules;
mod server;
mod siblings;
mod state;
mod vault;

pub use fault::{Fault, FaultError, FaultKind};
pub use options::{Defaults, Errors, Options, PatchAnswer, Secrets, Seed, Shape, Unknown};
pub use recording::{Recorded, Recording};
pub use state::{StateError, StatePath};

use crate::api::Endpoint;
use serde_json::Value;
use server::Shared;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A sandbox that listens. It stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    endpoint: Endpoint,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The state file.
    #[error(transparent)]
    State(#[from] StateError),
    /// The socket.
    #[error("cannot listen on 127.0.0.1 port {port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SandboxError {
    /// Stable, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SandboxError::State(error) => error.code(),
            SandboxError::Listen { .. } => "sandbox-listen",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            SandboxError::State(error) => error.hint(),
            SandboxError::Listen { .. } => "choose another --port, or leave it out for any that is free",
        }
    }
}

impl Sandbox {
    /// Opens the state, seeds it on the first start, and listens. Needs a tokio runtime, and is served by it.
    pub async fn start(path: &StatePath, options: Options) -> Result<Self, SandboxError> {
        let state = state::open(path, &options).await?;
        let port = options.port;
        let listen = |source| SandboxError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let endpoint = Endpoint::parse(&format!("http://{address}"))
            .map_err(|e| listen(std::io::Error::other(e.to_string())))?;
        let shared = Arc::new(Shared::new(state, options));
        let task = tokio::spawn(server::accept(listener, shared.clone()));
        Ok(Sandbox { address, endpoint, shared, task })
    }

    /// Where to send requests.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked.
    #[must_use]
    pub fn recording(&self) -> &Recording {
        self.shared.recording()
    }

    /// The personas as stored, secrets sealed, stock ones included.
    #[must_use]
    pub fn personas(&self) -> Vec<Value> {
        self.shared.with(|state, _| state.account.personas().to_vec())
    }

    /// Changes a stored persona behind the client's back, as somebody in the vendor's editor would.
    pub fn edit(&self, id: &str, change: impl FnOnce(&mut Value)) {
        self.shared.with(|state, _| {
            let personas = state.account.personas_mut();
            if let Some(persona) = personas.iter_mut().find(|persona| persona["persona_id"] == *id) {
                change(persona);
            }
        });
    }

    /// Adds a persona as GET would show it; a member `secrets` (pointer to value) is put in.
    pub fn plant(&self, persona: Value) {
        self.shared.with(|state, options| state.account.plant(persona, options));
    }

    /// Removes a stored persona.
    pub fn uproot(&self, id: &str) {
        self.shared
            .with(|state, _| state.account.personas_mut().retain(|persona| persona["persona_id"] != *id));
    }

    /// Replaces the faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.set_faults(faults);
    }

    /// Replaces the other options; port and seed have no effect any more.
    pub fn set_options(&self, change: impl FnOnce(&mut Options)) {
        self.shared.set_options(change);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}
