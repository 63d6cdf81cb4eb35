//! Personal calendar URLs.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{Violations, violation::EntityKind};
use uuid::Uuid;

use super::{
    RequestContext, cost,
    error::{ApiError, UserErrors, user_errors},
    id::Global,
    scalar::Url,
};
use crate::{
    access::Viewer,
    credentials::{self, SecretHash},
    operations::calendar::IssueCalendar,
};

/// Input for issuing a calendar URL.
#[derive(Debug, InputObject)]
pub(crate) struct CalendarUrlIssueInput {
    /// The global id of a participant, for all events that they joined, or of one attendance.
    id: ID,
}

/// The result of issuing a calendar URL.
pub(crate) struct CalendarUrlIssuePayload(Result<String, Violations>);

/// The result of issuing a calendar URL.
#[Object(serial)]
impl CalendarUrlIssuePayload {
    /// The URL for a calendar application. It gives read access to the calendar, so keep it private. It
    /// cannot be retrieved again. Null if there are `userErrors`.
    async fn url(&self) -> Option<Url> {
        self.0.as_ref().ok().map(|url| Url(url.clone()))
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}

/// The mutation of calendars.
#[derive(Default)]
pub(crate) struct CalendarMutation;

#[Object(serial)]
impl CalendarMutation {
    /// Issues the URL of a personal calendar with the events that a participant or attendee joined: confirmed
    /// where they have a place, tentative where they wait, cancelled where the event is off. Calendar
    /// applications cannot send a bearer token, so the URL contains one that opens this calendar and nothing
    /// else. Each call issues a new URL and invalidates the previous one. Requires the secret of the
    /// participant or of the attendance itself.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn calendar_url_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The owner of the calendar.")] input: CalendarUrlIssueInput,
    ) -> Result<Option<CalendarUrlIssuePayload>, ApiError> {
        let (context, request) = (super::AppState::of(ctx), RequestContext::of(ctx));
        if request.viewer == Viewer::Anonymous {
            return Err(ApiError::unauthenticated());
        }
        let (subject, noun) = match Global::parse(&input.id) {
            Some(Global::Participant(id)) => (id.uuid(), EntityKind::Participant),
            Some(Global::Attendance(id)) => (id.uuid(), EntityKind::Attendance),
            _ => (Uuid::nil(), EntityKind::Participant),
        };
        let fresh = credentials::calendar();
        let issuing = IssueCalendar {
            subject,
            noun,
            secret: SecretHash::of(&fresh),
            viewer: request.viewer,
            now: request.now,
        };
        let outcome = request.ledger(context).run(issuing).await?;
        let url = |()| format!("{}/calendars/{fresh}.ics", context.public_url.trim_end_matches('/'));
        Ok(Some(CalendarUrlIssuePayload(outcome.map(url))))
    }
}
