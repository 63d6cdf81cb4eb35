//! Calendars of people's own: each has an address that is a secret and opens nothing else.

use domain::violation::Noun;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Decided, Gathering, not_found};
use crate::{
    database::{calendars, person_secrets},
    secret::{Credential, Hash},
};

/// Somebody who wants the address of a calendar.
#[derive(Clone, Copy, Debug)]
pub struct Issuing {
    /// Whose events: those of a participant, or that of one attendance.
    pub subject: Uuid,
    /// Which of the two was asked for.
    pub noun: Noun,
    /// The hash of the secret in the address.
    pub secret: Hash,
    /// Who asks.
    pub credential: Credential,
    /// When.
    pub now: Timestamp,
}

/// Gives a participant or an attendance the address of a calendar, in the place of the one before.
/// Nobody else may have it, staff neither: it goes on telling where somebody is.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn issue(gathering: &mut Gathering<'_>, asked: &Issuing) -> Decided<()> {
    let holder = match asked.credential {
        Credential::Secret(secret) => person_secrets::holder(gathering.reading(), secret).await?,
        Credential::None | Credential::Staff(_) => None,
    };
    let Some(holder) = holder.filter(|holder| holder.subject == asked.subject) else {
        return Ok(Err(not_found("id", asked.noun)));
    };
    calendars::replace(gathering.writing(), asked.subject, asked.secret, holder.way, asked.now).await?;
    Ok(Ok(()))
}
