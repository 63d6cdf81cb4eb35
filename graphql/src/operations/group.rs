//! Operations on groups: registration, changes, review and removal.

use std::collections::{BTreeSet, HashMap};

use domain::{
    CampaignId, EventId, Group, GroupId, Violation, ViolationKind, Violations,
    catalogue::StaffAction,
    event::{EventPolicy, EventState},
    group::{GroupDraft, GroupParent, GroupReview, GroupTransition},
    violation::EntityKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{OperationResult, UnitOfWork, lookup_key, not_found};
use crate::{
    access::{self, Viewer},
    credentials::SecretHash,
    database::{
        self,
        events::{self, StoredEvent},
        groups::{self, StoredGroup},
    },
    idempotency::{self, IdempotencyRecord, KeyLookup},
};

/// The registration of a group.
#[derive(Clone, Debug)]
pub struct RegisterGroup {
    /// The id of the new group, unless the key was used before.
    pub id: GroupId,
    /// The hash of the secret that will manage it.
    pub secret: SecretHash,
    /// The hash of the idempotency key, or the violation if it is no key.
    pub key: Result<SecretHash, ViolationKind>,
    /// The campaign.
    pub campaign: CampaignId,
    /// The event that it writes at.
    pub event: Option<EventId>,
    /// The group that it is a part of.
    pub parent: Option<GroupId>,
    /// The hash of the secret of the same group in an earlier campaign.
    pub previous: Option<SecretHash>,
    /// The content.
    pub draft: Box<GroupDraft>,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// A group that was registered, now or when its key was first used.
#[derive(Clone, Debug)]
pub struct RegisteredGroup {
    /// The group in its present state.
    pub stored: StoredGroup,
    /// Whether the request is a replay that changed nothing.
    pub replayed: bool,
}

/// A change of a group.
#[derive(Clone, Debug)]
pub struct ChangeGroup {
    /// The group.
    pub id: GroupId,
    /// The revision that the client has read.
    pub expected_revision: u32,
    /// The change.
    pub verb: GroupVerb,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// The kinds of changes of a group.
#[derive(Clone, Debug)]
pub enum GroupVerb {
    /// New content.
    Change(Box<GroupDraft>),
    /// The decision of staff about the wish to be listed.
    Review(GroupReview),
    /// Removal of a group without reports.
    Remove,
}

impl GroupVerb {
    /// The name of the mutation, for the audit log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Change(_) => "groupUpdate",
            Self::Review(_) => "groupReview",
            Self::Remove => "groupRemove",
        }
    }

    /// The reason, for a change that requires one.
    fn reason(&self) -> Option<String> {
        match self {
            Self::Review(GroupReview::Reject(reason)) => Some(reason.trim().to_owned()),
            Self::Change(_) | Self::Review(GroupReview::Approve) | Self::Remove => None,
        }
    }
}

/// Registers a group. The same key with the same content replays the first result. A group of an event, or one that is
/// a part of another, is added by those who manage that; for others neither exists.
///
/// # Errors
/// Database errors. Validation errors are those of [`Group::registered`], [`ViolationKind::IdempotencyKeyConflict`],
/// [`ViolationKind::EventNotInCampaign`], [`ViolationKind::GroupNotInCampaign`], [`ViolationKind::EventStateInvalid`]
/// and [`ViolationKind::NotFound`].
pub async fn register(
    unit: &mut UnitOfWork<'_>,
    request: &RegisterGroup,
) -> OperationResult<RegisteredGroup> {
    let fingerprint = request.fingerprint();
    match lookup_key(unit, &request.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(IdempotencyRecord { subject, .. }) => {
            let stored = groups::find(unit.conn(), GroupId::new(subject)).await?;
            return Ok(match stored {
                // The secret is void since the address of the event was proved: the key gives no access either.
                Some(stored) if stored.secret.is_none() => Err(idempotency::conflict()),
                Some(stored) => Ok(RegisteredGroup { stored, replayed: true }),
                None => Err(not_found("idempotency_key", EntityKind::Group)),
            });
        }
    }
    let mut violations = Violations::default();
    let parent = violations.collect(request.parent(unit).await?);
    let previous = violations.collect(request.previous(unit).await?).flatten();
    let group = violations.collect(request.judge(unit, parent.unwrap_or_default()));
    let key = violations.check("idempotency_key", request.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(group), Some(key)) = (group, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let stored = StoredGroup { group: Group { previous, ..group }, secret: request.secret };
    groups::insert(unit.conn_mut(), &stored).await?;
    let used = IdempotencyRecord::registered(fingerprint, request.id.uuid());
    database::idempotency::insert(unit.conn_mut(), key, used).await?;
    record(unit, &stored.group, request.viewer, ("groupRegister", None), request.now).await?;
    Ok(Ok(RegisteredGroup { stored, replayed: false }))
}

/// Changes a group and returns it; of one that was removed, its last state. For viewers who may not manage it the group
/// does not exist.
///
/// # Errors
/// Database errors. Validation errors are those of the change and [`ViolationKind::NotFound`].
pub async fn step(unit: &mut UnitOfWork<'_>, request: &ChangeGroup) -> OperationResult<StoredGroup> {
    let is_for_them = !matches!(request.verb, GroupVerb::Review(_)) || request.viewer.staff().is_some();
    let managed = managed(unit, request.viewer, request.id).await?.filter(|_| is_for_them);
    let Some(stored) = managed else { return Ok(Err(not_found("id", EntityKind::Group))) };
    let group = &stored.group;
    let Some(intake) = unit.catalogue().intake(group.campaign_id) else {
        return Err(database::Error::Broken("a group without its campaign".into()));
    };
    let terms = EventPolicy { intake, actor: request.viewer.actor_in(group.section_id) };
    let step = GroupTransition { terms, expected_revision: request.expected_revision, now: request.now };
    let stepped = match &request.verb {
        GroupVerb::Change(draft) => group.change(draft, &step),
        GroupVerb::Review(decision) => group.review(decision, &step),
        GroupVerb::Remove => {
            let has_reports = groups::has_reports(unit.conn(), group.id).await?;
            let has_parts = groups::siblings(unit.conn(), Some(group.id), None).await? > 0;
            group.remove((has_reports, has_parts), &step)
        }
    };
    let after = match stepped {
        Ok(group) => StoredGroup { group, secret: stored.secret },
        Err(violations) => return Ok(Err(violations)),
    };
    match request.verb {
        GroupVerb::Remove => groups::delete(unit.conn_mut(), request.id).await?,
        GroupVerb::Change(_) | GroupVerb::Review(_) => groups::update(unit.conn_mut(), &after).await?,
    }
    let action = (request.verb.name(), request.verb.reason());
    record(unit, &after.group, request.viewer, action, request.now).await?;
    Ok(Ok(after))
}

/// The group with this id, if the viewer may manage it.
async fn managed(
    unit: &mut UnitOfWork<'_>,
    viewer: Viewer,
    id: GroupId,
) -> Result<Option<StoredGroup>, database::Error> {
    let mut known = groups::find_with_parents(unit.conn(), &BTreeSet::from([id])).await?;
    let event = event_of(unit, &known, id).await?;
    let facts = groups::facts(&known, id, event.map(|event| event.facts()));
    let may_manage = facts.is_some_and(|facts| access::group_access(viewer, facts).may_manage());
    Ok(known.remove(&id).filter(|_| may_manage))
}

async fn event_of(
    unit: &mut UnitOfWork<'_>,
    known: &HashMap<GroupId, StoredGroup>,
    id: GroupId,
) -> Result<Option<StoredEvent>, database::Error> {
    match known.get(&id).and_then(|stored| stored.group.event) {
        Some(event) => events::find(unit.conn(), event).await,
        None => Ok(None),
    }
}

impl RegisterGroup {
    /// The place of the new group among the others. The one above it, and the event, must be of the same campaign.
    async fn parent(&self, unit: &mut UnitOfWork<'_>) -> OperationResult<GroupParent> {
        let at = |field: &str, rule| Err(Violations::from(Violation::at([field], rule)));
        let above = match self.parent {
            None => None,
            Some(parent) => match managed(unit, self.viewer, parent).await? {
                None => return Ok(Err(not_found("parent", EntityKind::Group))),
                Some(stored) if stored.group.campaign_id != self.campaign => {
                    return Ok(at("parent", ViolationKind::GroupNotInCampaign));
                }
                Some(stored) => Some(stored.group),
            },
        };
        let of_parent = above.as_ref().and_then(|above| above.event);
        if let Some(event) = self.event.filter(|event| Some(*event) != of_parent) {
            let found = events::find(unit.conn(), event).await?;
            let managed = found.filter(|stored| access::may_manage_event(self.viewer, stored.facts()));
            let Some(stored) = managed.filter(|_| above.is_none()) else {
                return Ok(Err(not_found("event", EntityKind::Event)));
            };
            if stored.event.campaign_id != self.campaign {
                return Ok(at("event", ViolationKind::EventNotInCampaign));
            }
            if let state @ (EventState::Cancelled(_) | EventState::Rejected(_)) = &stored.event.state {
                return Ok(at("event", ViolationKind::EventStateInvalid { state: state.as_str() }));
            }
        }
        let event = self.event.or(of_parent);
        let siblings = groups::siblings(unit.conn(), self.parent, event).await?;
        let depth = above.map_or(0, |above| above.depth);
        Ok(Ok(GroupParent { group: self.parent, event, depth, siblings }))
    }

    /// The same group in an earlier campaign: the one that the secret manages.
    async fn previous(&self, unit: &mut UnitOfWork<'_>) -> OperationResult<Option<GroupId>> {
        let Some(secret) = self.previous else { return Ok(Ok(None)) };
        let found = groups::find_by_secret(unit.conn(), secret).await?;
        let year = |group: &StoredGroup| {
            unit.catalogue().edition(group.group.edition_id).map(|edition| edition.year)
        };
        let own = unit.catalogue().intake(self.campaign).map(|intake| intake.edition.year);
        let earlier = found.filter(|stored| year(stored) < own);
        Ok(earlier
            .map(|stored| Some(stored.group.id))
            .ok_or_else(|| not_found("previous_secret", EntityKind::Group)))
    }

    fn judge(&self, unit: &UnitOfWork<'_>, parent: GroupParent) -> Result<Group, Violations> {
        let intake = unit.catalogue().intake(self.campaign);
        let intake = intake.ok_or_else(|| not_found("campaign", EntityKind::Campaign))?;
        let terms = EventPolicy { intake, actor: self.viewer.actor_in(intake.section.id) };
        Group::registered(self.id, &self.draft, parent, &terms, self.now)
    }

    fn fingerprint(&self) -> SecretHash {
        let previous = self.previous.map(|secret| secret.to_string());
        let of_draft = self.draft.fingerprint(self.campaign, self.event, self.parent, previous.as_deref());
        SecretHash::from_bytes(of_draft)
    }
}

async fn record(
    unit: &mut UnitOfWork<'_>,
    group: &Group,
    viewer: Viewer,
    (action, reason): (&'static str, Option<String>),
    now: Timestamp,
) -> Result<(), database::Error> {
    let key = viewer.staff().and_then(|staff| staff.key);
    let action = StaffAction { action, subject: group.id.uuid(), reason };
    let actor = viewer.actor_in(group.section_id);
    database::audit_log::insert_by(unit.conn_mut(), Uuid::now_v7(), key, actor, &action, now).await
}
