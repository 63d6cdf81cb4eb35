//! Attendances: people join an event, give their place back, move up, and are ticked off at the door.
//!
//! A place is taken and given back in the database, and the order of the waiting list is a number that
//! is decided there. While somebody waits there is no free place.

use domain::{
    Attendance, AttendanceId, Event, EventId, Participant, ParticipantId, Rule, Violations,
    attendance::{AttendanceState, GuestDraft},
    event::Audience,
    violation::Noun,
};
use jiff::Timestamp;

use super::{
    Decided, Gathering, news, not_found,
    once::{self, Before},
    proving, record_staff,
};
use crate::{
    database::{
        self, attendances,
        events::{self, Kept},
        gatherings::{self, Used},
        participants,
        person_secrets::{self, Holder, Way},
        places,
    },
    mail::notice::Notice,
    secret::{self, Credential, Hash},
};

mod leaving;
mod marking;
mod turn;

pub use leaving::{Leaving, cancel, erase};
pub use marking::{Marking, mark};
use turn::present;
pub(super) use turn::{confirm, confirm_all, erase_all, follow, give_back_all, readdress_all};

/// Somebody who wants to come to an event.
#[derive(Clone, Debug)]
pub struct Joining {
    /// The identity that the attendance gets, unless its key was used before.
    pub id: AttendanceId,
    /// The hash of the secret that will manage it.
    pub secret: Hash,
    /// The idempotency key it came with, or what is wrong with it.
    pub key: Result<Hash, Rule>,
    /// Which event.
    pub event: EventId,
    /// The hash of what the organizer gave to those who are invited.
    pub invitation: Option<Hash>,
    /// Who comes.
    pub draft: GuestDraft,
    /// Who asks: a participant joins as themselves.
    pub credential: Credential,
    /// When.
    pub now: Timestamp,
}

/// An attendance, now or when its key was first used.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The attendance as it stands now.
    pub attendance: Attendance,
    /// The event as it stands now.
    pub event: Event,
    /// Whether they had joined before, and nothing happened this time.
    pub replayed: bool,
    /// Whether it is this key that led to it; a participant may have joined with another one.
    pub is_by_this_key: bool,
}

/// Lets somebody join an event: to go there while there is room, to wait otherwise.
///
/// That somebody with this name and address has joined is said to the owner of the address alone. The
/// one who asks has a place like any other: were it none, the number of free places would give away who
/// goes.
///
/// # Errors
/// That of the database. The rules that say no are those of [`Event::check_joining`] and
/// [`GuestDraft::complete`], [`Rule::NotFound`] and [`Rule::KeyReusedWithOtherContent`].
pub async fn join(gathering: &mut Gathering<'_>, asked: &Joining) -> Decided<Joined> {
    let fingerprint = once::fingerprint(&("attendance", asked.event, &asked.draft))?;
    match once::before(gathering, &asked.key, fingerprint).await? {
        Before::New => {}
        Before::Other => return Ok(Err(once::reused())),
        Before::Same(subject) => {
            let found = attendances::find(gathering.reading(), AttendanceId::new(subject)).await?;
            return replay(gathering, found, true).await;
        }
    }
    let kept = events::find(gathering.reading(), asked.event).await?;
    let Some(kept) = kept.filter(|kept| asked.knows(kept)) else {
        return Ok(Err(not_found("event", Noun::Event)));
    };
    let (participant, holder) = asked.participant(gathering).await?.unzip();
    if let Some(participant) = &participant {
        let theirs = attendances::of_participant(gathering.reading(), participant.id).await?;
        let here = theirs
            .into_iter()
            .find(|one| one.event_id == asked.event && one.state != AttendanceState::Cancelled);
        if here.is_some() {
            return replay(gathering, here, false).await;
        }
    }
    let mut violations = Violations::default();
    violations.keep("event", kept.event.check_joining(asked.now));
    let content = participant.as_ref().map(|participant| &participant.content);
    let guest = asked.draft.complete(content).map_err(|broken| violations.extend_below(&[], broken)).ok();
    let key = violations.keep("idempotencyKey", asked.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(guest), Some(key)) = (guest, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let is_known = attendances::is_known(gathering.reading(), asked.event, &guest).await?;
    if let Some(holder) = holder {
        proving::by_act(gathering.writing(), holder, asked.now).await?;
    }
    let is_theirs = participant.as_ref().is_some_and(|participant| participant.has_proved(&guest));
    let is_vouched_for = asked.is_organizer(&kept);
    let mut has_place = kept.event.waiting == 0 && places::take(gathering.writing(), asked.event).await?;
    if !has_place && (is_theirs || is_vouched_for) {
        has_place = turn::take_over(gathering, &kept.event, asked.now).await?;
    }
    if !has_place {
        places::queue(gathering.writing(), asked.event).await?;
    }
    let attendance = Attendance {
        id: asked.id,
        event_id: asked.event,
        number: attendances::next_number(gathering.reading(), asked.event).await?,
        state: if has_place { AttendanceState::Going } else { AttendanceState::Waitlisted },
        participant_id: participant.map(|participant| participant.id),
        guest: Some(guest),
        joined_at: asked.now,
        changed_at: asked.now,
        confirmed_at: is_theirs.then_some(asked.now),
        is_vouched_for,
    };
    attendances::insert(gathering.writing(), &attendance).await?;
    let subject = asked.id.uuid();
    let holder = Holder { subject, way: Way::Answered, made_at: asked.now };
    person_secrets::insert(gathering.writing(), asked.secret, holder).await?;
    gatherings::use_key(gathering.writing(), key, Used { fingerprint, subject }).await?;
    let mailed = news::mailed_secret(gathering, subject, asked.now).await?;
    let event = news::meeting(&kept.event);
    let notice = match (is_known, has_place) {
        (true, _) => Notice::EventJoinedAgain { event, secret: mailed },
        (false, true) => Notice::EventJoined { event, secret: mailed },
        (false, false) => Notice::EventWaiting { event, secret: mailed },
    };
    news::tell_guest(gathering, &kept.event, &attendance, &notice, asked.now).await?;
    record_staff(gathering, subject, asked.credential, "eventJoin", asked.now).await?;
    let event = present(gathering, asked.event).await?;
    Ok(Ok(Joined { attendance, event, replayed: false, is_by_this_key: true }))
}

impl Joining {
    /// Whether an organizer of the event asks, or staff of its section.
    fn is_organizer(&self, kept: &Kept) -> bool {
        match self.credential {
            Credential::Staff(staff) => staff.act_for(kept.event.section_id),
            Credential::Secret(secret) => secret == kept.secret,
            Credential::None => false,
        }
    }

    /// Whether whoever asks may know of the event: all may, or they were invited, or it is theirs.
    fn knows(&self, kept: &Kept) -> bool {
        let event = &kept.event;
        let invitation = Hash::of(&secret::invitation(event.id, kept.secret));
        let is_invited = self.invitation == Some(invitation) && event.state.was_approved();
        self.is_organizer(kept) || is_invited || event.is_known_to(Audience::Everyone)
    }

    /// The participant who joins, if their secret was sent, and how that got to them.
    async fn participant(
        &self,
        gathering: &mut Gathering<'_>,
    ) -> Result<Option<(Participant, Holder)>, database::Error> {
        let Credential::Secret(secret) = self.credential else { return Ok(None) };
        let Some(holder) = person_secrets::holder(gathering.reading(), secret).await? else {
            return Ok(None);
        };
        let found = participants::find(gathering.reading(), ParticipantId::new(holder.subject)).await?;
        let here = found.filter(|participant| participant.state.check_here().is_ok());
        Ok(here.map(|participant| (participant, holder)))
    }
}

async fn replay(
    gathering: &mut Gathering<'_>,
    found: Option<Attendance>,
    is_by_this_key: bool,
) -> Decided<Joined> {
    let Some(attendance) = found else {
        return Ok(Err(not_found("idempotencyKey", Noun::Attendance)));
    };
    let event = present(gathering, attendance.event_id).await?;
    Ok(Ok(Joined { attendance, event, replayed: true, is_by_this_key }))
}
