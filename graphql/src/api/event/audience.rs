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
    pub(crate) fn visible_to(request: &'a RequestContext, stored: StoredEvent) -> Option<Self> {
        Self::visible_with(request, stored, EventRelation::Unrelated)
    }

    /// Returns the event for a viewer with this relation to it; `None` without access.
    pub(crate) fn visible_with(
        request: &'a RequestContext,
        stored: StoredEvent,
        relation: EventRelation,
    ) -> Option<Self> {
        let access = access::event_access(request.viewer, stored.facts(), relation);
        Self::with_access(request, stored, access)
    }

    /// Returns the event as seen by its organizers.
    pub(crate) fn as_organizer(request: &'a RequestContext, stored: StoredEvent) -> Self {
        Self::with_access(request, stored, EventAccess::Organizer).expect("organizers have access")
    }

    fn with_access(request: &'a RequestContext, stored: StoredEvent, access: EventAccess) -> Option<Self> {
        let audience = access.audience()?;
        let is_private = stored.event.content.visibility == EventVisibility::Private;
        let may_invite = is_private && audience == Seen::Organizers;
        let invitation = may_invite.then(|| credentials::derive_invitation(stored.event.id, stored.secret));
        let was_told_of_it = access != EventAccess::Public;
        Some(Self { request, event: Box::new(stored.event), audience, was_told_of_it, invitation })
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
