//! Fingerprints of event registrations. The labels are stored in hashed form: they must never change.

use super::{CoordinatesDraft, EventDraft, OrganizerDraft, PickedCaseDraft, PlaceDraft, SessionDraft};
use crate::{
    CampaignId, EventId,
    fingerprint::{self, Canonical},
};

impl EventDraft {
    /// The fingerprint of this registration with a campaign; `submits` says whether it is submitted at once.
    #[must_use]
    pub fn fingerprint(&self, campaign: CampaignId, submits: bool) -> [u8; 32] {
        let wish = if submits { "submit" } else { "draft" };
        fingerprint::of(&[&campaign, &wish, self])
    }
}

/// The fingerprint of a copy of the event `of` at other times, registered with a campaign.
#[must_use]
pub fn copy_fingerprint(campaign: CampaignId, of: EventId, sessions: &[SessionDraft]) -> [u8; 32] {
    fingerprint::of(&[&campaign, &of, &sessions])
}

impl Canonical for EventDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[
                ("title", &self.title),
                ("description", &self.description),
                ("visibility", &self.visibility),
                ("format", &self.format),
                ("venue_kind", &self.venue_kind),
                ("time_zone", &self.time_zone),
                ("sessions", &self.sessions),
                ("place", &self.place),
                ("online_link", &self.online_link),
                ("capacity", &self.capacity),
                ("expected_attendance", &self.expected_attendance),
                ("languages", &self.languages),
                ("accessibility", &self.accessibility),
                ("cases", &self.cases),
                ("letter_goal", &self.letter_goal),
                ("organizer", &self.organizer),
                ("co_organizers", &self.co_organizers),
                ("kit", &self.materials),
                ("note", &self.staff_note),
            ],
        );
    }
}

impl Canonical for SessionDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[
                ("local_start", &self.local_start),
                ("start_repeated", &self.start_repeated),
                ("local_end", &self.local_end),
                ("end_repeated", &self.end_repeated),
            ],
        );
    }
}

impl Canonical for PlaceDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[
                ("country", &self.country),
                ("region", &self.region),
                ("locality", &self.locality),
                ("venue", &self.venue),
                ("street", &self.street),
                ("postal_code", &self.postal_code),
                ("coordinates", &self.coordinates),
                ("exact_for", &self.exact_for),
            ],
        );
    }
}

impl Canonical for CoordinatesDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(text, &[("latitude", &self.latitude), ("longitude", &self.longitude)]);
    }
}

impl Canonical for PickedCaseDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(text, &[("case", &self.case), ("letter_goal", &self.letter_goal)]);
    }
}

impl Canonical for OrganizerDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[("name", &self.name), ("email", &self.email), ("display_name", &self.display_name)],
        );
    }
}
