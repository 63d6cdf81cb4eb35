//! Personal calendar URLs.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{Violation, violation::Noun};
use uuid::Uuid;

use super::{
    Asking,
    asking::Asker,
    error::{Fault, UserErrors, user_errors},
    id::Global,
    limit,
    scalar::Url,
};
use crate::{
    gathering::{
        Gathering,
        calendar::{self, Issuing},
    },
    secret::{self, Hash},
};

/// Input for issuing a calendar URL.
#[derive(Debug, InputObject)]
pub(crate) struct CalendarIssueInput {
    /// The global id of a participant, for all events that they joined, or of one attendance.
    id: ID,
}

/// The result of issuing a calendar URL.
pub(crate) struct CalendarIssuePayload(Result<String, Vec<Violation>>);

/// The result of issuing a calendar URL.
#[Object(serial)]
impl CalendarIssuePayload {
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
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn calendar_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The owner of the calendar.")] input: CalendarIssueInput,
    ) -> Result<Option<CalendarIssuePayload>, Fault> {
        let (context, asking) = (super::Context::of(ctx), Asking::of(ctx));
        if asking.asker == Asker::Anyone {
            return Err(Fault::unauthenticated());
        }
        let (subject, noun) = match Global::parse(&input.id) {
            Some(Global::Participant(id)) => (id.uuid(), Noun::Participant),
            Some(Global::Attendance(id)) => (id.uuid(), Noun::Attendance),
            _ => (Uuid::nil(), Noun::Participant),
        };
        let fresh = secret::calendar();
        let issuing = Issuing {
            subject,
            noun,
            secret: Hash::of(&fresh),
            credential: asking.credential(),
            now: asking.now,
        };
        let work = async move |gathering: &mut Gathering<'_>| calendar::issue(gathering, &issuing).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        let url = |()| format!("{}/calendars/{fresh}.ics", context.public_url.trim_end_matches('/'));
        Ok(Some(CalendarIssuePayload(outcome.map(url))))
    }
}
