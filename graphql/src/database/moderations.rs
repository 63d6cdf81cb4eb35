//! Bulk moderation: what staff decided about many reports at once, the progress of that, and the former
//! state of each revision.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    CampaignId, ModerationId, ReportId,
    report::{ReportSelection, ReportState, SelectedReports},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    bulk_insert::{self, bulk_insert},
    execute,
    schema::{moderated_revisions, moderations},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// The decision about all reports of a moderation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Pending revisions count.
    Accept,
    /// Pending and counted revisions do not count.
    Reject,
    /// Reverts the decisions of another moderation.
    Undo(ModerationId),
}

/// A bulk moderation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moderation {
    /// Its id.
    pub id: ModerationId,
    /// The decision.
    pub decision: Decision,
    /// The selection of reports.
    pub selection: ReportSelection,
    /// The reason.
    pub reason: String,
    /// The staff key that made the decision.
    pub key: Option<Uuid>,
    /// When it was made.
    pub started_at: Timestamp,
    /// The last report that was processed.
    pub last_report: ReportId,
    /// What was decided about so far.
    pub selected: SelectedReports,
    /// When all reports were processed.
    pub finished_at: Option<Timestamp>,
}

/// A revision and its state before a moderation.
pub type DecisionsBefore = (u32, ReportState);

/// Stores a new moderation, unless one with its id exists or one that reverts the same; returns whether
/// it was stored.
///
/// # Errors
/// A database error.
pub async fn begin(connection: &mut Connection, act: &Moderation) -> Result<bool, Error> {
    let row = Row::of(act);
    let inserted = with_backend!(connection, c => {
        diesel::insert_into(moderations::table).values(&row).on_conflict_do_nothing().execute(c).await
    })?;
    Ok(inserted > 0)
}

/// The moderation with this id.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, id: ModerationId) -> Result<Option<Moderation>, Error> {
    let row: Option<Row> = with_backend!(connection, c => {
        moderations::table.find(SqlUuid(id.uuid())).get_result(c).await.optional()
    })?;
    row.map(Row::read).transpose()
}

/// The moderation that reverts another one.
///
/// # Errors
/// A database error.
pub async fn undoing(connection: &mut Connection, id: ModerationId) -> Result<Option<ModerationId>, Error> {
    let id: Option<SqlUuid> = with_backend!(connection, c => {
        moderations::table
            .filter(moderations::undoes_id.eq(SqlUuid(id.uuid())))
            .select(moderations::id)
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(id.map(|id| ModerationId::new(id.0)))
}

/// The moderations of a campaign, the newest first.
///
/// # Errors
/// A database error.
pub async fn of_campaign(
    connection: &mut Connection,
    campaign: CampaignId,
    limit: i64,
) -> Result<Vec<Moderation>, Error> {
    let rows: Vec<Row> = with_backend!(connection, c => {
        moderations::table
            .filter(moderations::campaign_id.eq(SqlUuid(campaign.uuid())))
            .order((moderations::started_at.desc(), moderations::id.desc()))
            .limit(limit)
            .load(c)
            .await
    })?;
    rows.into_iter().map(Row::read).collect()
}

/// A moderation that is not finished.
///
/// # Errors
/// A database error.
pub async fn unfinished(connection: &mut Connection) -> Result<Option<ModerationId>, Error> {
    let id: Option<SqlUuid> = with_backend!(connection, c => {
        moderations::table
            .filter(moderations::finished_at.is_null())
            .select(moderations::id)
            .order(moderations::id)
            .first(c)
            .await
            .optional()
    })?;
    Ok(id.map(|id| ModerationId::new(id.0)))
}

/// Stores the progress of a moderation.
///
/// # Errors
/// A database error.
pub async fn advance(connection: &mut Connection, act: &Moderation) -> Result<(), Error> {
    let selected = json(&act.selected);
    with_backend!(connection, c => {
        diesel::update(moderations::table.find(SqlUuid(act.id.uuid())))
            .set((
                moderations::last_report_id.eq(SqlUuid(act.last_report.uuid())),
                moderations::selected.eq(&selected),
                moderations::finished_at.eq(act.finished_at.map(SqlTimestamp)),
            ))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Stores the states of revisions before a moderation.
///
/// # Errors
/// A database error.
pub async fn keep(
    connection: &mut Connection,
    act: ModerationId,
    before: impl IntoIterator<Item = (ReportId, DecisionsBefore)>,
) -> Result<(), Error> {
    let rows: Vec<BeforeRow> = before
        .into_iter()
        .map(|(report, (revision, state))| BeforeRow {
            moderation_id: SqlUuid(act.uuid()),
            report_id: SqlUuid(report.uuid()),
            revision: revision.cast_signed(),
            state: state.to_string(),
        })
        .collect();
    match connection.inner() {
        super::Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                rows.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))
            })
            .await?;
        }
        super::Inner::Postgres(_) if rows.is_empty() => {}
        super::Inner::Postgres(c) => drop(bulk_insert::insert(&rows).execute(c).await?),
    }
    Ok(())
}

/// The states of revisions before a moderation: those of reports after a given one, `limit` revisions
/// at most, and all revisions of each report.
///
/// # Errors
/// A database error.
pub async fn before(
    connection: &mut Connection,
    act: ModerationId,
    after: ReportId,
    limit: usize,
) -> Result<BTreeMap<ReportId, Vec<DecisionsBefore>>, Error> {
    let rows: Vec<(SqlUuid, i32, String)> = with_backend!(connection, c => {
        moderated_revisions::table
            .filter(moderated_revisions::moderation_id.eq(SqlUuid(act.uuid())))
            .filter(moderated_revisions::report_id.gt(SqlUuid(after.uuid())))
            .order((moderated_revisions::report_id, moderated_revisions::revision))
            .select((
                moderated_revisions::report_id,
                moderated_revisions::revision,
                moderated_revisions::state,
            ))
            .limit(limit as i64)
            .load(c)
            .await
    })?;
    let is_cut = rows.len() == limit;
    let mut found: BTreeMap<ReportId, Vec<DecisionsBefore>> = BTreeMap::new();
    for (report, revision, state) in rows {
        let broken = || Error::broken("a stored act of moderation is not what it should be");
        let before =
            (revision.try_into().map_err(|_| broken())?, ReportState::parse(&state).ok_or_else(broken)?);
        found.entry(ReportId::new(report.0)).or_default().push(before);
    }
    // The last report may have more revisions. It is read again, unless it is the only one.
    if is_cut && found.len() > 1 {
        found.pop_last();
    }
    Ok(found)
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = moderations)]
struct Row {
    id: SqlUuid,
    campaign_id: SqlUuid,
    decision: String,
    selection: String,
    reason: String,
    key_id: Option<SqlUuid>,
    started_at: SqlTimestamp,
    last_report_id: SqlUuid,
    selected: String,
    finished_at: Option<SqlTimestamp>,
    undoes_id: Option<SqlUuid>,
}

struct BeforeRow {
    moderation_id: SqlUuid,
    report_id: SqlUuid,
    revision: i32,
    state: String,
}

bulk_insert!(BeforeRow, moderated_revisions, moderation_id, report_id, revision, state);

impl Row {
    fn of(act: &Moderation) -> Self {
        let (decision, undoes) = match act.decision {
            Decision::Accept => ("ACCEPT", None),
            Decision::Reject => ("REJECT", None),
            Decision::Undo(id) => ("UNDO", Some(SqlUuid(id.uuid()))),
        };
        Self {
            id: SqlUuid(act.id.uuid()),
            campaign_id: SqlUuid(act.selection.campaign.uuid()),
            decision: decision.to_owned(),
            selection: json(&act.selection),
            reason: act.reason.clone(),
            key_id: act.key.map(SqlUuid),
            started_at: SqlTimestamp(act.started_at),
            last_report_id: SqlUuid(act.last_report.uuid()),
            selected: json(&act.selected),
            finished_at: act.finished_at.map(SqlTimestamp),
            undoes_id: undoes,
        }
    }

    fn read(self) -> Result<Moderation, Error> {
        let broken = || Error::broken("a stored act of moderation is not what it should be");
        let decision = match (self.decision.as_str(), self.undoes_id) {
            ("ACCEPT", _) => Decision::Accept,
            ("REJECT", _) => Decision::Reject,
            ("UNDO", Some(id)) => Decision::Undo(ModerationId::new(id.0)),
            _ => return Err(broken()),
        };
        Ok(Moderation {
            id: ModerationId::new(self.id.0),
            decision,
            selection: serde_json::from_str(&self.selection).map_err(|_| broken())?,
            reason: self.reason,
            key: self.key_id.map(|id| id.0),
            started_at: self.started_at.0,
            last_report: ReportId::new(self.last_report_id.0),
            selected: serde_json::from_str(&self.selected).map_err(|_| broken())?,
            finished_at: self.finished_at.map(|at| at.0),
        })
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("identities, words and numbers are JSON")
}
