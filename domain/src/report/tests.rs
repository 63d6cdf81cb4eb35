use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::date};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::number::{CountDraft, MAX_QUANTITY, quantity};
use crate::{
    Campaign, CampaignWindow, CaseId, Country, Edition, EditionId, Section, SectionId, Violation, Violations,
    Zone,
    campaign::{CaseSelection, PlausibilityLimits},
    case::{CaseState, CloseReason},
    edition::EditionState,
    total::Counts,
};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

fn case(number: u128) -> CaseId {
    CaseId::new(Uuid::from_u128(number))
}

fn line(case_number: u128, quantity: impl Into<CountDraft>) -> LineDraft {
    LineDraft { case: Some(case(case_number)), kind: ActionKind::AppealLetter, quantity: quantity.into() }
}

fn letters(quantity: impl Into<CountDraft>) -> ReportDraft {
    ReportDraft { lines: vec![line(1, quantity)], ..ReportDraft::default() }
}

fn submission(draft: ReportDraft) -> ReportSubmission {
    ReportSubmission::parse(draft).expect("a well-formed draft")
}

fn codes(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect()
}

/// A campaign of Canada with cases 1 (published), 2 (suspended), 3 (closed), 4 (draft) and 5 (not
/// picked).
pub(crate) struct Desk {
    edition: Edition,
    pub(crate) section: Section,
    pub(crate) campaign: Campaign,
    cases: BTreeMap<CaseId, CaseStatus>,
}

impl Desk {
    pub(crate) fn new(grace_days: u16) -> Self {
        let zone = Zone::parse("America/Toronto").expect("a zone");
        let edition = Edition {
            id: EditionId::new(Uuid::from_u128(100)),
            year: 2021,
            letter_goal: None,
            state: EditionState::Open,
            revision: 1,
        };
        let section = Section {
            id: SectionId::new(Uuid::from_u128(200)),
            code: "ca".into(),
            name: "Canada".into(),
            country: Some(Country::parse("CA").expect("a country")),
            languages: vec![],
            zone: zone.clone(),
            revision: 1,
        };
        let campaign = Campaign {
            id: CampaignId::new(Uuid::from_u128(300)),
            edition_id: edition.id,
            section_id: section.id,
            window: CampaignWindow::new(date(2021, 11, 1), None, date(2022, 1, 31), grace_days, zone)
                .expect("a window"),
            letter_goal: None,
            limits: PlausibilityLimits::default(),
            picks: CaseSelection::Only([1, 2, 3, 4].map(case).into()),
            reviews_events: true,
            bounds_events: true,
            revision: 1,
        };
        let cases = BTreeMap::from([
            (case(1), CaseState::Published),
            (case(2), CaseState::Suspended),
            (case(3), CaseState::Closed(CloseReason::Safety)),
            (case(4), CaseState::Draft),
            (case(5), CaseState::Published),
        ])
        .into_iter()
        .map(|(case, state)| (case, CaseStatus { state, writing_stopped_at: None }))
        .collect();
        Self { edition, section, campaign, cases }
    }

    pub(crate) fn intake(&self) -> CampaignContext<'_> {
        CampaignContext {
            edition: &self.edition,
            section: &self.section,
            campaign: &self.campaign,
            is_certified: false,
            cases: &self.cases,
        }
    }

    fn judge(
        &self,
        draft: ReportDraft,
        author: ReportSource,
        now: Timestamp,
    ) -> Result<IntakeDecision, Violations> {
        self.intake().evaluate(&submission(draft), None, None, author, now)
    }
}

fn on_human_rights_day() -> Timestamp {
    "2021-12-10T20:00:00Z".parse().expect("an instant")
}

#[test]
fn a_quantity_is_a_whole_number_from_one_to_a_million() {
    assert_eq!(quantity(0), Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY }));
    assert_eq!(quantity(1), Ok(1));
    assert_eq!(quantity(1_000_000), Ok(1_000_000));
    assert_eq!(quantity(1_000_001), Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY }));
    assert_eq!(
        quantity(CountDraft::from_number(1e300)),
        Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY })
    );
    assert_eq!(
        quantity(CountDraft::from_number(f64::NAN)),
        Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY })
    );
    assert_eq!(quantity(CountDraft::from_number(0.5)), Err(ViolationKind::QuantityNotWhole));
}

#[test]
fn a_zero_beside_other_numbers_says_nothing() {
    let of = |lines: &[(u128, f64)], numbers: &[f64]| {
        let kinds = [ActionKind::AppealLetter, ActionKind::Email];
        let numbers = kinds
            .into_iter()
            .zip(numbers)
            .map(|(kind, &quantity)| NumberDraft { kind, quantity: CountDraft::from_number(quantity) });
        let draft = ReportDraft {
            lines: lines
                .iter()
                .map(|&(case, quantity)| line(case, CountDraft::from_number(quantity)))
                .collect(),
            numbers: numbers.collect(),
            ..ReportDraft::default()
        };
        draft.parse()
    };
    let five = of(&[(1, 5.0)], &[]);
    assert!(five.is_ok());
    assert_eq!(of(&[(1, 5.0), (2, 0.0), (3, -0.0)], &[]), five);
    assert_eq!(of(&[(2, 0.0), (1, 5.0)], &[5.0, 0.0]), five);
    assert_eq!(
        codes(&of(&[(1, 5.0), (2, 0.0)], &[0.0]).expect_err("a contradiction")),
        ["numbers.0.quantity LINES_EXCEED_TOTAL"]
    );
    let refused = |lines, numbers| codes(&of(lines, numbers).expect_err("no number")).len();
    assert_eq!(refused(&[(1, 0.0), (2, 0.0)], &[]), 2, "a report of nothing is an error in each line");
    assert_eq!(refused(&[], &[0.0]), 1);
    assert_eq!(refused(&[(1, 5.0), (2, -1.0)], &[]), 1);
    assert_eq!(refused(&[(1, f64::NAN), (2, 0.0)], &[]), 1);
}

#[test]
fn a_key_is_neither_too_short_nor_too_long() {
    assert!(key(&"k".repeat(MIN_KEY - 1)).is_err());
    assert!(key(&"k".repeat(MIN_KEY)).is_ok());
    assert!(key(&"k".repeat(MAX_KEY)).is_ok());
    assert!(key(&"k".repeat(MAX_KEY + 1)).is_err());
    assert!(key("sixteen chars ok").is_err(), "a space is not printable on its own");
}

#[test]
fn lines_beyond_the_number_of_their_kind_are_refused() {
    let draft = |number: u32| ReportDraft {
        numbers: vec![NumberDraft { kind: ActionKind::AppealLetter, quantity: number.into() }],
        lines: vec![line(1, 20), line(2, 10)],
        ..ReportDraft::default()
    };
    assert_eq!(codes(&draft(29).parse().expect_err("too few")), ["numbers.0.quantity LINES_EXCEED_TOTAL"]);
    assert_eq!(draft(30).parse().expect("exactly").lines.len(), 2);
    let rest = draft(31).parse().expect("one more");
    assert_eq!(rest.lines[&(None, ActionKind::AppealLetter)], 1);
}

#[test]
fn a_draft_names_every_mistake_with_its_place() {
    let draft = ReportDraft {
        numbers: vec![
            NumberDraft { kind: ActionKind::Email, quantity: 3.into() },
            NumberDraft { kind: ActionKind::Email, quantity: 3.into() },
        ],
        lines: vec![line(1, 1), line(1, -1), line(1, CountDraft::from_number(1.5))],
        people: Some(0.into()),
        written_on: Some("2021-02-30".into()),
        country: Some("CA".into()),
        region: Some("US-NY".into()),
        staff_note: Some("\u{7}".into()),
        ..ReportDraft::default()
    };
    assert_eq!(
        codes(&draft.parse().expect_err("full of mistakes")),
        [
            "lines.1.quantity QUANTITY_OUT_OF_RANGE",
            "lines.2.quantity QUANTITY_NOT_WHOLE",
            "numbers.1.kind DUPLICATE",
            "people QUANTITY_OUT_OF_RANGE",
            "written_on DATE_INVALID",
            "region REGION_OUTSIDE_COUNTRY",
            "staff_note CONTROL_CHARACTER",
        ]
    );
    let many = |count| ReportDraft { lines: vec![line(1, 1); count], ..ReportDraft::default() };
    assert!(many(MAX_LINES).parse().is_ok());
    assert_eq!(codes(&many(MAX_LINES + 1).parse().expect_err("too many")), ["lines TOO_MANY_ITEMS"]);
}

#[test]
fn a_report_on_the_last_day_counts_until_midnight_in_the_campaigns_zone() {
    let desk = Desk::new(0);
    let end = desk.campaign.window.deadline_at();
    assert_eq!(end, "2022-02-01T05:00:00Z".parse().expect("an instant"));
    assert!(!desk.judge(letters(1), ReportSource::Writer, end - MICROSECOND).expect("in time").late);
    let refused = desk.judge(letters(1), ReportSource::Writer, end).expect_err("past");
    assert_eq!(codes(&refused), ["campaign DEADLINE_PASSED"]);
    assert!(refused[0].to_string().contains("2022-02-01T05:00:00Z"));
    assert!(desk.judge(letters(1), ReportSource::Writer, end + MICROSECOND).is_err());
}

#[test]
fn in_the_grace_days_a_report_is_late_and_after_them_only_staff_may_enter_one() {
    let desk = Desk::new(3);
    let window = &desk.campaign.window;
    assert!(desk.judge(letters(1), ReportSource::Writer, window.deadline_at()).expect("grace").late);
    assert!(
        desk.judge(letters(1), ReportSource::Writer, window.closes_at() - MICROSECOND).expect("grace").late
    );
    assert!(desk.judge(letters(1), ReportSource::Writer, window.closes_at()).is_err());
    assert!(desk.judge(letters(1), ReportSource::Staff, window.closes_at()).expect("staff").late);
}

#[test]
fn nobody_reports_before_the_campaign_opens() {
    let desk = Desk::new(0);
    let opens_at = desk.campaign.window.opens_at();
    for author in [ReportSource::Writer, ReportSource::Staff] {
        let refused = desk.judge(letters(1), author, opens_at - MICROSECOND).expect_err("too early");
        assert_eq!(codes(&refused), ["campaign CAMPAIGN_NOT_OPEN"]);
        assert!(desk.judge(letters(1), author, opens_at).is_ok());
    }
}

#[test]
fn an_archived_edition_takes_nothing_more() {
    let mut desk = Desk::new(0);
    desk.edition.state = EditionState::Archived;
    let refused = desk.judge(letters(1), ReportSource::Staff, on_human_rights_day()).expect_err("archived");
    assert_eq!(codes(&refused), ["campaign EDITION_ARCHIVED"]);
}

#[test]
fn letters_are_written_inside_the_window() {
    let desk = Desk::new(3);
    let written = |day: &str| {
        let draft = ReportDraft { written_on: Some(day.into()), ..letters(1) };
        desk.judge(draft, ReportSource::Writer, on_human_rights_day())
    };
    assert_eq!(codes(&written("2021-10-31").expect_err("before")), ["written_on WRITTEN_OUTSIDE_WINDOW"]);
    assert!(written("2021-11-01").is_ok());
    assert!(written("2022-01-31").is_ok());
    assert!(written("2022-02-01").is_err(), "grace is for reporting");
}

#[test]
fn a_case_that_takes_no_letters_is_named_by_its_line() {
    let desk = Desk::new(0);
    let draft =
        ReportDraft { lines: (1..=6).map(|number| line(number, 1)).collect(), ..ReportDraft::default() };
    let refused =
        desk.judge(draft.clone(), ReportSource::Writer, on_human_rights_day()).expect_err("refused");
    assert_eq!(
        codes(&refused),
        [
            "lines.1.case CASE_SUSPENDED",
            "lines.2.case CASE_CLOSED",
            "lines.3.case CASE_NOT_IN_CAMPAIGN",
            "lines.4.case CASE_NOT_IN_CAMPAIGN",
            "lines.5.case CASE_NOT_IN_CAMPAIGN",
        ]
    );
    let staff = desk.judge(draft, ReportSource::Staff, on_human_rights_day()).expect_err("refused");
    assert_eq!(staff.len(), 3, "staff may enter letters written before the case was suspended or closed");
}

/// Cases 2, 3 and 5, which the campaign does not write for, stopped at 20:00 on 10 December in Toronto.
fn stopped() -> (Desk, Timestamp) {
    let stopped_at: Timestamp = "2021-12-11T01:00:00Z".parse().expect("an instant");
    let mut desk = Desk::new(0);
    for number in [2, 3, 5] {
        let status = desk.cases.get_mut(&case(number)).expect("a case");
        status.writing_stopped_at = Some(stopped_at);
    }
    (desk, stopped_at)
}

#[test]
fn letters_written_before_a_case_was_suspended_or_closed_are_taken_by_the_day_that_is_given() {
    let (desk, stopped_at) = stopped();
    let written = |day: Option<&str>, number| {
        let draft = ReportDraft {
            written_on: day.map(str::to_owned),
            lines: vec![line(number, 5)],
            ..ReportDraft::default()
        };
        let now = stopped_at + jiff::SignedDuration::from_hours(48);
        desk.judge(draft, ReportSource::Writer, now)
            .map(|verdict| verdict.state)
            .map_err(|broken| codes(&broken))
    };
    for number in [2, 3] {
        assert_eq!(written(Some("2021-12-09"), number), Ok(ReportState::Accepted));
        assert_eq!(
            written(Some("2021-12-10"), number),
            Ok(ReportState::Accepted),
            "in the zone of the campaign"
        );
    }
    assert_eq!(written(Some("2021-12-11"), 2), Err(vec!["lines.0.case CASE_SUSPENDED".into()]));
    assert_eq!(written(Some("2021-12-11"), 3), Err(vec!["lines.0.case CASE_CLOSED".into()]));
    assert_eq!(written(None, 2), Err(vec!["lines.0.case CASE_SUSPENDED".into()]), "nothing says when");
    assert_eq!(written(Some("2021-12-09"), 5), Err(vec!["lines.0.case CASE_NOT_IN_CAMPAIGN".into()]));
}

#[test]
fn a_report_says_who_hands_it_in_and_how_it_was_collected() {
    let desk = Desk::new(0);
    let now = desk.campaign.window.opens_at();
    let evaluate = |origin, before: Option<&ReportContent>, author| {
        let draft =
            ReportDraft { lines: vec![line(1, 7)], origin, way: Some(Way::Paper), ..ReportDraft::default() };
        desk.intake().evaluate(&submission(draft), before, None, author, now)
    };
    let counted = |origin, author| evaluate(origin, None, author).expect("no rule is broken").origin;
    assert_eq!(counted(None, ReportSource::Writer), Some(Origin::Person));
    assert_eq!(counted(None, ReportSource::Staff), None, "what staff enter may come from anyone");
    for origin in Origin::ALL.iter().copied() {
        let open = [Origin::Person, Origin::School, Origin::LocalGroup, Origin::Group].contains(&origin);
        assert_eq!(evaluate(Some(origin), None, ReportSource::Writer).is_ok(), open, "{origin}");
        let by_staff = evaluate(Some(origin), None, ReportSource::Staff);
        assert_eq!(by_staff.is_ok(), origin != Origin::Event, "an event has its own reports");
    }
    let refused =
        evaluate(Some(Origin::Secretariat), None, ReportSource::Writer).expect_err("it is no person");
    assert_eq!(codes(&refused), ["origin ORIGIN_NOT_ALLOWED"]);
    let school = ReportContent {
        origin: Some(Origin::School),
        ..submission(ReportDraft { lines: vec![line(1, 7)], ..ReportDraft::default() }).content().clone()
    };
    let corrected = evaluate(None, Some(&school), ReportSource::Staff).expect("no rule is broken");
    assert_eq!(corrected.origin, Some(Origin::School), "a correction that says nothing keeps it");
}

#[test]
fn a_report_names_the_kind_of_each_action() {
    for kind in [ActionKind::UnspecifiedLetter, ActionKind::UnspecifiedAction] {
        let of_kind = |quantity: i64| ReportDraft {
            lines: vec![LineDraft { case: None, kind, quantity: quantity.into() }],
            numbers: vec![NumberDraft { kind, quantity: quantity.into() }],
            ..ReportDraft::default()
        };
        assert_eq!(
            codes(&of_kind(5).parse().expect_err("a guest could report the same letters by kind")),
            ["lines.0.kind KIND_UNSPECIFIED", "numbers.0.kind KIND_UNSPECIFIED"]
        );
    }
}

#[test]
fn the_fingerprint_of_a_request_depends_on_origin_and_way_only_where_they_are_told() {
    let of = |origin, way| {
        let draft = ReportDraft { lines: vec![line(1, 7)], origin, way, ..ReportDraft::default() };
        draft.parse().expect("a well-formed draft").fingerprint(CampaignId::new(uuid::Uuid::nil()))
    };
    let all: std::collections::BTreeSet<_> = [
        of(None, None),
        of(Some(Origin::School), None),
        of(None, Some(Way::Email)),
        of(Some(Origin::School), Some(Way::Email)),
    ]
    .into();
    assert_eq!(all.len(), 4);
}

#[test]
fn letters_of_an_event_that_began_before_a_case_was_suspended_are_taken() {
    let (desk, stopped_at) = stopped();
    let second = jiff::SignedDuration::from_secs(1);
    let reported = |side, starts_at, written_on: Option<&str>| {
        let draft = ReportDraft {
            lines: vec![line(1, 7), line(2, 5)],
            written_on: written_on.map(str::to_owned),
            ..ReportDraft::default()
        };
        let place = Location { section: desk.section.id, country: None, region: None };
        let (origin, awaits_approval) = (Some(Origin::Event), false);
        let event = ReportedEvent { side, starts_at: Some(starts_at), place, origin, awaits_approval };
        let now = stopped_at + jiff::SignedDuration::from_hours(2);
        desk.intake().evaluate(&submission(draft), None, Some(&event), ReportSource::Writer, now).is_ok()
    };
    for side in [ReporterRole::Host, ReporterRole::Attendee] {
        assert!(reported(side, stopped_at - second, None));
        assert!(!reported(side, stopped_at, None));
        assert!(
            !reported(side, stopped_at - second, Some("2021-12-11")),
            "the day that is given is what was done"
        );
        assert!(reported(side, stopped_at, Some("2021-12-10")));
    }
}

#[test]
fn a_correction_may_keep_the_letters_for_a_case_that_was_suspended_since() {
    let desk = Desk::new(0);
    let suspended = submission(ReportDraft { lines: vec![line(2, 5)], ..ReportDraft::default() });
    let before = suspended.content().clone();
    let now = on_human_rights_day();
    assert!(desk.intake().evaluate(&suspended, None, None, ReportSource::Writer, now).is_err());
    assert!(desk.intake().evaluate(&suspended, Some(&before), None, ReportSource::Writer, now).is_ok());
}

#[test]
fn a_quantity_beyond_the_plausible_limit_is_held() {
    let desk = Desk::new(0);
    let state = |quantity: u32, author| {
        desk.judge(letters(quantity), author, on_human_rights_day()).expect("a verdict").state
    };
    assert_eq!(state(500, ReportSource::Writer), ReportState::Accepted);
    assert_eq!(state(501, ReportSource::Writer), ReportState::PendingReview);
    assert_eq!(state(501, ReportSource::Staff), ReportState::Accepted);
}

#[test]
fn letters_without_a_place_are_counted_where_the_section_works() {
    let desk = Desk::new(0);
    let place = |draft: ReportDraft| {
        desk.judge(draft, ReportSource::Writer, on_human_rights_day()).expect("a verdict").place
    };
    assert_eq!(place(letters(1)).country.expect("a country").as_str(), "CA");
    let in_region = place(ReportDraft { region: Some("US-NY".into()), ..letters(1) });
    assert_eq!(in_region.country.expect("a country").as_str(), "US");
    assert_eq!(in_region.region.expect("a region").as_str(), "US-NY");
}

#[test]
fn the_fingerprint_tells_every_difference() {
    let content = |draft: ReportDraft| draft.parse().expect("a draft");
    let campaign = CampaignId::new(Uuid::from_u128(300));
    let base = content(letters(5)).fingerprint(campaign);
    assert_eq!(base, content(letters(5)).fingerprint(campaign));
    assert_ne!(base, content(letters(5)).fingerprint(CampaignId::new(Uuid::from_u128(301))));
    for other in [
        letters(6),
        ReportDraft { lines: vec![line(2, 5)], ..ReportDraft::default() },
        ReportDraft { people: Some(1.into()), ..letters(5) },
        ReportDraft { written_on: Some("2021-12-10".into()), ..letters(5) },
        ReportDraft { country: Some("CA".into()), ..letters(5) },
        ReportDraft { region: Some("CA-ON".into()), ..letters(5) },
        ReportDraft { staff_note: Some("CA-ON".into()), ..letters(5) },
        ReportDraft { test: true, ..letters(5) },
    ] {
        assert_ne!(base, content(other).fingerprint(campaign));
    }
}

fn submitted(quantity: u32, state: ReportState) -> Report {
    let desk = Desk::new(0);
    let verdict =
        desk.judge(letters(quantity), ReportSource::Staff, on_human_rights_day()).expect("a verdict");
    Report::submitted(
        ReportId::new(Uuid::from_u128(400)),
        desk.campaign.id,
        letters(quantity).parse().expect("a draft"),
        IntakeDecision { state, ..verdict },
        ReportSource::Writer,
        on_human_rights_day(),
    )
}

fn correct(report: &mut Report, quantity: u32, state: ReportState) {
    let verdict = IntakeDecision {
        state,
        review_reason: None,
        late: false,
        place: report.latest().place.clone(),
        origin: None,
    };
    let content = letters(quantity).parse().expect("a draft");
    report.correct(content, verdict, ReportSource::Writer, "miscounted".into(), on_human_rights_day());
}

fn counted(report: &Report) -> u64 {
    report.counted_revision().map_or(0, |revision| revision.content.quantity())
}

#[test]
fn while_a_correction_is_held_the_accepted_revision_goes_on_counting() {
    let mut report = submitted(20, ReportState::Accepted);
    correct(&mut report, 9_000, ReportState::PendingReview);
    assert_eq!(counted(&report), 20);
    let mut accepted = report.clone();
    accepted.review(Review::Accept, "a big school", on_human_rights_day()).expect("held");
    assert_eq!(counted(&accepted), 9_000);
    report.review(Review::Reject, "a slip", on_human_rights_day()).expect("held");
    assert_eq!(counted(&report), 20);
    assert!(report.review(Review::Accept, "again", on_human_rights_day()).is_err(), "nothing is held");
}

#[test]
fn a_correction_supersedes_what_was_accepted_and_keeps_it_readable() {
    let mut report = submitted(20, ReportState::Accepted);
    correct(&mut report, 25, ReportState::Accepted);
    assert_eq!(counted(&report), 25);
    assert_eq!(report.revisions()[0].state, ReportState::Superseded);
    assert_eq!(report.revisions()[0].content.quantity(), 20);
    assert_eq!(report.latest().reason.as_deref(), Some("miscounted"));
    assert_eq!(report.check_change(1), Err(ViolationKind::StaleRevision { current: 2 }));
    assert_eq!(report.check_change(2), Ok(()));
}

#[test]
fn a_withdrawn_report_counts_no_more_and_changes_no_more() {
    let mut report = submitted(20, ReportState::Accepted);
    correct(&mut report, 9_000, ReportState::PendingReview);
    report.withdraw("sent by mistake", on_human_rights_day());
    assert_eq!(counted(&report), 0);
    assert_eq!(
        report.check_change(2),
        Err(ViolationKind::ReportStateInvalid { state: ReportState::Withdrawn.as_str() })
    );
    let mut rejected = submitted(20, ReportState::PendingReview);
    rejected.review(Review::Reject, "a slip", on_human_rights_day()).expect("held");
    rejected.withdraw("never mind", on_human_rights_day());
    assert_eq!(rejected.latest().state, ReportState::Withdrawn);
}

#[test]
fn a_test_never_counts() {
    let mut report = submitted(20, ReportState::Accepted);
    report.revisions[0].content.test = true;
    assert_eq!(counted(&report), 0);
    assert!(report.contribution().is_none());
}

#[derive(Clone, Debug)]
enum Step {
    Correct(u32, ReportState),
    Withdraw,
    Review(Review),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let state = prop_oneof![Just(ReportState::Accepted), Just(ReportState::PendingReview)];
    let step = prop_oneof![
        4 => (1..1_000_u32, state).prop_map(|(quantity, state)| Step::Correct(quantity, state)),
        1 => Just(Step::Withdraw),
        2 => prop_oneof![Just(Review::Accept), Just(Review::Reject)].prop_map(Step::Review),
    ];
    proptest::collection::vec(step, 0..12)
}

proptest! {
    #[test]
    fn whatever_happens_to_a_report_at_most_one_revision_counts_and_counters_equal_a_recount(
        first in 1..1_000_u32, steps in steps()
    ) {
        let mut report = submitted(first, ReportState::Accepted);
        let mut counters = Counts::default();
        counters.add(&report.contribution().expect("accepted"));
        for step in steps {
            let before = report.clone();
            match step {
                Step::Correct(quantity, state) if report.check_change(report.latest().number).is_ok() => {
                    correct(&mut report, quantity, state);
                }
                Step::Withdraw => report.withdraw("mistake", on_human_rights_day()),
                Step::Review(review) => {
                    let held = report.latest().state == ReportState::PendingReview;
                    prop_assert_eq!(report.review(review, "looked", on_human_rights_day()).is_ok(), held);
                }
                Step::Correct(..) => {}
            }
            if let Some(contribution) = before.contribution() {
                counters.subtract(&contribution);
            }
            if let Some(contribution) = report.contribution() {
                counters.add(&contribution);
            }
            let accepted = report.revisions().iter().filter(|r| r.state == ReportState::Accepted).count();
            prop_assert!(accepted <= 1);
            prop_assert!(report.revisions().len() >= before.revisions().len(), "history stays");
        }
        let mut recount = Counts::default();
        if let Some(contribution) = report.contribution() {
            recount.add(&contribution);
        }
        prop_assert_eq!(counters, recount);
    }
}

#[test]
fn what_counts_is_held_back_and_counts_again_when_staff_accept_it() {
    let mut report = submitted(20, ReportState::Accepted);
    assert!(report.hold_back(ReviewReason::Address, on_human_rights_day()));
    assert_eq!(
        (counted(&report), report.pending_revision().map(|held| held.review_reason)),
        (0, Some(Some(ReviewReason::Address)))
    );
    assert!(!report.hold_back(ReviewReason::Address, on_human_rights_day()), "nothing counts any more");
    report.review(Review::Accept, "a school", on_human_rights_day()).expect("held");
    assert_eq!(counted(&report), 20);
}

#[test]
fn what_is_held_back_beside_a_held_correction_leaves_that_to_staff() {
    let mut report = submitted(20, ReportState::Accepted);
    correct(&mut report, 9_000, ReportState::PendingReview);
    assert!(report.hold_back(ReviewReason::Address, on_human_rights_day()));
    let states: Vec<_> = report.revisions().iter().map(|revision| revision.state).collect();
    assert_eq!(states, [ReportState::Superseded, ReportState::PendingReview], "one revision is held at most");
}

#[test]
fn a_host_objects_once_and_to_what_counts_alone() {
    let mut report = submitted(20, ReportState::Accepted);
    assert_eq!(report.object("nobody did", on_human_rights_day()), Ok(()));
    assert_eq!(counted(&report), 0);
    let held = Err(ViolationKind::ReportStateInvalid { state: ReportState::PendingReview.as_str() });
    assert_eq!(report.object("nobody did", on_human_rights_day()), held);
    report.review(Review::Accept, "a photograph", on_human_rights_day()).expect("held");
    let accepted = Err(ViolationKind::ReportStateInvalid { state: ReportState::Accepted.as_str() });
    assert_eq!(report.object("nobody did", on_human_rights_day()), accepted);
    // A later correction may be objected to again.
    correct(&mut report, 30, ReportState::Accepted);
    assert_eq!(report.object("nobody did", on_human_rights_day()), Ok(()));
}

#[test]
fn more_people_than_a_hundred_for_each_letter_are_held() {
    let desk = Desk::new(0);
    for (people, review_reason) in [(200, None), (201, Some(ReviewReason::People))] {
        let draft = ReportDraft { people: Some(CountDraft::from(people)), ..letters(2) };
        let verdict =
            desk.judge(draft.clone(), ReportSource::Writer, on_human_rights_day()).expect("a verdict");
        assert_eq!(verdict.review_reason, review_reason);
        let of_staff = desk.judge(draft, ReportSource::Staff, on_human_rights_day()).expect("a verdict");
        assert_eq!(of_staff.review_reason, None, "staff are taken at their word");
    }
}

/// What may be done to a report, one thing after the other.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Correct(ReportState),
    HoldBack,
    Object,
    Review(Review),
    DecideAll(Review),
    Restore,
    Withdraw,
}

fn deed() -> impl Strategy<Value = Deed> {
    use ReportState::{Accepted, PendingReview};
    proptest::sample::select(
        &[
            Deed::Correct(Accepted),
            Deed::Correct(PendingReview),
            Deed::HoldBack,
            Deed::Object,
            Deed::Review(Review::Accept),
            Deed::Review(Review::Reject),
            Deed::DecideAll(Review::Accept),
            Deed::DecideAll(Review::Reject),
            Deed::Restore,
            Deed::Withdraw,
        ][..],
    )
}

#[test]
fn undoing_an_act_does_not_bring_back_what_was_withdrawn_after_it() {
    let minute = |minute| on_human_rights_day() + SignedDuration::from_mins(minute);
    let mut report = submitted(20, ReportState::Accepted);
    let place = report.latest().place.clone();
    let held = IntakeDecision {
        state: ReportState::PendingReview,
        review_reason: None,
        late: false,
        place,
        origin: None,
    };
    let content = letters(5).parse().expect("a draft");
    report.correct(content, held, ReportSource::Writer, "miscounted".into(), minute(1));
    report.review(Review::Reject, "implausible", minute(2)).expect("it is held");
    let before = report.decide_all(Review::Reject, "a flood", minute(3));
    assert_eq!(before, [(1, ReportState::Accepted)]);
    // The rejected correction is the last revision, so that the withdrawal changes no revision that counted.
    report.withdraw("twice", minute(4));
    assert!(!report.restore(&before, minute(3), "no flood", minute(5)));
    assert!(report.counted_revision().is_none());
}

proptest! {
    #[test]
    fn whatever_is_done_one_revision_counts_and_one_is_held_at_most(
        deeds in proptest::collection::vec(deed(), 0..20)
    ) {
        let mut report = submitted(20, ReportState::Accepted);
        let mut last = None;
        for (minute, deed) in deeds.into_iter().enumerate() {
            let now = on_human_rights_day() + SignedDuration::from_mins(minute as i64 + 1);
            match deed {
                Deed::Correct(state) if report.latest().state != ReportState::Withdrawn => {
                    let verdict =
                        IntakeDecision { state, review_reason: None, late: false, place: report.latest().place.clone(), origin: None };
                    let content = letters(5).parse().expect("a draft");
                    report.correct(content, verdict, ReportSource::Writer, "miscounted".into(), now);
                }
                Deed::Correct(_) => {}
                Deed::HoldBack => drop(report.hold_back(ReviewReason::Address, now)),
                Deed::Object => drop(report.object("nobody did", now)),
                Deed::Review(review) => drop(report.review(review, "looked at", now)),
                Deed::DecideAll(review) => {
                    let stood = report.clone();
                    let before = report.decide_all(review, "a flood", now);
                    last = (!before.is_empty()).then_some((before, now, stood));
                }
                Deed::Restore => {
                    if let Some((before, decided_at, stood)) = last.take()
                        && report.restore(&before, decided_at, "no flood", now)
                    {
                        let states = |report: &Report| -> Vec<_> {
                            report.revisions().iter().map(|revision| revision.state).collect()
                        };
                        prop_assert_eq!(states(&report), states(&stood), "it stands as before the act");
                    }
                }
                Deed::Withdraw => report.withdraw("twice", now),
            }
            for state in [ReportState::Accepted, ReportState::PendingReview] {
                let number = report.revisions().iter().filter(|revision| revision.state == state).count();
                prop_assert!(number <= 1, "{number} are {state}");
            }
        }
    }
}
