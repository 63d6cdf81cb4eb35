//! Enums of participants.

use async_graphql::Enum;

/// An activity that a participant intends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::participant::ParticipantRole")]
pub(crate) enum ParticipantRole {
    /// Writes letters.
    Writer,
    /// Organizes an event.
    Organizer,
    /// Attends an event.
    Attendee,
    /// Donates money.
    Donor,
}

/// An age band. People under 18 may take part and are on no mailing list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::participant::AgeBand")]
pub(crate) enum AgeBand {
    /// Younger than 13.
    Child,
    /// 13 to 17.
    Teenager,
    /// 18 to 25.
    YoungAdult,
    /// 26 to 64.
    Adult,
    /// 65 or older.
    Senior,
}

/// The state of a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::participant::ParticipantState")]
pub(crate) enum ParticipantState {
    /// The address is not confirmed: the pledge does not count yet.
    Registered,
    /// The address is confirmed.
    Confirmed,
    /// No longer takes part. Reported letters stay.
    Left,
}
