//! A flood of invented reports, and honest reporters beside it: `cargo bench -- flood`.
//!
//! Honest reports are acknowledged within a second, the total is never more than a hundredth above them, and staff
//! reject the whole flood by one act; else this ends with what is not so.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use indicatif::ProgressBar;
use tokio::task::JoinHandle;

use self::{listener::Listeners, outcome::Outcome, reporter::Reported, sender::Sent};
use crate::{
    bench::Bench,
    edition::Edition,
    process::Process,
    store::{Kind, Store},
    table::grouped,
};

mod excess;
mod listener;
mod outcome;
mod reporter;
mod sender;
mod staff;
mod watcher;

pub(crate) use staff::key;

/// The word for it on the command line.
pub(crate) const FLOOD: &str = "flood";

/// How many connections the flood has. All are of one address.
const SENDERS: usize = 40;
/// How many report honestly. Each has an address in a network of its own.
const REPORTERS: usize = 50;
/// How many sockets listen to the total. Each has an address of its own.
const LISTENERS: usize = 1_000;
const LASTS: Duration = Duration::from_secs(600);
const LASTS_QUICK: Duration = Duration::from_secs(15);
/// How long only honest reports come in before the flood: a share of nothing is no measure.
const BEFORE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(250);

// Addresses that are for documentation and for benchmarks (RFC 5737, RFC 2544), and for the reporters networks
// beside them.
const SENDER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const WATCHER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
const STAFF: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);
const FIRST_LISTENER: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);

/// What the tasks of one flood have in common: the service, what is honestly reported, and the times.
struct Shared {
    address: String,
    edition: Edition,
    honest: Honest,
    begins: Instant,
    floods: Instant,
    ends: Instant,
}

/// How many letters were honestly reported: what the total may say is between the two.
#[derive(Default)]
struct Honest {
    acknowledged: AtomicU64,
    /// Those that were sent, acknowledged or not.
    sent: AtomicU64,
}

impl Honest {
    fn sent(&self) -> u64 {
        self.sent.load(SeqCst)
    }

    fn acknowledged(&self) -> u64 {
        self.acknowledged.load(SeqCst)
    }
}

/// Floods a service on each database, prints what came of it, and says whether all of it is as promised.
pub(crate) async fn run(bench: &Bench, bar: &ProgressBar) -> bool {
    let lasts = if bench.quick { LASTS_QUICK } else { LASTS };
    println!("{}; a flood of {} s.", Bench::machine(), lasts.as_secs());
    let mut is_kept = true;
    for kind in &bench.kinds {
        let outcome = flood(kind, lasts, bar).await;
        let broken = outcome.broken();
        bar.suspend(|| {
            println!("\n{}", outcome.table(kind.name()));
            broken.iter().for_each(|broken| println!("Not as promised: {broken}."));
        });
        is_kept &= broken.is_empty();
    }
    bar.finish_and_clear();
    is_kept
}

async fn flood(kind: &Kind, lasts: Duration, bar: &ProgressBar) -> Outcome {
    let (store, edition) = Store::fresh(kind).await;
    let key = staff::key(&store.url);
    let service = Process::limited_service(&store.url);
    bar.set_message(format!("{}: {} sockets come", kind.name(), grouped(LISTENERS as f64)));
    let honest = Honest::default();
    let sockets = listener::open(service.address(), LISTENERS).await;
    let begins = Instant::now();
    let floods = begins + BEFORE;
    let (address, ends) = (service.address().to_owned(), floods + lasts);
    let shared = Arc::new(Shared { address, edition, honest, begins, floods, ends });
    let listeners = Listeners::listen(sockets, &shared);
    let watching = tokio::spawn(watcher::watch(Arc::clone(&shared)));
    let reporting = each(REPORTERS, |number| reporter::report(Arc::clone(&shared), number));
    let sending = each(SENDERS, |number| sender::send(Arc::clone(&shared), number));
    show(&shared, kind, bar).await;
    let reported = all(reporting).await.into_iter().fold(Reported::default(), Reported::and);
    let sent = all(sending).await.into_iter().fold(Sent::default(), Sent::and);
    let watched = watching.await.expect("a watcher without trouble");
    let heard = listeners.heard(&reported.acknowledged).await;
    let memory = service.memory();
    bar.set_message(format!("{}: staff reject the flood", kind.name()));
    let act = staff::reject(&shared, &key).await;
    let counted = watcher::ask(&mut watcher::client(&shared).await).await;
    let (_, is_recounted) = Process::command(&store.url, &["recount"]);
    Outcome { reported, sent, watched, heard, memory, act, counted, is_recounted }
}

/// So many tasks, side by side.
fn each<F>(count: usize, task: impl Fn(usize) -> F) -> Vec<JoinHandle<F::Output>>
where
    F: Future<Output: Send> + Send + 'static,
{
    (0..count).map(|number| tokio::spawn(task(number))).collect()
}

async fn all<T>(tasks: Vec<JoinHandle<T>>) -> Vec<T> {
    join_all(tasks).await.into_iter().map(|done| done.expect("a task without trouble")).collect()
}

/// Shows how far it is, until it is over.
async fn show(shared: &Shared, kind: &Kind, bar: &ProgressBar) {
    bar.set_length((shared.ends - shared.begins).as_secs());
    while Instant::now() < shared.ends {
        bar.set_position(shared.begins.elapsed().as_secs());
        let letters = grouped(shared.honest.acknowledged() as f64);
        bar.set_message(format!("{}: {letters} honest letters", kind.name()));
        tokio::time::sleep(LOOK).await;
    }
}
