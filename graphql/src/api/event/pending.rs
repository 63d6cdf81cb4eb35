//! What of an event waits for staff.

use async_graphql::{Enum, Object};
use domain::event::PendingChange;

/// What of an event can wait for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::ReviewedField")]
pub(crate) enum EventReviewedField {
    /// Its title.
    Title,
    /// What to expect.
    Description,
    /// What everyone may call its organizer.
    OrganizerName,
    /// Who finds it, where more people would.
    Visibility,
    /// The town or village.
    Locality,
    /// The name of the house or the room.
    Venue,
    /// Street and number.
    Street,
    /// The postal code.
    PostalCode,
    /// How to take part on the internet.
    OnlineLink,
    /// Why it was cancelled.
    CancellationReason,
}

/// A change that waits for staff.
pub(crate) struct EventPendingChange<'a>(pub(super) PendingChange<'a>);

/// A change of an event that waits for staff. Only its organizers and staff see this.
#[Object(serial)]
impl<'a> EventPendingChange<'a> {
    /// What is changed.
    async fn field(&self) -> EventReviewedField {
        self.0.field.into()
    }

    /// What was approved; null where there is nothing. Of a place that moved, the words of the former one
    /// are gone.
    async fn approved(&self) -> Option<&'a str> {
        self.0.approved
    }

    /// What is proposed; null where it is to be taken away.
    async fn proposed(&self) -> Option<&'a str> {
        self.0.proposed
    }
}
