//! Inputs of the group mutations.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use domain::{Patch, group::GroupDraft};

use super::GroupKind;
use crate::api::scalar::{Count, RegionCode, patch};

/// Input for a new group.
#[derive(Debug, InputObject)]
pub(crate) struct GroupRegisterInput {
    /// The global id of the campaign that it writes for.
    pub(super) campaign: ID,
    /// The global id of the event that it writes at. Requires the event's secret, a key of its section or an
    /// administrator key.
    pub(super) event: Option<ID>,
    /// The global id of the group that it is a part of: a class of its school. At most three groups lie above each
    /// other, and one has at most 500 parts. Requires the secret of that group, of a group above it or of its event, a
    /// key of its section or an administrator key.
    pub(super) parent: Option<ID>,
    /// The secret of the same group in an earlier campaign, so that its `years` stand side by side.
    pub(super) previous_secret: Option<String>,
    /// The kind of the group. It says who hands its letters in (`byOrigin`), unless it writes at an event.
    kind: GroupKind,
    /// The name, at most 200 characters.
    name: String,
    /// The number of its people, 1–100,000.
    size: Option<Count>,
    /// The goal that its people share, in letters, 1–1,000,000.
    letter_goal: Option<Count>,
    /// The region in which its letters are counted, in the country of the section. It stays the same; of a group that
    /// writes at an event, it is that of the event.
    region: Option<RegionCode>,
    /// Whether its people wish it to be public; default false. Its name is public once staff have approved it, or at
    /// once if the campaign does not review the texts of events.
    is_public: Option<bool>,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces, such as a random UUID.
    /// Repeating the request with the same key and content returns the first result; other content is a validation
    /// error. Store it and keep it private: the group's secret is derived from it, so it must be unguessable.
    pub(super) idempotency_key: String,
}

/// Input for changing a group. Omitted fields keep their values.
#[derive(Debug, InputObject)]
pub(crate) struct GroupUpdateInput {
    /// The global id of the group.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed since.
    pub(super) expected_revision: i32,
    /// The kind of the group. Who hands its letters in stays as it was registered.
    kind: Option<GroupKind>,
    /// The name, at most 200 characters. A new one awaits review if the group is public; others see the approved one.
    name: Option<String>,
    /// The number of its people, 1–100,000.
    size: MaybeUndefined<Count>,
    /// The goal that its people share, in letters, 1–1,000,000.
    letter_goal: MaybeUndefined<Count>,
    /// Whether its people wish it to be public. False hides it at once.
    is_public: Option<bool>,
}

/// A decision of staff about the wish of a group to be public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum GroupDecision {
    /// Everyone may see the group, under its present name.
    Approve,
    /// Only those who manage the group and staff may see it.
    Reject,
}

/// Input for reviewing the wish of a group to be public.
#[derive(Debug, InputObject)]
pub(crate) struct GroupReviewInput {
    /// The global id of the group.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed since.
    pub(super) expected_revision: i32,
    /// The decision. A public group can be rejected later, too.
    pub(super) decision: GroupDecision,
    /// The reason of a rejection, at most 20,000 characters. Those who manage the group see it.
    pub(super) reason: Option<String>,
}

/// Input for removing a group.
#[derive(Debug, InputObject)]
pub(crate) struct GroupRemoveInput {
    /// The global id of the group.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed since.
    pub(super) expected_revision: i32,
}

impl GroupRegisterInput {
    pub(super) fn draft(self) -> GroupDraft {
        let count = |typed: Option<Count>| typed.map_or(Patch::Keep, |typed| Patch::Set(typed.0));
        GroupDraft {
            kind: Some(self.kind.into()),
            name: Some(self.name),
            size: count(self.size),
            letter_goal: count(self.letter_goal),
            region: self.region.map(|region| region.0),
            is_public: self.is_public,
        }
    }
}

impl GroupUpdateInput {
    pub(super) fn draft(self) -> GroupDraft {
        GroupDraft {
            kind: self.kind.map(Into::into),
            name: self.name,
            size: patch(self.size).map(|typed| typed.0),
            letter_goal: patch(self.letter_goal).map(|typed| typed.0),
            region: None,
            is_public: self.is_public,
        }
    }
}
