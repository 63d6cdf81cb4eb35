//! Changes of cases as they are typed.

use async_graphql::{ID, InputObject};
use domain::case::CaseDraft;

use super::content::CaseContentInput;
use crate::api::{
    case::{CaseKind, CloseReason, OutcomeKind},
    scalar::{CountryCode, Date, Url},
};

/// A new case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseCreateInput {
    /// The global id of the edition that owns it.
    pub(super) edition: ID,
    /// The short name that stands in addresses, unique in the edition: lower-case letters a–z, digits
    /// and single hyphens between them. It never changes.
    pub(super) slug: String,
    /// The name of the person, group, community or organisation, at most 200 characters.
    name: String,
    /// What they are.
    kind: CaseKind,
    /// The country where it happens.
    country: CountryCode,
    #[graphql(flatten)]
    content: CaseContentInput,
}

/// A change of what is written about a case. What is left out stays as it is; a list that is given
/// takes the place of the whole list before.
#[derive(Debug, InputObject)]
pub(crate) struct CaseChangeInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The revision that you read and now change.
    pub(super) expected_revision: i32,
    /// The name of the person, group, community or organisation, at most 200 characters.
    name: Option<String>,
    /// What they are.
    kind: Option<CaseKind>,
    /// The country where it happens.
    country: Option<CountryCode>,
    #[graphql(flatten)]
    content: CaseContentInput,
}

/// A consent of the person, or of those who speak for them.
#[derive(Debug, InputObject)]
pub(crate) struct CaseRecordConsentInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The revision that you read and now change.
    pub(super) expected_revision: i32,
    /// The day it was given.
    pub(super) on: Date,
    /// Who gave it, at most 200 characters.
    pub(super) by: String,
}

/// Publishing a case.
#[derive(Debug, InputObject)]
pub(crate) struct CasePublishInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The revision that you read and now publish.
    pub(super) expected_revision: i32,
}

/// Suspending a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseSuspendInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The revision that you read and now suspend.
    pub(super) expected_revision: i32,
    /// Why. It is kept in the log and not shown.
    pub(super) reason: String,
}

/// Resuming a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseResumeInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The revision that you read and now resume.
    pub(super) expected_revision: i32,
    /// Why. It is kept in the log and not shown.
    pub(super) reason: Option<String>,
}

/// Closing a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseCloseInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The revision that you read and now close.
    pub(super) expected_revision: i32,
    /// Why; everybody is told.
    pub(super) reason: CloseReason,
    /// Why, in words. It is kept in the log and not shown.
    pub(super) explanation: Option<String>,
}

/// What became of a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseAddOutcomeInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The revision that you read and now add to.
    pub(super) expected_revision: i32,
    /// The day.
    pub(super) on: Date,
    /// What kind of news it is.
    pub(super) kind: OutcomeKind,
    /// The news in words, at most 20,000 characters.
    pub(super) text: String,
    /// Where it was told.
    pub(super) source: Option<Url>,
}

impl CaseCreateInput {
    /// The case as typed, in the words of the domain.
    pub(super) fn draft(self) -> CaseDraft {
        let (name, kind, country) = (self.name, self.kind.into(), self.country.0);
        CaseDraft { name: Some(name), kind: Some(kind), country: Some(country), ..self.content.draft() }
    }
}

impl CaseChangeInput {
    /// The change as typed, in the words of the domain.
    pub(super) fn draft(self) -> CaseDraft {
        let (kind, country) = (self.kind.map(Into::into), self.country.map(|country| country.0));
        CaseDraft { name: self.name, kind, country, ..self.content.draft() }
    }
}
