//! Moderation: reports that are held by budgets and limits before they count.

use domain::report::{ReportBudget, ReportBudgets};
use graphql::server::Settings;
use graphql_engine::EngineSettings;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, TestDatabase, assert_recounted, at, campaign_id,
    events::{approved, evening_at_school, register},
    import, number, report, run_sql, user_errors, with,
};

mod attendee_reports;
mod bulk_decisions;

/// Bounds of a service behind a proxy, where each address has this budget in an hour.
fn budgets(reports: u64, actions: u64) -> Settings {
    let client_ip_header = Some("x-forwarded-for".parse().expect("a header"));
    let report_budgets = ReportBudgets::of_address(ReportBudget { reports, actions });
    let engine = EngineSettings { client_ip_header, cost_per_minute: 0, ..EngineSettings::default() };
    Settings { engine, report_budgets, ..Settings::default() }
}

/// Reports letters: the state of the report, and why it is held.
async fn submit(client: &Client, key: &str, quantity: u32) -> Value {
    let payload = submit_whole(client, key, quantity).await;
    assert_eq!(user_errors(&payload), [""; 0]);
    json!([payload["report"]["state"], payload["report"]["reviewReason"]])
}

async fn submit_whole(client: &Client, key: &str, quantity: u32) -> Value {
    report(&format!("{key}-0123456789")).letters(quantity).submit(client).await
}

/// Letters that count and that are being checked, in the world and in the section; reports that are held.
async fn counted(client: &Client) -> Value {
    let total = "total { letters pendingReview { letters reports } }";
    let query = format!(
        "{{ edition(year: 2021) {{ {total} }} campaign(edition: 2021, section: \"ca\") {{ {total} }} }}"
    );
    let data = client.data(&query, json!({})).await;
    assert_eq!(data["edition"]["total"], data["campaign"]["total"], "all is of one section");
    let total = &data["edition"]["total"];
    json!([total["letters"], total["pendingReview"]["letters"], total["pendingReview"]["reports"]])
}

const ACCEPTED: [&str; 2] = ["ACCEPTED", ""];

fn accepted() -> Value {
    json!([ACCEPTED[0], null])
}

fn held(reason: &str) -> Value {
    json!(["PENDING_REVIEW", reason])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_beyond_its_budget_is_held_with_what_it_reported_before_in_that_hour() {
    let service = Service::with_2021_within(budgets(10, 100)).await;
    let one = service.anyone().at_address("192.0.2.1");
    let other = service.anyone().at_address("198.51.100.1");
    assert_eq!(submit(&one, "the first", 60).await, accepted());
    assert_eq!(submit(&one, "the last that fits", 40).await, accepted());
    assert_eq!(submit(&other, "somebody else", 7).await, accepted());
    assert_eq!(counted(&one).await, json!([107, 0, 0]));
    assert_eq!(submit(&one, "one too many", 1).await, held("ADDRESS"));
    assert_eq!(counted(&one).await, json!([7, 101, 3]), "all of the surge is being checked");
    assert_eq!(submit(&one, "one more", 1).await, held("ADDRESS"));
    assert_eq!(submit(&other, "somebody else again", 3).await, accepted());
    // Sent again, each is told as it stands now.
    let again = submit_whole(&one, "the first", 60).await;
    assert_eq!((&again["replayed"], &again["report"]["state"]), (&json!(true), &json!("PENDING_REVIEW")));
    assert_recounted(&service.fresh).await;
    // The next hour is another one.
    service.clock.set(at("2021-12-11T01:00:00Z"));
    assert_eq!(submit(&one, "an hour later", 100).await, accepted());
    assert_eq!(counted(&one).await, json!([110, 102, 4]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_one_of_reports_too_and_a_batch_that_goes_beyond_it_is_held_whole() {
    let service = Service::with_2021_within(budgets(5, 1_000)).await;
    let one = service.anyone().at_address("2001:db8:1:2::1");
    let mut batch = Vec::new();
    for number in 0..6 {
        batch.push(report(&format!("report {number}-0123456789")).letters(1).input(&one).await);
    }
    let query = "mutation($input: [ReportSubmitInput!]!) { reportSubmitBatch(input: $input) {
        report { state reviewReason } version userErrors { code } } }";
    let done = one.data(query, json!({ "input": batch })).await;
    let answers = done["reportSubmitBatch"].as_array().expect("answers");
    assert!(answers.iter().all(|answer| answer["report"]["state"] == "PENDING_REVIEW"), "{answers:#?}");
    // The household is one address; its network has room for nine more such.
    assert_eq!(
        submit(&service.anyone().at_address("2001:db8:1:2:9::9"), "next door", 1).await,
        held("ADDRESS")
    );
    assert_eq!(submit(&service.anyone().at_address("2001:db8:1:3::1"), "elsewhere", 1).await, accepted());
    assert_eq!(counted(&one).await, json!([1, 7, 7]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_and_a_campaign_have_budgets_of_their_own() {
    let service = Service::with_2021_within(budgets(1_000, 10)).await;
    // Ten times ten letters for a network, fifty times for a campaign.
    for host in 1..=10 {
        let client = service.anyone().at_address(&format!("192.0.2.{host}"));
        assert_eq!(submit(&client, &format!("host {host}"), 10).await, accepted());
    }
    let eleventh = service.anyone().at_address("192.0.2.11");
    assert_eq!(submit(&eleventh, "the eleventh", 1).await, held("NETWORK"));
    for network in 1..=40 {
        let client = service.anyone().at_address(&format!("203.0.{network}.1"));
        assert_eq!(submit(&client, &format!("network {network}"), 10).await, accepted());
    }
    let anybody = service.anyone().at_address("203.0.113.1");
    assert_eq!(submit(&anybody, "whoever comes now", 1).await, held("CAMPAIGN"));
    assert_eq!(counted(&anybody).await, json!([500, 2, 2]));
    // Staff are taken at their word.
    let staff = service.administrator().at_address("203.0.113.1");
    assert_eq!(submit(&staff, "by post", 2_000).await, accepted());
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_charged_for_its_increase() {
    let service = Service::with_2021_within(budgets(100, 100)).await;
    let one = service.anyone().at_address("192.0.2.1");
    let submitted = submit_whole(&one, "a modest report", 10).await;
    let owner = service.bearer(submitted["secret"].as_str().expect("a secret")).at_address("192.0.2.1");
    let correct = async |revision: u32, quantity: u32| {
        let input = json!({ "id": submitted["report"]["id"], "expectedRevision": revision, "reason": "More.",
            "idempotencyKey": format!("correction-{revision}-{quantity}"),
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": quantity }] });
        let done =
            owner.change("reportCorrect", "report { state reviewReason counting { revision } }", input).await;
        assert_eq!(user_errors(&done), [""; 0]);
        json!([done["report"]["state"], done["report"]["reviewReason"]])
    };
    assert_eq!(correct(1, 100).await, accepted(), "ninety more");
    assert_eq!(counted(&one).await, json!([100, 0, 0]));
    assert_eq!(correct(2, 101).await, held("ADDRESS"));
    assert_eq!(counted(&one).await, json!([0, 101, 1]), "it was a part of the surge itself");
    assert_recounted(&service.fresh).await;
    // Staff may still have it count.
    let review = json!({ "id": submitted["report"]["id"], "expectedRevision": 3, "decision": "ACCEPT",
        "reason": "I was there.", "idempotencyKey": "a-review-of-a-correction" });
    let done = service.administrator().change("reportReview", "report { state }", review).await;
    assert_eq!(done["report"]["state"], "ACCEPTED");
    assert_eq!(counted(&one).await, json!([101, 0, 0]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_the_budget_of_an_address() {
    let service = Service::with_2021_within(budgets(1_000, 100)).await;
    let beside = service.beside_within(budgets(1_000, 100)).await;
    let (here, there) = (service.anyone().at_address("192.0.2.1"), beside.anyone().at_address("192.0.2.1"));
    let racing: Vec<_> = (0..60)
        .map(|number| {
            let client = if number % 2 == 0 { here.clone() } else { there.clone() };
            tokio::spawn(async move { submit(&client, &format!("a racing report {number}"), 10).await })
        })
        .collect();
    for report in racing {
        report.await.expect("no panic");
    }
    let told = async { while counted(&here).await != json!([0, 600, 60]) {} };
    timeout(PATIENCE, told).await.expect("all of them are held");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_reports_than_can_be_looked_at_are_refused_until_the_next_hour() {
    let service = Service::with_2021_within(budgets(2, 1_000)).await;
    let one = service.anyone().at_address("192.0.2.1");
    for number in 0..12 {
        submit(&one, &format!("report {number}"), 1).await;
    }
    // Two had counted before the third one made ten of them held.
    let refused = submit_whole(&one, "too many", 1).await;
    assert_eq!(user_errors(&refused), ["campaign TOO_MANY_REPORTS"]);
    assert_eq!(counted(&one).await, json!([0, 12, 12]));
    service.clock.set(at("2021-12-11T01:00:00Z"));
    assert_eq!(submit(&one, "too many", 1).await, accepted(), "nothing was kept of what was refused");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_people_than_can_have_written_so_little_are_held() {
    let service = Service::with_2021_within(budgets(100, 1_000)).await;
    let one = service.anyone().at_address("192.0.2.1");
    for (people, state) in [(200, "ACCEPTED"), (201, "PENDING_REVIEW")] {
        let input = with(
            report(&format!("signed by {people}-0123456789")).letters(2).input(&one).await,
            json!({ "people": people }),
        );
        let done = one.change("reportSubmit", "report { state reviewReason }", input).await;
        assert_eq!(done["report"]["state"], state);
        assert_eq!(
            done["report"]["reviewReason"],
            if state == "PENDING_REVIEW" { json!("PEOPLE") } else { Value::Null }
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_counts_reports_that_were_held_before() {
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let service = Service::on(fresh).await;
    submit(&service.anyone(), "far too many", 501).await;
    submit(&service.anyone(), "as usual", 5).await;
    // As the version before leaves it.
    run_sql(&service.fresh.url, "UPDATE total_counts SET pending_review = 0").await;
    run_sql(&service.fresh.url, "UPDATE total_headcounts SET pending_review = 0").await;
    run_sql(&service.fresh.url, "UPDATE catalogue SET source_key = NULL").await;
    let service = service.restarted().await;
    use graphql::database::migrations::{MigrationTarget, run};
    run(&service.fresh.url, MigrationTarget::Latest).await.expect("the tables are up to date");
    let service = service.restarted().await;
    assert_eq!(counted(&service.anyone()).await, json!([5, 501, 1]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_and_budgets_are_erased_after_their_time() {
    let service = Service::with_2021_within(budgets(100, 1_000)).await;
    submit(&service.anyone().at_address("192.0.2.1"), "a report", 5).await;
    let marks = "SELECT COUNT(*) AS number FROM report_revisions WHERE address_mark IS NOT NULL";
    let spent = "SELECT COUNT(*) AS number FROM report_budgets";
    let url = &service.fresh.url;
    assert_eq!((number(url, marks).await, number(url, spent).await), (1, 3));
    let mut connection = service.fresh.open().connect().await.expect("a connection");
    for (now, left) in [
        ("2021-12-11T00:59:59Z", (1, 3)),
        ("2021-12-11T01:00:01Z", (1, 0)),
        ("2022-01-09T23:59:59Z", (1, 0)),
        ("2022-01-10T00:00:01Z", (0, 0)),
    ] {
        graphql::database::sources::purge_some(&mut connection, at(now)).await.expect("a database");
        assert_eq!((number(url, marks).await, number(url, spent).await), left, "{now}");
    }
    let text = "SELECT COUNT(*) AS number FROM report_revisions WHERE network_mark IS NOT NULL";
    assert_eq!(number(url, text).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_cannot_invent_a_campaign() {
    let service = Service::with_2021_within(Settings::default()).await;
    let anyone = service.anyone();
    let query = "mutation($input: [ReportSubmitInput!]!) { reportSubmitBatch(input: $input) {
        report { state } userErrors { code } } }";
    for batch in 0..4 {
        let mut input = Vec::new();
        for number in 0..100 {
            input.push(
                report(&format!("invented {batch} {number}-0123456789")).letters(500).input(&anyone).await,
            );
        }
        anyone.data(query, json!({ "input": input })).await;
    }
    let total = anyone.data("{ edition(year: 2021) { total { letters } } }", json!({})).await;
    assert_eq!(total["edition"]["total"]["letters"], 0, "400 reports of 500 letters each");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_reports_are_not_held_again_with_later_ones_of_their_address() {
    let service = Service::with_2021_within(budgets(3, 10_000)).await;
    let one = service.anyone().at_address("192.0.2.1");
    let large = submit_whole(&one, "a large report", 501).await;
    let review = json!({ "id": large["report"]["id"], "expectedRevision": 1, "decision": "ACCEPT",
        "reason": "I saw them.", "idempotencyKey": "a-review-of-a-large-one" });
    service.administrator().change("reportReview", "report { state }", review).await;
    for number in 0..4 {
        submit(&one, &format!("report {number}"), 1).await;
    }
    assert_eq!(counted(&one).await, json!([501, 4, 4]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_only_try_the_service_take_no_more_room_than_those_that_are_held() {
    let service = Service::with_2021_within(budgets(2, 10_000)).await;
    let one = service.anyone().at_address("192.0.2.1");
    for number in 0..11 {
        let input = with(
            report(&format!("trial {number}-0123456789")).letters(1).input(&one).await,
            json!({ "test": true }),
        );
        let done = one.change("reportSubmit", "report { state }", input).await;
        let expected: &[&str] = if number < 10 { &[] } else { &["campaign TOO_MANY_REPORTS"] };
        assert_eq!(user_errors(&done), expected);
    }
    assert_eq!(counted(&one).await, json!([0, 0, 0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_event_review_hosts_have_the_budget_of_their_address() {
    let service = Service::with_2021_within(budgets(100, 50)).await;
    let staff = service.administrator();
    let query = "{ campaign(edition: 2021, section: \"ca\") { id expectedRevision: revision } }";
    let campaign = staff.data(query, json!({})).await["campaign"].take();
    let unreviewed = with(campaign, json!({ "reviewsEvents": false }));
    staff.change("campaignUpdate", "campaign { id }", unreviewed).await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let anyone = service.anyone().at_address("192.0.2.1");
    let event = evening_at_school(&anyone, "an event of a stranger", json!({ "submit": true })).await;
    let event = register(&anyone, event).await;
    assert_eq!(event["event"]["state"], "APPROVED");
    service.clock.set(at("2021-12-11T23:30:00Z"));
    let host = service.bearer(event["secret"].as_str().expect("a secret")).at_address("192.0.2.1");
    let evening = json!({ "event": event["event"]["id"], "asHost": true });
    let input = with(report("an-evening-of-a-stranger-0123456789").letters(51).input(&host).await, evening);
    let done = host.change("reportSubmit", "report { state reviewReason }", input).await;
    assert_eq!(done["report"], json!({ "state": "PENDING_REVIEW", "reviewReason": "ADDRESS" }));
    assert_eq!(counted(&anyone).await, json!([0, 51, 1]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_total_includes_pending_reviews() {
    let service = Service::with_2021().await;
    submit(&service.anyone(), "far too many", 501).await;
    let (status, text) = service.anyone().get("/totals/2021/ca.json").await;
    assert_eq!(status, 200);
    let total: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(total["pendingReview"], json!({ "letters": 501, "actions": 501, "reports": 1 }));
    assert_eq!(total["letters"], 0);
}
