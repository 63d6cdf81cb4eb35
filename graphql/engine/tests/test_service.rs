//! Starts a service with the test schema.

use graphql_engine::EngineSettings;
use tokio::{net::TcpListener, sync::watch};

use crate::{client::TestService, test_schema::serve};

impl TestService {
    pub async fn start() -> Self {
        Self::with(EngineSettings::default()).await
    }

    pub async fn with(settings: EngineSettings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (shutdown, shutdown_requested) = watch::channel(false);
        let ended = tokio::spawn(serve(listener, settings, shutdown_requested));
        Self { address, shutdown, ended }
    }
}
