//! A brake that anyone may pull: no write begins after it, wherever it was waiting for its turn.

use std::sync::Arc;
use tokio::sync::watch;

/// Shared by all who hold a clone. Pulled once; the first reason stays.
#[derive(Debug, Clone)]
pub struct Brake(Arc<watch::Sender<Option<String>>>);

impl Default for Brake {
    fn default() -> Self {
        Brake(Arc::new(watch::Sender::new(None)))
    }
}

impl Brake {
    /// Lets no new write begin.
    pub fn pull(&self, reason: &str) {
        self.0.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert_with(|| reason.to_owned());
            first
        });
    }

    /// Why no new write may begin, if so.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Waits until it is pulled, and says why.
    pub async fn pulled(&self) -> String {
        let mut receiver = self.0.subscribe();
        loop {
            if let Some(reason) = receiver.borrow_and_update().clone() {
                return reason;
            }
            if receiver.changed().await.is_err() {
                // Cannot be: this very value holds the sender.
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_stays_and_everybody_hears_of_it() {
        let brake = Brake::default();
        assert_eq!(brake.reason(), None);
        let waiting = tokio::spawn({
            let brake = brake.clone();
            async move { brake.pulled().await }
        });
        tokio::task::yield_now().await;
        brake.pull("the key was refused");
        brake.pull("something else");
        assert_eq!(waiting.await.unwrap(), "the key was refused");
        assert_eq!(brake.pulled().await, "the key was refused");
    }
}
