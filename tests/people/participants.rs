//! Participants: registration, confirmation, changes, leaving and erasure.

use serde_json::{Value, json};

use crate::harness::{
    SUBMIT, Service, TestDatabase, TestMailbox, assert_done, at, campaign_id,
    events::approved,
    import,
    mail_server::{MailServer, Moment, Whim},
    mail_settings, number,
    outbox::count,
    people::{PARTICIPANT, audit_log, counts, join, mail_to, register, secret_in, step, with_secret_of},
    user_errors, w4r, with,
};

async fn confirm(service: &Service, code: &str) -> Value {
    let selection = format!("{PARTICIPANT} secret");
    service.anyone().change("participantConfirm", &selection, json!({ "code": code })).await
}

/// What is pledged in the edition and in Canada.
async fn pledged(service: &Service) -> (Value, Value) {
    let query = "{ edition(year: 2021) { participation { pledged } }
        campaign(edition: 2021, section: \"ca\") { participation { pledged } } }";
    let mut data = service.anyone().data(query, json!({})).await;
    (data["edition"]["participation"]["pledged"].take(), data["campaign"]["participation"]["pledged"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_confirms_their_address_and_pledges() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let registered = register(&anyone, "moses", json!({ "roles": ["ATTENDEE", "WRITER", "WRITER"] })).await;
    assert_done(&registered);
    let participant = &registered["participant"];
    assert_eq!(participant["state"], "REGISTERED");
    assert_eq!(participant["roles"], json!(["WRITER", "ATTENDEE"]));
    assert_eq!(pledged(&service).await, (json!(0), json!(0)), "anybody could have typed that");
    let replayed = register(&anyone, "moses", json!({ "roles": ["ATTENDEE", "WRITER", "WRITER"] })).await;
    assert_eq!(replayed, with(registered.clone(), json!({ "replayed": true })));
    let other = register(&anyone, "moses", json!({ "letterGoal": 9 })).await;
    assert_eq!(user_errors(&other), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);

    let mail = mail_to(&service, "Moses@Example.org", 1).await;
    let code = secret_in(&mail[0]);
    for wrong in ["", "w4r_mail_made_up", registered["secret"].as_str().expect("a secret")] {
        assert_eq!(user_errors(&confirm(&service, wrong).await), ["code NOT_FOUND"], "{wrong}");
    }
    let moses = service.bearer(&code);
    let own = "{ participant { state } }";
    assert_eq!(
        moses.data(own, json!({})).await["participant"]["state"],
        "REGISTERED",
        "looking is not acting"
    );
    let confirmed = confirm(&service, &code).await;
    assert_eq!(confirmed["participant"]["state"], "CONFIRMED", "{confirmed:#}");
    assert_eq!(confirmed["participant"]["revision"], 2);
    assert_eq!(confirm(&service, &code).await, confirmed, "twice is once");
    assert_eq!(pledged(&service).await, (json!(10), json!(10)));

    let service = service.restarted().await;
    let own = with_secret_of(&service, &confirmed).data(own, json!({})).await;
    assert_eq!(own["participant"]["state"], "CONFIRMED");
    assert_eq!(pledged(&service).await, (json!(10), json!(10)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_valid_for_thirty_days_to_the_microsecond() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let registered = register(&service.anyone(), "moses", json!({})).await;
    let code = secret_in(&mail_to(&service, "Moses@Example.org", 1).await[0]);
    service.clock.set(at("2021-12-31T12:00:00Z"));
    assert_eq!(user_errors(&confirm(&service, &code).await), ["code CODE_EXPIRED"]);
    service.clock.set(at("2021-12-31T11:59:59.999999Z"));
    let confirmed = confirm(&service, &code).await;
    assert_done(&confirmed);
    let moses = with_secret_of(&service, &confirmed);
    let before = json!({ "participant": { "id": registered["participant"]["id"], "revision": 2 } });
    let moved = step(&moses, "participantUpdate", &before, json!({ "email": "akatugba@example.org" })).await;
    assert_eq!(moved["participant"]["state"], "REGISTERED", "another address is not confirmed");
    assert_eq!(user_errors(&confirm(&service, &code).await), ["code NOT_FOUND"], "nor by the former one");
    let code = secret_in(&mail_to(&service, "akatugba@example.org", 1).await[0]);
    assert_eq!(confirm(&service, &code).await["participant"]["state"], "CONFIRMED");
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_closes_with_the_campaigns_window_for_all_but_staff() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2022-02-01T04:59:59.999999Z"));
    assert_done(&register(&anyone, "just-in-time", json!({})).await);
    service.clock.set(at("2022-02-01T05:00:00Z"));
    let late = register(&anyone, "too-late", json!({})).await;
    assert_eq!(user_errors(&late), ["campaign REGISTRATION_CLOSED"]);
    assert_done(&register(&service.administrator(), "by-phone", json!({})).await);
    assert_eq!(audit_log(&service, "participantRegister").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_with_several_mistakes_gets_all_of_them() {
    let service = Service::with_2021().await;
    let bad = json!({
        "campaign": "campaign_00000000000000000000000000000000",
    });
    let refused = register(&service.anyone(), "nowhere", bad).await;
    assert_eq!(user_errors(&refused), ["campaign NOT_FOUND"]);
    let bad = json!({
        "displayName": "\u{202E}Moses",
        "email": "moses",
        "roles": [],
        "letterGoal": 1_000_001,
        "cases": ["case_00000000000000000000000000000000"],
        "language": "zz",
        "country": "PL",
        "region": "CA-ON",
        "ageBand": "TEENAGER",
        "contactConsent": "newsletter-2021",
        "idempotencyKey": "short",
    });
    let refused = register(&service.anyone(), "all-wrong", bad).await;
    assert_eq!(
        user_errors(&refused),
        [
            "displayName BIDIRECTIONAL_OVERRIDE",
            "email EMAIL_INVALID",
            "roles TOO_FEW_ITEMS",
            "letterGoal GOAL_OUT_OF_RANGE",
            "cases.0 CASE_NOT_IN_CAMPAIGN",
            "language LANGUAGE_UNKNOWN",
            "region REGION_OUTSIDE_COUNTRY",
            "contactConsent CONSENT_NEEDS_ADULT",
            "idempotencyKey IDEMPOTENCY_KEY_INVALID",
        ]
    );
    assert_eq!(number(&service.fresh.url, "SELECT COUNT(*) AS number FROM participants").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn children_take_part_and_are_on_no_mailing_list() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    assert_done(&register(&anyone, "a-child", json!({ "ageBand": "CHILD" })).await);
    for age in [json!("CHILD"), json!("TEENAGER"), Value::Null] {
        let agreeing = json!({ "ageBand": age, "contactConsent": "newsletter-2021" });
        let refused = register(&anyone, "a-child-that-agrees", agreeing).await;
        assert_eq!(user_errors(&refused), ["contactConsent CONSENT_NEEDS_ADULT"], "{age}");
    }
    let ada = json!({ "displayName": "Ada", "email": "ada@example.org", "ageBand": "ADULT",
        "contactConsent": "newsletter-2021" });
    let registered = register(&anyone, "ada", ada).await;
    let participant = &registered["participant"];
    let consent = json!({ "text": "newsletter-2021", "givenAt": "2021-12-11T00:00:00Z" });
    assert_eq!((&participant["contactConsent"], &participant["mayBeContacted"]), (&consent, &json!(false)));
    let code = secret_in(&mail_to(&service, "ada@example.org", 1).await[0]);
    let confirmed = confirm(&service, &code).await;
    assert_eq!(confirmed["participant"]["mayBeContacted"], true);
    let back = json!({ "contactConsent": null });
    let changed = step(&with_secret_of(&service, &confirmed), "participantUpdate", &confirmed, back).await;
    assert_eq!(changed["participant"]["mayBeContacted"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_can_be_released_in_part_and_ends_when_the_participant_leaves() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening for moses", json!({ "capacity": 1 })).await;
    let registered = register(&service.anyone(), "moses", json!({})).await;
    assert_done(&registered);
    let code = secret_in(&mail_to(&service, "Moses@Example.org", 1).await[0]);
    let confirmed = confirm(&service, &code).await;
    let moses = with_secret_of(&service, &confirmed);
    for (letters, expected) in [
        (json!(0), "letters QUANTITY_OUT_OF_RANGE"),
        (json!(1.5), "letters QUANTITY_NOT_WHOLE"),
        (json!(11), "letters RELEASE_EXCEEDS_GOAL"),
    ] {
        let refused = step(&moses, "pledgeRelease", &confirmed, json!({ "letters": letters })).await;
        assert_eq!(user_errors(&refused), [expected]);
    }
    let released = step(&moses, "pledgeRelease", &confirmed, json!({ "letters": 4 })).await;
    let participant = &released["participant"];
    assert_eq!((&participant["letterGoal"], &participant["released"]), (&json!(6), &json!(4)));
    assert_eq!(pledged(&service).await, (json!(6), json!(6)));
    let stale = step(&moses, "participantLeave", &confirmed, json!({})).await;
    assert_eq!(user_errors(&stale), ["expectedRevision STALE_REVISION"]);

    assert_done(&join(&moses, &event, "moses-goes", json!({})).await);
    assert_done(&join(&service.anyone(), &event, "somebody-waits", json!({})).await);
    let left = step(&moses, "participantLeave", &released, json!({})).await;
    assert_eq!(left["participant"]["state"], "LEFT", "{left:#}");
    assert_eq!(left["participant"]["attendances"][0]["state"], "CANCELLED");
    assert_eq!(counts(&service, &event).await, (1, 0), "the next one moved up");
    assert_eq!(pledged(&service).await, (json!(0), json!(0)));
    let again = step(&moses, "participantLeave", &left, json!({})).await;
    assert_eq!(user_errors(&again), ["id PARTICIPANT_STATE_INVALID"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_under_a_known_address_discloses_nothing_and_its_owner_gets_a_mail() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let first = register(&anyone, "moses", json!({})).await;
    let stranger = register(&anyone, "a-stranger", json!({ "email": "moses@example.org" })).await;
    let new = register(&anyone, "somebody-new", json!({ "email": "new@example.org" })).await;
    let form = |payload: &Value| {
        let more = json!({ "id": null, "email": null });
        (
            with(payload["participant"].clone(), more),
            payload["replayed"].clone(),
            payload["userErrors"].clone(),
        )
    };
    assert_eq!(form(&stranger), form(&new));
    let theirs = with_secret_of(&service, &stranger);
    let own = theirs.data("{ participant { id displayName export } }", json!({})).await;
    assert_eq!(own["participant"]["id"], stranger["participant"]["id"], "it looks like any other");
    let export = own["participant"]["export"].as_str().expect("a text");
    assert!(!export.contains(first["participant"]["id"].as_str().expect("an id")));
    let told = mail_to(&service, "Moses@Example.org", 2).await;
    assert_eq!(
        service.mail.messages().iter().filter(|mail| mail.contains("To: moses@example.org")).count(),
        0
    );
    // Each of the two mails leads to his own record, and none to the stranger's.
    for message in told {
        let his = service.bearer(&secret_in(&message)).data("{ participant { id } }", json!({})).await;
        assert_eq!(his["participant"]["id"], first["participant"]["id"]);
    }
    let sister = json!({ "displayName": "Ufuoma Akatugba" });
    let sister = register(&anyone, "his-sister", sister).await;
    let mail = mail_to(&service, "Moses@Example.org", 3).await;
    let hers = service.bearer(&secret_in(&mail[2])).data("{ participant { id } }", json!({})).await;
    assert_eq!(hers["participant"]["id"], sister["participant"]["id"], "families share an address");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_gone_and_what_they_wrote_still_counts() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let anyone = service.anyone();
    let event = approved(&service, "an evening without them", json!({ "capacity": 1 })).await;
    let registered = register(&anyone, "moses", json!({})).await;
    let code = secret_in(&mail_to(&service, "Moses@Example.org", 1).await[0]);
    let moses = with_secret_of(&service, &confirm(&service, &code).await);
    let repeated = register(&anyone, "moses-again", json!({})).await;
    let joined = join(&moses, &event, "moses-goes", json!({})).await;
    let waiting = join(&anyone, &event, "somebody-waits", json!({})).await;
    let report = json!({ "campaign": campaign_id(&anyone, "ca").await, "idempotencyKey": "letters-of-moses",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 7 }], "people": 1 });
    assert_done(&moses.payload(SUBMIT, json!({ "input": report })).await);
    let total = "{ edition(year: 2021) { total { letters people version } } }";
    let before = anyone.data(total, json!({})).await;
    let export = moses.data("{ participant { export } }", json!({})).await;
    let export: Value =
        serde_json::from_str(export["participant"]["export"].as_str().expect("a text")).expect("JSON");
    assert_eq!(export["email"], "Moses@Example.org");
    assert_eq!(export["attendances"][0]["id"], joined["attendance"]["id"]);

    let stranger = service.bearer("w4r_participant_made_up");
    let id = json!({ "id": registered["participant"]["id"] });
    let refused = stranger.change("participantErase", "erased", id.clone()).await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    let erased = moses.change("participantErase", "erased", id.clone()).await;
    assert_eq!(erased["erased"], registered["participant"]["id"], "{erased:#}");
    for payload in [&registered, &repeated, &joined] {
        let theirs = with_secret_of(&service, payload);
        let data = theirs.data("{ participant { id } attendance { id } }", json!({})).await;
        assert_eq!(data, json!({ "participant": null, "attendance": null }));
    }
    let again = moses.change("participantErase", "erased", id).await;
    assert_eq!(user_errors(&again), ["id NOT_FOUND"]);
    let replayed = register(&anyone, "moses", json!({})).await;
    assert_eq!(user_errors(&replayed), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    assert_eq!(counts(&service, &event).await, (1, 0), "who waited has the place");
    let next = with_secret_of(&service, &waiting).data("{ attendance { state } }", json!({})).await;
    assert_eq!(next["attendance"]["state"], "GOING");
    for (table, column) in [("participants", "content"), ("attendances", "COALESCE(person, '')")] {
        let sql = format!("SELECT COUNT(*) AS number FROM {table} WHERE {column} LIKE '%Moses%'");
        assert_eq!(number(&service.fresh.url, &sql).await, 0, "{table}");
    }
    assert_eq!(anyone.data(total, json!({})).await, before);
    let recount = w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_mail_of_an_erased_person_is_dropped_and_no_other() {
    let server = MailServer::start().await;
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let service = Service::mailing(fresh, TestMailbox::default(), mail_settings(&server.url())).await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let anyone = service.anyone();
    let event = approved(&service, "an evening without mail", json!({ "capacity": 1 })).await;
    // Nobody is sent anything at the moment: the first one is not taken, and the others wait for it.
    for _ in 0..20 {
        server.whim(Moment::Recipient, Whim::Answer("450 not now")).await;
    }
    let registered = register(&anyone, "moses", json!({})).await;
    let moses = with_secret_of(&service, &registered);
    assert_done(&join(&moses, &event, "moses-goes", json!({})).await);
    let next = join(&anyone, &event, "somebody-waits", json!({ "email": "next@example.org" })).await;
    let waiting = |condition: &str| {
        let sql = format!("SELECT COUNT(*) AS number FROM outbox WHERE ended_at IS NULL AND {condition}");
        let url = service.fresh.url.clone();
        async move { number(&url, &sql).await }
    };
    let his = "recipient LIKE 'Moses%'";
    assert_eq!(waiting(his).await, 2, "that he is registered, and that he is going");
    let id = json!({ "id": registered["participant"]["id"] });
    assert_done(&moses.change("participantErase", "erased", id).await);
    // One that was in the sender's hands at that moment is no more either.
    assert_eq!(waiting(his).await, 0);
    assert_eq!(count(&service.fresh, "DROPPED").await, 2);
    let kept = "SELECT COUNT(*) AS number FROM outbox WHERE content LIKE '%w4r_mail%' AND state = 'DROPPED'";
    assert_eq!(number(&service.fresh.url, kept).await, 0);
    assert_eq!(
        waiting("recipient = 'next@example.org'").await,
        2,
        "that they wait, and that they have a place"
    );
    let guest = with_secret_of(&service, &next);
    let id = json!({ "id": next["attendance"]["id"] });
    assert_done(&guest.change("attendanceErase", "erased", id).await);
    assert_eq!(waiting("recipient = 'next@example.org'").await, 0);
    assert_eq!(count(&service.fresh, "DROPPED").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_never_registered_is_erased_too() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening with a guest", json!({})).await;
    let email = json!({ "email": "guest@example.org" });
    let joined = join(&service.anyone(), &event, "a-guest-there", email).await;
    let guest = with_secret_of(&service, &joined);
    let erased = guest.change("attendanceErase", "erased", json!({ "id": joined["attendance"]["id"] })).await;
    assert_eq!(erased["erased"], joined["attendance"]["id"], "{erased:#}");
    assert_eq!(guest.data("{ attendance { id } }", json!({})).await["attendance"], Value::Null);
    assert_eq!(counts(&service, &event).await, (0, 0));
    let all = crate::harness::people::attendances(&service, &event, 1).await;
    assert_eq!((&all[0]["state"], &all[0]["displayName"]), (&json!("CANCELLED"), &Value::Null));
}
