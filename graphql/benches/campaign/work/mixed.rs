//! W5: ten cases at full speed while reports come in.

use std::{
    thread,
    time::{Duration, Instant},
};

use tokio::time::sleep_until;

use super::{cases::CLIENTS, reports};
use crate::{
    bench::Bench,
    client::Client,
    edition::Edition,
    figure::{Figure, Latencies},
    load::{WARM_UP, turn},
    process::Process,
    question::{are_accepted, cases, is_answered},
    store::{Kind, Store},
};

/// How many reports come in each second, whether those before are answered or not.
const REPORTS: u32 = 500;
/// How many connections they come by, so that one that waits does not hold up the next.
const REPORTERS: u32 = 16;

/// What both came to: the reads, with the share of the rate that they have by themselves; and the
/// reports.
pub(super) async fn read_and_report(bench: &Bench) -> Vec<Figure> {
    let (store, edition) = Store::fresh(&Kind::Sqlite).await;
    let service = Process::service(&store.url);
    let ask = |body: &mut String| cases(body, 0);
    let alone = bench.load(CLIENTS).put(&service, ask, is_answered).await.figure;
    let address = service.address().to_owned();
    let from = Instant::now() + WARM_UP;
    let until = from + bench.round();
    // In a thread of their own: they come when they come, however busy the readers are.
    let reporters = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(report(address, edition, from, until))
    });
    let beside = bench.load(CLIENTS).put(&service, ask, is_answered).await.figure;
    let (latencies, all, took) = reporters.join().expect("reporters without trouble");
    reports::check(&service, all as u64).await;
    let share = beside.rate / alone.rate;
    let rate = latencies.count() as f64 / took.as_secs_f64();
    vec![
        Figure { cpu: None, aside: [Some(share), None], ..beside },
        Figure { rate, ..Figure::default() }.with(latencies),
    ]
}

/// The latencies of those that were measured, how many it were in all, and how long it took until the
/// last was answered.
async fn report(
    address: String,
    edition: Edition,
    from: Instant,
    until: Instant,
) -> (Latencies, usize, Duration) {
    let begin = Instant::now();
    let reporters: Vec<_> = (0..REPORTERS)
        .map(|number| {
            let (address, edition) = (address.clone(), edition.clone());
            let first = begin + Duration::from_secs(1) * number / REPORTS;
            tokio::spawn(async move { report_steadily(&address, &edition, first, from, until).await })
        })
        .collect();
    let (mut latencies, mut all) = (Latencies::default(), 0);
    for reporter in reporters {
        let (measured, done) = reporter.await.expect("a reporter without trouble");
        latencies.extend(&measured);
        all += done;
    }
    (latencies, all, from.elapsed())
}

/// A report that comes late because the one before was not answered has waited since it was due.
async fn report_steadily(
    address: &str,
    edition: &Edition,
    first: Instant,
    from: Instant,
    until: Instant,
) -> (Latencies, usize) {
    let mut client = Client::connect(address).await;
    let (mut body, mut latencies, mut all, mut due) = (String::new(), Latencies::default(), 0, first);
    while due < until {
        sleep_until(due.into()).await;
        edition.report(&mut body, turn(1));
        are_accepted(client.post(&body).await, 1);
        all += 1;
        if due >= from {
            latencies.add(due.elapsed());
        }
        due += Duration::from_secs(1) * REPORTERS / REPORTS;
    }
    (latencies, all)
}
