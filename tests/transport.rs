//! The transports over real sockets, with a schema of their own: what the protocols say, whatever is
//! being counted.

mod client;
mod documents;
mod http;
mod keeping;
mod socket;
mod stream;
mod toy;
