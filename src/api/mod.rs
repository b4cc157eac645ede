//! The way to the Tavus API: requests as plain values, answers decoded purely, and the clients that send them.
//!
//! Owns everything between a persona document and the wire: where requests may go ([`Endpoint`]), what they are
//! ([`Request`]), what answers mean ([`decode`]), waiting and repeating ([`Transport`]), and what went wrong
//! ([`ApiError`]). Knows nothing of files, plans or comparison, and prints nothing.
//!
//! [`ReadClient`] has no call that writes; [`WriteClient`] is made from it on purpose. A command that holds only
//! the first cannot change an account.

mod answer;
mod brake;
mod client;
mod clock;
pub mod decode;
mod endpoint;
mod error;
mod gate;
mod key;
mod observe;
mod request;
mod settings;
mod transport;
mod trust;
mod wait;
mod wording;

pub use answer::Answer;
pub use brake::Brake;
pub use client::{Created, Look, PatchOutcome, ReadClient, WriteClient};
pub use clock::{Clock, InstantClock, Sleep, SystemClock};
pub use decode::{Entry, Listing};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{ApiError, Effect, ErrorKind, TimeLimit};
pub use key::{ApiKey, KeyError};
pub use observe::{Exchange, Observer, Pause, Tracing};
pub use request::{Method, Request};
pub use settings::{Limits, Settings};
pub use transport::{Transport, fault_of};
