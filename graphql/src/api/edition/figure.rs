//! Published figures: numbers that were announced, shown beside the count.

use async_graphql::Object;
use domain::{EditionId, published::FigureRevision};

use crate::api::domain_enum::domain_enum;
use crate::api::{
    RequestContext,
    case::Case,
    scalar::{Count, DateTime, Url},
    section::Section,
};

domain_enum! {
    /// The precision of a published figure.
    pub(crate) enum FigureQualifier = domain::published::FigureQualifier {
        /// Exact.
        Exact,
        /// Rounded.
        About,
        /// A lower bound, inclusive.
        AtLeast,
        /// A lower bound, exclusive.
        MoreThan,
        /// An upper bound, exclusive.
        FewerThan,
    }
}

domain_enum! {
    /// The finality of a published figure, according to its source.
    pub(crate) enum FigureStatus = domain::published::FigureStatus {
        /// Announced while the campaign was still being counted.
        Running,
        /// Called final, but contradicted by another figure that is called final, too.
        ClaimedFinal,
        /// Final.
        Final,
        /// Not stated by the source.
        Unclear,
    }
}

/// A published figure, and the context it is read in.
pub(crate) struct PublishedFigure<'a> {
    request: &'a RequestContext,
    /// Its revision that is published, or the last one that was.
    latest: &'a FigureRevision,
    all: &'a [FigureRevision],
}

impl<'a> PublishedFigure<'a> {
    /// The figures of an edition that are published, and with `withdrawn` also those that were.
    pub(crate) fn of(request: &'a RequestContext, edition: EditionId, withdrawn: bool) -> Vec<Self> {
        let all = request.catalogue.figure_revisions(edition);
        let is_last = |one: &&FigureRevision| {
            one.replaced_at.is_none()
                || withdrawn
                    && !all
                        .iter()
                        .any(|other| (other.number, one.revision + 1) == (one.number, other.revision))
        };
        all.iter().filter(is_last).map(|latest| Self { request, latest, all }).collect()
    }
}

/// A figure that was announced for an edition, for one section in it or for one case. A later figure of the same section,
/// case and unit is a new revision.
#[Object(serial)]
impl<'a> PublishedFigure<'a> {
    /// The number of the figure within its edition. No other figure of the edition ever gets it.
    async fn number(&self) -> u32 {
        self.latest.number
    }

    /// The section that it was announced for; null for the world.
    async fn section(&self) -> Option<Section<'a>> {
        let section = self.request.catalogue.section(self.latest.figure.section?)?;
        Some(Section::new(self.request, section))
    }

    /// The case that it was announced for; null for all cases together.
    async fn case(&self) -> Option<Case<'a>> {
        self.request.case(self.latest.figure.case?).map(|case| Case::new(self.request, case))
    }

    /// The unit that was counted, in the words of the source.
    async fn unit(&self) -> &'a str {
        &self.latest.figure.unit
    }

    #[graphql(flatten)]
    async fn latest(&self) -> PublishedFigureRevision<'a> {
        PublishedFigureRevision(self.latest)
    }

    /// All revisions, oldest first.
    async fn history(&self) -> Vec<PublishedFigureRevision<'a>> {
        let mut revisions: Vec<_> =
            self.all.iter().filter(|revision| revision.number == self.latest.number).collect();
        revisions.sort_by_key(|revision| revision.revision);
        revisions.into_iter().map(PublishedFigureRevision).collect()
    }
}

/// A revision of a published figure.
pub(crate) struct PublishedFigureRevision<'a>(&'a FigureRevision);

/// A revision of a published figure: what it says from one moment on.
#[Object(serial)]
impl<'a> PublishedFigureRevision<'a> {
    /// The revision: 1 for the first figure, increased by one with each that replaces it.
    async fn revision(&self) -> u32 {
        self.0.revision
    }

    /// The figure.
    async fn figure(&self) -> Count {
        self.0.figure.figure.into()
    }

    /// The precision of the figure.
    async fn qualifier(&self) -> FigureQualifier {
        self.0.figure.qualifier.into()
    }

    /// The finality of the figure, according to its source.
    async fn status(&self) -> FigureStatus {
        self.0.figure.status.into()
    }

    /// The date of the figure: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` if no more is known.
    async fn as_of(&self) -> Option<&'a str> {
        self.0.figure.as_of.as_ref().map(domain::date::PartialDate::as_str)
    }

    /// The number of countries and territories it covers, if stated.
    async fn countries(&self) -> Option<u16> {
        self.0.figure.countries
    }

    /// The source of the figure.
    async fn source(&self) -> Option<Url> {
        self.0.figure.source.as_ref().map(Url::from)
    }

    /// The reason for the change; null for the first revision, and if none was given.
    async fn reason(&self) -> Option<&'a str> {
        self.0.reason.as_deref()
    }

    /// When it was published here; null before that was recorded.
    async fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime::from)
    }

    /// When it was replaced by the next revision, or withdrawn; null while it is published.
    async fn replaced_at(&self) -> Option<DateTime> {
        self.0.replaced_at.map(DateTime::from)
    }
}
