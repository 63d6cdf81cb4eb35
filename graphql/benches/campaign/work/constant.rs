//! The limit of W1 and W2: as many bytes that nobody thinks about.

use super::{Page, cases::CLIENTS};
use crate::{
    bench::Bench,
    figure::Figure,
    limit::Limit,
    process::Process,
    question::{cases, events, is_answered},
};

pub(super) async fn read(bench: &Bench, page: Page) -> Figure {
    let sample = bench.sample().await;
    let (bytes, ask): (_, fn(&mut String)) = match page {
        Page::Cases => (sample.cases.len(), |body| cases(body, 0)),
        Page::Events => (sample.events, |body| events(body, 0)),
    };
    let limit = Process::limit(&Limit::Bytes(bytes));
    let done = bench.load(CLIENTS).put(&limit, ask, is_answered).await;
    Figure { aside: [Some(bytes as f64), None], ..done.figure }
}
