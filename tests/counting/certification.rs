//! Certified totals: a frozen snapshot, corrections beside it, and open data that anyone can add up.

use domain::open_data::OpenData;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, assert_done, assert_recounted, at, campaign_id, get, number, report, run_sql,
    user_errors, w4r,
};

const CERTIFICATION: &str =
    "certification { version hash certifiedAt section { code } corrections { version } }";

/// After the last campaign of 2021 is over.
const OVER: &str = "2022-02-02T12:00:00Z";

async fn total(client: &Client) -> Value {
    let query = "{ edition(year: 2021) { total { letters status version certification { version hash
        corrections { version reason section { code } before { letters } after { letters } } } } }
        campaign(edition: 2021, section: \"ca\") { total { letters status certification { version } } } }";
    client.data(query, json!({})).await
}

async fn edition_id(client: &Client) -> Value {
    client.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].clone()
}

async fn certify_edition(client: &Client, version: u64) -> Value {
    let input = json!({ "id": edition_id(client).await, "expectedVersion": version });
    client.change("editionCertify", CERTIFICATION, input).await
}

async fn certify_campaign(client: &Client, section: &str, version: u64) -> Value {
    let input = json!({ "id": campaign_id(client, section).await, "expectedVersion": version });
    client.change("campaignCertify", CERTIFICATION, input).await
}

/// A service with two reports, after the last campaign is over.
async fn over() -> Service {
    let service = Service::with_2021().await;
    report("a report of Canada").letters(205).done(&service.anyone()).await;
    report("a report of Poland").for_section("pl").letters(40).done(&service.anyone()).await;
    service.clock.set(at(OVER));
    service
}

async fn open_data(service: &Service, path: &str) -> String {
    let response = get(service, path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.expect("a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_total_stays_as_it_was_and_a_correction_stands_beside_it() {
    let service = over().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let mut ticker = anyone
        .subscribe("subscription { total(edition: 2021) { total { letters status } final } }", json!({}))
        .await;
    assert_eq!(ticker.next().await["total"]["final"], false);
    let certified = certify_edition(&staff, 2).await;
    assert_done(&certified);
    let hash = certified["certification"]["hash"].as_str().expect("a hash").to_owned();
    assert_eq!(certified["certification"]["version"], 2);
    assert_eq!(
        ticker.next().await["total"],
        json!({ "total": { "letters": 245, "status": "CERTIFIED" }, "final": true })
    );
    assert_eq!(ticker.message().await.0, "complete");
    let late = report("a report that was found in a drawer").letters(3);
    let refused = late.clone().submit(&staff).await;
    assert_eq!(user_errors(&refused), ["reason REASON_MISSING"]);
    late.with(json!({ "reason": "It was found in a drawer." })).done(&staff).await;
    let total = total(&anyone).await;
    assert_eq!(
        (&total["edition"]["total"]["letters"], &total["edition"]["total"]["status"]),
        (&json!(248), &json!("CORRECTED"))
    );
    assert_eq!(
        total["edition"]["total"]["certification"],
        json!({ "version": 2, "hash": hash, "corrections": [{ "version": 3, "reason": "It was found in a drawer.",
            "section": { "code": "ca" }, "before": { "letters": 205 }, "after": { "letters": 208 } }] })
    );
    let snapshot = open_data(&service, "/open-data/2021/certified.ndjson").await;
    let rows = OpenData::parse(&snapshot).expect("open data");
    assert_eq!(
        (rows.version, rows.check().expect("it adds up").letters),
        (2, 245),
        "the snapshot is unchanged"
    );
    assert_eq!(rows.to_csv(), open_data(&service, "/open-data/2021/certified.csv").await);
    let again = certify_edition(&staff, 3).await;
    assert_eq!(user_errors(&again), ["id ALREADY_CERTIFIED"]);
    assert_recounted(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(self::total(&service.anyone()).await["edition"]["total"]["status"], "CORRECTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_recomputes_the_hash_of_a_certified_total_and_one_changed_digit_is_noticed() {
    let service = over().await;
    let certified = certify_edition(&service.administrator(), 2).await;
    let hash = certified["certification"]["hash"].as_str().expect("a hash");
    let folder = TempDir::new().expect("a folder");
    for form in ["csv", "ndjson"] {
        let rows = open_data(&service, &format!("/open-data/2021/certified.{form}")).await;
        let file = folder.path().join(format!("certified.{form}"));
        let verify = async |text: &str| {
            std::fs::write(&file, text).expect("a file");
            let name = file.to_str().expect("a name");
            w4r(&service.fresh.url, &["verify", name, "--hash", hash]).await
        };
        let verified = verify(&rows).await;
        assert_eq!(verified.code, 0, "{verified:?}");
        assert!(verified.out.contains("245 letters") && verified.out.contains(hash), "{verified:?}");
        assert!(verified.out.lines().all(|line| line.chars().count() <= 80), "{}", verified.out);
        for changed in
            [rows.replacen("205", "206", 1), rows.replace("205", "206"), rows[..rows.len() - 9].to_owned()]
        {
            let verified = verify(&changed).await;
            assert_eq!(verified.code, 1, "{verified:?}");
        }
    }
    let other = folder.path().join("other.txt");
    std::fs::write(&other, "a letter").expect("a file");
    let verified = w4r(&service.fresh.url, &["verify", other.to_str().expect("a name")]).await;
    assert_eq!(verified.code, 2, "{verified:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_certified_by_its_own_section_and_only_it_is_corrected() {
    let service = over().await;
    let (anyone, canada, poland) =
        (service.anyone(), service.staff_of("ca").await, service.staff_of("pl").await);
    let foreign = certify_campaign(&poland, "ca", 2).await;
    assert_eq!(user_errors(&foreign), ["id NOT_FOUND"]);
    let certified = certify_campaign(&canada, "ca", 2).await;
    assert_done(&certified);
    assert_eq!(certified["certification"]["section"]["code"], "ca");
    let mutation =
        "mutation($input: EditionCertifyInput!) { editionCertify(input: $input) { userErrors { code } } }";
    let input = json!({ "input": { "id": edition_id(&anyone).await, "expectedVersion": 2 } });
    assert_eq!(canada.fault(mutation, input.clone()).await, "FORBIDDEN");
    assert_eq!(anyone.fault(mutation, input).await, "UNAUTHENTICATED");
    report("a late report of Poland").for_section("pl").letters(1).done(&poland).await;
    let status = |total: &Value| total["status"].clone();
    let data = total(&anyone).await;
    assert_eq!(
        (status(&data["campaign"]["total"]), status(&data["edition"]["total"])),
        (json!("CERTIFIED"), json!("COMPLETE"))
    );
    let rows =
        OpenData::parse(&open_data(&service, "/open-data/2021/ca/certified.ndjson").await).expect("rows");
    assert_eq!(rows.check().expect("it adds up").letters, 205);
    assert_eq!(get(&service, "/open-data/2021/pl/certified.ndjson").await.status(), 404);
    assert_eq!(get(&service, "/open-data/2021/certified.ndjson").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_has_the_reason_of_its_own_section_and_not_of_a_change_elsewhere_at_the_same_time() {
    let service = over().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    assert_done(&certify_campaign(&staff, "ca", 2).await);
    // Many changes wait together and share commits.
    let changes = (0..20_u64).map(|number| {
        let is_of_canada = number % 2 == 0;
        let (section, reason) = if is_of_canada { ("ca", "From a drawer.") } else { ("pl", "In private.") };
        let key = format!("a late report number {number}");
        let late = report(&key).for_section(section).letters(1).with(json!({ "reason": reason }));
        let staff = &staff;
        async move {
            let reported = late.done(staff).await;
            if !is_of_canada {
                let input = json!({ "id": reported["report"]["id"], "expectedRevision": 1, "reason": reason,
                    "idempotencyKey": format!("withdraw-late-report-{number}") });
                assert_done(&staff.change("reportWithdraw", "report { id }", input).await);
            }
        }
    });
    futures_util::future::join_all(changes).await;
    let query = "{ campaign(edition: 2021, section: \"ca\") { total { letters certification {
        corrections { reason section { code } } } } } }";
    let total = anyone.data(query, json!({})).await["campaign"]["total"].take();
    assert_eq!(total["letters"], 215);
    let corrections = total["certification"]["corrections"].as_array().expect("corrections");
    assert!(!corrections.is_empty());
    for correction in corrections {
        assert_eq!(*correction, json!({ "reason": "From a drawer.", "section": { "code": "ca" } }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_is_not_certified_before_its_time_nor_at_another_version_nor_with_wrong_counters() {
    let service = over().await;
    let staff = service.administrator();
    service.clock.set(at("2022-01-31T12:00:00Z"));
    let early = certify_edition(&staff, 2).await;
    assert_eq!(user_errors(&early), ["id TOTAL_NOT_COMPLETE"]);
    service.clock.set(at(OVER));
    let other = certify_edition(&staff, 1).await;
    assert_eq!(user_errors(&other), ["expectedVersion STALE_REVISION"]);
    run_sql(&service.fresh.url, "UPDATE total_counts SET quantity = quantity + 1 WHERE quantity = 40").await;
    let wrong = certify_edition(&staff, 2).await;
    assert_eq!(user_errors(&wrong), ["id RECOUNT_DIFFERS"]);
    let mended = w4r(&service.fresh.url, &["recount", "--repair", "--accept-smaller"]).await;
    assert_eq!(mended.code, 0, "{mended:?}");
    assert_done(&certify_edition(&staff, 3).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_extended_deadline_only_staff_correct_what_was_certified() {
    let service = over().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    assert_done(&certify_edition(&staff, 2).await);
    let campaign = campaign_id(&anyone, "ca").await;
    let revision = anyone.data("{ campaign(edition: 2021, section: \"ca\") { revision } }", json!({})).await
        ["campaign"]["revision"]
        .clone();
    let extension = json!({ "id": campaign, "expectedRevision": revision, "deadlineOn": "2022-02-28",
        "reason": "The post was on strike." });
    assert_done(&staff.change("campaignExtend", "campaign { id }", extension).await);
    let refused = report("a report after the certification").letters(1).submit(&anyone).await;
    assert_eq!(user_errors(&refused), ["campaign TOTAL_CERTIFIED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_certify_at_once_one_does() {
    let service = over().await;
    let beside = service.beside().await;
    beside.clock.set(at(OVER));
    let clients = [service.administrator(), beside.bearer(&service.administrator)];
    let id = edition_id(&clients[0]).await;
    let racing = (0..8_usize).map(|number| {
        let (client, id) = (clients[number % 2].clone(), id.clone());
        async move {
            client.change("editionCertify", CERTIFICATION, json!({ "id": id, "expectedVersion": 2 })).await
        }
    });
    let told = futures_util::future::join_all(racing).await;
    assert_eq!(told.iter().filter(|certified| user_errors(certified).is_empty()).count(), 1);
    let refused: Vec<_> = told.iter().flat_map(user_errors).collect();
    assert_eq!(refused, ["id ALREADY_CERTIFIED"; 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_data_adds_up_to_the_total_and_is_sent_once_to_a_client_that_has_it() {
    let service = over().await;
    for path in ["/open-data/2021.csv", "/open-data/2021.ndjson"] {
        let rows = OpenData::parse(&open_data(&service, path).await).expect("open data");
        let totals = rows.check().expect("it adds up");
        assert_eq!((rows.version, totals.letters, totals.reports), (2, 245, 2));
        let first = get(&service, path).await;
        let tag = first.headers()["etag"].clone();
        let client = reqwest::Client::new().get(format!("http://{}{path}", service.address));
        let again = client.header("if-none-match", tag).send().await.expect("a response");
        assert_eq!(again.status(), 304);
    }
    let canada = OpenData::parse(&open_data(&service, "/open-data/2021/ca.csv").await).expect("open data");
    assert_eq!(canada.check().expect("it adds up").letters, 205);
    for path in [
        "/open-data/1961.csv",
        "/open-data/02021.csv",
        "/open-data/2021.json",
        "/open-data/2021/xx.csv",
        "/open-data/2021/ca/other.csv",
    ] {
        assert_eq!(get(&service, path).await.status(), 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_seen_and_refuses_a_certification_and_its_repair_corrects_what_is_certified() {
    let service = over().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    assert_done(&certify_edition(&staff, 2).await);
    let recount = async || {
        let input = json!({ "id": edition_id(&anyone).await });
        let mut done = staff.change("editionRecount", "recount { matches version }", input).await;
        assert_done(&done);
        done["recount"].take()
    };
    assert_eq!(recount().await, json!({ "matches": true, "version": 2 }));
    let tampering = "UPDATE total_counts SET quantity = quantity + 1000
        WHERE section_id = (SELECT id FROM sections WHERE code = 'ca')";
    run_sql(&service.fresh.url, tampering).await;
    assert_eq!(recount().await, json!({ "matches": false, "version": 2 }));
    let query = "{ edition(year: 2021) { total { recount { matches } } } }";
    let shown = anyone.data(query, json!({})).await;
    assert_eq!(shown["edition"]["total"]["recount"]["matches"], false, "everyone sees it");
    assert_eq!(user_errors(&certify_campaign(&staff, "ca", 2).await), ["id RECOUNT_DIFFERS"]);
    let repaired = w4r(&service.fresh.url, &["recount", "--repair", "--accept-smaller"]).await;
    assert_eq!(repaired.code, 0, "{repaired:?}");
    let heard = async { while total(&anyone).await["edition"]["total"]["version"] != 3 {} };
    timeout(PATIENCE, heard).await.expect("the service hears of the repair");
    let reason = graphql::ledger::recount::REPAIRED;
    let total = total(&anyone).await["edition"]["total"].take();
    assert_eq!((&total["letters"], &total["status"]), (&json!(245), &json!("CORRECTED")));
    assert_eq!(
        total["certification"]["corrections"],
        json!([{ "version": 3, "reason": reason, "section": { "code": "ca" },
            "before": { "letters": 1_205 }, "after": { "letters": 205 } }])
    );
    assert_eq!(recount().await, json!({ "matches": true, "version": 3 }));
    let noted =
        "SELECT COUNT(*) AS number FROM audit_log WHERE action = 'recountRepair' AND reason IS NOT NULL";
    assert_eq!(number(&service.fresh.url, noted).await, 1);
    let noted =
        "SELECT COUNT(*) AS number FROM audit_log WHERE action = 'editionRecount' AND key_id IS NOT NULL";
    assert_eq!(number(&service.fresh.url, noted).await, 3);
    assert_recounted(&service.fresh).await;
}
