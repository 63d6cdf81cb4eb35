//! Quota of unrequested mail for each address.

use serde_json::{Value, json};

use crate::harness::{
    Client, Service, assert_done, at,
    events::{approved, evening_at_school, register as register_event},
    number,
    people::{PARTICIPANT, join, mail_to, register, secret_in, step, with_secret_of},
    with,
};

/// How much of it goes to an address within an hour.
const MAX_HOUR: usize = 10;
/// How much of it goes to an address within a day.
const MAX_DAY: usize = 20;

/// How much was put into the outbox for anybody and was not dropped at once.
async fn told(service: &Service) -> usize {
    let sql = "SELECT COUNT(*) AS number FROM outbox WHERE state <> 'DROPPED'";
    usize::try_from(number(&service.fresh.url, sql).await).expect("a number")
}

/// All that a stranger has sent to somebody: under another name each time, in each way that there is.
async fn bother(
    service: &Service,
    client: &Client,
    event: &Value,
    round: usize,
    address: &str,
) -> Vec<Value> {
    let name = format!("somebody number {round}");
    let who = json!({ "displayName": name, "email": address });
    let organizer = json!({ "organizer": { "name": name, "email": address } });
    let evening = evening_at_school(client, &format!("an evening of number {round}"), organizer).await;
    let subscription = json!({ "email": address, "ageBand": "ADULT", "contactConsent": "urgent actions, 1",
        "idempotencyKey": format!("a-subscription-of-number-{round}") });
    let own = format!("mal.{round}@example.org");
    let elsewhere = json!({ "displayName": name, "email": own });
    let registered = register(client, &format!("elsewhere-{round}"), elsewhere).await;
    mail_to(service, &own, 1).await;
    let stranger = with_secret_of(service, &registered);
    vec![
        register(client, &format!("number-{round}"), who.clone()).await,
        register(client, &format!("number-{round}-again"), who.clone()).await,
        join(client, event, &format!("number-{round}"), who).await,
        register_event(client, evening).await,
        client.change("urgentActionSubscribe", "asked", subscription).await,
        step(&stranger, "participantUpdate", &registered, json!({ "email": address })).await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_one_quota_for_all_kinds_of_unrequested_mail() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = approved(&service, "an evening for everyone", json!({})).await;
    let before = told(&service).await;
    let mut answers = Vec::new();
    for round in 0..3 {
        answers.push(bother(&service, &anyone, &event, round, "Victim@Example.org").await);
    }
    // Another process, a service that begins anew, and a spelling that leads to the same box.
    let other = service.beside().await;
    answers.push(bother(&other, &other.anyone(), &event, 3, "victim+4@example.org").await);
    drop(other);
    let service = service.restarted().await;
    service.clock.set(at("2021-12-11T00:30:00Z"));
    let anyone = service.anyone();
    answers.push(bother(&service, &anyone, &event, 4, "VICTIM@example.org").await);
    let rounds = answers.len();
    assert_eq!(told(&service).await - before, MAX_HOUR + rounds, "and one to each address of the stranger");
    // Whatever was sent or not, the answers are of one form.
    let form = |payload: &Value| {
        let names = payload.as_object().expect("an object").iter();
        names.map(|(name, value)| (name.clone(), value.is_null())).collect::<Vec<_>>()
    };
    for answer in &answers {
        answer.iter().for_each(assert_done);
        for (first, later) in answers[0].iter().zip(answer) {
            assert_eq!(form(first), form(later));
        }
    }
    // Nobody else is kept from their mail.
    assert_done(&register(&anyone, "somebody-else", json!({ "email": "else@example.org" })).await);
    mail_to(&service, "else@example.org", 1).await;

    // An hour later there is some of it again, and not more than a day's.
    for (hour, allowed) in [(1, MAX_HOUR), (2, 0), (23, 0)] {
        service.clock.set(at(&format!("2021-12-11T{hour:02}:00:00Z")));
        let before = told(&service).await;
        for round in 0..3 {
            bother(&service, &anyone, &event, 10 * hour + round, "victim@example.org").await;
        }
        assert_eq!(told(&service).await - before, allowed + 3, "at {hour}:00");
    }
    service.clock.set(at("2021-12-12T01:00:00Z"));
    let before = told(&service).await;
    assert_done(&register(&anyone, "the-day-after", json!({ "email": "victim@example.org" })).await);
    assert_eq!(told(&service).await - before, 1);
    assert_eq!(MAX_DAY, 2 * MAX_HOUR, "two hours were used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_share_the_mail_quota_of_an_address() {
    let service = Service::with_2021().await;
    let other = service.beside().await;
    other.clock.set(service.clock.now());
    let clients = [service.anyone(), other.anyone()];
    let registering = (0..60).map(|number| {
        let client = clients[number % 2].clone();
        async move {
            let who = json!({ "displayName": format!("number {number}"), "email": "victim@example.org" });
            register(&client, &format!("at-once-{number}"), who).await
        }
    });
    futures_util::future::join_all(registering).await.iter().for_each(assert_done);
    assert_eq!(told(&service).await, MAX_HOUR);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_code_is_followed_by_another_one_later_and_what_is_asked_for_is_not_bounded() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let anyone = service.anyone();
    for number in 0..MAX_HOUR {
        let who = json!({ "displayName": format!("number {number}") });
        assert_done(&register(&anyone, &format!("in-her-name-{number}"), who).await);
    }
    // The box is full for this hour: her own registration brings no mail.
    let own = register(&anyone, "the-owner", json!({})).await;
    assert_done(&own);
    mail_to(&service, "Moses@Example.org", MAX_HOUR).await;
    service.clock.set(at("2021-12-01T13:00:00Z"));
    assert_done(&register(&anyone, "the-owner-asks-again", json!({})).await);
    let mail = mail_to(&service, "Moses@Example.org", MAX_HOUR + 1).await;
    let mut codes = mail.iter().map(|message| secret_in(message)).collect::<Vec<_>>();
    let mut confirmed = Value::Null;
    while let Some(code) = codes.pop() {
        let own_one = service.bearer(&code).data("{ participant { id } }", json!({})).await;
        if own_one["participant"]["id"] == own["participant"]["id"] {
            let code = json!({ "code": code });
            confirmed = anyone.change("participantConfirm", &format!("{PARTICIPANT} secret"), code).await;
        }
    }
    assert_eq!(confirmed["participant"]["state"], "CONFIRMED", "{confirmed:#}");
    // Who has proved the address asks for what she gets.
    let owner = with_secret_of(&service, &confirmed);
    let before = told(&service).await;
    for number in 0..=MAX_DAY {
        let event = approved(
            &service,
            &format!("an evening with number {number}"),
            json!({
            "organizer": { "name": "Ada", "email": format!("ada.{number}@example.org") } }),
        )
        .await;
        assert_done(&join(&owner, &event, &format!("she-comes-to-{number}"), json!({})).await);
    }
    // For each event that it is registered and approved, and her place.
    assert_eq!(told(&service).await - before, 3 * (MAX_DAY + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_of_staff_are_mailed_regardless_of_the_quota() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let (anyone, staff) = (service.anyone(), service.administrator());
    let event = approved(&service, "an evening that is called off", json!({})).await;
    let guest =
        |number: usize| json!({ "displayName": format!("number {number}"), "email": "family@example.org" });
    for number in 0..=MAX_HOUR {
        assert_done(&join(&anyone, &event, &format!("a-guest-{number}"), guest(number)).await);
    }
    let before = told(&service).await;
    let off = json!({ "reason": "Snow." });
    assert_done(&crate::harness::events::step(&staff, "eventCancel", &event, off).await);
    assert_eq!(told(&service).await - before, MAX_HOUR + 1);
    let more = with(
        json!({ "organizer": { "name": "Ada", "email": "family@example.org" } }),
        json!({ "submit": true }),
    );
    let input = evening_at_school(&anyone, "an evening of the family", more).await;
    let registered = register_event(&anyone, input).await;
    let before = told(&service).await;
    assert_done(&crate::harness::events::step(&staff, "eventApprove", &registered, json!({})).await);
    assert_eq!(told(&service).await - before, 1);
}
