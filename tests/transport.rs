//! The transports over real sockets, with a schema of their own: what the protocols say, whatever is
//! being counted.

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
