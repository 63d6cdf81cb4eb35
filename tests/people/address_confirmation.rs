//! Confirmation of an address: the record then belongs to the owner of the address alone.

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, SUBMIT, Service, assert_done, at, campaign_id,
    events::{approved, evening_at_school, register as register_event, step as event_step},
    people::{PARTICIPANT, join, mail_to, register, secret_in, step, with_secret_of},
    user_errors, with,
};

const OWN: &str = "{ participant { id revision state letterGoal roles ageBand contactConsent { text }
    attendances { id } reports { nodes { id } } } }";

async fn confirm(service: &Service, code: &str, more: Value) -> Value {
    let input = with(json!({ "code": code }), more);
    service.anyone().change("participantConfirm", &format!("{PARTICIPANT} secret"), input).await
}

async fn confirm_place(service: &Service, code: &str) -> Value {
    let selection = "attendance { id state confirmedAt } secret";
    service.anyone().change("attendanceConfirm", selection, json!({ "code": code })).await
}

async fn confirm_event(service: &Service, code: &str) -> Value {
    let selection = "event { id revision title invitation } secret";
    service.anyone().change("eventConfirm", selection, json!({ "code": code })).await
}

/// A private evening at noon of 1 December, and what its organizer gives to those who are invited.
async fn private_evening(service: &Service, key: &str) -> (Value, Value) {
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(service, key, json!({ "visibility": "PRIVATE", "venueKind": "HOME" })).await;
    let query = "query($id: ID!) { event(id: $id) { invitation } }";
    let seen = with_secret_of(service, &event).data(query, json!({ "id": event["event"]["id"] })).await;
    (event, json!({ "invitation": seen["event"]["invitation"] }))
}

async fn managed(client: &Client) -> Value {
    client.data("{ viewer { id } }", json!({})).await["viewer"].take()
}

/// The code of a mail to this address that leads to the thing with this id, once it is there.
async fn code_of(service: &Service, address: &str, id: &Value) -> String {
    let arriving = async {
        loop {
            let to = format!("To: {address}");
            let messages = service.mail.messages().into_iter().map(|message| message.replace("=\r\n", ""));
            for message in messages.filter(|message| message.contains(&to)) {
                let code = secret_in(&message);
                if managed(&service.bearer(&code)).await["id"] == *id {
                    return code;
                }
            }
        }
    };
    timeout(PATIENCE, arriving).await.expect("mail in time")
}

/// The path of a calendar that somebody gets an address for.
async fn calendar(service: &Service, client: &Client, id: &Value) -> String {
    let issued = client.change("calendarUrlIssue", "url", json!({ "id": id })).await;
    let url = issued["url"].as_str().expect("an address");
    let path = url.strip_prefix("https://w4r.example").expect("an address of the service");
    format!("http://{}{path}", service.address)
}

async fn status(url: &str) -> u16 {
    reqwest::get(url).await.expect("an answer").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_registered_an_address_loses_all_access_once_its_owner_confirms() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let (event, invited) = private_evening(&service, "an evening at her home").await;
    let first = register(&anyone, "a-stranger", json!({})).await;
    let stranger = with_secret_of(&service, &first);
    let place = join(&stranger, &event, "the-stranger-comes", invited.clone()).await;
    assert_done(&place);
    let report = json!({ "campaign": campaign_id(&anyone, "ca").await, "idempotencyKey": "letters-of-a-stranger",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 7 }], "people": 1 });
    let reported = stranger.payload(SUBMIT, json!({ "input": report })).await;
    assert_done(&reported);
    let calendars = [
        calendar(&service, &stranger, &first["participant"]["id"]).await,
        calendar(&service, &with_secret_of(&service, &place), &place["attendance"]["id"]).await,
    ];
    // The owner registers herself, and her mail leads to the stranger's record.
    assert_done(&register(&anyone, "the-owner", json!({})).await);
    let mail = mail_to(&service, "Moses@Example.org", 3).await;
    let her_mail = mail.iter().find(|mail| mail.contains("already")).expect("that she is registered");
    let code = secret_in(her_mail);

    let both = [confirm(&service, &code, json!({})), confirm(&service, &code, json!({}))];
    let both = futures_util::future::join_all(both).await;
    assert_eq!(both[0], both[1], "twice at the same moment is once");
    let confirmed = &both[0];
    assert_eq!(confirmed["participant"]["state"], "CONFIRMED", "{confirmed:#}");
    assert_eq!(confirmed["participant"]["letterGoal"], 10, "what was put in is shown");

    for payload in [&first, &place, &reported] {
        let voided = with_secret_of(&service, payload);
        assert_eq!(managed(&voided).await, Value::Null);
        let query = "query($r: ID!, $e: ID!) { participant { id } attendance { id } report(id: $r) { id }
            event(id: $e) { id } }";
        let ids = json!({ "r": reported["report"]["id"], "e": event["event"]["id"] });
        let nothing = json!({ "participant": null, "attendance": null, "report": null, "event": null });
        assert_eq!(voided.data(query, ids).await, nothing);
        let id = json!({ "id": first["participant"]["id"] });
        let refused = voided.change("participantErase", "erased", id).await;
        assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    }
    for url in &calendars {
        assert_eq!(status(url).await, 404);
    }
    // No key that the stranger kept brings anything again.
    let replays = [
        register(&anyone, "a-stranger", json!({})).await,
        join(&stranger, &event, "the-stranger-comes", invited.clone()).await,
        anyone.payload(SUBMIT, json!({ "input": report })).await,
    ];
    for replay in &replays {
        assert_eq!(user_errors(replay), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"], "{replay:#}");
    }

    let owner = with_secret_of(&service, confirmed);
    for client in [&owner, &service.bearer(&code)] {
        let own = client.data(OWN, json!({})).await["participant"].take();
        assert_eq!(own["id"], first["participant"]["id"]);
        assert_eq!(own["attendances"], json!([{ "id": place["attendance"]["id"] }]), "hers to give back");
        assert_eq!(own["reports"]["nodes"], json!([{ "id": reported["report"]["id"] }]));
    }
    let again = owner.payload(SUBMIT, json!({ "input": report })).await;
    assert_eq!(
        (&again["replayed"], &again["secret"]),
        (&json!(true), &Value::Null),
        "her own secret manages it"
    );
    let withdrawal = json!({ "id": reported["report"]["id"], "expectedRevision": 1, "reason": "Not mine.",
        "idempotencyKey": "a-withdrawal-by-her" });
    assert_done(&owner.change("reportWithdraw", "report { id }", withdrawal).await);
    let service = service.restarted().await;
    assert_eq!(managed(&with_secret_of(&service, &first)).await, Value::Null);
    assert_eq!(managed(&with_secret_of(&service, confirmed)).await["id"], first["participant"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn details_from_a_stranger_can_be_dropped_by_the_owner_and_the_letters_stay() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let (event, invited) = private_evening(&service, "an evening to be left").await;
    let said = json!({ "ageBand": "ADULT", "contactConsent": "newsletter-2021", "roles": ["DONOR"] });
    let first = register(&anyone, "a-stranger", said).await;
    let stranger = with_secret_of(&service, &first);
    assert_done(&join(&stranger, &event, "the-stranger-comes", invited).await);
    let report = json!({ "campaign": campaign_id(&anyone, "ca").await, "idempotencyKey": "letters-of-a-stranger",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 7 }], "people": 1 });
    assert_done(&stranger.payload(SUBMIT, json!({ "input": report })).await);
    let mail = mail_to(&service, "Moses@Example.org", 2).await;
    let code = secret_in(mail.iter().find(|mail| mail.contains("You are registered")).expect("that mail"));
    let before = service.bearer(&code).data(OWN, json!({})).await["participant"].take();
    assert_eq!(before["contactConsent"]["text"], "newsletter-2021", "shown before anything is decided");
    let confirmed = confirm(&service, &code, json!({ "dropsDetails": true })).await;
    assert_done(&confirmed);
    let own = with_secret_of(&service, &confirmed).data(OWN, json!({})).await["participant"].take();
    let expected = json!({ "id": first["participant"]["id"], "revision": 2, "state": "CONFIRMED",
        "letterGoal": null, "roles": ["WRITER"], "ageBand": null, "contactConsent": null, "attendances": [],
        "reports": { "nodes": [] } });
    assert_eq!(own, expected);
    let query = "{ edition(year: 2021) { total { letters } participation { pledged } } }";
    let told = anyone.data(query, json!({})).await["edition"].take();
    assert_eq!(told, json!({ "total": { "letters": 7 }, "participation": { "pledged": 0 } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_taken_by_a_stranger_belongs_to_the_owner_of_the_address_alone_once_confirmed() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let (event, invited) = private_evening(&service, "an evening in her name").await;
    let hers = with(invited.clone(), json!({ "displayName": "Ada", "email": "ada.king@example.org" }));
    let place = join(&anyone, &event, "ada-by-a-stranger", hers.clone()).await;
    assert_done(&place);
    let url = calendar(&service, &with_secret_of(&service, &place), &place["attendance"]["id"]).await;
    let code = secret_in(&mail_to(&service, "ada.king@example.org", 1).await[0]);
    for wrong in ["", "w4r_mail_made_up", place["secret"].as_str().expect("a secret")] {
        assert_eq!(user_errors(&confirm_place(&service, wrong).await), ["code NOT_FOUND"], "{wrong}");
    }
    let confirmed = confirm_place(&service, &code).await;
    assert_eq!(confirmed["attendance"]["confirmedAt"], "2021-12-01T12:00:00Z", "{confirmed:#}");
    assert_eq!(confirm_place(&service, &code).await, confirmed, "twice is once");
    assert_eq!(managed(&with_secret_of(&service, &place)).await, Value::Null);
    assert_eq!(managed(&with_secret_of(&service, &confirmed)).await["id"], place["attendance"]["id"]);
    assert_eq!(status(&url).await, 404);
    let replay = join(&anyone, &event, "ada-by-a-stranger", hers).await;
    assert_eq!(user_errors(&replay), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);

    // A participant who joins with an address of somebody else has nothing of that place afterwards.
    let registered = register(&anyone, "a-stranger", json!({ "email": "stranger@example.org" })).await;
    let stranger = with_secret_of(&service, &registered);
    let hers = with(invited, json!({ "displayName": "Eve", "email": "eve@example.org" }));
    let place = join(&stranger, &event, "eve-by-a-stranger", hers).await;
    let code = secret_in(&mail_to(&service, "eve@example.org", 1).await[0]);
    let confirmed = confirm_place(&service, &code).await;
    assert_done(&confirmed);
    let query = "query($id: ID!) { attendance(id: $id) { id } participant { attendances { id } } }";
    let seen = stranger.data(query, json!({ "id": place["attendance"]["id"] })).await;
    assert_eq!(seen, json!({ "attendance": null, "participant": { "attendances": [] } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_registered_by_a_stranger_belongs_to_the_owner_of_the_address_alone_once_confirmed() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let more = json!({ "visibility": "PRIVATE", "submit": true });
    let input = evening_at_school(&anyone, "an evening of hers by a stranger", more).await;
    let registered = register_event(&anyone, input.clone()).await;
    let approved = event_step(&service.administrator(), "eventApprove", &registered, json!({})).await;
    assert_done(&approved);
    let stranger = with_secret_of(&service, &registered);
    let query = "query($id: ID!) { event(id: $id) { invitation } }";
    let id = json!({ "id": registered["event"]["id"] });
    let seen = stranger.data(query, id.clone()).await;
    let invitation = seen["event"]["invitation"].as_str().expect("an invitation").to_owned();
    let class = json!({ "campaign": input["campaign"], "event": registered["event"]["id"], "kind": "CLASS",
        "name": "A class of the stranger", "idempotencyKey": "a-class-of-the-stranger" });
    let given = stranger.change("groupRegister", "group { id } secret", class.clone()).await;
    assert_done(&given);
    let of_class = with_secret_of(&service, &given);
    assert_eq!(managed(&of_class).await["id"], given["group"]["id"]);
    let mail = mail_to(&service, "ada@example.org", 2).await;
    let code = secret_in(mail.iter().find(|mail| mail.contains("is registered")).expect("that mail"));
    let looking = service.bearer(&code);
    assert_eq!(managed(&looking).await["id"], id["id"], "what it is about is shown");
    let refused = event_step(&looking, "eventUpdate", &approved, json!({ "title": "Mine" })).await;
    assert_eq!(
        user_errors(&refused),
        ["id NOT_FOUND"],
        "a code changes nothing before it proves the address"
    );

    for wrong in ["", "w4r_mail_made_up", registered["secret"].as_str().expect("a secret")] {
        assert_eq!(user_errors(&confirm_event(&service, wrong).await), ["code NOT_FOUND"], "{wrong}");
    }
    let both = [confirm_event(&service, &code), confirm_event(&service, &code)];
    let both = futures_util::future::join_all(both).await;
    assert_eq!(both[0], both[1], "twice at the same moment is once");
    let confirmed = &both[0];
    assert_done(confirmed);
    let owner = with_secret_of(&service, confirmed);
    assert_eq!(managed(&stranger).await, Value::Null);
    assert_eq!(managed(&owner).await["id"], id["id"]);
    let refused = event_step(&stranger, "eventCancel", &approved, json!({ "reason": "No." })).await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    let invited = service.bearer(&invitation).data(query, id.clone()).await;
    assert_eq!(invited["event"], Value::Null, "what the stranger gave to others is void too");
    assert_ne!(confirmed["event"]["invitation"], json!(invitation));
    // So are the secrets of its groups and the keys that gave them; the owner manages the groups.
    assert_eq!(managed(&of_class).await, Value::Null);
    let replay = anyone.change("groupRegister", "group { id } secret", class).await;
    assert_eq!(user_errors(&replay), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    let query = "query($id: ID!) { group(id: $id) { name } }";
    let of_owner = json!({ "id": given["group"]["id"] });
    assert_eq!(owner.data(query, of_owner.clone()).await["group"]["name"], "A class of the stranger");
    assert_eq!(stranger.data(query, of_owner).await["group"], Value::Null);
    let replay = register_event(&anyone, input).await;
    assert_eq!(user_errors(&replay), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);

    // Another address is proved anew, and the code of the former one is worth nothing.
    let moved = json!({ "organizer": { "name": "Ada", "email": "ada.new@example.org" } });
    let moved = event_step(&owner, "eventUpdate", confirmed, moved).await;
    assert_done(&moved);
    assert_eq!(user_errors(&confirm_event(&service, &code).await), ["code NOT_FOUND"]);
    let code = secret_in(&mail_to(&service, "ada.new@example.org", 1).await[0]);
    assert_eq!(managed(&owner).await["id"], id["id"], "until then it is hers who changed it");
    let again = confirm_event(&service, &code).await;
    assert_done(&again);
    assert_eq!(managed(&owner).await, Value::Null);
    assert_eq!(managed(&with_secret_of(&service, &again)).await["id"], id["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unconfirmed_record_of_a_stranger_can_be_erased_without_effect_on_others() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let first = register(&anyone, "a-stranger", json!({})).await;
    let own = register(&anyone, "the-owner", json!({})).await;
    mail_to(&service, "Moses@Example.org", 2).await;
    let id = json!({ "id": first["participant"]["id"] });
    assert_done(&with_secret_of(&service, &first).change("participantErase", "erased", id).await);
    let owner = with_secret_of(&service, &own);
    assert_eq!(managed(&owner).await["id"], own["participant"]["id"], "hers is there");
    // Her record is the first one now: the mail about it proves her address, and erases all that repeat it.
    let code = code_of(&service, "Moses@Example.org", &own["participant"]["id"]).await;
    let repeated = register(&anyone, "another-stranger", json!({})).await;
    let confirmed = confirm(&service, &code, json!({})).await;
    assert_eq!(confirmed["participant"]["id"], own["participant"]["id"]);
    let id = json!({ "id": own["participant"]["id"] });
    assert_done(&with_secret_of(&service, &confirmed).change("participantErase", "erased", id).await);
    assert_eq!(managed(&with_secret_of(&service, &repeated)).await, Value::Null);

    // The same where the stranger's record goes to another address, or takes no further part.
    for (name, mutation, more) in [
        ("Bela", "participantUpdate", json!({ "email": "stranger@example.org" })),
        ("Dorota", "participantLeave", json!({})),
    ] {
        let email = format!("{name}@example.org");
        let who = json!({ "displayName": name, "email": email });
        let first = register(&anyone, &format!("{name}-a-stranger"), who.clone()).await;
        let own = register(&anyone, &format!("{name}-the-owner"), who).await;
        mail_to(&service, &email, 2).await;
        assert_done(&step(&with_secret_of(&service, &first), mutation, &first, more).await);
        let code = code_of(&service, &email, &own["participant"]["id"]).await;
        assert_done(&confirm(&service, &code, json!({})).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn using_a_mailed_secret_revokes_the_access_of_the_registrant() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let (event, invited) = private_evening(&service, "an evening that she joins").await;
    let campaign = campaign_id(&anyone, "ca").await;
    for name in ["changes", "joins", "reports"] {
        let email = format!("{name}@example.org");
        let first = register(&anyone, name, json!({ "displayName": name, "email": email })).await;
        let owner = service.bearer(&secret_in(&mail_to(&service, &email, 1).await[0]));
        let done = match name {
            "changes" => step(&owner, "participantUpdate", &first, json!({ "letterGoal": 3 })).await,
            "joins" => join(&owner, &event, "she-herself-comes", invited.clone()).await,
            _ => {
                let report = json!({ "campaign": campaign, "idempotencyKey": "letters-of-herself",
                    "lines": [{ "kind": "APPEAL_LETTER", "quantity": 7 }] });
                owner.payload(SUBMIT, json!({ "input": report })).await
            }
        };
        assert_done(&done);
        assert_eq!(managed(&with_secret_of(&service, &first)).await, Value::Null, "{name}");
        assert_eq!(managed(&owner).await["id"], first["participant"]["id"], "{name}");
    }
    let hers = with(invited, json!({ "email": "gives.back@example.org" }));
    let place = join(&anyone, &event, "who-gives-it-back", hers).await;
    let owner = service.bearer(&secret_in(&mail_to(&service, "gives.back@example.org", 1).await[0]));
    assert_done(&crate::harness::people::cancel(&owner, &place).await);
    assert_eq!(managed(&with_secret_of(&service, &place)).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_address_belongs_to_its_owner_once_confirmed() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let first = register(&anyone, "a-stranger", json!({ "email": "stranger@example.org" })).await;
    let code = secret_in(&mail_to(&service, "stranger@example.org", 1).await[0]);
    let own = confirm(&service, &code, json!({})).await;
    let stranger = with_secret_of(&service, &own);
    let changed = step(&stranger, "participantUpdate", &own, json!({ "email": "hers@example.org" })).await;
    assert_eq!(changed["participant"]["state"], "REGISTERED");
    assert_eq!(managed(&stranger).await["id"], first["participant"]["id"], "to correct a mistake in it");
    let code = secret_in(&mail_to(&service, "hers@example.org", 1).await[0]);
    let confirmed = confirm(&service, &code, json!({})).await;
    assert_done(&confirmed);
    for client in [&stranger, &with_secret_of(&service, &first)] {
        assert_eq!(managed(client).await, Value::Null);
    }
    assert_eq!(managed(&with_secret_of(&service, &confirmed)).await["id"], first["participant"]["id"]);
}
