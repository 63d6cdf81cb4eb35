//! The audience of an event that a viewer belongs to, and the content for it.

use domain::event::{EventAudience as Seen, EventVisibility};

use super::Event;
use crate::{
    access::{self, EventAccess, EventRelation},
    api::RequestContext,
    credentials,
    database::events::StoredEvent,
};

impl<'a> Event<'a> {
    /// Returns the event for a viewer who is unrelated to it, or one of its organizers; `None` without
    /// access.
    pub(crate) fn visible_to(asking: &'a RequestContext, kept: StoredEvent) -> Option<Self> {
        Self::visible_with(asking, kept, EventRelation::Unrelated)
    }

    /// Returns the event for a viewer with this relation to it; `None` without access.
    pub(crate) fn visible_with(
        asking: &'a RequestContext,
        kept: StoredEvent,
        relation: EventRelation,
    ) -> Option<Self> {
        let access = access::event_access(asking.viewer, kept.facts(), relation);
        Self::with_access(asking, kept, access)
    }

    /// Returns the event as seen by its organizers.
    pub(crate) fn as_organizer(asking: &'a RequestContext, kept: StoredEvent) -> Self {
        Self::with_access(asking, kept, EventAccess::Organizer).expect("organizers have access")
    }

    fn with_access(asking: &'a RequestContext, kept: StoredEvent, access: EventAccess) -> Option<Self> {
        let audience = access.audience()?;
        let is_private = kept.event.content.visibility == EventVisibility::Private;
        let may_invite = is_private && audience == Seen::Organizers;
        let invitation = may_invite.then(|| credentials::derive_invitation(kept.event.id, kept.secret));
        let was_told_of_it = access != EventAccess::Public;
        Some(Self { asking, event: Box::new(kept.event), audience, was_told_of_it, invitation })
    }

    /// Returns the content that the viewer may see.
    pub(super) fn content(&self) -> &domain::event::EventContent {
        self.event.content_for(self.audience)
    }

    /// The same, if the viewer is in this audience or a closer one.
    pub(super) fn for_at_least(&self, audience: Seen) -> Option<&domain::event::EventContent> {
        (self.audience >= audience).then(|| self.content())
    }
}
