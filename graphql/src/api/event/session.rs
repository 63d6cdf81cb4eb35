//! When people gather.

use async_graphql::Object;
use domain::event::Session;

use crate::api::scalar::{DateTime, LocalDateTime};

/// A session of an event.
pub(crate) struct EventSession<'a>(pub(super) &'a Session);

/// From when to when people gather, once.
#[Object(serial)]
impl EventSession<'_> {
    /// The instant at which it begins.
    async fn starts_at(&self) -> DateTime {
        self.0.starts_at().into()
    }

    /// The first instant after it.
    async fn ends_at(&self) -> DateTime {
        self.0.ends_at().into()
    }

    /// When it begins, by the clock on the wall.
    async fn local_start(&self) -> LocalDateTime {
        self.0.local_start().into()
    }

    /// When it ends, by the clock on the wall.
    async fn local_end(&self) -> LocalDateTime {
        self.0.local_end().into()
    }
}
