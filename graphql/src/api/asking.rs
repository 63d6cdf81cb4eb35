//! Who asks, when, in which languages, and of which state of the campaign.
//!
//! It is settled once, at the door, and everything in an answer is made from it alone: one instant,
//! one catalogue, and for each edition one count, so that all totals of an answer have one version.
//! An event of a live stream is an answer of its own and has its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{CaseId, EditionId, Language, case::CaseState};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Context, error::Fault, languages};
use crate::{
    catalogue::Catalogue,
    database,
    ledger::Credential,
    secret::Hash,
    tally::{Count, Tallies},
};

/// How administrators' keys begin, so that a revoked one is told apart from a report's secret.
const ADMINISTRATOR_PREFIX: &str = "w4r_admin_";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Nobody in particular.
    Anyone,
    /// Whoever knows this secret; it is for the report to say whether it is its own.
    Bearer(Hash),
    /// An administrator, by this key.
    Administrator(Uuid),
}

/// What an answer is made from.
#[derive(Debug)]
pub struct Asking {
    /// When the question came in.
    pub now: Timestamp,
    /// Who asks.
    pub asker: Asker,
    /// The languages the reader would like best, in order.
    pub languages: Arc<[Language]>,
    /// The catalogue at that moment.
    pub catalogue: Arc<Catalogue>,
    tallies: Tallies,
    // The first field that needs the count of an edition takes the newest; the others follow it.
    counts: Mutex<HashMap<EditionId, Arc<Count>>>,
}

impl Asking {
    /// What the answer to a request is made from; `bearer` and `accept_language` are the values of
    /// its headers.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for an administrator's key that is unknown or revoked, and the faults of the
    /// database.
    pub async fn new(
        context: &Context,
        bearer: Option<&str>,
        accept_language: Option<&str>,
    ) -> Result<Self, Fault> {
        let now = context.clock.now();
        let asker = match bearer.map(str::trim).filter(|bearer| !bearer.is_empty()) {
            None => Asker::Anyone,
            Some(key) if key.starts_with(ADMINISTRATOR_PREFIX) => {
                let mut connection = context.database.connect().await?;
                let key = database::keys::find(&mut connection, Hash::of(key)).await?;
                Asker::Administrator(key.ok_or_else(Fault::unauthenticated)?)
            }
            Some(secret) => Asker::Bearer(Hash::of(secret)),
        };
        let languages = accept_language.map(languages::parse).unwrap_or_default().into();
        let catalogue = Arc::clone(&context.catalogue.borrow());
        Ok(Self::at(now, asker, languages, catalogue, context.tallies.clone()))
    }

    fn at(
        now: Timestamp,
        asker: Asker,
        languages: Arc<[Language]>,
        catalogue: Arc<Catalogue>,
        tallies: Tallies,
    ) -> Self {
        Self { now, asker, languages, catalogue, tallies, counts: Mutex::default() }
    }

    /// What the answer to a change is made from: the same question, and the state after the change.
    pub(crate) fn after_change(&self, context: &Context) -> Self {
        let catalogue = Arc::clone(&context.catalogue.borrow());
        Self::at(self.now, self.asker, Arc::clone(&self.languages), catalogue, self.tallies.clone())
    }

    /// What an event of a stream is made from: the clock and the catalogue of now.
    pub(crate) fn of_event(&self, context: &Context) -> Self {
        Self { now: context.clock.now(), ..self.after_change(context) }
    }

    /// The same with this catalogue.
    pub(crate) fn with_catalogue(self, catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, ..self }
    }

    /// The same with this count of an edition.
    pub(crate) fn with_count(self, edition: EditionId, count: Arc<Count>) -> Self {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).insert(edition, count);
        self
    }

    /// The one question that a resolver works for.
    pub(crate) fn of<'ctx>(ctx: &async_graphql::Context<'ctx>) -> &'ctx Self {
        ctx.data_unchecked()
    }

    /// The count of an edition that all of this answer is made from.
    pub(crate) fn count(&self, edition: EditionId) -> Arc<Count> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counts.entry(edition).or_insert_with(|| self.tallies.count(edition)))
    }

    /// Whether an administrator asks.
    pub(crate) const fn is_administrator(&self) -> bool {
        matches!(self.asker, Asker::Administrator(_))
    }

    /// The administrator's key, where nobody else may.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    pub(crate) fn administrator(&self) -> Result<Uuid, Fault> {
        match self.asker {
            Asker::Administrator(key) => Ok(key),
            Asker::Bearer(_) => Err(Fault::forbidden()),
            Asker::Anyone => Err(Fault::unauthenticated()),
        }
    }

    /// What proves to the ledger who asks.
    pub(crate) const fn credential(&self) -> Credential {
        match self.asker {
            Asker::Anyone => Credential::None,
            Asker::Bearer(secret) => Credential::Secret(secret),
            Asker::Administrator(key) => Credential::Staff(Some(key)),
        }
    }

    /// Whether whoever asks may know of a case in this state: a draft is known to administrators only.
    pub(crate) fn sees(&self, state: CaseState) -> bool {
        state.is_public() || self.is_administrator()
    }

    /// The case with this identity, if whoever asks may know of it.
    pub(crate) fn case(&self, id: CaseId) -> Option<&domain::Case> {
        self.catalogue.case(id).filter(|case| self.sees(case.state))
    }
}
