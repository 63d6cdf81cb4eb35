//! Changes of an event that await review.

use async_graphql::Object;
use domain::event::PendingChange;

use crate::api::domain_enum::domain_enum;

domain_enum! {
    /// A field of an event that is subject to review.
    pub(crate) enum EventReviewedField = domain::event::ReviewedField {
        /// The title.
        Title,
        /// The description.
        Description,
        /// The public name of the organizer.
        OrganizerName,
        /// The visibility, if it becomes wider.
        Visibility,
        /// The town or village.
        Locality,
        /// The name of the building or room.
        Venue,
        /// Street and house number.
        Street,
        /// The postal code.
        PostalCode,
        /// The link for online participation.
        OnlineLink,
        /// The reason for the cancellation.
        CancellationReason,
    }
}

/// A change that awaits review.
pub(crate) struct EventPendingChange<'a>(pub(super) PendingChange<'a>);

/// A change of an event that awaits review. Visible to its organizers and staff.
#[Object(serial)]
impl<'a> EventPendingChange<'a> {
    /// The changed field.
    async fn field(&self) -> EventReviewedField {
        self.0.field.into()
    }

    /// The approved value; null if there is none. If the place has moved, the texts of the former place are
    /// gone.
    async fn approved(&self) -> Option<&'a str> {
        self.0.approved
    }

    /// The proposed value; null if it is to be removed.
    async fn proposed(&self) -> Option<&'a str> {
        self.0.proposed
    }
}
