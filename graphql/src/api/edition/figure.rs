//! Published figures: numbers that were announced, shown beside the count.

use async_graphql::Object;

use crate::api::domain_enum::domain_enum;
use crate::api::scalar::{Count, Url};

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
pub(crate) struct PublishedFigure<'a>(pub(crate) &'a domain::PublishedFigure);

/// A figure that was announced for an edition.
#[Object(serial)]
impl<'a> PublishedFigure<'a> {
    /// The figure.
    async fn figure(&self) -> Count {
        self.0.figure.into()
    }

    /// The unit that was counted, in the words of the source.
    async fn unit(&self) -> &'a str {
        &self.0.unit
    }

    /// The precision of the figure.
    async fn qualifier(&self) -> FigureQualifier {
        self.0.qualifier.into()
    }

    /// The finality of the figure, according to its source.
    async fn status(&self) -> FigureStatus {
        self.0.status.into()
    }

    /// The date of the figure: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` if no more is known.
    async fn as_of(&self) -> Option<&'a str> {
        self.0.as_of.as_ref().map(domain::date::PartialDate::as_str)
    }

    /// The number of countries and territories it covers, if stated.
    async fn countries(&self) -> Option<u16> {
        self.0.countries
    }

    /// The source of the figure.
    async fn source(&self) -> Option<Url> {
        self.0.source.as_ref().map(Url::from)
    }
}
