//! The words that participants are described with.

use async_graphql::Enum;

/// What somebody sets out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::participant::ParticipantRole")]
pub(crate) enum Role {
    /// To write letters.
    Writer,
    /// To organize an event.
    Organizer,
    /// To come to an event.
    Attendee,
    /// To give money.
    Donor,
}

/// How old somebody is. Those under 18 may take part, and are on no mailing list.
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

/// Where a participant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::participant::ParticipantState")]
pub(crate) enum ParticipantState {
    /// The address has not been confirmed: what is pledged does not count yet.
    Registered,
    /// The address is theirs.
    Confirmed,
    /// They take no further part. What they wrote stays.
    Left,
}
