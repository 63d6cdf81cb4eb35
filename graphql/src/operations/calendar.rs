//! Personal calendars: the URL of each is a secret that gives access to the calendar only.

use domain::violation::EntityKind;
use jiff::Timestamp;
use uuid::Uuid;

use super::{OperationResult, UnitOfWork, not_found};
use crate::{
    access::{self, Viewer},
    credentials::SecretHash,
    database::{
        access_tokens::{self, TokenHolder},
        calendar_tokens,
    },
};

/// A request for the URL of a calendar.
#[derive(Clone, Copy, Debug)]
pub struct IssueCalendar {
    /// The participant or the attendance whose events it shows.
    pub subject: Uuid,
    /// Which of the two it is.
    pub noun: EntityKind,
    /// The hash of the secret in the URL.
    pub secret: SecretHash,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// Issues the URL of a calendar, which replaces the one before. Only the person may have it, staff may not: it shows for
/// good where the person will be.
///
/// # Errors
/// Database errors. The validation error is [`ViolationKind::NotFound`](domain::ViolationKind::NotFound).
pub async fn issue(unit: &mut UnitOfWork<'_>, request: &IssueCalendar) -> OperationResult<()> {
    let holder = match request.viewer.secret() {
        Some(secret) => access_tokens::holder(unit.conn(), secret).await?,
        None => None,
    };
    let may = |holder: &TokenHolder| {
        access::may_issue_calendar(request.viewer, Some(holder.subject), request.subject)
    };
    let Some(holder) = holder.filter(may) else {
        return Ok(Err(not_found("id", request.noun)));
    };
    calendar_tokens::replace(unit.conn_mut(), request.subject, request.secret, holder.way, request.now)
        .await?;
    Ok(Ok(()))
}
