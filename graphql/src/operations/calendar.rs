//! Calendars of people's own: each has an address that is a secret and opens nothing else.

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

/// Somebody who wants the address of a calendar.
#[derive(Clone, Copy, Debug)]
pub struct IssueCalendar {
    /// Whose events: those of a participant, or that of one attendance.
    pub subject: Uuid,
    /// Which of the two was asked for.
    pub noun: EntityKind,
    /// The hash of the secret in the address.
    pub secret: SecretHash,
    /// Who asks.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// Gives a participant or an attendance the address of a calendar, in the place of the one before.
/// Nobody else may have it, staff neither: it goes on telling where somebody is.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn issue(gathering: &mut UnitOfWork<'_>, asked: &IssueCalendar) -> OperationResult<()> {
    let holder = match asked.viewer.secret() {
        Some(secret) => access_tokens::holder(gathering.conn(), secret).await?,
        None => None,
    };
    let may =
        |holder: &TokenHolder| access::may_issue_calendar(asked.viewer, Some(holder.subject), asked.subject);
    let Some(holder) = holder.filter(may) else {
        return Ok(Err(not_found("id", asked.noun)));
    };
    calendar_tokens::replace(gathering.conn_mut(), asked.subject, asked.secret, holder.way, asked.now)
        .await?;
    Ok(Ok(()))
}
