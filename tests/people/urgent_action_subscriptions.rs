//! Managing a subscription: confirmation, change, end, and what strangers must not learn.

use serde_json::{Value, json};

use crate::harness::{
    Service, at, document, number,
    people::{mail_to, secret_in},
    subscribers::{SUBSCRIPTION, click, confirm, end_in, subscribe, subscribed},
    urgent_actions::issue,
    user_errors, with,
};

async fn own(service: &Service, secret: &str) -> Value {
    let query = "{ urgentActionSubscription { id revision topics frequency language confirmedAt export } }";
    let mut data = service.bearer(secret).data(query, json!({})).await;
    data["urgentActionSubscription"].take()
}

async fn stored(service: &Service) -> i64 {
    number(&service.fresh.url, "SELECT COUNT(*) AS number FROM subscriptions").await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_before_the_reader_of_the_address_confirms() {
    let service = Service::empty().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let asked = subscribe(&anyone, "ada", json!({})).await;
    assert_eq!((&asked["asked"], &asked["replayed"]), (&json!(true), &json!(false)));
    let replayed = subscribe(&anyone, "ada", json!({})).await;
    assert_eq!(replayed, with(asked, json!({ "replayed": true })));
    let other = subscribe(&anyone, "ada", json!({ "frequency": "WEEKLY" })).await;
    assert_eq!(user_errors(&other), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    let mail = mail_to(&service, "ada@example.org", 1).await;
    assert!(!mail[0].contains("List-Unsubscribe"), "there is nothing to end yet: {}", mail[0]);
    let ada = secret_in(&mail[0]);
    subscribed(&service, "moses", json!({})).await;

    issue(&staff, json!({})).await;
    let told = mail_to(&service, "moses@example.org", 2).await;
    assert!(told[1].contains("Subject: Urgent action 89/21: Water for Espinar"), "{}", told[1]);
    assert_eq!(own(&service, &ada).await["confirmedAt"], Value::Null, "looking is not acting");
    mail_to(&service, "ada@example.org", 1).await;

    for wrong in ["", "w4r_subscription_made_up", &end_in(&told[1])] {
        assert_eq!(user_errors(&confirm(&service, wrong).await), ["code NOT_FOUND"], "{wrong}");
    }
    let confirmed = confirm(&service, &ada).await;
    assert_eq!(confirmed["subscription"]["confirmedAt"], "2021-12-11T00:00:00Z", "{confirmed:#}");
    assert_eq!(confirm(&service, &ada).await, confirmed, "twice is once");
    let service = service.restarted().await;
    let next = json!({ "number": "90/21", "texts": [{ "language": "en", "title": "Justice" }] });
    issue(&service.administrator(), next).await;
    let told = mail_to(&service, "ada@example.org", 2).await;
    assert!(told[1].contains("90/21"), "what was news before is not told: {}", told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_valid_for_thirty_days_and_unconfirmed_subscriptions_are_deleted() {
    let service = Service::empty().await;
    subscribe(&service.anyone(), "ada", json!({})).await;
    let code = secret_in(&mail_to(&service, "ada@example.org", 1).await[0]);
    service.clock.set(at("2022-01-10T00:00:00Z"));
    assert_eq!(user_errors(&confirm(&service, &code).await), ["code CODE_EXPIRED"]);
    service.clock.set(at("2022-01-09T23:59:59.999999Z"));
    let confirmed = confirm(&service, &code).await;
    assert_eq!(user_errors(&confirmed), [""; 0], "{confirmed:#}");
    subscribe(&service.anyone(), "ada again", json!({ "idempotencyKey": "ada-once-more-again" })).await;
    assert_eq!(stored(&service).await, 2);
    service.clock.set(at("2022-02-10T00:00:00Z"));
    crate::harness::becomes(async || stored(&service).await, 1).await;
    assert_eq!(own(&service, &code).await["id"], confirmed["subscription"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_with_several_mistakes_gets_all_of_them_and_children_cannot_subscribe() {
    let service = Service::empty().await;
    let anyone = service.anyone();
    for age in ["CHILD", "TEENAGER"] {
        let refused = subscribe(&anyone, "a-child", json!({ "ageBand": age })).await;
        assert_eq!(user_errors(&refused), ["ageBand CONSENT_NEEDS_ADULT"]);
        assert_eq!(refused["asked"], false);
    }
    let bad = json!({ "email": "ada", "topics": vec!["TORTURE"; 51], "language": "zz", "ageBand": "CHILD",
        "contactConsent": " ", "idempotencyKey": "short" });
    assert_eq!(
        user_errors(&subscribe(&anyone, "nobody", bad).await),
        [
            "email EMAIL_INVALID",
            "topics TOO_MANY_ITEMS",
            "language LANGUAGE_UNKNOWN",
            "contactConsent REQUIRED",
            "ageBand CONSENT_NEEDS_ADULT",
            "idempotencyKey IDEMPOTENCY_KEY_INVALID",
        ]
    );
    assert_eq!(stored(&service).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_shows_changes_exports_and_ends_and_no_other_does() {
    let service = Service::empty().await;
    let topics = json!({ "topics": ["TORTURE", "CHILDREN", "TORTURE"], "language": "fr-CA" });
    let secret = subscribed(&service, "ada", topics).await;
    let stranger = subscribed(&service, "moses", json!({})).await;
    let ada = service.bearer(&secret);
    let shown = own(&service, &secret).await;
    assert_eq!(shown["topics"], json!(["CHILDREN", "TORTURE"]));
    let export: Value = serde_json::from_str(shown["export"].as_str().expect("a text")).expect("JSON");
    assert_eq!(
        (&export["email"], &export["contactConsent"]),
        (
            &json!("ada@example.org"),
            &json!({ "text": "urgent-actions-2021", "givenAt": "2021-12-11T00:00:00Z" })
        )
    );
    let change = json!({ "id": shown["id"], "expectedRevision": 2, "topics": [], "frequency": "WEEKLY" });
    let stale = with(change.clone(), json!({ "expectedRevision": 1, "language": "zz" }));
    let name = "urgentActionSubscriptionUpdate";
    assert_eq!(
        user_errors(&ada.change(name, SUBSCRIPTION, stale).await),
        ["expectedRevision STALE_REVISION", "language LANGUAGE_UNKNOWN"]
    );
    let nobody = "subscription_00000000000000000000000000000000";
    let query = "query($id: ID!) { urgentActionSubscription(id: $id) { id } node(id: $id) { id } }";
    for other in [service.bearer(&stranger), service.bearer("w4r_subscription_made_up")] {
        for (mutation, input) in
            [(name, change.clone()), ("urgentActionSubscriptionEnd", json!({ "id": shown["id"] }))]
        {
            let selection = if mutation == name { SUBSCRIPTION } else { "ended" };
            let refused = other.change(mutation, selection, input.clone()).await;
            assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
            let about_nobody = with(input, json!({ "id": nobody }));
            assert_eq!(other.change(mutation, selection, about_nobody).await, refused);
        }
        let nothing = json!({ "urgentActionSubscription": null, "node": null });
        assert_eq!(other.data(query, json!({ "id": shown["id"] })).await, nothing);
    }
    assert_eq!(service.anyone().data(query, json!({ "id": shown["id"] })).await["node"], Value::Null);
    let asked = document(name, SUBSCRIPTION);
    assert_eq!(service.anyone().fault(&asked, json!({ "input": change.clone() })).await, "UNAUTHENTICATED");

    let changed = ada.change(name, SUBSCRIPTION, change).await;
    let subscription = &changed["subscription"];
    assert_eq!(
        (
            &subscription["topics"],
            &subscription["frequency"],
            &subscription["language"],
            &subscription["revision"]
        ),
        (&json!([]), &json!("WEEKLY"), &json!("fr-CA"), &json!(3)),
        "{changed:#}"
    );
    let staff = service.administrator().data(query, json!({ "id": shown["id"] })).await;
    assert_eq!(staff["node"]["id"], shown["id"], "somebody asks by phone");
    let end = json!({ "id": shown["id"] });
    let ended = ada.change("urgentActionSubscriptionEnd", "ended", end.clone()).await;
    assert_eq!(ended["ended"], shown["id"], "{ended:#}");
    assert_eq!(own(&service, &secret).await, Value::Null);
    let again = ada.change("urgentActionSubscriptionEnd", "ended", end).await;
    assert_eq!(user_errors(&again), ["id NOT_FOUND"]);
    assert_eq!(stored(&service).await, 1, "his");
    let kept = "SELECT COUNT(*) AS number FROM outbox WHERE recipient LIKE 'ada%' OR content LIKE '%ada@%'";
    assert_eq!(number(&service.fresh.url, kept).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_is_answered_like_an_unknown_one() {
    let service = Service::empty().await;
    let anyone = service.anyone();
    let known = subscribed(&service, "ada", json!({})).await;
    // The owner of the address is asked three times a day at most, whoever it is that types it.
    let form = async |email: &str, number: u32| {
        let more = json!({ "email": email, "idempotencyKey": format!("{email}-number-{number}") });
        let once = subscribe(&anyone, "", more.clone()).await;
        (once, subscribe(&anyone, "", more).await)
    };
    for number in 0..5 {
        let answers = form("Ada@Example.org", number).await;
        assert_eq!(answers, form("nobody@example.org", number).await);
    }
    mail_to(&service, "nobody@example.org", 3).await;
    let family = mail_to(&service, "Ada@Example.org", 3).await;
    mail_to(&service, "ada@example.org", 1).await;
    // Somebody else of the family says yes, and is told on their own.
    let sister = secret_in(&family[0]);
    assert_eq!(user_errors(&confirm(&service, &sister).await), [""; 0]);
    assert_ne!(own(&service, &sister).await["id"], own(&service, &known).await["id"]);
    let end = json!({ "id": own(&service, &known).await["id"] });
    let ended = service.bearer(&known).change("urgentActionSubscriptionEnd", "ended", end).await;
    assert_eq!(user_errors(&ended), [""; 0]);
    let replayed = subscribe(&anyone, "ada", json!({})).await;
    assert_eq!(replayed["replayed"], true, "whoever typed it once does not learn that it was ended");
    service.clock.set(at("2021-12-12T00:00:00Z"));
    assert_eq!(form("Ada@Example.org", 9).await.0["asked"], true);
    mail_to(&service, "Ada@Example.org", 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_the_link_of_a_mail_changes_nothing_and_its_button_ends_the_subscription() {
    let service = Service::empty().await;
    let secret = subscribed(&service, "ada", json!({})).await;
    issue(&service.administrator(), json!({})).await;
    let told = mail_to(&service, "ada@example.org", 2).await;
    assert!(told[1].contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", told[1]);
    let token = end_in(&told[1]);
    let header = format!("List-Unsubscribe: <https://w4r.example/unsubscribe/{token}>");
    assert!(told[1].replace("\r\n ", " ").contains(&header), "{}", told[1]);
    let url = |token: &str| format!("http://{}/unsubscribe/{token}", service.address);
    let page = reqwest::get(url(&token)).await.expect("an answer");
    assert_eq!(page.status(), 200);
    assert!(
        page.headers()["content-security-policy"].to_str().is_ok_and(|it| it.contains("form-action 'self'"))
    );
    assert!(page.text().await.expect("text").contains("<form method=\"post\">"));
    assert_ne!(own(&service, &secret).await, Value::Null, "a scanner has opened it");
    assert_eq!(own(&service, &token).await, Value::Null, "it ends, and can do no more");
    let mut pages = Vec::new();
    for token in [token.as_str(), &token, "w4r_end_made_up"] {
        let answer = click(url(token)).await;
        assert_eq!(answer.status(), 200, "no redirection, and nothing that tells one from the other");
        pages.push(answer.text().await.expect("text"));
        assert_eq!(own(&service, &secret).await, Value::Null);
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
    assert_eq!(stored(&service).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_send_no_mail_to_an_address_and_take_as_long_as_others() {
    let service = Service::empty().await;
    let anyone = service.anyone();
    let put = async || number(&service.fresh.url, "SELECT COUNT(*) AS number FROM outbox").await;
    let mut answers = Vec::new();
    for ask in 1..=5_i64 {
        let email = json!({ "email": "often@example.org" });
        answers.push(subscribe(&anyone, &format!("one-of-many-{ask}"), email).await);
        // The same rows are written each time, and taken back within the same commit.
        assert_eq!(put().await, ask);
        assert_eq!(stored(&service).await, ask.min(3));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let dropped = "SELECT COUNT(*) AS number FROM outbox WHERE state = 'DROPPED' AND recipient IS NULL";
    assert_eq!(number(&service.fresh.url, dropped).await, 2);
    assert_eq!(mail_to(&service, "often@example.org", 3).await.len(), 3);
}
