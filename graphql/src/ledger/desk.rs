//! What becomes of each command of one transaction, in order: the rules of the domain, asked with all that the commands
//! are about at hand.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Report, ReportId, Rule, Violation,
    report::{AtEvent, Author, Excess, HeldFor, Intake, Occasion, ReportState, Verdict},
    violation::Noun,
};
use jiff::Timestamp;

use super::{
    Action, Answer, Command, Credential, Receipt,
    evening::Evenings,
    people::People,
    sources::{Origin, Sources},
};
use crate::{
    catalogue::Catalogue,
    database::{ledger::Used, reports::Kept},
    secret::Hash,
};

/// The reports and keys that the commands of one transaction see.
pub(super) struct Desk<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) present: HashMap<ReportId, Kept>,
    pub(super) people: People,
    pub(super) evenings: Evenings,
    pub(super) sources: Sources,
    pub(super) used: &'a mut HashMap<Hash, Used>,
    pub(super) new_keys: Vec<(Hash, Used)>,
    pub(super) touched: BTreeSet<ReportId>,
}

impl Desk<'_> {
    /// Does what a command says, if the rules let it.
    pub(super) fn answer(&mut self, command: &Command) -> Answer {
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
        let (of, quantities) = ((belonging.at, author), (content.quantity(), 0));
        let verdict = match content.test {
            true => self.note_test(origin, verdict)?,
            false => self.weigh(origin, verdict, &intake, of, quantities, command.now)?,
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
        let guests_of = at.filter(|at| !at.is_by_host() && author == Author::Writer).map(|at| at.event);
        let more = quantity.cast_signed() - before.cast_signed();
        let is_plausible = guests_of.is_none_or(|event| self.evenings.is_plausible(event, intake, more));
        let verdict = if is_plausible { verdict } else { verdict.hold(HeldFor::Guests) };
        // Where events are reviewed, what a host says is of one that staff know, and at most what is plausible for it.
        let is_vouched = author == Author::Host && intake.campaign.reviews_events;
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
    fn note_test(&mut self, origin: Option<Origin>, verdict: Verdict) -> Result<Verdict, Vec<Violation>> {
        match origin {
            Some(origin) => self.hold(origin, verdict),
            None => Ok(verdict),
        }
    }

    /// Takes note of a report that is held, unless too many of its address are.
    fn hold(&mut self, origin: Origin, verdict: Verdict) -> Result<Verdict, Vec<Violation>> {
        match self.sources.hold(origin) {
            Ok(()) => Ok(verdict),
            Err(excess) => excessive(excess, verdict),
        }
    }

    /// Takes so many more actions from the budgets of a report, or holds it.
    fn take(
        &mut self,
        origin: Origin,
        verdict: Verdict,
        more: u64,
        now: Timestamp,
    ) -> Result<Verdict, Vec<Violation>> {
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
    fn hold_surge(&mut self, origin: Origin, now: Timestamp) {
        for (id, kept) in &mut self.present {
            if !Sources::is_of_surge(origin, &kept.report) {
                continue;
            }
            let quantity = kept.report.counting().map_or(0, |revision| revision.content.quantity());
            kept.report.hold_back(HeldFor::Address, now);
            self.sources.give_back(origin, quantity);
            if let Some(at) = kept.report.at {
                self.evenings.note_guests(at.event, -quantity.cast_signed());
            }
            self.touched.insert(*id);
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
                    true => self.note_test(origin, verdict),
                    false => self.weigh(origin, verdict, &intake, of, quantities, command.now),
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

/// A verdict for which a budget does not suffice.
fn excessive(excess: Excess, verdict: Verdict) -> Result<Verdict, Vec<Violation>> {
    match excess {
        Excess::Held(reason) => Ok(verdict.hold(reason)),
        Excess::Refused => Err(vec![Violation::at(["campaign"], Rule::TooManyReports)]),
    }
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
