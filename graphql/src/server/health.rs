//! Readiness probe: `/readyz`, for load balancers.
//!
//! A process that is not ready still answers requests as far as it can. The body states the reason in
//! one of a few fixed texts; details are in the log. A halted transparency log keeps nothing from being served: it is
//! told beside the readiness.

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio::sync::watch;

use crate::{
    database::Refusal,
    ledger::{Ledger, Loss, Stuck, SyncStatus},
};

/// The inputs of the readiness probe.
#[derive(Clone)]
pub(super) struct ReadinessProbe {
    pub sync_status: watch::Receiver<SyncStatus>,
    pub ledger: Ledger,
    pub log_halted: watch::Receiver<bool>,
    pub stopping: watch::Receiver<bool>,
}

impl ReadinessProbe {
    /// Why this process is not ready; `None` if it is.
    fn not_ready_reason(&self) -> Option<&'static str> {
        if *self.stopping.borrow() {
            return Some("stopping");
        }
        if let Some(loss) = self.sync_status.borrow().loss() {
            return Some(match loss {
                Loss::OutOfReach => "the database is out of reach",
                Loss::Refused(refusal) => message(refusal),
            });
        }
        if !self.ledger.is_open() {
            return Some("nothing can be written");
        }
        self.ledger.writes().stuck().map(|stuck| match stuck {
            Stuck::Refused(Loss::OutOfReach) => "writes are refused",
            Stuck::Refused(Loss::Refused(refusal)) => message(refusal),
            Stuck::Unfinished => "writes do not end",
        })
    }
}

const fn message(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::FileReplaced => "the file of the database was removed or replaced",
        Refusal::NewerVersion => "a newer version has changed the database",
        Refusal::Standby => "the database is a standby",
    }
}

pub(super) fn routes(signs: ReadinessProbe) -> Router {
    Router::new().route("/readyz", get(answer)).with_state(signs)
}

async fn answer(State(signs): State<ReadinessProbe>) -> impl IntoResponse {
    let (status, body) = match signs.not_ready_reason() {
        None if *signs.log_halted.borrow() => (StatusCode::OK, "ready; the transparency log is halted"),
        None => (StatusCode::OK, "ready"),
        Some(hindrance) => (StatusCode::SERVICE_UNAVAILABLE, hindrance),
    };
    let about = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, about, format!("{body}\n"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;
    use crate::{database::Database, ledger::SharedState};

    #[tokio::test]
    async fn a_process_that_stops_or_has_lost_the_database_or_the_writer_is_not_ready() {
        let (stop, stopping) = watch::channel(false);
        let (say, sync_status) = watch::channel(SyncStatus::synced_at(Instant::now()));
        let database = Database::open("sqlite:never-opened.db").expect("a URL");
        let (ledger, _) =
            Ledger::start(database, SharedState::default(), domain::report::ReportBudgets::NONE)
                .expect("a thread");
        let log_halted = watch::channel(false).1;
        let signs = ReadinessProbe { sync_status, ledger, log_halted, stopping };
        assert_eq!(signs.not_ready_reason(), None);
        let long_ago = Instant::now().checked_sub(Duration::from_secs(6)).expect("a machine that is up");
        say.send_replace(SyncStatus::synced_at(long_ago));
        assert_eq!(signs.not_ready_reason(), Some("the database is out of reach"));
        say.send_replace(SyncStatus::synced_at(Instant::now()));
        assert_eq!(signs.not_ready_reason(), None);
        stop.send_replace(true);
        assert_eq!(signs.not_ready_reason(), Some("stopping"));
        let signs = ReadinessProbe { stopping: watch::channel(false).1, ledger: Ledger::ended(), ..signs };
        assert_eq!(signs.not_ready_reason(), Some("nothing can be written"));
    }
}
