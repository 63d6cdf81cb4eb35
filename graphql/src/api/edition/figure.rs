//! Published figures: numbers that were announced, shown beside the count.

use async_graphql::Object;

use crate::api::domain_enum::domain_enum;
use crate::api::{
    RequestContext,
    case::Case,
    scalar::{Count, Url},
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

/// A published figure.
pub(crate) struct PublishedFigure<'a> {
    pub(crate) request: &'a RequestContext,
    pub(crate) figure: &'a domain::PublishedFigure,
}

/// A figure that was announced for an edition, for one section in it or for one case.
#[Object(serial)]
impl<'a> PublishedFigure<'a> {
    /// The section that it was announced for; null for the world.
    async fn section(&self) -> Option<Section<'a>> {
        let section = self.request.catalogue.section(self.figure.section?)?;
        Some(Section::new(self.request, section))
    }

    /// The case that it was announced for; null for all cases together.
    async fn case(&self) -> Option<Case<'a>> {
        self.request.case(self.figure.case?).map(|case| Case::new(self.request, case))
    }

    /// The figure.
    async fn figure(&self) -> Count {
        self.figure.figure.into()
    }

    /// The unit that was counted, in the words of the source.
    async fn unit(&self) -> &'a str {
        &self.figure.unit
    }

    /// The precision of the figure.
    async fn qualifier(&self) -> FigureQualifier {
        self.figure.qualifier.into()
    }

    /// The finality of the figure, according to its source.
    async fn status(&self) -> FigureStatus {
        self.figure.status.into()
    }

    /// The date of the figure: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` if no more is known.
    async fn as_of(&self) -> Option<&'a str> {
        self.figure.as_of.as_ref().map(domain::date::PartialDate::as_str)
    }

    /// The number of countries and territories it covers, if stated.
    async fn countries(&self) -> Option<u16> {
        self.figure.countries
    }

    /// The source of the figure.
    async fn source(&self) -> Option<Url> {
        self.figure.source.as_ref().map(Url::from)
    }
}
