//! The words that events are described with.

use async_graphql::Enum;

/// Who finds an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::EventVisibility")]
pub(crate) enum Visibility {
    /// Everyone: it is listed.
    Public,
    /// Whoever was given its id: it is in no list.
    Unlisted,
    /// Whoever was invited. To anyone else it does not exist.
    Private,
}

/// How people gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::EventFormat")]
pub(crate) enum Format {
    /// In one place.
    InPerson,
    /// On the internet only.
    Online,
    /// In one place and on the internet.
    Hybrid,
    /// A family or a flat, among themselves.
    Household,
}

/// What kind of place an event is held in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::VenueKind")]
pub(crate) enum VenueKind {
    /// Somebody's home. It is never shown beyond its locality to everyone.
    Home,
    /// A school.
    School,
    /// A university or college.
    University,
    /// A church, mosque, synagogue, temple or meeting house.
    PlaceOfWorship,
    /// A library.
    Library,
    /// A community centre.
    CommunityCentre,
    /// A café or pub.
    CafeOrPub,
    /// A place of work.
    Workplace,
    /// In the open air.
    Outdoor,
    /// On the internet.
    Online,
    /// Anything else.
    Other,
}

/// What makes an event accessible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::Accessibility")]
pub(crate) enum Accessibility {
    /// No steps on the way in.
    StepFreeAccess,
    /// A toilet for wheelchair users.
    AccessibleToilet,
    /// A parking place for people with disabilities.
    AccessibleParking,
    /// A hearing loop.
    HearingLoop,
    /// Interpretation into a sign language.
    SignLanguage,
    /// Captions of what is spoken.
    Captions,
    /// Material in large print.
    LargePrint,
    /// Material in plain language.
    PlainLanguage,
    /// A quiet room.
    QuietSpace,
    /// Assistance dogs are welcome.
    AssistanceDogs,
    /// Children are looked after.
    Childcare,
}

/// What an organizer would like to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::MaterialItem")]
pub(crate) enum KitItem {
    /// Sheets about the cases.
    CaseSheets,
    /// Letters to start from.
    SampleLetters,
    /// Sheets for signatures.
    PetitionSheets,
    /// Cards to write on.
    Postcards,
    /// Labels with the addresses.
    AddressLabels,
    /// Posters.
    Posters,
    /// A guide for teachers.
    EducatorsGuide,
    /// Anything else; the note says what.
    Other,
}

/// Who is shown the exact place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::EventAudience")]
pub(crate) enum Audience {
    /// Whoever may know of the event. Not for a home.
    Everyone,
    /// Those who are going, its organizers and staff.
    Going,
    /// Its organizers and staff.
    Organizers,
}

/// Which of the two is meant, where clocks are put back and a local time comes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::Disambiguation")]
pub(crate) enum Repeated {
    /// The first one, before the clocks are put back.
    Earlier,
    /// The second one.
    Later,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum EventState {
    /// Being prepared; known to its organizers and staff only.
    Draft,
    /// Waits for review; known to its organizers and staff only.
    Submitted,
    /// It will take place, or is taking place.
    Approved,
    /// Refused; see the reason. It may be changed and submitted again.
    Rejected,
    /// It does not take place; see the reason.
    Cancelled,
    /// It took place and has not been reported yet.
    Held,
    /// It took place and was reported.
    Reported,
}

impl From<&domain::event::EventState> for EventState {
    fn from(state: &domain::event::EventState) -> Self {
        use domain::event::EventState as Domain;
        match state {
            Domain::Draft => Self::Draft,
            Domain::Submitted => Self::Submitted,
            Domain::Approved => Self::Approved,
            Domain::Rejected(_) => Self::Rejected,
            Domain::Cancelled(_) => Self::Cancelled,
            Domain::Held => Self::Held,
            Domain::Reported => Self::Reported,
        }
    }
}
