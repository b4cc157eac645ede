//! How many requests are under way at once, and the pause that all of them share.
//!
//! A refusal for too many requests halves the number, once for all that were under way together; successes bring
//! it back one by one. A pause holds every request that has not started.

use super::clock::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The one way to a request's start.
#[derive(Debug)]
pub(super) struct Gate {
    clock: Arc<dyn Clock>,
    most: usize,
    state: Mutex<State>,
    left: Notify,
}

#[derive(Debug)]
struct State {
    limit: usize,
    under_way: usize,
    /// Successes since the limit last changed.
    streak: usize,
    paused_until: Duration,
    /// Goes up with every halving, so that one burst of refusals halves once.
    epoch: u64,
}

/// The right to have one request under way; given back when dropped.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    epoch: u64,
}

impl Gate {
    pub(super) fn new(most: usize, clock: Arc<dyn Clock>) -> Self {
        let most = most.max(1);
        let state = State { limit: most, under_way: 0, streak: 0, paused_until: Duration::ZERO, epoch: 0 };
        Gate { clock, most, state: Mutex::new(state), left: Notify::new() }
    }

    /// Waits for the end of a pause and for a free place.
    pub(super) async fn enter(&self) -> Pass<'_> {
        loop {
            let pause = {
                let mut state = self.state();
                let pause = state.paused_until.saturating_sub(self.clock.elapsed());
                if pause.is_zero() && state.under_way < state.limit {
                    state.under_way += 1;
                    return Pass { gate: self, epoch: state.epoch };
                }
                pause
            };
            if pause.is_zero() {
                self.left.notified().await;
            } else {
                self.clock.sleep(pause).await;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn limit(&self) -> usize {
        self.state().limit
    }
}

impl Pass<'_> {
    /// The request was refused for being one too many: all pause. Says whether the pause became longer.
    pub(super) fn refused(self, pause: Duration) -> bool {
        let mut state = self.gate.state();
        if state.epoch == self.epoch {
            state.epoch += 1;
            state.limit = (state.limit / 2).max(1);
            state.streak = 0;
        }
        let until = self.gate.clock.elapsed() + pause;
        let longer = until > state.paused_until;
        state.paused_until = state.paused_until.max(until);
        longer
    }

    /// The request went well.
    pub(super) fn succeeded(self) {
        let mut state = self.gate.state();
        state.streak += 1;
        if state.limit < self.gate.most && state.streak >= state.limit {
            state.limit += 1;
            state.streak = 0;
            drop(state);
            self.gate.left.notify_one();
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.state().under_way -= 1;
        self.gate.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::InstantClock;
    use super::*;

    fn gate(most: usize) -> (Gate, Arc<InstantClock>) {
        let clock = Arc::new(InstantClock::default());
        (Gate::new(most, clock.clone()), clock)
    }

    #[tokio::test]
    async fn a_burst_of_refusals_halves_once_and_successes_bring_it_back() {
        let (gate, _) = gate(8);
        let mut burst = Vec::new();
        for _ in 0..8 {
            burst.push(gate.enter().await);
        }
        burst.into_iter().for_each(|pass| {
            pass.refused(Duration::from_secs(1));
        });
        assert_eq!(gate.limit(), 4);
        gate.enter().await.refused(Duration::ZERO);
        assert_eq!(gate.limit(), 2, "a later refusal halves again");
        for _ in 0..100 {
            gate.enter().await.succeeded();
        }
        assert_eq!(gate.limit(), 8, "and never above where it began");
    }

    #[tokio::test]
    async fn a_pause_holds_everybody_who_has_not_started() {
        let (gate, clock) = gate(4);
        let pass = gate.enter().await;
        assert!(pass.refused(Duration::from_secs(30)));
        assert_eq!(clock.elapsed(), Duration::ZERO);
        drop(gate.enter().await);
        assert_eq!(clock.elapsed(), Duration::from_secs(30));
        drop(gate.enter().await);
        assert_eq!(clock.elapsed(), Duration::from_secs(30), "a pause that is over holds nobody");
    }

    #[tokio::test]
    async fn no_more_than_the_limit_are_under_way_and_nobody_is_forgotten() {
        let (gate, _) = gate(3);
        let gate = Arc::new(gate);
        let most = Arc::new(Mutex::new((0_usize, 0_usize)));
        let mut tasks = tokio::task::JoinSet::new();
        for index in 0..100 {
            let (gate, most) = (gate.clone(), most.clone());
            tasks.spawn(async move {
                let pass = gate.enter().await;
                {
                    let mut most = most.lock().unwrap();
                    most.0 += 1;
                    most.1 = most.1.max(most.0);
                }
                tokio::task::yield_now().await;
                most.lock().unwrap().0 -= 1;
                if index % 10 == 0 {
                    pass.refused(Duration::from_secs(1));
                } else {
                    pass.succeeded();
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(most.lock().unwrap().1, 3);
    }
}
