use jiff::{SignedDuration, civil::date};
use uuid::Uuid;

use super::*;

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("a zone")
}

fn text(language: &str, title: &str) -> UrgentActionTextDraft {
    UrgentActionTextDraft { language: language.into(), title: title.into(), text: None }
}

fn draft() -> UrgentActionDraft {
    UrgentActionDraft {
        country: Some("PE".into()),
        topics: Some(vec![CaseTopic::Environment, CaseTopic::Children, CaseTopic::Environment]),
        texts: Some(vec![text("en", "Water"), text("fr", "De l'eau")]),
        ..UrgentActionDraft::default()
    }
}

fn action() -> UrgentAction {
    UrgentAction {
        id: UrgentActionId::new(Uuid::from_u128(1)),
        number: "15/22".into(),
        update: 0,
        life: Validity::new(date(2022, 3, 1), date(2022, 4, 12), zone(ZONE)).expect("a life"),
        content: draft().complete(None).expect("an action"),
        state: UrgentActionState::Issued,
        updated_at: at("2022-03-01T00:00:00Z"),
        revision: 1,
    }
}

fn codes<T: std::fmt::Debug>(result: Result<T, Violations>) -> Vec<String> {
    let broken = result.expect_err("it is against the rules");
    broken.iter().map(|it| format!("{} {}", it.path.join("."), it.rule.code())).collect()
}

#[test]
fn people_may_write_from_the_first_instant_of_the_first_day_to_the_last_of_the_last() {
    let action = action();
    let (begin, end) = (at("2022-03-01T00:00:00Z"), at("2022-04-12T23:00:00Z"));
    assert_eq!((action.life.issued_at(), action.life.expires_at()), (begin, end));
    for (instant, writable, public) in [
        (begin - MICROSECOND, false, false),
        (begin, true, true),
        (begin + MICROSECOND, true, true),
        (end - MICROSECOND, true, true),
        (end, false, true),
        (end + MICROSECOND, false, true),
    ] {
        assert_eq!((action.is_writable(instant), action.is_public(instant)), (writable, public), "{instant}");
    }
    let withdrawn = UrgentAction { state: UrgentActionState::Withdrawn, ..action };
    assert!(!withdrawn.is_writable(begin) && withdrawn.is_public(begin));
}

#[test]
fn the_last_day_ends_by_the_clocks_of_the_actions_own_zone() {
    let end =
        |name| Validity::new(date(2022, 3, 1), date(2022, 3, 31), zone(name)).expect("a life").expires_at();
    assert_eq!(end("Pacific/Auckland"), at("2022-03-31T11:00:00Z"));
    assert_eq!(end("America/Toronto"), at("2022-04-01T04:00:00Z"));
    assert_eq!(end("UTC"), at("2022-04-01T00:00:00Z"));
}

#[test]
fn a_life_has_an_order_and_an_end() {
    let life = |issued_on, expires_on| Validity::new(issued_on, expires_on, zone("UTC"));
    assert!(life(date(2022, 3, 1), date(2022, 3, 1)).is_ok());
    assert_eq!(codes(life(date(2022, 3, 2), date(2022, 3, 1))), ["expires_on EXPIRES_BEFORE_ISSUE"]);
    assert!(life(date(2022, 3, 1), date(2023, 3, 2)).is_ok(), "366 days later");
    assert_eq!(codes(life(date(2022, 3, 1), date(2023, 3, 3))), ["expires_on EXPIRY_TOO_FAR"]);
    let too_late = ["issued_on DATE_INVALID", "expires_on DATE_INVALID"];
    assert_eq!(codes(life(date(9999, 12, 31), date(9999, 12, 31))), too_late);
}

#[test]
fn a_number_counts_the_actions_of_a_year() {
    for good in ["1/22", "15/22", "9999/00"] {
        assert_eq!(number(good), Ok(good.to_owned()));
    }
    for bad in
        ["", "15", "/22", "15/", "015/22", "15/2022", "15/2", "10000/22", "UA 15/22", "15/22 ", "١٥/22"]
    {
        assert_eq!(number(bad), Err(ViolationKind::UrgentActionNumberInvalid), "{bad}");
    }
}

#[test]
fn an_update_leaves_alone_what_it_does_not_name() {
    let before = draft().complete(None).expect("an action");
    assert_eq!(before.topics, [CaseTopic::Children, CaseTopic::Environment], "each once, in order");
    let after = UrgentActionDraft { country: Some("EC".into()), ..UrgentActionDraft::default() };
    let after = after.complete(Some(&before)).expect("an update");
    assert_eq!(after.country.as_str(), "EC");
    assert_eq!(UrgentActionContent { country: before.country.clone(), ..after }, before);
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_place() {
    let nothing = UrgentActionDraft::default();
    assert_eq!(codes(nothing.complete(None)), ["country COUNTRY_UNKNOWN", "texts TOO_FEW_ITEMS"]);
    let none_left = UrgentActionDraft { texts: Some(vec![]), ..nothing };
    assert_eq!(codes(none_left.complete(Some(&action().content))), ["texts TOO_FEW_ITEMS"]);
    let bad = UrgentActionDraft {
        country: Some("ZZ".into()),
        topics: Some(vec![CaseTopic::Other; 51]),
        texts: Some(vec![text("en", "Water"), text("EN", " "), text("zz", "a\nb")]),
        authorities: Some(vec![crate::case::AuthorityDraft::default(); 21]),
        restrictions: Some(vec![WritingRestriction::NoPolitics; 51]),
    };
    let mut broken = codes(bad.complete(None));
    broken.retain(|code| !code.ends_with("title REQUIRED") || code.starts_with("texts"));
    assert_eq!(
        broken,
        [
            "country COUNTRY_UNKNOWN",
            "topics TOO_MANY_ITEMS",
            "texts.1.title REQUIRED",
            "texts.2.language LANGUAGE_UNKNOWN",
            "texts.2.title CONTROL_CHARACTER",
            "texts.1.language DUPLICATE",
            "authorities TOO_MANY_ITEMS",
            "restrictions TOO_MANY_ITEMS",
        ]
    );
}

#[test]
fn a_text_is_given_in_the_language_that_is_wanted_most() {
    let action = action();
    let title = |tags: &[&str]| {
        let wanted: Vec<_> = tags.iter().map(|tag| Language::parse(tag).expect("a language")).collect();
        action.text([], &wanted).expect("a text").title.as_str()
    };
    assert_eq!(title(&["fr-CA"]), "De l'eau");
    assert_eq!(title(&["es", "fr"]), "De l'eau");
    assert_eq!(title(&["es"]), "Water");
    assert_eq!(title(&[]), "Water");
}
