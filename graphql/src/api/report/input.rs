//! Inputs of the report mutations.

use async_graphql::{Enum, ID, InputObject};
use domain::{
    Violation, Violations,
    report::{self, LineDraft, NumberDraft, ReportDraft, ReportSubmission},
};

use super::FigureBasis;
use crate::api::{
    id,
    scalar::{Count, CountryCode, Date, RegionCode},
    total::{ActionKind, Origin, Way},
};

/// The quantity of one kind for one case.
#[derive(Debug, InputObject)]
pub(crate) struct ReportLineInput {
    /// The global id of the case; omit for no particular case.
    case: Option<ID>,
    /// The kind of action.
    kind: ActionKind,
    /// The quantity, 1–1,000,000. A 0 beside other quantities says nothing, as in the empty cells of a grid; a report of
    /// zeros alone is refused.
    quantity: Count,
}

/// The total quantity of one kind.
#[derive(Debug, InputObject)]
pub(crate) struct ReportNumberInput {
    /// The kind of action.
    kind: ActionKind,
    /// The quantity, 1–1,000,000. A 0 without lines of this kind says nothing beside other quantities.
    quantity: Count,
}

/// The input fields that submitting and correcting a report have in common.
#[derive(Debug, InputObject)]
pub(crate) struct ReportContentInput {
    /// Quantities by kind and case, at most 200 lines. Lines of the same case and kind are added up. At least
    /// one line or number is required.
    lines: Option<Vec<ReportLineInput>>,
    /// Total quantities by kind, if known. The part that is not in `lines` stays unallocated and is never
    /// distributed over cases.
    numbers: Option<Vec<ReportNumberInput>>,
    /// The number of people who wrote, 1–1,000,000.
    people: Option<Count>,
    /// The day of writing, from the opening day to the collection deadline.
    written_on: Option<Date>,
    /// The country of writing. Default: that of the region, otherwise that of the section. Letters of an
    /// event are counted at the event's location: for them neither country nor region is stored.
    country: Option<CountryCode>,
    /// The region of writing.
    region: Option<RegionCode>,
    /// Who hands it in: `PERSON`, `SCHOOL` or `LOCAL_GROUP`; staff may give any but `EVENT`. Default: `PERSON`, for
    /// staff unknown, for a correction as before. That of a report of an event follows from the event.
    origin: Option<Origin>,
    /// How it was collected; omit if unknown. For all letters of an event, the host gives it.
    way: Option<Way>,
    /// A remark for staff, at most 2,000 characters.
    staff_note: Option<String>,
    /// Whether this is a test; default false. A test is stored and never counts.
    test: Option<bool>,
}

/// Input for a new report.
#[derive(Debug, InputObject)]
pub(crate) struct ReportSubmitInput {
    /// The global id of the campaign it belongs to.
    pub(super) campaign: ID,
    /// The global id of the event at which the letters were written, once it has begun. Everyone with access
    /// to the event may report; for a private event, send its invitation, its secret, or the secret of an
    /// attendance or of a participant who joined it as `Authorization: Bearer …`. Each letter counts once,
    /// even if both the host and a guest report it.
    pub(super) event: Option<ID>,
    /// Whether this is the report by the event's host, for everyone present; default false. An event has one
    /// active report by its host, which grows by `reportUpdate` while the event goes on. It is held for review if
    /// staff have not approved the event yet. Requires the event's secret or an administrator key.
    pub(super) as_host: Option<bool>,
    /// The global id of the group whose letters these are, all of them. A group has one active report, which grows by
    /// `reportUpdate`. Requires the secret of the group, of a group above it or of its event, a key of its section or
    /// an administrator key.
    pub(super) group: Option<ID>,
    #[graphql(flatten)]
    pub(super) content: ReportContentInput,
    /// The reason for entering it after the total was certified, at most 20,000 characters. Staff have to give it then.
    pub(super) reason: Option<String>,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces, such as a random
    /// UUID. Repeating the request with the same key and content returns the first result and creates no
    /// second report; other content is a validation error. Store it and keep it private: the report's secret
    /// is derived from it, so it must be unguessable.
    pub(super) idempotency_key: String,
}

/// Input for correcting a report. It replaces the whole content of the report.
#[derive(Debug, InputObject)]
pub(crate) struct ReportCorrectInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    #[graphql(flatten)]
    pub(super) content: ReportContentInput,
    /// The reason for the correction, at most 20,000 characters.
    pub(super) reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key and content returns the first result; other content is a validation error.
    pub(super) idempotency_key: String,
}

/// Input for a later figure of a report, by its reporter.
#[derive(Debug, InputObject)]
pub(crate) struct ReportUpdateInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// How the figure relates to the one before.
    pub(super) basis: FigureBasis,
    /// Quantities by kind and case, at most 200 lines. At least one line or number is required.
    lines: Option<Vec<ReportLineInput>>,
    /// Total quantities by kind. The part that is not in `lines` stays unallocated.
    numbers: Option<Vec<ReportNumberInput>>,
    /// The number of people who wrote, 1–1,000,000: so far, or further people. Omit to leave it as it is.
    people: Option<Count>,
    /// The day of writing, from the opening day to the collection deadline. With `IN_ADDITION`, the report keeps
    /// its day only if it is the same.
    written_on: Option<Date>,
    /// A remark for staff, at most 2,000 characters. Omit to leave it as it is.
    staff_note: Option<String>,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key and content returns the first result; other content is a validation error.
    pub(super) idempotency_key: String,
}

impl ReportUpdateInput {
    /// Returns the free text in it.
    pub(super) fn staff_note(&self) -> Option<&str> {
        self.staff_note.as_deref()
    }

    /// Converts the figure to a domain draft, if it is valid.
    pub(super) fn parse(self, violations: &mut Violations) -> Option<ReportSubmission> {
        let Self { lines, numbers, people, written_on, staff_note, .. } = self;
        // Who handed the report in, how and where it was collected stay as they are.
        let (country, region, origin, way, test) = (None, None, None, None, None);
        let content = ReportContentInput {
            lines,
            numbers,
            people,
            written_on,
            country,
            region,
            origin,
            way,
            staff_note,
            test,
        };
        content.parse(violations)
    }
}

/// Input for withdrawing a report.
#[derive(Debug, InputObject)]
pub(crate) struct ReportWithdrawInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, at most 20,000 characters.
    pub(super) reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key and content returns the first result; other content is a validation error.
    pub(super) idempotency_key: String,
}

/// Input for objecting to a guest's report.
#[derive(Debug, InputObject)]
pub(crate) struct ReportObjectInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The reason, at most 20,000 characters.
    pub(super) reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key and content returns the first result; other content is a validation error.
    pub(super) idempotency_key: String,
}

/// A decision of staff about reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "report::Review")]
pub(crate) enum ReportDecision {
    /// The report is plausible and counts.
    Accept,
    /// The report does not count.
    Reject,
}

/// Input for reviewing a pending report.
#[derive(Debug, InputObject)]
pub(crate) struct ReportReviewInput {
    /// The global id of the report.
    pub(super) id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    pub(super) expected_revision: i32,
    /// The decision.
    pub(super) decision: ReportDecision,
    /// The reason, at most 20,000 characters.
    pub(super) reason: String,
    /// Client-generated idempotency key: 16–128 printable ASCII characters without spaces. Repeating the
    /// request with the same key and content returns the first result; other content is a validation error.
    pub(super) idempotency_key: String,
}

impl ReportContentInput {
    /// Returns the free text in it.
    pub(super) fn staff_note(&self) -> Option<&str> {
        self.staff_note.as_deref()
    }

    /// Converts the input to a domain draft, if it is valid.
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
            origin: self.origin.map(Into::into),
            way: self.way.map(Into::into),
            staff_note: self.staff_note,
            test: self.test.unwrap_or(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::number::CountDraft;

    use super::*;

    #[test]
    fn all_mistakes_of_a_report_are_told_at_once_with_their_places() {
        let line = |case: Option<&str>, quantity| ReportLineInput {
            case: case.map(|id| ID(id.to_owned())),
            kind: ActionKind::AppealLetter,
            quantity: Count(CountDraft::from_number(quantity)),
        };
        let content = ReportContentInput {
            lines: Some(vec![line(Some("nobody"), 2.5), line(None, -1.0), line(None, 1e12)]),
            numbers: None,
            people: Some(Count::from(0)),
            written_on: Some(Date("yesterday".to_owned())),
            country: Some(CountryCode("ZZ".to_owned())),
            region: Some(RegionCode("CA-XX".to_owned())),
            origin: None,
            way: None,
            staff_note: None,
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
                "written_on DATE_INVALID",
                "country COUNTRY_UNKNOWN",
                "region REGION_UNKNOWN",
            ]
        );
    }
}
