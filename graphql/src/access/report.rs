//! Access to reports.

use domain::{AttendanceId, ParticipantId, SectionId, report::ReporterRole};
use uuid::Uuid;

use super::{EventFacts, GroupFacts, Viewer, is_same};
use crate::credentials::SecretHash;

/// What is known of a report.
#[derive(Clone, Copy, Debug)]
pub struct ReportFacts {
    /// The section that it counts for.
    pub section: SectionId,
    /// The hash of the secret that manages it.
    pub secret: SecretHash,
    /// The participant whose report it is.
    pub participant: Option<ParticipantId>,
    /// The attendance whose report it is.
    pub attendance: Option<AttendanceId>,
    /// The participant of that attendance.
    pub attendee: Option<ParticipantId>,
    /// The event that it tells of, and the role of its reporter there.
    pub event: Option<(ReporterRole, EventFacts)>,
    /// The group whose report it is.
    pub group: Option<GroupFacts>,
}

impl ReportFacts {
    fn belongs_to(self, subject: Uuid) -> bool {
        let participant = Some(ParticipantId::new(subject));
        self.participant == participant
            || self.attendance == Some(AttendanceId::new(subject))
            || (self.attendance.is_some() && self.attendee == participant)
    }
}

/// The access to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportAccess {
    /// None: to the viewer the report does not exist.
    Hidden,
    /// As the organizer of the event that a guest reports of: may object to the report, under its id, and sees no more
    /// of it than the event shows.
    GuestsHost,
    /// As the person who reported.
    Reporter,
    /// As the organizer of the event that the report closes.
    Host,
    /// As those who manage the group whose report it is.
    Group,
    /// Everything, as staff.
    Staff,
}

impl ReportAccess {
    /// Whether the viewer may see, correct and withdraw the report.
    #[must_use]
    pub const fn may_manage(self) -> bool {
        matches!(self, Self::Reporter | Self::Host | Self::Group | Self::Staff)
    }

    /// Whether the viewer may object to the report.
    #[must_use]
    pub const fn may_object(self) -> bool {
        matches!(self, Self::GuestsHost | Self::Staff)
    }

    /// Whether the viewer may decide about the report while it is held.
    #[must_use]
    pub const fn may_review(self) -> bool {
        matches!(self, Self::Staff)
    }
}

/// Returns the access to a report, by the facts that the caller has loaded.
#[must_use]
pub fn report_access(viewer: Viewer, subject: Option<Uuid>, report: &ReportFacts) -> ReportAccess {
    let sent = match viewer {
        Viewer::Staff(staff) if staff.may_act_for(report.section) => return ReportAccess::Staff,
        Viewer::SecretHolder(sent) => sent,
        Viewer::Staff(_) | Viewer::Anonymous => return ReportAccess::Hidden,
    };
    let is_reporter =
        is_same(sent, report.secret) || subject.is_some_and(|subject| report.belongs_to(subject));
    match report.event {
        _ if is_reporter => ReportAccess::Reporter,
        _ if report.group.is_some_and(|group| group.has_secret(sent)) => ReportAccess::Group,
        Some((ReporterRole::Host, event)) if event.has_secret(sent) => ReportAccess::Host,
        Some((ReporterRole::Attendee, event)) if event.has_secret(sent) => ReportAccess::GuestsHost,
        Some(_) | None => ReportAccess::Hidden,
    }
}
