//! Proving an address: what was registered with it belongs to the person who reads its mail, and to nobody else.
//!
//! Anybody may type an address. What was given to that person opens nothing any more once its owner
//! shows, by a code that went there by mail alone, that it is theirs: neither the secrets in the answers,
//! nor the addresses of calendars, nor the idempotency keys that would bring those answers again. The owner
//! gets a fresh secret in the answer to the code; the same code brings the same secret again.
//!
//! An act with a mailed secret before that shuts the others out too, and brings no fresh secret.

use domain::{
    Attendance, AttendanceId, EventId, Participant, ParticipantId, attendance::Guest, violation::EntityKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{OperationResult, UnitOfWork, attendance, not_found, notifications};
use crate::{
    credentials::{self, SecretHash},
    database::{
        self, Connection,
        access_tokens::{self, TokenHolder, TokenOrigin},
        attendances, calendar_tokens,
        events::{self, StoredEvent},
        outbox, participants,
        reports::{self, ReportOwnerId},
    },
    mail::notice::Notice,
};

/// A code that somebody sends back who read it in a mail.
#[derive(Clone, Debug)]
pub struct ConfirmationCode {
    /// The code as it was typed.
    pub typed: String,
    /// When.
    pub now: Timestamp,
}

/// The code of a mail to a participant.
#[derive(Clone, Debug)]
pub struct ConfirmParticipant {
    /// The code.
    pub code: ConfirmationCode,
    /// What becomes of the details that were typed with the address.
    pub details: Details,
}

/// The code of a mail about an attendance.
#[derive(Clone, Debug)]
pub struct ConfirmAttendance(pub ConfirmationCode);

/// The code of a mail about an event.
#[derive(Clone, Debug)]
pub struct ConfirmEvent(pub ConfirmationCode);

/// What belongs to its owner alone now, and the secret that manages it.
#[derive(Clone, Debug)]
pub struct ConfirmedAddress<T> {
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
    gathering: &mut UnitOfWork<'_>,
    ConfirmParticipant { code, details }: &ConfirmParticipant,
) -> OperationResult<ConfirmedAddress<Participant>> {
    let Some(mailed) = mailed(gathering, code).await? else { return Ok(Err(no_code())) };
    let found = participants::find(gathering.conn(), ParticipantId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let mut after = match before.confirm(mailed.made_at, code.now) {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    if after != before {
        own_participant(gathering.conn_mut(), &before, code.now).await?;
        if *details == Details::Dropped {
            after = after.without_details();
            attendance::erase_all(gathering, after.id, code.now).await?;
            reports::forget(gathering.conn_mut(), ReportOwnerId::Participant(after.id)).await?;
        }
        participants::update(gathering.conn_mut(), &after).await?;
        attendance::confirm_all(gathering, after.id, code.now).await?;
    }
    let secret = fresh_secret(gathering, mailed.subject, code).await?;
    Ok(Ok(ConfirmedAddress { owned: after, secret }))
}

/// Confirms the address of a guest. A second time changes nothing.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn place(
    gathering: &mut UnitOfWork<'_>,
    ConfirmAttendance(code): &ConfirmAttendance,
) -> OperationResult<ConfirmedAddress<Attendance>> {
    let Some(mailed) = mailed(gathering, code).await? else { return Ok(Err(no_code())) };
    let found = attendances::find(gathering.conn(), AttendanceId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let owned = if before.confirmed_at.is_some() {
        before
    } else {
        let owned = own_attendance(gathering.conn_mut(), before, code.now).await?;
        attendance::confirm(gathering, owned, code.now).await?
    };
    let secret = fresh_secret(gathering, mailed.subject, code).await?;
    Ok(Ok(ConfirmedAddress { owned, secret }))
}

/// Confirms the address of an organizer. A second time changes nothing.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn event(
    gathering: &mut UnitOfWork<'_>,
    ConfirmEvent(code): &ConfirmEvent,
) -> OperationResult<ConfirmedAddress<StoredEvent>> {
    let Some(mailed) = mailed(gathering, code).await? else { return Ok(Err(no_code())) };
    let found = events::find(gathering.conn(), EventId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let secret = credentials::derive_owner_secret(mailed.subject, &code.typed);
    if before.facts().has_secret(SecretHash::of(&secret)) {
        return Ok(Ok(ConfirmedAddress { owned: before, secret }));
    }
    access_tokens::delete_from_responses(gathering.conn_mut(), mailed.subject).await?;
    fresh_secret(gathering, mailed.subject, code).await?;
    database::idempotency::forget_content(gathering.conn_mut(), mailed.subject).await?;
    reports::void_host_secrets(gathering.conn_mut(), before.event.id).await?;
    // What was read of an event before is known by its revision, and its secret with it.
    let revision = before.event.revision + 1;
    let event = domain::Event { revision, changed_at: code.now, ..before.event.clone() };
    let owned = StoredEvent { secret: SecretHash::of(&secret), event };
    events::update(gathering.conn_mut(), &before.event, &owned).await?;
    Ok(Ok(ConfirmedAddress { owned, secret }))
}

/// Whether the organizer of an event has shown that the address is theirs.
pub(super) async fn is_proved(connection: &mut Connection, event: EventId) -> Result<bool, database::Error> {
    access_tokens::has_answered(connection, event.uuid()).await
}

/// Has the former address of an organizer prove nothing any more, and asks at the new one.
pub(super) async fn ask_organizer_anew(
    gathering: &mut UnitOfWork<'_>,
    event: &domain::Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let id = event.id.uuid();
    access_tokens::delete(gathering.conn_mut(), id).await?;
    let secret = notifications::mailed_secret(gathering, id, now).await?;
    let notice = Notice::EventRegistered { when: notifications::event_summary(event).when, secret };
    let key = format!("event-registered:{}", event.revision);
    notifications::notify_organizer(gathering, event, &key, &notice, now).await
}

/// Has the first of those who repeat a registration be the first of all, since the one before is not theirs:
/// the address was never proved. The mail with the code goes there now.
pub(super) async fn follow(
    gathering: &mut UnitOfWork<'_>,
    left: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    let mut repeating = participants::find_duplicate(gathering.conn(), left).await?;
    if repeating.is_empty() {
        return Ok(());
    }
    let first = repeating.remove(0);
    participants::set_duplicate(gathering.conn_mut(), &[first], None).await?;
    participants::set_duplicate(gathering.conn_mut(), &repeating, Some(first)).await?;
    let found = participants::find(gathering.conn(), first).await?;
    if let Some(participant) = found.filter(|participant| participant.state.check_here().is_ok()) {
        let secret = notifications::mailed_secret(gathering, first.uuid(), now).await?;
        let key = format!("registered:{}", first.uuid());
        notifications::notify(gathering, &participant, &key, &Notice::ParticipantRegistered { secret }, now)
            .await?;
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
    holder: TokenHolder,
    now: Timestamp,
) -> Result<(), database::Error> {
    if holder.way != TokenOrigin::Email {
        return Ok(());
    }
    // Once the others are shut out, what is given with a mailed secret is the owner's.
    if !access_tokens::has_answered(connection, holder.subject).await? {
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
async fn mailed(
    gathering: &mut UnitOfWork<'_>,
    code: &ConfirmationCode,
) -> Result<Option<TokenHolder>, database::Error> {
    let holder = access_tokens::holder(gathering.conn(), SecretHash::of(&code.typed)).await?;
    Ok(holder.filter(|holder| holder.way == TokenOrigin::Email))
}

fn no_code() -> domain::Violations {
    not_found("code", EntityKind::Code)
}

/// The secret that this code brings, whether it has brought it before or not.
async fn fresh_secret(
    gathering: &mut UnitOfWork<'_>,
    subject: Uuid,
    code: &ConfirmationCode,
) -> Result<String, database::Error> {
    let secret = credentials::derive_owner_secret(subject, &code.typed);
    let hash = SecretHash::of(&secret);
    if access_tokens::holder(gathering.conn(), hash).await?.is_none() {
        let holder = TokenHolder { subject, way: TokenOrigin::Response, made_at: code.now };
        access_tokens::insert(gathering.conn_mut(), hash, holder).await?;
    }
    Ok(secret)
}

/// Has a participant's record, with their places at events, belong to the reader of its mail alone.
async fn own_participant(
    connection: &mut Connection,
    participant: &Participant,
    now: Timestamp,
) -> Result<(), database::Error> {
    void(connection, participant.id.uuid(), ReportOwnerId::Participant(participant.id)).await?;
    let address = &participant.content.email;
    for attendance in attendances::of_participant(connection, participant.id).await? {
        let (id, subject) = (attendance.id, attendance.id.uuid());
        void(connection, subject, ReportOwnerId::Attendance(id)).await?;
        let Some(guest) = &attendance.guest else { continue };
        if guest.email.as_ref().is_some_and(|email| email.folded() == address.folded()) {
            continue;
        }
        // Its mail went elsewhere: what was read there opens nothing any more.
        access_tokens::delete(connection, subject).await?;
        outbox::cancel_about(connection, subject, now).await?;
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
    void(connection, attendance.id.uuid(), ReportOwnerId::Attendance(attendance.id)).await?;
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
async fn void(
    connection: &mut Connection,
    subject: Uuid,
    owner: ReportOwnerId,
) -> Result<(), database::Error> {
    access_tokens::delete_from_responses(connection, subject).await?;
    calendar_tokens::delete_from_responses(connection, subject).await?;
    database::idempotency::forget_content(connection, subject).await?;
    reports::void_secrets(connection, owner).await
}
