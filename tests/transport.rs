//! The transports over real sockets, with a schema of their own, independent of Write for Rights.

mod bounds;
mod client;
mod connections;
mod documents;
#[cfg(feature = "faults")]
mod faults;
mod http;
mod keeping;
mod panics;
mod socket;
mod stream;
mod toy;
