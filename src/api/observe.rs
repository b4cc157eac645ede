//! What is told about requests while they happen: each attempt, and each wait. Never a body, never a header.

use super::error::seconds;
use super::request::Method;
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
