//! The service on a socket: which address leads where, and what runs beside the requests.

use std::{future::Future, io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    api,
    catalogue::Catalogue,
    clock::Clock,
    database::{self, Database},
    ledger::{self, Ledger},
    tally::Tallies,
};

mod http;
mod ide;

mod socket;
mod ticker;
mod totals;

pub use ide::{Example, examples};

/// A batch of 500 reports with ten lines each is about 600 kB.
const BODY_MOST: usize = 1 << 20;
/// How often it is looked whether a recount is due.
const RECOUNT_LOOK: Duration = Duration::from_secs(15 * 60);
/// A recount is due a day after the last one.
const RECOUNT_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// What the handlers share.
#[derive(Clone)]
struct Shared {
    schema: api::Schema,
    context: api::Context,
}

/// A running service, for whoever wants to talk to it from inside the process.
#[derive(Clone)]
pub struct Running {
    /// What the API works with.
    pub context: api::Context,
    catalogue: watch::Sender<Arc<Catalogue>>,
}

/// Reads what the database holds and starts the writer.
///
/// # Errors
/// If the database cannot be read or the system gives no thread.
pub async fn start(
    database: Database,
    clock: Clock,
    simulated: bool,
) -> io::Result<(Running, std::thread::JoinHandle<()>)> {
    let (catalogue, _) = watch::channel(Arc::new(Catalogue::default()));
    let tallies = Tallies::default();
    ledger::catch_up(&database, &catalogue, &tallies)
        .await
        .map_err(|error| io::Error::other(error.cause().to_string()))?;
    let (ledger, writer) = Ledger::start(database.clone(), catalogue.clone(), tallies.clone())?;
    let context =
        api::Context { database, catalogue: catalogue.subscribe(), ledger, tallies, clock, simulated };
    Ok((Running { context, catalogue }, writer))
}

/// Serves on `listener` until `shutdown` ends; then finishes what runs.
///
/// # Errors
/// If the database cannot be read at the start, or the socket fails.
pub async fn serve(
    listener: TcpListener,
    database: Database,
    clock: Clock,
    simulated: bool,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (running, writer) = start(database, clock, simulated).await?;
    serve_running(listener, running, shutdown).await?;
    // Every door to the ledger is gone now; what waited behind them is being committed.
    tokio::task::spawn_blocking(move || writer.join()).await.ok();
    Ok(())
}

/// Serves a service that was started.
///
/// # Errors
/// If the socket fails.
pub async fn serve_running(
    listener: TcpListener,
    running: Running,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let Running { context, catalogue } = running;
    let hearing = tokio::spawn(ledger::follow(context.database.clone(), catalogue, context.tallies.clone()));
    let recounting = tokio::spawn(recount_daily(context.clone()));
    let served = axum::serve(listener, routes(context)).with_graceful_shutdown(shutdown).await;
    hearing.abort();
    recounting.abort();
    served
}

fn routes(context: api::Context) -> Router {
    let schema = api::schema(context.clone());
    Router::new()
        .route("/graphql", post(http::answer))
        .route("/graphql/ws", get(socket::upgrade))
        .route("/schema.graphql", get(async || api::sdl()))
        .route("/healthz", get(async || "ok\n"))
        .merge(ide::routes())
        .merge(ticker::routes())
        .merge(totals::routes())
        .layer(DefaultBodyLimit::max(BODY_MOST))
        .with_state(Shared { schema, context })
}

/// Compares the counters of every edition with its ledger once a day. A difference is an alarm in the
/// log and visible in the API.
async fn recount_daily(context: api::Context) {
    let mut looks = tokio::time::interval(RECOUNT_LOOK);
    loop {
        looks.tick().await;
        let editions: Vec<_> = context.catalogue.borrow().editions().map(|edition| edition.id).collect();
        for edition in editions {
            if let Err(error) = recount_if_due(&context, edition).await {
                tracing::warn!(cause = %error.cause(), "the recount could not be made");
            }
        }
    }
}

async fn recount_if_due(context: &api::Context, edition: domain::EditionId) -> Result<(), database::Error> {
    let mut connection = context.database.connect().await?;
    let now = context.clock.now();
    let last = database::versions::recount(&mut connection, edition).await?;
    if last.is_some_and(|last| now.duration_since(last.checked_at) < RECOUNT_EVERY) {
        return Ok(());
    }
    let recount = ledger::recount::check(&mut connection, edition, now, |_| {}).await?;
    if !recount.matches {
        tracing::error!(version = recount.version, "the counters differ from the ledger");
    }
    Ok(())
}
