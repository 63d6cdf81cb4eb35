//! The service on a socket: which address leads where, and what runs beside the requests.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo, routing::get};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    api::{self, Asking},
    catalogue::Catalogue,
    clock::Clock,
    database::{self, Database},
    ledger::{self, Ledger},
    tally::Tallies,
};

mod document;
mod door;
mod fault;
mod http;
mod ide;
mod places;
mod question;
mod routes;
mod settings;
mod socket;
mod stream;
mod ticker;
mod totals;

pub use document::Bounds;
pub use door::{Asked, Door};
pub use fault::Code;
pub use ide::{Example, examples};
pub use routes::routes;
pub use settings::Settings;

/// How often it is looked whether a recount is due.
const RECOUNT_LOOK: Duration = Duration::from_secs(15 * 60);
/// A recount is due a day after the last one.
const RECOUNT_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// A commit takes milliseconds; what has not ended after this will not.
const FINISH_MOST: Duration = Duration::from_secs(5);

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
    finish(writer).await;
    Ok(())
}

/// Waits until the writer has committed what waited, now that no request is left. A socket that is
/// still open keeps its door to the ledger; nothing comes through it any more.
pub async fn finish(writer: std::thread::JoinHandle<()>) {
    let joined = tokio::task::spawn_blocking(move || writer.join());
    if tokio::time::timeout(FINISH_MOST, joined).await.is_err() {
        tracing::warn!("some sockets are still open; they are cut off");
    }
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
    let (close, closing) = watch::channel(false);
    let shutdown = async move {
        shutdown.await;
        // Sockets and streams would otherwise go on for ever.
        close.send_replace(true);
    };
    let served = axum::serve(listener, addresses(context, closing)?).with_graceful_shutdown(shutdown).await;
    hearing.abort();
    recounting.abort();
    served
}

fn addresses(
    context: api::Context,
    closing: watch::Receiver<bool>,
) -> io::Result<IntoMakeServiceWithConnectInfo<Router, SocketAddr>> {
    let simulated = context.simulated;
    let greeted = context.clone();
    let greet = move |asked: Asked| {
        let context = greeted.clone();
        async move {
            let asking = Asking::new(&context, asked.bearer.as_deref(), asked.languages.as_deref()).await?;
            let mut data = async_graphql::Data::default();
            data.insert(asking);
            Ok(data)
        }
    };
    let door = Door::new(api::schema(context.clone()), &api::sdl(), Settings::default(), closing, greet)
        .map_err(io::Error::other)?;
    Ok(Router::new()
        .route("/schema.graphql", get(async || api::sdl()))
        .route("/healthz", get(async || "ok\n"))
        .merge(ide::routes(simulated))
        .merge(ticker::routes())
        .merge(totals::routes(context.clone()))
        .merge(routes(door))
        .into_make_service_with_connect_info())
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
