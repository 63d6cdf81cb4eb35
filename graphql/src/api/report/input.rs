//! Reports as they are typed.

use async_graphql::{Enum, ID, InputObject};
use domain::{
    Violation, Violations,
    report::{self, LineDraft, NumberDraft, ReportDraft, ReportSubmission},
};

use crate::api::{
    id,
    scalar::{Count, CountryCode, Date, RegionCode},
    total::ActionKind,
};

/// How many of one kind were written for one case.
#[derive(Debug, InputObject)]
pub(crate) struct ReportLineInput {
    /// The global id of the case; left out, the line is for no case in particular.
    case: Option<ID>,
    /// What was written or done.
    kind: ActionKind,
    /// How many, 1–1,000,000.
    quantity: Count,
}

/// How many of one kind were written in all.
#[derive(Debug, InputObject)]
pub(crate) struct ReportNumberInput {
    /// What was written or done.
    kind: ActionKind,
    /// How many, 1–1,000,000.
    quantity: Count,
}

/// What is reported.
#[derive(Debug, InputObject)]
pub(crate) struct ReportContentInput {
    /// How many of a kind were written for a case, at most 200 lines. Lines of the same case and kind
    /// are added up. Needs at least one line or number.
    lines: Option<Vec<ReportLineInput>>,
    /// How many of a kind were written in all, where that is known: what its lines do not say stays
    /// unallocated and is never spread over cases.
    numbers: Option<Vec<ReportNumberInput>>,
    /// How many people wrote, 1–1,000,000.
    people: Option<Count>,
    /// The day they wrote, from the opening day to the collection deadline.
    written_on: Option<Date>,
    /// The country they wrote in; left out, it is that of the region, else that of the section. Letters
    /// of an event are counted where it takes place: for them this is not kept, nor is the region.
    country: Option<CountryCode>,
    /// The region they wrote in.
    region: Option<RegionCode>,
    /// A remark for staff, at most 2,000 characters.
    note: Option<String>,
    /// Whether this only tries out the service. A test is kept and never counts.
    test: Option<bool>,
}

/// A new report.
#[derive(Debug, InputObject)]
pub(crate) struct ReportSubmitInput {
    /// The global id of the campaign it belongs to.
    pub(super) campaign: ID,
    /// The global id of the event where the letters were written, once it has begun. Whoever may know
    /// of it may say what they wrote there; a private event takes its invitation, the secret of an
    /// attendance or of a participant who joined it, or its own, as `Authorization: Bearer …`. Each letter
    /// counts once, whoever tells of it.
    pub(super) event: Option<ID>,
    /// Whether this is the closing report of the event's host, for all who were there. There is one for
    /// each event. Needs the secret of the event or an administrator's key.
    pub(super) as_host: Option<bool>,
    #[graphql(flatten)]
    pub(super) content: ReportContentInput,
    /// A text that you make up for this report and keep: 16–128 printable ASCII characters without
    /// spaces, such as a random UUID. Sent again with the same content, it brings the first answer
    /// again and no second report. The secret of the report is derived from it, so it has to be
    /// unguessable.
    pub(super) idempotency_key: String,
}

/// A correction of a report. It says all of the report anew.
#[derive(Debug, InputObject)]
pub(crate) struct ReportCorrectInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The revision that you read and now correct.
    pub(super) expected_revision: i32,
    #[graphql(flatten)]
    pub(super) content: ReportContentInput,
    /// Why it has to be corrected.
    pub(super) reason: String,
    /// A text that you make up for this correction: 16–128 printable ASCII characters without spaces.
    /// Sent again with the same content, it brings the first answer again.
    pub(super) idempotency_key: String,
}

/// Taking a report back.
#[derive(Debug, InputObject)]
pub(crate) struct ReportWithdrawInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The revision that you read and now withdraw.
    pub(super) expected_revision: i32,
    /// Why.
    pub(super) reason: String,
    /// A text that you make up for this step: 16–128 printable ASCII characters without spaces. Sent
    /// again with the same content, it brings the first answer again.
    pub(super) idempotency_key: String,
}

/// Objecting to what a guest reports.
#[derive(Debug, InputObject)]
pub(crate) struct ReportObjectInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The revision that you read and now object to.
    pub(super) expected_revision: i32,
    /// Why.
    pub(super) reason: String,
    /// A text that you make up for this step: 16–128 printable ASCII characters without spaces. Sent
    /// again with the same content, it brings the first answer again.
    pub(super) idempotency_key: String,
}

/// What staff decide about a held report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "report::Review")]
pub(crate) enum ReportDecision {
    /// It is plausible after all and counts.
    Accept,
    /// It does not count.
    Reject,
}

/// Deciding about a held report.
#[derive(Debug, InputObject)]
pub(crate) struct ReportReviewInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The revision that you read and now decide about.
    pub(super) expected_revision: i32,
    /// What is decided.
    pub(super) decision: ReportDecision,
    /// Why.
    pub(super) reason: String,
    /// A text that you make up for this decision: 16–128 printable ASCII characters without spaces.
    /// Sent again with the same content, it brings the first answer again.
    pub(super) idempotency_key: String,
}

impl ReportContentInput {
    /// The free text in it.
    pub(super) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// What is reported, if it is well formed.
    pub(super) fn parse(self, violations: &mut Violations) -> Option<ReportSubmission> {
        let draft = self.draft(violations);
        match ReportSubmission::parse(draft) {
            Ok(submission) => Some(submission),
            Err(broken) => {
                violations.extend_at(&[], broken);
                None
            }
        }
    }

    fn draft(self, violations: &mut Violations) -> ReportDraft {
        let mut case = |index: usize, id: &ID| {
            let below =
                |rule| violations.extend_at(&["lines", &index.to_string()], [Violation::at(["case"], rule)]);
            id::case(id).map_err(below).ok()
        };
        let lines = self.lines.unwrap_or_default().into_iter().enumerate().map(|(index, line)| LineDraft {
            case: line.case.and_then(|id| case(index, &id)),
            kind: line.kind.into(),
            quantity: line.quantity.0,
        });
        let numbers = self.numbers.unwrap_or_default().into_iter();
        ReportDraft {
            lines: lines.collect(),
            numbers: numbers
                .map(|number| NumberDraft { kind: number.kind.into(), quantity: number.quantity.0 })
                .collect(),
            people: self.people.map(|people| people.0),
            written_on: self.written_on.map(|day| day.0),
            country: self.country.map(|country| country.0),
            region: self.region.map(|region| region.0),
            note: self.note,
            test: self.test.unwrap_or(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_of_a_report_are_told_at_once_with_their_places() {
        let line = |case: Option<&str>, quantity| ReportLineInput {
            case: case.map(|id| ID(id.to_owned())),
            kind: ActionKind::AppealLetter,
            quantity: Count(quantity),
        };
        let content = ReportContentInput {
            lines: Some(vec![line(Some("nobody"), 2.5), line(None, -1.0), line(None, 1e12)]),
            numbers: None,
            people: Some(Count(0.0)),
            written_on: Some(Date("yesterday".to_owned())),
            country: Some(CountryCode("ZZ".to_owned())),
            region: Some(RegionCode("CA-XX".to_owned())),
            note: None,
            test: None,
        };
        let mut violations = Violations::default();
        assert_eq!(content.parse(&mut violations), None);
        let broken = violations.into_result().expect_err("full of mistakes");
        let found: Vec<_> =
            broken.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect();
        assert_eq!(
            found,
            [
                "lines.0.case NOT_FOUND",
                "lines.0.quantity QUANTITY_NOT_WHOLE",
                "lines.1.quantity QUANTITY_OUT_OF_RANGE",
                "lines.2.quantity QUANTITY_OUT_OF_RANGE",
                "people QUANTITY_OUT_OF_RANGE",
                "writtenOn DATE_INVALID",
                "country COUNTRY_UNKNOWN",
                "region REGION_UNKNOWN",
            ]
        );
    }
}
