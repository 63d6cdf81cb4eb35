//! Serves the test schema, for the audits in `tests/npm` and for measuring:
//! `cargo run -p graphql-engine --example transports -- 127.0.0.1:4000`.

use graphql_engine::EngineSettings;
use tokio::{net::TcpListener, sync::watch};

mod test_schema;

#[tokio::main]
async fn main() {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await.expect("the address is free");
    println!("http://{}/graphql", listener.local_addr().expect("an address"));
    let settings = EngineSettings {
        max_connections_per_client: 25_000,
        max_streams_per_client: 20_000,
        ..EngineSettings::default()
    };
    let (_shutdown, shutdown_requested) = watch::channel(false);
    test_schema::serve(listener, settings, shutdown_requested).await;
}
