//! Enums of participants.

use crate::api::domain_enum::domain_enum;

domain_enum! {
    /// An activity that a participant intends.
    pub(crate) enum ParticipantRole = domain::participant::ParticipantRole {
        /// Writes letters.
        Writer,
        /// Organizes an event.
        Organizer,
        /// Attends an event.
        Attendee,
        /// Donates money.
        Donor,
    }
}

domain_enum! {
    /// An age band. People under 18 may take part and are on no mailing list.
    pub(crate) enum AgeBand = domain::participant::AgeBand {
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
}

domain_enum! {
    /// The state of a participant.
    pub(crate) enum ParticipantState = domain::participant::ParticipantState {
        /// The address is not confirmed: the pledge does not count yet.
        Registered,
        /// The address is confirmed.
        Confirmed,
        /// No longer takes part. Reported letters stay.
        Left,
    }
}
