//! The inputs of moderation.

use async_graphql::{ID, InputObject};
use domain::{Violation, ViolationKind, report, violation::EntityKind};

use crate::{
    api::{
        RequestContext,
        error::ApiError,
        id,
        report::{ReportState, input::ReportDecision},
        scalar::{Count, DateTime},
    },
    database::{Connection, reports},
};

/// A selection of reports of a campaign: those that are pending review or count, and match all conditions.
#[derive(Debug, InputObject)]
pub(crate) struct ReportSelectionInput {
    /// The global id of the campaign.
    campaign: ID,
    /// Only reports pending review (`PENDING_REVIEW`), or only those that count (`ACCEPTED`); both if omitted.
    state: Option<ReportState>,
    /// Only reports received from the same address as the latest revision of the report with this global id.
    /// The origin of a report is stored for 30 days, as a pseudonym and not as an address.
    same_address_as: Option<ID>,
    /// Only reports received from the same network: 24 bits of an IPv4 address, 48 bits of an IPv6 address.
    same_network_as: Option<ID>,
    /// Only reports received at or after this instant.
    received_from: Option<DateTime>,
    /// Only reports received before this instant.
    received_before: Option<DateTime>,
    /// Only reports with at least this number of actions.
    quantity_from: Option<Count>,
    /// Only reports with at most this number of actions.
    quantity_to: Option<Count>,
    /// Only reports with this text in their note, ignoring case.
    text: Option<String>,
}

/// Input for moderating many reports at once.
#[derive(Debug, InputObject)]
pub(crate) struct ReportsModerateInput {
    /// The selection of reports.
    pub(super) selection: ReportSelectionInput,
    /// The decision: `ACCEPT` counts the reports pending review; `REJECT` excludes pending and counted reports
    /// from the total.
    pub(super) decision: ReportDecision,
    /// The reason, at most 20,000 characters.
    pub(super) reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key returns the same moderation.
    pub(super) idempotency_key: String,
}

/// Input for undoing a moderation.
#[derive(Debug, InputObject)]
pub(crate) struct ModerationUndoInput {
    /// The global id of the moderation. It may itself be the undoing of another one.
    pub(super) id: ID,
    /// The reason, at most 20,000 characters.
    pub(super) reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key returns the same moderation.
    pub(super) idempotency_key: String,
}

impl ReportSelectionInput {
    /// Parses a selection, if the viewer may moderate these reports.
    pub(super) async fn parse(
        self,
        request: &RequestContext,
        connection: &mut Connection,
    ) -> Result<Result<report::ReportSelection, Violation>, ApiError> {
        let unknown = |field: &str, noun| Ok(Err(Violation::at([field], ViolationKind::NotFound { noun })));
        let campaign = id::campaign(&self.campaign).ok().and_then(|id| request.catalogue.campaign(id));
        let Some(campaign) = campaign.filter(|campaign| request.may_act_for(campaign.section_id)) else {
            return unknown("campaign", EntityKind::Campaign);
        };
        let mut selection = report::ReportSelection {
            state: self.state.map(domain::report::ReportState::from),
            received_from: self.received_from.map(|at| at.0),
            received_before: self.received_before.map(|at| at.0),
            quantity_least: self.quantity_from.map(|count| count.0.number() as u64),
            quantity_most: self.quantity_to.map(|count| count.0.number() as u64),
            text: self.text,
            ..report::ReportSelection::of(campaign.id)
        };
        for (field, report) in
            [("sameAddressAs", self.same_address_as), ("sameNetworkAs", self.same_network_as)]
        {
            let Some(report) = report else { continue };
            let Some(report) = id::report(&report).ok() else { return unknown(field, EntityKind::Report) };
            let stored = reports::find(connection, report).await?;
            let source = stored.filter(|stored| stored.report.campaign_id == campaign.id);
            let source = source.and_then(|stored| stored.report.latest().source);
            let Some(source) = source else { return unknown(field, EntityKind::Report) };
            if field == "sameAddressAs" {
                selection.address = Some(source.address);
            } else {
                selection.network = Some(source.network);
            }
        }
        Ok(Ok(selection))
    }
}
