//! Links in mail, and calendars at secret addresses.

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, assert_done, campaign_id,
    events::{approved, evening_at_school, register as register_event, step},
    get, number,
    people::{cancel, join, mail_to, register, secret_in, with_secret_of},
    user_errors, with,
};

const VIEWER: &str = "{ viewer { __typename id } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_leads_to_what_it_manages_without_an_id() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let participant = register(&anyone, "moses", json!({})).await;
    let event = approved(&service, "an evening behind a link", json!({})).await;
    let place = join(&anyone, &event, "somebody-goes", json!({ "email": "ola@example.org" })).await;
    let managed = async |client: &Client| client.data(VIEWER, json!({})).await["viewer"].take();
    for (payload, kind) in [(&participant, "Participant"), (&event, "Event"), (&place, "Attendance")] {
        let thing = payload[kind.to_lowercase()]["id"].clone();
        let expected = json!({ "__typename": kind, "id": thing });
        assert_eq!(managed(&with_secret_of(&service, payload)).await, expected);
    }
    for (address, kind) in [("Moses@Example.org", "Participant"), ("ola@example.org", "Attendance")] {
        let mailed = secret_in(&mail_to(&service, address, 1).await[0]);
        assert_eq!(managed(&service.bearer(&mailed)).await["__typename"], kind, "{address}");
    }
    let subscriber = json!({ "email": "subscriber@example.org", "ageBand": "ADULT",
        "contactConsent": "urgent actions, 1", "idempotencyKey": "a-subscription-of-somebody" });
    assert_done(&anyone.change("urgentActionSubscribe", "asked", subscriber).await);
    let mailed = secret_in(&mail_to(&service, "subscriber@example.org", 1).await[0]);
    assert_eq!(managed(&service.bearer(&mailed)).await["__typename"], "UrgentActionSubscription");
    let report = json!({ "campaign": campaign_id(&anyone, "ca").await, "idempotencyKey": "letters-of-somebody",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 7 }] });
    let report = anyone.payload(SUBMIT, json!({ "input": report })).await;
    let others = [
        anyone,
        service.administrator(),
        with_secret_of(&service, &report),
        service.bearer("w4r_mail_made_up"),
    ];
    for client in &others {
        assert_eq!(managed(client).await, Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_in_a_mail_leads_to_a_page_and_keeps_its_secret_behind_the_hash() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let email = json!({ "email": "ola@example.org" });
    register(&anyone, "ola", email.clone()).await;
    let event = approved(&service, "an evening with mail", json!({ "capacity": 1 })).await;
    let first = join(&anyone, &event, "the-first-one", email.clone()).await;
    join(&anyone, &event, "the-one-who-waits", email.clone()).await;
    join(
        &anyone,
        &event,
        "the-one-who-waits",
        with(email, json!({ "idempotencyKey": "another-key-of-theirs" })),
    )
    .await;
    assert_done(&cancel(&with_secret_of(&service, &first), &first).await);
    let mut links = 0;
    let mut messages = mail_to(&service, "ola@example.org", 5).await;
    // Their host was told that the event is registered, and that it was approved.
    messages.extend(mail_to(&service, "ada@example.org", 2).await);
    for message in messages {
        for link in message.split_whitespace().filter(|word| word.starts_with("https://w4r.example/")) {
            let (address, secret) = link.split_once('#').unwrap_or((link, ""));
            assert!(!address.contains("w4r_") && !address.contains('?'), "{link}");
            assert!(secret.starts_with("w4r_"), "{link}");
            let page = get(&service, &address["https://w4r.example".len()..]).await;
            assert_eq!(page.status(), StatusCode::OK, "{link}");
            assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8", "{link}");
            let managed = service.bearer(secret).data(VIEWER, json!({})).await;
            assert!(managed["viewer"].is_object(), "{link}");
            links += 1;
        }
    }
    assert_eq!(links, 6);
}

/// Gets an address for the calendar of what a payload registered: its path.
async fn issue(client: &Client, payload: &Value) -> String {
    let thing = ["participant", "attendance"].map(|kind| &payload[kind]["id"]);
    let id = thing.into_iter().find(|id| id.is_string()).expect("an id");
    let issued = client.change("calendarUrlIssue", "url", json!({ "id": id })).await;
    assert_done(&issued);
    let url = issued["url"].as_str().expect("an address");
    let path = url.strip_prefix("https://w4r.example").unwrap_or_else(|| panic!("{url} is elsewhere"));
    assert!(path.starts_with("/calendars/w4r_calendar_") && path.ends_with(".ics"), "{path}");
    path.to_owned()
}

/// The lines of a calendar, unfolded.
async fn calendar(service: &Service, path: &str) -> String {
    let answer = get(service, path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let headers = answer.headers();
    assert_eq!(headers["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(headers["cache-control"], "private, no-store");
    assert!(!headers.contains_key("etag"), "{headers:?}");
    answer.text().await.expect("text").replace("\r\n ", "").replace("\r\n", "\n")
}

/// What is said at an address that does not exist, but for the time.
async fn said(service: &Service, path: &str) -> (StatusCode, HeaderMap, String) {
    let answer = get(service, path).await;
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove("date");
    (status, headers, answer.text().await.expect("text"))
}

async fn assert_nowhere(service: &Service, path: &str) {
    let nowhere = said(service, "/an-address/that-does-not-exist").await;
    assert_eq!(nowhere.0, StatusCode::NOT_FOUND);
    assert_eq!(said(service, path).await, nowhere, "{path}");
}

/// The entry of an event in a calendar.
fn entry<'a>(calendar: &'a str, event: &Value) -> &'a str {
    let uid = format!("UID:{}-1\n", event["event"]["id"].as_str().expect("an id"));
    let mut entries = calendar.split("BEGIN:VEVENT\n").filter(|entry| entry.contains(&uid));
    let entry = entries.next().unwrap_or_else(|| panic!("{uid} is not in {calendar}"));
    assert_eq!(entries.next(), None, "{uid} stands there twice");
    entry
}

fn sequence(entry: &str) -> u32 {
    let line = entry.lines().find_map(|line| line.strip_prefix("SEQUENCE:")).expect("a sequence number");
    line.parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_own_calendar_says_where_they_go_wait_and_do_not_go_any_more() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let private = json!({ "visibility": "PRIVATE", "capacity": 1, "onlineLink": "https://meet.example.org/elm",
        "format": "HYBRID", "place": { "country": "CA", "locality": "Toronto", "street": "12 Elm Street",
        "exactFor": "GOING" } });
    let private = approved(&service, "an evening by invitation", private).await;
    let query = "query($id: ID!) { event(id: $id) { invitation } }";
    let id = json!({ "id": private["event"]["id"] });
    let invitation = with_secret_of(&service, &private).data(query, id).await["event"]["invitation"].take();
    let invited = json!({ "invitation": invitation });
    let public = approved(&service, "an evening for everyone", json!({ "title": "For everyone" })).await;
    let elsewhere = approved(&service, "an evening elsewhere", json!({ "title": "Elsewhere" })).await;
    let other = join(&anyone, &private, "the-first-one", invited.clone()).await;
    assert_done(&other);
    let moses = register(&anyone, "moses", json!({ "language": "fr" })).await;
    let his = with_secret_of(&service, &moses);
    let path = issue(&his, &moses).await;
    assert_eq!(calendar(&service, &path).await.matches("BEGIN:VEVENT").count(), 0);

    let waiting = join(&his, &private, "moses-waits", invited).await;
    assert_eq!(waiting["attendance"]["state"], "WAITLISTED", "{waiting:#}");
    let going = join(&his, &public, "moses-goes", json!({})).await;
    assert_done(&going);
    let told = calendar(&service, &path).await;
    assert!(told.contains("\nNAME:Écrire pour les droits : mes événements\n"), "{told}");
    assert!(!told.contains(elsewhere["event"]["id"].as_str().expect("an id")), "{told}");
    assert!(!told.contains("Moses") && !told.contains("the-first-one"), "{told}");
    let waits = entry(&told, &private).to_owned();
    assert!(
        waits.contains("STATUS:TENTATIVE\n") && waits.contains("LOCATION:Toronto\\, Canada\n"),
        "{waits}"
    );
    assert!(!told.contains("meet.example.org"), "not before he goes: {told}");
    assert!(entry(&told, &public).contains("STATUS:CONFIRMED\n"), "{told}");

    assert_done(&cancel(&with_secret_of(&service, &other), &other).await);
    let told = calendar(&service, &path).await;
    let goes = entry(&told, &private);
    for expected in [
        "STATUS:CONFIRMED\n",
        "LOCATION:12 Elm Street\\, Toronto\\, Canada\n",
        "URL:https://meet.example.org/elm\n",
        "DESCRIPTION:https://meet.example.org/elm\n",
    ] {
        assert!(goes.contains(expected), "{expected} is not in {goes}");
    }
    assert!(sequence(goes) > sequence(&waits));

    let before = sequence(entry(&told, &public));
    assert_done(&cancel(&his, &going).await);
    let told = calendar(&service, &path).await;
    let gone = entry(&told, &public);
    assert!(gone.contains("STATUS:CANCELLED\n") && sequence(gone) > before, "{gone}");
    assert!(gone.contains("\nSUMMARY:Annulé : For everyone\n"), "in the language of its reader: {gone}");
    let before = sequence(gone);
    assert_done(&join(&his, &public, "moses-goes-after-all", json!({})).await);
    let told = calendar(&service, &path).await;
    let back = entry(&told, &public);
    assert!(back.contains("STATUS:CONFIRMED\n") && sequence(back) > before, "{back}");

    let off = step(&service.administrator(), "eventCancel", &private, json!({ "reason": "Snow." })).await;
    assert_done(&off);
    let told = calendar(&service, &path).await;
    let off = entry(&told, &private);
    assert!(off.contains("STATUS:CANCELLED\n") && off.contains("DESCRIPTION:Snow."), "{off}");
    assert!(!off.contains("meet.example.org"), "nobody goes there any more: {off}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_calendar_opens_nothing_else_and_can_be_replaced() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let moses = register(&anyone, "moses", json!({})).await;
    let his = with_secret_of(&service, &moses);
    let since = "{ participant { calendarIssuedAt } }";
    assert_eq!(his.data(since, json!({})).await["participant"]["calendarIssuedAt"], Value::Null);
    let first = issue(&his, &moses).await;
    let issued_at = his.data(since, json!({})).await["participant"]["calendarIssuedAt"].take();
    assert_eq!(issued_at, "2021-12-11T00:00:00Z");
    let secret = first.trim_start_matches("/calendars/").trim_end_matches(".ics").to_owned();
    let held = format!("SELECT COUNT(*) AS number FROM calendar_tokens WHERE secret_hash LIKE '%{secret}%'");
    assert_eq!(number(&service.fresh.url, &held).await, 0, "only its hash is kept");

    let holder = service.bearer(&secret);
    let nothing = json!({ "viewer": null, "participant": null, "attendance": null });
    let all = "{ viewer { id } participant { id } attendance { id } }";
    assert_eq!(holder.data(all, json!({})).await, nothing);
    let id = json!({ "id": moses["participant"]["id"] });
    let ada = register(&anyone, "ada", json!({ "email": "ada@example.org" })).await;
    let others =
        [holder, with_secret_of(&service, &ada), service.administrator(), service.staff_of("ca").await];
    for other in &others {
        let refused = other.change("calendarUrlIssue", "url", id.clone()).await;
        assert_eq!((user_errors(&refused), &refused["url"]), (vec!["id NOT_FOUND".to_owned()], &Value::Null));
    }
    let document = crate::harness::document("calendarUrlIssue", "url");
    assert_eq!(anyone.fault(&document, json!({ "input": id })).await, "UNAUTHENTICATED");
    let query = json!({ "id": "event_00000000000000000000000000000000" });
    let refused = his.change("calendarUrlIssue", "url", query).await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);

    let second = issue(&his, &moses).await;
    assert_ne!(first, second);
    assert_nowhere(&service, &first).await;
    calendar(&service, &second).await;
    let made_up = format!("/calendars/{}.ics", moses["secret"].as_str().expect("a secret"));
    for path in [made_up.as_str(), second.trim_end_matches(".ics"), "/calendars/x", "/calendars/.ics"] {
        assert_nowhere(&service, path).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_has_a_calendar_and_an_erased_person_has_none() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let draft =
        register_event(&anyone, evening_at_school(&anyone, "no place for a calendar", json!({})).await).await;
    let event = approved(&service, "an evening with a guest", json!({})).await;
    let joined = join(&anyone, &event, "a-guest-there", json!({})).await;
    let guest = with_secret_of(&service, &joined);
    let theirs = issue(&guest, &joined).await;
    assert!(entry(&calendar(&service, &theirs).await, &event).contains("STATUS:CONFIRMED\n"));
    let organizer = with_secret_of(&service, &draft);
    let id = json!({ "id": joined["attendance"]["id"] });
    for stranger in [&organizer, &with_secret_of(&service, &event)] {
        let refused = stranger.change("calendarUrlIssue", "url", id.clone()).await;
        assert_eq!(user_errors(&refused), ["id NOT_FOUND"], "who organizes it is not who comes");
    }

    let moses = register(&anyone, "moses", json!({})).await;
    let his = with_secret_of(&service, &moses);
    let his_path = issue(&his, &moses).await;
    assert_done(&join(&his, &event, "moses-goes", json!({})).await);
    calendar(&service, &his_path).await;
    let erased = his.change("participantErase", "erased", json!({ "id": moses["participant"]["id"] })).await;
    assert_done(&erased);
    assert_nowhere(&service, &his_path).await;
    assert_done(&guest.change("attendanceErase", "erased", id).await);
    assert_nowhere(&service, &theirs).await;
    assert_eq!(number(&service.fresh.url, "SELECT COUNT(*) AS number FROM calendar_tokens").await, 0);
}
