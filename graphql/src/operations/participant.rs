//! Operations on participants: registration, change, leaving and erasure.
//!
//! The response to a registration does not reveal whether the name and the address are known: it creates a record that
//! works like any other, and the owner of the address gets the mail. A pledge counts once the address is confirmed, by a
//! code that only the owner can have.

use domain::{
    CampaignId, Participant, ParticipantId, ViolationKind, Violations,
    catalogue::Catalogue,
    event::EventPolicy,
    number::CountDraft,
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

/// The registration of a participant.
#[derive(Clone, Debug)]
pub struct RegisterParticipant {
    /// The id of the new participant, unless the key was used before.
    pub id: ParticipantId,
    /// The hash of the secret that will manage their record.
    pub secret: SecretHash,
    /// The hash of the idempotency key, or the violation if it is no key.
    pub key: Result<SecretHash, ViolationKind>,
    /// The campaign.
    pub campaign: CampaignId,
    /// The content.
    pub draft: ParticipantDraft,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// The result of a registration, now or when the key was first used.
#[derive(Clone, Debug)]
pub struct RegisteredParticipant {
    /// The participant in the present state.
    pub participant: Participant,
    /// Whether the request is a replay that changed nothing.
    pub replayed: bool,
}

/// A change of a participant.
#[derive(Clone, Debug)]
pub struct ChangeParticipant {
    /// The participant.
    pub id: ParticipantId,
    /// The revision that the client has read.
    pub expected_revision: u32,
    /// The change.
    pub verb: ParticipantVerb,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// What people can do with their registration.
#[derive(Clone, Debug)]
pub enum ParticipantVerb {
    /// Saying something else of oneself.
    Change(Box<ParticipantDraft>),
    /// Giving so many letters of the goal back.
    Release(CountDraft),
    /// Taking no further part.
    Leave,
}

impl ParticipantVerb {
    /// The name of the mutation, for the audit log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Change(_) => "participantUpdate",
            Self::Release(_) => "pledgeRelease",
            Self::Leave => "participantLeave",
        }
    }
}

/// Registers a participant. The same key with the same content replays the first result.
///
/// # Errors
/// Database errors. Validation errors are those of [`Participant::registered`] and
/// [`ViolationKind::IdempotencyKeyConflict`].
pub async fn register(
    unit: &mut UnitOfWork<'_>,
    request: &RegisterParticipant,
) -> OperationResult<RegisteredParticipant> {
    let fingerprint = SecretHash::from_bytes(request.draft.fingerprint(request.campaign));
    match lookup_key(unit, &request.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(IdempotencyRecord { subject, .. }) => {
            let found = participants::find(unit.conn(), ParticipantId::new(subject)).await?;
            let registered = found.map(|participant| RegisteredParticipant { participant, replayed: true });
            return Ok(registered.ok_or_else(|| not_found("idempotency_key", EntityKind::Participant)));
        }
    }
    let mut violations = Violations::default();
    let participant =
        request.judge(unit.catalogue()).map_err(|broken| violations.extend_at(&[], broken)).ok();
    let key = violations.check("idempotency_key", request.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(participant), Some(key)) = (participant, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let now = request.now;
    let earlier = participants::earlier(unit.conn(), &participant).await?;
    let repeats = earlier.as_ref().map(|earlier| earlier.id);
    participants::insert(unit.conn_mut(), &participant, repeats).await?;
    let subject = participant.id.uuid();
    let holder = TokenHolder { subject, way: TokenOrigin::Response, made_at: now };
    access_tokens::insert(unit.conn_mut(), request.secret, holder).await?;
    database::idempotency::insert(unit.conn_mut(), key, IdempotencyRecord::registered(fingerprint, subject))
        .await?;
    // Known or not, the same is done: a secret is made and a notice is put.
    let owner = earlier.as_ref().unwrap_or(&participant);
    let secret = notifications::mailed_secret(unit, owner.id.uuid(), now).await?;
    let (news_key, notice) = match &earlier {
        None => (format!("registered:{subject}"), Notice::ParticipantRegistered { secret }),
        // At most once a day, so that a client cannot flood the mailbox of another person.
        Some(earlier) => {
            let day = now.as_second() / (24 * 60 * 60);
            let news_key = format!("already-registered:{}:{day}", earlier.id.uuid());
            (news_key, Notice::ParticipantAlreadyRegistered { secret: Some(secret) })
        }
    };
    notifications::notify(unit, owner, &news_key, &notice, now).await?;
    record_staff(unit, subject, request.viewer, "participantRegister", now).await?;
    Ok(Ok(RegisteredParticipant { participant, replayed: false }))
}

/// Changes a participant. For viewers without access the participant does not exist.
///
/// # Errors
/// Database errors. Validation errors are those of the step and [`ViolationKind::NotFound`].
pub async fn step(unit: &mut UnitOfWork<'_>, request: &ChangeParticipant) -> OperationResult<Participant> {
    let Some((before, holder)) = managed(unit, request.id, request.viewer).await? else {
        return Ok(Err(not_found("id", EntityKind::Participant)));
    };
    let terms = terms(unit.catalogue(), before.campaign_id, request.viewer);
    let Some(terms) = terms else {
        return Err(database::Error::Broken("a participant without their campaign".into()));
    };
    let step =
        ParticipantTransition { terms, expected_revision: request.expected_revision, now: request.now };
    let stepped = match &request.verb {
        ParticipantVerb::Change(draft) => before.change(draft, &step),
        ParticipantVerb::Release(letters) => {
            let totals = reports::totals_of(unit.conn(), ReportOwnerId::Participant(before.id)).await?;
            before.release(*letters, totals.sums(TotalScope::Edition).all.letters, &step)
        }
        ParticipantVerb::Leave => before.leave(&step),
    };
    let after = match stepped {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    let is_nobodys = is_unclaimed(&before, holder);
    if let Some(holder) = holder {
        confirmation::by_act(unit.conn_mut(), holder, request.now).await?;
    }
    participants::update(unit.conn_mut(), &after).await?;
    let is_elsewhere = after.content.email.folded() != before.content.email.folded();
    if is_elsewhere {
        // Access to the mail of the former address proves nothing about the new one.
        access_tokens::delete_from_email(unit.conn_mut(), after.id.uuid()).await?;
        calendar_tokens::delete(unit.conn_mut(), after.id.uuid()).await?;
        notifications::cancel_pending_for(unit, after.id.uuid(), request.now).await?;
        attendance::change_email_of_all(unit, &before, &after, request.now).await?;
        let secret = notifications::mailed_secret(unit, after.id.uuid(), request.now).await?;
        let news_key = format!("registered:{}:{}", after.id.uuid(), after.revision);
        let notice = Notice::ParticipantRegistered { secret };
        notifications::notify(unit, &after, &news_key, &notice, request.now).await?;
    }
    let has_left = matches!(request.verb, ParticipantVerb::Leave);
    if has_left {
        attendance::cancel_all_of(unit, after.id, request.now).await?;
    }
    if is_nobodys && (is_elsewhere || has_left) {
        confirmation::follow(unit, after.id, request.now).await?;
    }
    record_staff(unit, after.id.uuid(), request.viewer, request.verb.name(), request.now).await?;
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

/// Erases a participant: the record, its duplicates, and the person of their attendances. Reports stay and count. If the
/// address is not confirmed, duplicates are kept: they may belong to another person.
///
/// # Errors
/// Database errors. The validation error is [`ViolationKind::NotFound`].
pub async fn erase(
    unit: &mut UnitOfWork<'_>,
    &EraseParticipant { id, viewer, now }: &EraseParticipant,
) -> OperationResult<()> {
    let Some((participant, holder)) = managed(unit, id, viewer).await? else {
        return Ok(Err(not_found("id", EntityKind::Participant)));
    };
    let mut same_person = vec![id];
    if is_unclaimed(&participant, holder) {
        confirmation::follow(unit, id, now).await?;
    } else {
        same_person.extend(participants::find_duplicate(unit.conn(), id).await?);
    }
    for id in same_person {
        attendance::erase_all(unit, id, now).await?;
        reports::forget(unit.conn_mut(), ReportOwnerId::Participant(id)).await?;
        calendar_tokens::delete(unit.conn_mut(), id.uuid()).await?;
        notifications::purge(unit, id.uuid(), now).await?;
        database::idempotency::forget_content(unit.conn_mut(), id.uuid()).await?;
        participants::delete(unit.conn_mut(), id).await?;
    }
    record_staff(unit, id.uuid(), viewer, "participantErase", now).await?;
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

/// Returns the participant if the viewer may manage them, and how the sent secret was delivered.
async fn managed(
    unit: &mut UnitOfWork<'_>,
    id: ParticipantId,
    viewer: Viewer,
) -> Result<Option<(Participant, Option<TokenHolder>)>, database::Error> {
    let found = participants::find(unit.conn(), id).await?;
    let Some(participant) = found else { return Ok(None) };
    let holder = match viewer.secret() {
        Some(secret) => access_tokens::holder(unit.conn(), secret).await?,
        None => None,
    };
    let subject = holder.map(|holder| holder.subject);
    let access = access::participant_access(viewer, subject, id, participant.section_id);
    Ok(access.may_manage().then_some((participant, holder)))
}

/// Whether the address may belong to another person than the viewer.
fn is_unclaimed(participant: &Participant, holder: Option<TokenHolder>) -> bool {
    participant.confirmed_at.is_none() && holder.is_some_and(|holder| holder.way == TokenOrigin::Response)
}

/// Returns the policy of a campaign. Staff of another section have no rights there.
fn terms(catalogue: &Catalogue, campaign: CampaignId, viewer: Viewer) -> Option<EventPolicy<'_>> {
    let intake = catalogue.intake(campaign)?;
    Some(EventPolicy { intake, actor: viewer.actor_in(intake.section.id) })
}
