//! Statements: figures that sections, partners and the Secretariat state for themselves.

use async_graphql::{ID, Object};
use domain::{StatementId, Totals, statement::StatementCounts};

use super::{
    RequestContext,
    campaign::Campaign,
    case::Case,
    domain_enum::domain_enum,
    edition::{FigureQualifier, FigureStatus},
    error::ApiError,
    id,
    scalar::{Count, DateTime, Url},
    total::{ActionKind, Origin, Way},
};

mod input;
mod mutation;

pub(crate) use mutation::StatementMutation;

domain_enum! {
    /// The body that a statement is about.
    pub(crate) enum StatementExtent = domain::statement::StatementExtent {
        /// A part of the section: one school, one partner, what came in on paper. Several may hold side by side.
        Part,
        /// The whole section.
        Section,
        /// The whole edition.
        World,
    }
}

/// A statement and the context it is read in.
pub(crate) struct Statement<'a> {
    request: &'a RequestContext,
    statement: &'a domain::Statement,
}

/// A figure that a section, a partner or the Secretariat states for itself. It adds to the totals what it says beyond
/// the reports and the other statements that it contains. A later figure of the same scope is a new revision.
#[Object(serial)]
impl<'a> Statement<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.statement.id)
    }

    /// The campaign of the section that states it, where what it adds is counted.
    async fn campaign(&self) -> Result<Campaign<'a>, ApiError> {
        let statement = self.statement;
        let campaign = self.request.catalogue.campaign_of(statement.edition_id, statement.section_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a statement without its campaign"))?;
        Ok(Campaign::new(self.request, campaign))
    }

    /// The body that it is about.
    async fn extent(&self) -> StatementExtent {
        self.statement.scope.extent.into()
    }

    /// The case it is for; null for all cases together.
    async fn case(&self) -> Option<Case<'a>> {
        let case = self.request.case(self.statement.scope.case?)?;
        Some(Case::new(self.request, case))
    }

    /// The kind of action that was counted.
    async fn kind(&self) -> ActionKind {
        self.statement.scope.kind.into()
    }

    /// How it was collected; null for every way.
    async fn way(&self) -> Option<Way> {
        self.statement.scope.way.map(Way::from)
    }

    /// Who states it.
    async fn origin(&self) -> Origin {
        self.statement.scope.origin.into()
    }

    /// The quantity that is in the total for it already: the reports and the other statements that it contains.
    async fn contained(&self) -> Count {
        self.counts().contained(self.statement.id).into()
    }

    /// The quantity that it adds to the total: the quantity it states, less `contained`; 0 if that is more.
    async fn added(&self) -> Count {
        self.counts().added(self.statement.id).into()
    }

    #[graphql(flatten)]
    async fn latest(&self) -> StatementRevision<'a> {
        StatementRevision { request: self.request, revision: self.statement.latest() }
    }

    /// All revisions, oldest first.
    async fn history(&self) -> Vec<StatementRevision<'a>> {
        let revisions = self.statement.revisions.iter();
        revisions.map(|revision| StatementRevision { request: self.request, revision }).collect()
    }

    /// When it was withdrawn; null while it holds.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.statement.withdrawn_at.map(DateTime::from)
    }
}

impl<'a> Statement<'a> {
    /// A statement in the context of the viewer.
    pub(crate) const fn new(request: &'a RequestContext, statement: &'a domain::Statement) -> Self {
        Self { request, statement }
    }

    fn counts(&self) -> StatementCounts<'a> {
        let edition = self.statement.edition_id;
        let count = self.request.count(edition);
        let totals: &Totals = &count.tally;
        StatementCounts::new(self.request.catalogue.statements(edition), totals)
    }
}

/// A revision of a statement and the context it is read in.
pub(crate) struct StatementRevision<'a> {
    request: &'a RequestContext,
    revision: &'a domain::statement::StatementRevision,
}

/// A revision of a statement.
#[Object(serial)]
impl<'a> StatementRevision<'a> {
    /// The revision: 1 for the first figure, increased by one with each change. Pass the statement's as
    /// `expectedRevision` to change it.
    async fn revision(&self) -> u32 {
        self.revision.number
    }

    /// The figure.
    async fn quantity(&self) -> Count {
        self.revision.content.quantity.into()
    }

    /// The precision of the figure.
    async fn qualifier(&self) -> FigureQualifier {
        self.revision.content.qualifier.into()
    }

    /// The finality of the figure, according to its source.
    async fn status(&self) -> FigureStatus {
        self.revision.content.status.into()
    }

    /// The date of the figure: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` if no more is known.
    async fn as_of(&self) -> Option<&'a str> {
        self.revision.content.as_of.as_ref().map(domain::date::PartialDate::as_str)
    }

    /// Where it was announced.
    async fn source(&self) -> Option<Url> {
        self.revision.content.source.as_ref().map(Url::from)
    }

    /// Whether it contains the reports of its scope that were made here.
    async fn contains_reports(&self) -> bool {
        self.revision.content.contains_reports
    }

    /// The statements that it contains.
    #[graphql(complexity = "super::cost::list(super::cost::BREAKDOWN, child_complexity)")]
    async fn contains(&self) -> Vec<Statement<'a>> {
        let statement = |id: &StatementId| self.request.catalogue.statement(*id);
        let contained = self.revision.content.contains.iter().filter_map(statement);
        contained.map(|statement| Statement::new(self.request, statement)).collect()
    }

    /// The reason for the change; null for the first revision.
    async fn reason(&self) -> Option<&'a str> {
        self.revision.reason.as_deref()
    }

    /// When it was stated here.
    async fn stated_at(&self) -> DateTime {
        self.revision.stated_at.into()
    }
}

/// Two statements that may count the same letters twice.
pub(crate) struct StatementOverlap<'a> {
    pub(super) request: &'a RequestContext,
    pub(super) statements: [&'a domain::Statement; 2],
}

/// Two statements whose scopes overlap although neither contains the other: something may be counted twice.
#[Object(serial)]
impl<'a> StatementOverlap<'a> {
    /// The two statements.
    async fn statements(&self) -> Vec<Statement<'a>> {
        self.statements.iter().map(|statement| Statement::new(self.request, statement)).collect()
    }
}

/// The pairs of statements of an edition that overlap without being declared.
pub(crate) fn overlaps<'a>(
    request: &'a RequestContext,
    edition: domain::EditionId,
) -> Vec<StatementOverlap<'a>> {
    let statements: Vec<_> = request.catalogue.statements(edition).collect();
    let pairs = domain::statement::overlaps(&statements).into_iter();
    let of = |(one, two): (StatementId, StatementId)| {
        let statements = [request.catalogue.statement(one)?, request.catalogue.statement(two)?];
        Some(StatementOverlap { request, statements })
    };
    pairs.filter_map(of).collect()
}
