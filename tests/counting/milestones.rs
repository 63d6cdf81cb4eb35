//! Milestones: each is announced once, by the commit that reached it, and what is hidden is told to staff alone until then.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, assert_done, assert_recounted, campaign_id, edition_letters, number, report,
    snapshots::Snapshot, user_errors, with,
};

const MILESTONE: &str =
    "milestone { id unit threshold title isHidden reachedAt reachedVersion reachedQuantity }";
const STREAM: &str = "subscription($section: String) {
    milestoneReached(edition: 2021, section: $section, afterVersion: 0) {
        milestone { threshold reachedVersion reachedQuantity } } }";

/// The id of the edition.
async fn edition_id(client: &Client) -> Value {
    client.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take()
}

/// The payload of a new milestone.
async fn set(staff: &Client, scope: &Value, threshold: u64, more: Value) -> Value {
    let input = json!({ "scope": scope, "unit": "LETTERS", "threshold": threshold });
    staff.change("milestoneCreate", MILESTONE, with(input, more)).await
}

/// The milestones of the edition and of Canada that a viewer sees: threshold and reached version.
async fn seen(client: &Client) -> [Value; 2] {
    let part = "milestones { threshold reachedVersion }";
    let query = format!(
        "{{ edition(year: 2021) {{ {part} }} campaign(edition: 2021, section: \"ca\") {{ {part} }} }}"
    );
    let data = client.data(&query, json!({})).await;
    ["edition", "campaign"].map(|scope| {
        let milestones = data[scope]["milestones"].as_array().expect("a list").iter();
        milestones.map(|one| json!([one["threshold"], one["reachedVersion"]])).collect()
    })
}

fn told(threshold: u64, version: u64, quantity: u64) -> Value {
    json!({ "milestone":
        { "threshold": threshold, "reachedVersion": version, "reachedQuantity": quantity } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_is_reached_by_the_commit_that_has_its_number_and_stays_so_when_the_total_falls() {
    let service = Service::with_2021().await;
    let (anyone, staff, canada) = (service.anyone(), service.administrator(), service.staff_of("ca").await);
    let (edition, campaign) = (edition_id(&anyone).await, campaign_id(&anyone, "ca").await);
    for (scope, threshold) in [(&edition, 10), (&edition, 11), (&edition, 30), (&campaign, 10)] {
        let by = if scope == &campaign { &canada } else { &staff };
        assert_done(&set(by, scope, threshold, json!({})).await);
    }
    let mut world = anyone.subscribe(STREAM, json!({})).await;
    let mut of_canada = anyone.subscribe(STREAM, json!({ "section": "ca" })).await;
    report("nine letters in Canada").letters(9).done(&anyone).await;
    assert_eq!(seen(&anyone).await, [json!([[10, null], [11, null], [30, null]]), json!([[10, null]])]);
    report("one more from Poland").for_section("pl").letters(1).done(&anyone).await;
    assert_eq!(world.next().await["milestoneReached"], told(10, 2, 10));
    let last = report("more than needed, in Canada").letters(15).done(&anyone).await;
    assert_eq!(world.next().await["milestoneReached"], told(11, 3, 25));
    assert_eq!(of_canada.next().await["milestoneReached"], told(10, 3, 24));
    let back = json!({ "id": last["report"]["id"], "expectedRevision": 1, "reason": "Wrong.",
        "idempotencyKey": "it-was-all-wrong" });
    assert_done(&staff.change("reportWithdraw", "report { id }", back).await);
    assert_eq!(edition_letters(&anyone).await, 10);
    let reached = [json!([[10, 2], [11, 3], [30, null]]), json!([[10, 3]])];
    assert_eq!(seen(&anyone).await, reached, "what was announced is not taken back");
    report("up again in Canada").letters(20).done(&anyone).await;
    assert_eq!(world.next().await["milestoneReached"], told(30, 5, 30), "and 11 is not announced again");
    let service = service.restarted().await;
    let reached = [json!([[10, 2], [11, 3], [30, 5]]), json!([[10, 3]])];
    assert_eq!(seen(&service.anyone()).await, reached);
    report("after the restart").letters(20).done(&service.anyone()).await;
    assert_eq!(seen(&service.anyone()).await, reached);
    let mut late = service.anyone().subscribe(STREAM, json!({})).await;
    for expected in [told(10, 2, 10), told(11, 3, 25), told(30, 5, 30)] {
        assert_eq!(late.next().await["milestoneReached"], expected, "one that comes back misses none");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_milestone_is_known_to_staff_alone_until_it_is_reached() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let (canada, poland) = (service.staff_of("ca").await, service.staff_of("pl").await);
    let (edition, campaign) = (edition_id(&anyone).await, campaign_id(&anyone, "ca").await);
    let hidden = json!({ "isHidden": true, "title": "A surprise" });
    let of_world = set(&staff, &edition, 20, hidden.clone()).await;
    let of_canada = set(&canada, &campaign, 10, hidden).await;
    assert_eq!(of_canada["milestone"]["title"], "A surprise");
    let all = [json!([[20, null]]), json!([[10, null]])];
    assert_eq!(seen(&staff).await, all);
    assert_eq!(seen(&canada).await, [json!([]), json!([[10, null]])]);
    for stranger in [&anyone, &poland, &service.bearer("w4r_report_made_up")] {
        assert_eq!(seen(stranger).await, [json!([]), json!([])]);
        for milestone in [&of_world, &of_canada] {
            let id = json!({ "id": milestone["milestone"]["id"] });
            let node = stranger.data("query($id: ID!) { node(id: $id) { id } }", id).await;
            assert_eq!(node["node"], Value::Null);
        }
    }
    report("ten letters in Canada").letters(10).done(&anyone).await;
    assert_eq!(seen(&anyone).await, [json!([]), json!([[10, 1]])]);
    report("ten letters in Poland").for_section("pl").letters(10).done(&anyone).await;
    assert_eq!(seen(&anyone).await, [json!([[20, 2]]), json!([[10, 1]])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_that_was_passed_or_exists_is_refused_and_only_staff_of_the_scope_set_one() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let (canada, poland) = (service.staff_of("ca").await, service.staff_of("pl").await);
    let (edition, campaign) = (edition_id(&anyone).await, campaign_id(&anyone, "ca").await);
    report("seven letters in Canada").letters(7).done(&anyone).await;
    let refused = async |by: &Client, scope: &Value, threshold: u64, more: Value| {
        user_errors(&set(by, scope, threshold, more).await)
    };
    assert_eq!(refused(&staff, &edition, 7, json!({})).await, ["threshold MILESTONE_REACHED"]);
    assert_eq!(refused(&staff, &edition, 0, json!({})).await, ["threshold GOAL_OUT_OF_RANGE"]);
    assert_eq!(refused(&staff, &edition, 1_000_000_001, json!({})).await, ["threshold GOAL_OUT_OF_RANGE"]);
    let first = set(&staff, &edition, 8, json!({})).await;
    assert_done(&first);
    assert_eq!(refused(&staff, &edition, 8, json!({})).await, ["threshold MILESTONE_EXISTS"]);
    assert_eq!(refused(&staff, &edition, 8, json!({ "unit": "ACTIONS" })).await, [""; 0]);
    assert_eq!(refused(&canada, &edition, 9, json!({})).await, ["scope NOT_FOUND"]);
    assert_eq!(refused(&poland, &campaign, 9, json!({})).await, ["scope NOT_FOUND"]);
    assert_eq!(refused(&staff, &json!("no id"), 9, json!({})).await, ["scope NOT_FOUND"]);
    let away = json!({ "id": first["milestone"]["id"], "reason": "A typing mistake." });
    let by_canada = canada.change("milestoneWithdraw", MILESTONE, away.clone()).await;
    assert_eq!(user_errors(&by_canada), ["id NOT_FOUND"]);
    let withdrawn = staff.change("milestoneWithdraw", "milestone { withdrawnAt }", away).await;
    assert!(withdrawn["milestone"]["withdrawnAt"].is_string(), "{withdrawn:#}");
    report("three more letters").letters(3).done(&anyone).await;
    assert_eq!(seen(&anyone).await[0], json!([[8, 2]]), "of actions; that of letters is withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_several_processes_reach_each_milestone_once_and_every_subscriber_hears_each_once() {
    let service = Service::with_2021().await;
    let other = service.beside().await;
    let (staff, edition) = (service.administrator(), edition_id(&service.anyone()).await);
    let thresholds: Vec<u64> = (1..=8).map(|number| number * 10).collect();
    for &threshold in &thresholds {
        assert_done(&set(&staff, &edition, threshold, json!({})).await);
    }
    let clients = [service.anyone(), other.anyone()];
    let mut streams = Vec::new();
    for client in clients.iter().chain(&clients) {
        streams.push(client.subscribe(STREAM, json!({})).await);
    }
    let known = async { while seen(&other.anyone()).await[0].as_array().is_some_and(|all| all.len() < 8) {} };
    timeout(PATIENCE, known).await.expect("the other process hears of the milestones");
    let racing = (0..85_usize).map(|index| {
        let client = clients[index % 2].clone();
        async move { report(&format!("one of the racing reports {index}")).letters(1).done(&client).await }
    });
    join_all(racing).await;
    let rows = number(&service.fresh.url, "SELECT COUNT(*) AS number FROM reached_milestones").await;
    assert_eq!(rows, 8);
    for mut stream in streams {
        for &threshold in &thresholds {
            let reached = stream.next().await["milestoneReached"]["milestone"].take();
            assert_eq!(reached["threshold"], json!(threshold));
            assert!(reached["reachedQuantity"].as_u64() >= Some(threshold), "{reached}");
        }
    }
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_of_a_lost_history_is_reached_again_and_a_subscriber_hears_of_it_once() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let edition = edition_id(&anyone).await;
    for threshold in [10, 20] {
        assert_done(&set(&staff, &edition, threshold, json!({})).await);
    }
    report("the first five letters").letters(5).done(&anyone).await;
    let backup = Snapshot::of(&service.fresh).await;
    let mut stream = anyone.subscribe(STREAM, json!({})).await;
    report("a report that is lost").letters(7).done(&anyone).await;
    assert_eq!(stream.next().await["milestoneReached"], told(10, 2, 12));
    backup.restore(&service.fresh).await;
    report("after the restore").letters(6).done(&anyone).await;
    assert_eq!(seen(&anyone).await[0], json!([[10, 2], [20, null]]));
    let query = "{ edition(year: 2021) { milestones { reachedQuantity } } }";
    let reached = anyone.data(query, json!({})).await;
    assert_eq!(reached["edition"]["milestones"][0]["reachedQuantity"], 11, "in the history that holds");
    report("and the next milestone").letters(9).done(&anyone).await;
    assert_eq!(stream.next().await["milestoneReached"], told(20, 3, 20), "10 is not told again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_and_the_world_without_it_add_up_at_one_version() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let case =
        json!([{ "kind": "APPEAL_LETTER", "quantity": 3 }, { "kind": "PETITION_SIGNATURE", "quantity": 40 }]);
    for (key, section) in [("letters of Canada", "ca"), ("letters of Poland", "pl")] {
        let lines = json!({ "lines": case, "people": 4, "region": if section == "ca" { json!("CA-ON") } else { Value::Null } });
        report(&format!("one of the {key}")).for_section(section).with(lines).done(&anyone).await;
        report(&format!("too many {key} of one")).for_section(section).letters(900).done(&anyone).await;
    }
    let campaign = campaign_id(&anyone, "ca").await;
    let goal = json!({ "id": campaign, "expectedRevision": 1, "letterGoal": 1_000_000_000 });
    assert_done(&staff.change("campaignUpdate", "campaign { letterGoal }", goal).await);
    let part = "letters actions people reports late { actions } pendingReview { letters reports } stated { actions }
        byKind { key: kind actions } byRegion { key: region actions } byCountry { key: country actions }
        bySection { key: section { code } actions } byOrigin { key: origin actions } byWay { key: way actions }
        byCase { key: case { slug } actions } goal status version";
    let query = format!(
        "{{ all: edition(year: 2021) {{ total {{ {part} }} without: totalWithout(section: \"ca\") {{ {part} }}
            none: totalWithout(section: \"nowhere\") {{ letters }} }}
            mine: campaign(edition: 2021, section: \"ca\") {{ total {{ {part} }} }} }}"
    );
    let data = anyone.data(&query, json!({})).await;
    let (all, mine, others) = (&data["all"]["total"], &data["mine"]["total"], &data["all"]["without"]);
    assert_eq!(data["all"]["none"], Value::Null);
    assert_eq!((&all["version"], &mine["version"]), (&others["version"], &others["version"]));
    assert_eq!((&others["goal"], &mine["goal"]), (&Value::Null, &json!(1_000_000_000)));
    assert_eq!(others["letters"], 3);
    let count = |total: &Value, path: &str| total.pointer(path).and_then(Value::as_u64).expect("a count");
    for path in [
        "/letters",
        "/actions",
        "/people",
        "/reports",
        "/late/actions",
        "/pendingReview/letters",
        "/pendingReview/reports",
        "/stated/actions",
    ] {
        assert_eq!(count(mine, path) + count(others, path), count(all, path), "{path}");
    }
    for breakdown in ["byKind", "byRegion", "byCountry", "bySection", "byOrigin", "byWay", "byCase"] {
        let entries = |total: &Value| total[breakdown].as_array().expect("entries").clone();
        for entry in entries(all) {
            let of = |total: &Value| -> u64 {
                let same = entries(total).into_iter().filter(|one| one["key"] == entry["key"]);
                same.map(|one| one["actions"].as_u64().expect("a count")).sum()
            };
            assert_eq!(json!(of(mine) + of(others)), entry["actions"], "{breakdown} {entry}");
        }
    }
}
