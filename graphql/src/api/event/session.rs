//! Sessions of events.

use async_graphql::Object;
use domain::event::Session;

use crate::api::scalar::{DateTime, LocalDateTime};

/// A session of an event.
pub(crate) struct EventSession<'a> {
    pub(super) number: u32,
    pub(super) session: &'a Session,
}

/// A session of an event: one continuous meeting.
#[Object(serial)]
impl EventSession<'_> {
    /// The number of the session in its event. It stays the same while the session moves and while others come and
    /// go, and is not used again. Calendars know the session by it.
    async fn number(&self) -> u32 {
        self.number
    }

    /// The instant at which it begins, by the time zone rules that the service has.
    async fn starts_at(&self) -> DateTime {
        self.session.starts_at().into()
    }

    /// The first instant after it, by the time zone rules that the service has.
    async fn ends_at(&self) -> DateTime {
        self.session.ends_at().into()
    }

    /// The local start time, as it was promised. Show it with the time zone of the event; a client may have other
    /// rules of that zone.
    async fn local_start(&self) -> LocalDateTime {
        self.session.local_start().into()
    }

    /// The local end time, as it was promised.
    async fn local_end(&self) -> LocalDateTime {
        self.session.local_end().into()
    }
}
