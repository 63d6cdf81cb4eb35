//! The live streams: who listens to what.

use std::{sync::Arc, time::Duration};

use domain::{CaseId, EditionId};
use futures_util::Stream;
use tokio::sync::watch;

use crate::{
    catalogue::Catalogue,
    tally::{Count, Tallies},
};

/// What a ticker is told.
#[derive(Clone, Debug)]
pub struct Update {
    /// The count.
    pub count: Arc<Count>,
    /// Whether the stream started over: the version the listener knew does not exist here.
    pub reset: bool,
    /// Whether nothing will follow.
    pub is_final: bool,
}

/// At most this often a listener is told of a new total: four times a second moves smoothly.
pub const TICK: Duration = Duration::from_millis(250);

/// The counts of an edition: the present one first, or the first one after `after_version`; then
/// the newest whenever it has changed, at most once a [`TICK`], until the edition is archived.
pub fn totals(
    tallies: &Tallies,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    edition: EditionId,
    after_version: Option<i64>,
) -> impl Stream<Item = Update> + Send + use<> {
    let _ = (tallies, catalogue, edition, after_version);
    futures_util::stream::empty()
}

/// Every case whose row changes from now on, as often as it changes, the newest state of it.
pub fn case_changes(
    catalogue: watch::Receiver<Arc<Catalogue>>,
) -> impl Stream<Item = (Arc<Catalogue>, CaseId)> + Send + use<> {
    let _ = catalogue;
    futures_util::stream::empty()
}
