//! Rows of milestones, and of the commits that reached them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    EditionId, Milestone, MilestoneId, SectionId,
    milestone::{MilestoneUnit, ReachedMilestone},
};
use uuid::Uuid;

use super::{
    Connection, Error,
    bulk_insert::bulk_insert,
    schema::{milestones, reached_milestones},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// A milestone. The nil section stands for the whole edition.
#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = milestones, treat_none_as_null = true)]
pub(super) struct MilestoneRow {
    id: SqlUuid,
    edition_id: SqlUuid,
    section_id: SqlUuid,
    unit: String,
    threshold: i64,
    title: Option<String>,
    is_hidden: bool,
    created_at: SqlTimestamp,
    withdrawn_at: Option<SqlTimestamp>,
}

impl MilestoneRow {
    pub(super) fn of(milestone: &Milestone) -> Self {
        Self {
            id: SqlUuid(milestone.id.uuid()),
            edition_id: SqlUuid(milestone.edition_id.uuid()),
            section_id: SqlUuid(milestone.section_id.map_or(Uuid::nil(), SectionId::uuid)),
            unit: milestone.unit.to_string(),
            threshold: milestone.threshold.cast_signed(),
            title: milestone.title.clone(),
            is_hidden: milestone.is_hidden,
            created_at: SqlTimestamp(milestone.created_at),
            withdrawn_at: milestone.withdrawn_at.map(SqlTimestamp),
        }
    }

    pub(super) fn read(self) -> Option<Milestone> {
        Some(Milestone {
            id: MilestoneId::new(self.id.0),
            edition_id: EditionId::new(self.edition_id.0),
            section_id: Some(self.section_id.0).filter(|id| !id.is_nil()).map(SectionId::new),
            unit: MilestoneUnit::parse(&self.unit)?,
            threshold: self.threshold.try_into().ok()?,
            title: self.title,
            is_hidden: self.is_hidden,
            created_at: self.created_at.0,
            withdrawn_at: self.withdrawn_at.map(|at| at.0),
        })
    }
}

/// The reached milestones of an edition, in the order in which they were reached.
///
/// # Errors
/// A database error, or [`Error::Broken`] for a row that cannot be read.
pub async fn reached(
    connection: &mut Connection,
    edition: EditionId,
) -> Result<Vec<ReachedMilestone>, Error> {
    let rows: Vec<ReachedRow> = with_backend!(connection, c => {
        reached_milestones::table
            .filter(reached_milestones::edition_id.eq(SqlUuid(edition.uuid())))
            .order((reached_milestones::version, reached_milestones::milestone_id))
            .load(c)
            .await
    })?;
    let read = |row: ReachedRow| {
        row.read().ok_or_else(|| Error::broken("a stored milestone is not what it should be"))
    };
    rows.into_iter().map(read).collect()
}

/// The commit that reached a milestone. A second one for the same milestone is an error of the database.
#[derive(Queryable)]
pub(super) struct ReachedRow {
    milestone_id: SqlUuid,
    edition_id: SqlUuid,
    version: i64,
    reached_at: SqlTimestamp,
    quantity: i64,
}

bulk_insert!(ReachedRow, reached_milestones, milestone_id, edition_id, version, reached_at, quantity);

impl ReachedRow {
    pub(super) fn of(edition: EditionId, reached: &ReachedMilestone) -> Self {
        Self {
            milestone_id: SqlUuid(reached.milestone_id.uuid()),
            edition_id: SqlUuid(edition.uuid()),
            version: reached.version.cast_signed(),
            reached_at: SqlTimestamp(reached.reached_at),
            quantity: reached.quantity.cast_signed(),
        }
    }

    fn read(self) -> Option<ReachedMilestone> {
        Some(ReachedMilestone {
            milestone_id: MilestoneId::new(self.milestone_id.0),
            version: self.version.try_into().ok()?,
            reached_at: self.reached_at.0,
            quantity: self.quantity.try_into().ok()?,
        })
    }
}
