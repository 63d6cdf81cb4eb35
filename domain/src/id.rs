//! Identifiers: one type for each kind of object, so that the compiler rejects a mix-up.
//!
//! The caller that creates an object passes a fresh UUID (version 7 sorts by time on every database).
//!
//! ```
//! use domain::{CaseId, ReportId};
//! let uuid = uuid::Uuid::from_u128(7);
//! assert_eq!(CaseId::new(uuid).uuid(), ReportId::new(uuid).uuid());
//! // `CaseId::new(uuid) == ReportId::new(uuid)` does not compile.
//! ```

use uuid::Uuid;

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        ///
        /// ```
        #[doc = concat!("let id = domain::", stringify!($name), "::new(uuid::Uuid::nil());")]
        /// assert!(id.uuid().is_nil());
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name(Uuid);

        impl $name {
            /// The identity with this UUID.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID behind the identity.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl crate::fingerprint::Canonical for $name {
            fn write(&self, text: &mut String) {
                self.0.write(text);
            }
        }
    )+};
}

id! {
    /// Identity of an edition, one worldwide year.
    EditionId,
    /// Identity of a section, the body that runs editions in its area.
    SectionId,
    /// Identity of a campaign, an edition as one section runs it.
    CampaignId,
    /// Identity of a case: the person or community that letters are written for.
    CaseId,
    /// Identity of a report; it stays the same through all its revisions.
    ReportId,
    /// Identity of a statement of a section, a partner or the Secretariat.
    StatementId,
    /// Identity of a milestone of an edition or a campaign.
    MilestoneId,
    /// Identity of an act of moderation, by which staff decide about many reports at once.
    ModerationId,
    /// Identity of an event. It is the link of an unlisted one, so it is drawn at random (version 4).
    EventId,
    /// Identity of a group that writes together. It is drawn at random (version 4), like that of an event.
    GroupId,
    /// Identity of a resource, something to download or order.
    ResourceId,
    /// Identity of an urgent action, an appeal at any time of the year.
    UrgentActionId,
    /// Identity of a subscription to urgent actions.
    SubscriptionId,
    /// Identity of a participant, a person who registered.
    ParticipantId,
    /// Identity of an attendance, a person's place at an event.
    AttendanceId,
}
