//! W3: reports of three lines, each under a key of its own, answered when they are on disk.

use crate::{
    bench::Bench,
    client::Client,
    edition::{BATCH, LETTERS},
    figure::Figure,
    load::turn,
    process::Process,
    question::{self, COUNTED, are_accepted},
    store::{Kind, Store},
};

/// How many partners send batches side by side: one is committed while others are on their way.
pub(super) const PARTNERS: usize = 4;

pub(super) async fn one_by_one(bench: &Bench, kind: &Kind, clients: usize) -> Figure {
    let (store, edition) = Store::fresh(kind).await;
    let service = Process::service(&store.url);
    let ask = move |body: &mut String| edition.report(body, turn(1));
    let done = bench.load(clients).put(&service, ask, |answer| are_accepted(answer, 1)).await;
    check(&service, done.all as u64).await;
    done.figure
}

/// Latencies are those of whole batches, the rest is for each report.
pub(super) async fn in_batches(bench: &Bench, kind: &Kind) -> Figure {
    let (store, edition) = Store::fresh(kind).await;
    let service = Process::service(&store.url);
    let ask = move |body: &mut String| edition.batch(body, turn(BATCH), BATCH, false);
    let done = bench.load(PARTNERS).put(&service, ask, |answer| are_accepted(answer, BATCH)).await;
    check(&service, (done.all * BATCH) as u64).await;
    let Figure { rate, cpu, .. } = done.figure;
    let each = BATCH as f64;
    Figure { rate: rate * each, cpu: cpu.map(|cpu| cpu / each), ..done.figure }
}

/// Exactly these reports count.
pub(super) async fn check(service: &Process, reports: u64) {
    let mut client = Client::connect(service.address()).await;
    let answer = client.post(COUNTED).await;
    let counted = [question::REPORTS, question::LETTERS].map(|name| question::number(answer, name));
    assert_eq!(counted, [reports, reports * LETTERS], "the total is not what was acknowledged");
}
