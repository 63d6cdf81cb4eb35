//! The policy for a change of an event: what the campaign allows, and which actor asks.

use jiff::Timestamp;

use super::{EventActor, Session};
use crate::{CaseId, report::CampaignContext, violation::ViolationKind};

/// The policy for a change of an event: what the campaign allows, and which actor asks.
#[derive(Clone, Copy, Debug)]
pub struct EventPolicy<'a> {
    /// The campaign with its edition and its cases.
    pub intake: CampaignContext<'a>,
    /// The actor: staff may place an event outside of the campaign.
    pub actor: EventActor,
}

impl EventPolicy<'_> {
    /// Whether an event may be registered at `now`. Organizers plan before the campaign opens.
    pub(crate) fn check_registration(&self, now: Timestamp) -> Result<(), ViolationKind> {
        self.intake.edition.check_open()?;
        let ended_at = self.intake.campaign.window.registration_closes_at();
        if now >= ended_at && self.actor == EventActor::Organizer {
            return Err(ViolationKind::RegistrationClosed { ended_at });
        }
        Ok(())
    }

    /// # Errors
    /// [`ViolationKind::SessionOutsideCampaign`] unless every day of the session belongs to the campaign.
    pub(super) fn check_session(&self, session: &Session) -> Result<(), ViolationKind> {
        let window = &self.intake.campaign.window;
        let lies_within =
            [session.first_day(), session.last_day()].into_iter().all(|day| window.takes_letters_of(day));
        if lies_within || self.actor == EventActor::Staff || !self.intake.campaign.bounds_events {
            return Ok(());
        }
        let (opens_on, deadline_on) = (window.opens_on(), window.deadline_on());
        Err(ViolationKind::SessionOutsideCampaign { opens_on, deadline_on })
    }

    pub(crate) fn check_case(&self, case: CaseId, known: bool) -> Result<(), ViolationKind> {
        self.intake.check_case(case, known, known || self.actor == EventActor::Staff)
    }
}
