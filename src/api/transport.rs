//! Sending requests: places, attempts, waits, limits. The only code that touches the network.
//!
//! Reads are repeated after anything that may pass. A write is repeated only when it surely did nothing: too many
//! requests (429), or no connection. Whatever else happens to a write is reported; `apply` looks and decides.

use super::answer::Answer;
use super::error::{ApiError, Effect, ErrorKind, TimeLimit};
use super::gate::Gate;
use super::observe::{Exchange, Pause};
use super::request::{Method, Request};
use super::settings::Settings;
use super::{trust, wait};
use bytes::{Bytes, BytesMut};
use reqwest::{Client, Url};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// One connection to an API, shared by all who use it.
#[derive(Debug)]
pub struct Transport {
    settings: Settings,
    gate: Gate,
    http: OnceLock<Result<Client, ErrorKind>>,
    chance: Mutex<u64>,
}

impl Transport {
    pub(super) fn new(mut settings: Settings) -> Self {
        settings.scrubber.learn(settings.key.expose());
        let gate = Gate::new(settings.concurrency, settings.clock.clone());
        let seed = settings.seed.unwrap_or_else(random);
        Transport { settings, gate, http: OnceLock::new(), chance: Mutex::new(seed) }
    }

    /// How it was set up.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sends a request until it succeeds or must not be repeated. `read` turns an answer of a good status (2xx, and
    /// 304 for a PATCH) into what it means.
    pub(super) async fn call<T>(
        &self,
        request: &Request,
        read: impl Fn(&Answer) -> Result<T, ErrorKind>,
    ) -> Result<T, ApiError> {
        let http = self.http(request)?;
        let limits = &self.settings.limits;
        let mut started = None;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let pass = tokio::select! {
                biased;
                // A pause or a queue may be long: a write that waits in it must not go out afterwards.
                reason = self.settings.brake.pulled(), if !request.method.is_read() => {
                    return Err(ApiError::new(request.method, &request.path, ErrorKind::Stopped { reason }));
                }
                pass = self.gate.enter() => pass,
            };
            let start = *started.get_or_insert_with(|| self.settings.clock.elapsed());
            let left = (start + limits.total).saturating_sub(self.settings.clock.elapsed());
            let (answer, result) = self.attempt(http, request, left, &read).await;
            let error = match result {
                Ok(value) => {
                    self.tell(request, attempt, &answer, None);
                    pass.succeeded();
                    return Ok(value);
                }
                Err(kind) => self.error(request, kind, answer.answer.as_ref()),
            };
            self.tell(request, attempt, &answer, Some(error.code()));
            let limited = matches!(error.kind(), ErrorKind::RateLimited { .. });
            if !limited && !may_repeat(request.method, &error) {
                return Err(error);
            }
            let asked = answer.answer.as_ref().and_then(|answer| answer.retry_after.as_deref());
            let asked = asked.and_then(|header| wait::retry_after(header, self.settings.clock.date()));
            if asked.is_some_and(|asked| asked > limits.wait) {
                return Err(self.refit(
                    request,
                    &answer,
                    ErrorKind::RateLimited { asked, allowed: limits.wait },
                ));
            }
            if attempt >= limits.attempts {
                return Err(error);
            }
            let pause = asked.unwrap_or_else(|| self.backoff(attempt));
            if self.settings.clock.elapsed() + pause > start + limits.total {
                let kind = ErrorKind::TimedOut { limit: TimeLimit::Total, after: limits.total };
                return Err(if limited { error } else { self.refit(request, &answer, kind) });
            }
            // Of many that were refused together one speaks.
            let told = if limited { pass.refused(pause) } else { true };
            if told {
                let asked = asked.is_some();
                let (method, path, code) = (request.method, request.path.as_str(), error.code());
                let pause = Pause { method, path, wait: pause, shared: limited, asked, error: code };
                self.settings.observer.pause(&pause);
            }
            if !limited {
                self.settings.clock.sleep(pause).await;
            }
        }
    }

    /// One attempt. The time limit is real time, so that no clock can keep a request from ending.
    async fn attempt<T>(
        &self,
        http: &Client,
        request: &Request,
        left: Duration,
        read: impl Fn(&Answer) -> Result<T, ErrorKind>,
    ) -> (Attempt, Result<T, ErrorKind>) {
        let begun = Instant::now();
        let limit = self.settings.limits.attempt.min(left);
        let mut answer = None;
        let result = match tokio::time::timeout(limit, self.exchange(http, request, &mut answer)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(kind)) => Err(kind),
            Err(_) if limit < self.settings.limits.attempt => {
                Err(ErrorKind::TimedOut { limit: TimeLimit::Total, after: self.settings.limits.total })
            }
            Err(_) => Err(ErrorKind::TimedOut { limit: TimeLimit::Attempt, after: limit }),
        };
        let fault =
            answer.as_ref().and_then(|answer| fault_of(request.method, answer, self.settings.limits.wait));
        let result = match (fault, result, &answer) {
            // The status counts, though the answer broke off after it.
            (Some(kind), ..) | (None, Err(kind), _) => Err(kind),
            (None, Ok(()), Some(answer)) => read(answer),
            (None, Ok(()), None) => Err(ErrorKind::EmptyAnswer),
        };
        (Attempt { answer, took: begun.elapsed() }, result)
    }

    /// Sends, and reads the answer into `into` as far as it comes.
    async fn exchange(
        &self,
        http: &Client,
        request: &Request,
        into: &mut Option<Answer>,
    ) -> Result<(), ErrorKind> {
        let url = self.settings.endpoint.join(&request.path, &request.query);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = http.request(method, url);
        for (name, value) in request.headers() {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let fault = |e: reqwest::Error| trust::classify(&e, &self.settings);
        let mut response = builder.send().await.map_err(fault)?;
        let answer = into.insert(Answer::head(response.status().as_u16(), response.headers()));
        if answer.status == 304 {
            // It has no body; one that a server sends all the same is on a connection that is closed after it.
            return Ok(());
        }
        // A server's word for the length saves moving the body as it grows, but is not taken further than this.
        let length = response.content_length().unwrap_or_default().min(LARGEST_ROOM);
        let mut body = BytesMut::with_capacity(usize::try_from(length).unwrap_or_default());
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if body.len() + chunk.len() > self.settings.limits.answer {
                return Err(ErrorKind::TooLarge { limit: self.settings.limits.answer });
            }
            body.extend_from_slice(&chunk);
            if !is_good(request.method, answer.status) {
                // Kept as it grows: the server's words count even if the rest does not come.
                answer.body = Bytes::copy_from_slice(&body);
                if body.len() > LONGEST_ERROR_BODY {
                    return Ok(());
                }
            }
        }
        answer.body = body.freeze();
        Ok(())
    }

    fn http(&self, request: &Request) -> Result<&Client, ApiError> {
        self.http
            .get_or_init(|| trust::client(&self.settings))
            .as_ref()
            .map_err(|kind| ApiError::new(request.method, &request.path, kind.clone()))
    }

    fn error(&self, request: &Request, kind: ErrorKind, answer: Option<&Answer>) -> ApiError {
        match answer {
            Some(answer) => {
                ApiError::answered(request.method, &request.path, kind, answer, &self.settings.scrubber)
            }
            None => ApiError::new(request.method, &request.path, kind),
        }
    }

    fn refit(&self, request: &Request, attempt: &Attempt, kind: ErrorKind) -> ApiError {
        self.error(request, kind, attempt.answer.as_ref())
    }

    fn tell(&self, request: &Request, number: u32, attempt: &Attempt, error: Option<&'static str>) {
        self.settings.observer.exchange(&Exchange {
            method: request.method,
            path: &request.path,
            attempt: number,
            status: attempt.answer.as_ref().map(|answer| answer.status),
            error,
            took: attempt.took,
        });
    }

    fn backoff(&self, failures: u32) -> Duration {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        wait::backoff(failures, self.settings.limits.wait, wait::next_chance(&mut chance))
    }

    /// The address of a request, for `doctor`.
    #[must_use]
    pub fn address(&self, request: &Request) -> Url {
        self.settings.endpoint.join(&request.path, &request.query)
    }
}

struct Attempt {
    answer: Option<Answer>,
    took: Duration,
}

/// More of an error's body is not read.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// More room than this is not made before the bytes come.
const LARGEST_ROOM: u64 = 1024 * 1024;

fn is_good(method: Method, status: u16) -> bool {
    (200..300).contains(&status) || (status == 304 && method == Method::Patch)
}

/// What is wrong by the status of an answer alone; None for a success.
#[must_use]
pub fn fault_of(method: Method, answer: &Answer, allowed: Duration) -> Option<ErrorKind> {
    if is_good(method, answer.status) {
        return None;
    }
    let says = |words: &[&str]| {
        let message = answer.message().unwrap_or_default().to_ascii_lowercase();
        words.iter().all(|word| message.contains(word))
    };
    Some(match answer.status {
        // Unknown ids are documented as 400, with these words.
        400 if says(&["invalid", "persona_id"]) || says(&["invalid", "persona id"]) => {
            ErrorKind::UnknownPersona
        }
        400 => ErrorKind::Refused,
        401 => ErrorKind::KeyRefused,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::UnknownPersona,
        409 if answer.is_maker_conflict() => ErrorKind::MakerChanges,
        409 | 412 => ErrorKind::Conflict,
        422 => ErrorKind::PatchRefused,
        429 => ErrorKind::RateLimited { asked: None, allowed },
        300..=303 | 305..=399 => ErrorKind::Redirected { host: location_host(answer) },
        500..=599 => ErrorKind::ServerError,
        _ => ErrorKind::UnexpectedStatus,
    })
}

fn location_host(answer: &Answer) -> Option<String> {
    let location = answer.location.as_deref()?;
    match Url::parse(location) {
        Ok(url) => url.host_str().map(str::to_owned),
        // Relative: the same host.
        Err(_) => Some(location.split(['?', '#']).next().unwrap_or_default().to_owned()),
    }
}

fn may_repeat(method: Method, error: &ApiError) -> bool {
    if !method.is_read() {
        return error.effect() == Effect::NotSent
            && matches!(
                error.kind(),
                ErrorKind::ConnectFailed { .. } | ErrorKind::TimedOut { limit: TimeLimit::Connect, .. }
            );
    }
    match error.kind() {
        ErrorKind::ServerError => error.status() != Some(501),
        ErrorKind::UnexpectedStatus => matches!(error.status(), Some(408 | 425)),
        ErrorKind::TimedOut { limit, .. } => *limit != TimeLimit::Total,
        ErrorKind::EmptyAnswer
        | ErrorKind::BadJson { .. }
        | ErrorKind::BrokenAnswer { .. }
        | ErrorKind::ConnectionLost { .. }
        | ErrorKind::ConnectFailed { .. } => true,
        _ => false,
    }
}

/// A number that differs from run to run; the standard library's hash keys are the only source that needs no crate.
fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
