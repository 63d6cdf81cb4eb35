//! Authorization: what a viewer may see and manage.
//!
//! Every decision is a pure function of the viewer and of facts that the caller has loaded: nothing here reads the
//! database. The API, the operations and the ledger call the same functions, so that they cannot disagree. Secrets
//! are compared nowhere else; `tests/project/architecture.rs` checks it.
//!
//! A secret belongs to an event, a group, a report or a subscription, or to a person: a participant or an attendance, called
//! the `subject` of the secret here. The subject is looked up by the hash of the secret.

use domain::{
    Attendance, EventId, ParticipantId, SectionId,
    case::CaseState,
    event::{EventActor, EventAudience},
};
use uuid::Uuid;

use crate::credentials::{self, SecretHash};

mod group;
mod report;

pub use group::{GroupAccess, GroupFacts, group_access};
pub use report::{ReportAccess, ReportFacts, report_access};

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// An anonymous client: it may report, register an event and read what is public.
    Anonymous,
    /// A client with a secret; each object checks whether the secret is its own.
    SecretHolder(SecretHash),
    /// Staff of a section, an administrator, or the command line.
    Staff(Staff),
}

impl Viewer {
    /// The secret that was sent.
    #[must_use]
    pub const fn secret(self) -> Option<SecretHash> {
        match self {
            Self::SecretHolder(secret) => Some(secret),
            Self::Anonymous | Self::Staff(_) => None,
        }
    }

    /// The staff key that was sent.
    #[must_use]
    pub const fn staff(self) -> Option<Staff> {
        match self {
            Self::Staff(staff) => Some(staff),
            Self::Anonymous | Self::SecretHolder(_) => None,
        }
    }

    /// Whether the viewer is an administrator.
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::Staff(Staff { section: None, .. }))
    }

    /// Whether the viewer is staff of this section, or an administrator.
    #[must_use]
    pub fn may_act_for(self, section: SectionId) -> bool {
        self.staff().is_some_and(|staff| staff.may_act_for(section))
    }

    /// The part in which the viewer acts on a thing of this section. Staff of another section have no rights there.
    #[must_use]
    pub fn actor_in(self, section: SectionId) -> EventActor {
        if self.may_act_for(section) { EventActor::Staff } else { EventActor::Organizer }
    }
}

/// Staff of one section, or administrators, who may act for every section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    /// The key that was sent.
    pub key: Option<Uuid>,
    /// The only section that the key is for.
    pub section: Option<SectionId>,
}

impl Staff {
    /// The command line has no key: a person who can run the program on the database may do everything.
    pub const COMMAND_LINE: Self = Self { key: None, section: None };

    /// Whether the key is for this section.
    #[must_use]
    pub fn may_act_for(self, section: SectionId) -> bool {
        self.section.is_none_or(|own| own == section)
    }
}

/// What is known of an event.
#[derive(Clone, Copy, Debug)]
pub struct EventFacts {
    /// Its id.
    pub id: EventId,
    /// The section that it belongs to.
    pub section: SectionId,
    /// The hash of the secret that manages it.
    pub secret: SecretHash,
    /// Whether its id is enough to see it.
    pub is_public: bool,
    /// Whether it was approved once, so that invited people and attendees may see it.
    pub was_approved: bool,
}

impl EventFacts {
    /// Whether this is the secret that manages the event.
    #[must_use]
    pub fn has_secret(self, sent: SecretHash) -> bool {
        is_same(sent, self.secret)
    }

    /// Whether this is the invitation to the event.
    #[must_use]
    pub fn has_invitation(self, sent: SecretHash) -> bool {
        is_same(sent, SecretHash::of(&credentials::derive_invitation(self.id, self.secret)))
    }
}

/// The relation of the holder of a secret to an event, beyond the secret of the event itself. Ordered: the later one
/// gives more access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventRelation {
    /// None.
    Unrelated,
    /// Invited, on the waiting list, or cancelled.
    Invited,
    /// Has a place.
    Attending,
    /// The secret is a code that was mailed to the address of the organizer.
    MailReader,
}

impl EventRelation {
    /// The relation that an attendance gives.
    #[must_use]
    pub const fn of(attendance: &Attendance) -> Self {
        if attendance.state.has_place() { Self::Attending } else { Self::Invited }
    }

    /// The relation that the sent secret gives if it is the invitation to the event.
    #[must_use]
    pub fn of_invitation(viewer: Viewer, event: EventFacts) -> Self {
        let is_invited = viewer.secret().is_some_and(|sent| event.has_invitation(sent));
        if is_invited { Self::Invited } else { Self::Unrelated }
    }

    /// The relation of a subject by its attendances of this event.
    #[must_use]
    pub fn of_subject<'a>(
        subject: Uuid,
        event: EventId,
        attendances: impl IntoIterator<Item = &'a Attendance>,
    ) -> Self {
        let own = attendances.into_iter().filter(|one| one.event_id == event && is_subject(subject, one));
        own.map(Self::of).max().unwrap_or(Self::Unrelated)
    }
}

/// The access to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventAccess {
    /// None: to the viewer the event does not exist.
    Hidden,
    /// As for every client.
    Public,
    /// As for every client, also while the event is private.
    Invited,
    /// As an attendee.
    Attending,
    /// Reads everything and changes nothing, until the address is confirmed.
    MailReader,
    /// Everything, as its organizer or as staff.
    Organizer,
}

impl EventAccess {
    /// The audience that the viewer belongs to; none without access.
    #[must_use]
    pub const fn audience(self) -> Option<EventAudience> {
        match self {
            Self::Hidden => None,
            Self::Public | Self::Invited => Some(EventAudience::Everyone),
            Self::Attending => Some(EventAudience::Going),
            Self::MailReader | Self::Organizer => Some(EventAudience::Organizers),
        }
    }

    /// Whether the viewer may change the event, decide who comes, and report as its host.
    #[must_use]
    pub const fn may_manage(self) -> bool {
        matches!(self, Self::Organizer)
    }
}

/// Returns the access to an event. A relation counts for the holder of a secret alone: staff see an event as staff of
/// its section or like every client, even if they attend it.
#[must_use]
pub fn event_access(viewer: Viewer, event: EventFacts, relation: EventRelation) -> EventAccess {
    let manages =
        viewer.may_act_for(event.section) || viewer.secret().is_some_and(|sent| event.has_secret(sent));
    if manages {
        return EventAccess::Organizer;
    }
    let relation = if viewer.secret().is_some() { relation } else { EventRelation::Unrelated };
    match relation {
        EventRelation::MailReader => EventAccess::MailReader,
        EventRelation::Attending if event.was_approved => EventAccess::Attending,
        EventRelation::Invited if event.was_approved => EventAccess::Invited,
        EventRelation::Unrelated if event.is_public => EventAccess::Public,
        EventRelation::Attending | EventRelation::Invited | EventRelation::Unrelated => EventAccess::Hidden,
    }
}

/// Returns whether the viewer may change an event.
#[must_use]
pub fn may_manage_event(viewer: Viewer, event: EventFacts) -> bool {
    event_access(viewer, event, EventRelation::Unrelated).may_manage()
}

/// Returns whether the viewer may join an event, with the invitation that was sent beside the credentials. An
/// attendance that was given back is no invitation.
#[must_use]
pub fn may_join(viewer: Viewer, event: EventFacts, invitation: Option<SecretHash>) -> bool {
    let is_invited = event.was_approved && invitation.is_some_and(|sent| event.has_invitation(sent));
    is_invited || event_access(viewer, event, EventRelation::Unrelated) != EventAccess::Hidden
}

/// The access to an attendance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttendanceAccess {
    /// None: to the viewer the attendance does not exist.
    Hidden,
    /// As an organizer of the event: without the address, unless the attendee shows it, and without the reports.
    Organizer,
    /// Everything, as the attendee.
    Own,
    /// Everything, as staff.
    Staff,
}

impl AttendanceAccess {
    /// Whether the viewer may cancel or erase the attendance.
    #[must_use]
    pub const fn may_manage(self) -> bool {
        !matches!(self, Self::Hidden)
    }

    /// Whether the viewer may see the address and the reports of the attendee.
    #[must_use]
    pub const fn sees_person(self) -> bool {
        matches!(self, Self::Own | Self::Staff)
    }

    /// The access of a viewer who manages the event.
    #[must_use]
    pub const fn of_event_manager(viewer: Viewer) -> Self {
        match viewer {
            Viewer::Staff(_) => Self::Staff,
            Viewer::SecretHolder(_) | Viewer::Anonymous => Self::Organizer,
        }
    }
}

/// Returns the access to an attendance. `event` is its event, if the caller has loaded it: an attendee needs it not.
#[must_use]
pub fn attendance_access(
    viewer: Viewer,
    subject: Option<Uuid>,
    attendance: &Attendance,
    event: Option<EventFacts>,
) -> AttendanceAccess {
    if event.is_some_and(|event| may_manage_event(viewer, event)) {
        return AttendanceAccess::of_event_manager(viewer);
    }
    let is_own = subject.is_some_and(|subject| is_subject(subject, attendance));
    if viewer.secret().is_some() && is_own { AttendanceAccess::Own } else { AttendanceAccess::Hidden }
}

/// Returns whether an attendance is this subject, or belongs to it.
#[must_use]
pub fn is_subject(subject: Uuid, attendance: &Attendance) -> bool {
    attendance.id.uuid() == subject || attendance.participant_id == Some(ParticipantId::new(subject))
}

/// The access to a person's own record: of a participant, or of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonAccess {
    /// None: to the viewer the record does not exist.
    Hidden,
    /// Everything, as the person.
    Own,
    /// Everything, as staff.
    Staff,
}

impl PersonAccess {
    /// Whether the viewer may see and change the record.
    #[must_use]
    pub const fn may_manage(self) -> bool {
        !matches!(self, Self::Hidden)
    }
}

/// Returns the access to a participant of this section.
#[must_use]
pub fn participant_access(
    viewer: Viewer,
    subject: Option<Uuid>,
    id: ParticipantId,
    section: SectionId,
) -> PersonAccess {
    match viewer {
        Viewer::Staff(staff) if staff.may_act_for(section) => PersonAccess::Staff,
        Viewer::SecretHolder(_) if subject == Some(id.uuid()) => PersonAccess::Own,
        Viewer::Staff(_) | Viewer::SecretHolder(_) | Viewer::Anonymous => PersonAccess::Hidden,
    }
}

/// Returns the access to a subscription with this secret. It belongs to no section: of staff, administrators alone
/// have access.
#[must_use]
pub fn subscription_access(viewer: Viewer, secret: SecretHash) -> PersonAccess {
    match viewer {
        Viewer::Staff(_) if viewer.is_administrator() => PersonAccess::Staff,
        Viewer::SecretHolder(sent) if is_same(sent, secret) => PersonAccess::Own,
        Viewer::Staff(_) | Viewer::SecretHolder(_) | Viewer::Anonymous => PersonAccess::Hidden,
    }
}

/// Returns whether the viewer may have the address of the calendar of this participant or attendance. The person
/// alone may, staff neither: it shows for good where the person will be.
#[must_use]
pub fn may_issue_calendar(viewer: Viewer, subject: Option<Uuid>, of: Uuid) -> bool {
    viewer.secret().is_some() && subject == Some(of)
}

/// The access to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseAccess {
    /// None: to the viewer the case does not exist.
    Hidden,
    /// What is published.
    Public,
    /// Everything, with the consent of the person it is about.
    Administrator,
}

/// Returns the access to a case in this state: drafts are visible to administrators only.
#[must_use]
pub fn case_access(viewer: Viewer, state: CaseState) -> CaseAccess {
    if viewer.is_administrator() {
        CaseAccess::Administrator
    } else if state.is_public() {
        CaseAccess::Public
    } else {
        CaseAccess::Hidden
    }
}

/// No secret has the hash that marks a missing one. The hashes are of long random secrets: how long a comparison
/// takes tells nothing of use.
fn is_same(sent: SecretHash, secret: SecretHash) -> bool {
    sent == secret && !secret.is_none()
}

#[cfg(test)]
mod tests;
