//! Enums of events.

use async_graphql::Enum;

use crate::api::domain_enum::domain_enum;

domain_enum! {
    /// The visibility of an event.
    pub(crate) enum EventVisibility = domain::event::EventVisibility {
        /// Listed and visible to everyone.
        Public,
        /// In no list; visible to everyone who has its id.
        Unlisted,
        /// Visible to invited people only. For others it does not exist.
        Private,
    }
}

domain_enum! {
    /// The format: in person, online or both.
    pub(crate) enum EventFormat = domain::event::EventFormat {
        /// In person only.
        InPerson,
        /// On the internet only.
        Online,
        /// In person and online.
        Hybrid,
        /// A household, among themselves.
        Household,
    }
}

domain_enum! {
    /// The kind of venue of an event.
    pub(crate) enum VenueKind = domain::event::VenueKind {
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
}

domain_enum! {
    /// An accessibility feature of an event.
    pub(crate) enum Accessibility = domain::event::Accessibility {
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
}

domain_enum! {
    /// Materials that an organizer can request.
    pub(crate) enum MaterialItem = domain::event::MaterialItem {
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
}

domain_enum! {
    /// The audience of the exact place of an event.
    pub(crate) enum EventAudience = domain::event::EventAudience {
        /// Everyone with access to the event. Not allowed for a home.
        Everyone,
        /// Attendees with a place, its organizers and staff.
        Going,
        /// Its organizers and staff.
        Organizers,
    }
}

domain_enum! {
    /// Which occurrence of a local time is meant when it occurs twice because clocks are put back.
    pub(crate) enum LocalTimeDisambiguation = domain::event::LocalTimeDisambiguation {
        /// The first one, before clocks are put back.
        Earlier,
        /// The second one.
        Later,
    }
}

domain_enum! {
    /// The scope of a rejection by staff.
    pub(crate) enum EventRejectionScope = domain::event::RejectionScope {
        /// Everything that awaits review: a submitted event, or the pending changes of an approved one.
        Pending,
        /// The whole event, even if it was approved: the approval is revoked, and pending changes are rejected,
        /// too.
        Event,
    }
}

/// The state of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum EventState {
    /// In preparation; visible to its organizers and staff only.
    Draft,
    /// Awaiting review; visible to its organizers and staff only.
    Submitted,
    /// Will take place, or is taking place. Its host may report already (`hostReport`).
    Approved,
    /// Rejected; see `stateReason`. It can be changed and submitted again.
    Rejected,
    /// Cancelled; see `stateReason`.
    Cancelled,
    /// Took place; not reported yet.
    Completed,
    /// Took place and was reported: its organizer completed it, or its last session is over.
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
