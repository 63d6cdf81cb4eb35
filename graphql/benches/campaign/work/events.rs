//! W2: a page of twenty events with venue, organizer, cases and letters.

use super::{Answers, cases::CLIENTS};
use crate::{
    bench::Bench,
    figure::Figure,
    load::turn,
    process::Process,
    question::{are_twenty, events, events_near},
};

/// Kept, all ask for events from the same day on. Made anew, each asks from another day on: the page
/// and the work are the same, and no answer has been given before.
pub(super) async fn read(bench: &Bench, answers: Answers) -> Figure {
    let service = Process::service(&bench.with_events().await.url);
    let ask = move |body: &mut String| {
        let from = match answers {
            Answers::Kept => 0,
            Answers::Anew => turn(1),
        };
        events(body, from);
    };
    bench.load(CLIENTS).put(&service, ask, are_twenty).await.figure
}

/// The nearest of those within 25 km, of another point each time.
pub(super) async fn read_near(bench: &Bench) -> Figure {
    let service = Process::service(&bench.with_events().await.url);
    bench.load(CLIENTS).put(&service, |body| events_near(body, turn(1)), are_twenty).await.figure
}
