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
    }
}

impl ActionKind {
    /// Whether it is one of the *letters*; all kinds are *actions*.
    #[must_use]
    pub const fn is_letter(self) -> bool {
        matches!(self, Self::AppealLetter | Self::SolidarityMessage)
    }
}

string_enum! {
    /// The channel that a quantity came in through.
    ///
    /// ```
    /// assert_eq!(domain::report::ReportChannel::Individual.as_str(), "INDIVIDUAL");
    /// ```
    pub enum ReportChannel {
        /// One person's report, or that of an event which not everyone may find.
        Individual = "INDIVIDUAL",
        /// A public event's report.
        Event = "EVENT",
        /// A section's or partner's own statement.
        Statement = "STATEMENT",
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
