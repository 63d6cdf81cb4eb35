//! Access to groups.

use domain::{SectionId, group::MAX_GROUP_DEPTH};

use super::{EventFacts, Viewer, is_same};
use crate::credentials::SecretHash;

/// What is known of a group.
#[derive(Clone, Copy, Debug)]
pub struct GroupFacts {
    /// The section that it belongs to.
    pub section: SectionId,
    /// The hashes of the secrets of the group and of the groups above it; those that are missing are none.
    pub secrets: [SecretHash; MAX_GROUP_DEPTH as usize],
    /// The event that it writes at.
    pub event: Option<EventFacts>,
    /// Whether staff have approved that everyone may see it.
    pub is_listed: bool,
}

impl GroupFacts {
    /// Whether this secret manages the group: its own, that of a group above it, or that of its event.
    #[must_use]
    pub fn has_secret(self, sent: SecretHash) -> bool {
        self.secrets.iter().any(|secret| is_same(sent, *secret))
            || self.event.is_some_and(|event| event.has_secret(sent))
    }
}

/// The access to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupAccess {
    /// None: to the viewer the group does not exist.
    Hidden,
    /// The approved name and the numbers, as for every client.
    Public,
    /// Everything, by the secret of the group, of a group above it or of its event.
    Manager,
    /// Everything, as staff.
    Staff,
}

impl GroupAccess {
    /// Whether the viewer may see everything of the group, change it, report for it and add parts to it.
    #[must_use]
    pub const fn may_manage(self) -> bool {
        matches!(self, Self::Manager | Self::Staff)
    }
}

/// Returns the access to a group. A listed group of an event is visible with the event alone.
#[must_use]
pub fn group_access(viewer: Viewer, group: GroupFacts) -> GroupAccess {
    if viewer.may_act_for(group.section) {
        return GroupAccess::Staff;
    }
    if viewer.secret().is_some_and(|sent| group.has_secret(sent)) {
        return GroupAccess::Manager;
    }
    let shows_event = group.event.is_none_or(|event| event.is_public);
    if group.is_listed && shows_event { GroupAccess::Public } else { GroupAccess::Hidden }
}
