//! Rows of published figures, and of those that they have replaced.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    CaseId, EditionId, PublishedFigure, SectionId,
    date::PartialDate,
    published::{FigureQualifier, FigureRevision, FigureStatus},
};

use super::json_column::{json, parse};
use crate::database::{
    Connection, Error,
    schema::{published_figures, replaced_figures},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = published_figures)]
struct FigureRow {
    edition_id: SqlUuid,
    position: i32,
    figure: i64,
    unit: String,
    qualifier: String,
    status: String,
    as_of: Option<String>,
    countries: Option<i32>,
    source: Option<String>,
    section_id: Option<SqlUuid>,
    case_id: Option<SqlUuid>,
    number: i32,
    revision: i32,
    reason: Option<String>,
    published_at: Option<SqlTimestamp>,
}

impl FigureRow {
    fn of(edition: EditionId, position: i32, revision: &FigureRevision) -> Self {
        let figure = &revision.figure;
        Self {
            edition_id: SqlUuid(edition.uuid()),
            position,
            figure: figure.figure.cast_signed(),
            unit: figure.unit.clone(),
            qualifier: figure.qualifier.to_string(),
            status: figure.status.to_string(),
            as_of: figure.as_of.as_ref().map(|day| day.as_str().to_owned()),
            countries: figure.countries.map(Into::into),
            source: figure.source.clone(),
            section_id: figure.section.map(|id| SqlUuid(id.uuid())),
            case_id: figure.case.map(|id| SqlUuid(id.uuid())),
            number: revision.number.cast_signed(),
            revision: revision.revision.cast_signed(),
            reason: revision.reason.clone(),
            published_at: revision.published_at.map(SqlTimestamp),
        }
    }

    fn read(self) -> Option<(EditionId, FigureRevision)> {
        let figure = PublishedFigure {
            section: self.section_id.map(|id| SectionId::new(id.0)),
            case: self.case_id.map(|id| CaseId::new(id.0)),
            figure: self.figure.try_into().ok()?,
            unit: self.unit,
            qualifier: FigureQualifier::parse(&self.qualifier)?,
            status: FigureStatus::parse(&self.status)?,
            as_of: self.as_of.as_deref().map(PartialDate::parse).transpose().ok()?,
            countries: self.countries.map(u16::try_from).transpose().ok()?,
            source: self.source,
        };
        let revision = FigureRevision {
            number: self.number.try_into().ok()?,
            revision: self.revision.try_into().ok()?,
            figure,
            reason: self.reason,
            published_at: self.published_at.map(|at| at.0),
            replaced_at: None,
        };
        Some((EditionId::new(self.edition_id.0), revision))
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = replaced_figures)]
struct ReplacedRow {
    edition_id: SqlUuid,
    position: i32,
    content: String,
}

/// All revisions: of each edition those that are published, in their order, then those that were replaced, in theirs.
pub(super) async fn load(connection: &mut Connection) -> Result<Vec<(EditionId, FigureRevision)>, Error> {
    let published: Vec<FigureRow> = with_backend!(connection, c => {
        published_figures::table
            .order((published_figures::edition_id, published_figures::position))
            .load(c)
            .await
    })?;
    let replaced: Vec<ReplacedRow> = with_backend!(connection, c => {
        replaced_figures::table.order((replaced_figures::edition_id, replaced_figures::position)).load(c).await
    })?;
    let published = published.into_iter().map(FigureRow::read);
    let replaced = replaced
        .into_iter()
        .map(|row| Some((EditionId::new(row.edition_id.0), parse::<FigureRevision>(&row.content)?)));
    let broken = || Error::broken("a stored figure is not what it should be");
    published.chain(replaced).map(|row| row.ok_or_else(broken)).collect()
}

/// Replaces all revisions of the figures of an edition.
pub(super) async fn replace(
    connection: &mut Connection,
    edition: EditionId,
    revisions: &[FigureRevision],
) -> Result<(), Error> {
    let id = SqlUuid(edition.uuid());
    with_backend!(connection, c => {
        diesel::delete(published_figures::table.filter(published_figures::edition_id.eq(id))).execute(c).await?;
        diesel::delete(replaced_figures::table.filter(replaced_figures::edition_id.eq(id))).execute(c).await?
    });
    for (position, revision) in (0..).zip(revisions) {
        if revision.replaced_at.is_none() {
            let row = FigureRow::of(edition, position, revision);
            with_backend!(connection, c => {
                diesel::insert_into(published_figures::table).values(&row).execute(c).await
            })?;
        } else {
            let row = ReplacedRow { edition_id: id, position, content: json(revision)? };
            with_backend!(connection, c => {
                diesel::insert_into(replaced_figures::table).values(&row).execute(c).await
            })?;
        }
    }
    Ok(())
}
