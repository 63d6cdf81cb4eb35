//! Published figures: announced numbers, beside the count.

use async_graphql::{Enum, Object};

use crate::api::scalar::{Count, Url};

/// How exactly a figure is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::published::FigureQualifier")]
pub(crate) enum Qualifier {
    /// Counted to the last one.
    Exact,
    /// Rounded.
    About,
    /// That many or more.
    AtLeast,
    /// Certainly more.
    MoreThan,
    /// Certainly fewer.
    FewerThan,
}

/// What its source says about how final a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::published::FigureStatus")]
pub(crate) enum FigureStatus {
    /// Announced while the campaign was still being counted.
    Running,
    /// Called final, and contradicted by another figure that is called final too.
    ClaimedFinal,
    /// The last word.
    Final,
    /// The source does not say.
    Unclear,
}

/// A published figure.
pub(crate) struct PublishedFigure<'a>(pub(crate) &'a domain::PublishedFigure);

/// A number that somebody announced for an edition.
#[Object(serial)]
impl<'a> PublishedFigure<'a> {
    /// The number.
    async fn figure(&self) -> Count {
        self.0.figure.into()
    }

    /// What was counted, in the words of the source.
    async fn unit(&self) -> &'a str {
        &self.0.unit
    }

    /// How exactly it is meant.
    async fn qualifier(&self) -> Qualifier {
        self.0.qualifier.into()
    }

    /// How final its source calls it.
    async fn status(&self) -> FigureStatus {
        self.0.status.into()
    }

    /// When it held: `YYYY-MM-DD`, or just `YYYY-MM` or `YYYY` where no more is known.
    async fn as_of(&self) -> Option<&'a str> {
        self.0.as_of.as_ref().map(domain::published::PartialDate::as_str)
    }

    /// From how many countries and territories, where that was said.
    async fn countries(&self) -> Option<u16> {
        self.0.countries
    }

    /// Where it was announced.
    async fn source(&self) -> Option<Url> {
        self.0.source.as_ref().map(Url::from)
    }
}
