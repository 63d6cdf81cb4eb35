//! What people read about a case.

use async_graphql::Object;

use crate::api::scalar::Language;

/// A text about a case.
pub(crate) struct CaseText<'a>(pub(super) &'a domain::case::CaseText);

/// What people read about a case, in one language. A part that nobody wrote is null.
#[Object(serial)]
impl<'a> CaseText<'a> {
    /// The language of all of it.
    async fn language(&self) -> Language {
        Language::from(&self.0.language)
    }

    /// A headline.
    async fn title(&self) -> Option<&'a str> {
        self.0.title.as_deref()
    }

    /// What happened, in a paragraph.
    async fn summary(&self) -> Option<&'a str> {
        self.0.summary.as_deref()
    }

    /// The long story.
    async fn background(&self) -> Option<&'a str> {
        self.0.background.as_deref()
    }

    /// What to ask of the authority.
    async fn ask(&self) -> Option<&'a str> {
        self.0.ask.as_deref()
    }

    /// A letter to start from.
    async fn sample_letter(&self) -> Option<&'a str> {
        self.0.sample_letter.as_deref()
    }

    /// Advice for writing.
    async fn advice(&self) -> Option<&'a str> {
        self.0.advice.as_deref()
    }
}
