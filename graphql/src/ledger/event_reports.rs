//! Reports about events, within one transaction of the writer: a letter that both the host and an attendee report
//! counts once, and the report of the host is one, which may grow while the event goes on.
//!
//! Commands about no event cost no statement here. For the others the events are locked first, so that no other
//! process changes one until the transaction ends. If one changes here, the revision of the events is raised, which
//! invalidates cached responses that show it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    Counts, EditionId, Event, EventId, GroupId, Report, ReportId, Violation, ViolationKind, Violations,
    catalogue::StaffAction,
    event::{EventActor, EventState, EventTally},
    report::{CampaignContext, EventReference, Origin, ReportedEvent, ReporterRole},
    revision::Revision,
    total::Location,
    violation::EntityKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Action, Command, Viewer,
    counting::drifted,
    group_reports::GroupReports,
    reporters::{ReportOwner, Reporters},
};
use crate::{
    access::{self, EventRelation, GroupFacts, ReportFacts},
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
    groups: GroupReports,
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

/// The owner of a report, and the event or the group that it is about.
pub(super) struct ReportLink {
    pub(super) at: Option<EventReference>,
    pub(super) group: Option<GroupId>,
    pub(super) whose: ReportOwner,
}

/// The event and the group that a new report names.
#[derive(Clone, Copy)]
pub(super) struct NamedSubject {
    pub(super) at: Option<EventReference>,
    pub(super) group: Option<GroupId>,
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
            Action::Submit { .. } if used.contains_key(&command.key) => (None, None),
            Action::Submit { at, group, .. } => (*at, *group),
            action => {
                let report = action.report().and_then(|id| reports.get(&id));
                report.map_or((None, None), |stored| (stored.report.at, stored.report.group))
            }
        };
        let of_earlier = earlier.iter().filter_map(|id| reports.get(id));
        let of_earlier = of_earlier.map(|stored| (stored.report.at, stored.report.group));
        Self::of(connection, commands.iter().map(about).chain(of_earlier)).await
    }

    /// The events and groups of these reports.
    pub(super) async fn of(
        connection: &mut Connection,
        reported: impl Iterator<Item = (Option<EventReference>, Option<GroupId>)>,
    ) -> Result<Self, database::Error> {
        let (mut ids, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for (at, group) in reported {
            ids.extend(at.map(|at| at.event));
            groups.extend(group);
        }
        let groups = GroupReports::of(connection, &groups).await?;
        ids.extend(groups.events());
        if ids.is_empty() {
            return Ok(Self { groups, ..Self::default() });
        }
        event_revision::lock(connection).await?;
        let stored = events::find_all(connection, &ids.iter().copied().collect::<Vec<_>>()).await?;
        Ok(Self { present: stored.clone(), stored, by_guests: HashMap::new(), steps: Vec::new(), groups })
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
        NamedSubject { at, group }: NamedSubject,
        people: &Reporters,
        intake: &CampaignContext<'_>,
        is_test: bool,
    ) -> Result<(ReportLink, Option<ReportedEvent>), Violations> {
        if let Some(group) = group {
            let whose = ReportOwner::default();
            let occasion = self.check_group(command, (group, at), intake, is_test)?;
            return Ok((ReportLink { at: None, group: Some(group), whose }, Some(occasion)));
        }
        let whose = people.whose(command.viewer, intake.campaign.id, at);
        let Some(at) = at else { return Ok((ReportLink { at, group, whose }, None)) };
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
        let link = ReportLink { at: Some(at), group, whose };
        Ok((link, Some(occasion(at.side, &stored.event, tally.place, tally.origin))))
    }

    /// Checks a new report of a group, and returns what the intake decision depends on. Those who manage the group
    /// report for it; for others it does not exist. Like guests, it reports once its event has begun.
    fn check_group(
        &self,
        command: &Command,
        (id, at): (GroupId, Option<EventReference>),
        intake: &CampaignContext<'_>,
        is_test: bool,
    ) -> Result<ReportedEvent, Violations> {
        let not_found =
            |field, noun| Violations::from(Violation::at([field], ViolationKind::NotFound { noun }));
        let unknown = || not_found("group", EntityKind::Group);
        let stored = self.groups.get(id).ok_or_else(unknown)?;
        let facts = self.group_facts(id).ok_or_else(unknown)?;
        if !access::group_access(command.viewer, facts).may_manage() {
            return Err(unknown());
        }
        if at.is_some_and(|at| Some(at.event) != stored.group.event) {
            return Err(not_found("event", EntityKind::Event));
        }
        let event = stored.group.event.and_then(|event| self.present.get(&event));
        let mut violations = Violations::default();
        violations.collect(stored.group.check_report(intake.campaign.id, is_test));
        if let Some(at_event) = event {
            let checked =
                at_event.event.check_report(intake.campaign.id, ReporterRole::Attendee, is_test, command.now);
            let of_group = |violation: Violation| Violation::at(["group"], violation.rule);
            let checked = checked.map_err(|broken| broken.into_iter().map(of_group).collect());
            violations.collect(checked);
        }
        violations.into_result()?;
        Ok(match event {
            Some(stored) => {
                let tally = stored.event.tally_in(intake.section);
                occasion(ReporterRole::Host, &stored.event, tally.place, tally.origin)
            }
            None => of_group(stored.group.tally.place.clone(), stored.group.tally.origin),
        })
    }

    /// Whether staff know of those who report for this group: they approved its event, or its name.
    pub(super) fn is_known_to_staff(&self, group: GroupId) -> bool {
        self.groups.get(group).is_some_and(|stored| stored.group.event.is_some() || stored.group.is_listed())
    }

    /// What access to a group depends on.
    fn group_facts(&self, id: GroupId) -> Option<GroupFacts> {
        let event = self.groups.get(id)?.group.event.and_then(|event| self.present.get(&event));
        self.groups.facts(id, event.map(StoredEvent::facts))
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
        if let Some(group) = belonging.group {
            let event = self.groups.get(group).and_then(|stored| stored.group.event);
            if let Some(stored) = event.and_then(|event| self.present.get_mut(&event)) {
                let tally = stored.event.tally_in(intake.section);
                stored.event.tally = Some(tally);
            }
            return report.for_group(group);
        }
        let Some(at) = belonging.at else { return report };
        let Some(stored) = self.present.get_mut(&at.event) else { return report };
        let tally = stored.event.tally_in(intake.section);
        stored.event.tally = Some(tally);
        report.for_event(at)
    }

    /// The event that a report is about, as far as the decision on later content of the report depends on it.
    pub(super) fn occasion_of(&self, report: &Report) -> Option<ReportedEvent> {
        let latest = report.latest();
        let (place, origin) = (latest.place.clone(), latest.content.origin);
        if let Some(group) = report.group {
            let event = self.groups.get(group)?.group.event;
            return Some(match event.and_then(|event| self.present.get(&event)) {
                Some(stored) => occasion(ReporterRole::Host, &stored.event, place, origin),
                None => of_group(place, origin),
            });
        }
        let at = report.at?;
        Some(occasion(at.side, &self.present.get(&at.event)?.event, place, origin))
    }

    /// The facts of a report with those of the event that it tells of, with the role of its reporter, or of its group.
    pub(super) fn with_facts(&self, report: &Report, facts: ReportFacts) -> ReportFacts {
        let event = report.at.and_then(|at| Some((at.side, self.present.get(&at.event)?.facts())));
        ReportFacts { event, group: report.group.and_then(|group| self.group_facts(group)), ..facts }
    }

    /// Applies the state transition of the event that a change of its report leads to.
    pub(super) fn advance_event(
        &mut self,
        EventLeader { action, viewer, now }: EventLeader,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<(), ViolationKind> {
        if let Some(group) = after.group {
            return self.groups.advance(group, before, after);
        }
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

    /// Adds the difference of a changed report to the total of its event or of its group, and says whether it has one.
    pub(super) fn count(&mut self, before: Option<&Report>, after: &Report) -> Result<bool, database::Error> {
        if let Some(group) = after.group {
            if let Some(change) = self.groups.count(group, before, after)? {
                self.tally_of(change.event)?.change_group(&change.before, &change.after).map_err(drifted)?;
            }
            return Ok(true);
        }
        let Some(at) = after.at else { return Ok(false) };
        let tally = self.tally_of(at.event)?;
        if let Some(contribution) = before.and_then(Report::contribution) {
            tally.subtract(at.side, &contribution).map_err(drifted)?;
        }
        if let Some(contribution) = after.contribution() {
            tally.add(at.side, &contribution).map_err(drifted)?;
        }
        Ok(true)
    }

    fn tally_of(&mut self, event: EventId) -> Result<&mut EventTally, database::Error> {
        let tally = self.present.get_mut(&event).and_then(|stored| stored.event.tally.as_mut());
        tally.ok_or_else(|| database::Error::Broken("a report without its event".into()))
    }

    /// Stores the changed events and returns the new revision of the events, if any has changed. The difference of their
    /// totals is added to `changes`.
    pub(super) async fn store(
        self,
        connection: &mut Connection,
        changes: &mut BTreeMap<EditionId, (Counts, Timestamp)>,
    ) -> Result<Option<Revision>, database::Error> {
        let Self { stored, present, steps, groups, by_guests: _ } = self;
        let has_changed_groups = groups.store(connection, changes).await?;
        let differs = |(id, after): &(EventId, StoredEvent)| {
            stored.get(id).is_some_and(|before| before.event != after.event)
        };
        let mut changed: Vec<_> = present.into_iter().filter(differs).collect();
        if changed.is_empty() && !has_changed_groups {
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
fn occasion(side: ReporterRole, event: &Event, place: Location, origin: Option<Origin>) -> ReportedEvent {
    let starts_at = Some(event.content.first_session().starts_at());
    let awaits_approval = event.state == EventState::Submitted;
    ReportedEvent { side, starts_at, place, origin, awaits_approval }
}

/// What the decision on a report depends on of a group that writes at no event.
const fn of_group(place: Location, origin: Option<Origin>) -> ReportedEvent {
    ReportedEvent { side: ReporterRole::Host, starts_at: None, place, origin, awaits_approval: false }
}
