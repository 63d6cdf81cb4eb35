//! The enumerations of reports.

use crate::string_enum::string_enum;

string_enum! {
    /// What was written or done.
    ///
    /// ```
    /// use domain::ActionKind;
    /// assert!(ActionKind::SolidarityMessage.is_letter());
    /// assert!(!ActionKind::Email.is_letter());
    /// ```
    pub enum ActionKind {
        /// A letter to an authority.
        AppealLetter = "APPEAL_LETTER",
        /// A card or letter to the person.
        SolidarityMessage = "SOLIDARITY_MESSAGE",
        /// An e-mail.
        Email = "EMAIL",
        /// A signature under a petition.
        PetitionSignature = "PETITION_SIGNATURE",
        /// A post on social media.
        SocialPost = "SOCIAL_POST",
        /// A text message.
        Sms = "SMS",
        /// A fax.
        Fax = "FAX",
        /// A telephone call.
        Call = "CALL",
        /// A drawing or photograph.
        DrawingOrPhoto = "DRAWING_OR_PHOTO",
        /// Anything else.
        Other = "OTHER",
        /// Letters of which it is not known which are appeal letters and which messages of solidarity.
        UnspecifiedLetter = "UNSPECIFIED_LETTER",
        /// Actions of which it is not known which are letters.
        UnspecifiedAction = "UNSPECIFIED_ACTION",
    }
}

impl ActionKind {
    /// Whether it is one of the *letters*; all kinds are *actions*. Those of no known kind are actions only.
    #[must_use]
    pub const fn is_letter(self) -> bool {
        matches!(self, Self::AppealLetter | Self::SolidarityMessage | Self::UnspecifiedLetter)
    }

    /// Whether the kind is not told. Only statements use it: what a host reports without kinds could contain what
    /// guests report with them, and would count twice.
    ///
    /// ```
    /// assert!(domain::ActionKind::UnspecifiedLetter.is_unspecified());
    /// ```
    #[must_use]
    pub const fn is_unspecified(self) -> bool {
        matches!(self, Self::UnspecifiedLetter | Self::UnspecifiedAction)
    }

    /// Whether everything of another kind is of this one too.
    ///
    /// ```
    /// use domain::ActionKind::{Email, UnspecifiedAction, UnspecifiedLetter};
    /// assert!(UnspecifiedAction.contains(Email) && !UnspecifiedLetter.contains(Email));
    /// ```
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        match self {
            Self::UnspecifiedAction => true,
            Self::UnspecifiedLetter => other.is_letter(),
            _ => self == other,
        }
    }
}

string_enum! {
    /// Who handed a quantity in. It is unknown where it was not given.
    ///
    /// ```
    /// assert_eq!(domain::report::Origin::LocalGroup.as_str(), "LOCAL_GROUP");
    /// ```
    pub enum Origin {
        /// One person, or an event which not everyone may find.
        Person = "PERSON",
        /// A public event.
        Event = "EVENT",
        /// A school, or a class of one.
        School = "SCHOOL",
        /// A local group of a section.
        LocalGroup = "LOCAL_GROUP",
        /// A group that writes together and is neither a school nor a local group of a section.
        Group = "GROUP",
        /// Another organization.
        Partner = "PARTNER",
        /// A section, for itself.
        Section = "SECTION",
        /// The International Secretariat.
        Secretariat = "SECRETARIAT",
    }
}

impl Origin {
    /// Whether everyone may say it of their own report. The others are said by staff; that of an event follows from
    /// the event.
    ///
    /// ```
    /// use domain::report::Origin;
    /// assert!(Origin::School.is_open_to_all() && !Origin::Partner.is_open_to_all());
    /// ```
    #[must_use]
    pub const fn is_open_to_all(self) -> bool {
        matches!(self, Self::Person | Self::School | Self::LocalGroup | Self::Group)
    }
}

string_enum! {
    /// How a quantity was collected. It is unknown where it was not given.
    ///
    /// ```
    /// assert_eq!(domain::report::Way::Paper.as_str(), "PAPER");
    /// ```
    pub enum Way {
        /// On paper.
        Paper = "PAPER",
        /// On a website.
        Website = "WEBSITE",
        /// By e-mail.
        Email = "EMAIL",
        /// By text message.
        Sms = "SMS",
        /// On social media.
        SocialMedia = "SOCIAL_MEDIA",
        /// By telephone.
        Telephone = "TELEPHONE",
        /// In another way.
        Other = "OTHER",
    }
}

string_enum! {
    /// The state of a revision of a report.
    ///
    /// ```
    /// use domain::report::ReportState;
    /// assert_eq!(ReportState::parse("PENDING_REVIEW"), Some(ReportState::PendingReview));
    /// ```
    pub enum ReportState {
        /// It counts.
        Accepted = "ACCEPTED",
        /// It is not plausible by itself, or beside what else came in: it waits for staff and does not count yet.
        PendingReview = "PENDING_REVIEW",
        /// Staff refused it.
        Rejected = "REJECTED",
        /// Its author took it back.
        Withdrawn = "WITHDRAWN",
        /// A later revision took its place.
        Superseded = "SUPERSEDED",
    }
}

string_enum! {
    /// Why a revision of a report awaits review.
    ///
    /// ```
    /// assert_eq!(domain::report::ReviewReason::Quantity.as_str(), "QUANTITY");
    /// ```
    pub enum ReviewReason {
        /// It reports more than is plausible for one person, or for one event.
        Quantity = "QUANTITY",
        /// It reports more people than is plausible for so few letters.
        People = "PEOPLE",
        /// More came from its address within the hour than is counted without a review.
        Address = "ADDRESS",
        /// More came from its network within the hour than is counted without a review.
        Network = "NETWORK",
        /// More came in for its campaign within the hour than is counted without a review.
        Campaign = "CAMPAIGN",
        /// With it, the guests of its event would report more than is plausible.
        Guests = "GUESTS",
        /// The host of its event objects to it.
        Objection = "OBJECTION",
        /// Its event has not been approved by staff yet.
        EventNotApproved = "EVENT_NOT_APPROVED",
    }
}

string_enum! {
    /// The source of a submission.
    ///
    /// ```
    /// assert_eq!(domain::report::ReportSource::Staff.as_str(), "STAFF");
    /// ```
    pub enum ReportSource {
        /// The writer.
        Writer = "WRITER",
        /// The organizer of the event, for all who were there.
        Host = "HOST",
        /// Staff, for another person or from a file: may be late and is not pending review.
        Staff = "STAFF",
        /// The demonstration's generator. These letters were not written.
        Simulation = "SIMULATION",
    }
}

string_enum! {
    /// The role in which a reporter counts an event's letters.
    ///
    /// ```
    /// assert_eq!(domain::report::ReporterRole::Host.as_str(), "HOST");
    /// ```
    pub enum ReporterRole {
        /// Its host, for the whole event.
        Host = "HOST",
        /// An attendee, for their own letters.
        Attendee = "ATTENDEE",
    }
}
