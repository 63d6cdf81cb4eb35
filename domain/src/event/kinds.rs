//! The enumerations of an event.

use crate::string_enum::string_enum;

string_enum! {
    /// Who finds an event.
    ///
    /// ```
    /// assert_eq!(domain::event::EventVisibility::Unlisted.as_str(), "UNLISTED");
    /// ```
    pub enum EventVisibility {
        /// Everyone: it is listed.
        Public = "PUBLIC",
        /// Viewers who were given the link.
        Unlisted = "UNLISTED",
        /// Invited people. To all others it does not exist.
        Private = "PRIVATE",
    }
}

string_enum! {
    /// How people gather.
    ///
    /// ```
    /// assert!(domain::event::EventFormat::Hybrid.has_a_place());
    /// assert!(!domain::event::EventFormat::Online.has_a_place());
    /// ```
    pub enum EventFormat {
        /// In one place.
        InPerson = "IN_PERSON",
        /// On the internet only.
        Online = "ONLINE",
        /// In one place and on the internet.
        Hybrid = "HYBRID",
        /// A family or a flat, among themselves.
        Household = "HOUSEHOLD",
    }
}

impl EventFormat {
    /// Whether people meet somewhere.
    #[must_use]
    pub const fn has_a_place(self) -> bool {
        !matches!(self, Self::Online)
    }
}

string_enum! {
    /// What kind of place it is.
    ///
    /// ```
    /// use domain::event::VenueKind;
    /// assert_eq!(VenueKind::parse("CAFE_OR_PUB"), Some(VenueKind::CafeOrPub));
    /// ```
    pub enum VenueKind {
        /// A private home. Everyone is shown its locality at most.
        Home = "HOME",
        /// A school.
        School = "SCHOOL",
        /// A university or college.
        University = "UNIVERSITY",
        /// A church, mosque, synagogue, temple or meeting house.
        PlaceOfWorship = "PLACE_OF_WORSHIP",
        /// A library.
        Library = "LIBRARY",
        /// A community centre.
        CommunityCentre = "COMMUNITY_CENTRE",
        /// A café or pub.
        CafeOrPub = "CAFE_OR_PUB",
        /// A place of work.
        Workplace = "WORKPLACE",
        /// In the open air.
        Outdoor = "OUTDOOR",
        /// On the internet.
        Online = "ONLINE",
        /// Anything else.
        Other = "OTHER",
    }
}

string_enum! {
    /// What makes an event accessible.
    ///
    /// ```
    /// assert_eq!(domain::event::Accessibility::HearingLoop.as_str(), "HEARING_LOOP");
    /// ```
    pub enum Accessibility {
        /// No steps on the way in.
        StepFreeAccess = "STEP_FREE_ACCESS",
        /// A toilet for wheelchair users.
        AccessibleToilet = "ACCESSIBLE_TOILET",
        /// A parking place for people with disabilities.
        AccessibleParking = "ACCESSIBLE_PARKING",
        /// A hearing loop.
        HearingLoop = "HEARING_LOOP",
        /// Interpretation into a sign language.
        SignLanguage = "SIGN_LANGUAGE",
        /// Captions of speech.
        Captions = "CAPTIONS",
        /// Material in large print.
        LargePrint = "LARGE_PRINT",
        /// Material in plain language.
        PlainLanguage = "PLAIN_LANGUAGE",
        /// A quiet room.
        QuietSpace = "QUIET_SPACE",
        /// Assistance dogs are welcome.
        AssistanceDogs = "ASSISTANCE_DOGS",
        /// Children are looked after.
        Childcare = "CHILDCARE",
    }
}

string_enum! {
    /// What an organizer would like to be sent.
    ///
    /// ```
    /// assert_eq!(domain::event::MaterialItem::parse("POSTERS"), Some(domain::event::MaterialItem::Posters));
    /// ```
    pub enum MaterialItem {
        /// Sheets about the cases.
        CaseSheets = "CASE_SHEETS",
        /// Letters to start from.
        SampleLetters = "SAMPLE_LETTERS",
        /// Sheets for signatures.
        PetitionSheets = "PETITION_SHEETS",
        /// Cards to write on.
        Postcards = "POSTCARDS",
        /// Labels with the addresses.
        AddressLabels = "ADDRESS_LABELS",
        /// Posters.
        Posters = "POSTERS",
        /// A guide for teachers.
        EducatorsGuide = "EDUCATORS_GUIDE",
        /// Anything else; described in the note.
        Other = "OTHER",
    }
}

string_enum! {
    /// Who is shown a part of an event, the widest first.
    ///
    /// ```
    /// use domain::event::EventAudience;
    /// assert!(EventAudience::Everyone < EventAudience::Going && EventAudience::Going < EventAudience::Organizers);
    /// ```
    pub enum EventAudience {
        /// All viewers who may know of the event.
        Everyone = "EVERYONE",
        /// Those who are going.
        Going = "GOING",
        /// Its organizers, and staff.
        Organizers = "ORGANIZERS",
    }
}

string_enum! {
    /// Who acts on an event.
    ///
    /// ```
    /// assert_eq!(domain::event::EventActor::Organizer.as_str(), "ORGANIZER");
    /// ```
    pub enum EventActor {
        /// The organizer who registered it.
        Organizer = "ORGANIZER",
        /// Staff of the section, or an administrator.
        Staff = "STAFF",
    }
}

string_enum! {
    /// What staff reject of an event.
    ///
    /// ```
    /// assert_eq!(domain::event::RejectionScope::Pending.as_str(), "PENDING");
    /// ```
    pub enum RejectionScope {
        /// What waits for review: a submitted event, or the changes of an approved one.
        Pending = "PENDING",
        /// The whole event, also one that was approved: its approval is revoked.
        Event = "EVENT",
    }
}

string_enum! {
    /// Which of the two is meant when clocks are put back and a time comes twice.
    ///
    /// ```
    /// assert_eq!(domain::event::LocalTimeDisambiguation::parse("LATER"), Some(domain::event::LocalTimeDisambiguation::Later));
    /// ```
    pub enum LocalTimeDisambiguation {
        /// The first one, before the clocks are put back.
        Earlier = "EARLIER",
        /// The second one.
        Later = "LATER",
    }
}
