//! The body of an answer, sent whole, in drips, or broken off.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// All at once.
    Whole,
    /// One byte after each wait.
    Drip(Duration),
    /// Half of it, and the connection closes.
    Broken,
}

#[derive(Debug)]
pub(super) struct Scripted {
    rest: Bytes,
    manner: Manner,
    wait: Option<Pin<Box<Sleep>>>,
    /// What is left when it breaks.
    breaks_at: usize,
}

/// The connection is closed in the middle, on purpose.
#[derive(Debug)]
pub(super) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed by a fault that was asked for")
    }
}

impl std::error::Error for Broken {}

impl Scripted {
    pub(super) fn new(body: Bytes, manner: Manner) -> Self {
        let breaks_at = body.len() / 2;
        Scripted { rest: body, manner, wait: None, breaks_at }
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        let next = match this.manner {
            Manner::Broken if this.rest.len() <= this.breaks_at => {
                // What was written before must go out first, or the client sees no answer at all.
                let wait =
                    this.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(2))));
                ready!(wait.as_mut().poll(cx));
                return Poll::Ready(Some(Err(Broken)));
            }
            _ if this.rest.is_empty() => return Poll::Ready(None),
            Manner::Whole => this.rest.len(),
            Manner::Broken => this.rest.len() - this.breaks_at,
            Manner::Drip(each) => {
                let wait = this.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(each)));
                ready!(wait.as_mut().poll(cx));
                this.wait = None;
                1
            }
        };
        Poll::Ready(Some(Ok(Frame::data(this.rest.split_to(next)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.manner != Manner::Broken
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
