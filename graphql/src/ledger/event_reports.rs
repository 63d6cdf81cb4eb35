//! Reports of events, inside one transaction of the ledger: each letter counts once, whoever tells of
//! it, and the host's report closes the event.
//!
//! Commands about no event cost no statement here. For the others events are locked first, so that
//! nobody else changes one until the transaction ends; where one changes here, their revision is raised,
//! so that kept answers that tell of it are given no more.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    Counts, EditionId, EventId, Report, ReportId, Violation, ViolationKind, Violations,
    catalogue::StaffAction,
    event::EventActor,
    report::{CampaignContext, EventReference, ReportedEvent, ReporterRole},
    revision::Revision,
    total::CountUnderflow,
    violation::EntityKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Action, Command, Viewer,
    reporters::{ReportOwner, Reporters},
};
use crate::{
    access::{self, EventFacts, EventRelation},
    credentials::SecretHash,
    database::{
        self, Connection, event_revision,
        events::{self, StoredEvent},
        reports,
    },
    idempotency::IdempotencyRecord,
};

/// The events that the commands of one transaction are about.
#[derive(Default)]
pub(super) struct EventReports {
    stored: HashMap<EventId, StoredEvent>,
    present: HashMap<EventId, StoredEvent>,
    // What guests have come to say more in this transaction.
    by_guests: HashMap<EventId, i64>,
    // Whoever led an event to another state, when, and by what.
    steps: Vec<EventTransition>,
}

/// A state that a report led its event to.
struct EventTransition {
    event: EventId,
    action: &'static str,
    actor: EventActor,
    key: Option<Uuid>,
    now: Timestamp,
}

/// Who changes a report, when, and by what.
#[derive(Clone, Copy)]
pub(super) struct EventLeader {
    pub(super) action: &'static str,
    pub(super) viewer: Viewer,
    pub(super) now: Timestamp,
}

impl From<&Command> for EventLeader {
    fn from(command: &Command) -> Self {
        Self { action: command.action.name(), viewer: command.viewer, now: command.now }
    }
}

/// Whose report it is and what it tells of.
pub(super) struct ReportLink {
    pub(super) at: Option<EventReference>,
    pub(super) whose: ReportOwner,
}

impl EventReports {
    /// The events that new reports tell of, or that reports about to change tell of.
    pub(super) async fn load(
        connection: &mut Connection,
        commands: &[Command],
        used: &HashMap<SecretHash, IdempotencyRecord>,
        reports: &HashMap<ReportId, reports::StoredReport>,
        earlier: &BTreeSet<ReportId>,
    ) -> Result<Self, database::Error> {
        let about = |command: &Command| match &command.action {
            // One that is sent again changes nothing.
            Action::Submit { at, .. } => at.filter(|_| !used.contains_key(&command.key)),
            action => action.report().and_then(|id| reports.get(&id)?.report.at),
        };
        let of_earlier = earlier.iter().filter_map(|id| reports.get(id)?.report.at);
        let ids = commands.iter().filter_map(about).chain(of_earlier).map(|at| at.event).collect();
        Self::of(connection, &ids).await
    }

    /// These events.
    pub(super) async fn of(
        connection: &mut Connection,
        ids: &BTreeSet<EventId>,
    ) -> Result<Self, database::Error> {
        if ids.is_empty() {
            return Ok(Self::default());
        }
        event_revision::lock(connection).await?;
        let stored = events::find_all(connection, &ids.iter().copied().collect::<Vec<_>>()).await?;
        Ok(Self { present: stored.clone(), stored, by_guests: HashMap::new(), steps: Vec::new() })
    }

    /// Whether what guests of an event say is still plausible if they say so much more, which may be less.
    pub(super) fn is_plausible(&self, event: EventId, intake: &CampaignContext<'_>, more: i64) -> bool {
        let Some(kept) = self.present.get(&event) else { return true };
        let evening = kept.event.evening.as_ref();
        let said = evening.map_or(0, |evening| evening.said(ReporterRole::Attendee)).cast_signed();
        let said = said + self.by_guests.get(&event).copied().unwrap_or_default();
        more <= 0 || said + more <= kept.event.guests_most(intake.campaign.limits).cast_signed()
    }

    /// Takes note that guests of an event say so much more, or less.
    pub(super) fn note_guests(&mut self, event: EventId, more: i64) {
        *self.by_guests.entry(event).or_default() += more;
    }

    /// Whose report a new one is, and the event that it tells of as far as a verdict depends on it.
    ///
    /// Whoever may not know of an event learns nothing of it, not even that it exists: a private one is
    /// known to those who were invited or joined it. Nobody but its organizers and staff speaks as its
    /// host.
    pub(super) fn link_of(
        &self,
        command: &Command,
        at: Option<EventReference>,
        people: &Reporters,
        intake: &CampaignContext<'_>,
        is_test: bool,
    ) -> Result<(ReportLink, Option<ReportedEvent>), Violations> {
        let whose = people.whose(command.viewer, intake.campaign.id, at);
        let Some(at) = at else { return Ok((ReportLink { at, whose }, None)) };
        let unknown = || {
            Violations::from(Violation::at(["event"], ViolationKind::NotFound { noun: EntityKind::Event }))
        };
        let kept = self.present.get(&at.event).ok_or_else(unknown)?;
        let relation = match people.relation(command.viewer, at.event) {
            EventRelation::Unrelated => EventRelation::of_invitation(command.viewer, kept.facts()),
            relation => relation,
        };
        let access = access::event_access(command.viewer, kept.facts(), relation);
        let may_report = match at.side {
            ReporterRole::Host => access.may_manage(),
            ReporterRole::Attendee => access.audience().is_some(),
        };
        if !may_report {
            return Err(unknown());
        }
        kept.event.check_report(intake.campaign.id, at.side, is_test, command.now)?;
        let place = kept.event.tally_in(intake.section).place;
        Ok((ReportLink { at: Some(at), whose }, Some(ReportedEvent { side: at.side, place })))
    }

    /// A new report as one of its event, whose place is settled from now on.
    pub(super) fn assign_location(
        &mut self,
        mut report: Report,
        belonging: &ReportLink,
        intake: &CampaignContext<'_>,
    ) -> Report {
        report.participant = belonging.whose.participant;
        report.attendance = belonging.whose.attendance;
        let Some(at) = belonging.at else { return report };
        let Some(kept) = self.present.get_mut(&at.event) else { return report };
        let evening = kept.event.tally_in(intake.section);
        let channel = evening.channel;
        kept.event.evening = Some(evening);
        report.for_event(at, channel)
    }

    /// What is known of the event that a report tells of, and the role of its reporter.
    pub(super) fn facts_of(&self, report: &Report) -> Option<(ReporterRole, EventFacts)> {
        let at = report.at?;
        Some((at.side, self.present.get(&at.event)?.facts()))
    }

    /// Leads the event of a report on, after that report has changed.
    pub(super) fn advance_event(
        &mut self,
        EventLeader { action, viewer, now }: EventLeader,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<(), ViolationKind> {
        let Some(at) = after.at else { return Ok(()) };
        let Some(kept) = self.present.get_mut(&at.event) else { return Ok(()) };
        if let Some(event) = kept.event.after_report(at, before, after, now)? {
            kept.event = event;
            let actor = viewer.actor_in(kept.event.section_id);
            self.steps.push(EventTransition {
                event: at.event,
                action,
                actor,
                key: viewer.staff().and_then(|staff| staff.key),
                now,
            });
        }
        Ok(())
    }

    /// Counts the difference that a change of a report makes to its event.
    pub(super) fn count(
        &mut self,
        at: EventReference,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<(), database::Error> {
        let evening = self.present.get_mut(&at.event).and_then(|kept| kept.event.evening.as_mut());
        let evening = evening.ok_or_else(|| database::Error::Broken("a report without its event".into()))?;
        let drifted = |drift: CountUnderflow| database::Error::Broken(Box::new(drift));
        if let Some(said) = before.and_then(Report::contribution) {
            evening.subtract(at.side, &said).map_err(drifted)?;
        }
        if let Some(said) = after.contribution() {
            evening.add(at.side, &said).map_err(drifted)?;
        }
        Ok(())
    }

    /// Stores the events that changed and says their revision then, if any did. What their totals change
    /// by is added to `changes`.
    pub(super) async fn store(
        self,
        connection: &mut Connection,
        changes: &mut BTreeMap<EditionId, (Counts, Timestamp)>,
    ) -> Result<Option<Revision>, database::Error> {
        let Self { stored, present, steps, by_guests: _ } = self;
        let differs = |(id, kept): &(EventId, StoredEvent)| {
            stored.get(id).is_some_and(|before| before.event != kept.event)
        };
        let mut changed: Vec<_> = present.into_iter().filter(differs).collect();
        if changed.is_empty() {
            return Ok(None);
        }
        changed.sort_by_key(|(id, _)| *id);
        for (id, kept) in &changed {
            let before = &stored[id].event;
            let (change, _) = changes.entry(kept.event.edition_id).or_default();
            if let Some(evening) = &before.evening {
                change.subtract_all(&evening.cells());
            }
            if let Some(evening) = &kept.event.evening {
                change.merge(&evening.cells());
            }
            events::update(connection, before, kept).await?;
        }
        for step in steps {
            let action = StaffAction { action: step.action, subject: step.event.uuid(), reason: None };
            database::catalogue::insert_audit_entry_of(
                connection,
                Uuid::now_v7(),
                step.key,
                step.actor,
                &action,
                step.now,
            )
            .await?;
        }
        event_revision::raise_revision(connection).await.map(Some)
    }
}

/// What tells two new reports under one key apart, beside what they say.
pub(super) fn fingerprint(of_content: [u8; 32], at: EventReference) -> SecretHash {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(of_content);
    hash.update(at.event.uuid());
    hash.update(at.side.as_str());
    SecretHash::from_bytes(hash.finalize().into())
}
