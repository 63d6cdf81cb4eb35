//! The API inside of another axum application: `cargo run -p graphql --example embed`.
//!
//! It prints its address and serves an empty campaign from a temporary database at `/api/graphql`, beside a
//! page of the application's own.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{Router, routing::get};
use domain::report::ReportBudgets;
use graphql::{
    clock::Clock,
    database::{
        Database,
        migrations::{self, MigrationTarget},
    },
    embed,
    mail::{MailOptions, MailUrl, SenderAddress},
    server::{self, BackgroundTasks},
};
use graphql_engine::QueryLimits;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("w4r.db").display());
    migrations::run(&url, MigrationTarget::Latest).await?;
    let database = Database::open(&url)?;
    let mail = MailOptions {
        url: MailUrl::Folder(folder.path().join("mail")),
        from: SenderAddress::parse("Write for Rights <w4r@localhost>")?,
        public_url: "http://localhost".to_owned(),
    };
    let (running, writer) =
        server::start(database, Clock::system(), false, mail, ReportBudgets::DEFAULT).await?;
    let background = BackgroundTasks::start(&running)?;
    let api = embed::router(running.context.clone(), QueryLimits::DEFAULT);
    let application = Router::new().route("/", get(async || "a page of this application")).nest("/api", api);

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}/api/graphql", listener.local_addr()?);
    let service = application.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await?;
    background.stop().await;
    drop(running);
    server::finish(writer).await;
    Ok(())
}
