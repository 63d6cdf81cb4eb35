//! Participants: people who registered to write letters.
//!
//! A participant is known to whoever has their secret and to staff of their section. To anyone else they do
//! not exist: the answer is the same as for an id that never was.

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
    page::{PageRequest, Part},
    report::{self, Report, ReporterTotal},
    request_context::Viewer,
    scalar::{Count, CountryCode, DateTime, EmailAddress, Language, RegionCode},
};
use crate::database::{
    Connection, access_tokens, attendances, calendar_tokens, participants,
    reports::{self, ReportOwnerId},
};

mod enums;
mod export;
mod input;
mod mutation;
mod payload;

pub(crate) use enums::AgeBand;
use enums::{ParticipantState, Role};
pub(crate) use mutation::ParticipantMutation;

/// What an attendance of a participant costs: the event that it leads to is looked up.
const ATTENDANCES: usize = 5;

/// A participant and who asks.
pub(crate) struct Participant<'a> {
    asking: &'a RequestContext,
    // It is ten times as large as anything else that has an id.
    participant: Box<domain::Participant>,
}

/// A person who registered to write letters. Only they and staff of their section see this.
#[Object(serial)]
impl<'a> Participant<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.participant.id)
    }

    /// The campaign they registered for.
    async fn campaign(&self) -> Result<Campaign<'a>, ApiError> {
        let campaign = self.asking.catalogue.campaign(self.participant.campaign_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a participant without their campaign"))?;
        Ok(Campaign::new(self.asking, campaign))
    }

    /// Where they stand.
    async fn state(&self) -> ParticipantState {
        self.participant.state.into()
    }

    /// What they are called.
    async fn display_name(&self) -> &str {
        &self.participant.content.display_name
    }

    /// Where they get mail.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.participant.content.email.as_str().to_owned())
    }

    /// What they set out to do; at least one thing.
    async fn roles(&self) -> Vec<Role> {
        self.participant.content.roles.iter().copied().map(Role::from).collect()
    }

    /// How many letters they set out to write; null where no goal is set.
    async fn letter_goal(&self) -> Option<Count> {
        self.participant.content.letter_goal.map(Count::from)
    }

    /// How many letters they pledge as far as it counts: their goal, once the address is confirmed.
    async fn pledged(&self) -> Count {
        self.participant.pledged().into()
    }

    /// How much they reported of their own, beside what they pledge.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn reported(&self, ctx: &Context<'_>) -> Result<ReporterTotal<'a>, ApiError> {
        ReporterTotal::of(ctx, self.asking, self.owner()).await
    }

    /// How many letters of their goal they have not reported: what they can still finish or release.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn remaining(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let reported = ReporterTotal::of(ctx, self.asking, self.owner()).await?.count_letters();
        Ok(self.participant.remaining(reported).into())
    }

    /// Their own reports, the oldest first: those that they sent with their secret. It manages them all.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 1–100, 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Part<Report<'a>>, ApiError> {
        let seeking = PageRequest::parse(first, after.as_deref(), None, None)?;
        report::owned(ctx, self.asking, self.owner(), &seeking).await
    }

    /// How many letters they gave back of what they had set out to write.
    async fn released(&self) -> Count {
        self.participant.released.into()
    }

    /// The cases they chose; none for all of the campaign.
    async fn cases(&self) -> Vec<Case<'a>> {
        let chosen = self.participant.content.cases.iter();
        let seen = chosen.filter_map(|case| self.asking.case(*case));
        seen.map(|case| Case::new(self.asking, case)).collect()
    }

    /// What they read; null where they did not say.
    async fn language(&self) -> Option<Language> {
        self.participant.content.language.as_ref().map(Language::from)
    }

    /// Where they live; null where they did not say.
    async fn country(&self) -> Option<CountryCode> {
        self.participant.content.country.as_ref().map(CountryCode::from)
    }

    /// The region they live in; null where they did not say.
    async fn region(&self) -> Option<RegionCode> {
        self.participant.content.region.as_ref().map(RegionCode::from)
    }

    /// How old they are; null where they did not say.
    async fn age_band(&self) -> Option<AgeBand> {
        self.participant.content.age_band.map(AgeBand::from)
    }

    /// That they agreed to be contacted about more than their own registration; null unless they did.
    async fn contact_consent(&self) -> Option<ContactConsent<'_>> {
        self.participant.content.consent.as_ref().map(ContactConsent)
    }

    /// Whether they may be contacted about more than their own registration: they agreed, they are of
    /// age, and the address is theirs.
    async fn may_be_contacted(&self) -> bool {
        self.participant.may_be_contacted()
    }

    /// The events they joined, in the order in which they did.
    #[graphql(complexity = "cost::list(ATTENDANCES, child_complexity) + cost::LOOKUP")]
    async fn attendances(&self, ctx: &Context<'_>) -> Result<Vec<Attendance<'a>>, ApiError> {
        let mut connection = self.asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let theirs = attendances::of_participant(&mut connection, self.participant.id).await?;
        Ok(theirs.into_iter().map(|attendance| Attendance::own(self.asking, attendance)).collect())
    }

    /// All that is kept about them, as a JSON text to take away.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn export(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        let mut connection = self.asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let theirs = attendances::of_participant(&mut connection, self.participant.id).await?;
        let reports = reports::all_owned(&mut connection, self.owner()).await?;
        let calendar = calendar_tokens::issued_at(&mut connection, self.participant.id.uuid()).await?;
        Ok(export::text(&self.participant, &theirs, &reports, calendar))
    }

    /// Since when the calendar of their own has the address that it has; null where they have none. See
    /// `calendarIssue`.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn calendar_issued_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        let mut connection = self.asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let issued_at = calendar_tokens::issued_at(&mut connection, self.participant.id.uuid()).await?;
        Ok(issued_at.map(DateTime::from))
    }

    /// When they registered.
    async fn registered_at(&self) -> DateTime {
        self.participant.registered_at.into()
    }

    /// When they confirmed that the address is theirs; null until then.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.participant.confirmed_at.map(DateTime::from)
    }

    /// When anything of this last changed.
    async fn changed_at(&self) -> DateTime {
        self.participant.changed_at.into()
    }

    /// Grows by one with each change. A change names the revision that it changes.
    async fn revision(&self) -> u32 {
        self.participant.revision
    }
}

impl<'a> Participant<'a> {
    /// A participant whom whoever asks may know of.
    pub(crate) fn new(asking: &'a RequestContext, participant: domain::Participant) -> Self {
        Self { asking, participant: Box::new(participant) }
    }

    fn owner(&self) -> ReportOwnerId {
        ReportOwnerId::Participant(self.participant.id)
    }
}

/// That somebody agreed to be contacted.
pub(crate) struct ContactConsent<'a>(&'a domain::participant::ContactConsent);

/// That somebody agreed to be contacted: to what, and when.
#[Object(serial)]
impl<'a> ContactConsent<'a> {
    /// The name of the text that they agreed to, with its version.
    async fn text(&self) -> &'a str {
        &self.0.text
    }

    /// When they agreed.
    async fn given_at(&self) -> DateTime {
        self.0.given_at.into()
    }
}

impl<'a> ContactConsent<'a> {
    /// What somebody agreed to who may be told.
    pub(crate) const fn new(consent: &'a domain::participant::ContactConsent) -> Self {
        Self(consent)
    }
}

/// Participants, as a part of what can be read.
#[derive(Default)]
pub(crate) struct ParticipantQuery;

#[Object(serial)]
impl ParticipantQuery {
    /// The participant whose secret is sent, or, with a key of their section or an administrator's, the
    /// one with this id; to anyone else null, as for an id that never was.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id; whoever sends their own secret may leave it out.")] id: Option<ID>,
    ) -> Result<Option<Participant<'ctx>>, ApiError> {
        let id = id.as_ref().map(id::participant).transpose();
        find(ctx, id.map_err(|rule| ApiError::bad_input(rule.to_string()))?).await
    }
}

/// The participant with this identity, or whose secret is sent, if whoever asks may know of them.
pub(crate) async fn find<'ctx>(
    ctx: &Context<'ctx>,
    id: Option<ParticipantId>,
) -> Result<Option<Participant<'ctx>>, ApiError> {
    let asking = RequestContext::of(ctx);
    if asking.asker == Viewer::Anonymous {
        return Ok(None);
    }
    let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
    let known = match asking.asker {
        Viewer::Staff(_) => id,
        Viewer::SecretHolder(_) | Viewer::Anonymous => {
            let own = held(&mut connection, asking).await?.map(ParticipantId::new);
            own.filter(|own| id.is_none_or(|id| id == *own))
        }
    };
    let Some(id) = known else { return Ok(None) };
    let found = participants::find(&mut connection, id).await?;
    let may = |found: &domain::Participant| match asking.asker {
        Viewer::Staff(staff) => staff.may_act_for(found.section_id),
        Viewer::SecretHolder(_) | Viewer::Anonymous => true,
    };
    Ok(found.filter(may).map(|participant| Participant::new(asking, participant)))
}

/// The participant or the attendance whose secret is sent.
pub(crate) async fn held(
    connection: &mut Connection,
    asking: &RequestContext,
) -> Result<Option<uuid::Uuid>, ApiError> {
    let Viewer::SecretHolder(secret) = asking.asker else { return Ok(None) };
    let holder = access_tokens::holder(connection, secret).await?;
    Ok(holder.map(|holder| holder.subject))
}
