//! Mail about urgent actions: at once or as a weekly digest, by topic, once, and only while it is true.

use std::{collections::BTreeSet, process::Stdio};

use domain::{
    EmailAddress, Subscription, SubscriptionId,
    participant::AgeBand,
    subscription::{DIGEST_INTERVAL, DigestFrequency, SubscriptionDraft, SubscriptionPreferencesDraft},
};
use graphql::{
    credentials::{self, SecretHash},
    database::subscriptions::{self, StoredSubscription},
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

use crate::harness::{
    Client, Service, TestDatabase, TestMailbox, at, becomes, evening,
    mail_server::{MailServer, Moment, Whim},
    mail_settings, number,
    outbox::count,
    people::{mail_to, secret_in},
    subscribers::{click, confirm, end_in, subscribe, subscribed},
    urgent_actions::issue,
    user_errors,
};

fn about(number: &str, topic: &str) -> Value {
    let title = format!("On {}", topic.to_lowercase());
    json!({ "number": number, "topics": [topic], "expiresOn": "2022-06-01",
        "texts": [{ "language": "en", "title": title }] })
}

async fn update(staff: &Client, id: &Value, revision: u32, topic: &str) {
    let input = json!({ "id": id, "expectedRevision": revision, "topics": [topic] });
    let updated = staff.change("urgentActionUpdate", "urgentAction { update }", input).await;
    assert_eq!(user_errors(&updated), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_subscriber_gets_their_topics_at_once_or_weekly_and_each_update_once() {
    let service = Service::empty().await;
    let staff = service.administrator();
    let weekly = |topics: Value| json!({ "frequency": "WEEKLY", "topics": topics });
    subscribed(&service, "water", json!({ "topics": ["ENVIRONMENT"] })).await;
    subscribed(&service, "both", weekly(json!(["ENVIRONMENT", "TORTURE"]))).await;
    subscribed(&service, "health", weekly(json!(["HEALTH"]))).await;
    let water = issue(&staff, about("89/21", "ENVIRONMENT")).await;
    issue(&staff, about("90/21", "TORTURE")).await;
    // What begins tomorrow is told tomorrow.
    let tomorrow = crate::harness::with(about("91/21", "ENVIRONMENT"), json!({ "issuedOn": "2021-12-12" }));
    issue(&staff, tomorrow).await;
    let told = mail_to(&service, "water@example.org", 2).await;
    assert!(told[1].contains("89/21: On environment"), "{}", told[1]);
    update(&staff, &water, 1, "ENVIRONMENT").await;
    let told = mail_to(&service, "water@example.org", 3).await;
    assert!(told[2].contains("This is update 1"), "{}", told[2]);
    service.clock.set(at("2021-12-12T00:00:00Z"));
    let told = mail_to(&service, "water@example.org", 4).await;
    assert!(told[3].contains("91/21"), "{}", told[3]);

    service.clock.set(evening() + DIGEST_INTERVAL);
    let told = mail_to(&service, "both@example.org", 2).await;
    for number in ["89/21", "90/21", "91/21"] {
        assert_eq!(told[1].matches(number).count(), 1, "{number} in {}", told[1]);
    }
    assert!(told[1].contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", told[1]);
    mail_to(&service, "health@example.org", 1).await;

    // The next week has news for one of them, and the week after for the other.
    issue(&staff, about("92/21", "HEALTH")).await;
    let service = service.restarted().await;
    service.clock.set(evening() + DIGEST_INTERVAL * 2);
    let told = mail_to(&service, "health@example.org", 2).await;
    assert!(told[1].contains("92/21") && !told[1].contains("89/21"), "{}", told[1]);
    mail_to(&service, "both@example.org", 2).await;
    update(&service.administrator(), &water, 2, "ENVIRONMENT").await;
    mail_to(&service, "water@example.org", 5).await;
    service.clock.set(evening() + DIGEST_INTERVAL * 3 - SignedDuration::from_micros(1));
    mail_to(&service, "both@example.org", 2).await;
    service.clock.set(evening() + DIGEST_INTERVAL * 3);
    let told = mail_to(&service, "both@example.org", 3).await;
    assert!(told[2].contains("89/21") && !told[2].contains("90/21"), "{}", told[2]);
    mail_to(&service, "health@example.org", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_became_outdated_while_waiting_are_not_sent() {
    let server = MailServer::start().await;
    let settings = mail_settings(&server.url());
    let service = Service::mailing(TestDatabase::migrated().await, TestMailbox::default(), settings).await;
    let staff = service.administrator();
    subscribe(&service.anyone(), "ada", json!({})).await;
    let asked = server.taken(1).await[0].message.replace("=\r\n", "").replace("=\n", "");
    assert_eq!(user_errors(&confirm(&service, &secret_in(&asked)).await), [""; 0]);
    let put_off = "SELECT COUNT(*) AS number FROM outbox WHERE state = 'WAITING' AND last_error = '450'";
    let waits = async |notices: i64| {
        becomes(async || number(&service.fresh.url, put_off).await, notices).await;
    };
    let dropped =
        async |notices: i64| becomes(async || count(&service.fresh, "DROPPED").await, notices).await;
    let later = SignedDuration::from_mins(2);

    server.whim(Moment::Recipient, Whim::Answer("450 not now")).await;
    let withdrawn = issue(&staff, about("89/21", "TORTURE")).await;
    waits(1).await;
    let input = json!({ "id": withdrawn, "expectedRevision": 1, "reason": "Her family asks to stop." });
    staff.change("urgentActionWithdraw", "urgentAction { id }", input).await;
    service.clock.set(evening() + later);
    dropped(1).await;

    server.whim(Moment::Recipient, Whim::Answer("450 not now")).await;
    let over = crate::harness::with(about("90/21", "TORTURE"), json!({ "expiresOn": "2021-12-20" }));
    issue(&staff, over).await;
    waits(1).await;
    service.clock.set(at("2021-12-21T00:00:00Z"));
    dropped(2).await;

    server.whim(Moment::Recipient, Whim::Answer("450 not now")).await;
    let updated = issue(&staff, about("91/21", "TORTURE")).await;
    waits(1).await;
    update(&staff, &updated, 1, "HEALTH").await;
    let taken = server.taken(2).await;
    assert!(taken[1].message.contains("This is update 1"), "{}", taken[1].message);
    service.clock.set(at("2021-12-21T00:02:00Z"));
    dropped(3).await;

    server.whim(Moment::Recipient, Whim::Answer("450 not now")).await;
    issue(&staff, about("92/21", "TORTURE")).await;
    waits(1).await;
    let token = end_in(&taken[1].message);
    let url = format!("http://{}/unsubscribe/{token}", service.address);
    assert_eq!(click(url).await.status(), 200);
    assert_eq!(count(&service.fresh, "DROPPED").await, 4, "in the same transaction");
    assert_eq!(server.taken(0).await.len(), 2, "the question, and the update");
}

/// Somebody who confirmed, put into the database as they are kept.
async fn keep(
    fresh: &TestDatabase,
    people: std::ops::Range<u32>,
    frequency: DigestFrequency,
    now: Timestamp,
) {
    let mut connection = fresh.open().connect().await.expect("a connection");
    let work = async |connection: &mut graphql::database::Connection| {
        for number in people {
            let draft = SubscriptionDraft {
                email: format!("person{number:04}@example.org"),
                wishes: SubscriptionPreferencesDraft {
                    frequency: Some(frequency),
                    ..SubscriptionPreferencesDraft::default()
                },
                age_band: Some(AgeBand::Adult),
                contact_consent: "urgent-actions-2021".into(),
            };
            let id = SubscriptionId::new(Uuid::now_v7());
            let asked = Subscription::requested(id, &draft, now).expect("a subscription");
            let secret = SecretHash::of(&credentials::subscription());
            let kept = StoredSubscription {
                subscription: asked.confirm(now).expect("a good code"),
                secret,
                end: SecretHash::of(&credentials::derive_unsubscribe_token(id, secret)),
                last_news_number: 0,
                digest_at: now + DIGEST_INTERVAL,
            };
            subscriptions::insert(connection, &kept).await?;
        }
        Ok::<_, graphql::database::Error>(())
    };
    connection.transaction(graphql::database::Access::Write, work).await.expect("subscribers");
}

/// To whom the messages of several boxes are, each of them.
fn recipients(services: &[&Service]) -> Vec<String> {
    let messages = services.iter().flat_map(|service| service.mail.messages());
    let to = |message: String| {
        let line =
            message.lines().find_map(|line| line.strip_prefix("To: ")).expect("a recipient").to_owned();
        EmailAddress::parse(&line).expect("an address").folded()
    };
    messages.map(to).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_mail_each_subscriber_once() {
    let service = Service::empty().await;
    let other = service.beside().await;
    keep(&service.fresh, 0..230, DigestFrequency::AtOnce, evening()).await;
    keep(&service.fresh, 230..260, DigestFrequency::Weekly, evening()).await;
    issue(&service.administrator(), about("89/21", "TORTURE")).await;
    becomes(async || recipients(&[&service, &other]).len(), 230).await;
    for clock in [&service.clock, &other.clock] {
        clock.set(evening() + DIGEST_INTERVAL);
    }
    becomes(async || recipients(&[&service, &other]).len(), 260).await;
    let all = recipients(&[&service, &other]);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 260);
    let behind = "SELECT COUNT(*) AS number FROM subscriptions WHERE last_news_number < 1";
    assert_eq!(number(&service.fresh.url, behind).await, 0);
    let notices = "SELECT COUNT(*) AS number FROM outbox";
    assert_eq!(number(&service.fresh.url, notices).await, 260);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_queues_mail_omits_no_subscriber_and_repeats_none() {
    const PEOPLE: u32 = 1_000;
    let fresh = TestDatabase::migrated().await;
    let now = Timestamp::now();
    {
        let service = Service::on_url(&fresh.url).await;
        let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        let days = json!({ "number": "89/21", "issuedOn": today.checked_sub(2.days()).expect("a day").to_string(),
            "expiresOn": today.checked_add(30.days()).expect("a day").to_string() });
        issue(&service.administrator(), days).await;
    }
    keep(&fresh, 0..PEOPLE, DigestFrequency::AtOnce, now).await;
    let serve = || {
        Command::new(env!("CARGO_BIN_EXE_w4r"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &fresh.url])
            // Nobody is there: only what is put into the outbox matters.
            .args(["--mail-url", "smtp://127.0.0.1:1", "--mail-from", "post@w4r.example"])
            .env("RUST_LOG", "off")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the executable")
    };
    let told = "SELECT COUNT(*) AS number FROM outbox WHERE kind = 'URGENT_ACTION_ISSUED'";
    let mut killed = serve();
    becomes(async || number(&fresh.url, told).await > 0, true).await;
    killed.kill().await.expect("kill -9");
    let (mut next, mut beside) = (serve(), serve());
    becomes(async || number(&fresh.url, told).await, i64::from(PEOPLE)).await;
    let behind = "SELECT COUNT(*) AS number FROM subscriptions WHERE last_news_number < 1";
    becomes(async || number(&fresh.url, behind).await, 0).await;
    let people = "SELECT COUNT(DISTINCT subject_id) AS number FROM outbox";
    assert_eq!(number(&fresh.url, people).await, i64::from(PEOPLE));
    assert_eq!(number(&fresh.url, told).await, i64::from(PEOPLE));
    for process in [&mut next, &mut beside] {
        process.kill().await.expect("its end");
    }
}
