//! News for people: notices that go into the outbox with the change that causes them.

use domain::{Attendance, CampaignId, EmailAddress, Event, Language, Participant};
use jiff::Timestamp;
use uuid::Uuid;

use super::{UnitOfWork, confirmation, unsolicited_mail};
use crate::{
    credentials::{self, SecretHash},
    database::{
        self,
        access_tokens::{self, TokenHolder, TokenOrigin},
        outbox::{self, NoticeState, Outgoing},
    },
    mail::notice::{EventSummary, Notice, ZonedInstant},
};

/// On whose word somebody gets mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretSource {
    /// Theirs, who showed that the address is theirs; or that of staff.
    Own,
    /// That of the person who typed the address.
    Anybodys,
}

/// A fresh secret of a participant or an attendance that nobody learns but by mail.
pub(super) async fn mailed_secret(
    gathering: &mut UnitOfWork<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<String, database::Error> {
    let secret = credentials::new_email_token();
    let holder = TokenHolder { subject, way: TokenOrigin::Email, made_at: now };
    access_tokens::insert(gathering.conn_mut(), SecretHash::of(&secret), holder).await?;
    Ok(secret)
}

/// Tells a participant.
pub(super) async fn notify(
    gathering: &mut UnitOfWork<'_>,
    participant: &Participant,
    key: &str,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), database::Error> {
    let content = &participant.content;
    let language = language(gathering, content.language.as_ref(), participant.campaign_id)?;
    let subject = Some(participant.id.uuid());
    let outgoing = Outgoing { key, subject, to: &content.email, language: &language, notice, put_at: now };
    let word = match notice {
        // Not the owner of the address asked for that.
        Notice::ParticipantAlreadyRegistered { .. } => SecretSource::Anybodys,
        _ if participant.confirmed_at.is_some() => SecretSource::Own,
        _ => SecretSource::Anybodys,
    };
    enqueue(gathering, &outgoing, word, now).await
}

/// Tells whoever comes to an event, if they said where.
pub(super) async fn notify_attendee(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    attendance: &Attendance,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), database::Error> {
    let Some(guest) = &attendance.guest else { return Ok(()) };
    let Some(email) = &guest.email else { return Ok(()) };
    let language = language(gathering, guest.language.as_ref(), event.campaign_id)?;
    let key = match notice {
        // Once a day: nobody fills the box of somebody else.
        Notice::EventJoinedAgain { .. } => {
            let day = now.as_second() / (24 * 60 * 60);
            format!("{}:{}:{}:{}:{day}", notice.kind(), event.id.uuid(), email.folded(), guest.name_folded())
        }
        // A place may lapse and come back.
        Notice::EventPlace { .. } | Notice::EventWaiting { .. } => {
            format!("{}:{}:{}", notice.kind(), attendance.id.uuid(), attendance.changed_at)
        }
        Notice::EventMoved { .. } => {
            format!("{}:{}:{}", notice.kind(), attendance.id.uuid(), event.revision)
        }
        _ => format!("{}:{}", notice.kind(), attendance.id.uuid()),
    };
    let word = match notice {
        // The reason is one of staff, where there is one.
        Notice::EventCancelled { reason: Some(_), .. } => SecretSource::Own,
        _ if attendance.confirmed_at.is_some() => SecretSource::Own,
        _ => SecretSource::Anybodys,
    };
    let subject = Some(attendance.id.uuid());
    let outgoing = Outgoing { key: &key, subject, to: email, language: &language, notice, put_at: now };
    enqueue(gathering, &outgoing, word, now).await
}

/// Tells whoever organizes an event.
pub(super) async fn notify_organizer(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    key: &str,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), database::Error> {
    // What was typed before addresses were looked at may be none.
    let Ok(to) = EmailAddress::parse(&event.content.organizer.email) else { return Ok(()) };
    let language = language(gathering, event.content.languages.first(), event.campaign_id)?;
    let id = event.id.uuid();
    let key = format!("{key}:{id}");
    let word = match notice {
        Notice::EventApproved { .. } | Notice::EventRejected { .. } | Notice::EventChangeRejected { .. } => {
            SecretSource::Own
        }
        Notice::EventRegistered { .. } => SecretSource::Anybodys,
        _ if confirmation::is_proved(gathering.conn(), event.id).await? => SecretSource::Own,
        _ => SecretSource::Anybodys,
    };
    let outgoing =
        Outgoing { key: &key, subject: Some(id), to: &to, language: &language, notice, put_at: now };
    enqueue(gathering, &outgoing, word, now).await
}

/// Forgets what waits to be told to somebody who is erased, and all of their secrets.
pub(super) async fn purge(
    gathering: &mut UnitOfWork<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<(), database::Error> {
    cancel_pending_for(gathering, subject, now).await?;
    erase_files(gathering, subject).await?;
    access_tokens::delete(gathering.conn_mut(), subject).await
}

/// Has what was written to somebody who is erased removed from the mail folder.
pub(super) async fn erase_files(
    gathering: &mut UnitOfWork<'_>,
    subject: Uuid,
) -> Result<(), database::Error> {
    outbox::erase_files(gathering.conn_mut(), subject).await
}

/// Drops what waits to be told about somebody or something.
pub(super) async fn cancel_pending_for(
    gathering: &mut UnitOfWork<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<(), database::Error> {
    outbox::cancel_about(gathering.conn_mut(), subject, now).await.map(drop)
}

/// An event as a notice names it.
pub(super) fn event_summary(event: &Event) -> EventSummary {
    let (content, at) = (&event.content, event.content.first_session().starts_at());
    EventSummary { title: content.title.clone(), when: ZonedInstant { at, zone: content.zone.clone() } }
}

/// What somebody reads: what they said, or what their section speaks.
fn language(
    gathering: &UnitOfWork<'_>,
    said: Option<&Language>,
    campaign: CampaignId,
) -> Result<Language, database::Error> {
    let spoken = || gathering.catalogue().intake(campaign)?.section.languages.first().cloned();
    match said.cloned().or_else(spoken) {
        Some(language) => Ok(language),
        None => Language::parse("en").map_err(|_| database::Error::Broken("no language at all".into())),
    }
}

/// Puts a notice into the outbox, unless the same news is there already, or the address got its share of what
/// nobody there asked for.
pub(super) async fn enqueue(
    gathering: &mut UnitOfWork<'_>,
    outgoing: &Outgoing<'_>,
    word: SecretSource,
    now: Timestamp,
) -> Result<(), database::Error> {
    match word {
        SecretSource::Own => {
            outbox::enqueue(gathering.conn_mut(), Uuid::now_v7(), outgoing, NoticeState::Pending)
                .await
                .map(drop)
        }
        SecretSource::Anybodys => {
            unsolicited_mail::enqueue(gathering, outgoing, NoticeState::Pending, now).await.map(drop)
        }
    }
}
