//! Operations on events: registration, changes and state transitions.

use domain::{
    CampaignId, EmailAddress, Event, EventId, ViolationKind, Violations,
    catalogue::{Catalogue, StaffAction},
    event::{EventDraft, EventPolicy, EventTransition, RejectionScope, SessionDraft, copy_fingerprint},
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

/// The registration of an event.
#[derive(Clone, Debug)]
pub struct RegisterEvent {
    /// The id of the new event, unless the key was used before.
    pub id: EventId,
    /// The hash of the secret that will manage it.
    pub secret: SecretHash,
    /// The hash of the idempotency key, or the violation if it is no key.
    pub key: Result<SecretHash, ViolationKind>,
    /// The campaign.
    pub campaign: CampaignId,
    /// The state that it starts in.
    pub wish: InitialState,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// The state that a new event starts in, and its content.
#[derive(Clone, Debug)]
pub enum InitialState {
    /// A draft, which the organizer completes later.
    Draft(Box<EventDraft>),
    /// Submitted for review at once.
    Submit(Box<EventDraft>),
    /// A draft with the content of an earlier event and other sessions.
    Copy {
        /// The earlier event.
        of: EventId,
        /// The sessions of the new event.
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
    /// The event in its present state.
    pub stored: StoredEvent,
    /// Whether the request is a replay that changed nothing.
    pub replayed: bool,
}

/// A change of an event.
#[derive(Clone, Debug)]
pub struct ChangeEvent {
    /// The event.
    pub id: EventId,
    /// The revision that the client has read.
    pub expected_revision: u32,
    /// The change.
    pub verb: EventVerb,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// The kinds of changes of an event.
#[derive(Clone, Debug)]
pub enum EventVerb {
    /// New content.
    Change(Box<EventDraft>),
    /// Submission for review.
    Submit,
    /// Approval by staff.
    Approve,
    /// Rejection by staff, with the reason, of what waits for review or of the whole event.
    Reject(String, RejectionScope),
    /// Cancellation, with the reason.
    Cancel(String),
    /// Completion: the event took place.
    Complete,
}

impl EventVerb {
    /// The name of the mutation, for the audit log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Change(_) => "eventUpdate",
            Self::Submit => "eventSubmit",
            Self::Approve => "eventApprove",
            Self::Reject(..) => "eventReject",
            Self::Cancel(_) => "eventCancel",
            Self::Complete => "eventComplete",
        }
    }

    /// The reason, for changes that require one; `None` if it is not valid.
    fn reason(&self) -> Option<String> {
        match self {
            Self::Reject(reason, _) | Self::Cancel(reason) => text::reason(reason).ok(),
            Self::Change(_) | Self::Submit | Self::Approve | Self::Complete => None,
        }
    }

    /// The notice of a review to the organizer.
    fn outcome_for_organizer(&self, before: &Event, after: &Event) -> Option<Notice> {
        let event = notifications::event_summary(after);
        match self {
            Self::Approve => Some(Notice::EventApproved { event }),
            Self::Reject(..) => {
                let reason = self.reason()?;
                Some(match (before.state.was_approved(), after.state.was_approved()) {
                    (false, _) => Notice::EventRejected { event, reason },
                    (true, true) => Notice::EventChangeRejected { event, reason },
                    (true, false) => Notice::EventApprovalRevoked { when: event.when, reason },
                })
            }
            Self::Change(_) | Self::Submit | Self::Cancel(_) | Self::Complete => None,
        }
    }

    /// Whether the change is for staff only.
    const fn is_for_staff(&self) -> bool {
        matches!(self, Self::Approve | Self::Reject(..))
    }
}

/// Registers an event. The same key with the same content replays the first result. Copying requires access to manage
/// the original, which does not exist for other viewers.
///
/// # Errors
/// Database errors. Validation errors are those of [`Event::registered`] and
/// [`Event::submit`], [`ViolationKind::IdempotencyKeyConflict`], and [`ViolationKind::NotFound`].
pub async fn register(
    unit: &mut UnitOfWork<'_>,
    request: &RegisterEvent,
) -> OperationResult<RegisteredEvent> {
    let fingerprint = request.fingerprint();
    match lookup_key(unit, &request.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(IdempotencyRecord { subject, .. }) => {
            let stored = events::find(unit.conn(), EventId::new(subject)).await?;
            let registered = stored.map(|stored| RegisteredEvent { stored, replayed: true });
            return Ok(registered.ok_or_else(|| not_found("idempotency_key", EntityKind::Event)));
        }
    }
    let original = match request.wish {
        InitialState::Draft(_) | InitialState::Submit(_) => None,
        InitialState::Copy { of, .. } => {
            let original = events::find(unit.conn(), of).await?;
            let Some(original) =
                original.filter(|stored| access::may_manage_event(request.viewer, stored.facts()))
            else {
                return Ok(Err(not_found("id", EntityKind::Event)));
            };
            Some(original.event)
        }
    };
    let mut violations = Violations::default();
    let event = request
        .judge(unit.catalogue(), original.as_ref())
        .map_err(|broken| violations.extend_at(&[], broken))
        .ok();
    let key = violations.check("idempotency_key", request.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(event), Some(key)) = (event, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let stored = StoredEvent { event, secret: request.secret };
    events::insert(unit.conn_mut(), &stored).await?;
    let used = IdempotencyRecord::registered(fingerprint, request.id.uuid());
    database::idempotency::insert(unit.conn_mut(), key, used).await?;
    record(unit, &stored.event, request.viewer, (request.wish.name(), None), request.now).await?;
    // The address is not proven yet: the mail quotes nothing that was entered.
    let secret = notifications::mailed_secret(unit, request.id.uuid(), request.now).await?;
    let notice = Notice::EventRegistered { when: notifications::event_summary(&stored.event).when, secret };
    notifications::notify_organizer(unit, &stored.event, "event-registered", &notice, request.now).await?;
    Ok(Ok(RegisteredEvent { stored, replayed: false }))
}

/// Changes an event. For viewers who may not manage it the event does not exist.
///
/// # Errors
/// Database errors. Validation errors are those of the step and [`ViolationKind::NotFound`].
pub async fn step(unit: &mut UnitOfWork<'_>, request: &ChangeEvent) -> OperationResult<StoredEvent> {
    let stored = events::find(unit.conn(), request.id).await?;
    let is_for_them = !request.verb.is_for_staff() || request.viewer.staff().is_some();
    let Some(stored) =
        stored.filter(|stored| is_for_them && access::may_manage_event(request.viewer, stored.facts()))
    else {
        return Ok(Err(not_found("id", EntityKind::Event)));
    };
    let event = &stored.event;
    let Some(intake) = unit.catalogue().intake(event.campaign_id) else {
        return Err(database::Error::Broken("an event without its campaign".into()));
    };
    let terms = EventPolicy { intake, actor: request.viewer.actor_in(event.section_id) };
    let step = EventTransition { terms, expected_revision: request.expected_revision, now: request.now };
    let stepped = match &request.verb {
        EventVerb::Change(draft) => event.change(draft, &step),
        EventVerb::Submit => event.submit(&step),
        EventVerb::Approve => event.approve(&step),
        EventVerb::Reject(reason, scope) => event.reject(reason, *scope, &step),
        EventVerb::Cancel(reason) => event.cancel(reason, &step),
        EventVerb::Complete => event.complete(&step),
    };
    let after = match stepped {
        Ok(event) => StoredEvent { event, secret: stored.secret },
        Err(violations) => return Ok(Err(violations)),
    };
    let after = if request.counts().is_some() {
        let withdrawn = after.event.withdrawn_in(intake.section);
        count_elsewhere(unit, event, &withdrawn, request.now).await?;
        StoredEvent { event: withdrawn, ..after }
    } else {
        after
    };
    events::update(unit.conn_mut(), event, &after).await?;
    let action = (request.verb.name(), request.verb.reason());
    record(unit, &after.event, request.viewer, action, request.now).await?;
    if is_elsewhere(event, &after.event) {
        confirmation::ask_organizer_anew(unit, &after.event, request.now).await?;
    }
    relocation::tell(unit, event, &after.event, request.now).await?;
    if let Some(notice) = request.verb.outcome_for_organizer(event, &after.event) {
        let event = &after.event;
        // It may be handed in again, and be looked at again.
        let key = format!("event-reviewed:{}", event.revision);
        notifications::notify_organizer(unit, event, &key, &notice, request.now).await?;
    }
    let event =
        attendance::update_waiting_list(unit, after.event, request.viewer.staff().is_some(), request.now)
            .await?;
    Ok(Ok(StoredEvent { event, secret: after.secret }))
}

/// Whether the e-mail address of the organizer has changed.
fn is_elsewhere(before: &Event, after: &Event) -> bool {
    let address = |event: &Event| {
        let typed = &event.content.organizer.email;
        EmailAddress::parse(typed).map_or_else(|_| typed.clone(), |address| address.folded())
    };
    address(before) != address(after)
}

/// Moves the letters of an event to the place that it counts for now.
async fn count_elsewhere(
    unit: &mut UnitOfWork<'_>,
    before: &Event,
    after: &Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let (Some(earlier), Some(later)) = (&before.tally, &after.tally) else { return Ok(()) };
    if earlier == later {
        return Ok(());
    }
    reports::move_event(unit.conn_mut(), after.id, &later.place, later.origin).await?;
    unit.count(after.edition_id, &earlier.cells(), &later.cells(), now);
    Ok(())
}

impl ChangeEvent {
    /// The event, if the change may move its letters between the parts of a total: an event that is no longer public
    /// must not be identifiable in them.
    #[must_use]
    pub fn counts(&self) -> Option<EventId> {
        match &self.verb {
            EventVerb::Change(draft) => draft.visibility.map(|_| self.id),
            EventVerb::Reject(_, scope) => (*scope != RejectionScope::Pending).then_some(self.id),
            EventVerb::Submit | EventVerb::Approve | EventVerb::Cancel(_) | EventVerb::Complete => None,
        }
    }
}

impl RegisterEvent {
    /// Validates the registration and returns the new event.
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
                // No client has read the draft: an event that is submitted at once also starts with revision 1.
                event.submit(&step).map(|submitted| Event { revision: event.revision, ..submitted })
            }
            (InitialState::Copy { .. }, None) => unreachable!("a copy is made of something"),
            (InitialState::Copy { sessions, .. }, Some(original)) => {
                let draft = EventDraft::like(original, intake.edition.id, sessions.clone());
                registered(&draft).map(|event| Event { copied_from: Some(original.id), ..event })
            }
        }
    }

    /// The fingerprint of the content, for the idempotency key.
    fn fingerprint(&self) -> SecretHash {
        SecretHash::from_bytes(match &self.wish {
            InitialState::Draft(draft) => draft.fingerprint(self.campaign, false),
            InitialState::Submit(draft) => draft.fingerprint(self.campaign, true),
            InitialState::Copy { of, sessions } => copy_fingerprint(self.campaign, *of, sessions),
        })
    }
}

async fn record(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    viewer: Viewer,
    (action, reason): (&'static str, Option<String>),
    now: Timestamp,
) -> Result<(), database::Error> {
    let key = viewer.staff().and_then(|staff| staff.key);
    let action = StaffAction { action, subject: event.id.uuid(), reason };
    let actor = viewer.actor_in(event.section_id);
    database::audit_log::insert_by(unit.conn_mut(), Uuid::now_v7(), key, actor, &action, now).await
}
