//! How long to wait before another attempt. Pure: header, date and chance come in, a duration goes out.

use std::time::{Duration, SystemTime};

/// The first wait without a `Retry-After`; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// What a `Retry-After` header asks for: seconds or an HTTP date, of which a past one means now.
/// None where it is neither.
#[must_use]
pub(super) fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|b| b.is_ascii_digit()) {
        // A number too large for a duration is a wait that nobody would allow.
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::from(u32::MAX))));
    }
    if header.starts_with(|c: char| c.is_ascii_digit()) {
        let seconds = header.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0)?;
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// The wait after so many failed attempts (from 1): growing, and anywhere in its upper half, so that many who were
/// refused together do not come back together.
#[must_use]
pub(super) fn backoff(failures: u32, longest: Duration, chance: u64) -> Duration {
    let full = FIRST.saturating_mul(1_u32 << failures.saturating_sub(1).min(16)).min(longest);
    let half = full / 2;
    let share = u32::try_from(chance % 1024).unwrap_or_default();
    half + half * share / 1023
}

/// One step of the splitmix64 generator: enough to spread waits.
#[must_use]
pub(super) fn next_chance(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date_p53() {
        let now = httpdate::parse_http_date("Wed, 25 Nov 2026 10:00:00 GMT").unwrap();
        let of = |header| retry_after(header, now);
        assert_eq!(of("7"), Some(Duration::from_secs(7)));
        assert_eq!(of(" 0 "), Some(Duration::ZERO));
        assert_eq!(of("1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(of("Wed, 25 Nov 2026 10:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(of("Wed, 25 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO), "a past date means now");
        for nonsense in ["", "soon", "-3", "1e999", "NaN", "7 seconds", "Wed, 99 Nov"] {
            assert_eq!(of(nonsense), None, "{nonsense}");
        }
        assert!(of("99999999999999999999").unwrap() > Duration::from_secs(1_000_000));
    }

    #[test]
    fn waits_grow_stay_below_the_limit_and_are_spread() {
        let longest = Duration::from_secs(60);
        let mut state = 7;
        let mut last = Duration::ZERO;
        for failures in 1..=7 {
            let full = FIRST * (1 << (failures - 1));
            let waits: Vec<_> =
                (0..50).map(|_| backoff(failures, longest, next_chance(&mut state))).collect();
            assert!(waits.iter().all(|wait| *wait >= full / 2 && *wait <= full));
            assert!(waits.iter().any(|wait| wait != &waits[0]), "not spread");
            let least = waits.iter().min().copied().unwrap();
            assert!(least >= last / 2);
            last = full;
        }
        assert!(backoff(40, longest, u64::MAX) <= longest);
    }
}
