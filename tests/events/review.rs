//! Review of events: public text is the text that staff approved.
//!
//! New words wait beside the approved ones; a new day or place takes effect at once and is told to
//! everyone who goes; wider visibility waits, narrower takes effect at once.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{
    Client, Service, assert_done, at, becomes, campaign_id,
    events::{approved, evening_at_school, listed, register, step},
    number,
    people::{join, mail_to},
    run_sql, user_errors, w4r, with,
};

/// A noon some days before the evening at school.
const BEFORE: &str = "2021-12-01T12:00:00Z";
/// Longer than the time in which several changes are told of by one mail.
const SHORT_WHILE: SignedDuration = SignedDuration::from_hours(1);

/// What an unreviewed organizer would like everyone to read.
const SPAM: [&str; 3] = ["Cheap tablets", "spam.example", "Tablets and Sons"];

/// Whoever organizes the event of a payload.
fn organizer(service: &Service, event: &Value) -> Client {
    service.bearer(event["secret"].as_str().expect("a secret"))
}

/// Everything that is given to anyone about events: GraphQL, lists, a search, calendars and the map.
async fn public(service: &Service, id: &Value) -> String {
    let anyone = service.anyone();
    let mut told = String::new();
    let fields = "id title description visibility organizerName stateReason onlineLink
        place { country region locality venue street postalCode coordinates { latitude longitude } }";
    for document in [
        format!(
            "query($id: ID!) {{ event(id: $id) {{ {fields} }} node(id: $id) {{ ... on Event {{ {fields} }} }} }}"
        ),
        format!(
            "query($id: ID!) {{ event(id: $id) {{ id }} events(filter: {{ states: [APPROVED, CANCELLED, COMPLETED, REPORTED] }}) {{ nodes {{ {fields} }} }} }}"
        ),
    ] {
        told += &anyone.data(&document, json!({ "id": id })).await.to_string();
    }
    for path in ["/events.ics", "/events.geojson", &format!("/events/{}.ics", id.as_str().expect("an id"))] {
        let answer = reqwest::get(format!("http://{}{path}", service.address)).await.expect("an answer");
        told += &answer.text().await.expect("text").replace("\r\n ", "");
    }
    told
}

/// Asserts that nothing of it is told to anyone, and that a search does not find it either.
async fn assert_untold(service: &Service, id: &Value, words: &[&str]) {
    let told = public(service, id).await;
    for word in words {
        assert!(!told.contains(word), "{word} is told: {told}");
        let found = listed(&service.anyone(), &format!("(filter: {{ text: \"{word}\" }})")).await;
        assert_eq!(found, [Value::Null; 0], "{word} is found");
    }
}

/// What the diff for organizers and staff says.
async fn pending(client: &Client, id: &Value) -> Value {
    let query =
        "query($id: ID!) { event(id: $id) { pendingChanges { field approved proposed } reviewPending } }";
    client.data(query, json!({ "id": id })).await["event"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_words_wait_beside_those_that_staff_approved() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let about = json!({ "title": "Letters at Elm School", "description": "Bring a pen." });
    let event = approved(&service, "letters at elm school", about).await;
    let id = &event["event"]["id"];
    let organizer = organizer(&service, &event);
    let spam = json!({ "title": "Cheap tablets here", "description": "Buy at http://spam.example",
        "organizer": { "name": "T", "email": "t@example.org", "displayName": "Tablets and Sons" } });
    let changed = step(&organizer, "eventUpdate", &event, spam).await;
    assert_done(&changed);
    assert_eq!(changed["event"]["reviewPending"], true);
    assert_untold(&service, id, &SPAM).await;
    let told = public(&service, id).await;
    assert!(told.contains("Letters at Elm School") && told.contains("Bring a pen.") && told.contains("Ada"));
    assert_eq!(
        listed(&service.anyone(), "(filter: { text: \"Elm School pen\" })").await,
        std::slice::from_ref(id)
    );

    // Organizer and staff read both, and what was read is what is approved.
    let both = json!({ "reviewPending": true, "pendingChanges": [
        { "field": "TITLE", "approved": "Letters at Elm School", "proposed": "Cheap tablets here" },
        { "field": "DESCRIPTION", "approved": "Bring a pen.", "proposed": "Buy at http://spam.example" },
        { "field": "ORGANIZER_NAME", "approved": "Ada", "proposed": "Tablets and Sons" },
    ] });
    for client in [&staff, &organizer, &service.staff_of("ca").await] {
        assert_eq!(pending(client, id).await, both);
    }
    assert_eq!(pending(&service.anyone(), id).await["pendingChanges"], Value::Null);
    assert_eq!(changed["event"]["title"], "Cheap tablets here", "an organizer reads what they typed");
    let to_review = "{ eventsToReview { nodes { id title pendingChanges { field } } } }";
    let to_review = staff.data(to_review, json!({})).await;
    assert_eq!(to_review["eventsToReview"]["nodes"][0]["title"], "Cheap tablets here");

    let stale = step(&staff, "eventApprove", &event, json!({})).await;
    assert_eq!(user_errors(&stale), ["expectedRevision STALE_REVISION"], "what was not read");
    let nameless = step(&staff, "eventReject", &changed, json!({ "reason": " " })).await;
    assert_eq!(user_errors(&nameless), ["reason REASON_MISSING"]);
    let rejected = step(&staff, "eventReject", &changed, json!({ "reason": "No trade." })).await;
    assert_done(&rejected);
    assert_eq!(rejected["event"]["state"], "APPROVED", "what was approved stays");
    assert_eq!(rejected["event"]["title"], "Letters at Elm School");
    assert_eq!(pending(&organizer, id).await, json!({ "reviewPending": false, "pendingChanges": [] }));
    let query = "query($id: ID!) { event(id: $id) { history { action reason } } }";
    let history = organizer.data(query, json!({ "id": id })).await["event"]["history"].take();
    let last = history.as_array().and_then(|history| history.last()).expect("an entry");
    assert_eq!(last, &json!({ "action": "eventReject", "reason": "No trade." }));
    let twice = step(&staff, "eventReject", &rejected, json!({ "reason": "No trade." })).await;
    assert_eq!(user_errors(&twice), ["id EVENT_STATE_INVALID"], "there is nothing to refuse");

    let better = json!({ "title": "Letters at Elm School, room 5" });
    let better = step(&organizer, "eventUpdate", &rejected, better).await;
    let more = step(&organizer, "eventUpdate", &better, json!({ "description": "Bring two pens." })).await;
    assert_eq!(more["event"]["title"], "Letters at Elm School, room 5", "it goes on waiting");
    assert_untold(&service, id, &["room 5", "two pens"]).await;
    let service = service.restarted().await;
    assert_untold(&service, id, &["room 5", "two pens"]).await;
    let done = step(&service.administrator(), "eventApprove", &more, json!({})).await;
    assert_done(&done);
    let told = public(&service, id).await;
    assert!(told.contains("room 5") && told.contains("Bring two pens."), "{told}");
    assert_eq!(listed(&service.anyone(), "(filter: { text: \"two pens\" })").await, std::slice::from_ref(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_to_the_approved_words_leaves_nothing_to_review() {
    let service = Service::with_2021().await;
    let event = approved(&service, "there and back again", json!({})).await;
    let organizer = organizer(&service, &event);
    let there = step(&organizer, "eventUpdate", &event, json!({ "title": "Another title" })).await;
    assert_eq!(there["event"]["reviewPending"], true);
    let back = json!({ "title": event["event"]["title"] });
    let back = step(&organizer, "eventUpdate", &there, back).await;
    assert_eq!(back["event"]["reviewPending"], false);
    // What is no word of its organizer's needs no review.
    let facts = json!({ "capacity": 12, "letterGoal": 100, "accessibility": ["CAPTIONS"],
        "languages": ["fr"], "staffNote": "For staff.", "materials": ["POSTERS"] });
    let facts = step(&organizer, "eventUpdate", &back, facts).await;
    assert_done(&facts);
    assert_eq!(facts["event"]["reviewPending"], false);
    let query = "query($id: ID!) { event(id: $id) { capacity letterGoal accessibility languages } }";
    let seen = service.anyone().data(query, json!({ "id": event["event"]["id"] })).await;
    let expected =
        json!({ "capacity": 12, "letterGoal": 100, "accessibility": ["CAPTIONS"], "languages": ["fr"] });
    assert_eq!(seen["event"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn wider_visibility_waits_for_staff_and_narrower_takes_effect_at_once() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let private = json!({ "visibility": "PRIVATE", "title": "Among friends" });
    let event = approved(&service, "an evening among friends", private).await;
    let id = &event["event"]["id"];
    let organizer = organizer(&service, &event);
    let spam = json!({ "visibility": "PUBLIC", "title": "Cheap tablets here" });
    let opened = step(&organizer, "eventUpdate", &event, spam).await;
    assert_done(&opened);
    assert_untold(&service, id, &["Cheap tablets", "Among friends", id.as_str().expect("an id")]).await;
    assert_eq!(
        pending(&staff, id).await["pendingChanges"],
        json!([
            { "field": "TITLE", "approved": "Among friends", "proposed": "Cheap tablets here" },
            { "field": "VISIBILITY", "approved": "PRIVATE", "proposed": "PUBLIC" },
        ])
    );
    let unlisted = step(&organizer, "eventUpdate", &opened, json!({ "visibility": "UNLISTED" })).await;
    let query = "query($id: ID!) { event(id: $id) { title } }";
    let by_link = async || anyone.data(query, json!({ "id": id })).await["event"].take();
    assert_eq!(by_link().await, Value::Null, "unlisted is wider than private");
    let seen = step(&staff, "eventApprove", &unlisted, json!({})).await;
    assert_eq!(by_link().await, json!({ "title": "Cheap tablets here" }), "staff found nothing wrong");
    assert_eq!(listed(&anyone, "").await, [Value::Null; 0]);
    let public = step(&organizer, "eventUpdate", &seen, json!({ "visibility": "PUBLIC" })).await;
    assert_eq!(listed(&anyone, "").await, [Value::Null; 0]);
    let public = step(&staff, "eventApprove", &public, json!({})).await;
    assert_eq!(listed(&anyone, "").await, std::slice::from_ref(id));
    let hidden = step(&organizer, "eventUpdate", &public, json!({ "visibility": "PRIVATE" })).await;
    assert_eq!(hidden["event"]["reviewPending"], false, "nobody has to agree to that");
    assert_eq!((listed(&anyone, "").await, by_link().await), (vec![], Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_place_takes_effect_at_once_and_its_words_wait() {
    let service = Service::with_2021().await;
    service.clock.set(at(BEFORE));
    let staff = service.administrator();
    let event = approved(&service, "an evening that moves", json!({})).await;
    let id = &event["event"]["id"];
    let organizer = organizer(&service, &event);
    let guest =
        join(&service.anyone(), &event, "grace-hopper", json!({ "email": "grace@example.org" })).await;
    let guest = service.bearer(guest["secret"].as_str().expect("a secret"));
    let ottawa = json!({ "onlineLink": "https://spam.example/call", "place": {
        "country": "CA", "region": "CA-QC", "locality": "Cheap tablets in Ottawa", "venue": "Tablets and Sons",
        "street": "12 Elm Street", "coordinates": { "latitude": 45.421, "longitude": -75.697 } } });
    let moved = step(&organizer, "eventUpdate", &event, ottawa).await;
    assert_done(&moved);
    assert_untold(&service, id, &SPAM).await;
    let place = "query($id: ID!) { event(id: $id) { onlineLink place { region locality venue street isExact
        coordinates { latitude longitude } } } }";
    let place = async |client: &Client| client.data(place, json!({ "id": id })).await["event"].take();
    let here = json!({ "latitude": 45.421, "longitude": -75.697 });
    let public = json!({ "onlineLink": null, "place": { "region": "CA-QC", "locality": null, "venue": null,
        "street": "12 Elm Street", "isExact": false, "coordinates": here } });
    assert_eq!(place(&service.anyone()).await, public, "codes and numbers are no words");
    let whole = json!({ "onlineLink": "https://spam.example/call", "place": { "region": "CA-QC",
        "locality": "Cheap tablets in Ottawa", "venue": "Tablets and Sons", "street": "12 Elm Street",
        "isExact": true, "coordinates": here } });
    for client in [&guest, &organizer, &staff] {
        assert_eq!(place(client).await, whole, "whoever goes has to find it");
    }
    let told = self::public(&service, id).await;
    assert!(told.contains("GEO:45.421;-75.697"), "the point is for everyone: {told}");
    let rejected = step(&staff, "eventReject", &moved, json!({ "reason": "Where is that?" })).await;
    assert_done(&rejected);
    for client in [&guest, &staff] {
        let place = place(client).await;
        assert_eq!((&place["onlineLink"], &place["place"]["venue"]), (&Value::Null, &Value::Null), "{place}");
        assert_eq!(place["place"]["coordinates"], here, "Elm School is not there");
    }
    let renamed = json!({ "place": { "country": "CA", "region": "CA-QC", "locality": "Gatineau",
        "street": "12 Elm Street", "coordinates": { "latitude": 45.421, "longitude": -75.697 } } });
    let renamed = step(&organizer, "eventUpdate", &rejected, renamed).await;
    assert_untold(&service, id, &["Gatineau"]).await;
    assert_done(&step(&staff, "eventApprove", &renamed, json!({})).await);
    assert_eq!(place(&service.anyone()).await["place"]["locality"], "Gatineau");
    assert_eq!(listed(&service.anyone(), "(filter: { text: \"Gatineau\" })").await, std::slice::from_ref(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organizers_reason_for_calling_off_waits_as_well() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let event = approved(&service, "an evening called off", json!({})).await;
    let id = &event["event"]["id"];
    let organizer = organizer(&service, &event);
    let guest = join(&service.anyone(), &event, "grace-hopper", json!({})).await;
    let guest = service.bearer(guest["secret"].as_str().expect("a secret"));
    let reason = json!({ "reason": "Cheap tablets at spam.example" });
    let cancelled = step(&organizer, "eventCancel", &event, reason).await;
    assert_done(&cancelled);
    assert_untold(&service, id, &SPAM).await;
    assert!(public(&service, id).await.contains("STATUS:CANCELLED"), "that it is off is no word");
    let diff = json!([{ "field": "CANCELLATION_REASON", "approved": null,
        "proposed": "Cheap tablets at spam.example" }]);
    assert_eq!(pending(&staff, id).await, json!({ "reviewPending": true, "pendingChanges": diff }));
    assert_eq!(cancelled["event"]["stateReason"], "Cheap tablets at spam.example");
    let query = "query($id: ID!) { event(id: $id) { stateReason } }";
    let told = guest.data(query, json!({ "id": id })).await;
    assert_eq!(told["event"]["stateReason"], "Cheap tablets at spam.example", "they were going");
    let rejected = step(&staff, "eventReject", &cancelled, json!({ "reason": "No trade." })).await;
    assert_done(&rejected);
    assert_eq!(rejected["event"]["state"], "CANCELLED");
    assert_untold(&service, id, &SPAM).await;

    let other = approved(&service, "another one called off", json!({})).await;
    let other_id = &other["event"]["id"];
    let off =
        step(&self::organizer(&service, &other), "eventCancel", &other, json!({ "reason": "A flood." }))
            .await;
    assert_untold(&service, other_id, &["A flood."]).await;
    assert_done(&step(&staff, "eventApprove", &off, json!({})).await);
    let told = public(&service, other_id).await;
    assert!(told.contains("\"stateReason\":\"A flood.\"") && told.contains("DESCRIPTION:A flood."), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_and_sections_without_review_are_taken_at_their_word() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let event = approved(&service, "an evening with staff", json!({})).await;
    let id = &event["event"]["id"];
    let organizer = organizer(&service, &event);
    let proposed = json!({ "title": "Cheap tablets here", "description": "At spam.example" });
    let proposed = step(&organizer, "eventUpdate", &event, proposed).await;
    // Staff say another title. What they did not say, they did not read.
    let title = step(&staff, "eventUpdate", &proposed, json!({ "title": "Staff's title" })).await;
    assert_done(&title);
    assert_untold(&service, id, &SPAM).await;
    assert!(public(&service, id).await.contains("Staff's title"));
    let left = pending(&staff, id).await;
    assert_eq!(left["pendingChanges"].as_array().expect("a list").len(), 1, "{left}");
    assert_eq!(left["pendingChanges"][0]["field"], "DESCRIPTION");

    let campaign =
        json!({ "id": campaign_id(&anyone, "ca").await, "expectedRevision": 1, "reviewsEvents": false });
    assert_done(&staff.change("campaignUpdate", "campaign { id }", campaign).await);
    let trusted = evening_at_school(&anyone, "an evening that is trusted", json!({ "submit": true })).await;
    let trusted = register(&anyone, trusted).await;
    let trusted_id = &trusted["event"]["id"];
    let words = json!({ "title": "Another title", "visibility": "UNLISTED" });
    let unlisted = step(&self::organizer(&service, &trusted), "eventUpdate", &trusted, words).await;
    let words = json!({ "visibility": "PUBLIC", "title": "A third one" });
    let wide = step(&self::organizer(&service, &trusted), "eventUpdate", &unlisted, words).await;
    assert_eq!(wide["event"]["reviewPending"], false);
    assert!(public(&service, trusted_id).await.contains("A third one"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_and_who_waits_is_told_once_of_a_new_day_and_place() {
    let service = Service::with_2021().await;
    service.clock.set(at(BEFORE));
    let more = json!({ "capacity": 1, "sessions": [
        { "localStart": "2021-12-05T19:00", "localEnd": "2021-12-05T21:00" }] });
    let event = approved(&service, "an evening in Toronto", more).await;
    let organizer = organizer(&service, &event);
    for (key, mail) in [("goes", "goes@example.org"), ("waits", "waits@example.org")] {
        assert_done(&join(&service.anyone(), &event, key, json!({ "email": mail })).await);
        mail_to(&service, mail, 1).await;
    }
    assert_done(&join(&service.anyone(), &event, "silent", json!({})).await);
    let day = |day: &str| json!({ "sessions": [{ "localStart": format!("{day}T10:00"), "localEnd": format!("{day}T12:00") }] });
    let ottawa = json!({ "title": "Cheap tablets here",
        "place": { "country": "CA", "region": "CA-ON", "locality": "Ottawa" } });
    let changed = step(&organizer, "eventUpdate", &event, day("2021-12-07")).await;
    let changed = step(&organizer, "eventUpdate", &changed, ottawa).await;
    let changed = step(&organizer, "eventUpdate", &changed, day("2021-12-06")).await;
    assert_done(&changed);
    service.clock.set(at(BEFORE) + SHORT_WHILE);
    for mail in ["goes@example.org", "waits@example.org"] {
        let told = mail_to(&service, mail, 2).await.remove(1);
        for expected in
            ["6 December 2021", "10:00 to 12:00 (America/Toronto)", "5 December 2021", "Elm School"]
        {
            assert!(told.contains(expected), "{expected} is not in {told}");
        }
        assert!(!told.contains("7 December") && !told.contains("tablets"), "{told}");
    }
    // Other words and more room are no other day. What is taken back at once is no news either.
    let changed =
        step(&organizer, "eventUpdate", &changed, json!({ "capacity": 2, "staffNote": "Hello." })).await;
    let changed = step(&organizer, "eventUpdate", &changed, day("2021-12-08")).await;
    let changed = step(&organizer, "eventUpdate", &changed, day("2021-12-06")).await;
    assert_done(&changed);
    service.clock.set(at(BEFORE) + 2 * SHORT_WHILE);
    mail_to(&service, "waits@example.org", 3).await;
    let again = step(&organizer, "eventUpdate", &changed, day("2021-12-09")).await;
    assert_done(&again);
    service.clock.set(at(BEFORE) + 3 * SHORT_WHILE);
    let told = mail_to(&service, "goes@example.org", 3).await.remove(2);
    assert!(told.contains("9 December 2021") && told.contains("6 December 2021"), "{told}");
    mail_to(&service, "waits@example.org", 4).await;
    let sql = "SELECT COUNT(*) AS number FROM outbox WHERE kind = 'EVENT_MOVED' AND ended_at IS NULL";
    becomes(async || number(&service.fresh.url, sql).await, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organizer_is_told_why_a_change_was_refused() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening with a refusal", json!({})).await;
    let before = mail_to(&service, "ada@example.org", 2).await.len();
    let changed = step(&organizer(&service, &event), "eventUpdate", &event, json!({ "title": "Buy!" })).await;
    let refused =
        step(&service.administrator(), "eventReject", &changed, json!({ "reason": "No trade." })).await;
    assert_done(&refused);
    let told = mail_to(&service, "ada@example.org", before + 1).await.remove(before);
    assert!(told.contains("No trade.") && told.contains("stays as it was approved"), "{told}");
}

/// What a process of the version before does with an event: the words that its organizer typed become
/// its words, and nothing else knows of them.
async fn changed_by_the_version_before(service: &Service, from: &str, to: &str) {
    let (from_folded, to_folded) = (from.to_lowercase(), to.to_lowercase());
    let sql = format!(
        "UPDATE events SET content = REPLACE(content, '{from}', '{to}'),
            search_text = REPLACE(search_text, '{from_folded}', '{to_folded}'),
            review_pending = TRUE, revision = revision + 1 WHERE content LIKE '%{from}%';
         UPDATE event_revision SET revision = revision + 1;"
    );
    run_sql(&service.fresh.url, &sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_of_the_version_before_writes_is_not_shown_before_staff_have_read_it() {
    let service = Service::with_2021().await;
    let about = json!({ "title": "Letters at Elm School" });
    let event = approved(&service, "an event of two versions", about).await;
    let id = &event["event"]["id"];
    changed_by_the_version_before(&service, "Letters at Elm School", "Cheap tablets here").await;
    let service = service.restarted().await;
    assert_untold(&service, id, &SPAM[..1]).await;
    assert!(public(&service, id).await.contains("Letters at Elm School"));
    let diff =
        json!([{ "field": "TITLE", "approved": "Letters at Elm School", "proposed": "Cheap tablets here" }]);
    assert_eq!(pending(&service.administrator(), id).await["pendingChanges"], diff);

    // It may have approved an event by itself, and changed its words then: what was approved is not known.
    let other = approved(&service, "approved by the version before", json!({ "title": "At home" })).await;
    let other_id = &other["event"]["id"];
    run_sql(&service.fresh.url, "UPDATE events SET approved = NULL WHERE content LIKE '%At home%'").await;
    assert!(public(&service, other_id).await.contains("At home"), "no review is pending");
    changed_by_the_version_before(&service, "At home", "Cheap tablets at home").await;
    let service = service.restarted().await;
    assert_untold(&service, other_id, &["Cheap tablets", "at home"]).await;
    let mine = service.bearer(other["secret"].as_str().expect("a secret"));
    let stands = mine
        .data("query($id: ID!) { event(id: $id) { id revision title } }", json!({ "id": other_id }))
        .await;
    assert_eq!(stands["event"]["title"], "Cheap tablets at home");
    let seen =
        step(&service.administrator(), "eventApprove", &json!({ "event": stands["event"] }), json!({})).await;
    assert_done(&seen);
    assert!(public(&service, other_id).await.contains("Cheap tablets at home"));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_the_version_before_stay_as_everyone_knows_them() {
    let service = Service::with_2021().await;
    service.clock.set(at(BEFORE));
    let plain = approved(&service, "an event as it was", json!({ "title": "As it was" })).await;
    let off = approved(&service, "an event that was off", json!({ "title": "Called off" })).await;
    assert_done(
        &step(&service.administrator(), "eventCancel", &off, json!({ "reason": "A \"storm\"." })).await,
    );
    let draft =
        evening_at_school(&service.anyone(), "a draft as it was", json!({ "title": "A draft" })).await;
    let draft = register(&service.anyone(), draft).await;
    let (plain_id, off_id) = (&plain["event"]["id"], &off["event"]["id"]);
    let before = (public(&service, plain_id).await, public(&service, off_id).await);
    // Down to the version before and up again.
    let url = service.fresh.url.clone();
    for step in [
        include_str!("../../migrations/2026-11-30-000090_plain_names/down.sql"),
        include_str!("../../migrations/2026-11-29-000090_approved_words/down.sql"),
        include_str!("../../migrations/2026-11-29-000090_approved_words/up.sql"),
        include_str!("../../migrations/2026-11-30-000090_plain_names/up.sql"),
    ] {
        run_sql(&url, step).await;
    }
    let service = service.restarted().await;
    assert_eq!((public(&service, plain_id).await, public(&service, off_id).await), before);
    assert!(before.1.contains("storm"), "{}", before.1);
    assert_untold(&service, &draft["event"]["id"], &["A draft"]).await;
    let said = w4r(&url, &["recount"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let refused = step(&service.administrator(), "eventReject", &plain, json!({ "reason": "No." })).await;
    assert_eq!(user_errors(&refused), ["id EVENT_STATE_INVALID"], "nothing waits");
}

/// A rejection of the whole event.
fn of_all(reason: &str) -> Value {
    json!({ "scope": "EVENT", "reason": reason })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_event_that_staff_reject_is_public_no_longer_and_its_people_are_told() {
    let service = Service::with_2021().await;
    service.clock.set(at(BEFORE));
    let (anyone, staff) = (service.anyone(), service.staff_of("ca").await);
    let more = json!({ "title": "Cheap tablets", "capacity": 1, "organizer": { "name": "T",
        "email": "t@example.org", "displayName": "Tablets and Sons" } });
    let event = approved(&service, "an event that was a mistake", more).await;
    let id = &event["event"]["id"];
    let organizer = organizer(&service, &event);
    let before = mail_to(&service, "t@example.org", 2).await.len();
    let mut guests = Vec::new();
    for name in ["goes", "waits"] {
        let mail = format!("{name}@example.org");
        let joined = join(&anyone, &event, &format!("{name}-to-a-mistake"), json!({ "email": mail })).await;
        assert_done(&joined);
        mail_to(&service, &mail, 1).await;
        guests.push(service.bearer(joined["secret"].as_str().expect("a secret")));
    }
    let waiting = step(&organizer, "eventUpdate", &event, json!({ "title": "Cheaper tablets" })).await;
    for client in [&organizer, &anyone, &service.staff_of("pl").await] {
        let document = "mutation($input: EventRejectInput!) { eventReject(input: $input) { event { id } } }";
        let input = with(of_all("Mine."), json!({ "id": id, "expectedRevision": 3 }));
        let answer = client.ask(document, json!({ "input": input })).await;
        assert_eq!(answer["data"]["eventReject"]["event"], Value::Null, "{answer}");
    }
    let stale = step(&staff, "eventReject", &event, of_all("No trade.")).await;
    assert_eq!(user_errors(&stale), ["expectedRevision STALE_REVISION"], "what was not read");
    let rejected = step(&staff, "eventReject", &waiting, of_all("No trade.")).await;
    assert_done(&rejected);
    assert_eq!(rejected["event"]["state"], "REJECTED");
    assert_eq!(pending(&staff, id).await, json!({ "pendingChanges": [], "reviewPending": false }));
    assert_untold(&service, id, &SPAM).await;
    let told = public(&service, id).await;
    assert!(!told.contains(id.as_str().expect("an id")), "it is known to its organizer and to staff: {told}");
    for (guest, name) in guests.iter().zip(["goes", "waits"]) {
        let own = guest.data("{ attendance { state event { title } } }", json!({})).await;
        assert_eq!(own["attendance"], json!({ "state": "CANCELLED", "event": null }), "{name}");
        let told = mail_to(&service, &format!("{name}@example.org"), 2).await.remove(1);
        assert!(told.contains("No trade.") && told.contains("10 December 2021"), "{told}");
        assert!(!told.to_lowercase().contains("tablets"), "{told}");
    }
    let told = mail_to(&service, "t@example.org", before + 1).await.remove(before);
    assert!(told.contains("No trade.") && told.contains("taken that back"), "{told}");
    let query =
        "query($id: ID!) { event(id: $id) { title stateReason going waiting history { action reason } } }";
    let mine = organizer.data(query, json!({ "id": id })).await["event"].take();
    assert_eq!(
        (&mine["title"], &mine["stateReason"], &mine["going"], &mine["waiting"]),
        (&json!("Cheaper tablets"), &json!("No trade."), &json!(0), &json!(0))
    );
    let last = mine["history"].as_array().and_then(|history| history.last()).expect("an entry");
    assert_eq!(last, &json!({ "action": "eventReject", "reason": "No trade." }));
    let twice = step(&staff, "eventReject", &rejected, of_all("No trade.")).await;
    assert_eq!(user_errors(&twice), ["id EVENT_STATE_INVALID"]);

    // It is not deleted with what was never approved, since people had joined it. It can be handed in again.
    let service = service.restarted().await;
    let count = async || number(&service.fresh.url, "SELECT COUNT(*) AS number FROM events").await;
    let draft = evening_at_school(&service.anyone(), "a draft beside a mistake", json!({})).await;
    assert_done(&register(&service.anyone(), draft).await);
    service.clock.set(at("2022-02-01T03:00:00Z"));
    becomes(count, 1).await;
    let again = step(&self::organizer(&service, &event), "eventSubmit", &rejected, json!({})).await;
    assert_done(&again);
    let again = step(&service.administrator(), "eventApprove", &again, json!({})).await;
    assert_done(&again);
    assert_eq!(listed(&service.anyone(), "(filter: { text: \"cheaper\" })").await, std::slice::from_ref(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_of_an_event_that_staff_reject_go_on_counting_where_nobody_finds_it() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = approved(&service, "an event with letters", json!({})).await;
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let guest = join(&anyone, &event, "a-guest-with-letters", json!({})).await;
    let guest = service.bearer(guest["secret"].as_str().expect("a secret"));
    let letters = json!({ "campaign": campaign_id(&anyone, "ca").await, "event": event["event"]["id"],
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 7 }], "idempotencyKey": "seven-letters-of-a-guest" });
    assert_done(&guest.change("reportSubmit", "report { id }", letters).await);
    let query = "{ edition(year: 2021) { total { letters byRegion { region letters } } } }";
    let total = async || anyone.data(query, json!({})).await["edition"]["total"].take();
    let regions = |total: &Value| {
        let parts = total["byRegion"].as_array().expect("regions").iter();
        parts.filter(|part| part["letters"] == 7).map(|part| part["region"].clone()).collect::<Vec<_>>()
    };
    let before = total().await;
    assert_eq!((&before["letters"], regions(&before)), (&json!(7), vec![json!("CA-ON")]));
    let rejected = step(&service.administrator(), "eventReject", &event, of_all("No trade.")).await;
    assert_done(&rejected);
    let after = total().await;
    assert_eq!((&after["letters"], regions(&after)), (&json!(7), vec![Value::Null]));
    let said = w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(said.code, 0, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_replace_words_of_an_event_that_is_over_and_nothing_else() {
    let service = Service::with_2021().await;
    service.clock.set(at(BEFORE));
    let staff = service.staff_of("ca").await;
    let spam = json!({ "title": "Cheap tablets", "description": "At spam.example" });
    let clean = json!({ "title": "A title by staff", "description": null });
    let called_off = approved(&service, "called off with its words", spam.clone()).await;
    let mine = organizer(&service, &called_off);
    let called_off = step(&mine, "eventCancel", &called_off, json!({ "reason": "Tablets and Sons" })).await;
    let held = approved(&service, "held with its words", spam).await;
    let host = organizer(&service, &held);
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let held = step(&host, "eventComplete", &held, json!({})).await;
    let mut stand = Vec::new();
    for (client, event) in [(&mine, &called_off), (&host, &held)] {
        let state = event["event"]["state"].as_str().expect("a state");
        let refused = step(client, "eventUpdate", event, clean.clone()).await;
        assert_eq!(user_errors(&refused), ["id EVENT_STATE_INVALID"], "{state}");
        let refused = step(&staff, "eventUpdate", event, json!({ "capacity": 7 })).await;
        assert_eq!(user_errors(&refused), ["id EVENT_STATE_INVALID"], "{state}: a fact");
        let replaced = step(&staff, "eventUpdate", event, clean.clone()).await;
        assert_done(&replaced);
        assert_eq!(replaced["event"]["state"], state);
        stand.push(replaced);
    }
    for replaced in &stand {
        let id = &replaced["event"]["id"];
        let state = replaced["event"]["state"].as_str().expect("a state");
        assert_untold(&service, id, &SPAM).await;
        assert!(public(&service, id).await.contains("A title by staff"), "{state}");
        let hidden = step(&staff, "eventUpdate", replaced, json!({ "visibility": "PRIVATE" })).await;
        assert_done(&hidden);
        let told = public(&service, id).await;
        assert!(!told.contains(id.as_str().expect("an id")), "{state}: {told}");
        let shown = step(&staff, "eventUpdate", &hidden, json!({ "visibility": "PUBLIC" })).await;
        assert_eq!(user_errors(&shown), ["id EVENT_STATE_INVALID"], "{state}: it is wider");
    }
    let query = "query($id: ID!) { event(id: $id) { revision } }";
    let revision = staff.data(query, json!({ "id": called_off["event"]["id"] })).await["event"].take();
    let present = json!({ "event": with(called_off["event"].clone(), revision) });
    let reason = json!({ "reason": "A flood." });
    let refused = step(&mine, "eventCancel", &present, reason.clone()).await;
    assert_eq!(user_errors(&refused), ["id EVENT_STATE_INVALID"]);
    let replaced = step(&staff, "eventCancel", &present, reason).await;
    assert_done(&replaced);
    assert_eq!(replaced["event"]["stateReason"], "A flood.");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_about_a_change_at_once_one_is_told_that_it_is_stale() {
    let service = Service::with_2021().await;
    let mut event = approved(&service, "an event that two review", json!({ "title": "Round 0" })).await;
    let id = event["event"]["id"].clone();
    let organizer = organizer(&service, &event);
    let (one, other) = (service.administrator(), service.staff_of("ca").await);
    let beside = service.beside().await;
    let far = beside.administrator();
    let mut stands = "Round 0".to_owned();
    for round in 1..=12 {
        let title = format!("Round {round}");
        let changed = step(&organizer, "eventUpdate", &event, json!({ "title": title })).await;
        assert_done(&changed);
        // In each third round the other one is at another process, or the organizer changes it once more.
        let refused = json!({ "reason": "No." });
        let (approving, deciding) = match round % 3 {
            0 => tokio::join!(
                step(&one, "eventApprove", &changed, json!({})),
                step(&other, "eventReject", &changed, refused)
            ),
            1 => tokio::join!(
                step(&one, "eventApprove", &changed, json!({})),
                step(&far, "eventReject", &changed, refused)
            ),
            _ => tokio::join!(
                step(&one, "eventApprove", &changed, json!({})),
                step(&organizer, "eventUpdate", &changed, json!({ "title": "Cheap tablets" }))
            ),
        };
        let outcomes = [user_errors(&approving), user_errors(&deciding)];
        let is_approved = outcomes[0].is_empty();
        let stale = "expectedRevision STALE_REVISION";
        // Other rules may be broken as well by then: nothing is left to refuse.
        let told = outcomes[usize::from(is_approved)].first().map(String::as_str);
        assert_eq!(told, Some(stale), "round {round}: {outcomes:?}");
        assert!(outcomes[usize::from(!is_approved)].is_empty(), "round {round}: {outcomes:?}");
        if is_approved {
            stands = title;
        }
        let read = service.anyone().data("query($id: ID!) { event(id: $id) { title } }", json!({ "id": id }));
        assert_eq!(read.await["event"]["title"], stands, "round {round}");
        event = if is_approved { approving } else { deciding };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_of_reviews_is_in_the_order_of_the_requests() {
    let service = Service::with_2021().await;
    let staff = service.staff_of("ca").await;
    let (mut waiting, mut organizers) = (Vec::new(), Vec::new());
    for (minute, title) in ["The first", "The second", "The third"].into_iter().enumerate() {
        service.clock.set(at(&format!("2021-12-01T12:0{minute}:00Z")));
        let event =
            approved(&service, &format!("in the queue: {title}"), json!({ "title": "Letters" })).await;
        let organizer = organizer(&service, &event);
        waiting.push(step(&organizer, "eventUpdate", &event, json!({ "title": title })).await);
        organizers.push(organizer);
    }
    service.clock.set(at("2021-12-01T13:00:00Z"));
    // More room is no word, so the first one keeps its turn.
    let room = step(&organizers[0], "eventUpdate", &waiting[0], json!({ "capacity": 20 })).await;
    assert_done(&room);
    let query = "query($after: String) { eventsToReview(first: 1, after: $after) {
        nodes { title reviewRequestedAt } pageInfo { endCursor hasNextPage } } }";
    let queue = async || {
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut page = staff.data(query, json!({ "after": after })).await["eventsToReview"].take();
            all.extend(page["nodes"].as_array().expect("nodes").iter().cloned());
            after = page["pageInfo"]["endCursor"].take();
            if page["pageInfo"]["hasNextPage"] == false {
                return all;
            }
        }
    };
    let request = |title: &str, at: &str| json!({ "title": title, "reviewRequestedAt": at });
    let (first, third) =
        (request("The first", "2021-12-01T12:00:00Z"), request("The third", "2021-12-01T12:02:00Z"));
    let second = request("The second", "2021-12-01T12:01:00Z");
    assert_eq!(queue().await, [first.clone(), second, third.clone()]);
    let query = "query($id: ID!) { event(id: $id) { reviewRequestedAt } }";
    let id = &waiting[0]["event"]["id"];
    let seen = service.anyone().data(query, json!({ "id": id })).await;
    assert_eq!(seen["event"]["reviewRequestedAt"], Value::Null);
    let again = json!({ "title": "The second, again" });
    assert_done(&step(&organizers[1], "eventUpdate", &waiting[1], again).await);
    let second = request("The second, again", "2021-12-01T13:00:00Z");
    assert_eq!(queue().await, [first, third, second], "other words are another request");
}
