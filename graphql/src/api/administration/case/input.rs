//! Inputs of the case mutations.

use async_graphql::{ID, InputObject};
use domain::case::CaseDraft;

use super::content::CaseContentInput;
use crate::api::{
    case::{CaseKind, CaseOutcomeKind, CloseReason},
    scalar::{CountryCode, Date, Url},
};

/// Input for a new case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseCreateInput {
    /// The global id of the edition it belongs to.
    pub(super) edition: ID,
    /// The identifier used in URLs, unique within the edition: lower-case letters a–z, digits and single
    /// hyphens between them. It cannot be changed.
    pub(super) slug: String,
    /// The name of the person, group, community or organisation, at most 200 characters.
    name: String,
    /// The kind of subject.
    kind: CaseKind,
    /// The country where it happens.
    country: CountryCode,
    #[graphql(flatten)]
    content: CaseContentInput,
}

/// Input for changing the content of a case. Omitted fields keep their values; a given list replaces the
/// whole list.
#[derive(Debug, InputObject)]
pub(crate) struct CaseUpdateInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The name of the person, group, community or organisation, at most 200 characters.
    name: Option<String>,
    /// The kind of subject.
    kind: Option<CaseKind>,
    /// The country where it happens.
    country: Option<CountryCode>,
    #[graphql(flatten)]
    content: CaseContentInput,
}

/// Input for recording a consent of the person or their representatives.
#[derive(Debug, InputObject)]
pub(crate) struct CaseRecordConsentInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The day on which it was given.
    pub(super) on: Date,
    /// The name of the consenting person, at most 200 characters.
    pub(super) by: String,
}

/// Input for publishing a case.
#[derive(Debug, InputObject)]
pub(crate) struct CasePublishInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
}

/// Input for suspending a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseSuspendInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, at most 20,000 characters. It is recorded in the audit log and not public.
    pub(super) reason: String,
}

/// Input for resuming a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseResumeInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, at most 20,000 characters. It is recorded in the audit log and not public.
    pub(super) reason: Option<String>,
}

/// Input for closing a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseCloseInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, which is public.
    pub(super) reason: CloseReason,
    /// An explanation of the reason, at most 20,000 characters. It is recorded in the audit log and not
    /// public.
    pub(super) explanation: Option<String>,
}

/// Input for adding an outcome to a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseAddOutcomeInput {
    /// The global id of the case.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The day of the outcome.
    pub(super) on: Date,
    /// The kind of outcome.
    pub(super) kind: CaseOutcomeKind,
    /// The news as text, at most 20,000 characters.
    pub(super) text: String,
    /// The source of the news.
    pub(super) source: Option<Url>,
}

impl CaseCreateInput {
    /// Converts the input to a domain draft.
    pub(super) fn draft(self) -> CaseDraft {
        let (name, kind, country) = (self.name, self.kind.into(), self.country.0);
        CaseDraft { name: Some(name), kind: Some(kind), country: Some(country), ..self.content.draft() }
    }
}

impl CaseUpdateInput {
    /// Converts the input to a domain change.
    pub(super) fn draft(self) -> CaseDraft {
        let (kind, country) = (self.kind.map(Into::into), self.country.map(|country| country.0));
        CaseDraft { name: self.name, kind, country, ..self.content.draft() }
    }
}
