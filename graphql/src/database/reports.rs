//! Reports: every revision of every report in the ledger, one row each.

use std::collections::{BTreeSet, HashMap};

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{
    AttendanceId, CampaignId, EditionId, EventId, GroupId, ParticipantId, Report, ReportId, SectionId,
    report::{Origin, ReportState},
    total::Location,
};
use uuid::Uuid;

use super::{
    Connection, Error, Inner,
    events::Direction,
    schema::{campaigns, groups, report_revisions},
    sql_types::SqlUuid,
    time_limit::within_limit,
    with_backend,
};
use crate::{access::ReportFacts, credentials::SecretHash};

mod moderation;
mod owner;
mod row;

pub use moderation::{all_pending_review, before, from_address, of_guests, selected};
pub use owner::{
    ReportOwnerId, all_owned, forget, leave_event, leave_participant, owned, totals_of, void_host_secrets,
    void_secrets,
};

pub(super) use row::RevisionRow;

/// A report with its metadata.
#[derive(Clone, Debug)]
pub struct StoredReport {
    /// The report with all its revisions.
    pub report: Report,
    /// The edition whose total it belongs to.
    pub edition: EditionId,
    /// The hash of the secret that manages it.
    pub secret: SecretHash,
}

impl StoredReport {
    /// What access to it depends on, as far as the report itself says.
    #[must_use]
    pub fn facts(&self) -> ReportFacts {
        ReportFacts {
            section: self.report.latest().place.section,
            secret: self.secret,
            participant: self.report.participant,
            attendance: self.report.attendance,
            attendee: None,
            event: None,
            group: None,
        }
    }

    /// Whether a secret of its own manages it.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        !self.secret.is_none()
    }
}

/// The report with this id.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, id: ReportId) -> Result<Option<StoredReport>, Error> {
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        report_revisions::table
            .filter(report_revisions::report_id.eq(SqlUuid(id.uuid())))
            .order(report_revisions::revision)
            .load(c)
            .await
    })?;
    Ok(assemble(rows)?.pop())
}

/// The reports with these ids, as far as they exist.
///
/// # Errors
/// A database error.
pub async fn find_all(
    connection: &mut Connection,
    ids: &BTreeSet<ReportId>,
) -> Result<HashMap<ReportId, StoredReport>, Error> {
    let stored = match connection.inner() {
        Inner::Sqlite(_) => {
            let mut found = Vec::new();
            for &id in ids {
                found.extend(find(connection, id).await?);
            }
            found
        }
        Inner::Postgres(_) if ids.is_empty() => Vec::new(),
        Inner::Postgres(c) => {
            let rows: Vec<RevisionRow> = report_revisions::table
                .filter(
                    report_revisions::report_id
                        .eq_any(ids.iter().map(|id| SqlUuid(id.uuid())).collect::<Vec<_>>()),
                )
                .order((report_revisions::report_id, report_revisions::revision))
                .load(c)
                .await?;
            assemble(rows)?
        }
    };
    Ok(stored.into_iter().map(|stored| (stored.report.id, stored)).collect())
}

/// The condition of the partial index, as literal SQL: a planner cannot match a bound parameter.
const IS_PENDING_REVIEW: &str = "report_revisions.state = 'PENDING_REVIEW'";

/// Reports that await review, of one section and campaign or of all, in order of arrival or reversed;
/// those between two cursors, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn pending_review(
    connection: &mut Connection,
    section: Option<SectionId>,
    campaign: Option<CampaignId>,
    after: Option<ReportId>,
    before: Option<ReportId>,
    direction: Direction,
    limit: i64,
) -> Result<Vec<StoredReport>, Error> {
    let after = SqlUuid(after.map_or(Uuid::nil(), ReportId::uuid));
    let before = SqlUuid(before.map_or(Uuid::max(), ReportId::uuid));
    let any_section = section.is_none();
    let section = SqlUuid(section.map_or(Uuid::nil(), SectionId::uuid));
    let any_campaign = campaign.is_none();
    let campaign = SqlUuid(campaign.map_or(Uuid::nil(), CampaignId::uuid));
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        // The index begins with the campaign. With another condition, SQLite scans every report in its
        // order.
        let of = campaigns::table
            .filter(any_section.into_sql::<Bool>().or(campaigns::section_id.eq(section)))
            .filter(any_campaign.into_sql::<Bool>().or(campaigns::id.eq(campaign)))
            .select(campaigns::id);
        // A report has one held revision at most, so a page of revisions is a page of reports.
        let held = report_revisions::table
            .filter(within_limit())
            .filter(sql::<Bool>(IS_PENDING_REVIEW))
            .filter(report_revisions::report_id.gt(after))
            .filter(report_revisions::report_id.lt(before))
            .filter(report_revisions::campaign_id.eq_any(of))
            .select(report_revisions::report_id)
            .limit(limit)
            .into_boxed();
        let held = match direction {
            Direction::Forward => held.order(report_revisions::report_id),
            Direction::Backward => held.order(report_revisions::report_id.desc()),
        };
        let ids: Vec<SqlUuid> = held.load(c).await?;
        report_revisions::table
            .filter(report_revisions::report_id.eq_any(ids))
            .order((report_revisions::report_id, report_revisions::revision))
            .load(c)
            .await
    })?;
    let mut found = assemble(rows)?;
    if direction == Direction::Backward {
        found.reverse();
    }
    Ok(found)
}

/// The active report of an event's host, if there is one.
///
/// # Errors
/// A database error.
pub async fn of_host(connection: &mut Connection, event: EventId) -> Result<Option<StoredReport>, Error> {
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        report_revisions::table
            .filter(report_revisions::event_id.eq(SqlUuid(event.uuid())))
            .filter(report_revisions::by_host)
            .order((report_revisions::report_id, report_revisions::revision))
            .load(c)
            .await
    })?;
    Ok(assemble(rows)?.into_iter().find(|stored| stored.report.is_active()))
}

/// The active report of a group, if there is one.
///
/// # Errors
/// A database error.
pub async fn of_group(connection: &mut Connection, group: GroupId) -> Result<Option<StoredReport>, Error> {
    let rows: Vec<RevisionRow> = with_backend!(connection, c => {
        report_revisions::table
            .filter(report_revisions::group_id.eq(SqlUuid(group.uuid())))
            .order((report_revisions::report_id, report_revisions::revision))
            .load(c)
            .await
    })?;
    Ok(assemble(rows)?.into_iter().find(|stored| stored.report.is_active()))
}

/// A page of an edition's revisions for a recount: those after `after` that count or are held, `limit`
/// at most, with the cursor of the next page.
pub(super) async fn counting(
    connection: &mut Connection,
    edition: EditionId,
    after: Option<(SqlUuid, i32)>,
    limit: i64,
) -> Result<Vec<RevisionRow>, Error> {
    use ReportState::{Accepted, PendingReview};

    let (after_report, after_revision) = after.unwrap_or((SqlUuid(Uuid::nil()), 0));
    Ok(with_backend!(connection, c => {
        report_revisions::table
            .filter(report_revisions::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(report_revisions::state.eq_any([Accepted.as_str(), PendingReview.as_str()]))
            .filter(report_revisions::report_id.gt(after_report).or(
                report_revisions::report_id.eq(after_report).and(report_revisions::revision.gt(after_revision)),
            ))
            .order((report_revisions::report_id, report_revisions::revision))
            .limit(limit)
            .load(c)
            .await
    })?)
}

/// Stores the decision about a revision. Its letters never change.
pub(super) async fn decide(connection: &mut Connection, row: RevisionRow) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.find((row.report_id, row.revision)))
            .set((
                report_revisions::state.eq(&row.state),
                report_revisions::review_reason.eq(&row.review_reason),
                report_revisions::decided_at.eq(row.decided_at),
                report_revisions::decision_reason.eq(&row.decision_reason),
            ))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Moves all reports of an event and of its groups to another place and origin.
///
/// # Errors
/// A database error.
pub async fn move_event(
    connection: &mut Connection,
    event: EventId,
    place: &Location,
    origin: Option<Origin>,
) -> Result<(), Error> {
    let values = (
        report_revisions::country.eq(place.country.as_ref().map(ToString::to_string)),
        report_revisions::region.eq(place.region.as_ref().map(ToString::to_string)),
        report_revisions::origin.eq(origin.map(|origin| origin.to_string())),
    );
    let event = SqlUuid(event.uuid());
    with_backend!(connection, c => {
        let groups: Vec<SqlUuid> =
            groups::table.filter(groups::event_id.eq(event)).select(groups::id).load(c).await?;
        diesel::update(report_revisions::table.filter(report_revisions::group_id.eq_any(groups)))
            .set(values.clone())
            .execute(c)
            .await?;
        diesel::update(report_revisions::table.filter(report_revisions::event_id.eq(event)))
            .set(values)
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Groups revisions, sorted by report, into reports.
fn assemble(rows: Vec<RevisionRow>) -> Result<Vec<StoredReport>, Error> {
    let broken = || Error::broken("a stored report is not what it should be");
    rows.chunk_by(|one, next| one.report_id == next.report_id)
        .map(|rows| {
            let first = &rows[0];
            let revisions = rows.iter().map(RevisionRow::read).collect::<Option<Vec<_>>>();
            let report = Report::from_revisions(
                ReportId::new(first.report_id.0),
                CampaignId::new(first.campaign_id.0),
                revisions.ok_or_else(broken)?,
            );
            let mut report = report.ok_or_else(broken)?;
            if let Some(at) = first.at() {
                report = report.for_event(at);
            }
            if let Some(group) = first.group() {
                report = report.for_group(group);
            }
            report.participant = first.participant_id.map(|id| ParticipantId::new(id.0));
            report.attendance = first.attendance_id.map(|id| AttendanceId::new(id.0));
            Ok(StoredReport {
                report,
                edition: EditionId::new(first.edition_id.0),
                secret: SecretHash::parse(&first.secret_hash).ok_or_else(broken)?,
            })
        })
        .collect()
}
