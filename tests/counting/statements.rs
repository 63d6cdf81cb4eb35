//! Statements: figures that a section, a partner or the Secretariat states for itself, beside the reports made here.

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, assert_done, assert_recounted, becomes, campaign_id, report, user_errors, with,
};

const STATEMENT: &str = "statement { id revision quantity contained added } replayed";

/// A total of a campaign and of the edition: letters, actions and what is stated.
async fn totals(client: &Client, section: &str) -> Value {
    let query = "query($section: String!) {
        edition(year: 2021) { total { actions stated { actions } version } }
        campaign(edition: 2021, section: $section) { total { letters actions stated { letters } } } }";
    client.data(query, json!({ "section": section })).await
}

async fn actions(client: &Client) -> u64 {
    totals(client, "ca").await["edition"]["total"]["actions"].as_u64().expect("a count")
}

/// The scope of a figure of letters.
fn scope(extent: &str, origin: &str) -> Value {
    json!({ "extent": extent, "kind": "UNSPECIFIED_LETTER", "origin": origin })
}

fn figure(quantity: u64, contains_reports: bool, contains: &[&Value]) -> Value {
    json!({ "quantity": quantity, "qualifier": "EXACT", "status": "RUNNING", "containsReports": contains_reports,
        "contains": contains })
}

/// The payload of a new statement.
async fn state(client: &Client, section: &str, key: &str, scope: Value, figure: Value) -> Value {
    let campaign = campaign_id(client, section).await;
    let input = with(
        figure,
        json!({ "campaign": campaign, "scope": scope, "idempotencyKey": format!("a-statement-of-{key}").replace(' ', "-") }),
    );
    client.change("statementCreate", STATEMENT, input).await
}

async fn revise(client: &Client, statement: &Value, revision: u64, figure: Value) -> Value {
    let which = json!({ "id": statement["statement"]["id"], "expectedRevision": revision, "reason": "A later figure." });
    client.change("statementRevise", STATEMENT, with(figure, which)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_that_contains_the_reports_grows_only_when_they_exceed_it() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    report("the first seven hundred")
        .letters(700)
        .with(json!({ "idempotencyKey": "seven-hundred-letters" }))
        .done(&staff)
        .await;
    let stated = state(&staff, "ca", "canada", scope("SECTION", "SECTION"), figure(1_000, true, &[])).await;
    assert_done(&stated);
    assert_eq!(
        stated["statement"],
        json!({ "id": stated["statement"]["id"], "revision": 1, "quantity": 1_000, "contained": 700, "added": 300 })
    );
    let total = totals(&anyone, "ca").await;
    assert_eq!(
        total["campaign"]["total"],
        json!({ "letters": 1_000, "actions": 1_000, "stated": { "letters": 300 } }),
        "700 of them were reported here"
    );
    report("one more than seven hundred").letters(1).done(&anyone).await;
    report("up to a thousand letters").letters(299).done(&anyone).await;
    assert_eq!(actions(&anyone).await, 1_000, "they were in the figure");
    report("one more than a thousand").letters(1).done(&anyone).await;
    assert_eq!(actions(&anyone).await, 1_001);
    assert_eq!(totals(&anyone, "ca").await["edition"]["total"]["version"], 5);
    assert_recounted(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(actions(&service.anyone()).await, 1_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_in_a_section_in_the_world_is_counted_once_at_each_level() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let school = state(&staff, "pl", "a school", scope("PART", "SCHOOL"), figure(443, false, &[])).await;
    let id = |stated: &Value| stated["statement"]["id"].clone();
    let poland = figure(147_839, false, &[&id(&school)]);
    let poland = state(&staff, "pl", "poland", scope("SECTION", "SECTION"), poland).await;
    let everywhere = json!({ "extent": "WORLD", "kind": "UNSPECIFIED_ACTION", "origin": "SECRETARIAT" });
    let world = figure(4_660_774, true, &[&id(&poland)]);
    let world = state(&staff, "int", "the world", everywhere, world).await;
    for stated in [&school, &poland, &world] {
        assert_done(stated);
    }
    let total = totals(&anyone, "pl").await;
    assert_eq!(total["campaign"]["total"]["letters"], 147_839);
    assert_eq!(total["edition"]["total"]["actions"], 4_660_774);
    let query = "{ edition(year: 2021) {
        statements { origin quantity added contains { origin } }
        total { bySection { section { code } actions } byOrigin { origin actions } } } }";
    let edition = anyone.data(query, json!({})).await["edition"].take();
    assert_eq!(
        edition["total"]["bySection"],
        json!([{ "section": { "code": "int" }, "actions": 4_512_935 }, { "section": { "code": "pl" }, "actions": 147_839 }])
    );
    assert_eq!(
        edition["total"]["byOrigin"],
        json!([{ "origin": "SECRETARIAT", "actions": 4_512_935 }, { "origin": "SECTION", "actions": 147_396 },
            { "origin": "SCHOOL", "actions": 443 }])
    );
    assert_eq!(edition["statements"].as_array().map(Vec::len), Some(3));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_figure_replaces_the_earlier_one_and_everyone_reads_its_history() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.staff_of("pl").await);
    let first = state(&staff, "pl", "poland", scope("SECTION", "SECTION"), figure(106_000, false, &[])).await;
    assert_done(&first);
    assert_done(&revise(&staff, &first, 1, figure(356_645, false, &[])).await);
    assert_eq!(actions(&anyone).await, 356_645);
    let stale = revise(&staff, &first, 1, figure(1, false, &[])).await;
    assert_eq!(user_errors(&stale), ["expectedRevision STALE_REVISION"]);
    let withdrawal =
        json!({ "id": first["statement"]["id"], "expectedRevision": 2, "reason": "Another year." });
    let withdrawn = staff.change("statementWithdraw", STATEMENT, withdrawal).await;
    assert_done(&withdrawn);
    assert_eq!(actions(&anyone).await, 0);
    let again = revise(&staff, &first, 3, figure(5, false, &[])).await;
    assert_eq!(user_errors(&again), ["id STATEMENT_WITHDRAWN"]);
    let query = "query($id: ID!) { node(id: $id) { ... on Statement {
        withdrawnAt history { revision quantity reason } } } }";
    let node = anyone.data(query, json!({ "id": first["statement"]["id"] })).await["node"].take();
    assert!(node["withdrawnAt"].is_string());
    assert_eq!(
        node["history"],
        json!([{ "revision": 1, "quantity": 106_000, "reason": null },
            { "revision": 2, "quantity": 356_645, "reason": "A later figure." },
            { "revision": 3, "quantity": 356_645, "reason": "Another year." }])
    );
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_count_twice_is_refused_and_what_may_is_listed_for_staff() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let of_canada = || scope("SECTION", "SECTION");
    let first = state(&staff, "ca", "canada", of_canada(), figure(50, false, &[])).await;
    let id = first["statement"]["id"].clone();
    let refused = |stated: Value| user_errors(&stated);
    let second = state(&staff, "ca", "canada again", of_canada(), figure(60, false, &[])).await;
    assert_eq!(refused(second), ["campaign STATEMENT_EXISTS"]);
    let itself = revise(&staff, &first, 1, figure(60, false, &[&id])).await;
    assert_eq!(refused(itself), ["contains.0 STATEMENT_RING"]);
    let emails = json!({ "extent": "SECTION", "kind": "EMAIL", "origin": "SECTION" });
    let too_wide = state(&staff, "ca", "e-mails", emails, figure(60, false, &[&id])).await;
    assert_eq!(refused(too_wide), ["contains.0 STATEMENT_TOO_WIDE"]);
    let part = state(&staff, "ca", "a school", scope("PART", "SCHOOL"), figure(5, true, &[])).await;
    assert_eq!(refused(part), ["containsReports REPORTS_NOT_TOLD"]);
    let person = state(&staff, "ca", "a person", scope("PART", "PERSON"), figure(5, false, &[])).await;
    assert_eq!(refused(person), ["origin ORIGIN_NOT_ALLOWED"]);
    let school = state(&staff, "ca", "a school", scope("PART", "SCHOOL"), figure(5, false, &[])).await;
    assert_done(&school);
    let all = json!({ "extent": "SECTION", "kind": "UNSPECIFIED_ACTION", "origin": "SECTION" });
    let whole = state(&staff, "ca", "all actions", all, figure(99, false, &[&id])).await;
    assert_done(&whole);
    let everywhere = json!({ "extent": "WORLD", "kind": "UNSPECIFIED_ACTION", "origin": "SECRETARIAT" });
    let world = state(&staff, "int", "the world", everywhere.clone(), figure(999, false, &[&id])).await;
    assert_eq!(refused(world), ["contains.0 STATEMENT_CONTAINED"], "it lies in all actions of Canada");
    let query = "{ edition(year: 2021) { statementOverlaps { statements { id } } } }";
    let overlaps = staff.data(query, json!({})).await["edition"]["statementOverlaps"].take();
    assert_eq!(overlaps.as_array().map(Vec::len), Some(2), "the school beside both figures: {overlaps}");
    assert_eq!(anyone.fault(query, json!({})).await, "UNAUTHENTICATED");
    assert_eq!(actions(&anyone).await, 50 + 49 + 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_states_only_figures_of_its_own_and_only_administrators_state_the_world() {
    let service = Service::with_2021().await;
    let (anyone, canada, staff) = (service.anyone(), service.staff_of("ca").await, service.administrator());
    let of_section = || scope("SECTION", "SECTION");
    let foreign = state(&canada, "pl", "poland", of_section(), figure(5, false, &[])).await;
    assert_eq!(user_errors(&foreign), ["campaign NOT_FOUND"]);
    let world = state(&canada, "ca", "the world", scope("WORLD", "SECRETARIAT"), figure(5, false, &[])).await;
    assert_eq!(user_errors(&world), ["campaign NOT_FOUND"]);
    let poland = state(&staff, "pl", "poland", of_section(), figure(5, false, &[])).await;
    assert_done(&poland);
    let changed = revise(&canada, &poland, 1, figure(6, false, &[])).await;
    assert_eq!(user_errors(&changed), ["id NOT_FOUND"]);
    let withdrawal = json!({ "id": poland["statement"]["id"], "expectedRevision": 1, "reason": "Not ours." });
    let withdrawn = canada.change("statementWithdraw", STATEMENT, withdrawal).await;
    assert_eq!(user_errors(&withdrawn), ["id NOT_FOUND"]);
    let campaign = campaign_id(&anyone, "ca").await;
    let input = with(
        figure(5, false, &[]),
        json!({ "campaign": campaign, "scope": of_section(), "idempotencyKey": "a-statement-by-nobody" }),
    );
    let mutation = "mutation($input: StatementCreateInput!) { statementCreate(input: $input) { replayed } }";
    assert_eq!(anyone.fault(mutation, json!({ "input": input })).await, "UNAUTHENTICATED");
    assert_eq!(actions(&anyone).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_statements_of_one_scope_at_once_one_holds_and_a_repeated_one_counts_once() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let clients = [service.administrator(), beside.bearer(&service.administrator)];
    let racing = (0..16_usize).map(|number| {
        let client = clients[number % 2].clone();
        // Two requests have one key.
        let key = format!("racer {}", number / 2);
        async move { state(&client, "ca", &key, scope("SECTION", "SECTION"), figure(7, false, &[])).await }
    });
    let told = futures_util::future::join_all(racing).await;
    let done: Vec<_> = told.iter().filter(|stated| user_errors(stated).is_empty()).collect();
    assert_eq!(done.len(), 2, "one statement, and the same request again");
    assert_eq!(done.iter().filter(|stated| stated["replayed"] == true).count(), 1);
    let refused: Vec<_> = told.iter().flat_map(user_errors).collect();
    assert_eq!(refused, ["campaign STATEMENT_EXISTS"; 14]);
    let racing = (0..16_usize).map(|number| {
        let client = clients[number % 2].clone();
        async move { state(&client, "ca", "one school", scope("PART", "SCHOOL"), figure(5, false, &[])).await }
    });
    let told = futures_util::future::join_all(racing).await;
    assert_eq!(told.iter().filter(|stated| stated["replayed"] == false).count(), 1, "{told:?}");
    let other = state(&clients[0], "ca", "one school", scope("PART", "SCHOOL"), figure(6, false, &[])).await;
    assert_eq!(user_errors(&other), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    // The other process may have committed it.
    becomes(async || actions(&service.anyone()).await, 12).await;
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_two_processes_and_a_figure_that_contains_them_agree() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let staff = service.administrator();
    let stated = state(&staff, "ca", "canada", scope("SECTION", "SECTION"), figure(100, true, &[])).await;
    assert_done(&stated);
    let clients = [service.anyone(), beside.anyone()];
    let racing = (0..40_usize).map(|number| {
        let client = clients[number % 2].clone();
        async move { report(&format!("a report of racer {number}")).letters(5).done(&client).await }
    });
    let restating = revise(&staff, &stated, 1, figure(150, true, &[]));
    let (_, restated) = tokio::join!(futures_util::future::join_all(racing), restating);
    assert_done(&restated);
    for process in [&service, &beside] {
        let anyone = process.anyone();
        let known = async { while actions(&anyone).await != 200 {} };
        timeout(PATIENCE, known).await.expect("more was reported than stated");
    }
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_who_hands_it_in_and_how_it_was_collected() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let collected = |origin: &str, way: &str| json!({ "origin": origin, "way": way });
    let school = report("a report of a school").letters(30).with(collected("SCHOOL", "PAPER"));
    let told = school.done(&anyone).await;
    assert_eq!((&told["report"]["origin"], &told["report"]["way"]), (&json!("SCHOOL"), &json!("PAPER")));
    let refused = report("a report of the secretariat").letters(30).with(collected("SECRETARIAT", "SMS"));
    assert_eq!(user_errors(&refused.submit(&anyone).await), ["origin ORIGIN_NOT_ALLOWED"]);
    let unspecified = json!({ "lines": [{ "kind": "UNSPECIFIED_LETTER", "quantity": 1 }] });
    let refused = report("letters of no kind").with(unspecified).submit(&anyone).await;
    assert_eq!(user_errors(&refused), ["lines.0.kind KIND_UNSPECIFIED"]);
    report("a report of a person").letters(4).done(&anyone).await;
    report("a report by staff of anyone").letters(2).done(&staff).await;
    report("a report by staff of a partner")
        .letters(1)
        .with(collected("PARTNER", "WEBSITE"))
        .done(&staff)
        .await;
    let query =
        "{ edition(year: 2021) { total { letters byOrigin { origin letters } byWay { way letters } } } }";
    let total = anyone.data(query, json!({})).await["edition"]["total"].take();
    assert_eq!(
        total,
        json!({ "letters": 37,
            "byOrigin": [{ "origin": "SCHOOL", "letters": 30 }, { "origin": "PERSON", "letters": 4 },
                { "origin": "PARTNER", "letters": 1 }, { "origin": null, "letters": 2 }],
            "byWay": [{ "way": "PAPER", "letters": 30 }, { "way": "WEBSITE", "letters": 1 },
                { "way": null, "letters": 6 }] })
    );
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_is_heard_from_by_a_report_that_counts_or_by_a_statement_that_was_not_withdrawn() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let heard = async || {
        let part = "sections { heardFrom awaited heardFromSections { code } awaitedSections { code } }";
        let query = format!(
            "{{ edition(year: 2021) {{ total {{ {part} }} campaigns(first: 100) {{ nodes {{ section {{ code }} }} }} }}
                campaign(edition: 2021, section: \"ca\") {{ total {{ {part} }} }} }}"
        );
        let data = anyone.data(&query, json!({})).await;
        assert_eq!(data["campaign"]["total"]["sections"], Value::Null, "of the whole edition only");
        let codes = |list: &Value, of: fn(&Value) -> &Value| {
            let entries = list.as_array().expect("a list").iter();
            entries.map(|entry| of(entry).as_str().expect("a code").to_owned()).collect::<Vec<_>>()
        };
        let sections = &data["edition"]["total"]["sections"];
        let heard_from = codes(&sections["heardFromSections"], |section| &section["code"]);
        let awaited = codes(&sections["awaitedSections"], |section| &section["code"]);
        assert_eq!(
            (&sections["heardFrom"], &sections["awaited"]),
            (&json!(heard_from.len()), &json!(awaited.len()))
        );
        let mut all = [&heard_from[..], &awaited[..]].concat();
        all.sort();
        assert_eq!(all, codes(&data["edition"]["campaigns"]["nodes"], |node| &node["section"]["code"]));
        heard_from
    };
    assert_eq!(heard().await, [""; 0]);
    let held = report("too many to be counted yet").letters(700).done(&anyone).await;
    assert_eq!(held["report"]["state"], "PENDING_REVIEW");
    assert_eq!(heard().await, [""; 0], "what awaits review is not counted");
    let counted = report("three letters of ours").letters(3).done(&anyone).await;
    assert_eq!(heard().await, ["ca"]);
    let stated = state(&staff, "pl", "nothing yet", scope("SECTION", "SECTION"), figure(0, false, &[])).await;
    assert_done(&stated);
    assert_eq!(heard().await, ["ca", "pl"], "a statement of zero is one");
    let back = json!({ "id": counted["report"]["id"], "expectedRevision": 1, "reason": "Wrong.",
        "idempotencyKey": "it-was-all-wrong" });
    staff.change("reportWithdraw", "report { id }", back).await;
    assert_eq!(heard().await, ["pl"]);
    let back = json!({ "id": stated["statement"]["id"], "expectedRevision": 1, "reason": "Wrong." });
    assert_done(&staff.change("statementWithdraw", STATEMENT, back).await);
    assert_eq!(heard().await, [""; 0]);
}
