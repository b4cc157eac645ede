//! Time for waits, so that tests of waiting do not wait. The time limits of requests use the real clock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A future that ends when a wait is over.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where the time comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// The date, for `Retry-After` given as one.
    fn date(&self) -> SystemTime;
    /// Waits.
    fn sleep(&self, wait: Duration) -> Sleep<'_>;
}

/// The real time.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn date(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, wait: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// A clock on which every wait is over at once; its time is the sum of what was waited for.
#[derive(Debug)]
pub struct InstantClock {
    epoch: SystemTime,
    elapsed: Mutex<Duration>,
}

impl InstantClock {
    /// Starts at a date.
    #[must_use]
    pub fn starting(epoch: SystemTime) -> Self {
        InstantClock { epoch, elapsed: Mutex::default() }
    }
}

impl Default for InstantClock {
    fn default() -> Self {
        Self::starting(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600))
    }
}

impl Clock for InstantClock {
    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn date(&self) -> SystemTime {
        self.epoch + self.elapsed()
    }

    fn sleep(&self, wait: Duration) -> Sleep<'_> {
        let until = self.elapsed() + wait;
        Box::pin(async move {
            // Others get their turn first, as they would in a real wait.
            tokio::task::yield_now().await;
            let mut elapsed = self.elapsed.lock().unwrap_or_else(PoisonError::into_inner);
            *elapsed = (*elapsed).max(until);
        })
    }
}
