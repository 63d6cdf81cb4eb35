//! Entering commands inside one transaction: load, ask the domain, write.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use domain::{
    Counts, EditionId, Report, ReportId, SectionId,
    catalogue::Catalogue,
    certification::{self, Correction},
    milestone::{self, ReachedMilestone},
    report::ReportBudgets,
    revision::Revision,
    total::LetterCounts,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Action, Command, CommandResult, audit,
    command_handler::CommandHandler,
    counting::{Counted, CountedTotals, changed_scopes, drifted, headline, next, present},
    event_reports::EventReports,
    report_log,
    reporters::Reporters,
    source_budgets::SourceBudgets,
    statements,
};
use crate::{
    credentials::SecretHash,
    database::{
        self, Connection,
        ledger::{self, LedgerWrites, LockedEditions},
        reports::{self, StoredReport},
    },
    totals_store::{TotalsSnapshot, TotalsStore},
};

/// Why a certified total changes without a reason that staff gave: the letters of an event that is no longer public
/// move to another part of it.
const EVENT_CHANGED: &str = "An event is no longer public.";

/// What has been entered so far in a transaction, before all of it is stored.
pub(super) struct CommandBatch<'a> {
    catalogue: &'a Catalogue,
    budgets: ReportBudgets,
    // The version of each edition that is locked.
    pub(super) locked: BTreeMap<EditionId, Revision>,
    pub(super) changes: BTreeMap<EditionId, (Counts, Timestamp)>,
    /// Changes by the time at which a file says that they were received, where they are to be counted by it.
    pub(super) received: Option<BTreeMap<(Timestamp, EditionId), Counts>>,
    // Why the totals of a section change; without a section, why those of all sections do.
    reasons: BTreeMap<(EditionId, Option<SectionId>), String>,
    pub(super) entries: LedgerWrites,
    /// The revision of events from this transaction on, if it changes any.
    pub(super) events_revision: Option<Revision>,
}

impl<'a> CommandBatch<'a> {
    /// What comes from addresses counts within these budgets.
    pub(super) fn new(catalogue: &'a Catalogue, budgets: ReportBudgets) -> Self {
        Self { budgets, ..Self::with_changes(catalogue, BTreeMap::new(), BTreeMap::new()) }
    }

    /// What was decided about the counting of events, in editions that are locked at these versions.
    pub(super) fn with_changes(
        catalogue: &'a Catalogue,
        locked: BTreeMap<EditionId, Revision>,
        changes: BTreeMap<EditionId, (Counts, Timestamp)>,
    ) -> Self {
        let (budgets, reasons) = (ReportBudgets::NONE, BTreeMap::new());
        let entries = LedgerWrites::default();
        Self { catalogue, budgets, locked, changes, received: None, reasons, entries, events_revision: None }
    }

    /// Says why the totals of a section change, for the correction of one that is certified; without a section, why
    /// those of all sections do. A correction is public: a reason is never that of a change in another section, whose
    /// reporters give theirs in private.
    pub(super) fn explain(&mut self, edition: EditionId, section: Option<SectionId>, reason: &str) {
        self.reasons.insert((edition, section), reason.to_owned());
    }

    /// Counts the statements of the catalogue instead of those that `before` had.
    pub(super) async fn count_statements(
        &mut self,
        connection: &mut Connection,
        before: &Catalogue,
        totals: &TotalsStore,
        now: Timestamp,
    ) -> Result<(), database::Error> {
        for edition in self.catalogue.editions().map(|edition| edition.id) {
            if before.statements(edition).eq(self.catalogue.statements(edition)) {
                continue;
            }
            let version = ledger::lock(connection, edition).await?;
            self.locked.insert(edition, version);
            let present = present(connection, &totals.count(edition), edition, version).await?;
            let difference = statements::after_statements(self.catalogue, edition, before, &present.tally);
            let (change, at) = self.changes.entry(edition).or_default();
            change.merge(&difference);
            *at = now.max(*at);
        }
        Ok(())
    }

    /// Enters commands, in order, in a transaction that has these locks. The versions of their receipts are those
    /// before it. None if the catalogue is not what it was: another process may have changed it.
    pub(super) async fn apply(
        &mut self,
        connection: &mut Connection,
        commands: &[Command],
        locked: LockedEditions,
    ) -> Result<Option<Vec<CommandResult>>, database::Error> {
        let LockedEditions { catalogue, versions, source_key, mut used } = locked;
        self.locked.extend(versions);
        if catalogue != self.catalogue.revision {
            return Ok(None);
        }
        let ids = commands
            .iter()
            .filter_map(|command| command.action.report())
            .chain(used.values().map(|used| ReportId::new(used.subject)))
            .collect();
        let mut stored = reports::find_all(connection, &ids).await?;
        let budgets = (self.budgets, source_key);
        let sources = SourceBudgets::load(connection, budgets, commands, &used, &stored).await?;
        let earlier = &sources.earlier;
        stored.extend(reports::find_all(connection, earlier).await?);
        let people = Reporters::load(connection, commands, &mut stored).await?;
        let event_reports = EventReports::load(connection, commands, &used, &stored, earlier).await?;
        let mut desk = CommandHandler {
            catalogue: self.catalogue,
            present: stored.clone(),
            people,
            event_reports,
            sources,
            used: &mut used,
            new_keys: vec![],
            touched: BTreeSet::new(),
        };
        let mut answers: Vec<CommandResult> =
            commands.iter().map(|command| self.handle(&mut desk, command)).collect();
        let CommandHandler { present, event_reports, sources, new_keys, touched, .. } = desk;
        for receipt in answers.iter_mut().flatten().filter(|receipt| touched.contains(&receipt.report.id)) {
            // What came behind it may have had it held.
            receipt.report = present[&receipt.report.id].report.clone();
        }
        self.count_changes(
            connection,
            touched.iter().map(|id| (stored.get(id), &present[id])),
            event_reports,
        )
        .await?;
        sources.store(&mut self.entries);
        new_keys.into_iter().for_each(|(key, used)| self.entries.key(key, used));
        audit::record_all(connection, commands, &answers).await?;
        Ok(Some(answers))
    }

    /// Handles a command. One that changes a report is counted with its edition at the latest time of its changes.
    fn handle(&mut self, desk: &mut CommandHandler<'_>, command: &Command) -> CommandResult {
        let mut receipt = desk.handle(command)?;
        receipt.version = self.locked.get(&receipt.edition).map_or(0, |version| version.number);
        if !receipt.replayed {
            desk.touched.insert(receipt.report.id);
            if self.received.is_none() {
                let change = self.changes.entry(receipt.edition).or_default();
                change.1 = change.1.max(command.now);
            }
            let campaign = self.catalogue.campaign(receipt.report.campaign_id);
            if let (Some(reason), Some(campaign)) = (command.action.reason(), campaign) {
                self.explain(receipt.edition, Some(campaign.section_id), reason);
            }
        }
        Ok(receipt)
    }

    /// The same for those that come behind others in the same transaction.
    pub(super) async fn apply_more(
        &mut self,
        connection: &mut Connection,
        commands: &[Command],
    ) -> Result<Option<Vec<CommandResult>>, database::Error> {
        // What was entered before may be what these are about.
        mem::take(&mut self.entries).write(connection).await?;
        let editions = editions(connection, self.catalogue, commands).await?;
        let locked = ledger::lock_all(connection, &editions, &keys(commands)).await?;
        self.apply(connection, commands, locked).await
    }

    /// Has reports stored and counted as they are now instead of as they were.
    pub(super) async fn count_changes<'r>(
        &mut self,
        connection: &mut Connection,
        changed: impl Iterator<Item = (Option<&'r StoredReport>, &'r StoredReport)>,
        mut event_reports: EventReports,
    ) -> Result<(), database::Error> {
        for (before, after) in changed {
            self.entries.report(before, after);
            self.entries.log(report_log::of_change(self.catalogue, before, after)?);
            let before = before.map(|before| &before.report);
            let change = match &mut self.received {
                Some(received) => {
                    received.entry((after.report.latest().received_at, after.edition)).or_default()
                }
                None => &mut self.changes.entry(after.edition).or_default().0,
            };
            if let Some(held) = before.and_then(Report::pending_revision) {
                change.remove_pending_review(held.place.section, &held.content.lines);
            }
            if let Some(held) = after.report.pending_revision() {
                change.add_pending_review(held.place.section, &held.content.lines);
            }
            if event_reports.count(before, &after.report)? {
                continue;
            }
            if let Some(contribution) = before.and_then(Report::contribution) {
                change.subtract(&contribution);
            }
            if let Some(contribution) = after.report.contribution() {
                change.add(&contribution);
            }
        }
        let events_revision = event_reports.store(connection, &mut self.changes).await?;
        self.events_revision = events_revision.or(self.events_revision);
        Ok(())
    }

    /// Stores what was entered, and the counters. The counts are for `totals` once the transaction is committed.
    pub(super) async fn write(
        self,
        connection: &mut Connection,
        totals: &TotalsStore,
    ) -> Result<CountedTotals, database::Error> {
        let (counts, entries) = self.count(connection, totals).await?;
        entries.write(connection).await?;
        Ok(counts)
    }

    /// The counts, for `totals` once the transaction is committed, and what is still to be written in it.
    pub(super) async fn count(
        mut self,
        connection: &mut Connection,
        totals: &TotalsStore,
    ) -> Result<(CountedTotals, LedgerWrites), database::Error> {
        let mut counts = BTreeMap::new();
        for (edition, (change, now)) in mem::take(&mut self.changes) {
            let statements = self.catalogue;
            if let Some(next) =
                self.next_version(connection, totals, statements, edition, change, now).await?
            {
                self.entries.add(edition, &next.change);
                counts.insert(edition, next.counted);
            }
        }
        Ok((counts, self.entries))
    }
}

/// A version of an edition that was entered apart from the change of its counters.
pub(super) struct NextVersion {
    pub(super) change: Counts,
    pub(super) counted: Counted,
}

impl CommandBatch<'_> {
    /// Enters the version that a change makes, beside the statements of this catalogue; none if nothing changes.
    pub(super) async fn next_version(
        &mut self,
        connection: &mut Connection,
        totals: &TotalsStore,
        statements: &Catalogue,
        edition: EditionId,
        mut change: Counts,
        now: Timestamp,
    ) -> Result<Option<NextVersion>, database::Error> {
        if change.is_empty() {
            return Ok(None);
        }
        let version = self.locked.get(&edition).copied().unwrap_or_default();
        let known = totals.count(edition);
        let (before, mut count) = next(connection, &known, edition, version, &change, now).await?;
        let stated = statements::after_reports(statements, edition, &before.tally, &count.tally);
        if !stated.is_empty() {
            count.tally.apply(&stated).map_err(drifted)?;
            change.merge(&stated);
        }
        let corrections = self.corrections(edition, &change, &before, &count);
        if !corrections.is_empty() {
            self.entries.correct(edition, &corrections);
            count.corrections = before.corrections.iter().cloned().chain(corrections).collect();
        }
        let reached = self.reached(edition, &before, &count);
        if !reached.is_empty() {
            self.entries.reach(edition, &reached);
            count.reached = before.reached.iter().cloned().chain(reached).collect();
        }
        let scopes = changed_scopes(&before.tally, &count, &change);
        self.entries.record(edition, &headline(&count), &scopes, count.commit);
        Ok(Some(NextVersion { change, counted: Counted { count, known: known.revision() } }))
    }

    /// The milestones that a change reaches.
    fn reached(
        &self,
        edition: EditionId,
        before: &TotalsSnapshot,
        after: &TotalsSnapshot,
    ) -> Vec<ReachedMilestone> {
        let commit = (u64::try_from(after.version).unwrap_or_default(), after.as_of);
        milestone::reached(self.catalogue, edition, &after.tally, &before.reached, commit)
    }

    /// The corrections of certified totals that a change makes.
    fn corrections(
        &self,
        edition: EditionId,
        change: &Counts,
        before: &TotalsSnapshot,
        after: &TotalsSnapshot,
    ) -> Vec<Correction> {
        let correction = Correction {
            section_id: SectionId::new(Uuid::nil()),
            version: u64::try_from(after.version).unwrap_or_default(),
            reason: EVENT_CHANGED.to_owned(),
            corrected_at: after.as_of,
            before: LetterCounts::default(),
            after: LetterCounts::default(),
        };
        let totals = (&before.tally, &after.tally);
        let mut corrections =
            certification::corrections(self.catalogue, edition, change, totals, &correction);
        for correction in &mut corrections {
            let of_section = self.reasons.get(&(edition, Some(correction.section_id)));
            if let Some(reason) = of_section.or_else(|| self.reasons.get(&(edition, None))) {
                correction.reason.clone_from(reason);
            }
        }
        corrections
    }
}

/// The editions that commands are about. To which one a report belongs never changes.
pub(super) async fn editions(
    connection: &mut Connection,
    catalogue: &Catalogue,
    commands: &[Command],
) -> Result<BTreeSet<EditionId>, database::Error> {
    let mut editions = BTreeSet::new();
    for command in commands {
        match &command.action {
            Action::Submit { campaign, .. } => {
                editions.extend(catalogue.campaign(*campaign).map(|campaign| campaign.edition_id));
            }
            Action::Correct { report, .. }
            | Action::Update { report, .. }
            | Action::Withdraw { report, .. }
            | Action::Object { report, .. }
            | Action::Review { report, .. } => {
                editions.extend(reports::find(connection, *report).await?.map(|stored| stored.edition));
            }
        }
    }
    Ok(editions)
}

/// The keys that commands came with.
pub(super) fn keys(commands: &[Command]) -> Vec<SecretHash> {
    commands.iter().flat_map(|command| std::iter::once(command.key).chain(command.former_key)).collect()
}
