//! Rows of statements.

use diesel::prelude::*;
use domain::{
    ActionKind, CaseId, Country, EditionId, SectionId, Statement, StatementId,
    report::{Origin, Way},
    statement::{StatementExtent, StatementRevision, StatementScope},
};

use super::json_column::{json, parse};
use crate::database::{
    Error,
    schema::statements,
    sql_types::{SqlTimestamp, SqlUuid},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = statements, treat_none_as_null = true)]
pub(super) struct StatementRow {
    id: SqlUuid,
    edition_id: SqlUuid,
    section_id: SqlUuid,
    country: Option<String>,
    extent: String,
    case_id: Option<SqlUuid>,
    kind: String,
    way: Option<String>,
    origin: String,
    revisions: String,
    withdrawn_at: Option<SqlTimestamp>,
}

impl StatementRow {
    pub(super) fn of(statement: &Statement) -> Result<Self, Error> {
        let scope = &statement.scope;
        Ok(Self {
            id: SqlUuid(statement.id.uuid()),
            edition_id: SqlUuid(statement.edition_id.uuid()),
            section_id: SqlUuid(statement.section_id.uuid()),
            country: statement.country.as_ref().map(ToString::to_string),
            extent: scope.extent.to_string(),
            case_id: scope.case.map(|case| SqlUuid(case.uuid())),
            kind: scope.kind.to_string(),
            way: scope.way.map(|way| way.to_string()),
            origin: scope.origin.to_string(),
            revisions: json(&statement.revisions)?,
            withdrawn_at: statement.withdrawn_at.map(SqlTimestamp),
        })
    }

    pub(super) fn read(self) -> Option<Statement> {
        let revisions: Vec<StatementRevision> = parse(&self.revisions)?;
        let scope = StatementScope {
            extent: StatementExtent::parse(&self.extent)?,
            case: self.case_id.map(|id| CaseId::new(id.0)),
            kind: ActionKind::parse(&self.kind)?,
            way: self.way.as_deref().map_or(Some(None), |way| Way::parse(way).map(Some))?,
            origin: Origin::parse(&self.origin)?,
        };
        // A statement without a revision says nothing and cannot be read.
        (!revisions.is_empty()).then_some(())?;
        Some(Statement {
            id: StatementId::new(self.id.0),
            edition_id: EditionId::new(self.edition_id.0),
            section_id: SectionId::new(self.section_id.0),
            country: self.country.as_deref().map(Country::parse).transpose().ok()?,
            scope,
            revisions,
            withdrawn_at: self.withdrawn_at.map(|at| at.0),
        })
    }
}
