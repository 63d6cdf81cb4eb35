//! Confirmation of e-mail addresses: the record that was registered with an address belongs to the owner of its mailbox.
//!
//! A person may register with the address of another. When the owner sends the code of the mail, everything that was
//! given to the sender of the registration is revoked: the secrets in responses, the URLs of calendars, and the
//! idempotency keys that would replay those responses. The owner gets a new secret in the response; the same code returns
//! the same secret again.
//!
//! An act with a mailed secret before the confirmation revokes the same and returns no new secret.

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
        groups, outbox, participants,
        reports::{self, ReportOwnerId},
    },
    mail::notice::Notice,
};

/// A confirmation code of a mail, as the client sent it.
#[derive(Clone, Debug)]
pub struct ConfirmationCode {
    /// The code.
    pub typed: String,
    /// The time of the request.
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

/// The record that belongs to the owner of the address now, and its new secret.
#[derive(Clone, Debug)]
pub struct ConfirmedAddress<T> {
    /// The record in its present state.
    pub owned: T,
    /// The secret of its owner.
    pub secret: String,
}

/// What becomes of the details that were entered beside the name and the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Details {
    /// They are kept.
    Kept,
    /// They are dropped, with the attendances; reports stay and count anonymously.
    Dropped,
}

/// Confirms a participant's address. A second time changes nothing.
///
/// # Errors
/// Database errors. Validation errors are those of [`Participant::confirm`], and
/// [`ViolationKind::NotFound`](domain::ViolationKind::NotFound) for an unknown code.
pub async fn participant(
    unit: &mut UnitOfWork<'_>,
    ConfirmParticipant { code, details }: &ConfirmParticipant,
) -> OperationResult<ConfirmedAddress<Participant>> {
    let Some(mailed) = mailed(unit, code).await? else { return Ok(Err(no_code())) };
    let found = participants::find(unit.conn(), ParticipantId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let mut after = match before.confirm(mailed.made_at, code.now) {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    if after != before {
        own_participant(unit.conn_mut(), &before, code.now).await?;
        if *details == Details::Dropped {
            after = after.without_details();
            attendance::erase_all(unit, after.id, code.now).await?;
            reports::forget(unit.conn_mut(), ReportOwnerId::Participant(after.id)).await?;
        }
        participants::update(unit.conn_mut(), &after).await?;
        attendance::confirm_all(unit, after.id, code.now).await?;
    }
    let secret = fresh_secret(unit, mailed.subject, code).await?;
    Ok(Ok(ConfirmedAddress { owned: after, secret }))
}

/// Confirms the address of a guest. A second time changes nothing.
///
/// # Errors
/// Database errors. The validation error is [`ViolationKind::NotFound`](domain::ViolationKind::NotFound).
pub async fn place(
    unit: &mut UnitOfWork<'_>,
    ConfirmAttendance(code): &ConfirmAttendance,
) -> OperationResult<ConfirmedAddress<Attendance>> {
    let Some(mailed) = mailed(unit, code).await? else { return Ok(Err(no_code())) };
    let found = attendances::find(unit.conn(), AttendanceId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let owned = if before.confirmed_at.is_some() {
        before
    } else {
        let owned = own_attendance(unit.conn_mut(), before, code.now).await?;
        attendance::confirm(unit, owned, code.now).await?
    };
    let secret = fresh_secret(unit, mailed.subject, code).await?;
    Ok(Ok(ConfirmedAddress { owned, secret }))
}

/// Confirms the address of an organizer. A second time changes nothing.
///
/// # Errors
/// Database errors. The validation error is [`ViolationKind::NotFound`](domain::ViolationKind::NotFound).
pub async fn event(
    unit: &mut UnitOfWork<'_>,
    ConfirmEvent(code): &ConfirmEvent,
) -> OperationResult<ConfirmedAddress<StoredEvent>> {
    let Some(mailed) = mailed(unit, code).await? else { return Ok(Err(no_code())) };
    let found = events::find(unit.conn(), EventId::new(mailed.subject)).await?;
    let Some(before) = found else { return Ok(Err(no_code())) };
    let secret = credentials::derive_owner_secret(mailed.subject, &code.typed);
    if before.facts().has_secret(SecretHash::of(&secret)) {
        return Ok(Ok(ConfirmedAddress { owned: before, secret }));
    }
    access_tokens::delete_from_responses(unit.conn_mut(), mailed.subject).await?;
    fresh_secret(unit, mailed.subject, code).await?;
    database::idempotency::forget_content(unit.conn_mut(), mailed.subject).await?;
    reports::void_host_secrets(unit.conn_mut(), before.event.id).await?;
    groups::void_secrets(unit.conn_mut(), before.event.id).await?;
    // What was read of an event before is known by its revision, and its secret with it.
    let revision = before.event.revision + 1;
    let event = domain::Event { revision, updated_at: code.now, ..before.event.clone() };
    let owned = StoredEvent { secret: SecretHash::of(&secret), event };
    events::update(unit.conn_mut(), &before.event, &owned).await?;
    Ok(Ok(ConfirmedAddress { owned, secret }))
}

/// Revokes the secrets of the former address of an organizer, and asks at the new one.
pub(super) async fn ask_organizer_anew(
    unit: &mut UnitOfWork<'_>,
    event: &domain::Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let id = event.id.uuid();
    access_tokens::delete(unit.conn_mut(), id).await?;
    let secret = notifications::mailed_secret(unit, id, now).await?;
    let notice = Notice::EventRegistered { when: notifications::event_summary(event).when, secret };
    let key = format!("event-registered:{}", event.revision);
    notifications::notify_organizer(unit, event, &key, &notice, now).await
}

/// Makes the first duplicate of a registration the original, since the one before was never confirmed and is left. The
/// mail with the code is sent to it now.
pub(super) async fn follow(
    unit: &mut UnitOfWork<'_>,
    left: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    let mut repeating = participants::find_duplicate(unit.conn(), left).await?;
    if repeating.is_empty() {
        return Ok(());
    }
    let first = repeating.remove(0);
    participants::set_duplicate(unit.conn_mut(), &[first], None).await?;
    participants::set_duplicate(unit.conn_mut(), &repeating, Some(first)).await?;
    let found = participants::find(unit.conn(), first).await?;
    if let Some(participant) = found.filter(|participant| participant.state.check_here().is_ok()) {
        let secret = notifications::mailed_secret(unit, first.uuid(), now).await?;
        let key = format!("registered:{}", first.uuid());
        notifications::notify(unit, &participant, &key, &Notice::ParticipantRegistered { secret }, now)
            .await?;
    }
    Ok(())
}

/// Revokes what the sender of a registration was given, if the sent secret was mailed and the address is not confirmed
/// yet.
///
/// # Errors
/// Database errors.
pub(crate) async fn by_act(
    connection: &mut Connection,
    holder: TokenHolder,
    now: Timestamp,
) -> Result<(), database::Error> {
    if holder.way != TokenOrigin::Email {
        return Ok(());
    }
    // After that, what is given with a mailed secret belongs to the owner.
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

/// Returns the holder of a code that was mailed.
async fn mailed(
    unit: &mut UnitOfWork<'_>,
    code: &ConfirmationCode,
) -> Result<Option<TokenHolder>, database::Error> {
    let holder = access_tokens::holder(unit.conn(), SecretHash::of(&code.typed)).await?;
    Ok(holder.filter(|holder| holder.way == TokenOrigin::Email))
}

fn no_code() -> domain::Violations {
    not_found("code", EntityKind::Code)
}

/// Returns the secret that is derived from this code, and stores it the first time.
async fn fresh_secret(
    unit: &mut UnitOfWork<'_>,
    subject: Uuid,
    code: &ConfirmationCode,
) -> Result<String, database::Error> {
    let secret = credentials::derive_owner_secret(subject, &code.typed);
    let hash = SecretHash::of(&secret);
    if access_tokens::holder(unit.conn(), hash).await?.is_none() {
        let holder = TokenHolder { subject, way: TokenOrigin::Response, made_at: code.now };
        access_tokens::insert(unit.conn_mut(), hash, holder).await?;
    }
    Ok(secret)
}

/// Revokes all other access to a participant and their attendances.
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

/// Revokes all other access to an attendance. It is detached from a participant of another address; a participant of the
/// same address is claimed too.
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

/// Revokes everything that the sender of the registration was given.
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
