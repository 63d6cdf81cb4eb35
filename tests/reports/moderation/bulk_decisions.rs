//! Moderation of many reports at once: selection, decision and undo.

use super::*;
use crate::harness::letters;

const ACT: &str = "moderation { id decision reports letters actions finishedAt undoes undoneBy }";

/// Twenty invented reports of one address, and one honest one from elsewhere.
async fn flooded() -> (Service, Value) {
    let service = Service::with_2021_within(budgets(1_000, 5_000)).await;
    let honest = service.anyone().at_address("198.51.100.1");
    let counted = submit_whole(&honest, "an honest report", 30).await;
    let flood = service.anyone().at_address("192.0.2.1");
    let mut last = Value::Null;
    for number in 0..20 {
        let input = with(
            report(&format!("invented {number}-0123456789")).letters(100).input(&flood).await,
            json!({ "staffNote": format!("Buy cheap WATCHES, number {number}") }),
        );
        last = flood.change("reportSubmit", "report { id }", input).await["report"]["id"].take();
    }
    assert_eq!(counted["report"]["state"], "ACCEPTED");
    // What comes in with an act is not of it.
    service.clock.set(at("2021-12-11T00:00:05Z"));
    (service, last)
}

async fn selection(service: &Service, more: Value) -> Value {
    with(json!({ "campaign": campaign_id(&service.anyone(), "ca").await }), more)
}

/// How many reports are meant, and how many letters they say.
async fn meant(service: &Service, more: Value) -> Value {
    let query = "query($s: ReportSelectionInput!) { reportSelection(selection: $s) {
        reports pendingReview letters actions sample { id } } }";
    let selection = selection(service, more).await;
    let mut data = service.administrator().data(query, json!({ "s": selection })).await;
    let found = data["reportSelection"].take();
    assert_eq!(found["letters"], found["actions"]);
    let shown = found["sample"].as_array().expect("a sample").len();
    assert_eq!(shown as u64, found["reports"].as_u64().expect("a number").min(20));
    json!([found["reports"], found["letters"]])
}

async fn reject(service: &Service, key: &str, more: Value) -> Value {
    let selection = selection(service, more).await;
    let input =
        json!({ "selection": selection, "decision": "REJECT", "reason": "A flood.", "idempotencyKey": key });
    let mut done = service.administrator().change("reportsModerate", ACT, input).await;
    assert_eq!(user_errors(&done), [""; 0]);
    done["moderation"].take()
}

async fn undo(service: &Service, key: &str, id: &Value) -> Value {
    let input = json!({ "id": id, "reason": "It was a school.", "idempotencyKey": key });
    service.administrator().change("moderationUndo", ACT, input).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_found_by_its_address_time_quantity_and_words() {
    let (service, last) = flooded().await;
    let flood = json!([20, 2_000]);
    for (by, expected) in [
        (json!({}), json!([21, 2_030])),
        (json!({ "sameAddressAs": last }), flood.clone()),
        (json!({ "sameNetworkAs": last }), flood.clone()),
        (json!({ "text": "cheap watches" }), flood.clone()),
        (json!({ "text": "number 7" }), json!([1, 100])),
        (json!({ "text": "candles" }), json!([0, 0])),
        (json!({ "quantityFrom": 31 }), flood.clone()),
        (json!({ "quantityFrom": 30, "quantityTo": 99 }), json!([1, 30])),
        (json!({ "receivedFrom": "2021-12-11T00:00:00Z" }), json!([21, 2_030])),
        (json!({ "receivedFrom": "2021-12-11T00:00:01Z" }), json!([0, 0])),
        (json!({ "receivedBefore": "2021-12-11T00:00:00Z" }), json!([0, 0])),
        (json!({ "state": "PENDING_REVIEW" }), json!([0, 0])),
        (json!({ "state": "ACCEPTED" }), json!([21, 2_030])),
        (json!({ "state": "REJECTED" }), json!([0, 0])),
    ] {
        assert_eq!(meant(&service, by.clone()).await, expected, "{by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_rejected_by_one_moderation_which_can_be_undone_and_redone() {
    let (service, last) = flooded().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-11T00:30:00Z"));
    assert_eq!(counted(&anyone).await, json!([2_030, 0, 0]));
    let act = reject(&service, "the-end-of-the-flood", json!({ "sameAddressAs": last })).await;
    assert_eq!(json!([act["decision"], act["reports"], act["letters"]]), json!(["REJECT", 20, 2_000]));
    assert!(act["finishedAt"].is_string());
    assert_eq!(counted(&anyone).await, json!([30, 0, 0]));
    assert_recounted(&service.fresh).await;
    let again = reject(&service, "the-end-of-the-flood", json!({ "sameAddressAs": last })).await;
    assert_eq!(again, act, "sent again it brings the same act");

    let undone = undo(&service, "no-flood-at-all-1", &act["id"]).await["moderation"].take();
    assert_eq!(
        json!([undone["decision"], undone["reports"], undone["undoes"]]),
        json!(["UNDO", 20, act["id"]])
    );
    assert_eq!(counted(&anyone).await, json!([2_030, 0, 0]));
    assert_recounted(&service.fresh).await;
    let twice = undo(&service, "no-flood-at-all-2", &act["id"]).await;
    assert_eq!(user_errors(&twice), ["id ALREADY_EXISTS"]);

    let redone = undo(&service, "a-flood-after-all", &undone["id"]).await["moderation"].take();
    assert_eq!(redone["reports"], 20);
    assert_eq!(counted(&anyone).await, json!([30, 0, 0]));
    assert_recounted(&service.fresh).await;

    let query = "query($c: ID!) { moderations(campaign: $c) { id undoneBy } }";
    let campaign = campaign_id(&anyone, "ca").await;
    let acts = service.administrator().data(query, json!({ "c": campaign })).await;
    assert_eq!(acts["moderations"].as_array().expect("acts").len(), 3);
    let noted = "SELECT COUNT(*) AS number FROM audit_log
        WHERE action IN ('reportsModerate', 'moderationUndo')";
    assert_eq!(number(&service.fresh.url, noted).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_a_moderation_leaves_reports_that_changed_since() {
    let service = Service::with_2021_within(budgets(1_000, 5_000)).await;
    let one = service.anyone().at_address("192.0.2.1");
    let changed = submit_whole(&one, "changed since", 10).await;
    submit(&one, "left alone", 20).await;
    service.clock.set(at("2021-12-11T00:00:05Z"));
    let act = reject(&service, "one-act-too-many", json!({})).await;
    assert_eq!(counted(&one).await, json!([0, 0, 0]));
    service.clock.set(at("2021-12-11T00:00:10Z"));
    let owner = service.bearer(changed["secret"].as_str().expect("a secret"));
    let correction = json!({ "id": changed["report"]["id"], "expectedRevision": 1, "reason": "They were four.",
        "idempotencyKey": "a-correction-since", "lines": [{ "kind": "APPEAL_LETTER", "quantity": 4 }] });
    let done = owner.change("reportCorrect", "report { state }", correction).await;
    assert_eq!(done["report"]["state"], "ACCEPTED");
    let undone = undo(&service, "the-undoing-of-it", &act["id"]).await["moderation"].take();
    assert_eq!(undone["reports"], 1);
    assert_eq!(counted(&one).await, json!([24, 0, 0]), "twenty, and the four of the correction");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_reports_of_a_school_are_accepted_by_one_moderation() {
    let service = Service::with_2021_within(budgets(3, 1_000)).await;
    let school = service.anyone().at_address("192.0.2.1");
    for number in 0..8 {
        submit(&school, &format!("pupil {number}"), 5).await;
    }
    assert_eq!(counted(&school).await, json!([0, 40, 8]));
    let selection = selection(&service, json!({ "state": "PENDING_REVIEW" })).await;
    let input = json!({ "selection": selection, "decision": "ACCEPT", "reason": "The school wrote to us.",
        "idempotencyKey": "the-school-was-there" });
    service.clock.set(at("2021-12-11T00:30:00Z"));
    let done = service.administrator().change("reportsModerate", ACT, input).await;
    assert_eq!(done["moderation"]["reports"], 8);
    assert_eq!(counted(&school).await, json!([40, 0, 0]));
    let undone = undo(&service, "the-school-was-not-there", &done["moderation"]["id"]).await;
    assert_eq!(undone["moderation"]["reports"], 8);
    assert_eq!(counted(&school).await, json!([0, 40, 8]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderation_whose_process_died_is_continued_by_another() {
    let (service, _) = flooded().await;
    let url = service.fresh.url.clone();
    // As the first transaction of an act leaves it.
    let act = reject(&service, "an-act-that-ended", json!({ "text": "watches" })).await;
    let undone = undo(&service, "an-act-taken-back", &act["id"]).await;
    assert_eq!(undone["moderation"]["reports"], 20);
    run_sql(&url, "DELETE FROM moderated_revisions").await;
    run_sql(&url, "DELETE FROM moderations WHERE undoes_id IS NOT NULL").await;
    let first =
        if url.starts_with("sqlite:") { "zeroblob(16)" } else { "'00000000-0000-0000-0000-000000000000'" };
    run_sql(&url, &format!("UPDATE moderations SET finished_at = NULL, last_report_id = {first}")).await;
    let anyone = service.anyone();
    let told = async { while counted(&anyone).await != json!([30, 0, 0]) {} };
    timeout(PATIENCE, told).await.expect("it is gone on with");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_of_the_section_see_and_decide() {
    let (service, last) = flooded().await;
    let ours = service.staff_of("ca").await;
    let query = "query($s: ReportSelectionInput!) { reportSelection(selection: $s) { reports } }";
    let variables = json!({ "s": selection(&service, json!({ "sameAddressAs": last })).await });
    assert_eq!(ours.data(query, variables.clone()).await["reportSelection"]["reports"], 20);
    let theirs = service.staff_of("pl").await;
    assert_eq!(theirs.data(query, variables.clone()).await["reportSelection"], Value::Null);
    assert_eq!(service.anyone().fault(query, variables.clone()).await, "UNAUTHENTICATED");
    assert_eq!(service.bearer("a secret").fault(query, variables).await, "FORBIDDEN");
    let act = reject(&service, "an-act-of-the-world", json!({ "text": "watches" })).await;
    let query = "query($id: ID!) { moderation(id: $id) { reports } node(id: $id) { id } }";
    let variables = json!({ "id": act["id"] });
    assert_eq!(ours.data(query, variables.clone()).await["moderation"]["reports"], 20);
    let hidden = json!({ "moderation": null, "node": null });
    assert_eq!(theirs.data(query, variables.clone()).await, hidden);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(service.anyone().data(node, variables).await["node"], Value::Null);
    let refused = undo_by(&theirs, &act["id"]).await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    // Another selection under the same key is another act.
    let input = json!({ "selection": selection(&service, json!({})).await, "decision": "REJECT",
        "reason": "A flood.", "idempotencyKey": "an-act-of-the-world" });
    let refused = service.administrator().change("reportsModerate", ACT, input).await;
    assert_eq!(user_errors(&refused), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    let unknown = json!({ "selection": selection(&service, json!({ "sameAddressAs": act["id"] })).await,
        "decision": "REJECT", "reason": " ", "idempotencyKey": "short" });
    let refused = service.administrator().change("reportsModerate", ACT, unknown).await;
    assert_eq!(
        user_errors(&refused),
        [
            "reason REASON_MISSING",
            "idempotencyKey IDEMPOTENCY_KEY_INVALID",
            "selection.sameAddressAs NOT_FOUND"
        ]
    );
}

async fn undo_by(client: &Client, id: &Value) -> Value {
    let input =
        json!({ "id": id, "reason": "It was a school.", "idempotencyKey": "an-act-of-somebody-else" });
    client.change("moderationUndo", ACT, input).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_tells_why_reports_are_held() {
    let service = Service::with_2021_within(budgets(3, 1_000)).await;
    let school = service.anyone().at_address("192.0.2.1");
    for number in 0..5 {
        submit(&school, &format!("pupil {number}"), 5).await;
    }
    let elsewhere = service.anyone().at_address("198.51.100.1");
    submit(&elsewhere, "far too many", 501).await;
    submit(&elsewhere, "an honest one", 7).await;
    let query = "query($s: ReportSelectionInput!) { reportSelection(selection: $s) {
        reports letters byReason { reason reports letters actions } } }";
    let variables = json!({ "s": selection(&service, json!({})).await });
    let found = service.administrator().data(query, variables).await["reportSelection"].take();
    let part = |reason: Value, reports: u64, letters: u64| json!({ "reason": reason, "reports": reports, "letters": letters, "actions": letters });
    // What the address reported before it was beyond its budget is held with the rest.
    let expected = [part(json!("QUANTITY"), 1, 501), part(json!("ADDRESS"), 5, 25), part(Value::Null, 1, 7)];
    assert_eq!(found["byReason"], json!(expected));
    assert_eq!((&found["reports"], &found["letters"]), (&json!(7), &json!(533)));
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_reports_are_rejected_and_restored_by_one_act_each_while_others_report() {
    let service = Service::with_2021_within(budgets(1_000_000, 10_000_000)).await;
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let batch = "mutation($input: [ReportSubmitInput!]!) { reportSubmitBatch(input: $input) {
        report { id state } userErrors { code } } }";
    let mut last = Value::Null;
    for round in 0..6 {
        let joker = service.anyone().at_address(&format!("192.0.2.{}", round + 1));
        let jokes: Vec<Value> = (0..500)
            .map(|number| {
                json!({ "campaign": campaign, "lines": letters(7),
                    "idempotencyKey": format!("a-joke-of-many-{round}-{number}") })
            })
            .collect();
        let mut told = joker.data(batch, json!({ "input": jokes })).await;
        last = told["reportSubmitBatch"][499]["report"]["id"].take();
    }
    let honest = service.anyone().at_address("198.51.100.1");
    submit(&honest, "an honest report", 30).await;
    assert_eq!(counted(&honest).await, json!([21_030, 0, 0]));
    service.clock.set(at("2021-12-11T00:30:00Z"));
    let reporting = async {
        for number in 0..5 {
            submit(&honest, &format!("meanwhile, number {number}"), 1).await;
        }
    };
    let rejecting = reject(&service, "the-end-of-the-jokes", json!({ "sameNetworkAs": last }));
    let (act, ()) = tokio::join!(rejecting, reporting);
    let finished = async |id: &Value| {
        let query = "query($id: ID!) { moderation(id: $id) { reports letters finishedAt } }";
        loop {
            let act = service.administrator().data(query, json!({ "id": id })).await["moderation"].take();
            if !act["finishedAt"].is_null() {
                return json!([act["reports"], act["letters"]]);
            }
        }
    };
    let done = timeout(PATIENCE, finished(&act["id"])).await.expect("an end of the act");
    assert_eq!(done, json!([3_000, 21_000]));
    assert_eq!(counted(&honest).await, json!([35, 0, 0]));
    assert_recounted(&service.fresh).await;
    let undone = undo(&service, "no-jokes-after-all", &act["id"]).await["moderation"].take();
    let done = timeout(PATIENCE, finished(&undone["id"])).await.expect("an end of the undoing");
    assert_eq!(done, json!([3_000, 21_000]));
    assert_eq!(counted(&honest).await, json!([21_035, 0, 0]));
    assert_recounted(&service.fresh).await;
    // The history tells of both, and each version of the total once.
    let query = "{ edition(year: 2021) { total { version } history(resolution: HOUR) { letters version } } }";
    let edition = honest.data(query, json!({})).await["edition"].take();
    let newest = edition["history"].as_array().and_then(|points| points.last()).expect("a point");
    assert_eq!(*newest, json!({ "letters": 21_035, "version": edition["total"]["version"] }));
    let versions = "SELECT COUNT(*) AS number FROM edition_versions";
    assert_eq!(json!(number(&service.fresh.url, versions).await), edition["total"]["version"]);
    let lowest = "SELECT MIN(letters) AS number FROM edition_versions
        WHERE version > (SELECT MAX(version) FROM edition_versions WHERE letters = 21000)";
    assert_eq!(number(&service.fresh.url, lowest).await, 35);
    let noted = "SELECT COUNT(*) AS number FROM audit_log
        WHERE action IN ('reportsModerate', 'moderationUndo')";
    assert_eq!(number(&service.fresh.url, noted).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_what_looks_like_a_repetition_or_like_a_figure_so_far() {
    let service = Service::with_2021_within(budgets(1_000, 100_000)).await;
    let school = service.anyone().at_address("192.0.2.1");
    let staff = service.staff_of("ca").await;
    let mut sent = Vec::new();
    for (key, quantity) in [("monday", 100), ("again", 100), ("tuesday", 180), ("few", 19), ("as few", 19)] {
        sent.push(submit_whole(&school, &format!("the letters of {key}"), quantity).await);
    }
    let other = service.anyone().at_address("198.51.100.1");
    sent.push(submit_whole(&other, "the letters of others", 100).await);
    let query = "query($id: ID!) { report(id: $id) { similar { similarity report { id } } } }";
    let similar = async |client: &Client, index: usize| {
        let id = json!({ "id": sent[index]["report"]["id"] });
        client.data(query, id).await["report"]["similar"].take()
    };
    let like = |similarity: &str, index: usize| json!({ "similarity": similarity, "report": { "id": sent[index]["report"]["id"] } });
    assert_eq!(similar(&staff, 0).await, json!([]), "it was the first");
    assert_eq!(similar(&staff, 1).await, json!([like("LOOKS_DUPLICATE", 0)]));
    assert_eq!(similar(&staff, 2).await, json!([like("LOOKS_CUMULATIVE", 1), like("LOOKS_CUMULATIVE", 0)]));
    for index in 3..6 {
        assert_eq!(similar(&staff, index).await, json!([]), "{index}: few, or from elsewhere");
    }
    for (age, address, expected) in [
        ("2021-12-12T12:00:00Z", "203.0.113.1", json!([{ "similarity": "LOOKS_DUPLICATE" }])),
        ("2021-12-12T12:00:00.000001Z", "203.0.113.2", json!([])),
    ] {
        service.clock.set(at("2021-12-11T12:00:00Z"));
        let client = service.anyone().at_address(address);
        submit(&client, &format!("the first of {address}"), 20).await;
        service.clock.set(at(age));
        let second = submit_whole(&client, &format!("the second of {address}"), 20).await;
        let query = "query($id: ID!) { report(id: $id) { similar { similarity } } }";
        let found = staff.data(query, json!({ "id": second["report"]["id"] })).await;
        assert_eq!(found["report"]["similar"], expected, "a day after it, and a microsecond more");
    }
    let owner = service.bearer(sent[1]["secret"].as_str().expect("a secret"));
    assert_eq!(similar(&owner, 1).await, Value::Null, "not for its reporter");
}
