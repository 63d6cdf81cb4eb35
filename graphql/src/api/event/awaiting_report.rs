//! Events with a report due, for reminders by staff.

use async_graphql::Context;
use domain::EventId;
use jiff::Timestamp;

use super::Event;
use crate::{
    api::{
        RequestContext, edition,
        error::ApiError,
        page::{Cursor, ListOrder, PageRequest, Part, SortKey, foreign_cursor},
    },
    database::events,
};

/// Returns a page of the events of an edition, of one section or of all, with a report due. Empty if the
/// edition or section does not exist, or for staff of another section.
pub(super) async fn page<'ctx>(
    ctx: &Context<'ctx>,
    year: i32,
    section: Option<&str>,
    seeking: &PageRequest,
) -> Result<Part<Event<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    let staff = request.staff()?;
    let after = seeking.after.as_ref().map(place).transpose()?;
    let edition = edition::of_year(request, year);
    let section = match section {
        None => Some(staff.section),
        Some(code) => {
            let found = request.catalogue.section_by_code(code).map(|found| found.id);
            found.filter(|&found| staff.may_act_for(found)).map(Some)
        }
    };
    let (Some(edition), Some(section)) = (edition, section) else {
        return Ok(seeking.part(Vec::new()));
    };
    let mut connection = request.connect_uncacheable(crate::api::AppState::of(ctx)).await?;
    let limit = seeking.limit();
    let found =
        events::awaiting_report(&mut connection, edition.id, section, request.now, after, limit).await?;
    let rows = found.into_iter().filter_map(|stored| {
        let ended_at = stored.event.content.last_session().ends_at();
        let key = SortKey::ascending(ListOrder::EventsAwaitingReport, ended_at.as_microsecond());
        Some((key, stored.event.id.uuid(), Event::visible_to(request, stored)?))
    });
    Ok(seeking.part(rows.collect()))
}

/// Returns the position that a cursor of this list refers to.
fn place(cursor: &Cursor) -> Result<(Timestamp, EventId), ApiError> {
    let ended_at = cursor
        .number(ListOrder::EventsAwaitingReport)
        .and_then(|number| Timestamp::from_microsecond(number).ok());
    let ended_at = ended_at.ok_or_else(|| foreign_cursor("after"))?;
    Ok((ended_at, EventId::new(cursor.id())))
}
