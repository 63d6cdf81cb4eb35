//! Rows of cases.

use diesel::prelude::*;
use domain::{
    Case, CaseId, EditionId,
    case::{CaseState, CloseReason},
};

use super::json_column::{json, parse};
use crate::database::{
    Error,
    schema::cases,
    sql_types::{SqlTimestamp, SqlUuid},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true)]
pub(super) struct CaseRow {
    id: SqlUuid,
    edition_id: SqlUuid,
    slug: String,
    state: String,
    close_reason: Option<String>,
    writing_stopped_at: Option<SqlTimestamp>,
    content: String,
    outcomes: String,
    consent: Option<String>,
    updated_at: SqlTimestamp,
    revision: i32,
}

impl CaseRow {
    pub(super) fn of(case: &Case) -> Result<Self, Error> {
        Ok(Self {
            id: SqlUuid(case.id.uuid()),
            edition_id: SqlUuid(case.edition_id.uuid()),
            slug: case.slug.clone(),
            state: case.state.to_string(),
            close_reason: case.state.close_reason().map(|reason| reason.to_string()),
            writing_stopped_at: case.writing_stopped_at.map(SqlTimestamp),
            content: json(&case.content)?,
            outcomes: json(&case.outcomes)?,
            consent: case.consent.as_ref().map(json).transpose()?,
            updated_at: SqlTimestamp(case.updated_at),
            revision: case.revision.cast_signed(),
        })
    }

    pub(super) fn read(self) -> Option<Case> {
        let state = match self.state.as_str() {
            "DRAFT" => CaseState::Draft,
            "PUBLISHED" => CaseState::Published,
            "SUSPENDED" => CaseState::Suspended,
            "CLOSED" => CaseState::Closed(CloseReason::parse(self.close_reason.as_deref()?)?),
            "ARCHIVED" => CaseState::Archived,
            _ => return None,
        };
        Some(Case {
            id: CaseId::new(self.id.0),
            edition_id: EditionId::new(self.edition_id.0),
            slug: self.slug,
            content: parse(&self.content)?,
            outcomes: parse(&self.outcomes)?,
            consent: match self.consent {
                None => None,
                Some(consent) => Some(parse(&consent)?),
            },
            state,
            writing_stopped_at: self.writing_stopped_at.map(|at| at.0),
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        })
    }
}
