//! Enums of events.

use async_graphql::Enum;

/// The visibility of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::EventVisibility")]
pub(crate) enum EventVisibility {
    /// Listed and visible to everyone.
    Public,
    /// In no list; visible to everyone who has its id.
    Unlisted,
    /// Visible to invited people only. For others it does not exist.
    Private,
}

/// The format: in person, online or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::EventFormat")]
pub(crate) enum EventFormat {
    /// In person only.
    InPerson,
    /// On the internet only.
    Online,
    /// In person and online.
    Hybrid,
    /// A household, among themselves.
    Household,
}

/// The kind of venue of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::VenueKind")]
pub(crate) enum VenueKind {
    /// A private home. Everyone sees its locality at most.
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
    /// A workplace.
    Workplace,
    /// Outdoors.
    Outdoor,
    /// Online.
    Online,
    /// Anything else.
    Other,
}

/// An accessibility feature of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::Accessibility")]
pub(crate) enum Accessibility {
    /// Step-free access.
    StepFreeAccess,
    /// A wheelchair-accessible toilet.
    AccessibleToilet,
    /// Parking for people with disabilities.
    AccessibleParking,
    /// A hearing loop.
    HearingLoop,
    /// Sign language interpretation.
    SignLanguage,
    /// Captions.
    Captions,
    /// Large-print material.
    LargePrint,
    /// Material in plain language.
    PlainLanguage,
    /// A quiet room.
    QuietSpace,
    /// Assistance dogs are welcome.
    AssistanceDogs,
    /// Childcare.
    Childcare,
}

/// Materials that an organizer can request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::MaterialItem")]
pub(crate) enum MaterialItem {
    /// Case sheets.
    CaseSheets,
    /// Sample letters.
    SampleLetters,
    /// Petition sheets.
    PetitionSheets,
    /// Postcards.
    Postcards,
    /// Address labels.
    AddressLabels,
    /// Posters.
    Posters,
    /// A guide for educators.
    EducatorsGuide,
    /// Anything else, as described in the note.
    Other,
}

/// The audience of the exact place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::EventAudience")]
pub(crate) enum EventAudience {
    /// Everyone with access to the event. Not allowed for a home.
    Everyone,
    /// Attendees with a place, its organizers and staff.
    Going,
    /// Its organizers and staff.
    Organizers,
}

/// Which occurrence of a local time is meant when it occurs twice because clocks are put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::LocalTimeDisambiguation")]
pub(crate) enum LocalTimeDisambiguation {
    /// The first one, before clocks are put back.
    Earlier,
    /// The second one.
    Later,
}

/// The scope of a rejection by staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::RejectionScope")]
pub(crate) enum EventRejectionScope {
    /// Everything that awaits review: a submitted event, or the pending changes of an approved one.
    Pending,
    /// The whole event, even if it was approved: the approval is revoked, and pending changes are rejected,
    /// too.
    Event,
}

/// The state of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum EventState {
    /// In preparation; visible to its organizers and staff only.
    Draft,
    /// Awaiting review; visible to its organizers and staff only.
    Submitted,
    /// Will take place, or is taking place.
    Approved,
    /// Rejected; see `stateReason`. It can be changed and submitted again.
    Rejected,
    /// Cancelled; see `stateReason`.
    Cancelled,
    /// Took place; not reported yet.
    Completed,
    /// Took place and was reported.
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
            Domain::Completed => Self::Completed,
            Domain::Reported => Self::Reported,
        }
    }
}
