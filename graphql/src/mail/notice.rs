//! What there is to tell: one kind of notice for each piece of news.
//!
//! A notice holds what its text needs and no more. One that goes to an address nobody has confirmed
//! carries no words of whoever typed that address, so that nobody writes to strangers in our name.

use domain::Zone;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A piece of news for one person.
///
/// Its `Debug` says the kind alone: the rest is private, and some of it secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Notice {
    /// To a participant who registered.
    ParticipantRegistered {
        /// The secret that manages the registration.
        secret: String,
    },
    /// To a participant whose address somebody registered again.
    ParticipantAlreadyRegistered {
        /// A secret that manages the registration, where there is one to tell.
        secret: Option<String>,
    },
    /// To somebody who asked what is kept about them.
    ParticipantData {
        /// All of it, as text.
        data: String,
    },
    /// To the organizer of a new event.
    EventRegistered {
        /// When it begins.
        when: Moment,
        /// The secret that manages the event.
        secret: String,
    },
    /// To the organizer of an event that staff approved.
    EventApproved {
        /// Which event.
        event: Meeting,
    },
    /// To the organizer of an event that staff did not approve.
    EventRejected {
        /// Which event.
        event: Meeting,
        /// Why, in the words of staff.
        reason: String,
    },
    /// To everybody who was going to an event that will not take place.
    EventCancelled {
        /// Which event.
        event: Meeting,
        /// Why, where it was said.
        reason: Option<String>,
    },
    /// To somebody who is going to an event.
    EventJoined {
        /// Which event.
        event: Meeting,
        /// A secret that manages the place.
        secret: String,
    },
    /// To somebody who waits for a place at an event.
    EventWaiting {
        /// Which event.
        event: Meeting,
        /// A secret that manages the turn.
        secret: String,
    },
    /// To somebody in whose name an event was joined again.
    EventJoinedAgain {
        /// Which event.
        event: Meeting,
        /// A secret that manages what was joined last.
        secret: String,
    },
    /// To the next on a waiting list, who has a place now.
    EventPlace {
        /// Which event.
        event: Meeting,
        /// The secret that manages the place, where there is one to tell.
        secret: Option<String>,
    },
    /// To the organizer of an event that was held and has not reported.
    EventOwesReport {
        /// Which event.
        event: Meeting,
    },
}

/// An event as a notice names it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// Its title.
    pub title: String,
    /// When it begins.
    pub when: Moment,
}

/// An instant with the zone whose clocks people there look at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The instant.
    pub at: Timestamp,
    /// The zone.
    pub zone: Zone,
}

impl Notice {
    /// The one spelling of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ParticipantRegistered { .. } => "PARTICIPANT_REGISTERED",
            Self::ParticipantAlreadyRegistered { .. } => "PARTICIPANT_ALREADY_REGISTERED",
            Self::ParticipantData { .. } => "PARTICIPANT_DATA",
            Self::EventRegistered { .. } => "EVENT_REGISTERED",
            Self::EventApproved { .. } => "EVENT_APPROVED",
            Self::EventRejected { .. } => "EVENT_REJECTED",
            Self::EventCancelled { .. } => "EVENT_CANCELLED",
            Self::EventJoined { .. } => "EVENT_JOINED",
            Self::EventWaiting { .. } => "EVENT_WAITING",
            Self::EventJoinedAgain { .. } => "EVENT_JOINED_AGAIN",
            Self::EventPlace { .. } => "EVENT_PLACE",
            Self::EventOwesReport { .. } => "EVENT_OWES_REPORT",
        }
    }
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_kept_by_its_kind_and_shows_nothing_else() {
        let notice = Notice::ParticipantRegistered { secret: "w4r_participant_abc".into() };
        let kept = serde_json::to_value(&notice).expect("JSON");
        assert_eq!(kept["kind"], notice.kind());
        assert_eq!(serde_json::from_value::<Notice>(kept).expect("a notice"), notice);
        assert_eq!(format!("{notice:?}"), "PARTICIPANT_REGISTERED");
    }
}
