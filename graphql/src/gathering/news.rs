//! News for people: notices that go into the outbox with the change that causes them.

use domain::{Attendance, CampaignId, EmailAddress, Event, Language, Participant};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Gathering, proving, unasked};
use crate::{
    database::{
        self,
        outbox::{self, Fate, Outgoing},
        person_secrets::{self, Holder, Way},
    },
    mail::notice::{Meeting, Moment, Notice},
    secret::{self, Hash},
};

/// On whose word somebody gets mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Theirs, who showed that the address is theirs; or that of staff.
    Own,
    /// That of the person who typed the address.
    Anybodys,
}

/// A fresh secret of a participant or an attendance that nobody learns but by mail.
pub(super) async fn mailed_secret(
    gathering: &mut Gathering<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<String, database::Error> {
    let secret = secret::mailed();
    let holder = Holder { subject, way: Way::Mailed, made_at: now };
    person_secrets::insert(gathering.writing(), Hash::of(&secret), holder).await?;
    Ok(secret)
}

/// Tells a participant.
pub(super) async fn tell(
    gathering: &mut Gathering<'_>,
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
        Notice::ParticipantAlreadyRegistered { .. } => Word::Anybodys,
        _ if participant.confirmed_at.is_some() => Word::Own,
        _ => Word::Anybodys,
    };
    put(gathering, &outgoing, word, now).await
}

/// Tells whoever comes to an event, if they said where.
pub(super) async fn tell_guest(
    gathering: &mut Gathering<'_>,
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
        Notice::EventCancelled { reason: Some(_), .. } => Word::Own,
        _ if attendance.confirmed_at.is_some() => Word::Own,
        _ => Word::Anybodys,
    };
    let subject = Some(attendance.id.uuid());
    let outgoing = Outgoing { key: &key, subject, to: email, language: &language, notice, put_at: now };
    put(gathering, &outgoing, word, now).await
}

/// Tells whoever organizes an event.
pub(super) async fn tell_organizer(
    gathering: &mut Gathering<'_>,
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
            Word::Own
        }
        Notice::EventRegistered { .. } => Word::Anybodys,
        _ if proving::is_proved(gathering.reading(), event.id).await? => Word::Own,
        _ => Word::Anybodys,
    };
    let outgoing =
        Outgoing { key: &key, subject: Some(id), to: &to, language: &language, notice, put_at: now };
    put(gathering, &outgoing, word, now).await
}

/// Forgets what waits to be told to somebody who is erased, and all of their secrets.
pub(super) async fn forget(
    gathering: &mut Gathering<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<(), database::Error> {
    drop_about(gathering, subject, now).await?;
    erase_files(gathering, subject).await?;
    person_secrets::forget(gathering.writing(), subject).await
}

/// Has what was written to somebody who is erased removed from the mail folder.
pub(super) async fn erase_files(gathering: &mut Gathering<'_>, subject: Uuid) -> Result<(), database::Error> {
    outbox::erase_files(gathering.writing(), subject).await
}

/// Drops what waits to be told about somebody or something.
pub(super) async fn drop_about(
    gathering: &mut Gathering<'_>,
    subject: Uuid,
    now: Timestamp,
) -> Result<(), database::Error> {
    outbox::drop_about(gathering.writing(), subject, now).await.map(drop)
}

/// An event as a notice names it.
pub(super) fn meeting(event: &Event) -> Meeting {
    let (content, at) = (&event.content, event.content.first_session().starts_at());
    Meeting { title: content.title.clone(), when: Moment { at, zone: content.zone.clone() } }
}

/// What somebody reads: what they said, or what their section speaks.
fn language(
    gathering: &Gathering<'_>,
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
pub(super) async fn put(
    gathering: &mut Gathering<'_>,
    outgoing: &Outgoing<'_>,
    word: Word,
    now: Timestamp,
) -> Result<(), database::Error> {
    match word {
        Word::Own => outbox::put(gathering.writing(), Uuid::now_v7(), outgoing, Fate::Waits).await.map(drop),
        Word::Anybodys => unasked::put(gathering, outgoing, Fate::Waits, now).await.map(drop),
    }
}
