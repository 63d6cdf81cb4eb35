//! W1: ten cases with texts and totals.

use super::Answers;
use crate::{
    bench::Bench,
    figure::Figure,
    limit::Limit,
    load::turn,
    process::Process,
    question::{cases, is_answered},
    store::{Kind, Store},
};

/// How many ask side by side.
pub(super) const CLIENTS: usize = 64;

/// Kept, all ask for what changed since the same instant. Made anew, each asks with another instant:
/// the document is known and the work is the same, and no answer has been given before.
pub(super) async fn read(bench: &Bench, answers: Answers) -> Figure {
    let (store, _) = Store::fresh(&Kind::Sqlite).await;
    let service = Process::service(&store.url);
    let ask = move |body: &mut String| {
        let since = match answers {
            Answers::Kept => 0,
            Answers::Anew => turn(1),
        };
        cases(body, since as u64);
    };
    bench.load(CLIENTS).put(&service, ask, is_answered).await.figure
}

/// The same question to the peer, another instant each time: it keeps nothing anyhow.
pub(super) async fn read_by_stock(bench: &Bench) -> Figure {
    let mut peer = Process::limit(&Limit::Stock);
    peer.tell(&bench.sample().await.cases);
    bench.load(CLIENTS).put(&peer, |body| cases(body, turn(1) as u64), is_answered).await.figure
}
