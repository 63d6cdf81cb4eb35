//! The composition of the service: its start, its routes, its background tasks and its end.

use std::{any::Any, future::Future, io, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use domain::{EditionId, report::ReportBudgets};
use graphql_engine::{
    ClientInfo, EngineConfig, Freshness, FreshnessState, GraphqlEngine, PendingState, RequestData, Routes,
    listener, routes,
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::Instant};

use crate::{
    api::{self, RequestContext},
    clock::Clock,
    database::Database,
    ledger::{
        self, Ledger, SharedState, SyncStatus,
        report_log::{LogOptions, Sequencer, default_origin},
    },
    mail::{self, MailQueue},
    scheduler::Scheduler,
    totals_store::{PendingSnapshot, TotalsSnapshot},
};

mod assets;
mod daily_recount;
mod feeds;
mod health;
mod metrics;
mod open_data;
mod purge;
mod settings;
mod static_response;
mod statistics;
mod totals;
mod transparency_log;
mod unsubscribe;
mod zone_rules;

pub use assets::ide::{Example, examples};
pub use settings::{MetricsAt, Settings};

use daily_recount::Recounts;
use health::ReadinessProbe;
use metrics::MetricSources;

/// Subscription fields with latest-value semantics: a busy subscriber needs only the newest total, but
/// every changed case.
const LATEST_VALUE_FIELDS: &[&str] = &["total"];

/// The time limit of a shutdown: a commit takes milliseconds, so what has not ended by then is stuck.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A started service: its state is read and its writer runs. [`BackgroundTasks`] do its other work.
#[derive(Clone)]
pub struct Running {
    /// The state that the API works with.
    pub context: api::AppState,
    memory: SharedState,
    sync_status: watch::Sender<SyncStatus>,
    mail: mail::MailOptions,
    /// The settings of the transparency log.
    pub log: LogOptions,
}

/// Reads what the database holds and starts the writer.
///
/// # Errors
/// If the database cannot be read or the system gives no thread.
pub async fn start(
    database: Database,
    clock: Clock,
    simulated: bool,
    mail: mail::MailOptions,
    budgets: ReportBudgets,
) -> io::Result<(Running, std::thread::JoinHandle<()>)> {
    zone_rules::apply(&database, &clock).await;
    let memory = SharedState::default();
    let (sync_status, _) = watch::channel(SyncStatus::synced_at(Instant::now()));
    ledger::refresh(&database, &memory).await.map_err(|error| io::Error::other(error.cause().to_string()))?;
    let (ledger, writer) = Ledger::start(database.clone(), memory.clone(), budgets)?;
    let context = api::AppState {
        database,
        catalogue: memory.catalogue.subscribe(),
        ledger,
        totals: memory.totals.clone(),
        events_revision: memory.events.subscribe(),
        participation: Arc::default(),
        mail_queue: MailQueue::default(),
        clock,
        public_url: mail.public_url.as_str().into(),
        simulated,
    };
    Ok((Running { context, memory, sync_status, mail, log: LogOptions::NONE }, writer))
}

/// Waits until the writer has committed what was queued, after the last request. An open socket keeps a
/// handle of the ledger, so that the wait is limited.
pub async fn finish(writer: std::thread::JoinHandle<()>) {
    let joined = tokio::task::spawn_blocking(move || writer.join());
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, joined).await.is_err() {
        tracing::warn!("the shutdown timed out; open connections are closed");
    }
}

/// What a service does beside its requests: heartbeats, changes of other processes, mail, notifications,
/// daily recounts and deletions. It ends when this is dropped; [`BackgroundTasks::stop`] also finishes the
/// mail that is being sent.
pub struct BackgroundTasks {
    tasks: JoinSet<()>,
    threads: [std::thread::JoinHandle<()>; 3],
    shutdown: watch::Sender<bool>,
    recounts: watch::Receiver<Recounts>,
    log_halted: watch::Receiver<bool>,
}

impl BackgroundTasks {
    /// Starts all of them.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(running: &Running) -> io::Result<Self> {
        let Running { context, memory, sync_status, mail, log } = running.clone();
        let api::AppState { database, ledger, clock, mail_queue, .. } = context.clone();
        let (shutdown, shutdown_requested) = watch::channel(false);
        let (recounted, recounts) = watch::channel(Recounts::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(ledger::write_heartbeats(ledger.clone(), clock.clone()));
        tasks.spawn(ledger::follow_changes(database.clone(), memory, sync_status));
        tasks.spawn(ledger::resume_unfinished(database.clone(), ledger, clock.clone()));
        tasks.spawn(purge::purge_hourly(database.clone(), clock.clone()));
        tasks.spawn(statistics::refresh_hourly(database.clone()));
        tasks.spawn(daily_recount::run_daily(context.clone(), recounted));
        let scrubbed = database.clone();
        tasks.spawn(async move { scrubbed.scrub().await });
        let worker = mail::MailWorker::new(database.clone(), clock.clone(), mail, mail_queue.clone());
        let scheduler =
            Scheduler::new(database.clone(), context.catalogue.clone(), clock.clone(), mail_queue);
        let name = default_origin(&context.public_url);
        let sequencer = Sequencer::new(database, context.catalogue, clock, log, name)?;
        let (stop, log_halted) = (shutdown_requested, sequencer.halted());
        let threads = [worker.start(stop.clone())?, scheduler.start(stop.clone())?, sequencer.start(stop)?];
        Ok(Self { tasks, threads, shutdown, recounts, log_halted })
    }

    /// Ends them. A mail that is being handed over is finished, which takes a mail server two minutes at most.
    pub async fn stop(mut self) {
        self.shutdown.send_replace(true);
        self.tasks.abort_all();
        let _ = tokio::task::spawn_blocking(move || self.threads.map(std::thread::JoinHandle::join)).await;
    }
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
    mail: mail::MailOptions,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (running, writer) = start(database, clock, simulated, mail, settings.report_budgets).await?;
    serve_running(listener, settings, running, shutdown).await?;
    finish(writer).await;
    Ok(())
}

/// Serves a service that was started, with its background tasks.
///
/// # Errors
/// If the socket fails.
pub async fn serve_running(
    listener: TcpListener,
    settings: Settings,
    running: Running,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let running = Running { log: settings.log.clone(), ..running };
    let background = BackgroundTasks::start(&running)?;
    let Running { context, sync_status, .. } = running;
    let (stop, stopping) = watch::channel(false);
    let (close, shutdown_requested) = watch::channel(false);
    let probe = ReadinessProbe {
        sync_status: sync_status.subscribe(),
        ledger: context.ledger.clone(),
        log_halted: background.log_halted.clone(),
        stopping,
    };
    let shutdown_delay = settings.shutdown_delay;
    let shutdown = async move {
        shutdown.await;
        // Until load balancers notice it, they send requests here, which are served as before.
        stop.send_replace(true);
        tokio::time::sleep(shutdown_delay).await;
        // Sockets and streams would otherwise stay open forever.
        close.send_replace(true);
    };
    // A statement whose request has timed out is ended in the database too.
    let database = context.database.ending_after(settings.engine.query_timeout).map_err(io::Error::other)?;
    let context = api::AppState { database, ..context };
    let recounts = background.recounts.clone();
    let (mut addresses, sources) = addresses(context, settings.clone(), probe, shutdown_requested, recounts)?;
    let mut metrics_server = None;
    match settings.metrics {
        MetricsAt::Public => addresses = addresses.merge_same_origin(metrics::PATH, metrics::routes(sources)),
        elsewhere => metrics_server = metrics::serve(elsewhere, sources).await?,
    }
    let served = listener::serve(listener, addresses, &settings.engine, shutdown).await;
    drop(metrics_server);
    background.stop().await;
    served
}

fn addresses(
    context: api::AppState,
    settings: Settings,
    signs: ReadinessProbe,
    closing: watch::Receiver<bool>,
    recounts: watch::Receiver<Recounts>,
) -> io::Result<(Routes, MetricSources)> {
    let simulated = context.simulated;
    let schema = api::schema(context.clone(), settings.engine.query_limits);
    let config = EngineConfig {
        sdl: &api::sdl(),
        is_valid_scalar: api::is_of_scalar,
        latest_value_fields: LATEST_VALUE_FIELDS,
        settings: settings.engine,
        shutdown_requested: closing,
    };
    let shared = Arc::new(context.clone());
    let build_context = move |client| build_context(Arc::clone(&shared), client);
    let engine = GraphqlEngine::new(schema, config, build_context).map_err(io::Error::other)?;
    context.totals.set_pre_publish_hook(pre_publish_hook(&engine));
    let plain = Router::new()
        .route("/schema.graphql", get(async || api::sdl()))
        .route("/healthz", get(async || "ok\n"));
    let meters = MetricSources {
        context: context.clone(),
        sync_status: signs.sync_status.clone(),
        recounts,
        log_halted: signs.log_halted.clone(),
        engine: engine.clone(),
    };
    let addresses = routes(engine)
        .merge(plain)
        .merge(health::routes(signs))
        .merge(assets::routes(simulated))
        .merge(totals::routes(context.clone()))
        .merge(open_data::routes(context.clone()))
        .merge(transparency_log::routes(context.database.clone()))
        .merge(unsubscribe::routes(context.clone()))
        .merge(feeds::routes(context));
    Ok((addresses, meters))
}

/// The data of one request.
pub(crate) async fn build_context(
    context: Arc<api::AppState>,
    client: ClientInfo,
) -> Result<RequestData, async_graphql::ServerError> {
    let request =
        RequestContext::new(&context, client.bearer_token.as_deref(), client.accept_language.as_deref())
            .await?;
    let request = request.with_address(client.address);
    let pending = client.pending.and_then(|pending| {
        let pending: Arc<dyn Any + Send + Sync> = pending;
        pending.downcast::<PendingSnapshot>().ok()
    });
    let request = match pending {
        Some(pending) => request.ahead(pending),
        None => request,
    };
    let freshness = request.ground().map(freshness);
    let mut data = async_graphql::Data::default();
    data.insert(request);
    data.insert(client.cost_budget);
    Ok(RequestData { data, freshness })
}

/// The freshness of responses with these dependencies.
fn freshness(dependencies: Arc<api::Dependencies>) -> Freshness {
    Freshness::new(move || {
        if !dependencies.is_cacheable() {
            FreshnessState::Uncacheable
        } else if dependencies.is_current() {
            FreshnessState::Current
        } else {
            FreshnessState::Stale
        }
    })
}

impl PendingState for PendingSnapshot {
    fn was_used(&self) -> bool {
        self.is_spoken_of()
    }
}

/// Computes repeated queries with a snapshot before it is published. It runs on the commit path: after the
/// commit, before its publication, at most eight short queries from memory.
fn pre_publish_hook<E: async_graphql::Executor>(
    engine: &GraphqlEngine<E>,
) -> impl Fn(EditionId, &Arc<TotalsSnapshot>) -> Box<dyn FnOnce()> + Send + Sync + use<E> {
    // The store of totals keeps the hook, and the engine keeps the store.
    let engine = engine.downgrade();
    move |edition, snapshot| match engine.upgrade() {
        Some(engine) => engine.precompute(|| Arc::new(PendingSnapshot::new(edition, Arc::clone(snapshot)))),
        None => Box::new(|| ()),
    }
}
