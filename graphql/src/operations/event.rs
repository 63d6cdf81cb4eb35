//! Events: registered, changed and led through their states.

use domain::{
    CampaignId, EmailAddress, Event, EventId, ViolationKind, Violations,
    catalogue::{Catalogue, StaffAction},
    event::{EventDraft, EventPolicy, EventTransition, SessionDraft, copy_fingerprint},
    text,
    violation::EntityKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    OperationResult, UnitOfWork, attendance, confirmation, lookup_key, not_found, notifications, relocation,
};
use crate::{
    access::{self, Viewer},
    credentials::SecretHash,
    database::{
        self,
        events::{self, StoredEvent},
        reports,
    },
    idempotency::{self, IdempotencyRecord, KeyLookup},
    mail::notice::Notice,
};

/// A new event, as it was asked for.
#[derive(Clone, Debug)]
pub struct RegisterEvent {
    /// The identity it gets, unless its key was used before.
    pub id: EventId,
    /// The hash of the secret that will manage it.
    pub secret: SecretHash,
    /// The idempotency key it came with, or what is wrong with it.
    pub key: Result<SecretHash, ViolationKind>,
    /// Where it belongs.
    pub campaign: CampaignId,
    /// What is to become of it.
    pub wish: InitialState,
    /// Who asks.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// What is to become of a new event.
#[derive(Clone, Debug)]
pub enum InitialState {
    /// A draft, which its organizer goes on with later.
    Draft(Box<EventDraft>),
    /// It is handed in for review at once.
    Submit(Box<EventDraft>),
    /// A draft like an event that there was, at other times.
    Copy {
        /// The event that there was.
        of: EventId,
        /// When the new one takes place.
        sessions: Vec<SessionDraft>,
    },
}

impl InitialState {
    /// The name of the mutation, for the audit log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Draft(_) | Self::Submit(_) => "eventRegister",
            Self::Copy { .. } => "eventCopy",
        }
    }
}

/// An event that was registered, now or when its key was first used.
#[derive(Clone, Debug)]
pub struct RegisteredEvent {
    /// The event as it stands now.
    pub kept: StoredEvent,
    /// Whether the same had been done before, and nothing happened this time.
    pub replayed: bool,
}

/// A step of an event that is there.
#[derive(Clone, Debug)]
pub struct ChangeEvent {
    /// Which event.
    pub id: EventId,
    /// The revision that was read.
    pub expected_revision: u32,
    /// Which step.
    pub verb: EventVerb,
    /// Who asks.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// What can be done with an event.
#[derive(Clone, Debug)]
pub enum EventVerb {
    /// Saying something else of it.
    Change(Box<EventDraft>),
    /// Handing it in for review.
    Submit,
    /// Finding it good.
    Approve,
    /// Refusing it, for this reason.
    Reject(String),
    /// Calling it off, for this reason.
    Cancel(String),
    /// Saying that it took place.
    Hold,
}

impl EventVerb {
    /// The name of the mutation, for the audit log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Change(_) => "eventChange",
            Self::Submit => "eventSubmit",
            Self::Approve => "eventApprove",
            Self::Reject(_) => "eventReject",
            Self::Cancel(_) => "eventCancel",
            Self::Hold => "eventHold",
        }
    }

    /// Why, where a reason is asked for; `None` too if it is none.
    fn reason(&self) -> Option<String> {
        match self {
            Self::Reject(reason) | Self::Cancel(reason) => text::reason(reason).ok(),
            Self::Change(_) | Self::Submit | Self::Approve | Self::Hold => None,
        }
    }

    /// What its organizer is told of a review.
    fn outcome_for_organizer(&self, before: &Event, after: &Event) -> Option<Notice> {
        let event = notifications::event_summary(after);
        match self {
            Self::Approve => Some(Notice::EventApproved { event }),
            Self::Reject(_) => {
                let reason = self.reason()?;
                Some(if before.state.was_approved() {
                    Notice::EventChangeRejected { event, reason }
                } else {
                    Notice::EventRejected { event, reason }
                })
            }
            Self::Change(_) | Self::Submit | Self::Cancel(_) | Self::Hold => None,
        }
    }

    /// Whether only staff do so.
    const fn is_for_staff(&self) -> bool {
        matches!(self, Self::Approve | Self::Reject(_))
    }
}

/// Registers an event. The same key with the same content leads to the same event. Whoever may not
/// manage an event cannot copy it, and learns nothing of it.
///
/// # Errors
/// That of the database. The rules that say no are those of [`Event::registered`] and
/// [`Event::submit`], [`Rule::KeyReusedWithOtherContent`], and [`Rule::NotFound`].
pub async fn register(
    gathering: &mut UnitOfWork<'_>,
    asked: &RegisterEvent,
) -> OperationResult<RegisteredEvent> {
    let fingerprint = asked.fingerprint();
    match lookup_key(gathering, &asked.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(IdempotencyRecord { subject, .. }) => {
            let kept = events::find(gathering.conn(), EventId::new(subject)).await?;
            let registered = kept.map(|kept| RegisteredEvent { kept, replayed: true });
            return Ok(registered.ok_or_else(|| not_found("idempotencyKey", EntityKind::Event)));
        }
    }
    let original = match asked.wish {
        InitialState::Draft(_) | InitialState::Submit(_) => None,
        InitialState::Copy { of, .. } => {
            let original = events::find(gathering.conn(), of).await?;
            let Some(original) = original.filter(|kept| access::may_manage_event(asked.viewer, kept.facts()))
            else {
                return Ok(Err(not_found("id", EntityKind::Event)));
            };
            Some(original.event)
        }
    };
    let mut violations = Violations::default();
    let event = asked
        .judge(gathering.catalogue(), original.as_ref())
        .map_err(|broken| violations.extend_at(&[], broken))
        .ok();
    let key = violations.check("idempotencyKey", asked.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(event), Some(key)) = (event, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let kept = StoredEvent { event, secret: asked.secret };
    events::insert(gathering.conn_mut(), &kept).await?;
    let used = IdempotencyRecord::registered(fingerprint, asked.id.uuid());
    database::idempotency::insert(gathering.conn_mut(), key, used).await?;
    record(gathering, &kept.event, asked.viewer, (asked.wish.name(), None), asked.now).await?;
    // Anybody could have typed the address: not a word of theirs goes there.
    let secret = notifications::mailed_secret(gathering, asked.id.uuid(), asked.now).await?;
    let notice = Notice::EventRegistered { when: notifications::event_summary(&kept.event).when, secret };
    notifications::notify_organizer(gathering, &kept.event, "event-registered", &notice, asked.now).await?;
    Ok(Ok(RegisteredEvent { kept, replayed: false }))
}

/// Takes a step with an event. Whoever may not know of the event learns nothing of it, not even that
/// it exists.
///
/// # Errors
/// That of the database. The rules that say no are those of the step and [`Rule::NotFound`].
pub async fn step(gathering: &mut UnitOfWork<'_>, asked: &ChangeEvent) -> OperationResult<StoredEvent> {
    let kept = events::find(gathering.conn(), asked.id).await?;
    let is_for_them = !asked.verb.is_for_staff() || asked.viewer.staff().is_some();
    let Some(kept) = kept.filter(|kept| is_for_them && access::may_manage_event(asked.viewer, kept.facts()))
    else {
        return Ok(Err(not_found("id", EntityKind::Event)));
    };
    let event = &kept.event;
    let Some(intake) = gathering.catalogue().intake(event.campaign_id) else {
        return Err(database::Error::Broken("an event without its campaign".into()));
    };
    let terms = EventPolicy { intake, actor: asked.viewer.actor_in(event.section_id) };
    let step = EventTransition { terms, expected_revision: asked.expected_revision, now: asked.now };
    let stepped = match &asked.verb {
        EventVerb::Change(draft) => event.change(draft, &step),
        EventVerb::Submit => event.submit(&step),
        EventVerb::Approve => event.approve(&step),
        EventVerb::Reject(reason) => event.reject(reason, &step),
        EventVerb::Cancel(reason) => event.cancel(reason, &step),
        EventVerb::Hold => event.complete(&step),
    };
    let after = match stepped {
        Ok(event) => StoredEvent { event, secret: kept.secret },
        Err(violations) => return Ok(Err(violations)),
    };
    let after = if asked.counts().is_some() {
        let withdrawn = after.event.withdrawn_in(intake.section);
        count_elsewhere(gathering, event, &withdrawn, asked.now).await?;
        StoredEvent { event: withdrawn, ..after }
    } else {
        after
    };
    events::update(gathering.conn_mut(), event, &after).await?;
    let action = (asked.verb.name(), asked.verb.reason());
    record(gathering, &after.event, asked.viewer, action, asked.now).await?;
    if is_elsewhere(event, &after.event) {
        confirmation::ask_organizer_anew(gathering, &after.event, asked.now).await?;
    }
    relocation::tell(gathering, event, &after.event, asked.now).await?;
    if let Some(notice) = asked.verb.outcome_for_organizer(event, &after.event) {
        let event = &after.event;
        // It may be handed in again, and be looked at again.
        let key = format!("event-reviewed:{}", event.revision);
        notifications::notify_organizer(gathering, event, &key, &notice, asked.now).await?;
    }
    let event =
        attendance::update_waiting_list(gathering, after.event, asked.viewer.staff().is_some(), asked.now)
            .await?;
    Ok(Ok(StoredEvent { event, secret: after.secret }))
}

/// Whether mail to the organizer goes to another address from now on.
fn is_elsewhere(before: &Event, after: &Event) -> bool {
    let address = |event: &Event| {
        let typed = &event.content.organizer.email;
        EmailAddress::parse(typed).map_or_else(|_| typed.clone(), |address| address.folded())
    };
    address(before) != address(after)
}

/// Has the letters of an event counted where it says now.
async fn count_elsewhere(
    gathering: &mut UnitOfWork<'_>,
    before: &Event,
    after: &Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let (Some(earlier), Some(later)) = (&before.evening, &after.evening) else { return Ok(()) };
    if earlier == later {
        return Ok(());
    }
    reports::move_event(gathering.conn_mut(), after.id, &later.place, later.channel).await?;
    gathering.count(after.edition_id, &earlier.cells(), &later.cells(), now);
    Ok(())
}

impl ChangeEvent {
    /// The event, if the step may change how it is counted: what is not public any more leaves no trace
    /// in the parts of totals.
    #[must_use]
    pub fn counts(&self) -> Option<EventId> {
        match &self.verb {
            EventVerb::Change(draft) => draft.visibility.map(|_| self.id),
            EventVerb::Submit
            | EventVerb::Approve
            | EventVerb::Reject(_)
            | EventVerb::Cancel(_)
            | EventVerb::Hold => None,
        }
    }
}

impl RegisterEvent {
    /// The event, if no rule of its campaign says no.
    fn judge(&self, catalogue: &Catalogue, original: Option<&Event>) -> Result<Event, Violations> {
        let intake = catalogue.intake(self.campaign);
        let intake = intake.ok_or_else(|| not_found("campaign", EntityKind::Campaign))?;
        let terms = EventPolicy { intake, actor: self.viewer.actor_in(intake.section.id) };
        let registered = |draft: &EventDraft| Event::registered(self.id, draft, &terms, self.now);
        match (&self.wish, original) {
            (InitialState::Draft(draft), _) => registered(draft),
            (InitialState::Submit(draft), _) => {
                let event = registered(draft)?;
                let step = EventTransition { terms, expected_revision: event.revision, now: self.now };
                // Nobody has seen the draft: what is handed in at once begins with revision 1 too.
                event.submit(&step).map(|submitted| Event { revision: event.revision, ..submitted })
            }
            (InitialState::Copy { .. }, None) => unreachable!("a copy is made of something"),
            (InitialState::Copy { sessions, .. }, Some(original)) => {
                let draft = EventDraft::like(original, intake.edition.id, sessions.clone());
                registered(&draft).map(|event| Event { copied_from: Some(original.id), ..event })
            }
        }
    }

    /// What tells two registrations under one key apart.
    fn fingerprint(&self) -> SecretHash {
        SecretHash::from_bytes(match &self.wish {
            InitialState::Draft(draft) => draft.fingerprint(self.campaign, false),
            InitialState::Submit(draft) => draft.fingerprint(self.campaign, true),
            InitialState::Copy { of, sessions } => copy_fingerprint(self.campaign, *of, sessions),
        })
    }
}

async fn record(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    viewer: Viewer,
    (action, reason): (&'static str, Option<String>),
    now: Timestamp,
) -> Result<(), database::Error> {
    let key = viewer.staff().and_then(|staff| staff.key);
    let action = StaffAction { action, subject: event.id.uuid(), reason };
    let actor = viewer.actor_in(event.section_id);
    database::catalogue::insert_audit_entry_of(gathering.conn_mut(), Uuid::now_v7(), key, actor, &action, now)
        .await
}
