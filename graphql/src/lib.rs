//! The Write for Rights service: GraphQL over HTTP and WebSocket, on SQLite or PostgreSQL.

pub mod catalogue;
pub mod clock;
pub mod database;
pub mod ledger;
pub mod live;
pub mod secret;
pub mod server {
    //! The transports. (`server.rs` takes over these lines when the API is there.)
    mod document;
    mod door;
    mod fault;
    mod http;
    mod places;
    mod question;
    mod routes;
    mod settings;
    mod socket;
    mod stream;

    pub use self::{
        document::Bounds,
        door::{Asked, Door},
        fault::Code,
        routes::routes,
        settings::Settings,
    };
}
pub mod tally;
