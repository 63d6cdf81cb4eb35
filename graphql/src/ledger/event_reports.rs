//! Reports about events, within one transaction of the writer: a letter that both the host and an attendee report
//! counts once, and the report of the host is one, which may grow while the event goes on.
//!
//! Commands about no event cost no statement here. For the others the events are locked first, so that no other
//! process changes one until the transaction ends. If one changes here, the revision of the events is raised, which
//! invalidates cached responses that show it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    Counts, EditionId, Event, EventId, Report, ReportId, Violation, ViolationKind, Violations,
    catalogue::StaffAction,
    event::{EventActor, EventState},
    report::{CampaignContext, EventReference, Origin, ReportedEvent, ReporterRole},
    revision::Revision,
    total::{CountUnderflow, Location},
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

/// The events of the commands of one transaction.
#[derive(Default)]
pub(super) struct EventReports {
    stored: HashMap<EventId, StoredEvent>,
    present: HashMap<EventId, StoredEvent>,
    // By how much the reports of guests have grown in this transaction.
    by_guests: HashMap<EventId, i64>,
    // The state transitions of events that reports led to, for the audit log.
    steps: Vec<EventTransition>,
}

/// A state transition of an event that a report led to.
struct EventTransition {
    event: EventId,
    action: &'static str,
    actor: EventActor,
    key: Option<Uuid>,
    now: Timestamp,
}

/// The viewer who changes a report, the action and the time.
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

/// The owner of a report and the event that it is about.
pub(super) struct ReportLink {
    pub(super) at: Option<EventReference>,
    pub(super) whose: ReportOwner,
}

impl EventReports {
    /// Loads the events of new reports, and of reports that are about to change.
    pub(super) async fn load(
        connection: &mut Connection,
        commands: &[Command],
        used: &HashMap<SecretHash, IdempotencyRecord>,
        reports: &HashMap<ReportId, reports::StoredReport>,
        earlier: &BTreeSet<ReportId>,
    ) -> Result<Self, database::Error> {
        let about = |command: &Command| match &command.action {
            // A replay changes nothing.
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

    /// Whether the sum of the guests' reports is plausible after it grows by `more`, which may be negative.
    pub(super) fn is_plausible(&self, event: EventId, intake: &CampaignContext<'_>, more: i64) -> bool {
        let Some(stored) = self.present.get(&event) else { return true };
        let tally = stored.event.tally.as_ref();
        let reported = tally.map_or(0, |tally| tally.reported(ReporterRole::Attendee)).cast_signed();
        let reported = reported + self.by_guests.get(&event).copied().unwrap_or_default();
        more <= 0 || reported + more <= stored.event.guests_most(intake.campaign.limits).cast_signed()
    }

    /// Records that the sum of the guests' reports has grown by `more`, which may be negative.
    pub(super) fn note_guests(&mut self, event: EventId, more: i64) {
        *self.by_guests.entry(event).or_default() += more;
    }

    /// Returns the owner of a new report, and the facts of its event that the validation needs.
    ///
    /// For a viewer without access the event does not exist: a private event is visible to invited people and
    /// attendees. Only its organizers and staff report as its host.
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
        let stored = self.present.get(&at.event).ok_or_else(unknown)?;
        let relation = match people.relation(command.viewer, at.event) {
            EventRelation::Unrelated => EventRelation::of_invitation(command.viewer, stored.facts()),
            relation => relation,
        };
        let access = access::event_access(command.viewer, stored.facts(), relation);
        let may_report = match at.side {
            ReporterRole::Host => access.may_manage(),
            ReporterRole::Attendee => access.audience().is_some(),
            _ => false,
        };
        if !may_report {
            return Err(unknown());
        }
        stored.event.check_report(intake.campaign.id, at.side, is_test, command.now)?;
        let tally = stored.event.tally_in(intake.section);
        Ok((ReportLink { at: Some(at), whose }, Some(occasion(at, &stored.event, tally.place, tally.origin))))
    }

    /// Links a new report to its event, and fixes the place that the event counts for.
    pub(super) fn assign_location(
        &mut self,
        mut report: Report,
        belonging: &ReportLink,
        intake: &CampaignContext<'_>,
    ) -> Report {
        report.participant = belonging.whose.participant;
        report.attendance = belonging.whose.attendance;
        let Some(at) = belonging.at else { return report };
        let Some(stored) = self.present.get_mut(&at.event) else { return report };
        let tally = stored.event.tally_in(intake.section);
        stored.event.tally = Some(tally);
        report.for_event(at)
    }

    /// The event that a report is about, as far as the decision on later content of the report depends on it.
    pub(super) fn occasion_of(&self, report: &Report) -> Option<ReportedEvent> {
        let at = report.at?;
        let stored = self.present.get(&at.event)?;
        let latest = report.latest();
        Some(occasion(at, &stored.event, latest.place.clone(), latest.content.origin))
    }

    /// What is known of the event that a report tells of, and the role of its reporter.
    pub(super) fn facts_of(&self, report: &Report) -> Option<(ReporterRole, EventFacts)> {
        let at = report.at?;
        Some((at.side, self.present.get(&at.event)?.facts()))
    }

    /// Applies the state transition of the event that a change of its report leads to.
    pub(super) fn advance_event(
        &mut self,
        EventLeader { action, viewer, now }: EventLeader,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<(), ViolationKind> {
        let Some(at) = after.at else { return Ok(()) };
        let Some(stored) = self.present.get_mut(&at.event) else { return Ok(()) };
        if let Some(event) = stored.event.after_report(at, before, after, now)? {
            stored.event = event;
            let actor = viewer.actor_in(stored.event.section_id);
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

    /// Adds the difference of a changed report to the total of its event.
    pub(super) fn count(
        &mut self,
        at: EventReference,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<(), database::Error> {
        let tally = self.present.get_mut(&at.event).and_then(|stored| stored.event.tally.as_mut());
        let tally = tally.ok_or_else(|| database::Error::Broken("a report without its event".into()))?;
        let drifted = |drift: CountUnderflow| database::Error::Broken(Box::new(drift));
        if let Some(contribution) = before.and_then(Report::contribution) {
            tally.subtract(at.side, &contribution).map_err(drifted)?;
        }
        if let Some(contribution) = after.contribution() {
            tally.add(at.side, &contribution).map_err(drifted)?;
        }
        Ok(())
    }

    /// Stores the changed events and returns the new revision of the events, if any has changed. The difference of their
    /// totals is added to `changes`.
    pub(super) async fn store(
        self,
        connection: &mut Connection,
        changes: &mut BTreeMap<EditionId, (Counts, Timestamp)>,
    ) -> Result<Option<Revision>, database::Error> {
        let Self { stored, present, steps, by_guests: _ } = self;
        let differs = |(id, after): &(EventId, StoredEvent)| {
            stored.get(id).is_some_and(|before| before.event != after.event)
        };
        let mut changed: Vec<_> = present.into_iter().filter(differs).collect();
        if changed.is_empty() {
            return Ok(None);
        }
        changed.sort_by_key(|(id, _)| *id);
        for (id, after) in &changed {
            let before = &stored[id].event;
            let (change, _) = changes.entry(after.event.edition_id).or_default();
            if let Some(tally) = &before.tally {
                change.subtract_all(&tally.cells());
            }
            if let Some(tally) = &after.event.tally {
                change.merge(&tally.cells());
            }
            events::update(connection, before, after).await?;
        }
        for step in steps {
            let action = StaffAction { action: step.action, subject: step.event.uuid(), reason: None };
            database::audit_log::insert_by(
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

/// What the decision on a report depends on of its event.
fn occasion(at: EventReference, event: &Event, place: Location, origin: Option<Origin>) -> ReportedEvent {
    let starts_at = event.content.first_session().starts_at();
    let awaits_approval = event.state == EventState::Submitted;
    ReportedEvent { side: at.side, starts_at, place, origin, awaits_approval }
}
