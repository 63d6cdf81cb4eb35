//! Reminders to hosts that have not reported three days after their event, sent once.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{
    Service, TestDatabase, TestMailbox, at, becomes,
    events::{approved, step},
    import,
    mail_server::{MailServer, Moment, Whim},
    mail_settings, number,
    outbox::count,
    people::{mail_to, with_secret_of},
    report, run_sql, user_errors, with,
};

/// When the evening at school is over.
const END: &str = "2021-12-11T02:00:00Z";
const DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);
const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

fn organized_by(email: &str) -> Value {
    json!({ "organizer": { "name": "Ada Lovelace", "email": email } })
}

/// How many reminders there were, whatever became of them.
async fn reminders(service: &Service) -> i64 {
    let sql = "SELECT COUNT(*) AS number FROM outbox WHERE kind = 'EVENT_OWES_REPORT'";
    number(&service.fresh.url, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_a_report_gets_one_reminder_after_three_days() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let staff = service.administrator();
    let silent = approved(&service, "an evening of silence", organized_by("silent@example.org")).await;
    let held = with(organized_by("held@example.org"), json!({ "languages": ["fr-CA"] }));
    let held = approved(&service, "an evening that was held", held).await;
    let reported = approved(&service, "an evening with a report", organized_by("good@example.org")).await;
    let cancelled = approved(&service, "an evening of snow", organized_by("snow@example.org")).await;
    step(&staff, "eventCancel", &cancelled, json!({ "reason": "Snow." })).await;
    let later = json!({ "sessions": [
        { "localStart": "2021-12-10T18:00", "localEnd": "2021-12-10T19:00" },
        { "localStart": "2021-12-11T18:00", "localEnd": "2021-12-11T21:00" }] });
    let later = with(organized_by("later@example.org"), later);
    approved(&service, "two evenings in a row", later).await;

    service.clock.set(at(END) - MICROSECOND);
    assert_eq!(user_errors(&step(&staff, "eventComplete", &held, json!({})).await), [""; 0]);
    report("the report of the host")
        .of_event(&reported)
        .by_host()
        .letters(12)
        .done(&with_secret_of(&service, &reported))
        .await;
    service.clock.set(at(END) + DAYS);
    // After what every organizer is told before.
    let told = mail_to(&service, "silent@example.org", 3).await;
    assert!(
        told[2].contains("Subject: How many letters were written on Friday, 10 December 2021?"),
        "{}",
        told[2]
    );
    assert!(!told[2].contains("Elm School"), "nobody confirmed the address: {}", told[2]);
    let told = mail_to(&service, "held@example.org", 3).await;
    assert!(told[2].contains("Content-Language: fr"), "{}", told[2]);
    assert_eq!(reminders(&service).await, 2, "all were looked at in one transaction");
    assert_eq!(silent["event"]["state"], "APPROVED");

    // The evening after, which ended a day later, a microsecond before its time and at its time.
    service.clock.set(at("2021-12-15T02:00:00Z") - MICROSECOND);
    let service = service.restarted().await;
    assert_eq!(reminders(&service).await, 2);
    let other = service.beside().await;
    for clock in [&service.clock, &other.clock] {
        clock.set(at("2021-12-15T02:00:00Z"));
    }
    let to = |service: &Service| {
        let messages = service.mail.messages().into_iter();
        messages.filter(|message| message.contains("To: later@example.org")).count()
    };
    becomes(async || to(&service) + to(&other), 3).await;
    assert_eq!(reminders(&service).await, 3, "nobody was asked twice");
    let noted = "SELECT COUNT(*) AS number FROM report_reminders";
    assert_eq!(number(&service.fresh.url, noted).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_other_notices_delays_no_reminder() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    approved(&service, "an evening of silence", organized_by("silent@example.org")).await;
    run_sql(&service.fresh.url, "ALTER TABLE urgent_action_news RENAME TO somewhere_else").await;
    service.clock.set(at(END) + DAYS);
    let told = mail_to(&service, "silent@example.org", 3).await;
    assert!(told[2].contains("Subject: How many letters were written"), "{}", told[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reminder_asks_for_a_report_that_would_be_refused_or_is_long_past() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let last = json!({ "sessions": [{ "localStart": "2022-01-30T18:00", "localEnd": "2022-01-30T21:00" }] });
    approved(&service, "the last evening", with(organized_by("last@example.org"), last)).await;
    approved(&service, "an early evening", organized_by("early@example.org")).await;
    let other = json!({ "sessions": [{ "localStart": "2022-01-05T18:00", "localEnd": "2022-01-05T21:00" }] });
    approved(&service, "an evening of january", with(organized_by("january@example.org"), other)).await;
    // Nothing ran for a month and more.
    let service = service.restarted().await;
    service.clock.set(at("2022-01-11T02:00:00Z"));
    mail_to(&service, "january@example.org", 3).await;
    assert_eq!(reminders(&service).await, 1, "what ended 31 days ago is not asked for");
    // Three days after the last evening the campaign is closed: it is looked at, and nobody is asked.
    service.clock.set(at("2022-02-03T02:00:00Z"));
    let noted = "SELECT COUNT(*) AS number FROM report_reminders";
    becomes(async || number(&service.fresh.url, noted).await, 2).await;
    assert_eq!(reminders(&service).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_reminder_is_dropped_once_the_host_reports() {
    let server = MailServer::start().await;
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let service = Service::mailing(fresh, TestMailbox::default(), mail_settings(&server.url())).await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening that was slow", organized_by("slow@example.org")).await;
    becomes(async || count(&service.fresh, "SENT").await, 2).await;
    server.whim(Moment::Recipient, Whim::Answer("450 not now")).await;
    service.clock.set(at(END) + DAYS);
    let put_off = "SELECT COUNT(*) AS number FROM outbox WHERE state = 'WAITING' AND last_error = '450'";
    becomes(async || number(&service.fresh.url, put_off).await, 1).await;
    report("the report of the host")
        .of_event(&event)
        .by_host()
        .letters(12)
        .done(&with_secret_of(&service, &event))
        .await;
    service.clock.set(at(END) + DAYS + SignedDuration::from_mins(2));
    becomes(async || count(&service.fresh, "DROPPED").await, 1).await;
    assert_eq!(server.times(Moment::Content), 2, "that it is registered, and that it is approved");
}
