//! The limit of W3 and W6: the same rows by a bare loop.

use crate::{
    bench::Bench,
    figure::Figure,
    limit::Limit,
    process::{Meter, Process},
    store::{Kind, Store},
};

pub(super) async fn insert(bench: &Bench, kind: &Kind, group: usize) -> Figure {
    let store = Store::empty(kind).await;
    let limit = Limit::Inserts { kind: kind.clone(), url: store.url.clone(), group };
    let mut process = Process::limit(&limit);
    let meter = Meter::start(&process);
    process.tell(&bench.round().as_millis().to_string());
    let answer = process.hear();
    let reading = meter.read(&process);
    let numbers: Vec<f64> =
        answer.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let [inserted, p50, p99] = numbers[..] else { panic!("{answer} is not three numbers") };
    Figure { p50: Some(p50), p99: Some(p99), ..reading.over(inserted as usize) }
}
