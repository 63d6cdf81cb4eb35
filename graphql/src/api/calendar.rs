//! The address of a calendar of one's own.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{Violation, violation::EntityKind};
use uuid::Uuid;

use super::{
    RequestContext, cost,
    error::{ApiError, UserErrors, user_errors},
    id::Global,
    request_context::Viewer,
    scalar::Url,
};
use crate::{
    credentials::{self, SecretHash},
    operations::{
        UnitOfWork,
        calendar::{self, IssueCalendar},
    },
};

/// Whose calendar it is.
#[derive(Debug, InputObject)]
pub(crate) struct CalendarIssueInput {
    /// The global id of the participant, for all the events that they joined, or of one attendance.
    id: ID,
}

/// What came of asking for the address of a calendar.
pub(crate) struct CalendarIssuePayload(Result<String, Vec<Violation>>);

/// What came of asking for the address of a calendar.
#[Object(serial)]
impl CalendarIssuePayload {
    /// The address for a calendar application. Whoever has it reads the calendar, so keep it to yourself.
    /// It cannot be asked for again. Null if a rule says no.
    async fn url(&self) -> Option<Url> {
        self.0.as_ref().ok().map(|url| Url(url.clone()))
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}

/// Calendars, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct CalendarMutation;

#[Object(serial)]
impl CalendarMutation {
    /// Gives whoever takes part the address of a calendar of the events that they joined: those where
    /// they have a place, those where they wait as tentative, those that are off as cancelled. Calendar
    /// applications cannot send a secret, so the address holds one that opens this calendar and
    /// nothing else. Each time it is a new address, and the one before leads nowhere any more. Needs the
    /// secret of the participant or of the attendance itself.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn calendar_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose calendar.")] input: CalendarIssueInput,
    ) -> Result<Option<CalendarIssuePayload>, ApiError> {
        let (context, asking) = (super::AppState::of(ctx), RequestContext::of(ctx));
        if asking.asker == Viewer::Anonymous {
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
            credential: asking.credential(),
            now: asking.now,
        };
        let work = async move |gathering: &mut UnitOfWork<'_>| calendar::issue(gathering, &issuing).await;
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        let url = |()| format!("{}/calendars/{fresh}.ics", context.public_url.trim_end_matches('/'));
        Ok(Some(CalendarIssuePayload(outcome.map(url))))
    }
}
