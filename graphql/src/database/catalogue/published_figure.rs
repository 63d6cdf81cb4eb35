//! Rows of published figures.

use diesel::prelude::*;
use domain::{
    CaseId, EditionId, PublishedFigure, SectionId,
    date::PartialDate,
    published::{FigureQualifier, FigureStatus},
};

use crate::database::{schema::published_figures, sql_types::SqlUuid};

#[derive(Queryable, Insertable)]
#[diesel(table_name = published_figures)]
pub(super) struct FigureRow {
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
}

impl FigureRow {
    pub(super) fn of(edition: EditionId, position: i32, figure: &PublishedFigure) -> Self {
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
        }
    }

    pub(super) fn read(self) -> Option<(EditionId, PublishedFigure)> {
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
        Some((EditionId::new(self.edition_id.0), figure))
    }
}
