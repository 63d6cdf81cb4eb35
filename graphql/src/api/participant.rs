//! Participants: people who registered to write letters.
//!
//! A participant is visible to the client with their secret and to staff of their section. For other viewers
//! it does not exist: the response is the same as for an unknown id.

use async_graphql::{Context, ID, Object};
use domain::ParticipantId;

use super::{
    RequestContext,
    attendance::Attendance,
    campaign::Campaign,
    case::Case,
    cost,
    error::ApiError,
    id,
    page::{ListOrder, PageRequest, Part},
    report::{self, Report, ReporterTotal},
    scalar::{Count, CountryCode, DateTime, EmailAddress, Language, RegionCode},
};
use crate::{
    access::{self, Viewer},
    database::{
        Connection, access_tokens, attendances, calendar_tokens, participants,
        reports::{self, ReportOwnerId},
    },
};

mod enums;
mod export;
mod input;
mod mutation;
mod payload;

pub(crate) use enums::AgeBand;
use enums::{ParticipantRole, ParticipantState};
pub(crate) use mutation::ParticipantMutation;

/// The cost of an attendance of a participant: its event is looked up.
const ATTENDANCES: usize = 5;

/// A participant and the context it is read in.
pub(crate) struct Participant<'a> {
    request: &'a RequestContext,
    // Boxed: it is ten times as large as any other object with an id.
    participant: Box<domain::Participant>,
}

/// A person who registered to write letters. Visible to the person and to staff of their section only.
#[Object(serial)]
impl<'a> Participant<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.participant.id)
    }

    /// The campaign they registered for.
    async fn campaign(&self) -> Result<Campaign<'a>, ApiError> {
        let campaign = self.request.catalogue.campaign(self.participant.campaign_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a participant without their campaign"))?;
        Ok(Campaign::new(self.request, campaign))
    }

    /// The state of the registration.
    async fn state(&self) -> ParticipantState {
        self.participant.state.into()
    }

    /// The name.
    async fn display_name(&self) -> &str {
        &self.participant.content.display_name
    }

    /// The e-mail address for notifications.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.participant.content.email.as_str().to_owned())
    }

    /// The intended activities; at least one.
    async fn roles(&self) -> Vec<ParticipantRole> {
        self.participant.content.roles.iter().copied().map(ParticipantRole::from).collect()
    }

    /// The personal goal in letters; null if there is none.
    async fn letter_goal(&self) -> Option<Count> {
        self.participant.content.letter_goal.map(Count::from)
    }

    /// The pledged letters that count: the goal, once the address is confirmed.
    async fn pledged(&self) -> Count {
        self.participant.pledged().into()
    }

    /// The sum of the participant's own reports.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn reported(&self, ctx: &Context<'_>) -> Result<ReporterTotal<'a>, ApiError> {
        ReporterTotal::of(ctx, self.request, self.owner()).await
    }

    /// The letters of the goal that are not reported yet and can still be written or released.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn remaining(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let reported = ReporterTotal::of(ctx, self.request, self.owner()).await?.count_letters();
        Ok(self.participant.remaining(reported).into())
    }

    /// The participant's own reports, oldest first: those sent with their secret, which manages them all.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size: 0–100, default 20.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
    ) -> Result<Part<Report<'a>>, ApiError> {
        let seeking = PageRequest::parse(ListOrder::ReportsOfOwner, first, after.as_deref(), None, None)?;
        report::owned(ctx, self.request, self.owner(), &seeking).await
    }

    /// The number of letters released from the goal.
    async fn released(&self) -> Count {
        self.participant.released.into()
    }

    /// The chosen cases; empty for all cases of the campaign.
    async fn cases(&self) -> Vec<Case<'a>> {
        let chosen = self.participant.content.cases.iter();
        let seen = chosen.filter_map(|case| self.request.case(*case));
        seen.map(|case| Case::new(self.request, case)).collect()
    }

    /// The preferred language; null if unknown.
    async fn language(&self) -> Option<Language> {
        self.participant.content.language.as_ref().map(Language::from)
    }

    /// The country of residence; null if unknown.
    async fn country(&self) -> Option<CountryCode> {
        self.participant.content.country.as_ref().map(CountryCode::from)
    }

    /// The region of residence; null if unknown.
    async fn region(&self) -> Option<RegionCode> {
        self.participant.content.region.as_ref().map(RegionCode::from)
    }

    /// The age band; null if unknown.
    async fn age_band(&self) -> Option<AgeBand> {
        self.participant.content.age_band.map(AgeBand::from)
    }

    /// The consent to be contacted about more than their own registration; null if not given.
    async fn contact_consent(&self) -> Option<ContactConsent<'_>> {
        self.participant.content.consent.as_ref().map(ContactConsent)
    }

    /// Whether they may be contacted about more than their own registration: consent was given, they are
    /// adults, and the address is confirmed.
    async fn may_be_contacted(&self) -> bool {
        self.participant.may_be_contacted()
    }

    /// The participant's attendances, in the order of joining.
    #[graphql(complexity = "cost::list(ATTENDANCES, child_complexity) + cost::LOOKUP")]
    async fn attendances(&self, ctx: &Context<'_>) -> Result<Vec<Attendance<'a>>, ApiError> {
        let mut connection = self.request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let theirs = attendances::of_participant(&mut connection, self.participant.id).await?;
        Ok(theirs.into_iter().map(|attendance| Attendance::own(self.request, attendance)).collect())
    }

    /// All stored personal data, as a JSON text (data portability).
    #[graphql(complexity = "cost::LOOKUP")]
    async fn export(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        let mut connection = self.request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let theirs = attendances::of_participant(&mut connection, self.participant.id).await?;
        let reports = reports::all_owned(&mut connection, self.owner()).await?;
        let calendar = calendar_tokens::issued_at(&mut connection, self.participant.id.uuid()).await?;
        Ok(export::text(&self.participant, &theirs, &reports, calendar))
    }

    /// When the present URL of their personal calendar was issued; null if there is none. See
    /// `calendarUrlIssue`.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn calendar_issued_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        let mut connection = self.request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let issued_at = calendar_tokens::issued_at(&mut connection, self.participant.id.uuid()).await?;
        Ok(issued_at.map(DateTime::from))
    }

    /// When they registered.
    async fn registered_at(&self) -> DateTime {
        self.participant.registered_at.into()
    }

    /// When they confirmed their address; null until then.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.participant.confirmed_at.map(DateTime::from)
    }

    /// When anything of it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.participant.updated_at.into()
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.participant.revision
    }
}

impl<'a> Participant<'a> {
    /// A participant that the viewer may see.
    pub(crate) fn new(request: &'a RequestContext, participant: domain::Participant) -> Self {
        Self { request, participant: Box::new(participant) }
    }

    fn owner(&self) -> ReportOwnerId {
        ReportOwnerId::Participant(self.participant.id)
    }
}

/// A consent to be contacted.
pub(crate) struct ContactConsent<'a>(&'a domain::participant::ContactConsent);

/// A consent to be contacted, with its text and time.
#[Object(serial)]
impl<'a> ContactConsent<'a> {
    /// The name and version of the text that was agreed to.
    async fn text(&self) -> &'a str {
        &self.0.text
    }

    /// When the consent was given.
    async fn given_at(&self) -> DateTime {
        self.0.given_at.into()
    }
}

impl<'a> ContactConsent<'a> {
    /// Returns the consent of a person, for viewers with access.
    pub(crate) const fn new(consent: &'a domain::participant::ContactConsent) -> Self {
        Self(consent)
    }
}

/// The query field of participants.
#[derive(Default)]
pub(crate) struct ParticipantQuery;

#[Object(serial)]
impl ParticipantQuery {
    /// The participant that the sent secret manages; with a key of their section or an administrator key, the
    /// one with this id. Null without access, as if it did not exist.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id; may be omitted with the object's own secret.")] id: Option<ID>,
    ) -> Result<Option<Participant<'ctx>>, ApiError> {
        let id = id.as_ref().map(id::participant).transpose();
        find(ctx, id.map_err(|rule| ApiError::bad_input(rule.to_string()))?).await
    }
}

/// Returns the participant with this id, or of the sent secret, if the viewer may see them.
pub(crate) async fn find<'ctx>(
    ctx: &Context<'ctx>,
    id: Option<ParticipantId>,
) -> Result<Option<Participant<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    if request.viewer == Viewer::Anonymous {
        return Ok(None);
    }
    let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
    let subject = subject(&mut connection, request).await?;
    let id = match request.viewer {
        Viewer::Staff(_) => id,
        Viewer::SecretHolder(_) | Viewer::Anonymous => {
            let own = subject.map(ParticipantId::new);
            own.filter(|own| id.is_none_or(|id| id == *own))
        }
    };
    let Some(id) = id else { return Ok(None) };
    let found = participants::find(&mut connection, id).await?;
    let may = |found: &domain::Participant| {
        access::participant_access(request.viewer, subject, found.id, found.section_id).may_manage()
    };
    Ok(found.filter(may).map(|participant| Participant::new(request, participant)))
}

/// Returns the participant or attendance of the sent secret.
pub(crate) async fn subject(
    connection: &mut Connection,
    request: &RequestContext,
) -> Result<Option<uuid::Uuid>, ApiError> {
    let Viewer::SecretHolder(secret) = request.viewer else { return Ok(None) };
    let holder = access_tokens::holder(connection, secret).await?;
    Ok(holder.map(|holder| holder.subject))
}
