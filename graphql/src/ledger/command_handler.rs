//! What becomes of each command of one transaction, in order: the rules of the domain, asked with all that the commands
//! are about at hand.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Report, ReportId, Violation, ViolationKind, Violations,
    catalogue::Catalogue,
    report::{
        BudgetExcess, CampaignContext, EventReference, HeldFor, IntakeDecision, ReportSource, ReportState,
        ReportedEvent,
    },
    violation::EntityKind,
};
use jiff::Timestamp;

use super::{
    Action, Command, CommandResult, Receipt,
    event_reports::EventReports,
    reporters::Reporters,
    source_budgets::{SourceBudgets, SourceOrigin},
};
use crate::{
    access::{self, ReportFacts},
    credentials::SecretHash,
    database::reports::StoredReport,
    idempotency::{self, IdempotencyRecord, KeyLookup},
};

/// The reports and keys that the commands of one transaction see.
pub(super) struct CommandHandler<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) present: HashMap<ReportId, StoredReport>,
    pub(super) people: Reporters,
    pub(super) evenings: EventReports,
    pub(super) sources: SourceBudgets,
    pub(super) used: &'a mut HashMap<SecretHash, IdempotencyRecord>,
    pub(super) new_keys: Vec<(SecretHash, IdempotencyRecord)>,
    pub(super) touched: BTreeSet<ReportId>,
}

impl CommandHandler<'_> {
    /// Does what a command says, if the rules let it.
    pub(super) fn handle(&mut self, command: &Command) -> CommandResult {
        let fingerprint = command.action.fingerprint();
        let used = self.used.get(&command.key).copied().or_else(|| self.used_by_file(command));
        match KeyLookup::of(used, fingerprint) {
            KeyLookup::Unused => {}
            KeyLookup::Replay(record) => return self.replay(command, record),
            KeyLookup::Conflict => return Err(idempotency::conflict()),
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
            Violations::from(Violation::at([field], rule))
        };
        self.evenings.advance_event(command.into(), before, &kept.report).map_err(refused)?;
        let revision = kept.report.latest().number;
        let used = IdempotencyRecord { fingerprint, subject: kept.report.id.uuid(), revision };
        self.used.insert(command.key, used);
        self.new_keys.push((command.key, used));
        let receipt = Receipt {
            report: kept.report.clone(),
            revision,
            replayed: false,
            has_secret: kept.has_secret(),
            edition: kept.edition,
            version: 0,
        };
        self.present.insert(kept.report.id, kept);
        Ok(receipt)
    }

    /// What the key of a file was used for by a version before this one: for a report that came with a file, and
    /// not for one of a client who happened upon the same key.
    fn used_by_file(&self, command: &Command) -> Option<IdempotencyRecord> {
        let used = self.used.get(&command.former_key?).copied()?;
        let kept = self.present.get(&ReportId::new(used.subject))?;
        let is_by_staff =
            kept.report.revisions().first().is_some_and(|first| first.author == ReportSource::Staff);
        (is_by_staff && !kept.has_secret()).then_some(used)
    }

    /// The first answer again, as the report stands now, if the content is the same too.
    fn replay(&self, command: &Command, used: IdempotencyRecord) -> CommandResult {
        let report = ReportId::new(used.subject);
        let kept = match command.action.report() {
            None => {
                self.present.get(&report).ok_or_else(|| not_found(EntityKind::Report, "idempotencyKey"))?
            }
            Some(id) => self.authorized_report(command, id)?,
        };
        // Where the report has no secret of its own, its key is none either: it opens nothing.
        if !kept.has_secret() && self.authorized_report(command, report).is_err() {
            return Err(idempotency::conflict());
        }
        Ok(Receipt {
            report: kept.report.clone(),
            revision: used.revision,
            replayed: true,
            has_secret: kept.has_secret(),
            edition: kept.edition,
            version: 0,
        })
    }

    fn submit(&mut self, command: &Command) -> Result<StoredReport, Violations> {
        let Action::Submit { report, secret, campaign, at, submission, author } = &command.action else {
            unreachable!("called for a submission only");
        };
        let intake =
            self.catalogue.intake(*campaign).ok_or_else(|| not_found(EntityKind::Campaign, "campaign"))?;
        let content = submission.content().clone();
        let author = match at {
            Some(at) if at.is_by_host() && *author == ReportSource::Writer => ReportSource::Host,
            _ => *author,
        };
        let belonging = self.evenings.link_of(command, *at, &self.people, &intake, content.test);
        let occasion = belonging.as_ref().ok().and_then(|(_, occasion)| occasion.as_ref());
        let verdict = intake.evaluate(submission, None, occasion, author, command.now);
        let ((belonging, _), verdict) = both(belonging, verdict)?;
        let origin = self.sources.origin(command, *campaign).filter(|_| author != ReportSource::Simulation);
        let (of, quantities) = ((belonging.at, author), (content.quantity(), 0));
        let verdict = match content.test {
            true => self.note_test(origin, verdict)?,
            false => self.evaluate(origin, verdict, &intake, of, quantities, command.now)?,
        };
        let mut report = Report::submitted(*report, *campaign, content, verdict, author, command.now);
        report.came_from(origin.map(|origin| origin.source));
        let report = self.evenings.assign_location(report, &belonging, &intake);
        Ok(StoredReport { report, edition: intake.edition.id, secret: *secret })
    }

    /// What becomes of a verdict beside all that came in before: `quantity` is what the report says now, and what of
    /// it counted before.
    fn evaluate(
        &mut self,
        origin: Option<SourceOrigin>,
        verdict: IntakeDecision,
        intake: &CampaignContext<'_>,
        (at, author): (Option<EventReference>, ReportSource),
        (quantity, before): (u64, u64),
        now: Timestamp,
    ) -> Result<IntakeDecision, Violations> {
        let guests_of = at.filter(|at| !at.is_by_host() && author == ReportSource::Writer).map(|at| at.event);
        let more = quantity.cast_signed() - before.cast_signed();
        let is_plausible = guests_of.is_none_or(|event| self.evenings.is_plausible(event, intake, more));
        let verdict = if is_plausible { verdict } else { verdict.hold(HeldFor::Guests) };
        // Where events are reviewed, what a host says is of one that staff know, and at most what is plausible for it.
        let is_vouched = author == ReportSource::Host && intake.campaign.reviews_events;
        let verdict = match origin {
            Some(origin) if verdict.state == ReportState::Held => self.hold(origin, verdict)?,
            Some(origin) if !is_vouched => {
                self.take(origin, verdict, quantity.saturating_sub(before), now)?
            }
            Some(_) | None => verdict,
        };
        if let Some(event) = guests_of.filter(|_| verdict.state == ReportState::Accepted) {
            self.evenings.note_guests(event, more);
        }
        Ok(verdict)
    }

    /// Takes note of a report that never counts: it takes room like one that is held.
    fn note_test(
        &mut self,
        origin: Option<SourceOrigin>,
        verdict: IntakeDecision,
    ) -> Result<IntakeDecision, Violations> {
        match origin {
            Some(origin) => self.hold(origin, verdict),
            None => Ok(verdict),
        }
    }

    /// Takes note of a report that is held, unless too many of its address are.
    fn hold(&mut self, origin: SourceOrigin, verdict: IntakeDecision) -> Result<IntakeDecision, Violations> {
        match self.sources.hold(origin) {
            Ok(()) => Ok(verdict),
            Err(excess) => excessive(excess, verdict),
        }
    }

    /// Takes so many more actions from the budgets of a report, or holds it.
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

    /// Holds what an address reported before in the hour in which it goes beyond its budget.
    fn hold_surge(&mut self, origin: SourceOrigin, now: Timestamp) {
        for (id, kept) in &mut self.present {
            if !SourceBudgets::is_of_surge(origin, &kept.report) {
                continue;
            }
            let quantity = kept.report.counted_revision().map_or(0, |revision| revision.content.quantity());
            kept.report.hold_back(HeldFor::Address, now);
            self.sources.give_back(origin, quantity);
            if let Some(at) = kept.report.at {
                self.evenings.note_guests(at.event, -quantity.cast_signed());
            }
            self.touched.insert(*id);
        }
    }

    /// Whoever does not know the secret of a report learns nothing of it, not even that it exists.
    fn authorized_report(&self, command: &Command, id: ReportId) -> Result<&StoredReport, Violations> {
        let kept = self.present.get(&id).ok_or_else(|| not_found(EntityKind::Report, "id"))?;
        let facts = ReportFacts {
            event: self.evenings.facts_of(&kept.report),
            attendee: self.people.attendee_of(&kept.report),
            ..kept.facts()
        };
        let access = access::report_access(command.viewer, self.people.subject(command.viewer), &facts);
        let may = match command.action {
            Action::Review { .. } => access.may_review(),
            Action::Object { .. } => access.may_object(),
            Action::Submit { .. } | Action::Correct { .. } | Action::Withdraw { .. } => access.may_manage(),
        };
        if may { Ok(kept) } else { Err(not_found(EntityKind::Report, "id")) }
    }

    fn change(&mut self, command: &Command, id: ReportId) -> Result<StoredReport, Violations> {
        let mut kept = self.authorized_report(command, id)?.clone();
        let report = &mut kept.report;
        let intake =
            self.catalogue.intake(report.campaign_id).ok_or_else(|| not_found(EntityKind::Campaign, "id"))?;
        let author = match report.at {
            _ if command.viewer.staff().is_some() => ReportSource::Staff,
            Some(at) if at.is_by_host() => ReportSource::Host,
            Some(_) | None => ReportSource::Writer,
        };
        let stale = |report: &Report, expected| {
            report
                .check_change(expected)
                .map_err(|rule| Violations::from(Violation::at(["expectedRevision"], rule)))
        };
        match &command.action {
            Action::Submit { .. } => unreachable!("a submission changes no report"),
            Action::Correct { expected_revision, submission, reason, .. } => {
                let before = report.latest().content.clone();
                let fresh = stale(report, *expected_revision);
                let place = report.latest().place.clone();
                let occasion = report.at.map(|at| ReportedEvent { side: at.side, place });
                let verdict =
                    intake.evaluate(submission, Some(&before), occasion.as_ref(), author, command.now);
                let ((), verdict) = both(fresh, verdict)?;
                let content = submission.content().clone();
                let origin = self.sources.origin(command, report.campaign_id);
                let counted = report.counted_revision().map_or(0, |revision| revision.content.quantity());
                let (quantities, of) = ((content.quantity(), counted), (report.at, author));
                let verdict = match content.test {
                    true => self.note_test(origin, verdict),
                    false => self.evaluate(origin, verdict, &intake, of, quantities, command.now),
                };
                let verdict = verdict.map_err(of_report)?;
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
                report
                    .object(reason, command.now)
                    .map_err(|rule| Violations::from(Violation::at(["id"], rule)))?;
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
                    .map_err(|rule| Violations::from(Violation::at(["id"], rule)))?;
            }
        }
        debug_assert!(
            report.revisions().iter().filter(|revision| revision.state == ReportState::Accepted).count() <= 1
        );
        Ok(kept)
    }
}

fn in_time(intake: &CampaignContext<'_>, author: ReportSource, now: Timestamp) -> Result<(), Violations> {
    intake.check_time(author, now).map_err(|rule| Violations::from(Violation::at(["id"], rule)))
}

/// A verdict for which a budget does not suffice.
fn excessive(excess: BudgetExcess, verdict: IntakeDecision) -> Result<IntakeDecision, Violations> {
    match excess {
        BudgetExcess::Held(reason) => Ok(verdict.hold(reason)),
        BudgetExcess::Refused => {
            Err(Violations::from(Violation::at(["campaign"], ViolationKind::TooManyReports)))
        }
    }
}

/// The same of a report that is changed, which is not said where it belongs.
fn of_report(violations: Violations) -> Violations {
    violations.into_iter().map(|violation| Violation { path: vec!["id".to_owned()], ..violation }).collect()
}

/// Both values, unless either is broken; then the violations of both.
fn both<T, U>(one: Result<T, Violations>, two: Result<U, Violations>) -> Result<(T, U), Violations> {
    match (one, two) {
        (Ok(one), Ok(two)) => Ok((one, two)),
        (Err(broken), Ok(_)) | (Ok(_), Err(broken)) => Err(broken),
        (Err(one), Err(two)) => Err(one.into_iter().chain(two).collect()),
    }
}

fn not_found(noun: EntityKind, field: &str) -> Violations {
    Violations::from(Violation::at([field], ViolationKind::NotFound { noun }))
}
