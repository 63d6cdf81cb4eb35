//! Review of events: which changes take effect at once, and which wait for approval by staff.
//!
//! Where a section reviews events, the public is shown the texts that staff approved. Later changes by an
//! organizer are of three kinds. Texts wait beside the approved ones. Facts take effect at once, since a wrong
//! day sends people to a closed venue. The words of the place and the online link are shown at once to those who
//! are going; all others see no change of them before review. [`EFFECTS`] lists the kind of every field.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Event, EventActor, EventAudience, EventContent, EventDraft, EventFormat, EventPolicy, EventState,
    PlaceSeen, Session,
};
use crate::{
    string_enum::string_enum,
    text::{self, Zone},
};

mod words;

pub use words::{ApprovedWords, Said};

/// When a change of a field takes effect, in a section that reviews events.
///
/// ```
/// use domain::event::{EFFECTS, ReviewEffect};
/// let effect = |name| EFFECTS.iter().find(|(field, ..)| *field == name).map(|(_, effect, _)| *effect);
/// assert_eq!(effect("title"), Some(ReviewEffect::AfterReview));
/// assert_eq!(effect("sessions"), Some(ReviewEffect::AtOnce));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReviewEffect {
    /// The change takes effect at once, for every audience.
    AtOnce,
    /// The change takes effect at once; only organizers and staff see the field.
    NeverPublic,
    /// The change is shown at once to those who are going, and to the public after review.
    AtOnceForThoseWhoGo,
    /// At once where fewer people find the event; where more do, after review.
    AtOnceIfNarrower,
    /// After review.
    AfterReview,
}

/// When a change of each field of an event takes effect, and why.
pub const EFFECTS: [(&str, ReviewEffect, &str); 28] = [
    ("title", ReviewEffect::AfterReview, "free text that everyone reads"),
    ("description", ReviewEffect::AfterReview, "free text that everyone reads"),
    ("visibility", ReviewEffect::AtOnceIfNarrower, "staff approved it for those who could find it"),
    ("format", ReviewEffect::AtOnce, "a word of a fixed list; people have to know how they gather"),
    ("venue_kind", ReviewEffect::AtOnce, "a word of a fixed list, and it may turn the place into a home"),
    ("time_zone", ReviewEffect::AtOnce, "a name of a fixed list; people have to come at the right time"),
    ("sessions", ReviewEffect::AtOnce, "times; people have to come on the right day"),
    ("place.country", ReviewEffect::AtOnce, "a code; people must not travel to the former place"),
    ("place.region", ReviewEffect::AtOnce, "a code; people must not travel to the former place"),
    ("place.coordinates", ReviewEffect::AtOnce, "numbers; people must not travel to the former place"),
    ("place.exact_for", ReviewEffect::AtOnce, "a word of a fixed list: who is shown the approved place"),
    (
        "place.locality",
        ReviewEffect::AtOnceForThoseWhoGo,
        "free text, but those who go have to find the place",
    ),
    ("place.venue", ReviewEffect::AtOnceForThoseWhoGo, "free text, but those who go have to find the place"),
    ("place.street", ReviewEffect::AtOnceForThoseWhoGo, "free text, but those who go have to find the place"),
    (
        "place.postal_code",
        ReviewEffect::AtOnceForThoseWhoGo,
        "free text, but those who go have to find the place",
    ),
    (
        "online_link",
        ReviewEffect::AtOnceForThoseWhoGo,
        "an address anywhere, but those who go have to get in",
    ),
    ("capacity", ReviewEffect::AtOnce, "a number"),
    ("expected_attendance", ReviewEffect::NeverPublic, "a number for staff"),
    ("languages", ReviewEffect::AtOnce, "codes"),
    ("accessibility", ReviewEffect::AtOnce, "words of a fixed list; people depend on them"),
    ("cases", ReviewEffect::AtOnce, "cases that the campaign has published"),
    ("letter_goal", ReviewEffect::AtOnce, "a number"),
    ("organizer.name", ReviewEffect::NeverPublic, "for staff and fellow organizers"),
    ("organizer.email", ReviewEffect::NeverPublic, "for staff and fellow organizers; mail goes there"),
    ("organizer.display_name", ReviewEffect::AfterReview, "free text that everyone reads"),
    ("co_organizers", ReviewEffect::NeverPublic, "for staff and fellow organizers"),
    ("materials", ReviewEffect::NeverPublic, "for staff"),
    ("staff_note", ReviewEffect::NeverPublic, "for staff"),
];

string_enum! {
    /// What of an event can wait for staff.
    ///
    /// ```
    /// assert_eq!(domain::event::ReviewedField::Venue.as_str(), "VENUE");
    /// ```
    pub enum ReviewedField {
        /// Its title.
        Title = "TITLE",
        /// What to expect.
        Description = "DESCRIPTION",
        /// What everyone may call its organizer.
        OrganizerName = "ORGANIZER_NAME",
        /// Who finds it, where more people would.
        Visibility = "VISIBILITY",
        /// The town or village.
        Locality = "LOCALITY",
        /// The name of the house or the room.
        Venue = "VENUE",
        /// Street and number.
        Street = "STREET",
        /// The postal code.
        PostalCode = "POSTAL_CODE",
        /// How to take part on the internet.
        OnlineLink = "ONLINE_LINK",
        /// Why it was cancelled.
        CancellationReason = "CANCELLATION_REASON",
    }
}

/// A change that waits for staff: what is approved and what is proposed instead.
///
/// ```
/// use domain::event::{PendingChange, ReviewedField};
/// let field = ReviewedField::Title;
/// let change = PendingChange { field, approved: Some("Letters"), proposed: Some("Tablets") };
/// assert_ne!(change.approved, change.proposed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct PendingChange<'a> {
    pub field: ReviewedField,
    pub approved: Option<&'a str>,
    pub proposed: Option<&'a str>,
}

/// The time and place of an event, as those who are going may know them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `EventContent`")]
pub struct EventWhereabouts<'a> {
    pub zone: &'a Zone,
    pub sessions: &'a [Session],
    pub format: EventFormat,
    pub place: Option<PlaceSeen<'a>>,
    pub online_link: Option<&'a str>,
}

impl Event {
    /// The latest content by its organizer, reviewed or not.
    #[must_use]
    pub fn latest(&self) -> &EventContent {
        self.proposed.as_deref().unwrap_or(&self.content)
    }

    /// The content for this audience. The place, the link and the reason of a cancellation have functions of
    /// their own.
    #[must_use]
    pub fn content_for(&self, audience: EventAudience) -> &EventContent {
        match audience {
            EventAudience::Everyone | EventAudience::Going => &self.content,
            EventAudience::Organizers => self.latest(),
        }
    }

    /// The place for this audience. Words of it that wait for review are shown to those who are going only.
    #[must_use]
    pub fn place_for(&self, audience: EventAudience) -> Option<PlaceSeen<'_>> {
        if audience >= EventAudience::Going {
            return self.latest().place.as_ref().map(|place| place.seen_by(audience));
        }
        self.approved_place_for(audience)
    }

    /// The place for this audience without the words that wait for review: what may leave the service by mail,
    /// where nothing can be taken back.
    #[must_use]
    pub fn approved_place_for(&self, audience: EventAudience) -> Option<PlaceSeen<'_>> {
        let seen = self.content.place.as_ref()?.seen_by(audience);
        let latest = self.latest().place.as_ref();
        Some(latest.map_or(seen, |latest| seen.where_it_agrees_with(latest)))
    }

    /// The online link, for those who are going and its organizers.
    #[must_use]
    pub fn online_link_for(&self, audience: EventAudience) -> Option<&str> {
        self.latest().online_link.as_deref().filter(|_| audience >= EventAudience::Going)
    }

    /// The reason of its cancellation or rejection for this audience. Those who were going see it at once,
    /// before it is reviewed.
    #[must_use]
    pub fn reason_for(&self, audience: EventAudience) -> Option<&str> {
        self.state.reason().filter(|_| self.reason_approved || audience >= EventAudience::Going)
    }

    /// The time and place for those who are going.
    #[must_use]
    pub fn whereabouts(&self) -> EventWhereabouts<'_> {
        EventWhereabouts {
            zone: &self.content.zone,
            sessions: &self.content.sessions,
            format: self.content.format,
            place: self.place_for(EventAudience::Going),
            online_link: self.online_link_for(EventAudience::Going),
        }
    }

    /// The text that a search matches, as it is compared. It contains public fields only.
    #[must_use]
    pub fn search_text(&self) -> String {
        let (content, place) = (&self.content, self.place_for(EventAudience::Everyone));
        let parts = [
            Some(content.title.as_str()),
            content.description.as_deref(),
            content.organizer.display_name.as_deref(),
            place.and_then(|place| place.locality),
            place.and_then(|place| place.venue),
            place.and_then(|place| place.street),
        ];
        text::search_text(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }

    /// What waits for staff, field by field; nothing of an event that was not approved yet, for all of it
    /// waits.
    #[must_use]
    pub fn pending_changes(&self) -> Vec<PendingChange<'_>> {
        let (approved, proposed) = (words(&self.content), words(self.latest()));
        let pairs = approved.into_iter().zip(proposed);
        let mut changes: Vec<_> = pairs
            .filter(|((_, approved), (_, proposed))| approved != proposed)
            .map(|((field, approved), (_, proposed))| PendingChange { field, approved, proposed })
            .collect();
        if let EventState::Cancelled(reason) = &self.state
            && self.review_pending
            && !self.reason_approved
        {
            let (field, proposed) = (ReviewedField::CancellationReason, Some(reason.as_str()));
            changes.push(PendingChange { field, approved: None, proposed });
        }
        changes
    }

    /// What was approved of it, to be stored beside [`Event::latest`]; `None` where nothing was.
    #[must_use]
    pub fn approved_words(&self) -> Option<ApprovedWords> {
        self.words_approved.then(|| ApprovedWords::of(&self.content).with_reason(self.reason_approved))
    }

    /// Takes over what came of a draft: what needs no review takes effect.
    pub(super) fn say(&mut self, draft: &EventDraft, latest: EventContent, terms: &EventPolicy<'_>) {
        let waits_as_a_whole = self.review_pending && self.proposed.is_none();
        let words = match terms.actor {
            _ if !self.words_approved => None,
            EventActor::Organizer if terms.needs_review() => Some(ApprovedWords::of(&self.content)),
            EventActor::Organizer => Some(ApprovedWords::of(&latest)),
            EventActor::Staff => Some(ApprovedWords::of(&self.content).with_said(draft, &latest)),
        };
        let content = words.map_or_else(|| latest.clone(), |words| words.over(&latest));
        self.proposed = (content != latest).then(|| Arc::new(latest));
        self.content = Arc::new(content);
        self.review_pending = waits_as_a_whole || self.has_unread_words();
    }

    /// Whether staff have yet to read some of the words of an event that was approved.
    pub(super) fn has_unread_words(&self) -> bool {
        self.proposed.is_some() || (self.state.was_approved() && !self.words_approved)
    }

    /// Approves all of it in its current form.
    pub(super) fn accept(&mut self) {
        if let Some(proposed) = self.proposed.take() {
            self.content = proposed;
        }
        self.review_pending = false;
        self.words_approved = true;
        self.reason_approved = matches!(self.state, EventState::Cancelled(_));
    }

    /// Drops what waits beside what was approved.
    pub(super) fn drop_proposed(&mut self) {
        self.proposed = None;
        self.review_pending = false;
    }

    /// Takes the approval of its words back. Its organizer goes on with the latest ones.
    pub(super) fn revoke_words(&mut self) {
        if let Some(proposed) = self.proposed.take() {
            self.content = proposed;
        }
        self.review_pending = false;
        self.words_approved = false;
        self.reason_approved = false;
    }

    /// The event after a step at `now`, with the instant at which its present words were handed in for review. A
    /// change of facts, or of a part of the words by staff, leaves that instant as it is.
    pub(super) fn noting_request(self, before: &Self, now: Timestamp) -> Self {
        let known: Vec<_> = before.pending_changes();
        let is_same = self.state.was_approved() == before.state.was_approved()
            && self.pending_changes().iter().all(|change| known.contains(change))
            && (self.state.was_approved() || words(self.latest()) == words(before.latest()));
        let requested_at = before.review_requested_at.filter(|_| is_same).unwrap_or(now);
        Self { review_requested_at: self.review_pending.then_some(requested_at), ..self }
    }
}

impl EventContent {
    /// Whether this content differs from the one before in words alone, or is found by fewer people.
    pub(super) fn rewords(&self, before: &Self) -> bool {
        let facts = Self { visibility: self.visibility, ..before.clone() };
        self.visibility >= before.visibility && ApprovedWords::of(before).over(self) == facts
    }
}

/// The words of some content that can wait for staff.
fn words(content: &EventContent) -> [(ReviewedField, Option<&str>); 9] {
    let place = content.place.as_ref();
    [
        (ReviewedField::Title, Some(content.title.as_str())),
        (ReviewedField::Description, content.description.as_deref()),
        (ReviewedField::OrganizerName, content.organizer.display_name.as_deref()),
        (ReviewedField::Visibility, Some(content.visibility.as_str())),
        (ReviewedField::Locality, place.and_then(|place| place.locality.as_deref())),
        (ReviewedField::Venue, place.and_then(|place| place.venue.as_deref())),
        (ReviewedField::Street, place.and_then(|place| place.street.as_deref())),
        (ReviewedField::PostalCode, place.and_then(|place| place.postal_code.as_deref())),
        (ReviewedField::OnlineLink, content.online_link.as_deref()),
    ]
}

#[cfg(test)]
mod tests;
