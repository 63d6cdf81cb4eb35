//! The history of the totals within an edition: of sections and cases, of imported files, and of databases that were
//! counted before it was recorded.

use graphql::{
    cli,
    database::migrations::{MigrationTarget, run},
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{PATIENCE, Service, at, edition_letters, report, run_sql, w4r};

const DOWN: &str = include_str!("../../migrations/2026-12-01-000170_scope_versions/down.sql");

/// The totals of every kind at an instant.
async fn totals_at(service: &Service, instant: &str) -> [Value; 5] {
    let query = "query($at: DateTime!) {
        edition(year: 2021) { totalAt(instant: $at) { letters } }
        ca: campaign(edition: 2021, section: \"ca\") { totalAt(instant: $at) { letters people } }
        pl: campaign(edition: 2021, section: \"pl\") { totalAt(instant: $at) { letters } }
        case(edition: 2021, slug: \"rung\") {
            world: totalAt(instant: $at) { letters people } section: totalAt(instant: $at, section: \"ca\") { letters } }
        }";
    let mut data = service.anyone().data(query, json!({ "at": instant })).await;
    let letters = |total: &mut Value| total["letters"].take();
    [
        letters(&mut data["edition"]["totalAt"]),
        letters(&mut data["ca"]["totalAt"]),
        letters(&mut data["pl"]["totalAt"]),
        letters(&mut data["case"]["world"]),
        letters(&mut data["case"]["section"]),
    ]
}

/// Letters for a case to a section.
async fn for_rung(service: &Service, key: &str, section: &str, letters: u64) {
    let client = service.anyone();
    let case =
        client.data("{ case(edition: 2021, slug: \"rung\") { id } }", json!({})).await["case"]["id"].take();
    let lines = json!([{ "case": case, "kind": "APPEAL_LETTER", "quantity": letters }]);
    report(key).for_section(section).with(json!({ "lines": lines, "people": 2 })).done(&client).await;
}

/// Letters on three days: to Canada without a case, to Poland for one, and to Canada for the same.
async fn three_days(service: &Service) {
    service.clock.set(at("2021-12-10T12:00:00Z"));
    report("to canada on the day").letters(5).done(&service.anyone()).await;
    service.clock.set(at("2021-12-11T12:00:00Z"));
    for_rung(service, "to poland for rung", "pl", 7).await;
    service.clock.set(at("2021-12-12T12:30:00Z"));
    for_rung(service, "to canada for rung", "ca", 11).await;
}

fn numbers(numbers: [u64; 5]) -> [Value; 5] {
    // A total before its first report is null, like that of the edition.
    numbers.map(|number| if number == 0 { Value::Null } else { json!(number) })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_total_of_a_section_and_of_a_case_can_be_told_of_any_moment_past() {
    let service = Service::with_2021().await;
    three_days(&service).await;
    for (instant, expected) in [
        ("2021-12-10T11:59:59.999999Z", [0, 0, 0, 0, 0]),
        ("2021-12-10T12:00:00Z", [5, 5, 0, 0, 0]),
        ("2021-12-11T12:00:00Z", [12, 5, 7, 7, 0]),
        ("2021-12-12T12:29:59Z", [12, 5, 7, 7, 0]),
        ("2021-12-12T12:30:00Z", [23, 16, 7, 18, 11]),
    ] {
        assert_eq!(totals_at(&service, instant).await, numbers(expected), "{instant}");
    }
    let query = "{ campaign(edition: 2021, section: \"ca\") {
            history(resolution: HOUR) { from letters actions version }
            totalAt(instant: \"2022-01-01T00:00:00Z\") { people lateActions asOf version } }
        case(edition: 2021, slug: \"rung\") {
            history(resolution: DAY) { from letters }
            section: history(resolution: DAY, section: \"ca\", last: 1) { from letters }
            until: history(resolution: DAY, until: \"2021-12-12T00:00:00Z\") { letters }
            totalAt(instant: \"2022-01-01T00:00:00Z\") { people }
            none: totalAt(instant: \"2022-01-01T00:00:00Z\", section: \"xx\") { people }
            noHistory: history(resolution: DAY, section: \"xx\") { letters } } }";
    assert_eq!(
        service.anyone().data(query, json!({})).await,
        json!({
            "campaign": {
                "history": [
                    { "from": "2021-12-10T12:00:00Z", "letters": 5, "actions": 5, "version": 1 },
                    { "from": "2021-12-12T12:00:00Z", "letters": 16, "actions": 16, "version": 3 },
                ],
                "totalAt": { "people": 2, "lateActions": 0, "asOf": "2021-12-12T12:30:00Z", "version": 3 },
            },
            "case": {
                "history": [
                    { "from": "2021-12-11T00:00:00Z", "letters": 7 },
                    { "from": "2021-12-12T00:00:00Z", "letters": 18 },
                ],
                "section": [{ "from": "2021-12-12T00:00:00Z", "letters": 11 }],
                "until": [{ "letters": 7 }],
                "totalAt": { "people": null },
                "none": null,
                "noHistory": null,
            },
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn years_are_compared_at_the_same_moment_of_each() {
    let service = Service::with_2021().await;
    three_days(&service).await;
    let older = r#"{ "edition": { "year": 2020 }, "sections": [], "campaigns": [{ "section": "ca",
        "opensOn": "2020-11-20", "deadlineOn": "2021-01-31", "timeZone": "America/Toronto" }],
        "reports": [
            { "key": "2020-the-first-report", "section": "ca", "receivedAt": "2020-12-11T12:00:00Z",
              "lines": [{ "kind": "APPEAL_LETTER", "quantity": 100 }] },
            { "key": "2020-the-second-report", "section": "ca", "receivedAt": "2020-12-20T12:00:00Z",
              "lines": [{ "kind": "APPEAL_LETTER", "quantity": 1000 }] }] }"#;
    import_at(&service, older, "2021-12-12T12:30:00Z").await;
    let query =
        "query($hours: Int!) { editions(first: 2) { nodes { year totalAtOffset(hours: $hours) { letters }
        campaigns { nodes { totalAtOffset(hours: $hours) { letters } } } } } }";
    let heard = async {
        while service.anyone().data(query, json!({ "hours": 0 })).await["editions"]["nodes"][1].is_null() {}
    };
    timeout(PATIENCE, heard).await.expect("the older edition");
    let side_by_side = async |hours: i32| {
        let data = service.anyone().data(query, json!({ "hours": hours })).await;
        [0, 1].map(|edition| {
            let edition = &data["editions"]["nodes"][edition];
            let of_canada = &edition["campaigns"]["nodes"].as_array().expect("campaigns");
            assert!(
                of_canada.iter().any(|campaign| campaign["totalAtOffset"] == edition["totalAtOffset"])
                    || edition["year"] == 2021,
                "{data:#}"
            );
            edition["totalAtOffset"]["letters"].clone()
        })
    };
    assert_eq!(side_by_side(-24).await, [Value::Null, Value::Null], "nothing was reported yet");
    assert_eq!(side_by_side(24 + 11).await, [json!(5), Value::Null]);
    assert_eq!(side_by_side(24 + 12).await, [json!(12), json!(100)]);
    assert_eq!(side_by_side(48 + 12).await, [json!(12), json!(100)]);
    assert_eq!(side_by_side(48 + 13).await, [Value::Null, json!(100)], "it is half past twelve");
    assert_eq!(side_by_side(i32::MAX).await, [Value::Null, Value::Null]);
}

/// Imports a file at an instant.
async fn import_at(service: &Service, text: &str, now: &str) {
    cli::import::import(&service.fresh.open(), text, at(now), |_, _| {}).await.expect("an import");
}

/// The edition of 2021 with reports of a file: when each was received, and how many letters.
fn file(reports: &[(&str, u64)]) -> String {
    let edition = include_str!("../../graphql/data/edition-2021.json").trim_end();
    let edition = edition.strip_suffix('}').expect("an object").trim_end();
    let report = |(received_at, letters): &(&str, u64)| {
        json!({ "key": format!("a-report-of-a-file-{letters}"), "section": "ca", "receivedAt": received_at,
            "lines": [{ "case": "rung", "kind": "APPEAL_LETTER", "quantity": letters }] })
    };
    let reports: Value = reports.iter().map(report).collect();
    format!("{edition}, \"reports\": {reports} }}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_year_has_the_curve_of_its_reports_and_what_was_told_before_stays() {
    let service = Service::with_2021().await;
    // In no order of time; two at one moment.
    let first = [
        ("2021-12-12T09:00:00Z", 3),
        ("2021-12-10T09:00:00Z", 1),
        ("2021-12-11T09:00:00Z", 2),
        ("2021-12-12T09:00:00Z", 4),
    ];
    import_at(&service, &file(&first), "2022-01-05T00:00:00Z").await;
    let heard = async { while edition_letters(&service.anyone()).await != 10 {} };
    timeout(PATIENCE, heard).await.expect("the imported letters");
    let query = "{ edition(year: 2021) { total { version asOf } history(resolution: DAY) { from letters version } }
        campaign(edition: 2021, section: \"ca\") { history(resolution: DAY) { from letters version } }
        case(edition: 2021, slug: \"rung\") { history(resolution: DAY, section: \"ca\") { from letters version } } }";
    let curve = json!([
        { "from": "2021-12-10T00:00:00Z", "letters": 1, "version": 1 },
        { "from": "2021-12-11T00:00:00Z", "letters": 3, "version": 2 },
        { "from": "2021-12-12T00:00:00Z", "letters": 10, "version": 3 },
    ]);
    let data = service.anyone().data(query, json!({})).await;
    assert_eq!(data["edition"]["total"], json!({ "version": 3, "asOf": "2021-12-12T09:00:00Z" }));
    for scope in ["edition", "campaign", "case"] {
        assert_eq!(data[scope]["history"], curve, "{scope}");
    }
    // A later file: one report is older than the last that was counted, one is newer.
    let later = [&first[..], &[("2021-12-11T23:00:00Z", 20), ("2021-12-14T00:00:00Z", 30)]].concat();
    import_at(&service, &file(&later), "2022-01-06T00:00:00Z").await;
    let heard = async { while edition_letters(&service.anyone()).await != 60 {} };
    timeout(PATIENCE, heard).await.expect("the imported letters");
    for (instant, letters) in [
        ("2021-12-11T23:30:00Z", 3),
        ("2021-12-12T09:00:00Z", 10),
        ("2021-12-13T23:59:59Z", 10),
        ("2021-12-14T00:00:00Z", 40),
        ("2022-01-05T23:59:59Z", 40),
        ("2022-01-06T00:00:00Z", 60),
    ] {
        let [edition, campaign, _, world, section] = totals_at(&service, instant).await;
        assert_eq!([edition, campaign, world, section], [(); 4].map(|()| json!(letters)), "{instant}");
    }
    assert_eq!(w4r(&service.fresh.url, &["recount"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_that_were_counted_before_they_were_recorded_are_known_from_then_on_and_null_before() {
    let service = Service::with_2021().await;
    three_days(&service).await;
    let before = format!("{DOWN}; DELETE FROM __diesel_schema_migrations WHERE version = '20261201000170'");
    run_sql(&service.fresh.url, &before).await;
    run(&service.fresh.url, MigrationTarget::Latest).await.expect("the step, and what is known");
    // Once more changes nothing.
    run(&service.fresh.url, MigrationTarget::Latest).await.expect("nothing to do");
    let since = "{ edition(year: 2021) { scopesRecordedSince } }";
    let since = service.anyone().data(since, json!({})).await["edition"]["scopesRecordedSince"].take();
    assert_eq!(since, json!("2021-12-12T12:30:00Z"));
    service.clock.set(at("2021-12-13T00:00:00Z"));
    for_rung(&service, "letters afterwards", "pl", 100).await;
    for (instant, expected) in [
        ("2021-12-12T12:29:59Z", [12, 0, 0, 0, 0]),
        ("2021-12-12T12:30:00Z", [23, 16, 7, 18, 11]),
        ("2021-12-13T00:00:00Z", [123, 16, 107, 118, 11]),
    ] {
        assert_eq!(totals_at(&service, instant).await, numbers(expected), "{instant}");
    }
    assert_eq!(w4r(&service.fresh.url, &["recount"]).await.code, 0);
    let fresh = Service::with_2021().await;
    let since = fresh.anyone().data("{ edition(year: 2021) { scopesRecordedSince } }", json!({})).await;
    assert_eq!(since["edition"]["scopesRecordedSince"], Value::Null, "from the first report on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recount_compares_the_records_of_sections_and_cases_and_repairs_them() {
    let service = Service::with_2021().await;
    three_days(&service).await;
    let wrong = "UPDATE scope_versions SET letters = letters + 1 WHERE version = 2";
    run_sql(&service.fresh.url, wrong).await;
    let found = w4r(&service.fresh.url, &["recount"]).await;
    assert_ne!(found.code, 0, "{found:?}");
    let repaired = w4r(&service.fresh.url, &["recount", "--repair"]).await;
    assert_eq!(repaired.code, 0, "{repaired:?}");
    assert_eq!(w4r(&service.fresh.url, &["recount"]).await.code, 0);
    let now = totals_at(&service, "2099-01-01T00:00:00Z").await;
    assert_eq!(now, numbers([23, 16, 7, 18, 11]));
}
