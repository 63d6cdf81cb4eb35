//! What a total costs, however many reports it is the total of.

use std::cell::Cell;

use super::cases::CLIENTS;
use crate::{
    bench::Bench,
    client::Client,
    figure::Figure,
    process::Process,
    question::{self, REPORTS, TOTAL, is_answered},
};

pub(super) async fn read(bench: &Bench, reports: usize, say: impl Fn(String)) -> Figure {
    let filled = Cell::new(0);
    let progress = |more| {
        filled.set(filled.get() + more);
        say(format!("filling the ledger: {} of {reports}", filled.get()));
    };
    let url = bench.filled(reports, progress).await;
    let service = Process::service(&url);
    let mut client = Client::connect(service.address()).await;
    assert_eq!(question::number(client.post(TOTAL).await, REPORTS), reports as u64);
    bench.load(CLIENTS).put(&service, |body| TOTAL.clone_into(body), is_answered).await.figure
}
