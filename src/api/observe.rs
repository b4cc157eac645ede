//! What is told about requests while they happen: each attempt, and each wait. Never a body, never a header.

use super::request::Method;
use super::wording::seconds;
use std::fmt;
use std::time::Duration;

/// One attempt of a request.
#[derive(Debug, Clone)]
pub struct Exchange<'a> {
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: &'a str,
    /// From 1.
    pub attempt: u32,
    /// The status, if an answer came.
    pub status: Option<u16>,
    /// The code of the error, if the attempt failed.
    pub error: Option<&'static str>,
    /// How long it took.
    pub took: Duration,
}

/// A wait before another attempt.
#[derive(Debug, Clone)]
pub struct Pause<'a> {
    /// The method of the request that led to it.
    pub method: Method,
    /// Its path.
    pub path: &'a str,
    /// How long.
    pub wait: Duration,
    /// Whether it holds every request (too many of them) or this one only.
    pub shared: bool,
    /// Whether the server said how long.
    pub asked: bool,
    /// The code of the error.
    pub error: &'static str,
}

/// Who is told.
pub trait Observer: Send + Sync + fmt::Debug {
    /// An attempt has ended.
    fn exchange(&self, exchange: &Exchange<'_>);
    /// A wait begins.
    fn pause(&self, pause: &Pause<'_>);
}

/// Waits longer than this are told to the user, who would otherwise think that the program hangs.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// Tells through `tracing`: attempts at `debug`, waits that a user would notice at `warn`.
#[derive(Debug, Default)]
pub struct Tracing;

impl Observer for Tracing {
    fn exchange(&self, exchange: &Exchange<'_>) {
        tracing::debug!(
            method = exchange.method.as_str(),
            path = exchange.path,
            attempt = exchange.attempt,
            status = exchange.status,
            error = exchange.error,
            ms = u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
            "request"
        );
    }

    fn pause(&self, pause: &Pause<'_>) {
        if pause.wait > WORTH_TELLING {
            tracing::warn!("{pause}");
        } else {
            tracing::debug!("{pause}");
        }
    }
}

impl fmt::Display for Pause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wait = seconds(self.wait);
        match (self.shared, self.asked) {
            (true, true) => write!(f, "too many requests: waiting {wait}, as the API asks")?,
            (true, false) => write!(f, "too many requests: waiting {wait}")?,
            (false, true) => write!(f, "{}: trying again in {wait}, as the API asks", self.error)?,
            (false, false) => write!(f, "{}: trying again in {wait}", self.error)?,
        }
        write!(f, " ({} {})", self.method, crate::report::escape::inline(self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_wait_that_a_user_would_notice_is_announced_and_a_short_one_is_not_p54() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        let pause = |seconds| Pause {
            method: Method::Patch,
            path: "/v2/personas/p1",
            wait: Duration::from_secs(seconds),
            shared: true,
            asked: true,
            error: "rate-limited",
        };
        tracing::subscriber::with_default(subscriber, || {
            Tracing.pause(&pause(2));
            Tracing.pause(&pause(30));
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("waiting 30 s, as the API asks (PATCH /v2/personas/p1)"), "{text}");
    }
}
