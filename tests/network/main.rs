//! The client and the emulator over real sockets. Everything here needs the loopback interface only.

mod support;

mod api_faults;
mod api_listing;
mod api_not_modified;
mod api_shapes;
mod sandbox_account;
mod sandbox_state;
