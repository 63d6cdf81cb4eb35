//! Inputs of the mutations of statements.

use async_graphql::{ID, InputObject};
use domain::{StatementId, ViolationKind, statement::StatementDraft};

use super::StatementExtent;
use crate::api::{
    edition::{FigureQualifier, FigureStatus},
    id,
    scalar::{Count, Url},
    total::{ActionKind, Origin, Way},
};

/// The scope of a statement.
#[derive(Debug, InputObject)]
pub(crate) struct StatementScopeInput {
    /// The body that it is about. `WORLD` requires an administrator key.
    pub(super) extent: StatementExtent,
    /// The global id of the case it is for; omit for all cases together.
    pub(super) case: Option<ID>,
    /// The kind of action that was counted. `UNSPECIFIED_LETTER` and `UNSPECIFIED_ACTION` where the source does not tell kinds.
    pub(super) kind: ActionKind,
    /// How it was collected; omit for every way.
    pub(super) way: Option<Way>,
    /// Who states it: any but `PERSON` and `EVENT`.
    pub(super) origin: Origin,
}

/// The content of a statement.
#[derive(Debug, InputObject)]
pub(crate) struct StatementContentInput {
    /// The figure, 0–1,000,000,000.
    quantity: Count,
    /// The precision of the figure.
    qualifier: FigureQualifier,
    /// The finality of the figure, according to its source.
    status: FigureStatus,
    /// The date of the figure: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` if no more is known.
    as_of: Option<String>,
    /// Where it was announced.
    source: Option<Url>,
    /// Whether it contains the reports of its scope that were made here. They are counted once then.
    contains_reports: bool,
    /// The global ids of the statements that it contains, each at most in one statement. They are counted once then.
    contains: Option<Vec<ID>>,
}

/// Input for a new statement.
#[derive(Debug, InputObject)]
pub(crate) struct StatementCreateInput {
    /// The global id of the campaign of the section that states it.
    pub(super) campaign: ID,
    /// The scope. A statement of the same scope that holds has to be revised instead, unless its extent is
    /// `PART`.
    pub(super) scope: StatementScopeInput,
    #[graphql(flatten)]
    pub(super) content: StatementContentInput,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the request with
    /// the same key and content returns the first result; other content is a validation error.
    pub(super) idempotency_key: String,
}

/// Input for replacing the figure of a statement.
#[derive(Debug, InputObject)]
pub(crate) struct StatementReviseInput {
    /// The global id of the statement.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    #[graphql(flatten)]
    pub(super) content: StatementContentInput,
    /// The reason for the change, at most 20,000 characters. It is public.
    pub(super) reason: String,
}

/// Input for withdrawing a statement.
#[derive(Debug, InputObject)]
pub(crate) struct StatementWithdrawInput {
    /// The global id of the statement.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, at most 20,000 characters. It is public.
    pub(super) reason: String,
}

impl StatementContentInput {
    /// The draft. An invalid id becomes the nil id, which no statement has.
    pub(super) fn draft(self) -> StatementDraft {
        let contained = |id: ID| id::or_nil(id::statement(&id), StatementId::new);
        StatementDraft {
            quantity: self.quantity.0,
            qualifier: self.qualifier.into(),
            status: self.status.into(),
            as_of: self.as_of,
            source: self.source.map(|source| source.0),
            contains_reports: self.contains_reports,
            contains: self.contains.unwrap_or_default().into_iter().map(contained).collect(),
        }
    }
}

impl StatementScopeInput {
    /// The scope, if the id of its case is one.
    pub(super) fn parse(&self) -> Result<domain::statement::StatementScope, ViolationKind> {
        Ok(domain::statement::StatementScope {
            extent: self.extent.into(),
            case: self.case.as_ref().map(id::case).transpose()?,
            kind: self.kind.into(),
            way: self.way.map(Into::into),
            origin: self.origin.into(),
        })
    }
}
