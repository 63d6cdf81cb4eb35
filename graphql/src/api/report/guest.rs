//! What guests report of an event, as its host sees it.

use std::iter;

use async_graphql::{Context, ID, Object};
use domain::{EventId, ReportId};

use super::{
    HeldFor, ReportState,
    revision::{ReportLine, lines},
};
use crate::{
    api::{
        self, RequestContext,
        error::ApiError,
        id,
        page::{PageRequest, Part, SortKey},
        scalar::{Count, DateTime},
    },
    database::reports,
};

/// The order of the reports of an event's guests: by identity. Each order has its own number, see [`Key`].
const OF_GUESTS: u8 = 18;

/// A report of a guest and what it is seen by.
pub(crate) struct GuestReport<'a> {
    asking: &'a RequestContext,
    report: domain::Report,
}

/// What somebody who was at an event reports of their own letters, as its host and staff see it: neither who it is nor
/// what they told staff.
#[Object(serial)]
impl<'a> GuestReport<'a> {
    /// The global id of the report, to object to it.
    async fn id(&self) -> ID {
        id::of(self.report.id)
    }

    /// The revision that was handed in last: an objection names it.
    async fn revision(&self) -> u32 {
        self.report.latest().number
    }

    /// Where it stands.
    async fn state(&self) -> ReportState {
        self.report.latest().state.into()
    }

    /// Why it is held, or was; null if it never was.
    async fn held_for(&self) -> Option<HeldFor> {
        self.report.latest().held_for.map(HeldFor::from)
    }

    /// How many were written, by case and kind.
    async fn lines(&self) -> Vec<ReportLine<'a>> {
        lines(self.asking, &self.report.latest().content)
    }

    /// How many people wrote, where that was said.
    async fn people(&self) -> Option<Count> {
        self.report.latest().content.people.map(|people| u64::from(people).into())
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        self.report.latest().received_at.into()
    }
}

impl<'a> GuestReport<'a> {
    /// A report that whoever asks may see as the host of its event.
    pub(super) const fn new(asking: &'a RequestContext, report: domain::Report) -> Self {
        Self { asking, report }
    }
}

/// A page of what guests report of an event. Whoever asks may know of it.
pub(crate) async fn of_guests<'a>(
    ctx: &Context<'_>,
    asking: &'a RequestContext,
    event: EventId,
    seeking: &PageRequest,
) -> Result<Part<GuestReport<'a>>, ApiError> {
    let after = seeking.after.as_ref().map(|cursor| ReportId::new(cursor.id()));
    let mut connection = asking.connect_uncacheable(api::AppState::of(ctx)).await?;
    let kept = reports::of_guests(&mut connection, event, after, seeking.limit()).await?;
    let rows = kept.into_iter().map(|kept| {
        let key = SortKey::texts(OF_GUESTS, iter::empty());
        (key, kept.report.id.uuid(), GuestReport { asking, report: kept.report })
    });
    Ok(seeking.part(rows.collect()))
}
