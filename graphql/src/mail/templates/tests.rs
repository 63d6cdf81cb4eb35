//! Every notice in every language, as text.

use domain::{UrgentActionId, Zone};

use super::*;
use crate::mail::notice::EventLocation;

const BASE: &str = "https://w4r.example/";

fn meeting(title: &str) -> EventSummary {
    let when = ZonedInstant {
        at: "2021-12-11T23:00:00Z".parse().expect("an instant"),
        zone: Zone::parse("America/Toronto").expect("a zone"),
        local: None,
    };
    EventSummary { title: title.to_owned(), when }
}

fn schedule(start: &str, end: &str, place: Option<&str>) -> EventSchedule {
    let local = |typed: &str| typed.parse().expect("a local time");
    EventSchedule {
        zone: Zone::parse("America/Toronto").expect("a zone"),
        sessions: vec![(local(start), local(end))],
        place: place.map(str::to_owned),
    }
}

fn appeal() -> Appeal {
    Appeal {
        id: UrgentActionId::new(uuid::Uuid::from_u128(1)),
        update: 2,
        number: "89/21".into(),
        title: "Water for Espinar".into(),
        text: Some("Ask for clean water.".into()),
        until: meeting("").when,
    }
}

/// One notice of each kind, with all its optional values.
fn all() -> Vec<Notice> {
    let (event, secret) = (meeting("Letters at the library"), "w4r_secret".to_owned());
    let (appeal, end) = (appeal(), "w4r_end".to_owned());
    vec![
        Notice::ParticipantRegistered { secret: secret.clone() },
        Notice::ParticipantAlreadyRegistered { secret: Some(secret.clone()) },
        Notice::ParticipantData { data: "{\n  \"goal\": 10\n}".into() },
        Notice::EventRegistered { when: event.when.clone(), secret: secret.clone() },
        Notice::EventApproved { event: event.clone() },
        Notice::EventRejected { event: event.clone(), reason: "The hall is closed that day.".into() },
        Notice::EventChangeRejected { event: event.clone(), reason: "No trade, please.".into() },
        Notice::EventApprovalRevoked { when: event.when.clone(), reason: "No trade, please.".into() },
        Notice::EventMoved {
            event: event.clone(),
            before: event.when.clone(),
            is_elsewhere: true,
            was: EventLocation { times: String::new(), place: String::new() },
            change: Some(EventMove {
                since: jiff::Timestamp::UNIX_EPOCH,
                before: schedule("2021-12-05T19:00", "2021-12-05T21:00", Some("Toronto, CA-ON")),
                now: schedule("2021-12-06T10:00", "2021-12-07T00:30", None),
            }),
        },
        Notice::EventClockChanged { event: event.clone() },
        Notice::EventCancelled { event: event.clone(), reason: Some("Snow.".into()) },
        Notice::EventWithdrawn { when: event.when.clone(), reason: "It was no event of ours.".into() },
        Notice::EventJoined { event: event.clone(), secret: secret.clone() },
        Notice::EventWaiting { event: event.clone(), secret: secret.clone() },
        Notice::EventJoinedAgain { event: event.clone(), secret: secret.clone() },
        Notice::EventPlace {
            event: event.clone(),
            secret: Some(secret.clone()),
            cause: Some(PlaceCause::MoreRoom),
        },
        Notice::EventOwesReport { event },
        Notice::SubscriptionAsked { secret },
        Notice::UrgentActionIssued { appeal: appeal.clone(), end: end.clone() },
        Notice::UrgentActionDigest { appeals: vec![appeal], end },
    ]
}

fn language(tag: &str) -> Language {
    Language::parse(tag).expect("a language")
}

#[test]
fn every_notice_has_a_text_in_english_and_in_french_with_all_its_values() {
    for notice in all() {
        let texts = ["en", "fr"].map(|tag| compose(&notice, &language(tag), BASE));
        assert_ne!(texts[0].body, texts[1].body, "{notice:?}");
        for (text, tongue) in texts.iter().zip([MailLanguage::English, MailLanguage::French]) {
            let paragraphs = paragraphs_of(&notice, tongue);
            assert!(!text.subject.is_empty() && text.subject.chars().count() <= 250, "{notice:?}");
            assert_eq!(
                text.body.matches("\n\n").count() + 1,
                paragraphs,
                "no paragraph is left out: {notice:?}"
            );
            assert!(!text.body.contains("{when}") && !text.body.contains("{link}"), "{notice:?}");
            // A secret is in the text once, and only in the kinds of notice whose recipient may use it.
            let links = text.body.matches("https://w4r.example/manage#w4r_secret").count();
            let secrets = serde_json::to_string(&notice).expect("JSON").matches("w4r_secret").count();
            assert_eq!(links, secrets, "{notice:?}");
            assert!(text.body.lines().all(|line| line.chars().count() <= 78), "{}", text.body);
        }
    }
}

/// The number of paragraphs of a template.
fn paragraphs_of(notice: &Notice, tongue: MailLanguage) -> usize {
    template(notice, tongue).trim_end().matches("\n\n").count()
}

#[test]
fn whoever_reads_neither_language_reads_english() {
    let notice = Notice::EventApproved { event: meeting("Cartas") };
    for (tag, tongue) in [("fr-CA", "fr"), ("fr", "fr"), ("en-GB", "en"), ("es", "en"), ("frr", "en")] {
        assert_eq!(compose(&notice, &language(tag), BASE).tongue.as_str(), tongue, "{tag}");
    }
}

#[test]
fn a_day_and_a_time_are_those_of_the_place() {
    let notice = Notice::EventApproved { event: meeting("Letters") };
    assert!(
        compose(&notice, &language("en"), BASE)
            .body
            .contains("\nSaturday, 11 December 2021, 18:00 (America/Toronto)\n")
    );
    assert!(
        compose(&notice, &language("fr"), BASE)
            .body
            .contains("\nsamedi 11 décembre 2021 à 18 h 00 (America/Toronto)\n")
    );
    let mut first = meeting("Lettres");
    first.when.at = "2023-01-01T12:00:00Z".parse().expect("an instant");
    let text = compose(&Notice::EventOwesReport { event: first }, &language("fr"), BASE);
    assert_eq!(text.subject, "Combien de lettres le dimanche 1er janvier 2023 ?");
}

#[test]
fn a_paragraph_is_left_out_where_there_is_nothing_to_say() {
    let event = meeting("Letters");
    let with = Notice::EventCancelled { event: event.clone(), reason: Some("Snow.".into()) };
    let without = Notice::EventCancelled { event, reason: None };
    let [with, without] = [with, without].map(|notice| compose(&notice, &language("en"), BASE).body);
    assert!(with.contains("The reason: Snow.") && !without.contains("reason"), "{without}");
    assert_eq!(with.replace("The reason: Snow.\n\n", ""), without);
    let silent = compose(&Notice::ParticipantAlreadyRegistered { secret: None }, &language("fr"), BASE);
    assert!(!silent.body.contains("Ce lien") && !silent.body.contains('#'), "{}", silent.body);
}

#[test]
fn whoever_hears_of_urgent_actions_can_say_that_it_is_enough() {
    for notice in all() {
        let text = compose(&notice, &language("fr"), BASE);
        let end = notice.is_appeal().then_some("https://w4r.example/unsubscribe/w4r_end");
        assert_eq!(text.end.as_deref(), end, "{notice:?}");
        assert_eq!(
            text.body.matches("/unsubscribe/w4r_end").count(),
            usize::from(end.is_some()),
            "{notice:?}"
        );
    }
    let digest = Notice::UrgentActionDigest { appeals: vec![appeal(), appeal()], end: "w4r_end".into() };
    let entry = "89/21: Water for Espinar\nuntil Saturday, 11 December 2021";
    let digest = compose(&digest, &language("en"), BASE).body;
    assert!(digest.contains(&format!("\n\n{entry}\n\n{entry}\n\n")), "{digest}");
    let first = Appeal { update: 0, text: None, ..appeal() };
    let first =
        compose(&Notice::UrgentActionIssued { appeal: first, end: "w4r_end".into() }, &language("en"), BASE);
    assert_eq!(first.subject, "Urgent action 89/21: Water for Espinar");
    assert!(
        !first.body.contains("update") && first.body.contains("until Saturday, 11 December 2021."),
        "{}",
        first.body
    );
}

#[test]
fn nothing_in_a_value_is_taken_for_a_part_of_the_text() {
    let mut event = meeting("{link} {title} {nothing} }{");
    let notice = Notice::EventPlace { event: event.clone(), secret: Some("w4r_secret".into()), cause: None };
    let text = compose(&notice, &language("en"), BASE);
    assert_eq!(text.subject, "There is a place for you: {link} {title} {nothing} }{");
    assert_eq!(text.body.matches("w4r_secret").count(), 1);
    event.title = "Letters\r\nBcc: everybody@example.org".into();
    let broken = compose(&Notice::EventApproved { event }, &language("en"), BASE);
    assert_eq!(broken.subject, "Your event is approved: Letters  Bcc: everybody@example.org");
}
