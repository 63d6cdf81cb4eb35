//! Attendances as they are typed.

use async_graphql::{Enum, ID, InputObject};
use domain::attendance::{AttendanceState, GuestDraft};

use crate::api::scalar::{EmailAddress, Language};

/// Somebody who wants to come to an event. A participant who sends their secret has to say nothing of
/// themselves.
#[derive(Debug, InputObject)]
pub(crate) struct EventJoinInput {
    /// The global id of the event.
    pub(super) event: ID,
    /// For a private event, what its organizer gave to those who are invited.
    pub(super) invitation: Option<String>,
    /// What they are called, at most 200 characters. The organizer reads it.
    display_name: Option<String>,
    /// Where they get mail about this event. A family may share an address.
    email: Option<EmailAddress>,
    /// Whether the organizer may read the address too; not unless it is said.
    shows_email: Option<bool>,
    /// What they read.
    language: Option<Language>,
    /// A text that you make up for this place and keep: 16–128 printable ASCII characters without
    /// spaces, such as a random UUID. Sent again with the same content, it brings the same place
    /// again. The secret of the attendance is derived from it, so it has to be unguessable.
    pub(super) idempotency_key: String,
}

impl EventJoinInput {
    /// Who comes.
    pub(super) fn draft(self) -> GuestDraft {
        GuestDraft {
            display_name: self.display_name,
            email: self.email.map(|email| email.0),
            shows_email: self.shows_email.unwrap_or(false),
            language: self.language.map(|language| language.0),
        }
    }
}

/// A confirmation that the address of a guest is their own.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceConfirmInput {
    /// The secret of a mail about the place that was sent to the address.
    pub(super) code: String,
}

/// Giving a place back, or a turn.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceCancelInput {
    /// The global id of the attendance.
    pub(super) id: ID,
}

/// Having it erased who it was that came or would have come.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceEraseInput {
    /// The global id of the attendance.
    pub(super) id: ID,
}

/// Whether somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Mark {
    /// They were there.
    Attended,
    /// They had a place and were not there.
    NoShow,
}

impl From<Mark> for AttendanceState {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Attended => Self::Attended,
            Mark::NoShow => Self::NoShow,
        }
    }
}

/// What is said of one attendance.
#[derive(Debug, InputObject)]
pub(crate) struct MarkInput {
    /// The global id of the attendance, one of the event.
    pub(super) attendance: ID,
    /// Whether they came.
    pub(super) mark: Mark,
}

/// Who came to an event and who did not.
#[derive(Debug, InputObject)]
pub(crate) struct AttendanceMarkInput {
    /// The global id of the event.
    pub(super) event: ID,
    /// What is said of whom, at most 500 at once, each once.
    pub(super) marks: Vec<MarkInput>,
}
