//! Queries for many reports at once: by source address, and by the selection of a moderation.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    CampaignId, Counts, EditionId, EventId, Report, ReportId,
    report::{ReportSelection, ReportState},
};
use jiff::Timestamp;

use super::{RevisionRow, StoredReport, assemble};
use crate::database::{
    Connection, Error,
    schema::report_revisions,
    sql_types::{SqlTimestamp, SqlUuid},
    time_limit::within_limit,
    with_backend,
};

/// The counted reports to a campaign from one address since an instant.
///
/// # Errors
/// A database error.
pub async fn from_address(
    connection: &mut Connection,
    campaign: CampaignId,
    address: [u8; 16],
    since: Timestamp,
) -> Result<Vec<ReportId>, Error> {
    let ids: Vec<SqlUuid> = with_backend!(connection, c => {
        report_revisions::table
            .filter(report_revisions::address_mark.eq(HEXLOWER.encode(&address)))
            .filter(report_revisions::received_at.ge(SqlTimestamp(since)))
            .filter(report_revisions::campaign_id.eq(SqlUuid(campaign.uuid())))
            .filter(report_revisions::state.eq(ReportState::Accepted.as_str()))
            .select(report_revisions::report_id)
            .load(c)
            .await
    })?;
    Ok(ids.into_iter().map(|id| ReportId::new(id.0)).collect())
}

/// The newest reports that this one may repeat or contain: those of the same campaign from the same address or about the
/// same event that came in before it, since an instant; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn before(
    connection: &mut Connection,
    report: &Report,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<StoredReport>, Error> {
    let latest = report.latest();
    let (campaign, until) = (SqlUuid(report.campaign_id.uuid()), SqlTimestamp(latest.received_at));
    macro_rules! candidates {
        ($same_origin:expr, $c:ident) => {
            report_revisions::table
                .filter($same_origin)
                .filter(report_revisions::campaign_id.eq(campaign))
                .filter(report_revisions::received_at.ge(SqlTimestamp(since)))
                .filter(report_revisions::received_at.le(until))
                .filter(report_revisions::report_id.ne(SqlUuid(report.id.uuid())))
                .order(report_revisions::received_at.desc())
                .select(report_revisions::report_id)
                .limit(limit)
                .load($c)
                .await
        };
    }
    let mut ids: Vec<SqlUuid> = Vec::new();
    if let Some(source) = &latest.source {
        let mark = report_revisions::address_mark.eq(HEXLOWER.encode(&source.address));
        let found: Vec<SqlUuid> = with_backend!(connection, c => candidates!(mark, c))?;
        ids.extend(found);
    }
    if let Some(at) = report.at {
        let event = report_revisions::event_id.eq(SqlUuid(at.event.uuid()));
        let found: Vec<SqlUuid> = with_backend!(connection, c => candidates!(event, c))?;
        ids.extend(found);
    }
    whole(connection, ids).await
}

/// The reports of an event's guests in order of arrival; those after a cursor, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn of_guests(
    connection: &mut Connection,
    event: EventId,
    after: Option<ReportId>,
    limit: i64,
) -> Result<Vec<StoredReport>, Error> {
    let after = SqlUuid(after.map_or(uuid::Uuid::nil(), ReportId::uuid));
    let ids: Vec<SqlUuid> = with_backend!(connection, c => {
        // A report has one first revision, so a page of those is a page of reports.
        report_revisions::table
            .filter(report_revisions::event_id.eq(SqlUuid(event.uuid())))
            .filter(report_revisions::by_host.eq(false))
            .filter(report_revisions::revision.eq(1))
            .filter(report_revisions::report_id.gt(after))
            .order(report_revisions::report_id)
            .limit(limit)
            .select(report_revisions::report_id)
            .load(c)
            .await
    })?;
    whole(connection, ids).await
}

/// Candidates of a selection, in the order of their ids: reports after `after` with a revision that
/// meets the conditions that SQL can check, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn selected(
    connection: &mut Connection,
    selection: &ReportSelection,
    after: ReportId,
    limit: i64,
) -> Result<Vec<StoredReport>, Error> {
    let states = match selection.state {
        Some(state) => vec![state.as_str()],
        None => vec![ReportState::Accepted.as_str(), ReportState::PendingReview.as_str()],
    };
    macro_rules! candidates {
        ($backend:ty) => {{
            let mut candidates = report_revisions::table
                .filter(within_limit())
                .filter(report_revisions::campaign_id.eq(SqlUuid(selection.campaign.uuid())))
                .filter(report_revisions::report_id.gt(SqlUuid(after.uuid())))
                .filter(report_revisions::state.eq_any(states))
                .filter(report_revisions::is_test.eq(false))
                .order(report_revisions::report_id)
                .select(report_revisions::report_id)
                .distinct()
                .limit(limit)
                .into_boxed::<$backend>();
            if let Some(mark) = selection.address {
                candidates = candidates.filter(report_revisions::address_mark.eq(HEXLOWER.encode(&mark)));
            }
            if let Some(mark) = selection.network {
                candidates = candidates.filter(report_revisions::network_mark.eq(HEXLOWER.encode(&mark)));
            }
            if let Some(from) = selection.received_from {
                candidates = candidates.filter(report_revisions::received_at.ge(SqlTimestamp(from)));
            }
            if let Some(before) = selection.received_before {
                candidates = candidates.filter(report_revisions::received_at.lt(SqlTimestamp(before)));
            }
            candidates
        }};
    }
    let ids: Vec<SqlUuid> = match connection.inner() {
        crate::database::Inner::Sqlite(c) => candidates!(diesel::sqlite::Sqlite).load(c).await?,
        crate::database::Inner::Postgres(c) => candidates!(diesel::pg::Pg).load(c).await?,
    };
    whole(connection, ids).await
}

/// The reports with these ids and all their revisions, ordered by id.
async fn whole(connection: &mut Connection, ids: Vec<SqlUuid>) -> Result<Vec<StoredReport>, Error> {
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        report_revisions::table
            .filter(report_revisions::report_id.eq_any(ids))
            .order((report_revisions::report_id, report_revisions::revision))
            .load(c)
            .await
    })?;
    assemble(rows)
}

/// Held letters by edition: read when the tables were migrated.
///
/// # Errors
/// A database error.
pub async fn all_pending_review(connection: &mut Connection) -> Result<BTreeMap<EditionId, Counts>, Error> {
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        report_revisions::table.filter(sql::<Bool>(super::IS_PENDING_REVIEW)).load(c).await
    })?;
    let mut held: BTreeMap<EditionId, Counts> = BTreeMap::new();
    for row in rows {
        let cells = held.entry(EditionId::new(row.edition_id.0)).or_default();
        row.count_into(cells, &mut BTreeMap::new(), &mut BTreeMap::new())
            .ok_or_else(|| Error::broken("a stored report is not what it should be"))?;
    }
    Ok(held)
}
