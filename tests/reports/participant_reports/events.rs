//! Reports of participants and attendees of an event.

use serde_json::{Value, json};

use super::{REPORTED, correct, own, world};
use crate::harness::{
    Service, assert_done, assert_recounted, at,
    events::approved,
    letters,
    people::{join, mail_to, register, secret_in, step, with_secret_of},
    report, user_errors, with,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_private_event_takes_reports_of_invited_and_joined_people_only() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let private = json!({ "visibility": "PRIVATE", "capacity": 2 });
    let event = approved(&service, "a private evening", private.clone()).await;
    let next_door = approved(&service, "a private evening next door", private).await;
    let organizer = with_secret_of(&service, &event);
    let query = "query($id: ID!) { event(id: $id) { invitation } }";
    let seen = organizer.data(query, json!({ "id": event["event"]["id"] })).await;
    let invitation = seen["event"]["invitation"].as_str().expect("an invitation").to_owned();
    let invited = json!({ "invitation": invitation });
    let moses = with_secret_of(&service, &register(&anyone, "moses", json!({})).await);
    assert_done(&join(&moses, &event, "moses-goes", invited.clone()).await);
    let guest_place = join(&anyone, &event, "a-guest-goes", invited.clone()).await;
    let guest = with_secret_of(&service, &guest_place);
    let waiting = with_secret_of(&service, &join(&anyone, &event, "somebody-waits", invited).await);
    let ada = register(&anyone, "ada", json!({ "displayName": "Ada", "email": "ada@example.org" })).await;
    let ada = with_secret_of(&service, &ada);
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let there = |event: &Value, more: Value| {
        with(json!({ "event": event["event"]["id"], "lines": letters(5) }), more)
    };
    let never_was = json!({ "event": { "id": "event_00000000000000000000000000000000" } });
    for stranger in
        [&anyone, &ada, &service.bearer("w4r_attendance_made_up"), &with_secret_of(&service, &next_door)]
    {
        let refused =
            report("a-report-of-a-stranger").letters(3).with(there(&event, json!({}))).submit(stranger).await;
        assert_eq!(user_errors(&refused), ["event NOT_FOUND"]);
        let unknown = report("a-report-of-a-stranger")
            .letters(3)
            .with(there(&never_was, json!({})))
            .submit(stranger)
            .await;
        assert_eq!(refused, unknown);
    }
    for (client, elsewhere) in [(&moses, &next_door), (&guest, &next_door)] {
        let refused =
            report("a-report-of-next-door").letters(3).with(there(elsewhere, json!({}))).submit(client).await;
        assert_eq!(user_errors(&refused), ["event NOT_FOUND"]);
    }
    for guest in [&moses, &guest, &waiting, &service.bearer(&invitation)] {
        let refused = report("a-report-of-no-host")
            .letters(3)
            .with(there(&event, json!({ "asHost": true })))
            .submit(guest)
            .await;
        assert_eq!(user_errors(&refused), ["event NOT_FOUND"]);
    }
    let by_moses = report("a-report-of-moses").letters(3).with(there(&event, json!({}))).submit(&moses).await;
    let by_guest =
        report("a-report-of-the-guest").letters(3).with(there(&event, json!({}))).submit(&guest).await;
    let by_waiting =
        report("a-report-of-who-waits").letters(3).with(there(&event, json!({}))).submit(&waiting).await;
    let by_invited = report("a-report-of-the-invited")
        .letters(3)
        .with(there(&event, json!({})))
        .submit(&service.bearer(&invitation))
        .await;
    for done in [&by_moses, &by_guest, &by_waiting, &by_invited] {
        assert_done(done);
    }
    assert_eq!(own(&moses).await["reported"]["letters"], 5);
    let place = format!("{{ attendance {{ {REPORTED} reports {{ nodes {{ id }} }} }} }}");
    let seen = guest.data(&place, json!({})).await["attendance"].take();
    assert_eq!(seen["reported"]["letters"], 5);
    assert_eq!(seen["reports"]["nodes"], json!([{ "id": by_guest["report"]["id"] }]));
    assert_done(&correct(&guest, &by_guest, 6, "the-guest").await);
    assert_eq!(user_errors(&correct(&guest, &by_moses, 6, "not-the-guest").await), ["id NOT_FOUND"]);

    // The organizer knows who came, and not who wrote how much.
    let query = format!(
        "query($a: ID!, $r: ID!) {{ report(id: $r) {{ id }} attendance(id: $a) {{ displayName {REPORTED}
            reports {{ nodes {{ id }} }} }} }}"
    );
    let ids = json!({ "a": guest_place["attendance"]["id"], "r": by_guest["report"]["id"] });
    let seen = organizer.data(&query, ids).await;
    assert_eq!(
        seen,
        json!({ "report": null,
            "attendance": { "displayName": "a-guest-goes", "reported": null, "reports": null } })
    );
    assert_eq!(user_errors(&correct(&organizer, &by_guest, 1, "the-organizer").await), ["id NOT_FOUND"]);
    assert_eq!(world(&anyone).await, 21);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attendance_of_a_participant_reports_for_them_and_manages_that_report_alone() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening for one", json!({})).await;
    let moses = with_secret_of(&service, &register(&anyone, "moses", json!({})).await);
    let place = with_secret_of(&service, &join(&moses, &event, "moses-goes", json!({})).await);
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let at_home = report("a-report-of-at-home").letters(3).submit(&moses).await;
    let there = json!({ "event": event["event"]["id"], "lines": letters(2) });
    let by_place = report("a-report-of-by-the-place").letters(3).with(there.clone()).submit(&place).await;
    let by_moses = report("a-report-of-by-moses")
        .letters(3)
        .with(with(there, json!({ "lines": letters(1) })))
        .submit(&moses)
        .await;
    assert_eq!(own(&moses).await["reported"]["letters"], 6);
    let query = "{ attendance { reported { letters } reports { nodes { id } } } }";
    let seen = place.data(query, json!({})).await["attendance"].take();
    assert_eq!(seen["reported"]["letters"], 3);
    let ids = json!([{ "id": by_place["report"]["id"] }, { "id": by_moses["report"]["id"] }]);
    assert_eq!(seen["reports"]["nodes"], ids);
    assert_eq!(user_errors(&correct(&place, &at_home, 1, "at-home").await), ["id NOT_FOUND"]);
    assert_done(&correct(&moses, &by_place, 4, "by-the-place").await);
    assert_done(&correct(&place, &by_moses, 2, "by-moses").await);
    assert_eq!(own(&moses).await["reported"]["letters"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn goals_nest_from_a_participant_to_their_event_section_and_edition() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event =
        approved(&service, "an evening of pledges", json!({ "capacity": 2, "letterGoal": 100 })).await;
    let host = with_secret_of(&service, &event);
    let mut people = Vec::new();
    for (name, goal) in [("anna", 10), ("bela", 20), ("ciwang", 40), ("dorota", 80)] {
        let email = format!("{name}@example.org");
        let more = json!({ "displayName": name, "email": email, "letterGoal": goal });
        people.push(register(&anyone, name, more).await);
    }
    // Dorota is at home; Ciwang waits; Bela has not confirmed.
    for (who, name) in people.iter().zip(["anna", "bela", "ciwang"]) {
        assert_done(&join(&with_secret_of(&service, who), &event, &format!("{name}-goes"), json!({})).await);
    }
    let query = "query($id: ID!) { event(id: $id) { total { pledged goal letters } }
        campaign(edition: 2021, section: \"ca\") { total: participation { pledged } }
        edition(year: 2021) { total: participation { pledged } }
        elsewhere: campaign(edition: 2021, section: \"pl\") { total: participation { pledged } } }";
    let pledged = async || {
        let data = host.data(query, json!({ "id": event["event"]["id"] })).await;
        ["event", "campaign", "edition", "elsewhere"].map(|one| data[one]["total"]["pledged"].clone())
    };
    assert_eq!(pledged().await, [0, 0, 0, 0].map(Value::from), "nobody has confirmed an address");
    let mut confirmed = std::collections::HashMap::new();
    for name in ["anna", "ciwang", "dorota"] {
        let mail =
            mail_to(&service, &format!("{name}@example.org"), if name == "dorota" { 1 } else { 2 }).await;
        let registered =
            mail.iter().find(|mail| mail.contains("Subject: You are registered")).expect("that mail");
        let code = json!({ "code": secret_in(registered) });
        let done = anyone.change("participantConfirm", "secret", code).await;
        assert_done(&done);
        confirmed.insert(name, done);
    }
    // Ciwang has confirmed and Bela has not: she has his place, and her pledge counts there.
    assert_eq!(pledged().await, [50, 130, 130, 0].map(Value::from));
    let bela = with_secret_of(&service, &people[1]);
    let place = bela.data("{ participant { attendances { id } } }", json!({})).await;
    let joined = json!({ "attendance": place["participant"]["attendances"][0] });
    assert_done(&crate::harness::people::cancel(&bela, &joined).await);
    assert_eq!(pledged().await, [50, 130, 130, 0].map(Value::from));
    let ciwang = with_secret_of(&service, &confirmed["ciwang"]);
    let now = ciwang.data("{ participant { id revision } }", json!({})).await;
    assert_done(&step(&ciwang, "pledgeRelease", &now, json!({ "letters": 15 })).await);
    assert_eq!(pledged().await, [35, 115, 115, 0].map(Value::from));
}
