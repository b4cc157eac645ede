//! All that a client needs to know, and the limits of size and time.

use super::brake::Brake;
use super::clock::{Clock, SystemClock};
use super::endpoint::Endpoint;
use super::key::ApiKey;
use super::observe::{Observer, Tracing};
use crate::persona::secret::Scrubber;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How a client is made.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where requests go.
    pub endpoint: Endpoint,
    /// The key of the account.
    pub key: ApiKey,
    /// More certificate authorities to trust, as PEM.
    pub ca_file: Option<PathBuf>,
    /// How many requests are under way at once, at most.
    pub concurrency: usize,
    /// Limits of size and time.
    pub limits: Limits,
    /// What server messages must not repeat; the key is added by itself.
    pub scrubber: Scrubber,
    /// Who is told of attempts and waits.
    pub observer: Arc<dyn Observer>,
    /// The time of waits.
    pub clock: Arc<dyn Clock>,
    /// Pulled when no write may begin any more.
    pub brake: Brake,
    /// Where the spread of waits begins; None for a different one each time.
    pub seed: Option<u64>,
}

impl Settings {
    /// Eight requests at once, the usual limits, the real clock.
    #[must_use]
    pub fn new(endpoint: Endpoint, key: ApiKey) -> Self {
        Settings {
            endpoint,
            key,
            ca_file: None,
            concurrency: 8,
            limits: Limits::default(),
            scrubber: Scrubber::default(),
            observer: Arc::new(Tracing),
            clock: Arc::new(SystemClock::default()),
            brake: Brake::default(),
            seed: None,
        }
    }
}

/// Limits of size and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For making a connection.
    pub connect: Duration,
    /// For one attempt with its whole answer.
    pub attempt: Duration,
    /// For all attempts of one call, with the waits between them.
    pub total: Duration,
    /// The longest single wait that a server may ask for.
    pub wait: Duration,
    /// Attempts of one call, the first included.
    pub attempts: u32,
    /// Bytes of an answer after decompression.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            attempt: Duration::from_secs(30),
            total: Duration::from_secs(240),
            wait: Duration::from_secs(60),
            attempts: 6,
            answer: 32 * 1024 * 1024,
        }
    }
}
