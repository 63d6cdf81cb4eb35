//! Recounts on demand.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    EditionId, Violation, ViolationKind, Violations, catalogue::StaffAction, violation::EntityKind,
};
use uuid::Uuid;

use super::{AppState, RequestContext, cost, error::ApiError, id, payload::payloads, total::Recount};
use crate::{
    database::{self, Access},
    ledger::recount::check,
};

/// Input for a recount.
#[derive(Debug, InputObject)]
struct EditionRecountInput {
    /// The global id of the edition.
    id: ID,
}

/// The result of a recount, or validation errors.
pub(super) struct Outcome {
    outcome: Result<Recount, Violations>,
}

payloads! {
    Outcome, [outcome], {
        /// The comparison; null if there are `userErrors`.
        async fn recount(&self) -> Option<Recount> {
            self.0.outcome.as_ref().ok().copied()
        }
    }

    /// The result of a recount.
    EditionRecountPayload;
}

/// The mutation that recounts.
#[derive(Default)]
pub(crate) struct RecountMutation;

#[Object(serial)]
impl RecountMutation {
    /// Compares the counters of an edition with a recount of all its reports now; otherwise that is done daily. It
    /// changes no number: a difference is shown by `Total.recount`, refuses a certification, and is repaired by the
    /// operator (`w4r recount --repair`). Recorded in the audit log. Requires an administrator key.
    #[graphql(complexity = "2 * cost::SEARCH + child_complexity")]
    async fn edition_recount(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edition.")] input: EditionRecountInput,
    ) -> Result<Option<EditionRecountPayload>, ApiError> {
        let (context, request) = (AppState::of(ctx), RequestContext::of(ctx));
        let key = request.administrator()?;
        let id = id::or_nil(id::edition(&input.id), EditionId::new);
        if request.catalogue.edition(id).is_none() {
            let rule = ViolationKind::NotFound { noun: EntityKind::Edition };
            let outcome = Err(Violation::at(["id"], rule).into());
            return Ok(Some(EditionRecountPayload(Outcome { outcome })));
        }
        let mut connection = request.connect_uncacheable(context).await?;
        let shown = context.totals.count(id);
        let comparison = check(&mut connection, id, Some(&shown), request.now, |_| {}).await?;
        for part in &comparison.differs {
            tracing::error!(version = comparison.version.number, "{part}");
        }
        let action = StaffAction { action: "editionRecount", subject: id.uuid(), reason: None };
        connection
            .transaction(Access::Write, async |connection| {
                database::audit_log::insert(connection, Uuid::now_v7(), Some(key), &action, request.now).await
            })
            .await?;
        let recount = Recount::new(comparison.version.number, comparison.matches(), request.now);
        Ok(Some(EditionRecountPayload(Outcome { outcome: Ok(recount) })))
    }
}
