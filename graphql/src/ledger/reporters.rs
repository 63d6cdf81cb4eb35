//! The owners of reports, within one transaction of the writer: a report that is sent with the secret of a participant
//! or of an attendance belongs to that person, who may change it.
//!
//! Commands without such a secret cost one statement here, which looks the secrets up, and none if no secret was sent.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Attendance, AttendanceId, CampaignId, EventId, ParticipantId, Report, ReportId,
    report::{EventReference, ReporterRole},
};
use uuid::Uuid;

use super::{Action, Command, Viewer};
use crate::{
    access::{self, EventRelation},
    credentials::SecretHash,
    database::{
        self, Connection,
        access_tokens::{self, TokenHolder, TokenOrigin},
        attendances, event_revision, participants, reports,
    },
    operations::confirmation,
};

/// The people whose secrets were sent with the commands of one transaction.
#[derive(Default)]
pub(super) struct Reporters {
    // The participant or the attendance that a secret belongs to.
    holders: HashMap<SecretHash, TokenHolder>,
    // Their attendances at the events of the commands, the earliest first.
    attendances: Vec<Attendance>,
    campaigns: HashMap<ParticipantId, CampaignId>,
}

/// The owner of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ReportOwner {
    pub(super) participant: Option<ParticipantId>,
    pub(super) attendance: Option<AttendanceId>,
}

impl Reporters {
    /// Loads the people whose secrets were sent. If there are any, people are locked against erasure until the transaction
    /// ends, and their reports are read again, since an erasure may just have been committed.
    pub(super) async fn load(
        connection: &mut Connection,
        commands: &[Command],
        stored: &mut HashMap<ReportId, reports::StoredReport>,
    ) -> Result<Self, database::Error> {
        let is_owned =
            |one: &reports::StoredReport| one.report.participant.is_some() || one.report.attendance.is_some();
        let has_owned = stored.values().any(is_owned);
        let mut secrets: Vec<SecretHash> =
            commands.iter().filter_map(|command| command.viewer.secret()).collect();
        if !secrets.is_empty() {
            let known = access_tokens::holders(connection, &secrets).await?;
            secrets.retain(|secret| known.contains_key(secret));
        }
        if secrets.is_empty() && !has_owned {
            return Ok(Self::default());
        }
        event_revision::lock(connection).await?;
        let mut holders = access_tokens::holders(connection, &secrets).await?;
        for command in commands {
            if let Some(holder) = command.viewer.secret().and_then(|secret| holders.get(&secret)) {
                confirmation::by_act(connection, *holder, command.now).await?;
            }
        }
        if has_owned || holders.values().any(|holder| holder.way == TokenOrigin::Email) {
            holders = access_tokens::holders(connection, &secrets).await?;
            *stored = reports::find_all(connection, &stored.keys().copied().collect()).await?;
        }
        let subjects = || holders.values().map(|holder| holder.subject);
        let told_of = |command: &Command| match &command.action {
            Action::Submit { at, .. } => *at,
            action => action.report().and_then(|id| stored.get(&id)?.report.at),
        };
        let events: BTreeSet<EventId> = commands.iter().filter_map(told_of).map(|at| at.event).collect();
        let attendances = attendances::of_people(connection, subjects(), events.into_iter()).await?;
        let behind = attendances.iter().filter_map(|one| one.participant_id).map(ParticipantId::uuid);
        let campaigns = participants::campaigns(connection, subjects().chain(behind)).await?;
        Ok(Self { holders, attendances, campaigns })
    }

    /// Returns the owner of a report that this viewer sends. A report for another campaign than that of the participant
    /// does not belong to the participant, whose goal is one of their campaign.
    pub(super) fn whose(
        &self,
        viewer: Viewer,
        campaign: CampaignId,
        at: Option<EventReference>,
    ) -> ReportOwner {
        let Some(subject) = self.subject(viewer) else { return ReportOwner::default() };
        let there = at
            .filter(|at| at.side == ReporterRole::Attendee)
            .and_then(|at| self.attendance_at(subject, at.event));
        let own = self.attendances.iter().find(|one| one.id.uuid() == subject);
        let behind = own.map_or(Some(ParticipantId::new(subject)), |own| own.participant_id);
        let participant = behind.filter(|id| self.campaigns.get(id) == Some(&campaign));
        ReportOwner { participant, attendance: there.map(|there| there.id) }
    }

    /// The relation of the viewer to the event, by their attendances.
    pub(super) fn relation(&self, viewer: Viewer, event: EventId) -> EventRelation {
        let subject = self.subject(viewer);
        subject.map_or(EventRelation::Unrelated, |subject| {
            EventRelation::of_subject(subject, event, &self.attendances)
        })
    }

    /// The participant of the attendance whose report it is.
    pub(super) fn attendee_of(&self, report: &Report) -> Option<ParticipantId> {
        let attendance = report.attendance?;
        self.attendances.iter().find(|one| one.id == attendance)?.participant_id
    }

    /// The participant or the attendance that the sent secret belongs to.
    pub(super) fn subject(&self, viewer: Viewer) -> Option<Uuid> {
        self.holders.get(&viewer.secret()?).map(|holder| holder.subject)
    }

    /// Returns the attendance of the subject at an event; one with a place before one that was cancelled.
    fn attendance_at(&self, subject: Uuid, event: EventId) -> Option<&Attendance> {
        let theirs = |one: &&Attendance| one.event_id == event && access::is_subject(subject, one);
        self.attendances.iter().filter(theirs).max_by_key(|one| one.state.has_place())
    }
}
