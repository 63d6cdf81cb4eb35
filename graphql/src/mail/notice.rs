//! What there is to tell: one kind of notice for each piece of news.
//!
//! A notice holds what its text needs and no more. One that goes to an address nobody has confirmed
//! carries no words of whoever typed that address, so that nobody writes to strangers in our name.

use domain::{Language, UrgentAction, UrgentActionId, Zone, catalogue::Catalogue};
use jiff::{SignedDuration, Timestamp};
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
        when: ZonedInstant,
        /// The secret that manages the event.
        secret: String,
    },
    /// To the organizer of an event that staff approved.
    EventApproved {
        /// Which event.
        event: EventSummary,
    },
    /// To the organizer of an event that staff did not approve.
    EventRejected {
        /// Which event.
        event: EventSummary,
        /// Why, in the words of staff.
        reason: String,
    },
    /// To the organizer of an approved event of which staff refused a change.
    EventChangeRejected {
        /// Which event, as it was approved.
        event: EventSummary,
        /// Why, in the words of staff.
        reason: String,
    },
    /// To whoever goes to an event or waits, which takes place at another time or elsewhere. No word of the
    /// new place: staff may not have read it yet.
    EventMoved {
        /// Which event, and when it begins now.
        event: EventSummary,
        /// When it was to begin before.
        before: ZonedInstant,
        /// Whether it takes place elsewhere.
        is_elsewhere: bool,
        /// When and where it was to take place before.
        was: EventLocation,
    },
    /// To everybody who was going to an event that will not take place.
    EventCancelled {
        /// Which event.
        event: EventSummary,
        /// Why, in the words of staff, where they called it off.
        reason: Option<String>,
    },
    /// To somebody who is going to an event.
    EventJoined {
        /// Which event.
        event: EventSummary,
        /// A secret that manages the place.
        secret: String,
    },
    /// To somebody who waits for a place at an event.
    EventWaiting {
        /// Which event.
        event: EventSummary,
        /// A secret that manages the turn.
        secret: String,
    },
    /// To somebody in whose name an event was joined again.
    EventJoinedAgain {
        /// Which event.
        event: EventSummary,
        /// A secret that manages what was joined last.
        secret: String,
    },
    /// To the next on a waiting list, who has a place now.
    EventPlace {
        /// Which event.
        event: EventSummary,
        /// The secret that manages the place, where there is one to tell.
        secret: Option<String>,
    },
    /// To the organizer of an event that was held and has not reported.
    EventOwesReport {
        /// Which event.
        event: EventSummary,
    },
    /// To an address at which somebody wants to hear of urgent actions.
    SubscriptionAsked {
        /// The secret that confirms and manages the subscription.
        secret: String,
    },
    /// To whoever wants to hear of each urgent action at once.
    UrgentActionIssued {
        /// Which action.
        appeal: Appeal,
        /// The token that ends the subscription and can do no more.
        end: String,
    },
    /// To whoever wants to hear once a week.
    UrgentActionDigest {
        /// Which actions are new.
        appeals: Vec<Appeal>,
        /// The token that ends the subscription and can do no more.
        end: String,
    },
}

/// An urgent action as a notice tells of it: what everyone may read, and no address, since a mail can be
/// read when none is served any more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Which action.
    pub id: UrgentActionId,
    /// Which update of it.
    pub update: u32,
    /// The number that it is known by.
    pub number: String,
    /// Its headline.
    pub title: String,
    /// What happened, and what to ask.
    pub text: Option<String>,
    /// The last moment of writing.
    pub until: ZonedInstant,
}

impl Appeal {
    /// An action as it is told in a language, if people may write for it at `now`.
    #[must_use]
    pub fn of(action: &UrgentAction, language: &Language, now: Timestamp) -> Option<Self> {
        let text = action.text(std::slice::from_ref(language)).filter(|_| action.is_writable(now))?;
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
            },
        })
    }

    /// The same as it is told now, unless it was updated, withdrawn or is over since.
    fn present(&self, catalogue: &Catalogue, language: &Language, now: Timestamp) -> Option<Self> {
        let action = catalogue.urgent_action(self.id).filter(|action| action.update == self.update)?;
        Self::of(action, language, now)
    }
}

/// An event as a notice names it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSummary {
    /// Its title.
    pub title: String,
    /// When it begins.
    pub when: ZonedInstant,
}

/// An instant with the zone whose clocks people there look at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZonedInstant {
    /// The instant.
    pub at: Timestamp,
    /// The zone.
    pub zone: Zone,
}

/// When and where an event takes place, by fingerprints that tell one from another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLocation {
    /// Of all of its times.
    pub times: String,
    /// Of the place, and of the way to take part on the internet.
    pub place: String,
}

impl Notice {
    /// The kind of the notice that an event takes place at another time or elsewhere.
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
            Self::EventMoved { .. } => Self::EVENT_MOVED,
            Self::EventCancelled { .. } => "EVENT_CANCELLED",
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

    /// Whether it tells of urgent actions.
    #[must_use]
    pub const fn is_appeal(&self) -> bool {
        matches!(self, Self::UrgentActionIssued { .. } | Self::UrgentActionDigest { .. })
    }

    /// What is left to tell at `now` of a notice about urgent actions; nothing of those for which people
    /// may not write any more. Any other notice is as it was.
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
        let kept = serde_json::to_value(&notice).expect("JSON");
        assert_eq!(kept["kind"], notice.kind());
        assert_eq!(serde_json::from_value::<Notice>(kept).expect("a notice"), notice);
        assert_eq!(format!("{notice:?}"), "PARTICIPANT_REGISTERED");
    }
}
