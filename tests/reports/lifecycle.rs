//! Reports: submission, correction, withdrawal and deadlines.

use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, at, campaign_id, case_id, edition_letters, report, user_errors,
};

/// The ten lines of Rosnowo, 10 December 2021: a school and its village wrote 205 letters.
const ROSNOWO: [(&str, u32); 10] = [
    ("ciham-ali", 26),
    ("mikita-zalatarou", 21),
    ("wendy-galarza", 15),
    ("mohamed-baker", 22),
    ("rung", 25),
    ("janna-jihad", 22),
    ("bernardo-caal-xol", 17),
    ("sphere", 21),
    ("zhang-zhan", 16),
    ("imoleayo-michael", 20),
];

async fn submit(client: &Client, input: &Value) -> Value {
    client.payload(SUBMIT, json!({ "input": input })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_school_raises_each_total_by_exactly_its_numbers() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut ticker = anyone
        .subscribe(
            "subscription { total(edition: 2021) { total { letters version } reset final } }",
            json!({}),
        )
        .await;
    let first = ticker.next().await;
    assert_eq!(
        first["total"],
        json!({ "total": { "letters": 0, "version": 0 }, "reset": false, "final": false })
    );

    let mut lines = Vec::new();
    for (slug, quantity) in ROSNOWO {
        lines.push(
            json!({ "case": case_id(&anyone, slug).await, "kind": "APPEAL_LETTER", "quantity": quantity }),
        );
    }
    let input = json!({
        "campaign": campaign_id(&anyone, "pl").await,
        "idempotencyKey": "rosnowo-2021-12-10-the-evening",
        "lines": lines,
        "writtenOn": "2021-12-10",
        "region": "PL-32",
    });
    let done = submit(&anyone, &input).await;
    assert_eq!(user_errors(&done), [""; 0]);
    assert_eq!(done["report"]["state"], "ACCEPTED");
    assert_eq!((&done["replayed"], &done["version"]), (&json!(false), &json!(1)));

    let query = "{ edition(year: 2021) { total { letters version
            byKind { letters } byCase { case { slug } letters } bySection { section { code } letters }
            byCountry { country letters } byRegion { region letters } byOrigin { origin letters } } }
        campaign(edition: 2021, section: \"pl\") { total { letters } }
        cases(filter: { edition: 2021 }) { nodes { slug total { letters } here: total(section: \"pl\") { letters } } } }";
    let data = anyone.data(query, json!({})).await;
    let total = &data["edition"]["total"];
    assert_eq!((&total["letters"], &total["version"]), (&json!(205), &json!(1)));
    for breakdown in ["byKind", "byCase", "bySection", "byCountry", "byRegion", "byOrigin"] {
        let parts = total[breakdown].as_array().expect("a breakdown");
        let sum: u64 = parts.iter().filter_map(|part| part["letters"].as_u64()).sum();
        assert_eq!(sum, 205, "{breakdown}");
    }
    assert_eq!(total["byRegion"], json!([{ "region": "PL-32", "letters": 205 }]));
    assert_eq!(data["campaign"]["total"]["letters"], 205);
    for (slug, quantity) in ROSNOWO {
        let cases = data["cases"]["nodes"].as_array().expect("cases");
        let case = cases.iter().find(|case| case["slug"] == slug).expect("the case");
        assert_eq!(case["total"]["letters"], quantity, "{slug}");
        assert_eq!(case["here"]["letters"], quantity, "{slug} in Poland");
    }
    let next = ticker.next().await;
    assert_eq!(next["total"]["total"], json!({ "letters": 205, "version": 1 }));

    let replayed = submit(&anyone, &input).await;
    assert_eq!(replayed["replayed"], true);
    assert_eq!(replayed["report"], done["report"]);
    assert_eq!(replayed["secret"], done["secret"], "a lost first answer is no lost secret");
    let after = anyone.data(query, json!({})).await;
    assert_eq!(after, data, "a replay changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn canada_takes_reports_until_the_end_of_31_january_in_toronto() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2022-02-01T04:59:59.999999Z"));
    let last = report("the very last letters").letters(3).submit(&anyone).await;
    assert_eq!(last["report"]["late"], false, "{last:#}");
    service.clock.set(at("2022-02-01T05:00:00Z"));
    let input = report("a microsecond too late").letters(3).input(&anyone).await;
    let refused = submit(&anyone, &input).await;
    assert_eq!(user_errors(&refused), ["campaign DEADLINE_PASSED"]);
    let message = refused["userErrors"][0]["message"].as_str().expect("a message");
    assert!(message.contains("2022-02-01T05:00:00Z"), "{message}");
    assert_eq!(edition_letters(&anyone).await, 3);
    let replayed = report("the very last letters").letters(3).submit(&anyone).await;
    assert_eq!(replayed["replayed"], true, "what was in time stays in time");
    let by_staff = submit(&service.administrator(), &input).await;
    assert_eq!(by_staff["report"]["late"], true, "staff may enter what comes by post");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_grace_days_a_report_counts_and_is_marked_late() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let id = campaign_id(&anyone, "ca").await;
    let change = "mutation($input: CampaignUpdateInput!) { campaignUpdate(input: $input) {
        campaign { window { graceDays } } userErrors { code path } } }";
    let input = json!({ "id": id, "expectedRevision": 1, "graceDays": 3 });
    let changed = service.administrator().payload(change, json!({ "input": input })).await;
    assert_eq!(changed["campaign"]["window"]["graceDays"], 3, "{changed:#}");
    service.clock.set(at("2022-02-01T05:00:00Z"));
    let done = report("in the grace days").letters(4).submit(&anyone).await;
    assert_eq!(done["report"]["late"], true, "{done:#}");
    let total =
        anyone.data("{ edition(year: 2021) { total { letters late { letters } } } }", json!({})).await;
    assert_eq!(total["edition"]["total"], json!({ "letters": 4, "late": { "letters": 4 } }));
    service.clock.set(at("2022-02-04T05:00:00Z"));
    let refused = report("after the grace days").letters(4).submit(&anyone).await;
    assert_eq!(user_errors(&refused), ["campaign DEADLINE_PASSED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_with_several_mistakes_gets_all_of_them_and_changes_nothing() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let case = case_id(&anyone, "rung").await;
    let line = |quantity: Value| json!({ "case": case, "kind": "APPEAL_LETTER", "quantity": quantity });
    let input = json!({
        "campaign": campaign_id(&anyone, "ca").await,
        "idempotencyKey": "short",
        "lines": [line(json!(0)), line(json!(-3)), line(json!(2.5)), line(json!(1e15)),
            { "case": "case_nonsense", "kind": "EMAIL", "quantity": 1 },
            { "case": campaign_id(&anyone, "ca").await, "kind": "EMAIL", "quantity": 1 }],
        "people": 0,
        "writtenOn": "2021-13-01",
        "country": "ZZ",
        "region": "CA-ZZ",
        "staffNote": "a bell: \u{7}",
    });
    let refused = submit(&anyone, &input).await;
    let mut errors = user_errors(&refused);
    errors.sort();
    assert_eq!(
        errors,
        [
            "country COUNTRY_UNKNOWN",
            "idempotencyKey IDEMPOTENCY_KEY_INVALID",
            "lines.1.quantity QUANTITY_OUT_OF_RANGE",
            "lines.2.quantity QUANTITY_NOT_WHOLE",
            "lines.3.quantity QUANTITY_OUT_OF_RANGE",
            "lines.4.case NOT_FOUND",
            "lines.5.case NOT_FOUND",
            "people QUANTITY_OUT_OF_RANGE",
            "region REGION_UNKNOWN",
            "staffNote CONTROL_CHARACTER",
            "writtenOn DATE_INVALID",
        ]
    );
    assert_eq!(refused["report"], Value::Null);
    assert_eq!(refused["secret"], Value::Null);

    let mut outside = report("written before it opened").letters(1).input(&anyone).await;
    outside["writtenOn"] = json!("2021-10-31");
    assert_eq!(user_errors(&submit(&anyone, &outside).await), ["writtenOn WRITTEN_OUTSIDE_WINDOW"]);
    let mut beyond = report("more lines than letters").letters(9).input(&anyone).await;
    beyond["numbers"] = json!([{ "kind": "APPEAL_LETTER", "quantity": 8 }]);
    assert_eq!(user_errors(&submit(&anyone, &beyond).await), ["numbers.0.quantity LINES_EXCEED_TOTAL"]);
    let mut nowhere = report("a campaign that is none").letters(9).input(&anyone).await;
    nowhere["campaign"] = json!("campaign_00000000000000000000000000000000");
    assert_eq!(user_errors(&submit(&anyone, &nowhere).await), ["campaign NOT_FOUND"]);
    assert_eq!(edition_letters(&anyone).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_without_lines_stays_unallocated() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut input = report("a school gives one number").letters(30).input(&anyone).await;
    input["lines"][0]["case"] = json!(case_id(&anyone, "rung").await);
    input["numbers"] = json!([{ "kind": "APPEAL_LETTER", "quantity": 120 }]);
    assert_eq!(user_errors(&submit(&anyone, &input).await), [""; 0]);
    let query = "{ edition(year: 2021) { total { byCase { case { slug } letters } } } }";
    let data = anyone.data(query, json!({})).await;
    let mut parts = data["edition"]["total"]["byCase"].as_array().expect("parts").clone();
    parts.sort_by_key(|part| part["letters"].as_u64());
    assert_eq!(
        parts,
        [json!({ "case": { "slug": "rung" }, "letters": 30 }), json!({ "case": null, "letters": 90 })]
    );
}

const CORRECT: &str = "mutation($input: ReportCorrectInput!) { reportCorrect(input: $input) {
    report { id revision state lines { quantity } history { revision state reason } } replayed version
    userErrors { code path message } } }";

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_a_report_corrects_and_withdraws_it_and_nothing_else_does() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let done = report("a report to be corrected").letters(20).submit(&anyone).await;
    let other = report("a report of somebody else").letters(1).submit(&anyone).await;
    let id = done["report"]["id"].clone();
    let owner = service.bearer(done["secret"].as_str().expect("a secret"));
    let stranger = service.bearer(other["secret"].as_str().expect("a secret"));
    let correction = json!({
        "id": id, "expectedRevision": 1, "reason": "We found five more.",
        "idempotencyKey": "the-correction-of-the-report",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 25 }],
    });
    assert_eq!(anyone.fault(CORRECT, json!({ "input": correction })).await, "UNAUTHENTICATED");
    let refused = stranger.payload(CORRECT, json!({ "input": correction })).await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    for client in [&anyone, &stranger] {
        let seen = client
            .data("query($id: ID!) { report(id: $id) { id } node(id: $id) { id } }", json!({ "id": id }))
            .await;
        assert_eq!(seen, json!({ "report": null, "node": null }), "not even that it exists");
    }
    let corrected = owner.payload(CORRECT, json!({ "input": correction })).await;
    assert_eq!(user_errors(&corrected), [""; 0]);
    assert_eq!(corrected["report"]["revision"], 2);
    assert_eq!(edition_letters(&anyone).await, 26);
    let again = owner.payload(CORRECT, json!({ "input": correction })).await;
    assert_eq!(again["replayed"], true);
    let mut stale = correction.clone();
    stale["idempotencyKey"] = json!("a-correction-that-comes-second");
    assert_eq!(
        user_errors(&owner.payload(CORRECT, json!({ "input": stale })).await),
        ["expectedRevision STALE_REVISION"]
    );
    let seen = owner
        .data(
            "query($id: ID!) { report(id: $id) { history { revision state reason } } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(
        seen["report"]["history"],
        json!([
            { "revision": 1, "state": "SUPERSEDED", "reason": null },
            { "revision": 2, "state": "ACCEPTED", "reason": "We found five more." },
        ])
    );

    let withdraw = "mutation($input: ReportWithdrawInput!) { reportWithdraw(input: $input) {
        report { state } userErrors { code path } } }";
    let mut input = json!({ "id": id, "expectedRevision": 2, "reason": "",
        "idempotencyKey": "the-withdrawal-of-the-report" });
    let refused = owner.payload(withdraw, json!({ "input": input })).await;
    assert_eq!(user_errors(&refused), ["reason REASON_MISSING"]);
    input["reason"] = json!("Counted by the school as well.");
    let withdrawn = owner.payload(withdraw, json!({ "input": input })).await;
    assert_eq!(withdrawn["report"]["state"], "WITHDRAWN", "{withdrawn:#}");
    assert_eq!(edition_letters(&anyone).await, 1);
    let mut late = correction.clone();
    late["idempotencyKey"] = json!("a-correction-after-the-end");
    late["expectedRevision"] = json!(2);
    assert_eq!(
        user_errors(&owner.payload(CORRECT, json!({ "input": late })).await),
        ["expectedRevision REPORT_STATE_INVALID"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_beyond_the_plausible_limit_waits_for_staff() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let plausible = report("exactly five hundred").letters(500).submit(&anyone).await;
    assert_eq!(plausible["report"]["state"], "ACCEPTED");
    let held = report("five hundred and one").letters(501).submit(&anyone).await;
    assert_eq!(held["report"]["state"], "PENDING_REVIEW");
    assert_eq!(edition_letters(&anyone).await, 500);

    let list = "{ reportsPendingReview { nodes { id } } }";
    assert_eq!(anyone.fault(list, json!({})).await, "UNAUTHENTICATED");
    let owner = service.bearer(held["secret"].as_str().expect("a secret"));
    assert_eq!(owner.fault(list, json!({})).await, "FORBIDDEN");
    let staff = service.administrator();
    let waiting = staff.data(list, json!({})).await;
    assert_eq!(waiting["reportsPendingReview"]["nodes"], json!([{ "id": held["report"]["id"] }]));

    let review = "mutation($input: ReportReviewInput!) { reportReview(input: $input) {
        report { state decisionReason } userErrors { code path } } }";
    let input = json!({ "id": held["report"]["id"], "expectedRevision": 1, "decision": "ACCEPT",
        "reason": "A big school.", "idempotencyKey": "the-review-of-the-big-school" });
    assert_eq!(anyone.fault(review, json!({ "input": input })).await, "UNAUTHENTICATED");
    let reviewed = staff.payload(review, json!({ "input": input })).await;
    assert_eq!(reviewed["report"]["state"], "ACCEPTED", "{reviewed:#}");
    assert_eq!(edition_letters(&anyone).await, 1_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_each_report_by_itself() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let query = "mutation($input: [ReportSubmitInput!]!) { reportSubmitBatch(input: $input) {
        report { state } replayed userErrors { code path } } }";
    let good = report("the first of the batch").letters(5).input(&anyone).await;
    let mut other = good.clone();
    other["lines"][0]["quantity"] = json!(6);
    let bad = report("the second of the batch").letters(0).input(&anyone).await;
    let batch = json!([good, bad, good, other]);
    let done = anyone.payload(query, json!({ "input": batch })).await;
    let results = done.as_array().expect("an answer for each");
    assert_eq!(results[0]["replayed"], false);
    assert_eq!(user_errors(&results[1]), ["lines.0.quantity QUANTITY_OUT_OF_RANGE"]);
    assert_eq!(results[2]["replayed"], true);
    assert_eq!(user_errors(&results[3]), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    assert_eq!(edition_letters(&anyone).await, 5);
    let too_many: Vec<_> = (0..501).map(|_| good.clone()).collect();
    assert_eq!(anyone.fault(query, json!({ "input": too_many })).await, "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_report_is_stored_and_never_counts() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut input = report("only trying out the service").letters(7).input(&anyone).await;
    input["test"] = json!(true);
    let done = submit(&anyone, &input).await;
    assert_eq!(done["report"]["state"], "ACCEPTED");
    assert_eq!(edition_letters(&anyone).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_again_after_a_restart() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let input = report("before the restart").letters(8).input(&anyone).await;
    let done = submit(&anyone, &input).await;
    let service = service.restarted().await;
    let anyone = service.anyone();
    assert_eq!(edition_letters(&anyone).await, 8);
    let again = submit(&anyone, &input).await;
    assert_eq!((&again["replayed"], &again["secret"]), (&json!(true), &done["secret"]));
}
