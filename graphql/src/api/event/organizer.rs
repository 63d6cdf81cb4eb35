//! Whom staff turn to about an event.

use async_graphql::Object;

use crate::api::scalar::EmailAddress;

/// Somebody who organizes an event.
pub(crate) struct Organizer<'a>(pub(super) &'a domain::event::Organizer);

/// Somebody who organizes an event. Only their fellow organizers and staff see this.
#[Object(serial)]
impl<'a> Organizer<'a> {
    /// Their name.
    async fn name(&self) -> &'a str {
        &self.0.name
    }

    /// Their e-mail address.
    async fn email(&self) -> EmailAddress {
        EmailAddress::from(&self.0.email)
    }

    /// What everyone may call them; null where they did not say.
    async fn display_name(&self) -> Option<&'a str> {
        self.0.display_name.as_deref()
    }
}
