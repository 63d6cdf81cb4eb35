//! An event: a gathering to write letters, of one campaign. Privacy comes first.
//!
//! `DRAFT → SUBMITTED → APPROVED | REJECTED`, `APPROVED → CANCELLED | COMPLETED → REPORTED`, and
//! `APPROVED → REJECTED` if staff revoke the approval. A report by the host does not end a running event: it becomes
//! `REPORTED` when its organizer completes it or when its last session is over. What is private, or not approved, does
//! not exist to an outsider; what is unlisted is known to viewers who have its link.
//!
//! ```
//! use domain::event::EventState;
//! let submitted = EventState::Draft.submitted().unwrap();
//! assert_eq!(submitted.approved(), Ok(EventState::Approved));
//! assert!(EventState::Draft.completed().is_err());
//! ```

use std::sync::Arc;

use jiff::Timestamp;

use crate::{CampaignId, EditionId, EventId, ReportId, SectionId, violation::ViolationKind};

mod circle;
mod completed;
mod content;
pub mod deduplication;
mod draft;
mod fingerprint;
mod kinds;
mod place;
mod policy;
mod reporting;
mod review;
mod session;
mod session_numbers;
mod tally;
mod transition;

pub use circle::{BoundingBox, GeoCircle, MAX_RADIUS_KM};
pub use completed::{CompletedEvents, DISCLOSURE_GROUP};
pub use content::{EventContent, Organizer, PickedCase};
pub use draft::{EventDraft, MAX_CASES, MAX_CO_ORGANIZERS, MAX_LANGUAGES, OrganizerDraft, PickedCaseDraft};
pub use fingerprint::copy_fingerprint;
pub use kinds::{
    Accessibility, EventActor, EventAudience, EventFormat, EventVisibility, LocalTimeDisambiguation,
    MaterialItem, RejectionScope, VenueKind,
};
pub use place::{Coordinates, CoordinatesDraft, Place, PlaceDraft, PlaceSeen};
pub use policy::EventPolicy;
pub use review::{
    ApprovedWords, EFFECTS, EventWhereabouts, PendingChange, ReviewEffect, ReviewedField, Said,
};
pub use session::{MAX_SESSION_DAYS, MAX_SESSIONS, Session, SessionDraft};
pub use session_numbers::{MAX_REMOVED_SESSIONS, RemovedSession, SessionNumbers};
pub use tally::{EventTally, EventTotals};
pub use transition::EventTransition;

/// The state of an event.
///
/// ```
/// use domain::event::EventState;
/// let rejected = EventState::Submitted.rejected("This is no event of ours.".into()).unwrap();
/// assert_eq!(rejected.reason(), Some("This is no event of ours."));
/// assert!(!rejected.was_approved());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventState {
    /// Being prepared; known to its organizers and staff only.
    Draft,
    /// Waits for review.
    Submitted,
    /// It will take place, or is taking place.
    Approved,
    /// Staff refused it, for this reason. It may be changed and submitted again.
    Rejected(String),
    /// It does not take place, for this reason.
    Cancelled(String),
    /// It took place and has not been reported yet.
    Completed,
    /// It took place and was reported.
    Reported,
}

impl EventState {
    /// The spelling of the state; its reason is stored beside it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::Approved => "APPROVED",
            Self::Rejected(_) => "REJECTED",
            Self::Cancelled(_) => "CANCELLED",
            Self::Completed => "COMPLETED",
            Self::Reported => "REPORTED",
        }
    }

    /// The state of this spelling, with its reason where it has one.
    #[must_use]
    pub fn parse(spelling: &str, reason: Option<String>) -> Option<Self> {
        Some(match spelling {
            "DRAFT" => Self::Draft,
            "SUBMITTED" => Self::Submitted,
            "APPROVED" => Self::Approved,
            "REJECTED" => Self::Rejected(reason?),
            "CANCELLED" => Self::Cancelled(reason?),
            "COMPLETED" => Self::Completed,
            "REPORTED" => Self::Reported,
            _ => return None,
        })
    }

    /// Why it was rejected or cancelled, if it was.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Rejected(reason) | Self::Cancelled(reason) => Some(reason),
            Self::Draft | Self::Submitted | Self::Approved | Self::Completed | Self::Reported => None,
        }
    }

    /// Whether it was approved, and its approval was not revoked. Otherwise only its organizers and staff may see it.
    #[must_use]
    pub const fn was_approved(&self) -> bool {
        match self {
            Self::Approved | Self::Cancelled(_) | Self::Completed | Self::Reported => true,
            Self::Draft | Self::Submitted | Self::Rejected(_) => false,
        }
    }

    /// Whether its facts may still change. Its words may be replaced by staff in every state.
    #[must_use]
    pub const fn takes_changes(&self) -> bool {
        match self {
            Self::Draft | Self::Submitted | Self::Approved | Self::Rejected(_) => true,
            Self::Cancelled(_) | Self::Completed | Self::Reported => false,
        }
    }

    /// The state after handing it in for review.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it is a draft or was rejected.
    pub fn submitted(&self) -> Result<Self, ViolationKind> {
        match self {
            Self::Draft | Self::Rejected(_) => Ok(Self::Submitted),
            _ => Err(self.forbids()),
        }
    }

    /// The state after a review that found it good.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it was submitted.
    pub fn approved(&self) -> Result<Self, ViolationKind> {
        match self {
            Self::Submitted => Ok(Self::Approved),
            _ => Err(self.forbids()),
        }
    }

    /// The state after a review that did not.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it was submitted.
    pub fn rejected(&self, reason: String) -> Result<Self, ViolationKind> {
        match self {
            Self::Submitted => Ok(Self::Rejected(reason)),
            _ => Err(self.forbids()),
        }
    }

    /// The state after staff rejected the whole event: one that was submitted, or one that was approved and
    /// has not taken place by its organizer's word.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it was submitted or is approved.
    pub fn revoked(&self, reason: String) -> Result<Self, ViolationKind> {
        match self {
            Self::Submitted | Self::Approved => Ok(Self::Rejected(reason)),
            _ => Err(self.forbids()),
        }
    }

    /// The state after cancelling.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it is approved and was not held.
    pub fn cancelled(&self, reason: String) -> Result<Self, ViolationKind> {
        match self {
            Self::Approved => Ok(Self::Cancelled(reason)),
            _ => Err(self.forbids()),
        }
    }

    /// The state after it took place.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it is approved.
    pub fn completed(&self) -> Result<Self, ViolationKind> {
        match self {
            Self::Approved => Ok(Self::Completed),
            _ => Err(self.forbids()),
        }
    }

    /// The state once it took place and its host has reported.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it is approved or was held.
    pub fn reported(&self) -> Result<Self, ViolationKind> {
        match self {
            Self::Approved | Self::Completed => Ok(Self::Reported),
            _ => Err(self.forbids()),
        }
    }

    /// The state after the report of its host was taken back: one is due again.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it was reported.
    pub fn reopened(&self) -> Result<Self, ViolationKind> {
        match self {
            Self::Reported => Ok(Self::Completed),
            _ => Err(self.forbids()),
        }
    }

    fn forbids(&self) -> ViolationKind {
        ViolationKind::EventStateInvalid { state: self.as_str() }
    }
}

impl std::fmt::Display for EventState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A gathering to write letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its identity. It is the link of an unlisted event, so it must be impossible to guess.
    pub id: EventId,
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// The edition of that campaign.
    pub edition_id: EditionId,
    /// The section that runs it.
    pub section_id: SectionId,
    /// Its content: once it was approved, with the approved texts and the latest facts. Most of
    /// an event, and shared, since lists show the same ones again and again.
    pub content: Arc<EventContent>,
    /// The later content by its organizer, while some of it waits for staff: see [`Event::latest`].
    pub proposed: Option<Arc<EventContent>>,
    /// Whether its texts were approved by staff, or did not need approval. For an event that was approved it
    /// may be unknown which texts were; then only those who are involved in it may see it.
    pub words_approved: bool,
    /// Whether the reason of its cancellation is for everyone.
    pub reason_approved: bool,
    /// Its state.
    pub state: EventState,
    /// Whether its content waits for review by staff: all of it, or what is proposed.
    pub review_pending: bool,
    /// When what waits for review was handed in; `None` if no review is pending.
    pub review_requested_at: Option<Timestamp>,
    /// How many people are going.
    pub going: u32,
    /// How many people wait for a place.
    pub waiting: u32,
    /// The tally of its reports, once there are any.
    pub tally: Option<EventTally>,
    /// The active report of its host. There is one at most, which later figures replace or add to.
    pub host_report: Option<ReportId>,
    /// The event it was copied from.
    pub copied_from: Option<EventId>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When it last changed in any way.
    pub updated_at: Timestamp,
    /// Grows by one with each change of its content or state.
    pub revision: u32,
}

impl Event {
    /// Whether it is in the public lists.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        matches!(self.content.visibility, EventVisibility::Public)
            && self.state.was_approved()
            && self.words_approved
    }

    /// Whether this audience may know that it exists. Its link is enough for an unlisted event.
    #[must_use]
    pub fn is_known_to(&self, audience: EventAudience) -> bool {
        match audience {
            EventAudience::Everyone => {
                self.content.visibility != EventVisibility::Private
                    && self.state.was_approved()
                    && self.words_approved
            }
            EventAudience::Going => self.state.was_approved(),
            EventAudience::Organizers => true,
        }
    }

    /// Checks that at `now` a guest may join it, or hold or give back a place.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it is approved, and [`ViolationKind::EventOver`] after its last
    /// session.
    pub fn check_joining(&self, now: Timestamp) -> Result<(), ViolationKind> {
        let ended_at = self.content.last_session().ends_at();
        match self.state {
            EventState::Approved if now < ended_at => Ok(()),
            EventState::Approved => Err(ViolationKind::EventOver { ended_at }),
            _ => Err(self.state.forbids()),
        }
    }

    /// The event with instants by the present rules of its zone, as its next revision; `None` where nothing moves.
    #[must_use]
    pub fn recomputed(&self, now: Timestamp) -> Option<Self> {
        let latest = Arc::new(self.latest().recomputed()?);
        let content = self.content.recomputed().map_or_else(|| Arc::clone(&self.content), Arc::new);
        let (content, proposed) = match self.proposed {
            Some(_) => (content, Some(latest)),
            None => (latest, None),
        };
        Some(Self { content, proposed, updated_at: now, revision: self.revision + 1, ..self.clone() })
    }

    /// How many more people there is room for; `None` for as many as like.
    #[must_use]
    pub fn free_places(&self) -> Option<u32> {
        self.content.capacity.map(|capacity| capacity.saturating_sub(self.going))
    }
}
