//! Payloads of the group mutations.

use domain::Violations;

use super::Group;
use crate::{
    api::{RequestContext, payload::payloads},
    database::groups::StoredGroup,
    operations::group::RegisteredGroup,
};

/// The result of registering a group, with its secret.
pub(super) struct Registered {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<RegisteredGroup, Violations>,
    pub(super) secret: Option<String>,
}

payloads! {
    Registered, [outcome], {
        /// The group; null if there are `userErrors`.
        async fn group(&self) -> Option<Group<'_>> {
            let registered = self.0.outcome.as_ref().ok()?;
            Some(Group::as_manager(&self.0.request, registered.stored.clone()))
        }

        /// The secret that manages exactly this group and its parts: send it as `Authorization: Bearer …`. The service
        /// does not store it; only repeating the request with the same key returns it again. Null if there are
        /// `userErrors`.
        async fn secret(&self) -> Option<&str> {
            self.0.secret.as_deref()
        }

        /// Whether the key was used before with the same content, so that this request changed nothing.
        async fn replayed(&self) -> bool {
            self.0.outcome.as_ref().is_ok_and(|registered| registered.replayed)
        }
    }

    /// The result of registering a group.
    GroupRegisterPayload;
}

/// The result of a change of a group.
pub(super) struct Stepped {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<StoredGroup, Violations>,
}

payloads! {
    Stepped, [outcome], {
        /// The group after the change, or as it was before its removal; null if there are `userErrors`.
        async fn group(&self) -> Option<Group<'_>> {
            let stored = self.0.outcome.as_ref().ok()?;
            Some(Group::as_manager(&self.0.request, stored.clone()))
        }
    }

    /// The result of changing a group.
    GroupUpdatePayload;

    /// The result of reviewing the wish of a group to be public.
    GroupReviewPayload;

    /// The result of removing a group.
    GroupRemovePayload;
}
