//! Entering commands inside one transaction: load, ask the domain, write.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
};

use domain::{
    CampaignId, Cells, EditionId, Report, ReportId, Rule, Violation,
    report::{AtEvent, Author, Budgets, Excess, HeldFor, Intake, Occasion, ReportState, Review, Verdict},
    total::Scope,
    violation::Noun,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Action, Answer, Command, Credential, Receipt, Staff,
    evening::{self, Evenings},
    people::People,
    sources::{Origin, Sources},
};
use crate::{
    catalogue::{Catalogue, StaffAction},
    database::{
        self, Connection,
        ledger::{self, Entries, Locked, Used},
        reports::{self, Kept},
        versions::Headline,
    },
    revision::Revision,
    secret::Hash,
    tally::{Count, Tallies},
};

/// What has been entered so far in a transaction, before all of it is stored.
pub(super) struct Entering<'a> {
    catalogue: &'a Catalogue,
    budgets: Budgets,
    // The version of each edition that is locked.
    locked: BTreeMap<EditionId, Revision>,
    changes: BTreeMap<EditionId, (Cells, Timestamp)>,
    entries: Entries,
    /// The revision of events from this transaction on, if it changes any.
    pub(super) events_revision: Option<Revision>,
}

impl<'a> Entering<'a> {
    /// What comes from addresses counts within these budgets.
    pub(super) fn new(catalogue: &'a Catalogue, budgets: Budgets) -> Self {
        Self { budgets, ..Self::again(catalogue, BTreeMap::new(), BTreeMap::new()) }
    }

    /// What was decided about the counting of events, in editions that are locked at these versions.
    pub(super) fn again(
        catalogue: &'a Catalogue,
        locked: BTreeMap<EditionId, Revision>,
        changes: BTreeMap<EditionId, (Cells, Timestamp)>,
    ) -> Self {
        let budgets = Budgets::NONE;
        Self { catalogue, budgets, locked, changes, entries: Entries::default(), events_revision: None }
    }

    /// Enters commands, in order, in a transaction that has these locks. The versions of their receipts are those
    /// before it. None if the catalogue is not what it was: another process may have changed it.
    pub(super) async fn take(
        &mut self,
        connection: &mut Connection,
        commands: &[Command],
        locked: Locked,
    ) -> Result<Option<Vec<Answer>>, database::Error> {
        let Locked { catalogue, versions, source_key, mut used } = locked;
        self.locked.extend(versions);
        if catalogue != self.catalogue.revision {
            return Ok(None);
        }
        let ids = commands
            .iter()
            .filter_map(|command| command.action.report())
            .chain(used.values().map(|used| used.report))
            .collect();
        let mut stored = reports::find_all(connection, &ids).await?;
        let budgets = (self.budgets, source_key);
        let sources = Sources::load(connection, budgets, commands, &used, &stored).await?;
        let earlier = &sources.earlier;
        stored.extend(reports::find_all(connection, earlier).await?);
        let people = People::load(connection, commands, &mut stored).await?;
        let evenings = Evenings::load(connection, commands, &used, &stored, earlier).await?;
        let mut desk = Desk {
            catalogue: self.catalogue,
            present: stored.clone(),
            people,
            evenings,
            sources,
            used: &mut used,
            new_keys: vec![],
            touched: BTreeSet::new(),
        };
        let mut answers: Vec<Answer> = commands
            .iter()
            .map(|command| {
                let mut receipt = desk.answer(command)?;
                receipt.version = self.locked.get(&receipt.edition).map_or(0, |version| version.number);
                if !receipt.replayed {
                    desk.touched.insert(receipt.report.id);
                    let change = self.changes.entry(receipt.edition).or_default();
                    change.1 = change.1.max(command.now);
                }
                Ok(receipt)
            })
            .collect();
        let Desk { present, evenings, sources, new_keys, touched, .. } = desk;
        for receipt in answers.iter_mut().flatten().filter(|receipt| touched.contains(&receipt.report.id)) {
            // What came behind it may have had it held.
            receipt.report = present[&receipt.report.id].report.clone();
        }
        self.count_changes(connection, touched.iter().map(|id| (stored.get(id), &present[id])), evenings)
            .await?;
        sources.store(&mut self.entries);
        new_keys.into_iter().for_each(|(key, used)| self.entries.key(key, used));
        for (command, receipt) in
            commands.iter().zip(&answers).filter_map(|(c, a)| Some((c, a.as_ref().ok()?)))
        {
            if !receipt.replayed {
                record(connection, command, receipt.report.id).await?;
            }
        }
        Ok(Some(answers))
    }

    /// The same for those that come behind others in the same transaction.
    pub(super) async fn take_more(
        &mut self,
        connection: &mut Connection,
        commands: &[Command],
    ) -> Result<Option<Vec<Answer>>, database::Error> {
        // What was entered before may be what these are about.
        mem::take(&mut self.entries).write(connection).await?;
        let editions = editions(connection, self.catalogue, commands).await?;
        let locked = ledger::lock_all(connection, &editions, &keys(commands)).await?;
        self.take(connection, commands, locked).await
    }

    /// Has reports stored and counted as they are now instead of as they were.
    pub(super) async fn count_changes<'r>(
        &mut self,
        connection: &mut Connection,
        changed: impl Iterator<Item = (Option<&'r Kept>, &'r Kept)>,
        mut evenings: Evenings,
    ) -> Result<(), database::Error> {
        for (before, after) in changed {
            self.entries.report(before, after);
            let before = before.map(|before| &before.report);
            let (change, _) = self.changes.entry(after.edition).or_default();
            if let Some(held) = before.and_then(Report::held) {
                change.release(held.place.section, &held.content.lines);
            }
            if let Some(held) = after.report.held() {
                change.hold(held.place.section, &held.content.lines);
            }
            if let Some(at) = after.report.at {
                evenings.count(at, before, &after.report)?;
                continue;
            }
            if let Some(contribution) = before.and_then(Report::contribution) {
                change.subtract(&contribution);
            }
            if let Some(contribution) = after.report.contribution() {
                change.add(&contribution);
            }
        }
        let events_revision = evenings.store(connection, &mut self.changes).await?;
        self.events_revision = events_revision.or(self.events_revision);
        Ok(())
    }

    /// Stores what was entered, and the counters. The counts are for `tallies` once the transaction is committed.
    pub(super) async fn finish(
        self,
        connection: &mut Connection,
        tallies: &Tallies,
    ) -> Result<Counts, database::Error> {
        let (counts, entries) = self.count(connection, tallies).await?;
        entries.write(connection).await?;
        Ok(counts)
    }

    /// The counts, for `tallies` once the transaction is committed, and what is still to be written in it.
    pub(super) async fn count(
        mut self,
        connection: &mut Connection,
        tallies: &Tallies,
    ) -> Result<(Counts, Entries), database::Error> {
        let mut counts = BTreeMap::new();
        for (edition, (change, now)) in self.changes {
            if change.is_empty() {
                continue;
            }
            let version = self.locked.get(&edition).copied().unwrap_or_default();
            let known = tallies.count(edition);
            let count = next(connection, &known, edition, version, &change, now).await?;
            self.entries.count(edition, &change, &headline(&count), count.commit);
            counts.insert(edition, Counted { count, known: known.revision() });
        }
        Ok((counts, self.entries))
    }
}

/// What a transaction counted, to be shown once it is committed.
pub(super) type Counts = BTreeMap<EditionId, Counted>;

/// The count of an edition that a transaction made.
pub(super) struct Counted {
    pub(super) count: Count,
    /// What was in memory while the transaction had the edition locked.
    pub(super) known: Revision,
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
            | Action::Withdraw { report, .. }
            | Action::Object { report, .. }
            | Action::Review { report, .. } => {
                editions.extend(reports::find(connection, *report).await?.map(|kept| kept.edition));
            }
        }
    }
    Ok(editions)
}

/// The keys that commands came with.
pub(super) fn keys(commands: &[Command]) -> Vec<Hash> {
    commands.iter().flat_map(|command| std::iter::once(command.key).chain(command.former_key)).collect()
}

/// Notes in the audit log what staff did to a report. A file is noted once, by whoever imports it.
async fn record(
    connection: &mut Connection,
    command: &Command,
    report: ReportId,
) -> Result<(), database::Error> {
    let reason = match &command.action {
        Action::Submit { .. } => None,
        Action::Correct { reason, .. }
        | Action::Withdraw { reason, .. }
        | Action::Object { reason, .. }
        | Action::Review { reason, .. } => Some(reason),
    };
    let Credential::Staff(Staff { key: Some(key), .. }) = command.credential else { return Ok(()) };
    if matches!(command.action, Action::Submit { author: Author::Writer | Author::Simulation, .. }) {
        // Elsewhere than in their own section staff are like anyone.
        return Ok(());
    }
    let action = command.action.name();
    let action = StaffAction { action, subject: report.uuid(), reason: reason.cloned() };
    database::catalogue::record(connection, Uuid::now_v7(), Some(key), &action, command.now).await
}

/// The count after a change. Memory knows the one before, unless another process was faster.
async fn next(
    connection: &mut Connection,
    known: &Count,
    edition: EditionId,
    version: Revision,
    change: &Cells,
    now: Timestamp,
) -> Result<Count, database::Error> {
    if known.revision() == version
        && let Ok(count) = known.after(change, now)
    {
        return Ok(count);
    }
    load(connection, edition, version)
        .await?
        .after(change, now)
        .map_err(|drift| database::Error::Broken(Box::new(drift)))
}

/// The count that the counters say. Inside a transaction, at the version that was read in it.
pub(super) async fn load(
    connection: &mut Connection,
    edition: EditionId,
    version: Revision,
) -> Result<Count, database::Error> {
    let recorded = database::versions::find(connection, edition, version.number).await?;
    let as_of = recorded.map_or(Timestamp::UNIX_EPOCH, |recorded| recorded.committed_at);
    let cells = ledger::cells(connection, edition).await?;
    let tally =
        domain::Tally::from_cells(&cells).map_err(|drift| database::Error::Broken(Box::new(drift)))?;
    Ok(Count { version: version.number, commit: version.commit, histories: 0, as_of, tally })
}

/// What is written down of a count.
pub(super) fn headline(count: &Count) -> Headline {
    let sums = count.tally.sums(Scope::Edition);
    Headline {
        version: count.version,
        committed_at: count.as_of,
        letters: sums.all.letters,
        actions: sums.all.actions,
        late: sums.late.actions,
        people: sums.people,
    }
}

impl Action {
    /// The report that it is about, unless it makes a new one.
    pub(super) const fn report(&self) -> Option<ReportId> {
        match self {
            Self::Submit { .. } => None,
            Self::Correct { report, .. }
            | Self::Withdraw { report, .. }
            | Self::Object { report, .. }
            | Self::Review { report, .. } => Some(*report),
        }
    }

    /// The name of the mutation, for the audit log.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Submit { .. } => "reportSubmit",
            Self::Correct { .. } => "reportCorrect",
            Self::Withdraw { .. } => "reportWithdraw",
            Self::Object { .. } => "reportObject",
            Self::Review { .. } => "reportReview",
        }
    }

    /// What tells two commands under one key apart.
    fn fingerprint(&self) -> Hash {
        let (what, report, content, reason): (&str, _, _, _) = match self {
            Self::Submit { campaign, at, submission, .. } => {
                let content = submission.content().fingerprint(*campaign);
                return at.map_or(Hash::from_bytes(content), |at| evening::fingerprint(content, at));
            }
            Self::Correct { report, submission, reason, .. } => {
                // The campaign follows from the report.
                let content = submission.content().fingerprint(CampaignId::new(Uuid::nil()));
                ("correct", report, content, reason)
            }
            Self::Withdraw { report, reason, .. } => ("withdraw", report, [0; 32], reason),
            Self::Object { report, reason, .. } => ("object", report, [0; 32], reason),
            Self::Review { report, review: Review::Accept, reason, .. } => {
                ("accept", report, [0; 32], reason)
            }
            Self::Review { report, review: Review::Reject, reason, .. } => {
                ("reject", report, [0; 32], reason)
            }
        };
        let mut hash = Sha256::new();
        hash.update(what);
        hash.update(report.uuid());
        hash.update(content);
        hash.update(reason);
        Hash::from_bytes(hash.finalize().into())
    }
}

/// The reports and keys that the commands of one transaction see.
struct Desk<'a> {
    catalogue: &'a Catalogue,
    present: HashMap<ReportId, Kept>,
    people: People,
    evenings: Evenings,
    sources: Sources,
    used: &'a mut HashMap<Hash, Used>,
    new_keys: Vec<(Hash, Used)>,
    touched: BTreeSet<ReportId>,
}

impl Desk<'_> {
    fn answer(&mut self, command: &Command) -> Answer {
        let fingerprint = command.action.fingerprint();
        let used = self.used.get(&command.key).copied().or_else(|| self.used_by_file(command));
        if let Some(used) = used {
            return self.replay(command, used, fingerprint);
        }
        let kept = match &command.action {
            Action::Submit { .. } => self.submit(command)?,
            Action::Correct { report, .. }
            | Action::Withdraw { report, .. }
            | Action::Object { report, .. }
            | Action::Review { report, .. } => self.change(command, *report)?,
        };
        let before = self.present.get(&kept.report.id).map(|before| &before.report);
        let refused = |rule| {
            let field = if before.is_some() { "id" } else { "event" };
            vec![Violation::at([field], rule)]
        };
        self.evenings.lead(command.into(), before, &kept.report).map_err(refused)?;
        let revision = kept.report.latest().number;
        let used = Used { fingerprint, report: kept.report.id, revision };
        self.used.insert(command.key, used);
        self.new_keys.push((command.key, used));
        let receipt = Receipt {
            report: kept.report.clone(),
            revision,
            replayed: false,
            has_secret: kept.secret != Hash::NONE,
            edition: kept.edition,
            version: 0,
        };
        self.present.insert(kept.report.id, kept);
        Ok(receipt)
    }

    /// What the key of a file was used for by a version before this one: for a report that came with a file, and
    /// not for one of a client who happened upon the same key.
    fn used_by_file(&self, command: &Command) -> Option<Used> {
        let used = self.used.get(&command.former_key?).copied()?;
        let kept = self.present.get(&used.report)?;
        let is_by_staff = kept.report.revisions().first().is_some_and(|first| first.author == Author::Staff);
        (is_by_staff && kept.secret == Hash::NONE).then_some(used)
    }

    /// The first answer again, as the report stands now, if the content is the same too.
    fn replay(&self, command: &Command, used: Used, fingerprint: Hash) -> Answer {
        if used.fingerprint != fingerprint {
            return Err(reused());
        }
        let kept = match command.action.report() {
            None => {
                self.present.get(&used.report).ok_or_else(|| not_found(Noun::Report, "idempotencyKey"))?
            }
            Some(id) => self.managed(command, id)?,
        };
        // Where the report has no secret of its own, its key is none either: it opens nothing.
        if kept.secret == Hash::NONE && self.managed(command, used.report).is_err() {
            return Err(reused());
        }
        Ok(Receipt {
            report: kept.report.clone(),
            revision: used.revision,
            replayed: true,
            has_secret: kept.secret != Hash::NONE,
            edition: kept.edition,
            version: 0,
        })
    }

    fn submit(&mut self, command: &Command) -> Result<Kept, Vec<Violation>> {
        let Action::Submit { report, secret, campaign, at, submission, author } = &command.action else {
            unreachable!("called for a submission only");
        };
        let intake = self.catalogue.intake(*campaign).ok_or_else(|| not_found(Noun::Campaign, "campaign"))?;
        let content = submission.content().clone();
        let author = match at {
            Some(at) if at.is_by_host() && *author == Author::Writer => Author::Host,
            _ => *author,
        };
        let belonging = self.evenings.belonging(command, *at, &self.people, &intake, content.test);
        let occasion = belonging.as_ref().ok().and_then(|(_, occasion)| occasion.as_ref());
        let verdict = intake.judge(submission, None, occasion, author, command.now);
        let ((belonging, _), verdict) = both(belonging, verdict)?;
        let origin = self.sources.origin(command, *campaign).filter(|_| author != Author::Simulation);
        let verdict = if content.test {
            verdict
        } else {
            self.weigh(
                origin,
                verdict,
                &intake,
                (belonging.at, author),
                (content.quantity(), 0),
                command.now,
            )?
        };
        let mut report = Report::submitted(*report, *campaign, content, verdict, author, command.now);
        report.came_from(origin.map(|origin| origin.source));
        let report = self.evenings.settle(report, &belonging, &intake);
        Ok(Kept { report, edition: intake.edition.id, secret: *secret })
    }

    /// What becomes of a verdict beside all that came in before: `quantity` is what the report says now, and what of
    /// it counted before.
    fn weigh(
        &mut self,
        origin: Option<Origin>,
        verdict: Verdict,
        intake: &Intake<'_>,
        (at, author): (Option<AtEvent>, Author),
        (quantity, before): (u64, u64),
        now: Timestamp,
    ) -> Result<Verdict, Vec<Violation>> {
        let refused = |excess| match excess {
            Excess::Held(reason) => Ok(reason),
            Excess::Refused => Err(vec![Violation::at(["campaign"], Rule::TooManyReports)]),
        };
        let verdict = match at.filter(|at| !at.is_by_host() && author == Author::Writer) {
            Some(at) if verdict.state == ReportState::Accepted => {
                let is_plausible = self.evenings.take_from_guests(at.event, intake, quantity, before);
                if is_plausible { verdict } else { verdict.hold(HeldFor::Guests) }
            }
            _ => verdict,
        };
        let Some(origin) = origin else { return Ok(verdict) };
        if verdict.state == ReportState::Held {
            self.sources.hold(origin).or_else(|excess| refused(excess).map(drop))?;
            return Ok(verdict);
        }
        if author == Author::Host {
            // Of an event that staff have approved, and at most what is plausible for one.
            return Ok(verdict);
        }
        let (taken, is_surge) = self.sources.take(origin, quantity.saturating_sub(before));
        if is_surge {
            self.hold_surge(origin, now);
        }
        match taken {
            Ok(()) => Ok(verdict),
            Err(excess) => refused(excess).map(|reason| verdict.hold(reason)),
        }
    }

    /// Holds what an address reported before in the hour in which it goes beyond its budget.
    fn hold_surge(&mut self, origin: Origin, now: Timestamp) {
        for (id, kept) in &mut self.present {
            if Sources::is_of_surge(origin, &kept.report) {
                let quantity = kept.report.counting().map_or(0, |revision| revision.content.quantity());
                kept.report.hold_back(HeldFor::Address, now);
                self.sources.give_back(origin, quantity);
                self.touched.insert(*id);
            }
        }
    }

    /// Whoever does not know the secret of a report learns nothing of it, not even that it exists.
    fn managed(&self, command: &Command, id: ReportId) -> Result<&Kept, Vec<Violation>> {
        let kept = self.present.get(&id).ok_or_else(|| not_found(Noun::Report, "id"))?;
        let may = match (command.credential, &command.action) {
            (Credential::Staff(staff), _) => staff.act_for(kept.report.latest().place.section),
            (Credential::Secret(_) | Credential::None, Action::Review { .. }) | (Credential::None, _) => {
                false
            }
            (Credential::Secret(secret), Action::Object { .. }) => {
                self.evenings.is_hosted_by(&kept.report, secret)
            }
            (Credential::Secret(secret), _) => {
                secret == kept.secret
                    || self.evenings.is_host(&kept.report, secret)
                    || self.people.own(secret, &kept.report)
            }
        };
        if may { Ok(kept) } else { Err(not_found(Noun::Report, "id")) }
    }

    fn change(&mut self, command: &Command, id: ReportId) -> Result<Kept, Vec<Violation>> {
        let mut kept = self.managed(command, id)?.clone();
        let report = &mut kept.report;
        let intake =
            self.catalogue.intake(report.campaign_id).ok_or_else(|| not_found(Noun::Campaign, "id"))?;
        let author = match command.credential {
            Credential::Staff(_) => Author::Staff,
            Credential::Secret(_) | Credential::None => match report.at {
                Some(at) if at.is_by_host() => Author::Host,
                Some(_) | None => Author::Writer,
            },
        };
        let stale = |report: &Report, expected| {
            report.check_change(expected).map_err(|rule| vec![Violation::at(["expectedRevision"], rule)])
        };
        match &command.action {
            Action::Submit { .. } => unreachable!("a submission changes no report"),
            Action::Correct { expected_revision, submission, reason, .. } => {
                let before = report.latest().content.clone();
                let fresh = stale(report, *expected_revision);
                let place = report.latest().place.clone();
                let occasion = report.at.map(|at| Occasion { side: at.side, place });
                let verdict = intake.judge(submission, Some(&before), occasion.as_ref(), author, command.now);
                let ((), verdict) = both(fresh, verdict)?;
                let content = submission.content().clone();
                let origin = self.sources.origin(command, report.campaign_id);
                let counted = report.counting().map_or(0, |revision| revision.content.quantity());
                let (quantities, of) = ((content.quantity(), counted), (report.at, author));
                let verdict = match content.test {
                    true => verdict,
                    false => self
                        .weigh(origin, verdict, &intake, of, quantities, command.now)
                        .map_err(of_report)?,
                };
                if let Some(surged) = self.present.get(&id) {
                    // It may have been held itself, as a part of the surge that its correction completed.
                    *report = surged.report.clone();
                }
                report.correct(content, verdict, author, reason.clone(), command.now);
                report.came_from(origin.map(|origin| origin.source));
            }
            Action::Object { expected_revision, reason, .. } => {
                let in_time = in_time(&intake, author, command.now);
                both(stale(report, *expected_revision), in_time)?;
                report.object(reason, command.now).map_err(|rule| vec![Violation::at(["id"], rule)])?;
            }
            Action::Withdraw { expected_revision, reason, .. } => {
                let in_time = in_time(&intake, author, command.now);
                both(stale(report, *expected_revision), in_time)?;
                report.withdraw(reason, command.now);
            }
            Action::Review { expected_revision, review, reason, .. } => {
                let in_time = in_time(&intake, author, command.now);
                both(stale(report, *expected_revision), in_time)?;
                report
                    .review(*review, reason, command.now)
                    .map_err(|rule| vec![Violation::at(["id"], rule)])?;
            }
        }
        debug_assert!(
            report.revisions().iter().filter(|revision| revision.state == ReportState::Accepted).count() <= 1
        );
        Ok(kept)
    }
}

fn in_time(intake: &Intake<'_>, author: Author, now: Timestamp) -> Result<(), Vec<Violation>> {
    intake.check_time(author, now).map_err(|rule| vec![Violation::at(["id"], rule)])
}

/// The same of a report that is changed, which is not said where it belongs.
fn of_report(violations: Vec<Violation>) -> Vec<Violation> {
    violations.into_iter().map(|violation| Violation { path: vec!["id".to_owned()], ..violation }).collect()
}

/// Both values, unless either is broken; then the violations of both.
fn both<T, U>(
    one: Result<T, Vec<Violation>>,
    two: Result<U, Vec<Violation>>,
) -> Result<(T, U), Vec<Violation>> {
    match (one, two) {
        (Ok(one), Ok(two)) => Ok((one, two)),
        (Err(broken), Ok(_)) | (Ok(_), Err(broken)) => Err(broken),
        (Err(one), Err(two)) => Err(one.into_iter().chain(two).collect()),
    }
}

fn reused() -> Vec<Violation> {
    vec![Violation::at(["idempotencyKey"], Rule::KeyReusedWithOtherContent)]
}

fn not_found(noun: Noun, field: &str) -> Vec<Violation> {
    vec![Violation::at([field], Rule::NotFound { noun })]
}
