//! The kinds of notices: one variant for each kind of news.
//!
//! A notice holds only what its text needs. A notice to an unconfirmed address contains no text written
//! by the person who entered the address, so that the service cannot be abused to send messages to
//! strangers.

use domain::{Language, UrgentAction, UrgentActionId, Zone, catalogue::Catalogue, event::Session};
use jiff::{SignedDuration, Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

/// The content of a mail to one person.
///
/// Its `Debug` prints the kind only: the rest is private, and some of it secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Notice {
    /// To a participant who registered.
    ParticipantRegistered {
        /// The secret that manages the registration.
        secret: String,
    },
    /// To a participant whose address was registered again.
    ParticipantAlreadyRegistered {
        /// A secret that manages the registration, if one can be included.
        secret: Option<String>,
    },
    /// To a participant or attendee who requested the data stored about them.
    ParticipantData {
        /// The data, as text.
        data: String,
    },
    /// To the organizer of a new event.
    EventRegistered {
        /// When it begins.
        when: ZonedInstant,
        /// The secret that manages the event.
        secret: String,
    },
    /// To the organizer of an event that staff approved.
    EventApproved {
        /// The event.
        event: EventSummary,
    },
    /// To the organizer of an event that staff rejected.
    EventRejected {
        /// The event.
        event: EventSummary,
        /// The reason, as staff wrote it.
        reason: String,
    },
    /// To the organizer of an approved event of which staff rejected a change.
    EventChangeRejected {
        /// The event, as it was approved.
        event: EventSummary,
        /// The reason, as staff wrote it.
        reason: String,
    },
    /// To the organizer of an approved event whose approval staff revoked. It has no word of the event.
    EventApprovalRevoked {
        /// When it would have begun.
        when: ZonedInstant,
        /// The reason, as staff wrote it.
        reason: String,
    },
    /// To a person who attends or waits, when the time or place of the event has changed. Of the places it
    /// contains what staff have reviewed and the recipient may see, and no online link.
    EventMoved {
        /// The event and its new beginning.
        event: EventSummary,
        /// Its former beginning.
        before: ZonedInstant,
        /// Whether the place has changed.
        is_elsewhere: bool,
        /// The former times and place.
        was: EventLocation,
        /// The change, old and new; `None` in notices of the version before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<EventMove>,
    },
    /// To the organizer of an event, and to a person who attends or waits, when the rules of its time zone have
    /// changed: the local time stays, and the instant is another one.
    EventClockChanged {
        /// The event.
        event: EventSummary,
    },
    /// To each person who was going to a cancelled event.
    EventCancelled {
        /// The event.
        event: EventSummary,
        /// The reason, as staff wrote it, if staff cancelled the event.
        reason: Option<String>,
    },
    /// To each person who was going to an event whose approval staff revoked. It has no word of the event.
    EventWithdrawn {
        /// When it would have begun.
        when: ZonedInstant,
        /// The reason, as staff wrote it.
        reason: String,
    },
    /// To a person who attends an event.
    EventJoined {
        /// The event.
        event: EventSummary,
        /// A secret that manages the attendance.
        secret: String,
    },
    /// To a person on the waiting list of an event.
    EventWaiting {
        /// The event.
        event: EventSummary,
        /// A secret that manages the place on the waiting list.
        secret: String,
    },
    /// To an attendee in whose name an event was joined again.
    EventJoinedAgain {
        /// The event.
        event: EventSummary,
        /// A secret that manages the latest attendance.
        secret: String,
    },
    /// To the next on a waiting list, who has a place now.
    EventPlace {
        /// The event.
        event: EventSummary,
        /// The secret that manages the attendance, if one can be included.
        secret: Option<String>,
        /// Why there is a place, if it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<PlaceCause>,
    },
    /// To the organizer of a past event that has no report yet.
    EventOwesReport {
        /// The event.
        event: EventSummary,
    },
    /// To an address for which a subscription to urgent actions was requested.
    SubscriptionAsked {
        /// The secret that confirms and manages the subscription.
        secret: String,
    },
    /// To a subscriber who chose immediate notifications of urgent actions.
    UrgentActionIssued {
        /// The action.
        appeal: Appeal,
        /// The token that ends the subscription and permits nothing else.
        end: String,
    },
    /// To a subscriber who chose the weekly digest.
    UrgentActionDigest {
        /// The new actions.
        appeals: Vec<Appeal>,
        /// The token that ends the subscription and permits nothing else.
        end: String,
    },
}

/// An urgent action in a notice: what is public, and no postal address, because a mail can be read
/// after the addresses are no longer served.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// The action.
    pub id: UrgentActionId,
    /// The number of its update.
    pub update: u32,
    /// Its public number.
    pub number: String,
    /// Its headline.
    pub title: String,
    /// What happened, and what to request.
    pub text: Option<String>,
    /// The last moment for writing.
    pub until: ZonedInstant,
}

impl Appeal {
    /// The action in a language, if it is open for writing at `now`.
    #[must_use]
    pub fn of(action: &UrgentAction, language: &Language, now: Timestamp) -> Option<Self> {
        let text = action.text([language], []).filter(|_| action.is_writable(now))?;
        let life = &action.life;
        Some(Self {
            id: action.id,
            update: action.update,
            number: action.number.clone(),
            title: text.title.clone(),
            text: text.text.clone(),
            until: ZonedInstant {
                at: life.expires_at() - SignedDuration::from_micros(1),
                zone: life.zone().clone(),
                local: None,
            },
        })
    }

    /// The action as it is at `now`; `None` if it was updated or withdrawn, or has ended.
    fn present(&self, catalogue: &Catalogue, language: &Language, now: Timestamp) -> Option<Self> {
        let action = catalogue.urgent_action(self.id).filter(|action| action.update == self.update)?;
        Self::of(action, language, now)
    }
}

/// The title and beginning of an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSummary {
    /// Its title.
    pub title: String,
    /// When it begins.
    pub when: ZonedInstant,
}

/// Why there is a place for a person who waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlaceCause {
    /// The organizer has made room for more people.
    MoreRoom,
    /// A person has given a place back.
    GivenBack,
}

/// An instant with the time zone that it is shown in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZonedInstant {
    /// The instant.
    pub at: Timestamp,
    /// The zone.
    pub zone: Zone,
    /// The local time that was promised, of an event. It is what a text shows: the rules of the zone may change
    /// while the notice waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<DateTime>,
}

impl ZonedInstant {
    /// When the session begins.
    #[must_use]
    pub fn start_of(session: &Session, zone: &Zone) -> Self {
        Self { at: session.starts_at(), zone: zone.clone(), local: Some(session.local_start()) }
    }

    /// The local time, by the present rules of the zone if no other was promised.
    #[must_use]
    pub fn local(&self) -> DateTime {
        self.local.unwrap_or_else(|| self.at.to_zoned_datetime(self.zone.time_zone()).datetime())
    }
}

/// The change of times and place of an event, as its recipient may know it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMove {
    /// When the first change was made that the notice is about.
    pub since: Timestamp,
    /// Times and place before it.
    pub before: EventSchedule,
    /// Times and place now.
    pub now: EventSchedule,
}

/// The times and the place of an event in a notice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSchedule {
    /// The zone of the local times.
    pub zone: Zone,
    /// The local start and end of each session.
    pub sessions: Vec<(DateTime, DateTime)>,
    /// The place, on one line; `None` if it takes place on the internet only.
    pub place: Option<String>,
}

/// The times and the place of an event, as fingerprints for comparison.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLocation {
    /// The fingerprint of all its times.
    pub times: String,
    /// The fingerprint of its place and of its online link.
    pub place: String,
}

impl Notice {
    /// The kind of [`Notice::EventMoved`].
    pub const EVENT_MOVED: &'static str = "EVENT_MOVED";

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
            Self::EventChangeRejected { .. } => "EVENT_CHANGE_REJECTED",
            Self::EventApprovalRevoked { .. } => "EVENT_APPROVAL_REVOKED",
            Self::EventMoved { .. } => Self::EVENT_MOVED,
            Self::EventClockChanged { .. } => "EVENT_CLOCK_CHANGED",
            Self::EventCancelled { .. } => "EVENT_CANCELLED",
            Self::EventWithdrawn { .. } => "EVENT_WITHDRAWN",
            Self::EventJoined { .. } => "EVENT_JOINED",
            Self::EventWaiting { .. } => "EVENT_WAITING",
            Self::EventJoinedAgain { .. } => "EVENT_JOINED_AGAIN",
            Self::EventPlace { .. } => "EVENT_PLACE",
            Self::EventOwesReport { .. } => "EVENT_OWES_REPORT",
            Self::SubscriptionAsked { .. } => "SUBSCRIPTION_ASKED",
            Self::UrgentActionIssued { .. } => "URGENT_ACTION_ISSUED",
            Self::UrgentActionDigest { .. } => "URGENT_ACTION_DIGEST",
        }
    }

    /// Whether it is about urgent actions.
    #[must_use]
    pub const fn is_appeal(&self) -> bool {
        matches!(self, Self::UrgentActionIssued { .. } | Self::UrgentActionDigest { .. })
    }

    /// The notice as it is to be sent at `now`. Urgent actions that are no longer open for writing are
    /// removed, and `None` is returned if none is left. Other kinds are unchanged.
    #[must_use]
    pub fn present(&self, catalogue: &Catalogue, language: &Language, now: Timestamp) -> Option<Self> {
        match self {
            Self::UrgentActionIssued { appeal, end } => {
                let appeal = appeal.present(catalogue, language, now)?;
                Some(Self::UrgentActionIssued { appeal, end: end.clone() })
            }
            Self::UrgentActionDigest { appeals, end } => {
                let present = appeals.iter().filter_map(|appeal| appeal.present(catalogue, language, now));
                let appeals: Vec<_> = present.collect();
                (!appeals.is_empty()).then(|| Self::UrgentActionDigest { appeals, end: end.clone() })
            }
            _ => Some(self.clone()),
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
        let stored = serde_json::to_value(&notice).expect("JSON");
        assert_eq!(stored["kind"], notice.kind());
        assert_eq!(serde_json::from_value::<Notice>(stored).expect("a notice"), notice);
        assert_eq!(format!("{notice:?}"), "PARTICIPANT_REGISTERED");
    }
}
