//! Administration of the catalogue: permissions, violations, revisions and the audit log.

use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::harness::{
    Client, PATIENCE, SUBMIT, Service, at, campaign_id, case_to_change, document, number,
    urgent_actions::water, user_errors, with,
};

/// An id of the right form that nothing has.
fn nobody(kind: &str) -> Value {
    json!(format!("{kind}_00000000000000000000000000000000"))
}

async fn edition(client: &Client, year: i32) -> Value {
    let query = "query($y: Int!) { edition(year: $y) { id expectedRevision: revision } }";
    client.data(query, json!({ "y": year })).await["edition"].take()
}

async fn section(client: &Client, code: &str) -> Value {
    let query = "query($c: String!) { section(code: $c) { id expectedRevision: revision } }";
    client.data(query, json!({ "c": code })).await["section"].take()
}

async fn campaign(client: &Client, code: &str) -> Value {
    let query =
        "query($c: String!) { campaign(edition: 2021, section: $c) { id expectedRevision: revision } }";
    client.data(query, json!({ "c": code })).await["campaign"].take()
}

fn new_section(code: &str) -> Value {
    json!({ "code": code, "name": "Amnistía Perú", "country": "PE", "languages": ["es", "qu"],
        "timeZone": "America/Lima" })
}

fn new_case(edition: &Value, slug: &str) -> Value {
    json!({ "edition": edition["id"], "slug": slug, "name": "Máxima Acuña", "kind": "PERSON", "country": "PE" })
}

fn new_resource(title: &str) -> Value {
    json!({ "kind": "POSTER", "title": title, "language": "en", "audience": "EVERYONE",
        "url": format!("https://example.org/{}.pdf", title.replace(' ', "-")) })
}

fn figure() -> Value {
    json!({ "figure": 4_657_104, "unit": "letters", "qualifier": "EXACT", "status": "FINAL" })
}

/// Every mutation that needs an administrator's key, with an input that is in order.
async fn in_order(service: &Service) -> Vec<(&'static str, Value)> {
    let staff = service.administrator();
    let edition = edition(&staff, 2021).await;
    let section = section(&staff, "ca").await;
    let campaign = campaign(&staff, "ca").await;
    let rung = case_to_change(&staff, "rung").await;
    let other = staff.change("sectionCreate", "section { id }", new_section("other")).await;
    let days = json!({ "edition": edition["id"], "section": other["section"]["id"],
        "opensOn": "2021-11-01", "deadlineOn": "2022-01-31" });
    let review = json!({ "id": nobody("report"), "expectedRevision": 1, "decision": "ACCEPT",
        "reason": "A big school.", "idempotencyKey": "the-review-of-nothing" });
    let event = json!({ "id": nobody("event"), "expectedRevision": 1 });
    let figure_of_canada = json!({ "quantity": 70_000, "qualifier": "ABOUT", "status": "RUNNING",
        "containsReports": true });
    let statement = json!({ "id": nobody("statement"), "expectedRevision": 1, "reason": "Counted again." });
    let moderation = json!({ "selection": { "campaign": campaign["id"] }, "decision": "REJECT",
        "reason": "A flood.", "idempotencyKey": "an-act-of-moderation" });
    let undoing = json!({ "id": nobody("moderation"), "reason": "It was a school.",
        "idempotencyKey": "an-act-that-undoes" });
    let outcome = json!({ "on": "2022-03-24", "kind": "RELEASED", "text": "Free." });
    let why = json!({ "reason": "It is so." });
    let poster =
        staff.change("resourceAdd", "resource { id expectedRevision: revision }", new_resource("A poster"));
    let poster = poster.await["resource"].take();
    let action = staff.change("urgentActionIssue", "urgentAction { id expectedRevision: revision }", water());
    let action = action.await["urgentAction"].take();
    let longer = json!({ "expiresOn": "2022-03-01", "reason": "She is still held." });
    let later = json!({ "deadlineOn": "2022-02-28", "reason": "The post is slow." });
    vec![
        ("editionCreate", json!({ "year": 2031, "letterGoal": 5_000_000 })),
        ("editionUpdate", with(edition.clone(), json!({ "letterGoal": 9 }))),
        ("editionArchive", with(edition.clone(), why.clone())),
        ("editionPublishFigures", json!({ "id": edition["id"], "figures": [figure()] })),
        ("sectionCreate", new_section("pe")),
        ("sectionUpdate", with(section, json!({ "name": "Canada" }))),
        ("campaignCreate", days),
        ("campaignUpdate", with(campaign.clone(), json!({ "graceDays": 3 }))),
        ("campaignExtend", with(campaign, later)),
        ("caseCreate", new_case(&edition, "maxima")),
        ("caseUpdate", with(rung.clone(), json!({ "name": "Rung" }))),
        ("caseRecordConsent", with(rung.clone(), json!({ "on": "2021-08-01", "by": "herself" }))),
        ("casePublish", rung.clone()),
        ("caseSuspend", with(rung.clone(), why.clone())),
        ("caseResume", with(rung.clone(), why.clone())),
        ("caseClose", with(rung.clone(), json!({ "reason": "GOOD_NEWS" }))),
        ("caseAddOutcome", with(rung, outcome)),
        ("resourceAdd", new_resource("A second poster")),
        ("resourceUpdate", with(poster.clone(), json!({ "title": "The poster" }))),
        ("resourceRetire", with(poster, why.clone())),
        ("urgentActionIssue", with(water(), json!({ "number": "90/21" }))),
        ("urgentActionUpdate", with(action.clone(), json!({ "country": "BO" }))),
        ("urgentActionExtend", with(action.clone(), longer)),
        ("urgentActionWithdraw", with(action, why)),
        ("reportReview", review),
        ("reportsModerate", moderation),
        ("moderationUndo", undoing),
        ("eventApprove", event.clone()),
        ("eventReject", with(event, json!({ "reason": "In which room?" }))),
        ("groupReview", json!({ "id": nobody("group"), "expectedRevision": 1, "decision": "APPROVE" })),
        ("noticeResend", json!({ "ids": [nobody("notice")] })),
        (
            "statementCreate",
            with(
                figure_of_canada.clone(),
                json!({ "campaign": nobody("campaign"),
            "scope": { "extent": "SECTION", "kind": "UNSPECIFIED_ACTION", "origin": "SECTION" },
            "idempotencyKey": "a-statement-of-canada" }),
            ),
        ),
        ("statementRevise", with(figure_of_canada, statement.clone())),
        ("statementWithdraw", statement),
        ("milestoneCreate", json!({ "scope": edition["id"], "unit": "LETTERS", "threshold": 1_000_000 })),
        ("milestoneWithdraw", json!({ "id": nobody("milestone"), "reason": "A typing mistake." })),
        ("editionRecount", json!({ "id": edition["id"] })),
        ("editionCertify", json!({ "id": nobody("edition"), "expectedVersion": 1 })),
        ("campaignCertify", json!({ "id": nobody("campaign"), "expectedVersion": 1 })),
    ]
}

/// Whether it is about what others handed in, a report, an event or a group, about a figure or about mail, and not the catalogue.
fn is_review(mutation: &str) -> bool {
    ["report", "moderation", "event", "group", "notice", "statement"]
        .iter()
        .any(|noun| mutation.starts_with(noun))
}

async fn catalogue_revision(service: &Service) -> i64 {
    number(&service.fresh.url, "SELECT revision AS number FROM catalogue").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_administrators_change_nobody_else_does() {
    let service = Service::with_2021().await;
    let inputs = in_order(&service).await;
    // The description of each such mutation says which key it requires.
    let schema = graphql::api::sdl();
    let mutations = schema.split_once("type Mutation {").and_then(|(_, rest)| rest.split_once("\n}"));
    let mutations = mutations.expect("the mutations").0;
    let mutations = mutations.split_whitespace().collect::<Vec<_>>().join(" ");
    // Mutations that accept a secret, too, name it.
    let for_staff_only =
        mutations.split("Payload").filter(|one| one.contains("administrator key") && !one.contains("secret"));
    assert_eq!(inputs.len(), for_staff_only.count(), "a mutation is missing here");

    let submitted = json!({ "campaign": campaign_id(&service.anyone(), "ca").await,
        "idempotencyKey": "a-report-with-a-secret", "lines": [{ "kind": "EMAIL", "quantity": 1 }] });
    let submitted = service.anyone().payload(SUBMIT, json!({ "input": submitted })).await;
    let secret = submitted["secret"].as_str().expect("a secret");
    let before = catalogue_revision(&service).await;
    for (mutation, input) in inputs {
        let document = document(mutation, "");
        let variables = json!({ "input": input });
        for (client, fault) in [
            (service.anyone(), "UNAUTHENTICATED"),
            (service.bearer("w4r_admin_that-was-made-up"), "UNAUTHENTICATED"),
            (service.bearer(secret), "FORBIDDEN"),
            (service.bearer("something else"), "FORBIDDEN"),
        ] {
            assert_eq!(client.fault(&document, variables.clone()).await, fault, "{mutation}");
        }
    }
    assert_eq!(catalogue_revision(&service).await, before, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_opens_nothing_from_that_moment_on() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let goal = async |revision: i32| {
        let input = with(
            edition(&service.anyone(), 2021).await,
            json!({ "expectedRevision": revision, "letterGoal": 7 }),
        );
        staff.ask(&document("editionUpdate", "edition { letterGoal }"), json!({ "input": input })).await
    };
    assert_eq!(goal(1).await["data"]["editionUpdate"]["edition"]["letterGoal"], 7);
    let mut connection = service.fresh.open().connect().await.expect("a connection");
    let keys = graphql::database::staff_keys::list(&mut connection).await.expect("the keys");
    let now = service.clock.now();
    let revoked =
        graphql::database::staff_keys::revoke(&mut connection, keys[0].id, now).await.expect("a database");
    assert!(revoked);
    let refused = goal(2).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused:#}");
    let query = "{ edition(year: 2021) { letterGoal } }";
    assert_eq!(staff.fault(query, json!({})).await, "UNAUTHENTICATED", "not even what anyone may read");
    let data = service.anyone().data(query, json!({})).await;
    assert_eq!(data["edition"]["letterGoal"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_something_that_is_not_there_is_told_so() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let before = catalogue_revision(&service).await;
    for (mutation, input) in in_order(&service).await {
        // An id of another kind names nothing here either.
        for id in [nobody("case"), nobody("edition"), json!(""), json!("rung")] {
            let (input, expected): (_, &[&str]) = match mutation {
                "editionCreate" | "sectionCreate" | "resourceAdd" | "urgentActionIssue" => continue,
                "reportsModerate" => {
                    let selection = json!({ "selection": { "campaign": id } });
                    (with(input.clone(), selection), &["selection.campaign NOT_FOUND"])
                }
                "caseCreate" => (with(input.clone(), json!({ "edition": id })), &["edition NOT_FOUND"]),
                "campaignCreate" => (
                    with(input.clone(), json!({ "edition": id, "section": id })),
                    &["edition NOT_FOUND", "section NOT_FOUND"],
                ),
                "statementCreate" => {
                    (with(input.clone(), json!({ "campaign": id })), &["campaign NOT_FOUND"])
                }
                "milestoneCreate" => (with(input.clone(), json!({ "scope": id })), &["scope NOT_FOUND"]),
                "noticeResend" => (json!({ "ids": [id] }), &["ids.0 NOT_FOUND"]),
                _ => (with(input.clone(), json!({ "id": id })), &["id NOT_FOUND"]),
            };
            let refused = staff.change(mutation, "__typename", input).await;
            assert_eq!(user_errors(&refused), expected, "{mutation} {id}");
        }
    }
    assert_eq!(catalogue_revision(&service).await, before + 3, "only what the inputs need");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_decides_on_an_old_revision_is_told_to_read_again() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let changes: Vec<_> = in_order(&service)
        .await
        .into_iter()
        .filter(|(mutation, input)| !is_review(mutation) && input.get("expectedRevision").is_some())
        .collect();
    assert_eq!(changes.len(), 17);
    let before = catalogue_revision(&service).await;
    for (mutation, input) in changes {
        let current = input["expectedRevision"].as_i64().expect("a revision");
        for stale in [current - 1, current + 1, 0, -1, i64::from(i32::MAX)] {
            let input = with(input.clone(), json!({ "expectedRevision": stale }));
            let refused = staff.change(mutation, "__typename", input).await;
            let errors = user_errors(&refused);
            assert!(errors.contains(&"expectedRevision STALE_REVISION".to_owned()), "{mutation}: {errors:?}");
        }
    }
    assert_eq!(catalogue_revision(&service).await, before, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_the_same_revision_at_once_one_is_told_to_read_again() {
    let service = Service::with_2021().await;
    let other = service.beside().await;
    let rung = case_to_change(&service.anyone(), "rung").await;
    let changing: Vec<_> = (0..8)
        .map(|number| {
            let staff = if number % 2 == 0 { service.administrator() } else { other.administrator() };
            let input = with(rung.clone(), json!({ "name": format!("Rung {number}") }));
            tokio::spawn(staff.change("caseUpdate", "case { name revision }", input))
        })
        .collect();
    let mut done = Vec::new();
    for change in changing {
        let change = change.await.expect("no panic");
        match user_errors(&change).as_slice() {
            [] => done.push(change["case"].clone()),
            refused => assert_eq!(refused, ["expectedRevision STALE_REVISION"]),
        }
    }
    assert_eq!(done.len(), 1, "{done:?}");
    let query = "{ case(edition: 2021, slug: \"rung\") { name revision } }";
    for process in [&service, &other] {
        // One process hears within a second of what the other has done.
        let hearing = async { while process.anyone().data(query, json!({})).await["case"] != done[0] {} };
        timeout(PATIENCE, hearing).await.expect("it hears of the change");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_make_the_same_thing_at_once_exactly_one_does() {
    let service = Service::with_2021().await;
    let other = service.beside().await;
    let edition = edition(&service.anyone(), 2021).await;
    let section = service.administrator().change("sectionCreate", "section { id }", new_section("new")).await;
    let campaign = json!({ "edition": edition["id"], "section": section["section"]["id"],
        "opensOn": "2021-11-01", "deadlineOn": "2022-01-31" });
    for (mutation, input, taken) in [
        ("editionCreate", json!({ "year": 2031 }), "year ALREADY_EXISTS"),
        ("sectionCreate", new_section("pe"), "code ALREADY_EXISTS"),
        ("campaignCreate", campaign, "section ALREADY_EXISTS"),
        ("caseCreate", new_case(&edition, "maxima"), "slug ALREADY_EXISTS"),
    ] {
        let making: Vec<_> = (0..10)
            .map(|number| {
                let staff = if number % 2 == 0 { service.administrator() } else { other.administrator() };
                tokio::spawn(staff.change(mutation, "__typename", input.clone()))
            })
            .collect();
        let mut made = 0;
        for one in making {
            match user_errors(&one.await.expect("no panic")).as_slice() {
                [] => made += 1,
                refused => assert_eq!(refused, [taken], "{mutation}"),
            }
        }
        assert_eq!(made, 1, "{mutation}");
        let again = service.administrator().change(mutation, "__typename", input).await;
        assert_eq!(user_errors(&again), [taken]);
    }
    let year = with(edition, json!({ "year": 2031 }));
    let refused = service.administrator().change("editionUpdate", "__typename", year).await;
    assert_eq!(user_errors(&refused), ["year ALREADY_EXISTS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_is_opened_changed_told_of_and_archived() {
    let service = Service::empty().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let fields = "edition { id year letterGoal state revision humanRightsDay publishedFigures { figure } }";
    let made = staff.change("editionCreate", fields, json!({ "year": 2026, "letterGoal": 5_000_000 })).await;
    let id = made["edition"]["id"].clone();
    assert_eq!(
        made["edition"],
        json!({ "id": id, "year": 2026, "letterGoal": 5_000_000, "state": "OPEN", "revision": 1,
            "humanRightsDay": "2026-12-10", "publishedFigures": [] })
    );
    let change = json!({ "id": id, "expectedRevision": 1, "year": 2027, "letterGoal": null });
    let changed = staff.change("editionUpdate", fields, change).await["edition"].clone();
    assert_eq!(
        (&changed["year"], &changed["letterGoal"], &changed["revision"]),
        (&json!(2027), &Value::Null, &json!(2))
    );
    assert_eq!(anyone.data("{ edition(year: 2026) { id } }", json!({})).await["edition"], Value::Null);
    let more = with(
        figure(),
        json!({ "qualifier": "ABOUT", "asOf": "2028-03", "countries": 80,
        "source": "https://example.org/news" }),
    );
    let publish = json!({ "id": id, "figures": [figure(), more] });
    let published = staff.change("editionPublishFigures", fields, publish).await;
    assert_eq!(published["edition"]["publishedFigures"].as_array().map(Vec::len), Some(2));
    let archive = json!({ "id": id, "expectedRevision": 2, "reason": "  It is over. " });
    let archived = staff.change("editionArchive", fields, archive).await;
    assert_eq!(
        (&archived["edition"]["state"], &archived["edition"]["revision"]),
        (&json!("ARCHIVED"), &json!(3))
    );
    let replace = json!({ "id": id, "figures": [] });
    let replaced = staff.change("editionPublishFigures", fields, replace).await;
    assert_eq!(replaced["edition"]["publishedFigures"], json!([]), "history may be told of any year");
    let seen = anyone
        .data("{ edition(year: 2027) { state revision publishedFigures { figure } } }", json!({}))
        .await;
    assert_eq!(seen["edition"], json!({ "state": "ARCHIVED", "revision": 3, "publishedFigures": [] }));
    assert_eq!(
        log(&service, &id).await,
        [
            said("editionCreate", None),
            said("editionUpdate", None),
            said("editionPublishFigures", None),
            said("editionArchive", Some("It is over.")),
            said("editionPublishFigures", None),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_is_registered_and_changed_and_keeps_its_code() {
    let service = Service::empty().await;
    let staff = service.administrator();
    let fields = "section { id code name country languages timeZone revision }";
    let made = staff.change("sectionCreate", fields, new_section("pe")).await["section"].clone();
    let expected = with(new_section("pe"), json!({ "id": made["id"], "revision": 1 }));
    assert_eq!(made, expected);
    let change = json!({ "id": made["id"], "expectedRevision": 1, "name": "Perú", "country": null });
    let changed = staff.change("sectionUpdate", fields, change).await["section"].clone();
    assert_eq!(changed, with(expected, json!({ "name": "Perú", "country": null, "revision": 2 })));
    let seen = service
        .anyone()
        .data(&format!("{{ {} }}", fields.replace("section", "section(code: \"pe\")")), json!({}));
    assert_eq!(seen.await["section"], changed);
    assert_eq!(log(&service, &made["id"]).await, [said("sectionCreate", None), said("sectionUpdate", None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_set_up_and_changed_but_only_an_extension_opens_again_what_is_over() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let lima = staff.change("sectionCreate", "section { id }", new_section("pe")).await;
    let fields = "campaign { id phase revision letterGoal picksAllCases limits { person event }
        window { timeZone opensOn registrationClosesOn deadlineOn graceDays deadlineAt closesAt } }";
    let create = json!({ "edition": edition(&staff, 2021).await["id"], "section": lima["section"]["id"],
        "opensOn": "2021-11-15", "deadlineOn": "2021-12-31", "registrationClosesOn": "2021-12-10",
        "letterGoal": 900, "limitPerson": 50 });
    let made = staff.change("campaignCreate", fields, create).await["campaign"].clone();
    let id = made["id"].clone();
    assert_eq!(
        made,
        json!({ "id": id, "phase": "OPEN", "revision": 1, "letterGoal": 900, "picksAllCases": true,
            "limits": { "person": 50, "event": 5000 },
            "window": { "timeZone": "America/Lima", "opensOn": "2021-11-15",
                "registrationClosesOn": "2021-12-10", "deadlineOn": "2021-12-31", "graceDays": 0,
                "deadlineAt": "2022-01-01T05:00:00Z", "closesAt": "2022-01-01T05:00:00Z" } })
    );
    let change = async |revision: i32, more: Value| {
        let input = with(json!({ "id": id, "expectedRevision": revision }), more);
        staff.change("campaignUpdate", fields, input).await
    };
    let extend = async |revision: i32, deadline: &str, reason: &str| {
        let input =
            json!({ "id": id, "expectedRevision": revision, "deadlineOn": deadline, "reason": reason });
        staff.change("campaignExtend", fields, input).await
    };
    let report = json!({ "campaign": id, "idempotencyKey": "letters-from-cajamarca",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 40 }] });
    let submit = async || anyone.payload(SUBMIT, json!({ "input": report })).await;
    let nulls = json!({ "letterGoal": null, "registrationClosesOn": null, "timeZone": "America/Toronto" });
    let changed = change(1, nulls).await["campaign"].clone();
    assert_eq!(
        (&changed["letterGoal"], &changed["window"]["registrationClosesOn"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(changed["window"]["timeZone"], "America/Toronto");
    // While it is open a deadline moves either way; once it is over nothing opens it but an extension.
    assert_eq!(user_errors(&change(2, json!({ "deadlineOn": "2022-01-10" })).await), [""; 0]);
    assert_eq!(user_errors(&change(3, json!({ "deadlineOn": "2022-01-05" })).await), [""; 0]);
    service.clock.set(at("2022-01-06T05:00:00Z"));
    assert_eq!(user_errors(&submit().await), ["campaign DEADLINE_PASSED"]);
    for reopening in [
        json!({ "deadlineOn": "2022-01-06" }),
        json!({ "graceDays": 1 }),
        json!({ "timeZone": "Pacific/Honolulu" }),
        json!({ "opensOn": "2022-01-06", "deadlineOn": "2022-02-06" }),
    ] {
        assert_eq!(
            user_errors(&change(4, reopening.clone()).await),
            ["deadlineOn USE_EXTENSION"],
            "{reopening}"
        );
    }
    assert_eq!(user_errors(&extend(4, "2022-01-31", " ").await), ["reason REASON_MISSING"]);
    for not_later in ["2022-01-05", "2021-12-31"] {
        assert_eq!(user_errors(&extend(4, not_later, "Floods.").await), ["deadlineOn NOT_AN_EXTENSION"]);
    }
    let refused = extend(3, "soon", "").await;
    assert_eq!(
        user_errors(&refused),
        ["expectedRevision STALE_REVISION", "deadlineOn DATE_INVALID", "reason REASON_MISSING"]
    );
    assert_eq!(user_errors(&submit().await), ["campaign DEADLINE_PASSED"], "nothing was opened so far");
    let extended = extend(4, "2022-01-31", "Floods held up the post.").await;
    assert_eq!(
        (&extended["campaign"]["phase"], &extended["campaign"]["revision"]),
        (&json!("OPEN"), &json!(5))
    );
    let reported = submit().await;
    assert_eq!(
        (&reported["report"]["state"], &reported["report"]["late"]),
        (&json!("ACCEPTED"), &json!(false))
    );
    assert_eq!(
        log(&service, &id).await,
        [
            said("campaignCreate", None),
            said("campaignUpdate", None),
            said("campaignUpdate", None),
            said("campaignUpdate", None),
            said("campaignExtend", Some("Floods held up the post.")),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_prepared_agreed_to_published_suspended_resumed_closed_and_followed() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let fields = "case { id name state closeReason revision consent { on by } text { title }
        outcomes { on kind text source } sources topics kind country }";
    let edition = edition(&staff, 2021).await;
    let made = staff.change("caseCreate", fields, new_case(&edition, "maxima")).await["case"].clone();
    let id = made["id"].clone();
    let step = async |mutation: &str, revision: i32, more: Value| {
        let input = with(json!({ "id": id, "expectedRevision": revision }), more);
        staff.change(mutation, fields, input).await
    };
    let state = |done: &Value| (done["case"]["state"].clone(), done["case"]["revision"].clone());
    assert_eq!(
        (&made["state"], &made["revision"], &made["consent"]),
        (&json!("DRAFT"), &json!(1), &Value::Null)
    );
    assert_eq!(user_errors(&step("casePublish", 1, json!({})).await), ["id CONSENT_MISSING"]);
    let content = json!({ "name": "Máxima", "topics": ["INDIGENOUS_RIGHTS", "ENVIRONMENT", "ENVIRONMENT"],
        "kind": "GROUP", "texts": [{ "language": "es", "title": "La laguna" }], "sources": ["https://example.org"] });
    let changed = step("caseUpdate", 1, content).await["case"].clone();
    assert_eq!(
        (&changed["name"], &changed["kind"], &changed["country"]),
        (&json!("Máxima"), &json!("GROUP"), &json!("PE"))
    );
    assert_eq!(changed["topics"].as_array().map(Vec::len), Some(2), "each topic once");
    assert_eq!(changed["text"]["title"], "La laguna");
    let refused = step("caseRecordConsent", 2, json!({ "on": "2021-02-30", "by": " " })).await;
    assert_eq!(user_errors(&refused), ["on DATE_INVALID", "by REQUIRED"]);
    let agreed = step("caseRecordConsent", 2, json!({ "on": "2021-08-01", "by": "herself" })).await;
    assert_eq!(agreed["case"]["consent"], json!({ "on": "2021-08-01", "by": "herself" }));
    let forbidden = ["id CASE_STATE_INVALID"];
    let (why, good) =
        (json!({ "reason": "Threats." }), json!({ "reason": "GOOD_NEWS", "explanation": "Free at last." }));
    assert_eq!(user_errors(&step("caseSuspend", 3, why.clone()).await), forbidden, "a draft");
    assert_eq!(user_errors(&step("caseResume", 3, json!({})).await), forbidden);
    assert_eq!(user_errors(&step("caseClose", 3, good.clone()).await), forbidden);
    assert_eq!(state(&step("casePublish", 3, json!({})).await), (json!("PUBLISHED"), json!(4)));
    assert_eq!(user_errors(&step("casePublish", 4, json!({})).await), forbidden, "a published case");
    assert_eq!(user_errors(&step("caseResume", 4, json!({})).await), forbidden);
    assert_eq!(
        user_errors(&step("caseSuspend", 4, json!({ "reason": "" })).await),
        ["reason REASON_MISSING"]
    );
    assert_eq!(state(&step("caseSuspend", 4, why.clone()).await), (json!("SUSPENDED"), json!(5)));
    assert_eq!(user_errors(&step("caseSuspend", 5, why.clone()).await), forbidden, "a suspended case");
    assert_eq!(user_errors(&step("casePublish", 5, json!({})).await), forbidden);
    assert_eq!(
        user_errors(&step("caseResume", 5, json!({ "reason": "\n" })).await),
        ["reason REASON_MISSING"]
    );
    assert_eq!(
        state(&step("caseResume", 5, json!({ "reason": "They are over." })).await),
        (json!("PUBLISHED"), json!(6))
    );
    let closed = step("caseClose", 6, good.clone()).await;
    assert_eq!(
        (state(&closed), &closed["case"]["closeReason"]),
        ((json!("CLOSED"), json!(7)), &json!("GOOD_NEWS"))
    );
    for (mutation, more) in
        [("casePublish", json!({})), ("caseSuspend", why), ("caseResume", json!({})), ("caseClose", good)]
    {
        assert_eq!(user_errors(&step(mutation, 7, more).await), forbidden, "a closed case");
    }
    let news = json!({ "on": "2017-05-03", "kind": "CHARGES_DROPPED", "text": "Acquitted.", "source": "https://example.org/1" });
    let earlier = json!({ "on": "2016-04-18", "kind": "OTHER", "text": "A prize." });
    assert_eq!(user_errors(&step("caseAddOutcome", 7, news.clone()).await), [""; 0]);
    let told = step("caseAddOutcome", 8, earlier).await;
    assert_eq!(told["case"]["outcomes"][0]["on"], "2016-04-18", "the earliest first");
    assert_eq!(user_errors(&step("caseAddOutcome", 9, news).await), ["text DUPLICATE"]);
    let bad = json!({ "on": "never", "kind": "OTHER", "text": "", "source": "javascript:alert(1)" });
    let refused = step("caseAddOutcome", 9, bad).await;
    assert_eq!(user_errors(&refused), ["on DATE_INVALID", "text REQUIRED", "source URL_INVALID"]);
    let seen = anyone
        .data("{ case(edition: 2021, slug: \"maxima\") { state closeReason revision } }", json!({}))
        .await;
    assert_eq!(seen["case"], json!({ "state": "CLOSED", "closeReason": "GOOD_NEWS", "revision": 9 }));
    assert_eq!(
        log(&service, &id).await,
        [
            said("caseCreate", None),
            said("caseUpdate", None),
            said("caseRecordConsent", None),
            said("casePublish", None),
            said("caseSuspend", Some("Threats.")),
            said("caseResume", Some("They are over.")),
            said("caseClose", Some("GOOD_NEWS: Free at last.")),
            said("caseAddOutcome", None),
            said("caseAddOutcome", None),
        ],
        "what was refused is not in the log"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_archived_edition_nothing_changes_but_what_is_told_of_it() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let archive = with(edition(&staff, 2021).await, json!({ "reason": "" }));
    let refused = staff.change("editionArchive", "edition { state }", archive.clone()).await;
    assert_eq!(user_errors(&refused), ["reason REASON_MISSING"]);
    let archive = with(archive, json!({ "reason": "It is over." }));
    staff.change("editionArchive", "edition { state }", archive).await;
    let rung = "{ case(edition: 2021, slug: \"rung\") { state closeReason } }";
    assert_eq!(anyone.data(rung, json!({})).await["case"]["state"], "ARCHIVED");
    for (mutation, input) in in_order(&service).await {
        let expected = match mutation {
            "editionCreate" | "sectionCreate" | "sectionUpdate" => continue,
            // An urgent action and what belongs to every year belong to no edition.
            mutation if mutation.starts_with("resource") || mutation.starts_with("urgentAction") => continue,
            mutation if is_review(mutation) => continue,
            // Those of nothing are not found. `certification` certifies totals.
            "editionCertify" | "campaignCertify" | "milestoneWithdraw" => continue,
            // It changes no number.
            "editionRecount" => continue,
            "milestoneCreate" => vec!["scope EDITION_ARCHIVED"],
            "editionPublishFigures" | "caseAddOutcome" => vec![],
            "campaignCreate" | "caseCreate" => vec!["edition EDITION_ARCHIVED"],
            "casePublish" | "caseSuspend" | "caseResume" | "caseClose" => {
                vec!["id EDITION_ARCHIVED", "id CASE_STATE_INVALID"]
            }
            _ => vec!["id EDITION_ARCHIVED"],
        };
        assert_eq!(user_errors(&staff.change(mutation, "__typename", input).await), expected, "{mutation}");
    }
    let late = json!({ "campaign": campaign_id(&staff, "ca").await, "idempotencyKey": "after-the-edition-is-over",
        "lines": [{ "kind": "EMAIL", "quantity": 1 }] });
    for client in [&anyone, &staff] {
        let refused = client.payload(SUBMIT, json!({ "input": late })).await;
        assert_eq!(user_errors(&refused), ["campaign EDITION_ARCHIVED"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_line_that_reads_as_what_it_is() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let edition = edition(&staff, 2021).await;
    let rung = case_to_change(&staff, "rung").await;
    let before = catalogue_revision(&service).await;
    for (name, code) in [
        ("a".repeat(10_000), "TEXT_TOO_LONG"),
        ("é".repeat(201), "TEXT_TOO_LONG"),
        (" \t\n\u{3000}".into(), "REQUIRED"),
        ("two\nlines".into(), "CONTROL_CHARACTER"),
        ("a bell \u{7} in it".into(), "CONTROL_CHARACTER"),
        ("a null \u{0} in it".into(), "CONTROL_CHARACTER"),
        ("a line\u{2028}separator".into(), "CONTROL_CHARACTER"),
        ("an escape \u{9b}31m".into(), "CONTROL_CHARACTER"),
        ("txt.\u{202E}exe".into(), "BIDIRECTIONAL_OVERRIDE"),
        ("\u{2066}isolated\u{2069}".into(), "BIDIRECTIONAL_OVERRIDE"),
    ] {
        let named = |field: &str| vec![format!("{field} {code}")];
        let section = with(new_section("pe"), json!({ "name": name }));
        assert_eq!(user_errors(&staff.change("sectionCreate", "__typename", section).await), named("name"));
        let case = with(new_case(&edition, "maxima"), json!({ "name": name }));
        assert_eq!(user_errors(&staff.change("caseCreate", "__typename", case).await), named("name"));
        let case = with(rung.clone(), json!({ "name": name }));
        assert_eq!(user_errors(&staff.change("caseUpdate", "__typename", case).await), named("name"));
        let consent = with(rung.clone(), json!({ "on": "2021-08-01", "by": name }));
        assert_eq!(user_errors(&staff.change("caseRecordConsent", "__typename", consent).await), named("by"));
        let figures = json!({ "id": edition["id"], "figures": [with(figure(), json!({ "unit": name }))] });
        let refused = staff.change("editionPublishFigures", "__typename", figures).await;
        assert_eq!(user_errors(&refused), named("figures.0.unit"));
    }
    assert_eq!(catalogue_revision(&service).await, before, "nothing was changed");
    let typed = format!("  A\u{301}na {}  ", "é".repeat(194));
    let case = with(new_case(&edition, "ana"), json!({ "name": typed }));
    let made = staff.change("caseCreate", "case { name }", case).await;
    assert_eq!(made["case"]["name"], format!("Ána {}", "é".repeat(194)), "trimmed, and spelled in one way");
    let right_to_left = with(new_case(&edition, "rtl"), json!({ "name": "ماهينور المصري" }));
    assert_eq!(
        staff.change("caseCreate", "case { name }", right_to_left).await["case"]["name"],
        "ماهينور المصري"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_has_room_for_twenty_thousand_characters_and_none_that_steer_a_terminal() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let rung = case_to_change(&staff, "rung").await;
    let change = async |text: String| {
        let texts = json!({ "texts": [{ "language": "en", "background": text }] });
        staff.change("caseUpdate", "case { text { background } }", with(rung.clone(), texts)).await
    };
    for (text, code) in [
        ("a".repeat(20_001), "TEXT_TOO_LONG"),
        ("\u{1b}[31mred".into(), "CONTROL_CHARACTER"),
        ("   ".into(), "REQUIRED"),
    ] {
        assert_eq!(user_errors(&change(text).await), [format!("texts.0.background {code}")]);
    }
    let reason = with(rung.clone(), json!({ "reason": "a".repeat(20_001) }));
    assert_eq!(
        user_errors(&staff.change("caseSuspend", "__typename", reason).await),
        ["reason TEXT_TOO_LONG"]
    );
    let done = change(format!("{}\r\n\tend", "é".repeat(19_995))).await;
    assert_eq!(
        done["case"]["text"]["background"],
        format!("{}\n\tend", "é".repeat(19_995)),
        "line breaks are one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_who_did_what_when_and_why() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let rung = case_to_change(&staff, "rung").await;
    service.clock.set(at("2021-12-11T00:00:00.000007Z"));
    let input = with(rung.clone(), json!({ "reason": "Threats." }));
    staff.change("caseSuspend", "case { id }", input.clone()).await;
    let again = staff.change("caseSuspend", "case { id }", input).await;
    assert_eq!(user_errors(&again), ["expectedRevision STALE_REVISION", "id CASE_STATE_INVALID"]);
    let actions = log(&service, &rung["id"]).await;
    assert_eq!(actions.last(), Some(&said("caseSuspend", Some("Threats."))));
    let instant = if service.fresh.url.starts_with("sqlite:") {
        "acted_at"
    } else {
        "CAST(EXTRACT(EPOCH FROM acted_at) * 1000000 AS BIGINT)"
    };
    let key = "FROM audit_log WHERE action = 'caseSuspend' AND key_id = (SELECT id FROM staff_keys WHERE name = 'tests')";
    let logged = format!("SELECT COUNT(*) AS number {key}");
    assert_eq!(number(&service.fresh.url, &logged).await, 1, "by this key, once");
    let when = number(&service.fresh.url, &format!("SELECT {instant} AS number {key}")).await;
    assert_eq!(when, at("2021-12-11T00:00:00.000007Z").as_microsecond());
}

/// What the audit log says was done to a thing, and why, oldest first.
async fn log(service: &Service, id: &Value) -> Vec<(String, Option<String>)> {
    let digits = id.as_str().and_then(|id| id.split('_').nth(1)).expect("a global id");
    let subject = Uuid::try_parse(digits).expect("a global id");
    let mut connection = service.fresh.open().connect().await.expect("a connection");
    graphql::database::audit_log::staff_actions_about(&mut connection, subject).await.expect("the log")
}

fn said(action: &str, reason: Option<&str>) -> (String, Option<String>) {
    (action.to_owned(), reason.map(str::to_owned))
}
