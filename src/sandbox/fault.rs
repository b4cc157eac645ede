//! Faults on request: which requests they strike, when, how often, and what they do.
//!
//! Written as `KIND[:COUNT][,method=PATCH][,path=/v2/personas/p1][,after=N][,rate=5%][,seed=N]`, for example
//! `429:3,retry-after=2`, `drop-after:1,method=POST` or `latency=50ms`. Which requests a rate strikes follows
//! from the seed and from how often the same request came before, so that it does not depend on the order in which
//! parallel requests arrive.

use sha2::{Digest, Sha256};
use std::str::FromStr;
use std::time::Duration;

/// One fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// How often; None for always.
    pub count: Option<u32>,
    /// Only to requests of this method.
    pub method: Option<String>,
    /// Only to requests of this path.
    pub path: Option<String>,
    /// Only after so many requests that fit.
    pub after: u32,
    /// The share of requests that it strikes, from 0 to 1; None for all.
    pub rate: Option<f64>,
    /// Chooses which requests a rate strikes.
    pub seed: u64,
    /// `retry-after` of the answer.
    pub retry_after: Option<String>,
    seen: u32,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Answers this status without doing anything.
    Status(u16),
    /// Does it, and answers this status.
    StatusAfter(u16),
    /// Closes the connection without doing anything.
    DropBefore,
    /// Does it, and closes the connection without an answer.
    DropAfter,
    /// Does it, and closes the connection in the middle of the answer.
    Truncate,
    /// Does it, and answers 200 with something that is no JSON.
    Garbage,
    /// Does it, and answers 200 without a body.
    Empty,
    /// Answers 200 with a page for people, without doing anything.
    Html,
    /// Answers 302 to another address, without doing anything.
    Redirect(String),
    /// Answers late.
    Latency(Duration),
    /// Does it, and sends the answer byte by byte with this wait before each.
    Drip(Duration),
    /// Never answers and does nothing.
    Hang,
    /// Does it and never answers.
    HangAfter,
    /// Answers as if it had done it.
    Forget,
}

/// Why a text is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no fault: {reason}")]
pub struct FaultError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Fault {
    /// A fault that strikes every request.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Fault {
            kind,
            count: None,
            method: None,
            path: None,
            after: 0,
            rate: None,
            seed: 0,
            retry_after: None,
            seen: 0,
        }
    }

    /// Only so often.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Only to requests of this method.
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Whether it strikes this request, which has come `before` times already. Counts.
    pub(super) fn strikes(&mut self, method: &str, path: &str, before: u32) -> bool {
        let fits = self.method.as_deref().is_none_or(|only| only.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|only| only == path);
        if !fits || self.count == Some(0) {
            return false;
        }
        self.seen += 1;
        if self.seen <= self.after {
            return false;
        }
        if let Some(rate) = self.rate {
            let text = format!("{} {method} {path} {before}", self.seed);
            let digest = Sha256::digest(text.as_bytes());
            let chance = u16::from_be_bytes([digest[0], digest[1]]);
            if f64::from(chance) >= rate * 65_536.0 {
                return false;
            }
        }
        if let Some(count) = &mut self.count {
            *count -= 1;
        }
        true
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let fail = |reason: String| FaultError { text: text.to_owned(), reason };
        let mut parts = text.split(',');
        let head = parts.next().unwrap_or_default();
        // An address holds colons of its own.
        let (kind, count) = match head.rsplit_once(':') {
            Some((kind, count)) if count.parse::<u32>().is_ok() && !kind.ends_with(':') => {
                (kind, count.parse().ok())
            }
            _ => (head, None),
        };
        let mut fault = Fault::new(kind_of(kind).map_err(fail)?);
        fault.count = count;
        for part in parts {
            let (name, value) = part.split_once('=').ok_or_else(|| fail(format!("`{part}` has no `=`")))?;
            let number = || value.parse::<u32>().map_err(|_| fail(format!("`{value}` is no number")));
            match name {
                "method" => fault.method = Some(value.to_ascii_uppercase()),
                "path" => fault.path = Some(value.to_owned()),
                "after" => fault.after = number()?,
                "seed" => fault.seed = u64::from(number()?),
                "retry-after" => fault.retry_after = Some(value.to_owned()),
                "rate" => {
                    let percent = value.strip_suffix('%').and_then(|percent| percent.parse::<f64>().ok());
                    let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
                    fault.rate =
                        Some(percent.ok_or_else(|| fail(format!("`{value}` is no percentage")))? / 100.0);
                }
                _ => return Err(fail(format!("there is no `{name}`"))),
            }
        }
        Ok(fault)
    }
}

fn kind_of(text: &str) -> Result<FaultKind, String> {
    if let Some((name, value)) = text.split_once('=') {
        return match name {
            "latency" => Ok(FaultKind::Latency(duration(value)?)),
            "drip" => Ok(FaultKind::Drip(duration(value)?)),
            "redirect" => Ok(FaultKind::Redirect(value.to_owned())),
            _ => Err(format!("there is no `{name}`")),
        };
    }
    Ok(match text {
        "drop-before" => FaultKind::DropBefore,
        "drop-after" => FaultKind::DropAfter,
        "truncate" => FaultKind::Truncate,
        "garbage" => FaultKind::Garbage,
        "empty" => FaultKind::Empty,
        "html" => FaultKind::Html,
        "redirect" => FaultKind::Redirect("https://elsewhere.example/v2/personas".to_owned()),
        "hang" => FaultKind::Hang,
        "hang-after" => FaultKind::HangAfter,
        "forget" => FaultKind::Forget,
        _ => {
            let (code, after) = text.strip_suffix("-after").map_or((text, false), |code| (code, true));
            match code.parse::<u16>() {
                Ok(code) if (400..600).contains(&code) && after => FaultKind::StatusAfter(code),
                Ok(code) if (400..600).contains(&code) => FaultKind::Status(code),
                _ => {
                    return Err(
                        "give a status from 400 to 599, drop-before, drop-after, truncate, garbage, empty, \
                     html, redirect, latency=50ms, drip=5ms, hang, hang-after or forget"
                            .to_owned(),
                    );
                }
            }
        }
    })
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is no duration such as 50ms"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        _ => Err(format!("`{text}` is no duration such as 50ms")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_from_its_text() {
        let fault: Fault = "429:3,method=patch,after=2,retry-after=7".parse().unwrap();
        assert_eq!(fault.kind, FaultKind::Status(429));
        assert_eq!((fault.count, fault.after, fault.method.as_deref()), (Some(3), 2, Some("PATCH")));
        assert_eq!(fault.retry_after.as_deref(), Some("7"));
        let kind = |text: &str| text.parse::<Fault>().map(|fault| fault.kind);
        assert_eq!(kind("500-after:1"), Ok(FaultKind::StatusAfter(500)));
        assert_eq!(kind("latency=50ms"), Ok(FaultKind::Latency(Duration::from_millis(50))));
        assert_eq!(
            kind("redirect=https://a.example:80/x:2"),
            Ok(FaultKind::Redirect("https://a.example:80/x".into()))
        );
        for bad in
            ["", "200", "latency=5", "429:x", "429,method", "429,colour=red", "429,rate=5", "429,rate=200%"]
        {
            assert!(kind(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_says_and_where_it_says() {
        let mut fault: Fault = "500:2,method=GET,after=1".parse().unwrap();
        let struck: Vec<_> = (0..5).map(|n| fault.strikes("GET", "/x", n)).collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert!(!"500,method=GET".parse::<Fault>().unwrap().strikes("POST", "/x", 0));
    }

    #[test]
    fn a_rate_strikes_its_share_and_the_same_requests_each_time() {
        let run = || {
            let mut fault: Fault = "500,rate=5%,seed=7".parse().unwrap();
            (0..2000).map(|n| fault.strikes("GET", "/x", n)).collect::<Vec<_>>()
        };
        let struck = run().iter().filter(|struck| **struck).count();
        assert!((60..140).contains(&struck), "{struck}");
        assert_eq!(run(), run());
    }
}
