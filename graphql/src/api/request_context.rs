//! The context of a request: the viewer, the time, the languages, and the state of the data.
//!
//! It is fixed once, when the request arrives, and everything in the response is computed from it alone: one
//! instant, one catalogue, and one count per edition, so that all totals of a response have one version. Each
//! event of a live stream is a response of its own, with its own context.

use std::{
    future,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{CaseId, EditionId, Language, SectionId, case::CaseState, catalogue::Catalogue};
use jiff::Timestamp;
use uuid::Uuid;

use super::{AppState, dependencies::Dependencies, error::ApiError, languages};
use crate::{
    access::{self, CaseAccess, Staff, Viewer},
    credentials::{self, SecretHash},
    database::{self, Connection},
    ledger::Ledger,
    totals_store::{PendingSnapshot, TotalsSnapshot, TotalsStore},
};

/// How long a response is computed before the task yields. SQLite statements run on the calling thread, so
/// that only between them can a time limit end a response that takes too long.
const YIELD_AFTER: Duration = Duration::from_millis(50);

/// The context that a response is computed from.
#[derive(Debug)]
pub struct RequestContext {
    /// The instant at which the request arrived.
    pub now: Timestamp,
    /// The viewer.
    pub viewer: Viewer,
    /// The client's address, if known.
    pub address: Option<IpAddr>,
    /// The preferred languages of the reader, in order.
    pub languages: Arc<[Language]>,
    /// The catalogue at that instant.
    pub catalogue: Arc<Catalogue>,
    totals: TotalsStore,
    begun: Instant,
    // The counts used so far. The first field that needs the count of an edition takes the newest one; the
    // other fields reuse it. Most queries are about one edition only.
    counts: Mutex<Vec<(EditionId, Arc<TotalsSnapshot>)>>,
    coming: Option<Arc<PendingSnapshot>>,
    ground: Arc<Dependencies>,
}

impl RequestContext {
    /// Builds the context of a request; `bearer` and `accept_language` are the values of its headers.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a staff key that is unknown or revoked, and database errors.
    pub async fn new(
        context: &AppState,
        bearer: Option<&str>,
        accept_language: Option<&str>,
    ) -> Result<Self, ApiError> {
        let now = context.clock.now();
        let viewer = match bearer.map(str::trim).filter(|bearer| !bearer.is_empty()) {
            None => Viewer::Anonymous,
            Some(key) if credentials::is_key_of_staff(key) => {
                let mut connection = context.database.connect().await?;
                let staff = database::staff_keys::find(&mut connection, SecretHash::of(key)).await?;
                Viewer::Staff(staff.ok_or_else(ApiError::unauthenticated)?)
            }
            Some(secret) => Viewer::SecretHolder(SecretHash::of(secret)),
        };
        let languages = accept_language.map(languages::parse).unwrap_or_default().into();
        Ok(Self::at(now, viewer, languages, context))
    }

    fn at(now: Timestamp, viewer: Viewer, languages: Arc<[Language]>, context: &AppState) -> Self {
        let (ground, catalogue) = Dependencies::new(now, context.clock.clone(), context.catalogue.clone());
        let totals = context.totals.clone();
        Self {
            now,
            viewer,
            address: None,
            languages,
            catalogue,
            totals,
            begun: Instant::now(),
            counts: Mutex::default(),
            coming: None,
            ground: Arc::new(ground),
        }
    }

    /// Returns the context of a mutation's result: the same request, and the state after the change.
    pub(crate) fn after_change(&self, context: &AppState) -> Self {
        Self::at(self.now, self.viewer, Arc::clone(&self.languages), context).with_address(self.address)
    }

    /// Refuses a client without a key or secret.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub(crate) fn require_token(&self) -> Result<(), ApiError> {
        if self.viewer == Viewer::Anonymous { Err(ApiError::unauthenticated()) } else { Ok(()) }
    }

    /// The same, with the address of the client.
    #[must_use]
    pub fn with_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// Returns the ledger handle for this viewer.
    pub(crate) fn ledger(&self, context: &AppState) -> Ledger {
        context.ledger.of(self.address)
    }

    /// Returns the context of an event of a stream: the current time and catalogue.
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

    /// The same, computed before this count is published. It never waits: data that is not in memory is
    /// unavailable.
    #[must_use]
    pub fn ahead(self, coming: Arc<PendingSnapshot>) -> Self {
        Self { coming: Some(coming), ..self }
    }

    /// Returns the context of the request that a resolver runs for.
    pub(crate) fn of<'ctx>(ctx: &async_graphql::Context<'ctx>) -> &'ctx Self {
        ctx.data_unchecked()
    }

    /// Returns the count of an edition that the whole response is computed from.
    pub(crate) fn count(&self, edition: EditionId) -> Arc<TotalsSnapshot> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = counts.iter().find(|(known, _)| *known == edition) {
            return Arc::clone(known);
        }
        let watched = self.totals.watch(edition);
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

    /// The dependencies of the response, for responses that are the same for all anonymous clients.
    #[must_use]
    pub fn ground(&self) -> Option<Arc<Dependencies>> {
        (self.viewer == Viewer::Anonymous).then(|| Arc::clone(&self.ground))
    }

    /// Returns a database connection for data that is not in memory. Changes of such data are not tracked, so
    /// that the response cannot be cached.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn connect_uncacheable(&self, context: &AppState) -> Result<Connection, ApiError> {
        self.ground.mark_uncacheable();
        self.connect(context).await
    }

    /// Returns a database connection for events. Every change of an event raises the events revision, so that
    /// the response can be cached until then.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn connect_tracking_events(&self, context: &AppState) -> Result<Connection, ApiError> {
        self.track_events(context);
        self.connect(context).await
    }

    /// Records that the response depends on events, or on participants.
    pub(crate) fn track_events(&self, context: &AppState) {
        self.ground.track_events(&context.events_revision);
    }

    /// Records that the response may be some moments old, so that a later one may differ without a tracked
    /// change.
    pub(crate) fn has_shown_event(&self) {
        self.ground.mark_uncacheable();
    }

    /// Returns a database connection for data that is fixed at one of the counts of this response.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn connect(&self, context: &AppState) -> Result<Connection, ApiError> {
        if self.coming.is_some() {
            // The caller takes this for a response that cannot be precomputed.
            future::pending::<()>().await;
        }
        if self.begun.elapsed() > YIELD_AFTER {
            tokio::task::yield_now().await;
        }
        Ok(context.database.connect().await?)
    }

    /// Returns the instant itself, not only the phase it lies in. The response is not cacheable then.
    pub(crate) fn now_uncacheable(&self) -> Timestamp {
        self.ground.mark_uncacheable();
        self.now
    }

    /// Returns whether the viewer is an administrator.
    pub(crate) const fn is_administrator(&self) -> bool {
        self.viewer.is_administrator()
    }

    /// Returns whether the viewer is staff of this section, or an administrator.
    pub(crate) fn may_act_for(&self, section: SectionId) -> bool {
        self.viewer.may_act_for(section)
    }

    /// Returns the staff member, for operations that require staff.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    pub(crate) fn staff(&self) -> Result<Staff, ApiError> {
        match self.viewer {
            Viewer::Staff(staff) => Ok(staff),
            Viewer::SecretHolder(_) => Err(ApiError::forbidden()),
            Viewer::Anonymous => Err(ApiError::unauthenticated()),
        }
    }

    /// Returns the administrator key, for operations that require one.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    pub(crate) fn administrator(&self) -> Result<Uuid, ApiError> {
        match self.staff()? {
            Staff { key: Some(key), section: None } => Ok(key),
            Staff { .. } => Err(ApiError::forbidden()),
        }
    }

    /// Returns whether the viewer may see a case in this state: drafts are visible to administrators only.
    pub(crate) fn can_see(&self, state: CaseState) -> bool {
        access::case_access(self.viewer, state) != CaseAccess::Hidden
    }

    /// Returns the case with this id, if the viewer may see it.
    pub(crate) fn case(&self, id: CaseId) -> Option<&domain::Case> {
        self.catalogue.case(id).filter(|case| self.can_see(case.state))
    }
}
