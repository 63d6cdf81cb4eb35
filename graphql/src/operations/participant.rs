//! Participants: registered, confirmed, changed, gone and erased.
//!
//! Whoever registers with a name and an address that are known is not told so: they get a record of
//! their own, which looks and works like any other, and the owner of the address gets the mail. What
//! either pledges counts once the address is confirmed, by a code that only its owner can have.

use domain::{
    CampaignId, Participant, ParticipantId, ViolationKind, Violations,
    catalogue::Catalogue,
    event::EventPolicy,
    participant::{ParticipantDraft, ParticipantTransition},
    total::TotalScope,
    violation::EntityKind,
};
use jiff::Timestamp;

use super::{
    OperationResult, UnitOfWork, attendance, confirmation, lookup_key, not_found, notifications, record_staff,
};
use crate::{
    access::{self, Viewer},
    credentials::SecretHash,
    database::{
        self,
        access_tokens::{self, TokenHolder, TokenOrigin},
        calendar_tokens, participants,
        reports::{self, ReportOwnerId},
    },
    idempotency::{self, IdempotencyRecord, KeyLookup},
    mail::notice::Notice,
};

/// A new participant, as they were asked for.
#[derive(Clone, Debug)]
pub struct RegisterParticipant {
    /// The identity they get, unless the key was used before.
    pub id: ParticipantId,
    /// The hash of the secret that will manage their record.
    pub secret: SecretHash,
    /// The idempotency key it came with, or what is wrong with it.
    pub key: Result<SecretHash, ViolationKind>,
    /// Where they belong.
    pub campaign: CampaignId,
    /// What they say of themselves.
    pub draft: ParticipantDraft,
    /// Who asks.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// A participant who registered, now or when their key was first used.
#[derive(Clone, Debug)]
pub struct RegisteredParticipant {
    /// The participant as they stand now.
    pub participant: Participant,
    /// Whether the same had been done before, and nothing happened this time.
    pub replayed: bool,
}

/// A step of a participant who is there.
#[derive(Clone, Debug)]
pub struct ChangeParticipant {
    /// Who.
    pub id: ParticipantId,
    /// The revision that was read.
    pub expected_revision: u32,
    /// Which step.
    pub verb: ParticipantVerb,
    /// Who asks.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// What people can do with their registration.
#[derive(Clone, Debug)]
pub enum ParticipantVerb {
    /// Saying something else of oneself.
    Change(Box<ParticipantDraft>),
    /// Giving so many letters of the goal back.
    Release(f64),
    /// Taking no further part.
    Leave,
}

impl ParticipantVerb {
    /// The name of the mutation, for the audit log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Change(_) => "participantChange",
            Self::Release(_) => "goalRelease",
            Self::Leave => "participantLeave",
        }
    }
}

/// Registers somebody. The same key with the same content leads to the same record.
///
/// # Errors
/// That of the database. The rules that say no are those of [`Participant::registered`] and
/// [`Rule::KeyReusedWithOtherContent`].
pub async fn register(
    gathering: &mut UnitOfWork<'_>,
    asked: &RegisterParticipant,
) -> OperationResult<RegisteredParticipant> {
    let fingerprint = SecretHash::from_bytes(asked.draft.fingerprint(asked.campaign));
    match lookup_key(gathering, &asked.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(IdempotencyRecord { subject, .. }) => {
            let found = participants::find(gathering.conn(), ParticipantId::new(subject)).await?;
            let registered = found.map(|participant| RegisteredParticipant { participant, replayed: true });
            return Ok(registered.ok_or_else(|| not_found("idempotencyKey", EntityKind::Participant)));
        }
    }
    let mut violations = Violations::default();
    let participant =
        asked.judge(gathering.catalogue()).map_err(|broken| violations.extend_at(&[], broken)).ok();
    let key = violations.check("idempotencyKey", asked.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(participant), Some(key)) = (participant, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let now = asked.now;
    let earlier = participants::earlier(gathering.conn(), &participant).await?;
    let repeats = earlier.as_ref().map(|earlier| earlier.id);
    participants::insert(gathering.conn_mut(), &participant, repeats).await?;
    let subject = participant.id.uuid();
    let holder = TokenHolder { subject, way: TokenOrigin::Response, made_at: now };
    access_tokens::insert(gathering.conn_mut(), asked.secret, holder).await?;
    database::idempotency::insert(
        gathering.conn_mut(),
        key,
        IdempotencyRecord::registered(fingerprint, subject),
    )
    .await?;
    // Known or not, the same is done: a secret is made and a notice is put.
    let owner = earlier.as_ref().unwrap_or(&participant);
    let secret = notifications::mailed_secret(gathering, owner.id.uuid(), now).await?;
    let (news_key, notice) = match &earlier {
        None => (format!("registered:{subject}"), Notice::ParticipantRegistered { secret }),
        // Once a day: nobody fills the box of somebody else.
        Some(earlier) => {
            let day = now.as_second() / (24 * 60 * 60);
            let news_key = format!("already-registered:{}:{day}", earlier.id.uuid());
            (news_key, Notice::ParticipantAlreadyRegistered { secret: Some(secret) })
        }
    };
    notifications::notify(gathering, owner, &news_key, &notice, now).await?;
    record_staff(gathering, subject, asked.viewer, "participantRegister", now).await?;
    Ok(Ok(RegisteredParticipant { participant, replayed: false }))
}

/// Takes a step with a registration. To whoever may not know of it, it is not there.
///
/// # Errors
/// That of the database. The rules that say no are those of the step and [`Rule::NotFound`].
pub async fn step(gathering: &mut UnitOfWork<'_>, asked: &ChangeParticipant) -> OperationResult<Participant> {
    let Some((before, holder)) = managed(gathering, asked.id, asked.viewer).await? else {
        return Ok(Err(not_found("id", EntityKind::Participant)));
    };
    let terms = terms(gathering.catalogue(), before.campaign_id, asked.viewer);
    let Some(terms) = terms else {
        return Err(database::Error::Broken("a participant without their campaign".into()));
    };
    let step = ParticipantTransition { terms, expected_revision: asked.expected_revision, now: asked.now };
    let stepped = match &asked.verb {
        ParticipantVerb::Change(draft) => before.change(draft, &step),
        ParticipantVerb::Release(letters) => {
            let told = reports::totals_of(gathering.conn(), ReportOwnerId::Participant(before.id)).await?;
            before.release(*letters, told.sums(TotalScope::Edition).all.letters, &step)
        }
        ParticipantVerb::Leave => before.leave(&step),
    };
    let after = match stepped {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    let is_nobodys = is_unclaimed(&before, holder);
    if let Some(holder) = holder {
        confirmation::by_act(gathering.conn_mut(), holder, asked.now).await?;
    }
    participants::update(gathering.conn_mut(), &after).await?;
    let is_elsewhere = after.content.email.folded() != before.content.email.folded();
    if is_elsewhere {
        // Whoever reads the mail of the former address proves nothing of this one, and learns no more.
        access_tokens::delete_from_email(gathering.conn_mut(), after.id.uuid()).await?;
        calendar_tokens::delete(gathering.conn_mut(), after.id.uuid()).await?;
        notifications::cancel_pending_for(gathering, after.id.uuid(), asked.now).await?;
        attendance::change_email_of_all(gathering, &before, &after, asked.now).await?;
        let secret = notifications::mailed_secret(gathering, after.id.uuid(), asked.now).await?;
        let news_key = format!("registered:{}:{}", after.id.uuid(), after.revision);
        let notice = Notice::ParticipantRegistered { secret };
        notifications::notify(gathering, &after, &news_key, &notice, asked.now).await?;
    }
    let has_left = matches!(asked.verb, ParticipantVerb::Leave);
    if has_left {
        attendance::cancel_all_of(gathering, after.id, asked.now).await?;
    }
    if is_nobodys && (is_elsewhere || has_left) {
        confirmation::follow(gathering, after.id, asked.now).await?;
    }
    record_staff(gathering, after.id.uuid(), asked.viewer, asked.verb.name(), asked.now).await?;
    Ok(Ok(after))
}

/// A participant who is to be erased.
#[derive(Clone, Copy, Debug)]
pub struct EraseParticipant {
    /// The participant.
    pub id: ParticipantId,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// Erases a person for good: their record, those that repeat it, and who they were at events. What
/// they wrote was never theirs alone: it stays and counts. Without a proof of the address nothing is erased
/// but what was typed with it.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`].
pub async fn erase(
    gathering: &mut UnitOfWork<'_>,
    &EraseParticipant { id, viewer, now }: &EraseParticipant,
) -> OperationResult<()> {
    let Some((participant, holder)) = managed(gathering, id, viewer).await? else {
        return Ok(Err(not_found("id", EntityKind::Participant)));
    };
    let mut same_person = vec![id];
    if is_unclaimed(&participant, holder) {
        confirmation::follow(gathering, id, now).await?;
    } else {
        same_person.extend(participants::find_duplicate(gathering.conn(), id).await?);
    }
    for id in same_person {
        attendance::erase_all(gathering, id, now).await?;
        reports::forget(gathering.conn_mut(), ReportOwnerId::Participant(id)).await?;
        calendar_tokens::delete(gathering.conn_mut(), id.uuid()).await?;
        notifications::purge(gathering, id.uuid(), now).await?;
        database::idempotency::forget_content(gathering.conn_mut(), id.uuid()).await?;
        participants::delete(gathering.conn_mut(), id).await?;
    }
    record_staff(gathering, id.uuid(), viewer, "participantErase", now).await?;
    Ok(Ok(()))
}

impl RegisterParticipant {
    /// The participant, if no rule of the campaign says no.
    fn judge(&self, catalogue: &Catalogue) -> Result<Participant, Violations> {
        let terms = terms(catalogue, self.campaign, self.viewer);
        let terms = terms.ok_or_else(|| not_found("campaign", EntityKind::Campaign))?;
        Participant::registered(self.id, &self.draft, &terms, self.now)
    }
}

/// The participant, if whoever asks may manage them, and how the secret got to them that they send.
async fn managed(
    gathering: &mut UnitOfWork<'_>,
    id: ParticipantId,
    viewer: Viewer,
) -> Result<Option<(Participant, Option<TokenHolder>)>, database::Error> {
    let found = participants::find(gathering.conn(), id).await?;
    let Some(participant) = found else { return Ok(None) };
    let holder = match viewer.secret() {
        Some(secret) => access_tokens::holder(gathering.conn(), secret).await?,
        None => None,
    };
    let subject = holder.map(|holder| holder.subject);
    let access = access::participant_access(viewer, subject, id, participant.section_id);
    Ok(access.may_manage().then_some((participant, holder)))
}

/// Whether the caller may have typed the address of somebody else.
fn is_unclaimed(participant: &Participant, holder: Option<TokenHolder>) -> bool {
    participant.confirmed_at.is_none() && holder.is_some_and(|holder| holder.way == TokenOrigin::Response)
}

/// Elsewhere than in their own section staff are like anyone.
fn terms(catalogue: &Catalogue, campaign: CampaignId, viewer: Viewer) -> Option<EventPolicy<'_>> {
    let intake = catalogue.intake(campaign)?;
    Some(EventPolicy { intake, actor: viewer.actor_in(intake.section.id) })
}
