//! The content of an event, as given by its organizer.

use super::{
    Accessibility, EventFormat, EventVisibility, MaterialItem, Place, Session, SessionNumbers, VenueKind,
};
use crate::{
    CaseId,
    text::{Language, Zone},
};

/// An organizer of an event.
///
/// ```
/// use domain::event::Organizer;
/// let organizer = Organizer { name: "Ada L.".into(), email: "ada@example.org".into(), display_name: None };
/// assert!(organizer.display_name.is_none(), "nothing of it is shown to everyone");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Organizer {
    /// Their name, for staff and their fellow organizers.
    pub name: String,
    /// Their address, for staff and their fellow organizers, as typed.
    pub email: String,
    /// What everyone may call them.
    pub display_name: Option<String>,
}

/// A case that an event writes for.
///
/// ```
/// use domain::{CaseId, event::PickedCase};
/// let picked = PickedCase { case: CaseId::new(uuid::Uuid::from_u128(1)), letter_goal: Some(50) };
/// assert_eq!(picked.letter_goal, Some(50));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PickedCase {
    /// The case.
    pub case: CaseId,
    /// How many letters the event sets out to write for it, 1–1,000,000.
    pub letter_goal: Option<u64>,
}

/// The content of an event, as given by its organizer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EventContent {
    /// Its title, 1–200 characters.
    pub title: String,
    /// What to expect.
    pub description: Option<String>,
    /// Who finds it.
    pub visibility: EventVisibility,
    /// How people gather.
    pub format: EventFormat,
    /// What kind of place it is.
    pub venue_kind: VenueKind,
    /// The zone of its local times.
    pub zone: Zone,
    /// When people gather, the earliest first; at least once, never twice at one time.
    pub sessions: Vec<Session>,
    /// What calendars know the sessions by.
    #[cfg_attr(feature = "serde", serde(default))]
    pub session_numbers: SessionNumbers,
    /// Where people gather; always there unless it is online.
    pub place: Option<Place>,
    /// How to take part on the internet: for those who are going.
    pub online_link: Option<String>,
    /// The capacity in people; unlimited where it is not given.
    pub capacity: Option<u32>,
    /// How many people are expected.
    pub expected_attendance: Option<u32>,
    /// The spoken languages, the main one first.
    pub languages: Vec<Language>,
    /// What makes it accessible.
    pub accessibility: Vec<Accessibility>,
    /// The cases it writes for; none for all of the campaign.
    pub cases: Vec<PickedCase>,
    /// How many letters it sets out to write in all, 1–1,000,000.
    pub letter_goal: Option<u64>,
    /// Who organizes it.
    pub organizer: Organizer,
    /// Who helps to organize it.
    pub co_organizers: Vec<Organizer>,
    /// What its organizer would like to be sent.
    pub materials: Vec<MaterialItem>,
    /// A remark for staff.
    pub staff_note: Option<String>,
}

impl EventContent {
    /// The sessions with their numbers, the earliest first.
    pub fn numbered_sessions(&self) -> impl Iterator<Item = (u32, &Session)> {
        self.session_numbers.of(self.sessions.len()).into_iter().zip(&self.sessions)
    }

    /// The content with the instants of its sessions by the present rules of its zone; `None` where they are the
    /// same. Where two sessions would begin at one instant, they stay as they are: an organizer has to decide.
    ///
    /// The clock on the wall with its zone is what was promised. Governments change rules of zones, some of them
    /// weeks before they take effect, and instants follow.
    #[must_use]
    pub fn recomputed(&self) -> Option<Self> {
        let rules = self.zone.time_zone();
        let mut sessions: Vec<_> =
            self.sessions.iter().map(|session| session.recomputed_in(&rules)).collect();
        sessions.sort_by_key(Session::starts_at);
        let is_clear = sessions.is_sorted_by(|one, next| one.starts_at() < next.starts_at());
        (is_clear && sessions != self.sessions).then(|| Self { sessions, ..self.clone() })
    }

    /// The session that comes first.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "an event is never without a session")]
    pub fn first_session(&self) -> &Session {
        self.sessions.first().expect("an event has a session from its first moment")
    }

    /// The session that comes last.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "an event is never without a session")]
    pub fn last_session(&self) -> &Session {
        self.sessions.last().expect("an event has a session from its first moment")
    }
}

/// Whether an event of this format and venue kind is in a home.
pub(super) const fn is_home(format: EventFormat, venue_kind: VenueKind) -> bool {
    matches!(format, EventFormat::Household) || matches!(venue_kind, VenueKind::Home)
}
