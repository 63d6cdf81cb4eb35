//! The service on a socket: which address leads where, and what runs beside the requests.

use std::{future::Future, io, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use domain::report::Budgets;
use tokio::{net::TcpListener, sync::watch, time::Instant};

use crate::{
    api::{self, Asking},
    clock::Clock,
    database::Database,
    ledger::{self, Ledger, Memory, Word},
    mail::{self, Post},
    newsroom::Newsroom,
};

mod assets;
mod broadcast;
mod chunked;
mod client_ip;
mod compression;
mod compute_pool;
mod connection_limits;
mod cost_limits;
mod daily_recount;
mod document;
mod engine;
mod error_code;
mod feeds;
mod health;
mod http;
mod listener;
mod metrics;
mod purge;
mod request;
mod request_metrics;
mod response;
mod response_cache;
mod routes;
mod settings;
mod sse;
mod static_response;
mod statistics;
mod totals;
mod unsubscribe;
mod websocket;

pub use document::DocumentLimits;
pub use engine::{ClientInfo, Freshness, FreshnessState, GraphqlEngine, RequestData};
pub use error_code::ErrorCode;
pub use assets::ide::{Example, examples};
pub use listener::serve as serve_connections;
pub use routes::{Routes, routes};
pub use settings::{MetricsAt, Settings};

use daily_recount::Recounts;
use health::ReadinessProbe;
use metrics::MetricSources;

/// Whoever was busy needs the newest total, and every case that changed.
const LATEST_VALUE_FIELDS: &[&str] = &["total"];

/// A commit takes milliseconds; what has not ended after this will not.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A running service, for whoever wants to talk to it from inside the process.
#[derive(Clone)]
pub struct Running {
    /// What the API works with.
    pub context: api::Context,
    memory: Memory,
    word: watch::Sender<Word>,
    mail: mail::Settings,
}

/// Reads what the database holds and starts the writer.
///
/// # Errors
/// If the database cannot be read or the system gives no thread.
pub async fn start(
    database: Database,
    clock: Clock,
    simulated: bool,
    mail: mail::Settings,
    budgets: Budgets,
) -> io::Result<(Running, std::thread::JoinHandle<()>)> {
    let memory = Memory::default();
    let (word, _) = watch::channel(Word::heard(Instant::now()));
    ledger::catch_up(&database, &memory)
        .await
        .map_err(|error| io::Error::other(error.cause().to_string()))?;
    let (ledger, writer) = Ledger::start(database.clone(), memory.clone(), budgets)?;
    let post = Post::default();
    let context = api::Context {
        database,
        catalogue: memory.catalogue.subscribe(),
        ledger,
        tallies: memory.tallies.clone(),
        events_revision: memory.events.subscribe(),
        numbered: Arc::default(),
        post,
        clock,
        public_url: mail.public_url.as_str().into(),
        simulated,
    };
    Ok((Running { context, memory, word, mail }, writer))
}

/// Serves on `listener` until `shutdown` ends; then finishes what runs.
///
/// # Errors
/// If the database cannot be read at the start, or the socket fails.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    database: Database,
    clock: Clock,
    simulated: bool,
    mail: mail::Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (running, writer) = start(database, clock, simulated, mail, settings.budgets).await?;
    serve_running(listener, settings, running, shutdown).await?;
    finish(writer).await;
    Ok(())
}

/// Waits until the writer has committed what waited, now that no request is left. A socket that is
/// still open keeps its door to the ledger; nothing comes through it any more.
pub async fn finish(writer: std::thread::JoinHandle<()>) {
    let joined = tokio::task::spawn_blocking(move || writer.join());
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, joined).await.is_err() {
        tracing::warn!("some sockets are still open; they are cut off");
    }
}

/// Serves a service that was started.
///
/// # Errors
/// If the socket fails.
pub async fn serve_running(
    listener: TcpListener,
    settings: Settings,
    running: Running,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let Running { context, memory, word, mail } = running;
    let (stop, stopping) = watch::channel(false);
    let (close, closing) = watch::channel(false);
    let signs = ReadinessProbe { word: word.subscribe(), ledger: context.ledger.clone(), stopping };
    let beating = tokio::spawn(ledger::keep_beating(context.ledger.clone(), context.clock.clone()));
    let hearing = tokio::spawn(ledger::follow(context.database.clone(), memory, word));
    let moderating = tokio::spawn(ledger::carry_on(
        context.database.clone(),
        context.ledger.clone(),
        context.clock.clone(),
    ));
    let forgetting = tokio::spawn(purge::purge_daily(context.database.clone(), context.clock.clone()));
    let scrubbed = context.database.clone();
    let scrubbing = tokio::spawn(async move { scrubbed.scrub().await });
    let (recounted, recounts) = watch::channel(Recounts::default());
    let recounting = tokio::spawn(daily_recount::run_daily(context.clone(), recounted));
    let sender =
        mail::Sender::new(context.database.clone(), context.clock.clone(), mail, context.post.clone());
    let sending = sender.start(closing.clone())?;
    let notice_wait = settings.notice_wait;
    let newsroom = Newsroom::new(
        context.database.clone(),
        context.catalogue.clone(),
        context.clock.clone(),
        context.post.clone(),
    );
    let reporting = newsroom.start(closing.clone())?;
    let shutdown = async move {
        shutdown.await;
        // Until it is noticed, people are sent here, and are not to find a closed door.
        stop.send_replace(true);
        tokio::time::sleep(notice_wait).await;
        // Sockets and streams would otherwise go on for ever.
        close.send_replace(true);
    };
    let mut metering = None;
    let looking = tokio::spawn(statistics::refresh_hourly(context.database.clone()));
    // What nobody waits for any more is stopped in the database too.
    let database = context.database.ending_after(settings.query_wait).map_err(io::Error::other)?;
    let context = api::Context { database, ..context };
    let (mut addresses, meters) = addresses(context, settings.clone(), signs, closing, recounts)?;
    match settings.metrics {
        MetricsAt::Public => addresses = addresses.merge(metrics::routes(meters)),
        elsewhere => metering = metrics::serve(elsewhere, meters).await?,
    }
    let served = serve_connections(listener, addresses, &settings, shutdown).await;
    hearing.abort();
    beating.abort();
    recounting.abort();
    scrubbing.abort();
    moderating.abort();
    forgetting.abort();
    drop(metering);
    looking.abort();
    // A notice that is being handed over is finished, which takes a server two minutes at most.
    let _ = tokio::task::spawn_blocking(move || (reporting.join(), sending.join())).await;
    served
}

fn addresses(
    context: api::Context,
    settings: Settings,
    signs: ReadinessProbe,
    closing: watch::Receiver<bool>,
    recounts: watch::Receiver<Recounts>,
) -> io::Result<(Routes, MetricSources)> {
    let simulated = context.simulated;
    let greeted = Arc::new(context.clone());
    let greet = move |asked: ClientInfo| {
        let context = Arc::clone(&greeted);
        async move {
            let asking =
                Asking::new(&context, asked.bearer_token.as_deref(), asked.accept_language.as_deref())
                    .await?;
            let asking = asking.with_address(asked.address);
            let asking = match asked.pending_total {
                Some(coming) => asking.ahead(coming),
                None => asking,
            };
            let standing = asking.ground().map(freshness);
            let mut data = async_graphql::Data::default();
            data.insert(asking);
            data.insert(asked.cost_budget);
            Ok(RequestData { data, standing })
        }
    };
    let schema = api::schema(context.clone(), settings.limits);
    let door = GraphqlEngine::new(
        schema,
        &api::sdl(),
        api::is_of_scalar,
        settings,
        LATEST_VALUE_FIELDS,
        closing,
        greet,
    )
    .map_err(io::Error::other)?;
    context.tallies.herald(door.pre_publish_hook());
    let plain = Router::new()
        .route("/schema.graphql", get(async || api::sdl()))
        .route("/healthz", get(async || "ok\n"));
    let meters =
        MetricSources { context: context.clone(), word: signs.word.clone(), recounts, door: door.clone() };
    let addresses = routes(door)
        .merge(plain)
        .merge(health::routes(signs))
        .merge(assets::routes(simulated))
        .merge(totals::routes(context.clone()))
        .merge(unsubscribe::routes(context.clone()))
        .merge(feeds::routes(context));
    Ok((addresses, meters))
}

/// How answers made on this ground stand.
fn freshness(ground: Arc<api::Ground>) -> Freshness {
    Freshness::new(move || match () {
        () if !ground.is_firm() => FreshnessState::Uncacheable,
        () if ground.holds() => FreshnessState::Current,
        () => FreshnessState::Stale,
    })
}
