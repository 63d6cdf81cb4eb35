//! Sessions of events.

use async_graphql::Object;
use domain::event::Session;

use crate::api::scalar::{DateTime, LocalDateTime};

/// A session of an event.
pub(crate) struct EventSession<'a>(pub(super) &'a Session);

/// A session of an event: one continuous meeting.
#[Object(serial)]
impl EventSession<'_> {
    /// The instant at which it begins, by the time zone rules that the service has.
    async fn starts_at(&self) -> DateTime {
        self.0.starts_at().into()
    }

    /// The first instant after it, by the time zone rules that the service has.
    async fn ends_at(&self) -> DateTime {
        self.0.ends_at().into()
    }

    /// The local start time, as it was promised. Show it with the time zone of the event; a client may have other
    /// rules of that zone.
    async fn local_start(&self) -> LocalDateTime {
        self.0.local_start().into()
    }

    /// The local end time, as it was promised.
    async fn local_end(&self) -> LocalDateTime {
        self.0.local_end().into()
    }
}
