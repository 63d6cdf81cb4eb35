//! Who asks, when, in which languages, and of which state of the campaign.
//!
//! It is settled once, at the door, and everything in an answer is made from it alone: one instant,
//! one catalogue, and for each edition one count, so that all totals of an answer have one version.
//! An event of a live stream is an answer of its own and has its own.

use std::{
    future,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{CaseId, EditionId, Language, SectionId, case::CaseState};
use jiff::Timestamp;
use uuid::Uuid;

use super::{AppState, dependencies::Dependencies, error::ApiError, languages};
use crate::{
    catalogue::Catalogue,
    credentials::{self, Credential, SecretHash, Staff},
    database::{self, Connection},
    ledger::Ledger,
    totals_store::{PendingSnapshot, TotalsSnapshot, TotalsStore},
};

/// How long an answer is made without a break. Statements of SQLite run where they are asked for, so that
/// between them is the only moment at which a time limit can end an answer that takes too long.
const YIELD_AFTER: Duration = Duration::from_millis(50);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody in particular.
    Anonymous,
    /// Whoever knows this secret; it is for the thing to say whether it is its own.
    SecretHolder(SecretHash),
    /// An administrator, or staff of a section.
    Staff(Staff),
}

/// What an answer is made from.
#[derive(Debug)]
pub struct RequestContext {
    /// When the question came in.
    pub now: Timestamp,
    /// Who asks.
    pub asker: Viewer,
    /// The address they ask from, if that is known.
    pub address: Option<IpAddr>,
    /// The languages the reader would like best, in order.
    pub languages: Arc<[Language]>,
    /// The catalogue at that moment.
    pub catalogue: Arc<Catalogue>,
    tallies: TotalsStore,
    begun: Instant,
    // The first field that needs the count of an edition takes the newest; the others follow it. Hardly any
    // question is about more than one edition, and many fields are about that.
    counts: Mutex<Vec<(EditionId, Arc<TotalsSnapshot>)>>,
    coming: Option<Arc<PendingSnapshot>>,
    ground: Arc<Dependencies>,
}

impl RequestContext {
    /// What the answer to a request is made from; `bearer` and `accept_language` are the values of
    /// its headers.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a key of staff that is unknown or revoked, and the faults of the database.
    pub async fn new(
        context: &AppState,
        bearer: Option<&str>,
        accept_language: Option<&str>,
    ) -> Result<Self, ApiError> {
        let now = context.clock.now();
        let asker = match bearer.map(str::trim).filter(|bearer| !bearer.is_empty()) {
            None => Viewer::Anonymous,
            Some(key) if credentials::is_key_of_staff(key) => {
                let mut connection = context.database.connect().await?;
                let staff = database::staff_keys::find(&mut connection, SecretHash::of(key)).await?;
                Viewer::Staff(staff.ok_or_else(ApiError::unauthenticated)?)
            }
            Some(secret) => Viewer::SecretHolder(SecretHash::of(secret)),
        };
        let languages = accept_language.map(languages::parse).unwrap_or_default().into();
        Ok(Self::at(now, asker, languages, context))
    }

    fn at(now: Timestamp, asker: Viewer, languages: Arc<[Language]>, context: &AppState) -> Self {
        let (ground, catalogue) = Dependencies::new(now, context.clock.clone(), context.catalogue.clone());
        let tallies = context.tallies.clone();
        Self {
            now,
            asker,
            address: None,
            languages,
            catalogue,
            tallies,
            begun: Instant::now(),
            counts: Mutex::default(),
            coming: None,
            ground: Arc::new(ground),
        }
    }

    /// What the answer to a change is made from: the same question, and the state after the change.
    pub(crate) fn after_change(&self, context: &AppState) -> Self {
        Self::at(self.now, self.asker, Arc::clone(&self.languages), context).with_address(self.address)
    }

    /// The same, asked from an address.
    #[must_use]
    pub fn with_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The ledger, as whoever asks comes to it.
    pub(crate) fn ledger(&self, context: &AppState) -> Ledger {
        context.ledger.of(self.address)
    }

    /// What an event of a stream is made from: the clock and the catalogue of now.
    pub(crate) fn for_event(&self, context: &AppState) -> Self {
        Self { now: context.clock.now(), ..self.after_change(context) }
    }

    /// The same with this catalogue.
    pub(crate) fn with_catalogue(self, catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, ..self }
    }

    /// The same with this count of an edition.
    pub(crate) fn with_count(self, edition: EditionId, count: Arc<TotalsSnapshot>) -> Self {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).insert(0, (edition, count));
        self
    }

    /// The same, made before this count is told. It waits for nothing: what is not in memory is not had.
    #[must_use]
    pub fn ahead(self, coming: Arc<PendingSnapshot>) -> Self {
        Self { coming: Some(coming), ..self }
    }

    /// The one question that a resolver works for.
    pub(crate) fn of<'ctx>(ctx: &async_graphql::Context<'ctx>) -> &'ctx Self {
        ctx.data_unchecked()
    }

    /// The count of an edition that all of this answer is made from.
    pub(crate) fn count(&self, edition: EditionId) -> Arc<TotalsSnapshot> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = counts.iter().find(|(known, _)| *known == edition) {
            return Arc::clone(known);
        }
        let watched = self.tallies.watch(edition);
        let count = match self.coming.as_deref().filter(|coming| coming.edition == edition) {
            None => self.ground.track(watched),
            Some(coming) => {
                let count = coming.count();
                self.ground.track_pending(watched, &count);
                count
            }
        };
        counts.push((edition, Arc::clone(&count)));
        count
    }

    /// What the answer is made from, for the answers that are the same for anyone.
    #[must_use]
    pub fn ground(&self) -> Option<Arc<Dependencies>> {
        (self.asker == Viewer::Anonymous).then(|| Arc::clone(&self.ground))
    }

    /// A connection to the database, for what is not in memory. Nobody watches that, so that the
    /// answer cannot be given again.
    ///
    /// # Errors
    /// The faults of the database.
    pub(crate) async fn connect_uncacheable(&self, context: &AppState) -> Result<Connection, ApiError> {
        self.ground.mark_uncacheable();
        self.connect(context).await
    }

    /// A connection to the database, for events. Whatever changes one of them raises their revision, so
    /// that the answer can be given again until then.
    ///
    /// # Errors
    /// The faults of the database.
    pub(crate) async fn connect_tracking_events(&self, context: &AppState) -> Result<Connection, ApiError> {
        self.track_events(context);
        self.connect(context).await
    }

    /// The answer tells of events, or of people who take part.
    pub(crate) fn track_events(&self, context: &AppState) {
        self.ground.track_events(&context.events_revision);
    }

    /// The answer tells how something stood some moments ago, and another one may tell of now.
    pub(crate) fn has_shown_event(&self) {
        self.ground.mark_uncacheable();
    }

    /// A connection to the database, for what stays as it was at one of the counts of this answer.
    ///
    /// # Errors
    /// The faults of the database.
    pub(crate) async fn connect(&self, context: &AppState) -> Result<Connection, ApiError> {
        if self.coming.is_some() {
            // Whoever makes it takes that for an answer that cannot be made ahead.
            future::pending::<()>().await;
        }
        if self.begun.elapsed() > YIELD_AFTER {
            tokio::task::yield_now().await;
        }
        Ok(context.database.connect().await?)
    }

    /// The instant itself, not only the phase that it lies in. Another answer will have another.
    pub(crate) fn now_uncacheable(&self) -> Timestamp {
        self.ground.mark_uncacheable();
        self.now
    }

    /// Whether an administrator asks.
    pub(crate) const fn is_administrator(&self) -> bool {
        matches!(self.asker, Viewer::Staff(Staff { section: None, .. }))
    }

    /// Whether staff of this section ask, or an administrator.
    pub(crate) fn may_act_for(&self, section: SectionId) -> bool {
        matches!(self.asker, Viewer::Staff(staff) if staff.may_act_for(section))
    }

    /// The staff who ask, where nobody else may.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    pub(crate) fn staff(&self) -> Result<Staff, ApiError> {
        match self.asker {
            Viewer::Staff(staff) => Ok(staff),
            Viewer::SecretHolder(_) => Err(ApiError::forbidden()),
            Viewer::Anonymous => Err(ApiError::unauthenticated()),
        }
    }

    /// The administrator's key, where nobody else may.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    pub(crate) fn administrator(&self) -> Result<Uuid, ApiError> {
        match self.staff()? {
            Staff { key: Some(key), section: None } => Ok(key),
            Staff { .. } => Err(ApiError::forbidden()),
        }
    }

    /// What proves to the ledger who asks.
    pub(crate) const fn credential(&self) -> Credential {
        match self.asker {
            Viewer::Anonymous => Credential::None,
            Viewer::SecretHolder(secret) => Credential::Secret(secret),
            Viewer::Staff(staff) => Credential::Staff(staff),
        }
    }

    /// Whether whoever asks may know of a case in this state: a draft is known to administrators only.
    pub(crate) fn can_see(&self, state: CaseState) -> bool {
        state.is_public() || self.is_administrator()
    }

    /// The case with this identity, if whoever asks may know of it.
    pub(crate) fn case(&self, id: CaseId) -> Option<&domain::Case> {
        self.catalogue.case(id).filter(|case| self.can_see(case.state))
    }
}
