//! The client and the emulator over real sockets. Everything here needs the loopback interface only.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod api_faults;
mod api_listing;
mod api_not_modified;
mod api_shapes;
mod api_trust;
mod apply_guards;
mod apply_matrix;
mod apply_saved;
mod apply_signals;
mod apply_soak;
mod apply_states;
mod doctor;
mod sandbox_account;
mod sandbox_state;
