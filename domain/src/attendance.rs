//! An attendance: a person's place at an event, or their turn on its waiting list.
//!
//! It works with or without registration. A guest who joins while there is room is going. Later guests
//! wait in a definite order and move up when a place is given back.
//!
//! ```
//! use domain::attendance::AttendanceState;
//! let waiting = AttendanceState::Waitlisted;
//! assert_eq!(waiting.promoted(), Ok(AttendanceState::Going));
//! assert!(waiting.marked(AttendanceState::Attended).is_err());
//! ```

use jiff::Timestamp;

use crate::{
    AttendanceId, EventId, ParticipantId,
    email::EmailAddress,
    fingerprint::{self, Canonical},
    string_enum::string_enum,
    text::{self, Language},
    violation::{ViolationKind, Violations},
};

/// How many attendances are marked at once: a large school hall.
pub const MAX_MARKS: usize = 500;

string_enum! {
    /// The state of an attendance.
    ///
    /// ```
    /// assert_eq!(domain::attendance::AttendanceState::NoShow.as_str(), "NO_SHOW");
    /// ```
    pub enum AttendanceState {
        /// They have a place.
        Going = "GOING",
        /// They wait for one.
        Waitlisted = "WAITLISTED",
        /// They do not come, or the event does not take place.
        Cancelled = "CANCELLED",
        /// They were there.
        Attended = "ATTENDED",
        /// They had a place and were not there.
        NoShow = "NO_SHOW",
    }
}

impl AttendanceState {
    /// Whether it takes one of the places.
    #[must_use]
    pub const fn has_place(self) -> bool {
        match self {
            Self::Going | Self::Attended | Self::NoShow => true,
            Self::Waitlisted | Self::Cancelled => false,
        }
    }

    /// The state after a place became free for them.
    ///
    /// # Errors
    /// [`ViolationKind::AttendanceStateInvalid`] unless they wait.
    pub fn promoted(self) -> Result<Self, ViolationKind> {
        match self {
            Self::Waitlisted => Ok(Self::Going),
            _ => Err(ViolationKind::AttendanceStateInvalid { state: self.as_str() }),
        }
    }

    /// The state after giving the place back, or the turn.
    ///
    /// # Errors
    /// [`ViolationKind::AttendanceStateInvalid`] unless they are going or wait.
    pub fn cancelled(self) -> Result<Self, ViolationKind> {
        match self {
            Self::Going | Self::Waitlisted => Ok(Self::Cancelled),
            _ => Err(ViolationKind::AttendanceStateInvalid { state: self.as_str() }),
        }
    }

    /// The state after the organizer recorded whether they came, which may be changed later.
    ///
    /// # Errors
    /// [`ViolationKind::AttendanceStateInvalid`] unless they had a place, and `mark` is about that.
    pub fn marked(self, mark: Self) -> Result<Self, ViolationKind> {
        if self.has_place() && matches!(mark, Self::Attended | Self::NoShow) {
            Ok(mark)
        } else {
            Err(ViolationKind::AttendanceStateInvalid { state: self.as_str() })
        }
    }
}

/// A guest, as given by the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Guest {
    /// What they are called: the organizer reads it.
    pub display_name: String,
    /// Where they get mail about this event.
    pub email: Option<EmailAddress>,
    /// Whether the organizer may read the address too.
    pub shows_email: bool,
    /// What they read.
    pub language: Option<Language>,
}

impl Guest {
    /// The name in NFKC case folding. It distinguishes persons at one address, which families share.
    #[must_use]
    pub fn name_folded(&self) -> String {
        text::nfkc_casefold(&self.display_name)
    }
}

/// A guest, as typed. For a participant every field may be absent.
///
/// ```
/// use domain::attendance::GuestDraft;
/// let guest = GuestDraft { display_name: Some("Moses".into()), ..GuestDraft::default() };
/// assert_eq!(guest.complete(None).unwrap().email, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `Guest`, as typed")]
pub struct GuestDraft {
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub shows_email: bool,
    pub language: Option<String>,
}

impl GuestDraft {
    /// The fingerprint of this registration for an event. Its labels are stored in hashed form: they must never
    /// change.
    #[must_use]
    pub fn fingerprint(&self, event: EventId) -> [u8; 32] {
        fingerprint::of(&[&"attendance", &event, self])
    }

    /// The guest; if a participant joins, absent fields are those of the participant.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(
        &self,
        participant: Option<&crate::participant::ParticipantContent>,
    ) -> Result<Guest, Violations> {
        let mut violations = Violations::default();
        let display_name = match (&self.display_name, participant) {
            (None, Some(participant)) => Some(participant.display_name.clone()),
            (typed, _) => violations.check("display_name", text::line(typed.as_deref().unwrap_or_default())),
        };
        let email = violations.check_optional("email", self.email.as_deref().map(EmailAddress::parse));
        let language = violations.check_optional("language", self.language.as_deref().map(Language::parse));
        violations.into_result()?;
        Ok(Guest {
            display_name: display_name.unwrap_or_default(),
            email: email.or_else(|| participant.map(|participant| participant.email.clone())),
            shows_email: self.shows_email,
            language: language.or_else(|| participant.and_then(|participant| participant.language.clone())),
        })
    }
}

/// A person's place at an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// Its identity.
    pub id: AttendanceId,
    /// The event.
    pub event_id: EventId,
    /// Its place in the order in which people joined the event, from 1.
    pub number: u32,
    /// Its state.
    pub state: AttendanceState,
    /// The participant who comes, if they registered.
    pub participant_id: Option<ParticipantId>,
    /// Who comes; `None` once they were erased.
    pub guest: Option<Guest>,
    /// When they joined.
    pub joined_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When the guest showed that the address is theirs.
    pub confirmed_at: Option<Timestamp>,
    /// Whether staff or the organizer gave them the place.
    pub is_vouched_for: bool,
}

impl Attendance {
    /// Whether the place is firm: the guest confirmed the address, or staff or the organizer vouch for them.
    /// A place that is not firm lapses where another guest is waiting and is next in turn.
    #[must_use]
    pub const fn is_firm(&self) -> bool {
        self.confirmed_at.is_some() || self.is_vouched_for
    }
}

impl Canonical for GuestDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[
                ("display_name", &self.display_name),
                ("email", &self.email),
                ("shows_email", &self.shows_email),
                ("language", &self.language),
            ],
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_had_a_place_is_marked_and_only_as_somebody_who_came_or_did_not() {
        use AttendanceState::{Attended, Cancelled, Going, NoShow, Waitlisted};
        for state in [Going, Attended, NoShow] {
            assert_eq!(state.marked(Attended), Ok(Attended));
            assert_eq!(state.marked(NoShow), Ok(NoShow));
            for mark in [Going, Waitlisted, Cancelled] {
                assert_eq!(
                    state.marked(mark),
                    Err(ViolationKind::AttendanceStateInvalid { state: state.as_str() })
                );
            }
        }
        for state in [Waitlisted, Cancelled] {
            assert_eq!(
                state.marked(Attended),
                Err(ViolationKind::AttendanceStateInvalid { state: state.as_str() })
            );
        }
    }

    #[test]
    fn a_place_is_given_back_once_and_not_after_the_evening() {
        use AttendanceState::{Attended, Cancelled, Going, NoShow, Waitlisted};
        for state in [Going, Waitlisted] {
            assert_eq!(state.cancelled(), Ok(Cancelled));
        }
        for state in [Cancelled, Attended, NoShow] {
            assert_eq!(
                state.cancelled(),
                Err(ViolationKind::AttendanceStateInvalid { state: state.as_str() })
            );
            assert_eq!(
                state.promoted(),
                Err(ViolationKind::AttendanceStateInvalid { state: state.as_str() })
            );
        }
    }

    #[test]
    fn a_guest_hears_of_all_mistakes_at_once() {
        let draft = GuestDraft {
            display_name: Some(" ".into()),
            email: Some("nobody".into()),
            language: Some("zz".into()),
            shows_email: false,
        };
        let broken = draft.complete(None).expect_err("three mistakes");
        let codes: Vec<_> =
            broken.iter().map(|broken| (broken.path[0].as_str(), broken.rule.code())).collect();
        assert_eq!(
            codes,
            [("display_name", "REQUIRED"), ("email", "EMAIL_INVALID"), ("language", "LANGUAGE_UNKNOWN")]
        );
    }
}
