//! Acts of moderation: what staff decided about many reports at once is done here, some reports in each transaction,
//! so that others wait for none of them long.
//!
//! How far an act is done is kept with it. It is gone on with by any process, also after the one that began it has
//! ended.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    EditionId, ModerationId, ReportId,
    report::{ReportState, Review},
    revision::Revision,
};
use jiff::Timestamp;

use super::{
    Ledger, Staff, Viewer,
    apply::CommandBatch,
    counting::{self, Counted, CountedTotals},
    event_reports::{EventLeader, EventReports},
    queue::MODERATION_BATCH_SIZE,
    writer::Writer,
};
use crate::{
    clock::Clock,
    database::{
        self, Access, Connection, Database, ledger,
        moderations::{self, Decision, DecisionsBefore, Moderation},
        reports::{self, StoredReport},
    },
};

/// How often unfinished moderations are looked for.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Continues every unfinished moderation, of any process. Runs forever.
pub async fn resume_unfinished(database: Database, ledger: Ledger, clock: Clock) {
    loop {
        let found = async { moderations::unfinished(&mut database.connect().await?).await };
        match found.await {
            Ok(Some(act)) => match ledger.moderate(act, clock.now()).await {
                Ok(_) => continue,
                Err(failure) => tracing::warn!(?failure, "an act of moderation waits"),
            },
            Ok(None) => {}
            Err(error) => tracing::debug!(cause = %error.cause(), "acts of moderation cannot be looked for"),
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Reports as they were and as they are now, and how their revisions stood.
#[derive(Default)]
struct ModerationResult {
    reports: Vec<(StoredReport, StoredReport)>,
    before: Vec<(ReportId, DecisionsBefore)>,
}

impl Writer {
    /// Decides about some more reports of an act; says whether all are done.
    pub(super) async fn moderate(&self, id: ModerationId, now: Timestamp) -> Result<bool, database::Error> {
        let mut connection = self.database.connect().await?;
        let (is_done, shown) = connection
            .transaction(Access::Write, async |connection| self.moderate_some(connection, id, now).await)
            .await?;
        if let Some((events, counts)) = shown {
            if let Some((revision, known)) = events {
                self.memory.show_events(revision, known);
            }
            self.memory.show_counts(counts);
        }
        self.note_commit();
        Ok(is_done)
    }

    async fn moderate_some(
        &self,
        connection: &mut Connection,
        id: ModerationId,
        now: Timestamp,
    ) -> Result<(bool, Option<Shown>), database::Error> {
        let missing = || database::Error::Broken("an act of moderation that is not there".into());
        let campaign = moderations::find(connection, id).await?.ok_or_else(missing)?.selection.campaign;
        let catalogue = self.current_catalogue(connection).await?;
        let campaign = catalogue.campaign(campaign).ok_or_else(missing)?;
        let (edition, section) = (campaign.edition_id, Some(campaign.section_id));
        let version = ledger::lock(connection, edition).await?;
        let locked = BTreeMap::from([(edition, version)]);
        // Another process may have gone on with it before this one had the lock.
        let mut act = moderations::find(connection, id).await?.ok_or_else(missing)?;
        if act.finished_at.is_some() {
            return Ok((true, Some((None, self.unheard(connection, edition, version).await?))));
        }
        let known = *self.memory.events.borrow();
        let found = next(connection, &mut act, now).await?;
        let reported = found.iter().map(|(stored, _)| (stored.report.at, stored.report.group));
        let mut event_reports = EventReports::of(connection, reported).await?;
        let undone_at = match act.decision {
            Decision::Undo(undone) => {
                moderations::find(connection, undone).await?.map(|undone| undone.started_at)
            }
            Decision::Accept | Decision::Reject => None,
        };
        let decided = decide(&mut act, undone_at, found, &mut event_reports, now);
        let changes = BTreeMap::from([(edition, (domain::Counts::default(), now))]);
        let mut entering = CommandBatch::with_changes(&catalogue, locked, changes);
        entering.explain(edition, section, &act.reason);
        let changed = decided.reports.iter().map(|(before, after)| (Some(before), after));
        entering.count_changes(connection, changed, event_reports).await?;
        let events = entering.events_revision.map(|revision| (revision, known));
        let mut counts = entering.write(connection, &self.memory.totals).await?;
        if counts.is_empty() {
            counts = self.unheard(connection, edition, version).await?;
        }
        moderations::keep(connection, id, decided.before).await?;
        moderations::advance(connection, &act).await?;
        Ok((act.finished_at.is_some(), Some((events, counts))))
    }

    /// The count of an edition, if another process made it and memory has another one. An act that others went on with is
    /// acknowledged here, so that what they counted must be shown here.
    async fn unheard(
        &self,
        connection: &mut Connection,
        edition: EditionId,
        version: Revision,
    ) -> Result<CountedTotals, database::Error> {
        let known = self.memory.totals.count(edition);
        if known.revision() == version {
            return Ok(CountedTotals::new());
        }
        let count = counting::load(connection, edition, version).await?;
        Ok(CountedTotals::from([(edition, Counted { count, known: known.revision() })]))
    }
}

/// What is shown once it is committed: the revision of events, if it was raised, and the counts.
type Shown = (Option<(Revision, Revision)>, CountedTotals);

/// The next reports of an act, and for one that undoes another how they stood before that. The act is moved on, and
/// finished if there are none.
async fn next(
    connection: &mut Connection,
    act: &mut Moderation,
    now: Timestamp,
) -> Result<Vec<(StoredReport, Vec<DecisionsBefore>)>, database::Error> {
    let found: Vec<(StoredReport, Vec<DecisionsBefore>)> = match act.decision {
        Decision::Accept | Decision::Reject => {
            let found =
                reports::selected(connection, &act.selection, act.last_report, MODERATION_BATCH_SIZE as i64)
                    .await?;
            found.into_iter().map(|stored| (stored, Vec::new())).collect()
        }
        Decision::Undo(undone) => {
            let before =
                moderations::before(connection, undone, act.last_report, MODERATION_BATCH_SIZE).await?;
            let ids: BTreeSet<ReportId> = before.keys().copied().collect();
            if let Some(last) = ids.last() {
                act.last_report = *last;
            }
            let mut stored = reports::find_all(connection, &ids).await?;
            before.into_iter().filter_map(|(id, before)| Some((stored.remove(&id)?, before))).collect()
        }
    };
    match found.last() {
        Some((last, _)) => act.last_report = last.report.id,
        None => act.finished_at = Some(now),
    }
    Ok(found)
}

/// Decides about reports as the act says. One that would break a rule of its event stays as it is.
fn decide(
    act: &mut Moderation,
    undone_at: Option<Timestamp>,
    found: Vec<(StoredReport, Vec<DecisionsBefore>)>,
    event_reports: &mut EventReports,
    now: Timestamp,
) -> ModerationResult {
    let mut decided = ModerationResult::default();
    for (stored, earlier) in found {
        let mut after = stored.clone();
        let Some((before, selected)) = decide_one(act, undone_at, &mut after, &earlier) else { continue };
        let leader = EventLeader {
            action: "reportsModerate",
            viewer: Viewer::Staff(Staff { key: act.key, section: None }),
            now,
        };
        if event_reports.advance_event(leader, Some(&stored.report), &after.report).is_err() {
            continue;
        }
        act.selected.add(&selected);
        decided.before.extend(before.into_iter().map(|before| (after.report.id, before)));
        decided.reports.push((stored, after));
    }
    decided
}

/// How the revisions that are changed stood before, and the one for which the report is meant; none if it is left as
/// it is.
fn decide_one(
    act: &Moderation,
    undone_at: Option<Timestamp>,
    stored: &mut StoredReport,
    earlier: &[DecisionsBefore],
) -> Option<(Vec<DecisionsBefore>, domain::report::ReportRevision)> {
    let report = &mut stored.report;
    let review = match act.decision {
        Decision::Accept => Review::Accept,
        Decision::Reject => Review::Reject,
        Decision::Undo(_) => {
            let standing: Vec<DecisionsBefore> = report
                .revisions()
                .iter()
                .filter(|revision| earlier.iter().any(|(number, _)| *number == revision.number))
                .map(|revision| (revision.number, revision.state))
                .collect();
            let shown = earlier.iter().max_by_key(|(_, state)| *state == ReportState::PendingReview)?;
            let selected = report.revisions().iter().find(|revision| revision.number == shown.0)?.clone();
            return report
                .restore(earlier, undone_at?, &act.reason, act.started_at)
                .then_some((standing, selected));
        }
    };
    let selected = act.selection.find(report)?.clone();
    let before = report.decide_all(review, &act.reason, act.started_at);
    (!before.is_empty()).then_some((before, selected))
}
