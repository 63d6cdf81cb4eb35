//! Tests of the engine and its transports over real sockets, with a schema of their own.

mod bounds;
mod caching;
mod client;
mod connections;
mod documents;
mod http;
mod panics;
mod sse;
mod test_schema;
mod test_service;
mod websocket;
