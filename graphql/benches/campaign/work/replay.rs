//! W6: the letters of a whole campaign, with a subscriber who watches.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::reports::PARTNERS;
use crate::{
    audience::{Audience, Speaker},
    client::Client,
    edition::{BATCH, Edition},
    figure::{Figure, Latencies},
    process::{Meter, Process},
    question::{self, COUNTED, LETTERS, REPORTS, VERSION, are_accepted},
    store::{Kind, Store},
};

/// In 2017 it were 1.9 million letters in about 200,000 reports: nine and a half in each.
pub(super) async fn replay(reports: usize) -> Figure {
    let (store, edition) = Store::fresh(&Kind::Sqlite).await;
    let letters = (reports * 19 / 2) as u64;
    let service = Process::service(&store.url);
    let watcher = Audience::gather(service.address(), 1, Speaker::Service, reports);
    let next = Arc::new(AtomicUsize::new(0));
    let meter = Meter::start(&service);
    let began = Instant::now();
    let partners: Vec<_> = (0..PARTNERS)
        .map(|_| {
            let (address, edition, next) = (service.address().to_owned(), edition.clone(), Arc::clone(&next));
            tokio::spawn(async move { send_batches(&address, &edition, &next, reports).await })
        })
        .collect();
    let mut latencies = Latencies::default();
    for partner in partners {
        latencies.extend(&partner.await.expect("a partner without trouble"));
    }
    let reading = meter.read(&service);
    let seconds = began.elapsed().as_secs_f64();
    let mut client = Client::connect(service.address()).await;
    let answer = client.post(COUNTED).await;
    let counted = [REPORTS, LETTERS].map(|name| question::number(answer, name));
    assert_eq!(counted, [reports as u64, letters], "the total is not exact");
    watcher.all_at(question::number(answer, VERSION)).await;
    assert_eq!(question::number(&watcher.last(), LETTERS), letters, "the watcher saw something else");
    edition.recount(&store.open()).await;
    Figure { aside: [Some(seconds), Some(letters as f64)], ..reading.over(reports).with(latencies) }
}

async fn send_batches(address: &str, edition: &Edition, next: &AtomicUsize, reports: usize) -> Latencies {
    let mut client = Client::connect(address).await;
    let (mut body, mut latencies) = (String::new(), Latencies::default());
    loop {
        let turn = next.fetch_add(BATCH, Ordering::Relaxed);
        if turn >= reports {
            return latencies;
        }
        edition.batch(&mut body, turn, BATCH, true);
        let sent = Instant::now();
        are_accepted(client.post(&body).await, BATCH);
        latencies.add(sent.elapsed());
    }
}
