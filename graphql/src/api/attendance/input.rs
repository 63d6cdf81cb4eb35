//! Inputs of the attendance mutations.

use async_graphql::{Enum, ID, InputObject};
use domain::attendance::{AttendanceState, GuestDraft};

use crate::api::scalar::{EmailAddress, Language};

/// Input for joining an event. Name, address and language may be omitted when a participant's secret is sent.
#[derive(Debug, InputObject)]
pub(crate) struct EventJoinInput {
    /// The global id of the event.
    pub(super) event: ID,
    /// The `invitation` of a private event.
    pub(super) invitation: Option<String>,
    /// The attendee's name, at most 200 characters. Visible to the organizer.
    display_name: Option<String>,
    /// The e-mail address for messages about this event. Several attendees may share an address.
    email: Option<EmailAddress>,
    /// Whether the organizer may read the e-mail address, too; default false.
    shows_email: Option<bool>,
    /// The preferred language of messages.
    language: Option<Language>,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces, such as a random
    /// UUID. Repeating the request with the same key and content returns the first result; other content is a
    /// validation error. Store it and keep it private: the attendance's secret is derived from it, so it must
    /// be unguessable.
    pub(super) idempotency_key: String,
}

impl EventJoinInput {
    /// Returns the attendee.
    pub(super) fn draft(self) -> GuestDraft {
        GuestDraft {
            display_name: self.display_name,
            email: self.email.map(|email| email.0),
            shows_email: self.shows_email.unwrap_or(false),
            language: self.language.map(|language| language.0),
        }
    }
}

/// Input for confirming the address of an attendee.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceConfirmInput {
    /// The code from a mail about the attendance.
    pub(super) code: String,
}

/// Input for cancelling an attendance.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceCancelInput {
    /// The global id of the attendance.
    pub(super) id: ID,
}

/// Input for erasing the person of an attendance.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceEraseInput {
    /// The global id of the attendance.
    pub(super) id: ID,
}

/// Presence at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum AttendanceMark {
    /// Was present.
    Attended,
    /// Had a place and was absent.
    NoShow,
}

impl From<AttendanceMark> for AttendanceState {
    fn from(mark: AttendanceMark) -> Self {
        match mark {
            AttendanceMark::Attended => Self::Attended,
            AttendanceMark::NoShow => Self::NoShow,
        }
    }
}

/// Input for marking one attendance.
#[derive(Debug, InputObject)]
pub(crate) struct MarkedAttendanceInput {
    /// The global id of an attendance of the event.
    pub(super) attendance: ID,
    /// Whether the attendee was present.
    pub(super) mark: AttendanceMark,
}

/// Input for marking the presence of attendees.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceMarkInput {
    /// The global id of the event.
    pub(super) event: ID,
    /// The marks, at most 500, one per attendance.
    pub(super) marks: Vec<MarkedAttendanceInput>,
}
