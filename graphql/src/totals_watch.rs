//! Streams of live totals and of changed cases.
//!
//! They have latest-value semantics: values that arrive while the subscriber is busy, or within one
//! interval, are skipped; the last value is always delivered.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use domain::{
    CaseId, EditionId, MilestoneId, SectionId, catalogue::Catalogue, edition::EditionState,
    milestone::ReachedMilestone, total::TotalScope,
};
use futures_util::{Stream, stream};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::totals_store::{TotalsSnapshot, TotalsStore};

/// One message of a total's stream.
#[derive(Clone, Debug)]
pub struct TotalsUpdate {
    /// The snapshot.
    pub count: Arc<TotalsSnapshot>,
    /// Whether the stream started over: the version is lower than one that the subscriber knew or was
    /// sent before.
    pub reset: bool,
    /// Whether this is the last message.
    pub is_final: bool,
}

/// The shortest interval between two messages of a stream: people cannot see digits change faster than
/// ten times a second.
pub const MIN_UPDATE_INTERVAL: Duration = Duration::from_millis(100);

/// The snapshots of an edition: the current one first, or the first one after `after_version`; then the
/// newest whenever it has changed, at most one per [`MIN_UPDATE_INTERVAL`], until the total of the scope is certified or
/// the edition is archived.
pub fn totals(
    totals: &TotalsStore,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    (edition, scope): (EditionId, TotalScope),
    after_version: Option<i64>,
) -> impl Stream<Item = TotalsUpdate> + Send + use<> {
    let listener = TotalsStream {
        edition,
        scope,
        counts: totals.watch(edition),
        catalogue,
        known: after_version,
        sent: None,
        highest: after_version,
        restarted: false,
        planned: Instant::now(),
        ended: false,
    };
    stream::unfold(listener, async |mut listener| Some((listener.next().await?, listener)))
}

struct TotalsStream {
    edition: EditionId,
    scope: TotalScope,
    counts: watch::Receiver<Arc<TotalsSnapshot>>,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    /// The version that the client said it has, until another one was sent.
    known: Option<i64>,
    /// The snapshot that was sent last.
    sent: Option<Arc<TotalsSnapshot>>,
    /// The highest version sent. Several subscribers may share this stream; those that join later know
    /// what the first one knew, and may have missed the message in which it started over.
    highest: Option<i64>,
    /// Whether the database has changed to another history since the highest version was sent.
    restarted: bool,
    /// When the next message is scheduled. Changes that arrive at the pace of the interval are sent at
    /// once, although the time between two of them is never exactly one interval.
    planned: Instant,
    ended: bool,
}

impl TotalsStream {
    async fn next(&mut self) -> Option<TotalsUpdate> {
        if self.ended {
            return None;
        }
        loop {
            // In this order: what was counted before the edition was archived is sent with the last
            // message, which must not repeat an earlier snapshot.
            let is_final = self.is_over();
            let count = Arc::clone(&self.counts.borrow_and_update());
            if is_final || self.is_news(&count) {
                let now = Instant::now();
                if self.planned > now + MIN_UPDATE_INTERVAL / 2 {
                    // Read again after the sleep: the newest value of the interval is sent.
                    sleep_until(self.planned - MIN_UPDATE_INTERVAL / 2).await;
                    continue;
                }
                self.planned = self.planned.max(now) + MIN_UPDATE_INTERVAL;
                let reset = self.tell(&count);
                self.ended = is_final;
                return Some(TotalsUpdate { count, reset, is_final });
            }
            tokio::select! {
                changed = self.counts.changed() => changed.ok()?,
                changed = self.catalogue.changed() => changed.ok()?,
            }
        }
    }

    fn is_news(&self, count: &TotalsSnapshot) -> bool {
        match &self.sent {
            Some(sent) => sent.revision() != count.revision(),
            None => self.known != Some(count.version),
        }
    }

    /// Records what is sent now. Returns whether the stream starts over with it.
    fn tell(&mut self, count: &Arc<TotalsSnapshot>) -> bool {
        let version = Some(count.version);
        self.restarted |= self.sent.as_ref().is_some_and(|sent| sent.histories != count.histories);
        let reset = self.highest > version || self.restarted;
        if self.highest < version {
            self.restarted = false;
        }
        self.highest = self.highest.max(version);
        self.sent = Some(Arc::clone(count));
        reset
    }

    fn is_over(&mut self) -> bool {
        let catalogue = self.catalogue.borrow_and_update();
        catalogue.edition(self.edition).is_none_or(|edition| edition.state == EditionState::Archived)
            || catalogue.certification_of_total(self.edition, self.scope).is_some()
    }
}

/// Every milestone of an edition, or of one section in it, that is reached from now on, with the snapshot that says so
/// and a catalogue that has it; after `after_version`, if the subscriber knows one. Each is told once, also when the
/// database goes back to an earlier state and reaches it again.
pub fn milestones(
    totals: &TotalsStore,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    (edition, section): (EditionId, Option<SectionId>),
    after_version: Option<u64>,
) -> impl Stream<Item = (Arc<Catalogue>, Arc<TotalsSnapshot>, MilestoneId)> + Send + use<> {
    let mut counts = totals.watch(edition);
    let is_known = |one: &&ReachedMilestone| after_version.is_none_or(|version| one.version <= version);
    let sent = counts.borrow().reached.iter().filter(is_known).map(|one| one.milestone_id).collect();
    counts.mark_changed();
    let state: (_, _, _, HashSet<MilestoneId>) = (section, counts, catalogue, sent);
    stream::unfold(state, async |(section, mut counts, mut catalogue, mut sent)| {
        loop {
            let (count, known) =
                (Arc::clone(&counts.borrow_and_update()), Arc::clone(&catalogue.borrow_and_update()));
            // A process may hear of the count before it hears of the milestone.
            let is_of_scope = |id| known.milestone(id).is_some_and(|one| one.section_id == section);
            let news = count.reached.iter().map(|one| one.milestone_id);
            if let Some(id) = news.filter(|id| !sent.contains(id)).find(|&id| is_of_scope(id)) {
                sent.insert(id);
                return Some(((known, count, id), (section, counts, catalogue, sent)));
            }
            tokio::select! {
                changed = counts.changed() => changed.ok()?,
                changed = catalogue.changed() => changed.ok()?,
            }
        }
    })
}

/// Every case that changes from now on, with the catalogue that contains its newest state.
pub fn case_changes(
    catalogue: watch::Receiver<Arc<Catalogue>>,
) -> impl Stream<Item = (Arc<Catalogue>, CaseId)> + Send + use<> {
    let known = Arc::clone(&catalogue.borrow());
    let state = (catalogue, known, VecDeque::new());
    stream::unfold(state, async |(mut catalogue, mut known, mut changed)| {
        loop {
            if let Some(case) = changed.pop_front() {
                return Some(((Arc::clone(&known), case), (catalogue, known, changed)));
            }
            catalogue.changed().await.ok()?;
            let next = Arc::clone(&catalogue.borrow_and_update());
            changed.extend(
                next.cases()
                    .filter(|case| known.case(case.id).is_none_or(|before| before.revision != case.revision))
                    .map(|case| case.id),
            );
            known = next;
        }
    })
}
