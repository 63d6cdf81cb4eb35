//! Contact data of the organizers of an event.

use async_graphql::Object;

use crate::api::scalar::EmailAddress;

/// An organizer of an event.
pub(crate) struct Organizer<'a>(pub(super) &'a domain::event::Organizer);

/// An organizer of an event. Visible to organizers of the event and staff.
#[Object(serial)]
impl<'a> Organizer<'a> {
    /// The name.
    async fn name(&self) -> &'a str {
        &self.0.name
    }

    /// The e-mail address.
    async fn email(&self) -> EmailAddress {
        EmailAddress::from(&self.0.email)
    }

    /// The public name; null if there is none.
    async fn display_name(&self) -> Option<&'a str> {
        self.0.display_name.as_deref()
    }
}
