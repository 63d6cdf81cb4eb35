//! Inputs of the event mutations.

use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::{
    CaseId,
    event::{CoordinatesDraft, EventDraft, OrganizerDraft, PickedCaseDraft, PlaceDraft, SessionDraft},
};

use super::enums::{
    Accessibility, EventAudience, EventFormat, EventRejectionScope, EventVisibility, LocalTimeDisambiguation,
    MaterialItem, VenueKind,
};
use crate::api::{
    id,
    scalar::{Count, CountryCode, EmailAddress, Language, LocalDateTime, RegionCode, TimeZone, Url, patch},
};

/// Input for a session of an event, in the event's time zone.
#[derive(Debug, InputObject)]
pub(crate) struct EventSessionInput {
    /// The local start time.
    local_start: LocalDateTime,
    /// Which of the two is meant if this local time occurs twice because clocks are put back. Required then.
    start_repeated: Option<LocalTimeDisambiguation>,
    /// The local end time, at most 14 days after the start.
    local_end: LocalDateTime,
    /// Which of the two is meant if this local time occurs twice because clocks are put back. Required then.
    end_repeated: Option<LocalTimeDisambiguation>,
}

/// A point on the map (WGS 84).
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct CoordinatesInput {
    /// The latitude in degrees north: -90 to 90.
    pub(super) latitude: f64,
    /// The longitude in degrees east: -180 to 180.
    pub(super) longitude: f64,
}

/// Input for the place of an event. Country, region and locality are visible to everyone with access to the
/// event; the other fields are the exact place.
#[derive(Debug, InputObject)]
pub(crate) struct EventPlaceInput {
    /// The country. Required.
    country: Option<CountryCode>,
    /// The region.
    region: Option<RegionCode>,
    /// The town or village, at most 200 characters.
    locality: Option<String>,
    /// The name of the building or room, at most 200 characters.
    venue: Option<String>,
    /// Street and house number, at most 200 characters.
    street: Option<String>,
    /// The postal code, at most 200 characters.
    postal_code: Option<String>,
    /// The point on the map. Without it the event is on no map and not found by `near`. Viewers without access to
    /// the exact place see it rounded to a tenth of a degree.
    coordinates: Option<CoordinatesInput>,
    /// The audience of the exact place. Default for a home: `ORGANIZERS`; it cannot be `EVERYONE`. Default
    /// otherwise: `EVERYONE`.
    exact_for: Option<EventAudience>,
}

/// Input for an organizer of an event. Visible to organizers and staff; only the display name of the main
/// organizer is public.
#[derive(Debug, InputObject)]
pub(crate) struct EventOrganizerInput {
    /// The name, at most 200 characters.
    name: String,
    /// The e-mail address.
    email: EmailAddress,
    /// The public name, at most 200 characters.
    display_name: Option<String>,
}

/// A case that an event writes for.
#[derive(Debug, InputObject)]
pub(crate) struct EventCaseInput {
    /// The global id of a case of the campaign.
    case: ID,
    /// The event's goal in letters for this case, 1–1,000,000.
    letter_goal: Option<Count>,
}

/// The input fields that registering and changing an event have in common.
#[derive(Debug, InputObject)]
pub(crate) struct EventDetailsInput {
    /// The description, at most 20,000 characters.
    description: MaybeUndefined<String>,
    /// The place. Required unless the event is online.
    place: MaybeUndefined<EventPlaceInput>,
    /// The link for online participation. Visible to attendees with a place, organizers and staff.
    online_link: MaybeUndefined<Url>,
    /// The maximum number of attendees, 1–100,000; unlimited if omitted or null.
    capacity: MaybeUndefined<Count>,
    /// The expected number of people, 1–100,000. Visible to organizers and staff.
    expected_attendance: MaybeUndefined<Count>,
    /// The languages spoken, main language first, at most 20.
    languages: Option<Vec<Language>>,
    /// Accessibility features.
    accessibility: Option<Vec<Accessibility>>,
    /// The cases it writes for, at most 50; empty for all cases of the campaign.
    cases: Option<Vec<EventCaseInput>>,
    /// The overall goal in letters, 1–1,000,000; at least the sum of the goals of its cases.
    letter_goal: MaybeUndefined<Count>,
    /// The co-organizers, at most 20.
    co_organizers: Option<Vec<EventOrganizerInput>>,
    /// The materials requested.
    materials: Option<Vec<MaterialItem>>,
    /// A remark for staff, at most 2,000 characters.
    staff_note: MaybeUndefined<String>,
}

/// Input for a new event.
#[derive(Debug, InputObject)]
pub(crate) struct EventRegisterInput {
    /// The global id of the campaign it belongs to.
    pub(super) campaign: ID,
    /// The title, at most 200 characters.
    title: String,
    /// The visibility of the event.
    visibility: EventVisibility,
    /// The format: in person, online or both.
    format: EventFormat,
    /// The kind of venue; `ONLINE` for an online event.
    venue_kind: VenueKind,
    /// The time zone of its local times.
    time_zone: TimeZone,
    /// The sessions, 1–60, which must not overlap.
    sessions: Vec<EventSessionInput>,
    /// The organizer.
    organizer: EventOrganizerInput,
    #[graphql(flatten)]
    details: EventDetailsInput,
    /// Whether to submit it for review at once; default false, which keeps it as a draft.
    pub(super) submit: Option<bool>,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces, such as a random
    /// UUID. Repeating the request with the same key and content returns the first result; other content is a
    /// validation error. Store it and keep it private: the event's secret is derived from it, so it must be
    /// unguessable.
    pub(super) idempotency_key: String,
}

/// Input for copying an event, with new sessions.
#[derive(Debug, InputObject)]
pub(crate) struct EventCopyInput {
    /// The global id of the event to copy.
    pub(super) id: ID,
    /// The global id of the campaign that the new event belongs to.
    pub(super) campaign: ID,
    /// The sessions, in the time zone of the event.
    pub(super) sessions: Vec<EventSessionInput>,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces, such as a random
    /// UUID. Repeating the request with the same key and content returns the first result; other content is a
    /// validation error. Store it and keep it private: the new event's secret is derived from it, so it must
    /// be unguessable.
    pub(super) idempotency_key: String,
}

/// Input for changing an event. Omitted fields keep their values.
#[derive(Debug, InputObject)]
pub(crate) struct EventUpdateInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The title, at most 200 characters.
    title: Option<String>,
    /// The visibility of the event.
    visibility: Option<EventVisibility>,
    /// The format: in person, online or both.
    format: Option<EventFormat>,
    /// The kind of venue; `ONLINE` for an online event.
    venue_kind: Option<VenueKind>,
    /// The time zone of its local times. Sessions keep their local times.
    time_zone: Option<TimeZone>,
    /// The sessions. They replace all previous ones. A session at the time of a previous one keeps its `number`; of
    /// the others, those that lie closest to each other are taken for the same session, moved. Previous sessions
    /// without a successor are shown as cancelled in calendars.
    sessions: Option<Vec<EventSessionInput>>,
    /// The organizer.
    organizer: Option<EventOrganizerInput>,
    #[graphql(flatten)]
    details: EventDetailsInput,
}

/// Input for confirming the address of an event's organizer.
#[derive(Debug, InputObject)]
pub(crate) struct EventConfirmInput {
    /// The code from the mail to the address.
    pub(super) code: String,
}

/// Input for submitting an event for review.
#[derive(Debug, InputObject)]
pub(crate) struct EventSubmitInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
}

/// Input for approving an event.
#[derive(Debug, InputObject)]
pub(crate) struct EventApproveInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
}

/// Input for rejecting an event.
#[derive(Debug, InputObject)]
pub(crate) struct EventRejectInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, at most 20,000 characters. The organizer is notified of it and, if the approval of an event
    /// is revoked, its attendees are, too.
    pub(super) reason: String,
    /// The scope of the rejection; default `PENDING`.
    pub(super) scope: Option<EventRejectionScope>,
}

/// Input for cancelling an event.
#[derive(Debug, InputObject)]
pub(crate) struct EventCancelInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, at most 20,000 characters. Visible to everyone with access to the event.
    pub(super) reason: String,
}

/// Input for marking an event as having taken place.
#[derive(Debug, InputObject)]
pub(crate) struct EventCompleteInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
}

impl EventRegisterInput {
    /// Converts the input to a domain draft.
    pub(super) fn draft(self) -> EventDraft {
        EventDraft {
            title: Some(self.title),
            visibility: Some(self.visibility.into()),
            format: Some(self.format.into()),
            venue_kind: Some(self.venue_kind.into()),
            time_zone: Some(self.time_zone.0),
            sessions: Some(self.sessions.into_iter().map(SessionDraft::from).collect()),
            organizer: Some(self.organizer.into()),
            ..self.details.draft()
        }
    }
}

impl EventUpdateInput {
    /// Converts the input to a domain change.
    pub(super) fn draft(self) -> EventDraft {
        EventDraft {
            title: self.title,
            visibility: self.visibility.map(Into::into),
            format: self.format.map(Into::into),
            venue_kind: self.venue_kind.map(Into::into),
            time_zone: self.time_zone.map(|zone| zone.0),
            sessions: self.sessions.map(|typed| typed.into_iter().map(SessionDraft::from).collect()),
            organizer: self.organizer.map(Into::into),
            ..self.details.draft()
        }
    }
}

impl EventDetailsInput {
    fn draft(self) -> EventDraft {
        let cases = |typed: Vec<EventCaseInput>| typed.into_iter().map(PickedCaseDraft::from).collect();
        let organizers =
            |typed: Vec<EventOrganizerInput>| typed.into_iter().map(OrganizerDraft::from).collect();
        EventDraft {
            description: patch(self.description),
            place: patch(self.place.map_value(PlaceDraft::from)),
            online_link: patch(self.online_link.map_value(|link| link.0)),
            capacity: patch(self.capacity.map_value(|count| count.0)),
            expected_attendance: patch(self.expected_attendance.map_value(|count| count.0)),
            languages: self.languages.map(|typed| typed.into_iter().map(|language| language.0).collect()),
            accessibility: self.accessibility.map(|words| words.into_iter().map(Into::into).collect()),
            cases: self.cases.map(cases),
            letter_goal: patch(self.letter_goal.map_value(|goal| goal.0)),
            co_organizers: self.co_organizers.map(organizers),
            materials: self.materials.map(|words| words.into_iter().map(Into::into).collect()),
            staff_note: patch(self.staff_note),
            ..EventDraft::default()
        }
    }
}

impl From<EventSessionInput> for SessionDraft {
    fn from(typed: EventSessionInput) -> Self {
        Self {
            local_start: typed.local_start.0,
            start_repeated: typed.start_repeated.map(Into::into),
            local_end: typed.local_end.0,
            end_repeated: typed.end_repeated.map(Into::into),
        }
    }
}

impl From<EventPlaceInput> for PlaceDraft {
    fn from(typed: EventPlaceInput) -> Self {
        Self {
            country: typed.country.map(|country| country.0),
            region: typed.region.map(|region| region.0),
            locality: typed.locality,
            venue: typed.venue,
            street: typed.street,
            postal_code: typed.postal_code,
            coordinates: typed.coordinates.map(CoordinatesDraft::from),
            exact_for: typed.exact_for.map(Into::into),
        }
    }
}

impl From<CoordinatesInput> for CoordinatesDraft {
    fn from(typed: CoordinatesInput) -> Self {
        Self { latitude: typed.latitude, longitude: typed.longitude }
    }
}

impl From<EventOrganizerInput> for OrganizerDraft {
    fn from(typed: EventOrganizerInput) -> Self {
        Self { name: typed.name, email: typed.email.0, display_name: typed.display_name }
    }
}

impl From<EventCaseInput> for PickedCaseDraft {
    fn from(typed: EventCaseInput) -> Self {
        let case = id::or_nil(id::case(&typed.case), CaseId::new);
        Self { case, letter_goal: typed.letter_goal.map(|goal| goal.0) }
    }
}
