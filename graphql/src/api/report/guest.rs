//! Reports by guests of an event, as seen by its host.

use std::iter;

use async_graphql::{Context, ID, Object};
use domain::{EventId, ReportId};

use super::{
    ReportState, ReviewReason,
    revision::{ReportLine, lines},
};
use crate::{
    api::{
        self, RequestContext,
        error::ApiError,
        id,
        page::{ListOrder, PageRequest, Part, SortKey},
        scalar::{Count, DateTime},
    },
    database::reports,
};

/// A guest's report and the context it is read in.
pub(crate) struct GuestReport<'a> {
    request: &'a RequestContext,
    report: domain::Report,
}

/// A report by a guest of an event of their own letters, as seen by its host and staff: without the person
/// and their note to staff.
#[Object(serial)]
impl<'a> GuestReport<'a> {
    /// The global id of the report, for `reportObject`.
    async fn id(&self) -> ID {
        id::of(self.report.id)
    }

    /// The latest revision; pass it as `expectedRevision` to object.
    async fn revision(&self) -> u32 {
        self.report.latest().number
    }

    /// The state of the report.
    async fn state(&self) -> ReportState {
        self.report.latest().state.into()
    }

    /// Why it is or was pending review; null if it never was.
    async fn review_reason(&self) -> Option<ReviewReason> {
        self.report.latest().review_reason.map(ReviewReason::from)
    }

    /// Quantities by case and kind.
    async fn lines(&self) -> Vec<ReportLine<'a>> {
        lines(self.request, &self.report.latest().content)
    }

    /// The number of people who wrote, if stated.
    async fn people(&self) -> Option<Count> {
        self.report.latest().content.people.map(|people| u64::from(people).into())
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        self.report.latest().received_at.into()
    }
}

impl<'a> GuestReport<'a> {
    /// A report that the viewer may see as the host of its event.
    pub(super) const fn new(request: &'a RequestContext, report: domain::Report) -> Self {
        Self { request, report }
    }
}

/// Returns a page of the guests' reports of an event. The caller has checked access.
pub(crate) async fn of_guests<'a>(
    ctx: &Context<'_>,
    request: &'a RequestContext,
    event: EventId,
    seeking: &PageRequest,
) -> Result<Part<GuestReport<'a>>, ApiError> {
    let after = seeking.after.as_ref().map(|cursor| ReportId::new(cursor.id()));
    let mut connection = request.connect_uncacheable(api::AppState::of(ctx)).await?;
    let stored = reports::of_guests(&mut connection, event, after, seeking.limit()).await?;
    let rows = stored.into_iter().map(|stored| {
        let key = SortKey::texts(ListOrder::ReportsOfGuests, iter::empty());
        (key, stored.report.id.uuid(), GuestReport { request, report: stored.report })
    });
    Ok(seeking.part(rows.collect()))
}
