//! The approved texts of an event, stored beside the latest ones.

use std::sync::Arc;

use crate::event::{EventContent, EventDraft, EventState, EventVisibility, Organizer, Place};

/// The part of an event's content that was approved, as it is stored beside the latest content.
///
/// Its fields are a part of those of [`EventContent`], under the same names, so that whole content can be
/// read as what was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ApprovedWords {
    title: String,
    description: Option<String>,
    visibility: EventVisibility,
    place: Option<Place>,
    online_link: Option<String>,
    organizer: PublicName,
    /// Whether the reason of its cancellation was approved too.
    #[cfg_attr(feature = "serde", serde(default))]
    reason_approved: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct PublicName {
    display_name: Option<String>,
}

/// The content of an event by audience: see the fields of the same names of [`Event`](crate::Event).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `Event`")]
pub struct Said {
    pub content: Arc<EventContent>,
    pub proposed: Option<Arc<EventContent>>,
    pub words_approved: bool,
    pub reason_approved: bool,
    pub review_pending: bool,
}

impl Said {
    /// Restores the content by audience from the stored latest content and approved words.
    ///
    /// A process of the previous version stores the latest content only, and whether it waits for review.
    /// If it does not wait and the event is approved, it was approved. After any other step that is not
    /// certain, and what was approved before stays in effect. Where nothing is known to be approved, nothing
    /// is public until staff have read it.
    #[must_use]
    pub fn read(
        latest: EventContent,
        approved: Option<ApprovedWords>,
        state: &EventState,
        review_pending: bool,
    ) -> Self {
        let reason_approved = approved.as_ref().is_some_and(|words| words.reason_approved);
        let of_content = |content: EventContent, proposed: Option<EventContent>, words_approved| Self {
            review_pending: review_pending || proposed.is_some(),
            content: Arc::new(content),
            proposed: proposed.map(Arc::new),
            words_approved,
            reason_approved,
        };
        match (state, approved) {
            (state, _) if !state.was_approved() => of_content(latest, None, false),
            (EventState::Approved, _) if !review_pending => of_content(latest, None, true),
            (_, Some(words)) => {
                let content = words.over(&latest);
                let proposed = (content != latest).then_some(latest);
                of_content(content, proposed, true)
            }
            (_, None) => of_content(latest, None, false),
        }
    }
}

impl ApprovedWords {
    /// The words of this content.
    #[must_use]
    pub fn of(content: &EventContent) -> Self {
        Self {
            title: content.title.clone(),
            description: content.description.clone(),
            visibility: content.visibility,
            place: content.place.clone(),
            online_link: content.online_link.clone(),
            organizer: PublicName { display_name: content.organizer.display_name.clone() },
            reason_approved: false,
        }
    }

    /// These, and whether the reason of the cancellation was approved too.
    pub(super) fn with_reason(self, reason_approved: bool) -> Self {
        Self { reason_approved, ..self }
    }

    /// These words, with every field that the draft sets taken from the latest content.
    pub(super) fn with_said(mut self, draft: &EventDraft, latest: &EventContent) -> Self {
        let present = Self::of(latest);
        if draft.title.is_some() {
            self.title = present.title;
        }
        if !draft.description.is_keep() {
            self.description = present.description;
        }
        if draft.visibility.is_some() {
            self.visibility = present.visibility;
        }
        if !draft.place.is_keep() {
            self.place = present.place;
        }
        if !draft.online_link.is_keep() {
            self.online_link = present.online_link;
        }
        if draft.organizer.is_some() {
            self.organizer = present.organizer;
        }
        self
    }

    /// The public content while the latest content waits: these words with the facts of that content.
    pub(super) fn over(&self, latest: &EventContent) -> EventContent {
        // Without `..`, so that a field which is added later is decided upon here and in `EFFECTS`.
        let EventContent {
            title: _,
            description: _,
            visibility,
            format,
            venue_kind,
            zone,
            sessions,
            session_numbers,
            place,
            online_link: _,
            capacity,
            expected_attendance,
            languages,
            accessibility,
            cases,
            letter_goal,
            organizer,
            co_organizers,
            materials,
            staff_note,
        } = latest.clone();
        EventContent {
            title: self.title.clone(),
            description: self.description.clone(),
            visibility: self.visibility.max(visibility),
            format,
            venue_kind,
            zone,
            sessions,
            session_numbers,
            place: place.map(|place| self.place_over(place)),
            online_link: self.online_link.clone(),
            capacity,
            expected_attendance,
            languages,
            accessibility,
            cases,
            letter_goal,
            organizer: Organizer { display_name: self.organizer.display_name.clone(), ..organizer },
            co_organizers,
            materials,
            staff_note,
        }
    }

    /// The latest place with approved words alone. Those of another place than it was approved for are
    /// left out: they would lead there.
    fn place_over(&self, latest: Place) -> Place {
        let spot = |place: &Place| (place.country.clone(), place.region.clone(), place.coordinates);
        let approved = self.place.as_ref();
        let is_there = approved.is_some_and(|approved| spot(approved) == spot(&latest));
        let text = |approved: Option<&String>, latest: Option<String>| {
            if is_there { approved.cloned() } else { latest.filter(|latest| Some(latest) == approved) }
        };
        Place {
            locality: text(approved.and_then(|place| place.locality.as_ref()), latest.locality),
            venue: text(approved.and_then(|place| place.venue.as_ref()), latest.venue),
            street: text(approved.and_then(|place| place.street.as_ref()), latest.street),
            postal_code: text(approved.and_then(|place| place.postal_code.as_ref()), latest.postal_code),
            ..latest
        }
    }
}
