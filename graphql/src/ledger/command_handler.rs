//! What becomes of each command of one transaction, in order: the rules of the domain, asked with all that the commands
//! are about at hand.

use std::collections::{BTreeSet, HashMap};

use domain::{
    GroupId, Report, ReportId, Violation, ViolationKind, Violations,
    catalogue::Catalogue,
    report::{
        BudgetExcess, CampaignContext, EventReference, IntakeDecision, ReportSource, ReportState,
        ReviewReason,
    },
    violation::EntityKind,
};
use jiff::Timestamp;

use super::{
    Action, Command, CommandResult, Receipt,
    event_reports::{EventReports, NamedSubject},
    reporters::Reporters,
    source_budgets::{SourceBudgets, SourceOrigin},
};
use crate::{
    access::{self, ReportFacts},
    credentials::SecretHash,
    database::reports::StoredReport,
    idempotency::{self, IdempotencyRecord, KeyLookup},
};

mod content;

/// The reports and keys that the commands of one transaction see.
pub(super) struct CommandHandler<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) present: HashMap<ReportId, StoredReport>,
    pub(super) people: Reporters,
    pub(super) event_reports: EventReports,
    pub(super) sources: SourceBudgets,
    pub(super) used: &'a mut HashMap<SecretHash, IdempotencyRecord>,
    pub(super) new_keys: Vec<(SecretHash, IdempotencyRecord)>,
    pub(super) touched: BTreeSet<ReportId>,
}

impl CommandHandler<'_> {
    /// Validates and applies a command.
    pub(super) fn handle(&mut self, command: &Command) -> CommandResult {
        let fingerprint = command.action.fingerprint();
        let used = self.used.get(&command.key).copied().or_else(|| self.used_by_file(command));
        match KeyLookup::of(used, fingerprint) {
            KeyLookup::Unused => {}
            KeyLookup::Replay(record) => return self.replay(command, record),
            KeyLookup::Conflict => return Err(idempotency::conflict()),
        }
        let stored = match &command.action {
            Action::Submit { .. } => self.submit(command)?,
            Action::Correct { report, .. }
            | Action::Update { report, .. }
            | Action::Withdraw { report, .. }
            | Action::Object { report, .. }
            | Action::Review { report, .. } => self.change(command, *report)?,
        };
        let before = self.present.get(&stored.report.id).map(|before| &before.report);
        let refused = |rule| {
            let field = match &command.action {
                Action::Submit { group: Some(_), .. } => "group",
                Action::Submit { .. } => "event",
                _ => "id",
            };
            Violations::from(Violation::at([field], rule))
        };
        self.event_reports.advance_event(command.into(), before, &stored.report).map_err(refused)?;
        let revision = stored.report.latest().number;
        let used = IdempotencyRecord { fingerprint, subject: stored.report.id.uuid(), revision };
        self.used.insert(command.key, used);
        self.new_keys.push((command.key, used));
        let receipt = Receipt {
            report: stored.report.clone(),
            revision,
            replayed: false,
            warnings: command.action.warnings(&stored.report, revision),
            has_secret: stored.has_secret(),
            edition: stored.edition,
            version: 0,
        };
        self.present.insert(stored.report.id, stored);
        Ok(receipt)
    }

    /// Returns the record of a key of an import file that an earlier version of the service stored: only if it led to a
    /// report of a file, since a client may have used the same key.
    fn used_by_file(&self, command: &Command) -> Option<IdempotencyRecord> {
        let used = self.used.get(&command.former_key?).copied()?;
        let stored = self.present.get(&ReportId::new(used.subject))?;
        let is_by_staff =
            stored.report.revisions().first().is_some_and(|first| first.author == ReportSource::Staff);
        (is_by_staff && !stored.has_secret()).then_some(used)
    }

    /// Replays the first result of a key, with the present state of the report.
    fn replay(&self, command: &Command, used: IdempotencyRecord) -> CommandResult {
        let report = ReportId::new(used.subject);
        let stored = match command.action.report() {
            None => {
                self.present.get(&report).ok_or_else(|| not_found(EntityKind::Report, "idempotency_key"))?
            }
            Some(id) => self.authorized_report(command, id)?,
        };
        // If the report has no secret of its own, its key gives no access either.
        if !stored.has_secret() && self.authorized_report(command, report).is_err() {
            return Err(idempotency::conflict());
        }
        Ok(Receipt {
            report: stored.report.clone(),
            revision: used.revision,
            replayed: true,
            warnings: command.action.warnings(&stored.report, used.revision),
            has_secret: stored.has_secret(),
            edition: stored.edition,
            version: 0,
        })
    }

    fn submit(&mut self, command: &Command) -> Result<StoredReport, Violations> {
        let Action::Submit { report, secret, campaign, at, group, submission, author, reason } =
            &command.action
        else {
            unreachable!("called for a submission only");
        };
        let intake =
            self.catalogue.intake(*campaign).ok_or_else(|| not_found(EntityKind::Campaign, "campaign"))?;
        let content = submission.content().clone();
        let is_by_host = group.is_some() || at.is_some_and(EventReference::is_by_host);
        let author = match author {
            ReportSource::Writer if is_by_host => ReportSource::Host,
            author => *author,
        };
        let named = NamedSubject { at: *at, group: *group };
        let belonging = self.event_reports.link_of(command, named, &self.people, &intake, content.test);
        let occasion = belonging.as_ref().ok().and_then(|(_, occasion)| occasion.as_ref());
        let verdict = intake.evaluate(submission, None, occasion, author, command.now);
        let verdict = both(verdict, check_correction(&intake, author, reason.as_ref()));
        let ((belonging, _), (verdict, ())) = both(belonging, verdict)?;
        let origin = self.sources.origin(command, *campaign).filter(|_| author != ReportSource::Simulation);
        let is_vouched = self.is_vouched(author, belonging.group, &intake);
        let (of, quantities) = ((belonging.at, author, is_vouched), (content.quantity(), 0));
        let verdict = match content.test {
            true => self.note_test(origin, verdict)?,
            false => self.evaluate(origin, verdict, &intake, of, quantities, command.now)?,
        };
        let report = Report::submitted(*report, *campaign, content, verdict, author, command.now);
        let mut report = report.with_reason(reason.clone().filter(|_| intake.is_certified));
        report.came_from(origin.map(|origin| origin.source));
        let report = self.event_reports.assign_location(report, &belonging, &intake);
        Ok(StoredReport { report, edition: intake.edition.id, secret: *secret })
    }

    /// Applies budgets and the plausibility of the event to a verdict: the first quantity is that of the report now, the
    /// second is the part of it that counted before.
    fn evaluate(
        &mut self,
        origin: Option<SourceOrigin>,
        verdict: IntakeDecision,
        intake: &CampaignContext<'_>,
        (at, author, is_vouched): (Option<EventReference>, ReportSource, bool),
        (quantity, before): (u64, u64),
        now: Timestamp,
    ) -> Result<IntakeDecision, Violations> {
        let guests_of = at.filter(|at| !at.is_by_host() && author == ReportSource::Writer).map(|at| at.event);
        let more = quantity.cast_signed() - before.cast_signed();
        let is_plausible = guests_of.is_none_or(|event| self.event_reports.is_plausible(event, intake, more));
        let verdict = if is_plausible { verdict } else { verdict.require_review(ReviewReason::Guests) };
        let verdict = match origin {
            Some(origin) if verdict.state == ReportState::PendingReview => {
                self.require_review(origin, verdict)?
            }
            Some(origin) if !is_vouched => {
                self.take(origin, verdict, quantity.saturating_sub(before), now)?
            }
            Some(_) | None => verdict,
        };
        if let Some(event) = guests_of.filter(|_| verdict.state == ReportState::Accepted) {
            self.event_reports.note_guests(event, more);
        }
        Ok(verdict)
    }

    /// Whether no budget bounds the report: where events are reviewed, staff know the event of a host or the group, and
    /// its limit bounds the report.
    fn is_vouched(&self, author: ReportSource, group: Option<GroupId>, intake: &CampaignContext<'_>) -> bool {
        let is_known = group.is_none_or(|group| self.event_reports.is_known_to_staff(group));
        author == ReportSource::Host && intake.campaign.reviews_events && is_known
    }

    /// Records a test report: it takes a slot of the address like a held one.
    fn note_test(
        &mut self,
        origin: Option<SourceOrigin>,
        verdict: IntakeDecision,
    ) -> Result<IntakeDecision, Violations> {
        match origin {
            Some(origin) => self.require_review(origin, verdict),
            None => Ok(verdict),
        }
    }

    /// Records a pending report, unless too many of its address are held.
    fn require_review(
        &mut self,
        origin: SourceOrigin,
        verdict: IntakeDecision,
    ) -> Result<IntakeDecision, Violations> {
        match self.sources.require_review(origin) {
            Ok(()) => Ok(verdict),
            Err(excess) => excessive(excess, verdict),
        }
    }

    /// Takes actions from the budgets of a report, or holds it.
    fn take(
        &mut self,
        origin: SourceOrigin,
        verdict: IntakeDecision,
        more: u64,
        now: Timestamp,
    ) -> Result<IntakeDecision, Violations> {
        let (taken, is_surge) = self.sources.take(origin, more);
        if is_surge {
            self.hold_surge(origin, now);
        }
        match taken {
            Ok(()) => Ok(verdict),
            Err(excess) => excessive(excess, verdict),
        }
    }

    /// Holds the earlier reports of an address in the hour in which it exceeds its budget.
    fn hold_surge(&mut self, origin: SourceOrigin, now: Timestamp) {
        for (id, stored) in &mut self.present {
            if !SourceBudgets::is_of_surge(origin, &stored.report) {
                continue;
            }
            let quantity = stored.report.counted_revision().map_or(0, |revision| revision.content.quantity());
            stored.report.hold_back(ReviewReason::Address, now);
            self.sources.give_back(origin, quantity);
            if let Some(at) = stored.report.at {
                self.event_reports.note_guests(at.event, -quantity.cast_signed());
            }
            self.touched.insert(*id);
        }
    }

    /// Returns the report if the viewer has the access that the command needs; without access it does not exist.
    fn authorized_report(&self, command: &Command, id: ReportId) -> Result<&StoredReport, Violations> {
        let stored = self.present.get(&id).ok_or_else(|| not_found(EntityKind::Report, "id"))?;
        let facts = ReportFacts { attendee: self.people.attendee_of(&stored.report), ..stored.facts() };
        let facts = self.event_reports.with_facts(&stored.report, facts);
        let access = access::report_access(command.viewer, self.people.subject(command.viewer), &facts);
        let may = match command.action {
            Action::Review { .. } => access.may_review(),
            Action::Object { .. } => access.may_object(),
            Action::Submit { .. }
            | Action::Correct { .. }
            | Action::Update { .. }
            | Action::Withdraw { .. } => access.may_manage(),
        };
        if may { Ok(stored) } else { Err(not_found(EntityKind::Report, "id")) }
    }

    fn change(&mut self, command: &Command, id: ReportId) -> Result<StoredReport, Violations> {
        let mut stored = self.authorized_report(command, id)?.clone();
        let report = &mut stored.report;
        let intake =
            self.catalogue.intake(report.campaign_id).ok_or_else(|| not_found(EntityKind::Campaign, "id"))?;
        let author = match report.at {
            _ if command.viewer.staff().is_some() => ReportSource::Staff,
            _ if report.group.is_some() => ReportSource::Host,
            Some(at) if at.is_by_host() => ReportSource::Host,
            Some(_) | None => ReportSource::Writer,
        };
        match &command.action {
            Action::Submit { .. } => unreachable!("a submission changes no report"),
            Action::Correct { .. } => self.correct(command, report, &intake, author)?,
            Action::Update { .. } => self.update(command, report, &intake, author)?,
            Action::Object { expected_revision, reason, .. } => {
                let in_time = in_time(&intake, author, command.now);
                both(check_revision(report, *expected_revision), in_time)?;
                report
                    .object(reason, command.now)
                    .map_err(|rule| Violations::from(Violation::at(["id"], rule)))?;
            }
            Action::Withdraw { expected_revision, reason, .. } => {
                let in_time = in_time(&intake, author, command.now);
                both(check_revision(report, *expected_revision), in_time)?;
                report.withdraw(reason, command.now);
            }
            Action::Review { expected_revision, review, reason, .. } => {
                let in_time = in_time(&intake, author, command.now);
                both(check_revision(report, *expected_revision), in_time)?;
                report
                    .review(*review, reason, command.now)
                    .map_err(|rule| Violations::from(Violation::at(["id"], rule)))?;
            }
        }
        debug_assert!(
            report.revisions().iter().filter(|revision| revision.state == ReportState::Accepted).count() <= 1
        );
        Ok(stored)
    }
}

fn in_time(intake: &CampaignContext<'_>, author: ReportSource, now: Timestamp) -> Result<(), Violations> {
    intake.check_time(author, now).map_err(|rule| Violations::from(Violation::at(["id"], rule)))
}

/// A report that staff enter after the total was certified is a correction, which needs a reason. A file has one of its
/// own.
fn check_correction(
    intake: &CampaignContext<'_>,
    author: ReportSource,
    reason: Option<&String>,
) -> Result<(), Violations> {
    if intake.is_certified && author == ReportSource::Staff && reason.is_none() {
        return Err(Violations::from(Violation::at(["reason"], ViolationKind::ReasonMissing)));
    }
    Ok(())
}

/// The verdict of a report that exceeds a budget.
fn excessive(excess: BudgetExcess, verdict: IntakeDecision) -> Result<IntakeDecision, Violations> {
    match excess {
        BudgetExcess::NeedsReview(reason) => Ok(verdict.require_review(reason)),
        BudgetExcess::Refused => {
            Err(Violations::from(Violation::at(["campaign"], ViolationKind::TooManyReports)))
        }
    }
}

/// The same violations at the id of the report, for a change that names no campaign.
fn of_report(violations: Violations) -> Violations {
    violations.into_iter().map(|violation| Violation::at(["id"], violation.rule)).collect()
}

/// Returns both values, or the violations of both.
fn both<T, U>(one: Result<T, Violations>, two: Result<U, Violations>) -> Result<(T, U), Violations> {
    match (one, two) {
        (Ok(one), Ok(two)) => Ok((one, two)),
        (Err(broken), Ok(_)) | (Ok(_), Err(broken)) => Err(broken),
        (Err(one), Err(two)) => Err(one.into_iter().chain(two).collect()),
    }
}

/// Refuses a change of another revision than the present one.
fn check_revision(report: &Report, expected: u32) -> Result<(), Violations> {
    let checked = report.check_change(expected);
    checked.map_err(|rule| Violations::from(Violation::at(["expected_revision"], rule)))
}

fn not_found(noun: EntityKind, field: &str) -> Violations {
    Violations::from(Violation::at([field], ViolationKind::NotFound { noun }))
}
