//! The test harness: a fresh database, a running service, and clients for each test.

use std::{fmt::Debug, time::Duration};

use tokio::time::timeout;

mod client;
mod clock;
mod database;
mod edition;
pub mod events;
mod executable;
pub mod load;
pub mod mail_server;
mod mailbox;
mod metrics;
pub mod outbox;
mod payload;
pub mod people;
pub mod postgres;
mod reports;
mod running_service;
pub mod snapshots;
pub mod subscribers;
mod subscription;
pub mod transparency;
pub mod urgent_actions;
pub mod whole_schema;

pub use self::{
    client::{Client, document},
    clock::{at, evening},
    database::{TestDatabase, execute, number, run_sql, server, sqlite, try_to_execute},
    edition::{campaign_id, case_id, case_to_change, import, import_open_now},
    executable::{CommandOutput, start_executable, w4r, w4r_with},
    mailbox::{TestMailbox, mail_settings},
    metrics::scrape_metrics,
    payload::{assert_done, assert_unavailable, user_errors, with},
    reports::{SUBMIT, assert_recounted, edition_letters, edition_total, letters, report},
    running_service::{Service, get, readiness, until_readiness, with_engine},
};

/// Long enough for a machine that does ten things at once; only a fault takes longer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something has a value.
pub async fn becomes<T: PartialEq + Debug>(mut present: impl AsyncFnMut() -> T, expected: T) {
    let becoming = async {
        while present().await != expected {
            tokio::task::yield_now().await;
        }
    };
    if timeout(PATIENCE, becoming).await.is_err() {
        panic!("it is {:?} and not {expected:?} in time", present().await);
    }
}
