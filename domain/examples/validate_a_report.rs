//! A report with several mistakes: all violations are reported at once, each with its path and code.
//!
//! Run it with `cargo run -p write-for-rights --example validate_a_report`.

use domain::{
    ActionKind, CaseId,
    report::{LineDraft, ReportDraft},
};

fn main() {
    let case = CaseId::new(uuid::Uuid::from_u128(1));
    let draft = ReportDraft {
        lines: vec![
            LineDraft { case: Some(case), kind: ActionKind::AppealLetter, quantity: 12.into() },
            LineDraft { case: Some(case), kind: ActionKind::Email, quantity: (-3).into() },
        ],
        written_on: Some("2021-12-32".into()),
        country: Some("CA".into()),
        region: Some("US-NY".into()),
        ..ReportDraft::default()
    };

    let violations = draft.parse().expect_err("a quantity, a day and a region are wrong");
    for violation in &violations {
        println!("{}: {} ({})", violation.path.join("."), violation.rule, violation.rule.code());
    }
    let codes: Vec<_> = violations.iter().map(|violation| violation.rule.code()).collect();
    assert_eq!(codes, ["QUANTITY_OUT_OF_RANGE", "DATE_INVALID", "REGION_OUTSIDE_COUNTRY"]);

    let corrected = ReportDraft {
        lines: vec![draft.lines[0]],
        written_on: Some("2021-12-10".into()),
        region: Some("CA-ON".into()),
        ..draft
    };
    let content = corrected.parse().expect("everything is corrected");
    println!("accepted: {} letters", content.quantity());
    assert_eq!(content.quantity(), 12);
}
