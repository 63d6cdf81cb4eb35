//! Notices to people, which enter the outbox in the transaction of the change that causes them.

use domain::{Attendance, CampaignId, EmailAddress, Event, Language, Participant};
use jiff::Timestamp;
use uuid::Uuid;

use super::{UnitOfWork, unsolicited_mail};
use crate::{
    credentials::{self, SecretHash},
    database::{
        self,
        access_tokens::{self, TokenHolder, TokenOrigin},
        outbox::{self, NoticeState, Outgoing},
    },
    mail::notice::{EventSummary, Notice, ZonedInstant},
};

/// Whether the recipient has asked for a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretSource {
    /// Yes: the address is confirmed, or staff have caused the mail.
    Own,
    /// Unknown: another person may have typed the address.
    Anybodys,
}

/// Stores a new secret of a participant, an attendance or an event that is delivered by mail only.
pub(super) async fn mailed_secret(
    unit: &mut UnitOfWork<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<String, database::Error> {
    let secret = credentials::new_email_token();
    let holder = TokenHolder { subject, way: TokenOrigin::Email, made_at: now };
    access_tokens::insert(unit.conn_mut(), SecretHash::of(&secret), holder).await?;
    Ok(secret)
}

/// Notifies a participant.
pub(super) async fn notify(
    unit: &mut UnitOfWork<'_>,
    participant: &Participant,
    key: &str,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), database::Error> {
    let content = &participant.content;
    let language = language(unit, content.language.as_ref(), participant.campaign_id)?;
    let subject = Some(participant.id.uuid());
    let outgoing =
        Outgoing { key, subject, to: &content.email, language: &language, notice, enqueued_at: now };
    let source = match notice {
        // Not the owner of the address asked for that.
        Notice::ParticipantAlreadyRegistered { .. } => SecretSource::Anybodys,
        _ if participant.confirmed_at.is_some() => SecretSource::Own,
        _ => SecretSource::Anybodys,
    };
    enqueue(unit, &outgoing, source, now).await
}

/// Notifies an attendee who has given an address.
pub(super) async fn notify_attendee(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    attendance: &Attendance,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), database::Error> {
    let Some(guest) = &attendance.guest else { return Ok(()) };
    let Some(email) = &guest.email else { return Ok(()) };
    let language = language(unit, guest.language.as_ref(), event.campaign_id)?;
    let key = match notice {
        // At most once a day, so that a client cannot flood the mailbox of another person.
        Notice::EventJoinedAgain { .. } => {
            let day = now.as_second() / (24 * 60 * 60);
            format!("{}:{}:{}:{}:{day}", notice.kind(), event.id.uuid(), email.folded(), guest.name_folded())
        }
        // A place may lapse and come back.
        Notice::EventPlace { .. } | Notice::EventWaiting { .. } => {
            format!("{}:{}:{}", notice.kind(), attendance.id.uuid(), attendance.updated_at)
        }
        Notice::EventMoved { .. } | Notice::EventClockChanged { .. } => {
            format!("{}:{}:{}", notice.kind(), attendance.id.uuid(), event.revision)
        }
        _ => format!("{}:{}", notice.kind(), attendance.id.uuid()),
    };
    let source = match notice {
        // The reason is one of staff, where there is one.
        Notice::EventCancelled { reason: Some(_), .. } | Notice::EventWithdrawn { .. } => SecretSource::Own,
        _ if attendance.confirmed_at.is_some() => SecretSource::Own,
        _ => SecretSource::Anybodys,
    };
    let subject = Some(attendance.id.uuid());
    let outgoing = Outgoing { key: &key, subject, to: email, language: &language, notice, enqueued_at: now };
    enqueue(unit, &outgoing, source, now).await
}

/// Notifies the organizer of an event.
pub(super) async fn notify_organizer(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    key: &str,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), database::Error> {
    // What was typed before addresses were looked at may be none.
    let Ok(to) = EmailAddress::parse(&event.content.organizer.email) else { return Ok(()) };
    let language = language(unit, event.content.languages.first(), event.campaign_id)?;
    let id = event.id.uuid();
    let key = format!("{key}:{id}");
    let source = match notice {
        Notice::EventApproved { .. }
        | Notice::EventRejected { .. }
        | Notice::EventChangeRejected { .. }
        | Notice::EventApprovalRevoked { .. } => SecretSource::Own,
        Notice::EventRegistered { .. } => SecretSource::Anybodys,
        _ if access_tokens::has_answered(unit.conn(), event.id.uuid()).await? => SecretSource::Own,
        _ => SecretSource::Anybodys,
    };
    let outgoing =
        Outgoing { key: &key, subject: Some(id), to: &to, language: &language, notice, enqueued_at: now };
    enqueue(unit, &outgoing, source, now).await
}

/// Cancels the pending notices of an erased person and deletes their secrets.
pub(super) async fn purge(
    unit: &mut UnitOfWork<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<(), database::Error> {
    cancel_pending_for(unit, subject, now).await?;
    erase_files(unit, subject).await?;
    access_tokens::delete(unit.conn_mut(), subject).await
}

/// Has the files of mail to an erased person removed from the mail folder.
pub(super) async fn erase_files(unit: &mut UnitOfWork<'_>, subject: Uuid) -> Result<(), database::Error> {
    outbox::erase_files(unit.conn_mut(), subject).await
}

/// Cancels the pending notices about a subject.
pub(super) async fn cancel_pending_for(
    unit: &mut UnitOfWork<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<(), database::Error> {
    outbox::cancel_about(unit.conn_mut(), subject, now).await.map(drop)
}

/// The summary of an event in a notice.
pub(super) fn event_summary(event: &Event) -> EventSummary {
    let content = &event.content;
    let when = ZonedInstant::start_of(content.first_session(), &content.zone);
    EventSummary { title: content.title.clone(), when }
}

/// The language of a person: the stated one, or that of the section.
fn language(
    unit: &UnitOfWork<'_>,
    preferred: Option<&Language>,
    campaign: CampaignId,
) -> Result<Language, database::Error> {
    let spoken = || unit.catalogue().intake(campaign)?.section.languages.first().cloned();
    match preferred.cloned().or_else(spoken) {
        Some(language) => Ok(language),
        None => Language::parse("en").map_err(|_| database::Error::Broken("no language at all".into())),
    }
}

/// Adds a notice to the outbox, unless the same notice is there already or the limit of unsolicited mail to the address
/// is reached.
pub(super) async fn enqueue(
    unit: &mut UnitOfWork<'_>,
    outgoing: &Outgoing<'_>,
    source: SecretSource,
    now: Timestamp,
) -> Result<(), database::Error> {
    match source {
        SecretSource::Own => {
            outbox::enqueue(unit.conn_mut(), Uuid::now_v7(), outgoing, NoticeState::Pending).await.map(drop)
        }
        SecretSource::Anybodys => {
            unsolicited_mail::enqueue(unit, outgoing, NoticeState::Pending, now).await.map(drop)
        }
    }
}
