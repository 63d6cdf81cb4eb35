//! Texts of cases.

use async_graphql::Object;

use crate::api::scalar::Language;

/// A text of a case.
pub(crate) struct CaseText<'a>(pub(super) &'a domain::case::CaseText);

/// The text of a case in one language. Parts that were not written are null.
#[Object(serial)]
impl<'a> CaseText<'a> {
    /// The language of all parts.
    async fn language(&self) -> Language {
        Language::from(&self.0.language)
    }

    /// The headline.
    async fn title(&self) -> Option<&'a str> {
        self.0.title.as_deref()
    }

    /// A summary in one paragraph.
    async fn summary(&self) -> Option<&'a str> {
        self.0.summary.as_deref()
    }

    /// The background story.
    async fn background(&self) -> Option<&'a str> {
        self.0.background.as_deref()
    }

    /// The demands to make of the authority.
    async fn ask(&self) -> Option<&'a str> {
        self.0.ask.as_deref()
    }

    /// A sample letter.
    async fn sample_letter(&self) -> Option<&'a str> {
        self.0.sample_letter.as_deref()
    }

    /// Advice for writers.
    async fn advice(&self) -> Option<&'a str> {
        self.0.advice.as_deref()
    }
}
