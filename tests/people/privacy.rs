//! Privacy of participants and of hidden events toward other participants, organizers and staff.

use serde_json::{Value, json};

use crate::harness::{
    Client, Service, assert_done, at, campaign_id,
    events::approved,
    people::{
        PARTICIPANT, attendances, cancel, counts, join, mail_to, register, secret_in, step, with_secret_of,
    },
    user_errors,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_manages_its_own_record_and_other_clients_find_none() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let moses = register(&anyone, "moses", json!({})).await;
    let ada = json!({ "displayName": "Ada", "email": "ada@example.org" });
    let ada = register(&anyone, "ada", ada).await;
    let event = approved(&service, "an evening next door", json!({})).await;
    let joined = join(&anyone, &event, "somebody-goes", json!({})).await;
    let query = "query($p: ID!, $a: ID!) { participant(id: $p) { id } attendance(id: $a) { id }
        nodes(ids: [$p, $a]) { id } }";
    let ids = json!({ "p": moses["participant"]["id"], "a": joined["attendance"]["id"] });
    let nothing = json!({ "participant": null, "attendance": null, "nodes": [null, null] });
    for client in [&anyone, &with_secret_of(&service, &ada), &service.bearer("w4r_participant_made_up")] {
        assert_eq!(client.data(query, ids.clone()).await, nothing);
    }
    let stranger = with_secret_of(&service, &ada);
    for (mutation, more) in [
        ("participantUpdate", json!({ "displayName": "Somebody else" })),
        ("participantLeave", json!({})),
        ("pledgeRelease", json!({ "letters": 1 })),
    ] {
        let refused = step(&stranger, mutation, &moses, more.clone()).await;
        assert_eq!(user_errors(&refused), ["id NOT_FOUND"], "{mutation}");
        let nobody =
            json!({ "participant": { "id": "participant_00000000000000000000000000000000", "revision": 1 } });
        assert_eq!(step(&stranger, mutation, &nobody, more).await, refused, "{mutation}");
    }
    for client in [&stranger, &with_secret_of(&service, &moses)] {
        assert_eq!(user_errors(&cancel(client, &joined).await), ["id NOT_FOUND"]);
        let id = json!({ "id": joined["attendance"]["id"] });
        let refused = client.change("attendanceErase", "erased", id).await;
        assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    }
    let document = crate::harness::document("participantLeave", PARTICIPANT);
    let input = json!({ "input": { "id": moses["participant"]["id"], "expectedRevision": 1 } });
    assert_eq!(anyone.fault(&document, input).await, "UNAUTHENTICATED");
    let staff = service.administrator().data(query, ids.clone()).await;
    assert_eq!(staff["participant"]["id"], ids["p"], "staff act for people who ask by phone");
    assert_eq!(staff["nodes"][1]["id"], ids["a"]);
    let changed =
        step(&service.administrator(), "participantUpdate", &moses, json!({ "letterGoal": 5 })).await;
    assert_done(&changed);
    assert_eq!(crate::harness::people::audit_log(&service, "participantUpdate").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_event_is_joined_by_those_who_were_invited_and_to_others_it_does_not_exist() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let hidden = json!({ "visibility": "PRIVATE", "venueKind": "HOME", "capacity": 1,
        "onlineLink": "https://meet.example.org/elm",
        "place": { "country": "CA", "locality": "Toronto", "street": "12 Elm Street", "exactFor": "GOING" } });
    let event = approved(&service, "an evening at home", hidden).await;
    let query = "query($id: ID!) { event(id: $id) { title invitation onlineLink going
        place { locality street } attendances { nodes { displayName } } } }";
    let id = json!({ "id": event["event"]["id"] });
    let organizer = with_secret_of(&service, &event);
    let seen = organizer.data(query, id.clone()).await;
    let invitation = seen["event"]["invitation"].as_str().expect("an invitation").to_owned();
    let anyone = service.anyone();
    for stranger in [&anyone, &service.bearer("w4r_invitation_made_up")] {
        assert_eq!(stranger.data(query, id.clone()).await["event"], Value::Null);
        for wrong in [json!(null), json!("w4r_invitation_made_up")] {
            let refused = join(stranger, &event, "a-stranger", json!({ "invitation": wrong })).await;
            let nobody = json!({ "event": { "id": "event_00000000000000000000000000000000" } });
            assert_eq!(user_errors(&refused), ["event NOT_FOUND"]);
            assert_eq!(join(stranger, &nobody, "a-stranger", json!({ "invitation": wrong })).await, refused);
        }
    }
    // Whoever is invited may look first: not at the exact place, nor who goes.
    let looking = service.bearer(&invitation).data(query, id.clone()).await;
    let seen_by_invited = json!({ "title": "Write for Rights at Elm School", "invitation": null,
        "onlineLink": null, "going": 0, "place": { "locality": "Toronto", "street": null },
        "attendances": null });
    assert_eq!(looking["event"], seen_by_invited);
    let joined = join(&anyone, &event, "an-invited-guest", json!({ "invitation": invitation })).await;
    assert_eq!(joined["attendance"]["state"], "GOING", "{joined:#}");
    let waiting = join(&anyone, &event, "a-guest-who-waits", json!({ "invitation": invitation })).await;
    let going = with_secret_of(&service, &joined).data(query, id.clone()).await;
    assert_eq!(going["event"]["place"]["street"], "12 Elm Street");
    assert_eq!(going["event"]["onlineLink"], "https://meet.example.org/elm");
    assert_eq!(going["event"]["attendances"], Value::Null);
    let own = "{ attendance { event { onlineLink place { street } } } }";
    let own = with_secret_of(&service, &joined).data(own, json!({})).await;
    assert_eq!(own["attendance"]["event"]["place"]["street"], "12 Elm Street");
    let waits = with_secret_of(&service, &waiting).data(query, id.clone()).await;
    assert_eq!(waits["event"]["place"]["street"], Value::Null, "not before they go");
    assert_eq!(waits["event"]["onlineLink"], Value::Null);
    assert_done(&cancel(&with_secret_of(&service, &joined), &joined).await);
    let gone = with_secret_of(&service, &joined).data(query, id.clone()).await;
    assert_eq!(gone["event"]["place"]["street"], Value::Null, "not after they said they do not come");
    let moved_up = with_secret_of(&service, &waiting).data(query, id.clone()).await;
    assert_eq!(moved_up["event"]["place"]["street"], "12 Elm Street");
    assert_eq!(anyone.data(query, id).await["event"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organizer_reads_names_and_the_addresses_of_those_who_want_it() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening with names", json!({})).await;
    let anyone = service.anyone();
    let hides = json!({ "email": "hides@example.org" });
    let hides = join(&anyone, &event, "somebody-hides", hides).await;
    let shows = json!({ "email": "shows@example.org", "showsEmail": true });
    assert_done(&join(&anyone, &event, "somebody-shows", shows).await);
    let all = attendances(&service, &event, 2).await;
    let read: Vec<_> = all.iter().map(|one| (&one["displayName"], &one["email"])).collect();
    assert_eq!(
        read,
        [(&json!("somebody-hides"), &Value::Null), (&json!("somebody-shows"), &json!("shows@example.org"))]
    );
    let organizer = with_secret_of(&service, &event);
    let query = "query($id: ID!) { attendance(id: $id) { displayName email } }";
    let one = organizer.data(query, json!({ "id": hides["attendance"]["id"] })).await;
    assert_eq!(one["attendance"], json!({ "displayName": "somebody-hides", "email": null }));
    let done = cancel(&organizer, &hides).await;
    assert_eq!(done["attendance"]["email"], Value::Null, "also of one that they take off the list");
    let list = "query($id: ID!) { event(id: $id) { attendances { nodes { displayName } } } }";
    for client in [&anyone, &with_secret_of(&service, &hides)] {
        let data = client.data(list, json!({ "id": event["event"]["id"] })).await;
        assert_eq!(data["event"]["attendances"], Value::Null);
    }
    assert_eq!(counts(&service, &event).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_a_former_address_loses_all_access() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening of somebody who moved", json!({})).await;
    let registered = register(&anyone, "moses", json!({ "email": "wrong@example.org" })).await;
    let moses = with_secret_of(&service, &registered);
    assert_done(&join(&moses, &event, "moses-goes", json!({})).await);
    let mailed = mail_to(&service, "wrong@example.org", 2).await;
    let strangers: Vec<_> = mailed.iter().map(|message| service.bearer(&secret_in(message))).collect();
    let managed = "{ viewer { id } }";
    for stranger in &strangers {
        assert!(stranger.data(managed, json!({})).await["viewer"].is_object());
    }
    let id = json!({ "id": registered["participant"]["id"] });
    let calendar = strangers[0].change("calendarUrlIssue", "url", id).await;
    let path =
        calendar["url"].as_str().and_then(|url| url.strip_prefix("https://w4r.example")).expect("a path");
    let calendar = format!("http://{}{path}", service.address);
    assert_eq!(reqwest::get(&calendar).await.expect("an answer").status(), 200);

    let right = json!({ "email": "right@example.org" });
    assert_done(&step(&moses, "participantUpdate", &registered, right).await);
    for stranger in &strangers {
        assert_eq!(stranger.data(managed, json!({})).await["viewer"], Value::Null);
    }
    assert_eq!(reqwest::get(&calendar).await.expect("an answer").status(), 404);
    let off = json!({ "reason": "The school is closed." });
    assert_done(&crate::harness::events::step(&service.administrator(), "eventCancel", &event, off).await);
    // That they registered, and that it is off; the former address hears no more.
    let mail = mail_to(&service, "right@example.org", 2).await;
    assert!(mail.iter().any(|message| message.contains("The school is closed.")), "{mail:#?}");
    mail_to(&service, "wrong@example.org", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_an_attendance_only_as_staff_of_its_event() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening by invitation", json!({ "visibility": "PRIVATE" })).await;
    let elsewhere = json!({ "campaign": campaign_id(&anyone, "pl").await });
    let registered = register(&anyone, "moses", elsewhere).await;
    let query = "query($id: ID!) { event(id: $id) { invitation } }";
    let host = with_secret_of(&service, &event).data(query, json!({ "id": event["event"]["id"] })).await;
    let invited = json!({ "invitation": host["event"]["invitation"] });
    let moses = with_secret_of(&service, &registered);
    assert_done(&join(&moses, &event, "moses-goes", invited).await);
    let query =
        "query($id: ID!) { participant(id: $id) { attendances { event { title place { street } } } } }";
    let id = json!({ "id": registered["participant"]["id"] });
    let seen = async |client: &Client| {
        client.data(query, id.clone()).await["participant"]["attendances"][0]["event"].take()
    };
    assert_eq!(seen(&moses).await["place"]["street"], "12 Elm Street");
    assert_eq!(seen(&service.staff_of("pl").await).await, Value::Null);
    assert_eq!(seen(&service.administrator()).await["place"]["street"], "12 Elm Street");
}
