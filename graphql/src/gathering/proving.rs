//! Proving an address: what was registered with it belongs to the person who reads its mail, and to nobody else.
//!
//! Anybody may type an address. What was given to that person opens nothing any more once its owner
//! shows, by a code that went there by mail alone, that it is theirs: neither the secrets in the answers,
//! nor the addresses of calendars, nor the idempotency keys that would bring those answers again. The owner
//! gets a fresh secret in the answer to the code; the same code brings the same secret again.
//!
//! An act with a mailed secret before that shuts the others out too, and brings no fresh secret.

use domain::{
    Attendance, AttendanceId, EventId, Participant, ParticipantId, attendance::Guest, violation::Noun,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Decided, Gathering, attendance, news, not_found};
use crate::{
    database::{
        self, Connection, attendances, calendars,
        events::{self, Kept},
        gatherings, outbox, participants,
        person_secrets::{self, Holder, Way},
        reports::{self, Owner},
    },
    mail::notice::Notice,
    secret::{self, Hash},
};

/// A code that somebody sends back who read it in a mail.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code as it was typed.
    pub typed: String,
    /// When.
    pub now: Timestamp,
}

/// What belongs to its owner alone now, and the secret that manages it.
#[derive(Clone, Debug)]
pub struct Proved<T> {
    /// What it is, as it stands now.
    pub owned: T,
    /// The secret of its owner.
    pub secret: String,
}

/// What becomes of what was said beside a name and an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Details {
    /// It is the owner's.
    Kept,
    /// It is dropped, with places at events; letters stay and count as nobody's.
    Dropped,
}

/// Confirms a participant's address. A second time changes nothing.
///
/// # Errors
/// That of the database. The rules that say no are those of [`Participant::confirm`], and
/// [`Rule::NotFound`](domain::Rule::NotFound) for what is no code.
pub async fn participant(
    gathering: &mut Gathering<'_>,
    code: &Code,
    details: Details,
) -> Decided<Proved<Participant>> {
    let Some(mailed) = mailed(gathering, code).await? else { return Ok(Err(no_code())) };
    let found = participants::find(gathering.reading(), ParticipantId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let mut after = match before.confirm(mailed.made_at, code.now) {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    if after != before {
        own_participant(gathering.writing(), &before, code.now).await?;
        if details == Details::Dropped {
            after = after.without_details();
            attendance::erase_all(gathering, after.id, code.now).await?;
            reports::forget(gathering.writing(), Owner::Participant(after.id)).await?;
        }
        participants::update(gathering.writing(), &after).await?;
        attendance::confirm_all(gathering, after.id, code.now).await?;
    }
    let secret = fresh_secret(gathering, mailed.subject, code).await?;
    Ok(Ok(Proved { owned: after, secret }))
}

/// Confirms the address of a guest. A second time changes nothing.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn place(gathering: &mut Gathering<'_>, code: &Code) -> Decided<Proved<Attendance>> {
    let Some(mailed) = mailed(gathering, code).await? else { return Ok(Err(no_code())) };
    let found = attendances::find(gathering.reading(), AttendanceId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let owned = if before.confirmed_at.is_some() {
        before
    } else {
        let owned = own_attendance(gathering.writing(), before, code.now).await?;
        attendance::confirm(gathering, owned, code.now).await?
    };
    let secret = fresh_secret(gathering, mailed.subject, code).await?;
    Ok(Ok(Proved { owned, secret }))
}

/// Confirms the address of an organizer. A second time changes nothing.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn event(gathering: &mut Gathering<'_>, code: &Code) -> Decided<Proved<Kept>> {
    let Some(mailed) = mailed(gathering, code).await? else { return Ok(Err(no_code())) };
    let found = events::find(gathering.reading(), EventId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let secret = secret::of_owner(mailed.subject, &code.typed);
    if Hash::of(&secret) == before.secret {
        return Ok(Ok(Proved { owned: before, secret }));
    }
    person_secrets::forget_answered(gathering.writing(), mailed.subject).await?;
    fresh_secret(gathering, mailed.subject, code).await?;
    gatherings::forget_content(gathering.writing(), mailed.subject).await?;
    reports::void_host_secrets(gathering.writing(), before.event.id).await?;
    // What was read of an event before is known by its revision, and its secret with it.
    let revision = before.event.revision + 1;
    let event = domain::Event { revision, changed_at: code.now, ..before.event.clone() };
    let owned = Kept { secret: Hash::of(&secret), event };
    events::update(gathering.writing(), &before.event, &owned).await?;
    Ok(Ok(Proved { owned, secret }))
}

/// Whether the organizer of an event has shown that the address is theirs.
pub(super) async fn is_proved(connection: &mut Connection, event: EventId) -> Result<bool, database::Error> {
    person_secrets::has_answered(connection, event.uuid()).await
}

/// Has the former address of an organizer prove nothing any more, and asks at the new one.
pub(super) async fn ask_organizer_anew(
    gathering: &mut Gathering<'_>,
    event: &domain::Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let id = event.id.uuid();
    person_secrets::forget(gathering.writing(), id).await?;
    let secret = news::mailed_secret(gathering, id, now).await?;
    let notice = Notice::EventRegistered { when: news::meeting(event).when, secret };
    let key = format!("event-registered:{}", event.revision);
    news::tell_organizer(gathering, event, &key, &notice, now).await
}

/// Has the first of those who repeat a registration be the first of all, since the one before is not theirs:
/// the address was never proved. The mail with the code goes there now.
pub(super) async fn follow(
    gathering: &mut Gathering<'_>,
    left: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    let mut repeating = participants::repeating(gathering.reading(), left).await?;
    if repeating.is_empty() {
        return Ok(());
    }
    let first = repeating.remove(0);
    participants::set_repeated(gathering.writing(), &[first], None).await?;
    participants::set_repeated(gathering.writing(), &repeating, Some(first)).await?;
    let found = participants::find(gathering.reading(), first).await?;
    if let Some(participant) = found.filter(|participant| participant.state.check_here().is_ok()) {
        let secret = news::mailed_secret(gathering, first.uuid(), now).await?;
        let key = format!("registered:{}", first.uuid());
        news::tell(gathering, &participant, &key, &Notice::ParticipantRegistered { secret }, now).await?;
    }
    Ok(())
}

/// Shuts all others out of what this secret belongs to, if it came by mail and nobody has proved the address
/// yet.
///
/// # Errors
/// That of the database.
pub(crate) async fn by_act(
    connection: &mut Connection,
    holder: Holder,
    now: Timestamp,
) -> Result<(), database::Error> {
    if holder.way != Way::Mailed {
        return Ok(());
    }
    // Once the others are shut out, what is given with a mailed secret is the owner's.
    if !person_secrets::has_answered(connection, holder.subject).await? {
        return Ok(());
    }
    let participant = participants::find(connection, ParticipantId::new(holder.subject)).await?;
    if let Some(participant) = participant.filter(|participant| participant.confirmed_at.is_none()) {
        return own_participant(connection, &participant, now).await;
    }
    let attendance = attendances::find(connection, AttendanceId::new(holder.subject)).await?;
    if let Some(attendance) = attendance.filter(|attendance| attendance.confirmed_at.is_none()) {
        own_attendance(connection, attendance, now).await?;
    }
    Ok(())
}

/// Whom a code belongs to that was mailed.
async fn mailed(gathering: &mut Gathering<'_>, code: &Code) -> Result<Option<Holder>, database::Error> {
    let holder = person_secrets::holder(gathering.reading(), Hash::of(&code.typed)).await?;
    Ok(holder.filter(|holder| holder.way == Way::Mailed))
}

fn no_code() -> Vec<domain::Violation> {
    not_found("code", Noun::Code)
}

/// The secret that this code brings, whether it has brought it before or not.
async fn fresh_secret(
    gathering: &mut Gathering<'_>,
    subject: Uuid,
    code: &Code,
) -> Result<String, database::Error> {
    let secret = secret::of_owner(subject, &code.typed);
    let hash = Hash::of(&secret);
    if person_secrets::holder(gathering.reading(), hash).await?.is_none() {
        let holder = Holder { subject, way: Way::Answered, made_at: code.now };
        person_secrets::insert(gathering.writing(), hash, holder).await?;
    }
    Ok(secret)
}

/// Has a participant's record, with their places at events, belong to the reader of its mail alone.
async fn own_participant(
    connection: &mut Connection,
    participant: &Participant,
    now: Timestamp,
) -> Result<(), database::Error> {
    void(connection, participant.id.uuid(), Owner::Participant(participant.id)).await?;
    let address = &participant.content.email;
    for attendance in attendances::of_participant(connection, participant.id).await? {
        let (id, subject) = (attendance.id, attendance.id.uuid());
        void(connection, subject, Owner::Attendance(id)).await?;
        let Some(guest) = &attendance.guest else { continue };
        if guest.email.as_ref().is_some_and(|email| email.folded() == address.folded()) {
            continue;
        }
        // Its mail went elsewhere: what was read there opens nothing any more.
        person_secrets::forget(connection, subject).await?;
        outbox::drop_about(connection, subject, now).await?;
        let guest = Some(Guest { email: Some(address.clone()), ..guest.clone() });
        attendances::update(connection, &Attendance { guest, ..attendance }).await?;
    }
    Ok(())
}

/// Has a place belong to the reader of its mail alone. A participant of another address has nothing to
/// do with it any more; one of the same address is theirs too.
async fn own_attendance(
    connection: &mut Connection,
    attendance: Attendance,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    void(connection, attendance.id.uuid(), Owner::Attendance(attendance.id)).await?;
    let Some(id) = attendance.participant_id else { return Ok(attendance) };
    let address = attendance.guest.as_ref().and_then(|guest| guest.email.as_ref());
    let address = address.map(domain::EmailAddress::folded);
    match participants::find(connection, id).await? {
        Some(participant) if Some(participant.content.email.folded()) == address => {
            if participant.confirmed_at.is_none() {
                own_participant(connection, &participant, now).await?;
            }
            Ok(attendance)
        }
        _ => {
            let alone = Attendance { participant_id: None, ..attendance };
            reports::leave_participant(connection, alone.id).await?;
            attendances::update(connection, &alone).await?;
            Ok(alone)
        }
    }
}

/// Voids everything that was given to the person who typed the address.
async fn void(connection: &mut Connection, subject: Uuid, owner: Owner) -> Result<(), database::Error> {
    person_secrets::forget_answered(connection, subject).await?;
    calendars::forget_answered(connection, subject).await?;
    gatherings::forget_content(connection, subject).await?;
    reports::void_secrets(connection, owner).await
}
