//! Events as they are typed.

use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::{
    CaseId,
    event::{CoordinatesDraft, EventDraft, OrganizerDraft, PickedCaseDraft, PlaceDraft, SessionDraft},
};

use super::enums::{Accessibility, Audience, Format, KitItem, Repeated, VenueKind, Visibility};
use crate::api::{
    id,
    scalar::{Count, CountryCode, EmailAddress, Language, LocalDateTime, RegionCode, TimeZone, Url},
};

/// From when to when people gather, in the time zone of the event.
#[derive(Debug, InputObject)]
pub(crate) struct EventSessionInput {
    /// When it begins, by the clock on the wall.
    local_start: LocalDateTime,
    /// Which of the two is meant, where clocks are put back and that time comes twice. It must be
    /// said then.
    start_repeated: Option<Repeated>,
    /// When it ends, by the clock on the wall; at most 14 days later.
    local_end: LocalDateTime,
    /// Which of the two is meant, where clocks are put back and that time comes twice. It must be
    /// said then.
    end_repeated: Option<Repeated>,
}

/// A point on the map (WGS 84).
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct CoordinatesInput {
    /// Degrees north, from -90 to 90.
    pub(super) latitude: f64,
    /// Degrees east, from -180 to 180.
    pub(super) longitude: f64,
}

/// Where people gather. Country, region and locality are for whoever may know of the event; all else
/// is the exact place.
#[derive(Debug, InputObject)]
pub(crate) struct EventPlaceInput {
    /// The country. It is needed.
    country: Option<CountryCode>,
    /// The region.
    region: Option<RegionCode>,
    /// The town or village, at most 200 characters.
    locality: Option<String>,
    /// The name of the house or the room, at most 200 characters.
    venue: Option<String>,
    /// Street and number, at most 200 characters.
    street: Option<String>,
    /// The postal code, at most 200 characters.
    postal_code: Option<String>,
    /// The point on the map. Whoever is not shown the exact place sees it to a tenth of a degree.
    coordinates: Option<CoordinatesInput>,
    /// Who is shown the exact place: for a home `ORGANIZERS` unless it is said, and never `EVERYONE`;
    /// otherwise `EVERYONE` unless it is said.
    exact_for: Option<Audience>,
}

/// Somebody who organizes an event. Staff and fellow organizers see this; everyone else only the
/// display name of the organizer.
#[derive(Debug, InputObject)]
pub(crate) struct EventOrganizerInput {
    /// Their name, at most 200 characters.
    name: String,
    /// Their e-mail address.
    email: EmailAddress,
    /// What everyone may call them, at most 200 characters.
    display_name: Option<String>,
}

/// A case that an event writes for.
#[derive(Debug, InputObject)]
pub(crate) struct EventCaseInput {
    /// The global id of the case, one that the campaign writes for.
    case: ID,
    /// How many letters the event sets out to write for it, 1–1,000,000.
    letter_goal: Option<Count>,
}

/// What may be said of an event when it is registered and when it is changed.
#[derive(Debug, InputObject)]
pub(crate) struct EventDetailsInput {
    /// What to expect, at most 20,000 characters.
    description: MaybeUndefined<String>,
    /// Where people gather. It is needed unless the event is online.
    place: MaybeUndefined<EventPlaceInput>,
    /// How to take part on the internet. It is shown to those who are going.
    online_link: MaybeUndefined<Url>,
    /// How many people there is room for, 1–100,000; left out or null, as many as like.
    capacity: MaybeUndefined<Count>,
    /// How many people are expected, 1–100,000. It is shown to staff.
    expected_attendance: MaybeUndefined<Count>,
    /// The languages spoken, the first one first, at most 20.
    languages: Option<Vec<Language>>,
    /// What makes it accessible.
    accessibility: Option<Vec<Accessibility>>,
    /// The cases it writes for, at most 50; none for all of the campaign.
    cases: Option<Vec<EventCaseInput>>,
    /// How many letters it sets out to write in all, 1–1,000,000, not fewer than for all its cases.
    letter_goal: MaybeUndefined<Count>,
    /// Who helps to organize it, at most 20.
    co_organizers: Option<Vec<EventOrganizerInput>>,
    /// What its organizer would like to be sent.
    kit: Option<Vec<KitItem>>,
    /// A remark for staff, at most 2,000 characters.
    note: MaybeUndefined<String>,
}

/// A new event.
#[derive(Debug, InputObject)]
pub(crate) struct EventRegisterInput {
    /// The global id of the campaign it belongs to.
    pub(super) campaign: ID,
    /// Its title, at most 200 characters.
    title: String,
    /// Who finds it.
    visibility: Visibility,
    /// How people gather.
    format: Format,
    /// What kind of place it is; `ONLINE` for an online event.
    venue_kind: VenueKind,
    /// The time zone of its local times.
    time_zone: TimeZone,
    /// When people gather, at least once and at most 60 times, never twice at one time.
    sessions: Vec<EventSessionInput>,
    /// Who organizes it.
    organizer: EventOrganizerInput,
    #[graphql(flatten)]
    details: EventDetailsInput,
    /// Whether it is handed in for review at once; otherwise it is kept as a draft.
    pub(super) submit: Option<bool>,
    /// A text that you make up for this event and keep: 16–128 printable ASCII characters without
    /// spaces, such as a random UUID. Sent again with the same content, it brings the same event
    /// again. The secret of the event is derived from it, so it has to be unguessable.
    pub(super) idempotency_key: String,
}

/// A new event like one that there was, at other times.
#[derive(Debug, InputObject)]
pub(crate) struct EventCopyInput {
    /// The global id of the event that there was.
    pub(super) id: ID,
    /// The global id of the campaign that the new event belongs to.
    pub(super) campaign: ID,
    /// When people gather, in the time zone of the event.
    pub(super) sessions: Vec<EventSessionInput>,
    /// A text that you make up for the new event and keep: 16–128 printable ASCII characters without
    /// spaces, such as a random UUID. Sent again with the same content, it brings the same event
    /// again. The secret of the new event is derived from it, so it has to be unguessable.
    pub(super) idempotency_key: String,
}

/// A change of an event. What is left out stays as it is.
#[derive(Debug, InputObject)]
pub(crate) struct EventChangeInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The revision that you read and now change.
    pub(super) expected_revision: i32,
    /// Its title, at most 200 characters.
    title: Option<String>,
    /// Who finds it.
    visibility: Option<Visibility>,
    /// How people gather.
    format: Option<Format>,
    /// What kind of place it is; `ONLINE` for an online event.
    venue_kind: Option<VenueKind>,
    /// The time zone of its local times. Sessions keep the time that the clock on the wall shows.
    time_zone: Option<TimeZone>,
    /// When people gather: all of its sessions anew.
    sessions: Option<Vec<EventSessionInput>>,
    /// Who organizes it.
    organizer: Option<EventOrganizerInput>,
    #[graphql(flatten)]
    details: EventDetailsInput,
}

/// A confirmation that the address of an event's organizer is somebody's own.
#[derive(Debug, InputObject)]
pub(crate) struct EventConfirmInput {
    /// The secret of the mail that was sent to the address.
    pub(super) code: String,
}

/// A step of an event that needs no more words.
#[derive(Debug, InputObject)]
pub(crate) struct EventSubmitInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The revision that you read.
    pub(super) expected_revision: i32,
}

/// Finding an event good.
#[derive(Debug, InputObject)]
pub(crate) struct EventApproveInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The revision that you read.
    pub(super) expected_revision: i32,
}

/// Refusing an event.
#[derive(Debug, InputObject)]
pub(crate) struct EventRejectInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The revision that you read.
    pub(super) expected_revision: i32,
    /// Why. Its organizer reads this.
    pub(super) reason: String,
}

/// Calling an event off.
#[derive(Debug, InputObject)]
pub(crate) struct EventCancelInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The revision that you read.
    pub(super) expected_revision: i32,
    /// Why. Whoever may know of the event reads this.
    pub(super) reason: String,
}

/// Saying that an event took place.
#[derive(Debug, InputObject)]
pub(crate) struct EventHoldInput {
    /// The global id of the event.
    pub(super) id: ID,
    /// The revision that you read.
    pub(super) expected_revision: i32,
}

impl EventRegisterInput {
    /// What is said of the event.
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

impl EventChangeInput {
    /// What is said anew.
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
            description: self.description.into(),
            place: self.place.map_value(PlaceDraft::from).into(),
            online_link: self.online_link.map_value(|link| link.0).into(),
            capacity: self.capacity.map_value(|count| count.0).into(),
            expected_attendance: self.expected_attendance.map_value(|count| count.0).into(),
            languages: self.languages.map(|typed| typed.into_iter().map(|language| language.0).collect()),
            accessibility: self.accessibility.map(|words| words.into_iter().map(Into::into).collect()),
            cases: self.cases.map(cases),
            letter_goal: self.letter_goal.map_value(|goal| goal.0).into(),
            co_organizers: self.co_organizers.map(organizers),
            kit: self.kit.map(|words| words.into_iter().map(Into::into).collect()),
            note: self.note.into(),
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
