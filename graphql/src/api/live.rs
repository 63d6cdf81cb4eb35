//! Live streams. Each event is a response of its own, computed from the time, the catalogue and the count at
//! that moment.

use std::{future::ready, sync::Arc};

use async_graphql::{Context, ID, Object, Subscription};
use domain::{CaseId, EditionId, MilestoneId, SectionId, ViolationKind, total::TotalScope};
use futures_util::{Stream, StreamExt};
use graphql_engine::inline::Inline;

use super::{
    RequestContext,
    case::{Case, CaseState, CloseReason},
    edition,
    error::ApiError,
    id,
    milestone::Milestone,
    scalar::{Count, DateTime},
    total::Total,
};
use crate::totals_watch;

/// An event of the total stream.
pub(crate) struct TotalUpdate {
    request: RequestContext,
    edition: EditionId,
    scope: TotalScope,
    reset: bool,
    is_final: bool,
}

/// An event of the total stream.
#[Object(serial)]
impl TotalUpdate {
    /// The complete total.
    async fn total(&self) -> Result<Inline<Total<'_>>, ApiError> {
        let edition = self.request.catalogue.edition(self.edition);
        let edition = edition.ok_or_else(|| ApiError::internal("a count without its edition"))?;
        Ok(Inline(Total::new(&self.request, edition, self.scope)))
    }

    /// Whether the stream restarted because `afterVersion` is unknown to this service. Discard previous
    /// state.
    async fn reset(&self) -> bool {
        self.reset
    }

    /// Whether this is the last event of the stream.
    #[graphql(name = "final")]
    async fn is_final(&self) -> bool {
        self.is_final
    }
}

/// An event of the case stream.
pub(crate) struct CaseUpdate {
    request: RequestContext,
    case: CaseId,
}

/// A changed case. Stop showing how to write for it unless its state is `PUBLISHED`.
#[Object(serial)]
impl CaseUpdate {
    /// The case after the change.
    async fn case(&self) -> Result<Inline<Case<'_>>, ApiError> {
        Ok(Inline(Case::new(&self.request, self.changed()?)))
    }

    /// The state after the change.
    async fn state(&self) -> Result<CaseState, ApiError> {
        Ok(self.changed()?.state.into())
    }

    /// Why the case was closed; null unless it is closed.
    async fn close_reason(&self) -> Result<Option<CloseReason>, ApiError> {
        Ok(self.changed()?.state.close_reason().map(CloseReason::from))
    }

    /// When it was changed.
    async fn updated_at(&self) -> Result<DateTime, ApiError> {
        Ok(self.changed()?.updated_at.into())
    }
}

impl CaseUpdate {
    fn changed(&self) -> Result<&domain::Case, ApiError> {
        self.request
            .catalogue
            .case(self.case)
            .ok_or_else(|| ApiError::internal("a case change without its case"))
    }
}

/// An event of the milestone stream.
pub(crate) struct MilestoneUpdate {
    request: RequestContext,
    milestone: MilestoneId,
}

/// A milestone that was reached.
#[Object(serial)]
impl MilestoneUpdate {
    /// The milestone.
    async fn milestone(&self) -> Result<Milestone<'_>, ApiError> {
        Milestone::find(&self.request, self.milestone)
            .ok_or_else(|| ApiError::internal("a reached milestone that is not there"))
    }
}

/// The subscription fields.
#[derive(Default)]
pub(crate) struct LiveSubscription;

#[Subscription]
impl LiveSubscription {
    /// A live total. The first event has the present total, or the first one newer than `afterVersion`.
    /// Whenever the edition is counted anew, the newest total follows, a few times a second at most:
    /// intermediate versions may be skipped, versions only increase, and the latest one is always delivered.
    /// The stream ends after an event with `final`, when the total is certified or the edition is archived.
    async fn total<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(desc = "The code of a section, for the total of its campaign.")] section: Option<String>,
        #[graphql(desc = "The global id of a case of the edition, for its total.")] case: Option<ID>,
        #[graphql(desc = "The last version that the client knows; only newer ones are delivered.")]
        after_version: Option<Count>,
    ) -> Result<impl Stream<Item = TotalUpdate> + use<'ctx>, ApiError> {
        let (context, request) = (super::AppState::of(ctx), RequestContext::of(ctx));
        let edition = edition::of_year(request, edition)
            .ok_or_else(|| ApiError::bad_input("There is no edition of this year."))?;
        let (edition, scope) = (edition.id, scope(request, edition.id, section, case)?);
        let after_version = after_version.map(version).transpose()?;
        let updates =
            totals_watch::totals(&context.totals, context.catalogue.clone(), (edition, scope), after_version);
        Ok(updates.map(move |update| TotalUpdate {
            request: request.for_event(context).with_count(edition, update.count),
            edition,
            scope,
            reset: update.reset,
            is_final: update.is_final,
        }))
    }

    /// Milestones that are reached from now on, each delivered once to each subscriber. With `afterVersion` those are
    /// delivered first that were reached by a later version: so a client that was disconnected misses none.
    async fn milestone_reached<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(
            desc = "The code of a section, for the milestones of its campaign; omit for those of the worldwide total."
        )]
        section: Option<String>,
        #[graphql(desc = "The last version that the client knows.")] after_version: Option<Count>,
    ) -> Result<impl Stream<Item = MilestoneUpdate> + use<'ctx>, ApiError> {
        let (context, request) = (super::AppState::of(ctx), RequestContext::of(ctx));
        let edition = edition::of_year(request, edition)
            .ok_or_else(|| ApiError::bad_input("There is no edition of this year."))?
            .id;
        let section = section_of(request, section)?;
        let after_version = after_version.map(version).transpose()?.map(i64::unsigned_abs);
        if after_version.is_some() {
            // A subscriber that joined the stream of another one would miss what that one was sent first.
            request.now_uncacheable();
        }
        let reached = totals_watch::milestones(
            &context.totals,
            context.catalogue.clone(),
            (edition, section),
            after_version,
        );
        Ok(reached.map(move |(catalogue, count, milestone)| MilestoneUpdate {
            request: request.for_event(context).with_count(edition, count).with_catalogue(catalogue),
            milestone,
        }))
    }

    /// Changes of published, suspended or closed cases from now on, delivered immediately.
    async fn case_changed<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Returns only cases of the edition of this year.")] edition: Option<i32>,
    ) -> Result<impl Stream<Item = CaseUpdate> + use<'ctx>, ApiError> {
        let (context, request) = (super::AppState::of(ctx), RequestContext::of(ctx));
        let edition = match edition {
            Some(year) => Some(
                edition::of_year(request, year)
                    .ok_or_else(|| ApiError::bad_input("There is no edition of this year."))?
                    .id,
            ),
            None => None,
        };
        let changes = totals_watch::case_changes(context.catalogue.clone());
        Ok(changes.filter_map(move |(catalogue, case)| {
            let shown = catalogue.case(case).is_some_and(|case| {
                case.state.is_public() && edition.is_none_or(|edition| edition == case.edition_id)
            });
            let request = shown.then(|| request.for_event(context).with_catalogue(Arc::clone(&catalogue)));
            ready(request.map(|request| CaseUpdate { request, case }))
        }))
    }
}

/// The section with this code, if one is given.
fn section_of(request: &RequestContext, code: Option<String>) -> Result<Option<SectionId>, ApiError> {
    let Some(code) = code else { return Ok(None) };
    let section = request.catalogue.section_by_code(&code);
    section
        .map(|section| Some(section.id))
        .ok_or_else(|| ApiError::bad_input("There is no section with this code."))
}

/// The scope of the total.
fn scope(
    request: &RequestContext,
    edition: EditionId,
    section: Option<String>,
    case: Option<ID>,
) -> Result<TotalScope, ApiError> {
    let section = section_of(request, section)?;
    let case = match case {
        Some(id) => {
            Some(case_of(request, edition, &id).map_err(|rule| ApiError::bad_input(rule.to_string()))?)
        }
        None => None,
    };
    Ok(match (section, case) {
        (None, None) => TotalScope::Edition,
        (Some(section), None) => TotalScope::Section(section),
        (None, Some(case)) => TotalScope::Case(case),
        (Some(section), Some(case)) => TotalScope::SectionCase(section, case),
    })
}

fn case_of(request: &RequestContext, edition: EditionId, id: &ID) -> Result<CaseId, ViolationKind> {
    let id = id::case(id)?;
    let case = request.case(id).filter(|case| case.edition_id == edition);
    case.map(|case| case.id).ok_or(ViolationKind::NotFound { noun: domain::violation::EntityKind::Case })
}

fn version(typed: Count) -> Result<i64, ApiError> {
    typed
        .whole()
        .and_then(|version| i64::try_from(version).ok())
        .ok_or_else(|| ApiError::bad_input("`afterVersion` is not a version."))
}
