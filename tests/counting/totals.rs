//! Totals: history, live updates, and published figures.

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{PATIENCE, SUBMIT, Service, at, campaign_id, report, user_errors, with};

const WATCH: &str = "subscription($after: Count) { total(edition: 2021, afterVersion: $after) {
    total { letters version } reset final } }";

fn seen(update: &Value) -> (u64, u64) {
    let total = &update["total"]["total"];
    (total["version"].as_u64().expect("a version"), total["letters"].as_u64().expect("a count"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_gets_the_present_total_first_and_the_last_one_always() {
    let service = Service::with_2021().await;
    report("before anybody watches").letters(5).done(&service.anyone()).await;
    let mut ticker = service.anyone().subscribe(WATCH, json!({})).await;
    assert_eq!(seen(&ticker.next().await), (1, 5));
    for number in 0..30 {
        report(&format!("while somebody watches {number}")).letters(1).done(&service.anyone()).await;
    }
    let mut last = (1, 5);
    let mut messages = 0;
    while last.0 < 31 {
        let next = seen(&ticker.next().await);
        assert!(next.0 > last.0, "versions only rise");
        last = next;
        messages += 1;
    }
    assert_eq!(last, (31, 35));
    assert!(messages <= 30, "never more often than there were commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_reconnects_continues_after_the_version_it_knew() {
    let service = Service::with_2021().await;
    report("the first of all reports").letters(5).done(&service.anyone()).await;
    let mut present = service.anyone().subscribe(WATCH, json!({ "after": 1 })).await;
    let mut behind = service.anyone().subscribe(WATCH, json!({ "after": 0 })).await;
    let mut ahead = service.anyone().subscribe(WATCH, json!({ "after": 41 })).await;
    assert_eq!(seen(&behind.next().await), (1, 5));
    let reset = ahead.next().await;
    assert_eq!((seen(&reset), &reset["total"]["reset"]), ((1, 5), &json!(true)));
    report("the second of all reports").letters(2).done(&service.anyone()).await;
    assert_eq!(seen(&present.next().await), (2, 7), "nothing came before there was something newer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_says_in_every_process_and_after_a_restart_when_it_was_counted() {
    let service = Service::with_2021().await;
    let query = "{ edition(year: 2021) { total { letters version asOf } } }";
    let total = async |service: &Service| {
        let mut data = service.anyone().data(query, json!({})).await;
        data["edition"]["total"].take()
    };
    assert_eq!(total(&service).await, json!({ "letters": 0, "version": 0, "asOf": null }));
    let other = service.beside().await;
    report("counted by the first process").letters(5).done(&service.anyone()).await;
    let counted = json!({ "letters": 5, "version": 1, "asOf": "2021-12-11T00:00:00Z" });
    assert_eq!(total(&service).await, counted);
    let heard = async { while total(&other).await != counted {} };
    timeout(PATIENCE, heard).await.expect("the other process hears of the same total");
    drop(other);
    let service = service.restarted().await;
    assert_eq!(total(&service).await, counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_ends_when_the_edition_is_archived() {
    let service = Service::with_2021().await;
    let mut ticker = service.anyone().subscribe(WATCH, json!({})).await;
    assert_eq!(ticker.next().await["total"]["final"], false);
    let staff = service.administrator();
    let edition = staff.data("{ edition(year: 2021) { id revision } }", json!({})).await["edition"].clone();
    let archive = "mutation($input: EditionArchiveInput!) { editionArchive(input: $input) {
        edition { state } userErrors { code } } }";
    let input =
        json!({ "id": edition["id"], "expectedRevision": edition["revision"], "reason": "It is over." });
    let archived = staff.payload(archive, json!({ "input": input })).await;
    assert_eq!(archived["edition"]["state"], "ARCHIVED", "{archived:#}");
    assert_eq!(ticker.next().await["total"]["final"], true);
    assert_eq!(ticker.message().await.0, "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_and_a_case_can_be_watched_by_themselves() {
    let service = Service::with_2021().await;
    let watch = "subscription { total(edition: 2021, section: \"ca\") { total { letters version } } }";
    let mut ticker = service.anyone().subscribe(watch, json!({})).await;
    assert_eq!(seen(&ticker.next().await), (0, 0));
    report("letters from Quebec").for_section("ca-fr").letters(3).done(&service.anyone()).await;
    report("letters from Ontario").letters(4).done(&service.anyone()).await;
    let mut last = (0, 0);
    while last.0 < 2 {
        last = seen(&ticker.next().await);
    }
    assert_eq!(last, (2, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_total_of_any_moment_past_can_be_told() {
    let service = Service::with_2021().await;
    report("letters of the evening").letters(5).done(&service.anyone()).await;
    service.clock.set(at("2021-12-12T00:00:00Z"));
    report("letters of the next day").letters(7).done(&service.anyone()).await;
    let query = "query($at: DateTime!) { edition(year: 2021) { totalAt(instant: $at) { letters version } } }";
    let mut told = Vec::new();
    for instant in [
        "2021-12-10T23:59:59.999999Z",
        "2021-12-11T00:00:00Z",
        "2021-12-11T23:59:59Z",
        "2021-12-12T00:00:00Z",
    ] {
        let data = service.anyone().data(query, json!({ "at": instant })).await;
        told.push(data["edition"]["totalAt"]["letters"].clone());
    }
    assert_eq!(told, [Value::Null, json!(5), json!(5), json!(12)]);
}

const HISTORY: &str = "query($by: HistoryResolution!, $last: Int, $until: DateTime) { edition(year: 2021) {
    history(resolution: $by, last: $last, until: $until) { from letters actions version } } }";

/// When each part of the history begins, and how many letters there were at its end.
async fn history(service: &Service, variables: Value) -> Vec<(String, u64)> {
    let data = service.anyone().data(HISTORY, variables).await;
    let points = data["edition"]["history"].as_array().expect("a list");
    points
        .iter()
        .map(|point| {
            assert_eq!(point["letters"], point["actions"], "only letters were written");
            let from = point["from"].as_str().expect("an instant").to_owned();
            (from, point["letters"].as_u64().expect("a count"))
        })
        .collect()
}

fn points<const N: usize>(points: [(&str, u64); N]) -> Vec<(String, u64)> {
    points.map(|(from, letters)| (from.to_owned(), letters)).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_has_a_point_for_each_hour_or_day_that_changed_the_total() {
    let service = Service::with_2021().await;
    assert_eq!(history(&service, json!({ "by": "HOUR" })).await, [], "nothing was reported yet");
    // Each adds a letter more than the one before; the fifth comes in the same microsecond as the fourth.
    let instants = [
        "2021-12-09T22:59:59.999999Z",
        "2021-12-09T23:00:00Z",
        "2021-12-09T23:59:59.999999Z",
        "2021-12-10T00:00:00Z",
        "2021-12-10T00:00:00Z",
        "2021-12-10T19:30:00Z",
    ];
    for (letters, instant) in (1..).zip(instants) {
        service.clock.set(at(instant));
        report(&format!("a report of {letters} letters")).letters(letters).done(&service.anyone()).await;
    }
    let hours = points([
        ("2021-12-09T22:00:00Z", 1),
        ("2021-12-09T23:00:00Z", 6),
        ("2021-12-10T00:00:00Z", 15),
        ("2021-12-10T19:00:00Z", 21),
    ]);
    assert_eq!(history(&service, json!({ "by": "HOUR" })).await, hours);
    let days = points([("2021-12-09T00:00:00Z", 6), ("2021-12-10T00:00:00Z", 21)]);
    assert_eq!(history(&service, json!({ "by": "DAY" })).await, days);
    assert_eq!(history(&service, json!({ "by": "HOUR", "last": 2 })).await, hours[2..]);
    let until = async |until: &str| history(&service, json!({ "by": "HOUR", "until": until })).await;
    assert_eq!(until("2021-12-10T00:00:00Z").await, hours[..2]);
    let cut = points([("2021-12-09T22:00:00Z", 1), ("2021-12-09T23:00:00Z", 3)]);
    assert_eq!(until("2021-12-09T23:59:59.999999Z").await, cut, "an instant is not before itself");
    assert_eq!(until("2021-12-09T22:59:59.999999Z").await, []);
    assert_eq!(until("9999-12-30T00:00:00Z").await, hours);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_ends_with_the_total_beside_it_whatever_was_taken_back() {
    let service = Service::with_2021().await;
    report("what stays as it is").letters(5).done(&service.anyone()).await;
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, "ca").await;
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 9 }]);
    let input = json!({ "campaign": campaign, "idempotencyKey": "what-is-taken-back", "lines": lines });
    let made = anyone.payload(SUBMIT, json!({ "input": input })).await;
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let input = json!({ "id": made["report"]["id"], "expectedRevision": 1, "reason": "Counted twice.",
        "idempotencyKey": "the-taking-back-of-it" });
    let owner = service.bearer(made["secret"].as_str().expect("a secret"));
    owner.change("reportWithdraw", "report { state }", input).await;
    let query = "{ edition(year: 2021) { total { letters version }
        history(resolution: HOUR) { letters version } } }";
    let data = anyone.data(query, json!({})).await;
    let told = json!([{ "letters": 14, "version": 2 }, { "letters": 5, "version": 3 }]);
    assert_eq!(data["edition"]["history"], told, "a history may fall");
    assert_eq!(data["edition"]["total"], told[1]);
    let again = anyone.data(query, json!({})).await;
    assert_eq!(again, data, "also where the answer was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_has_as_many_points_as_were_asked_for_and_a_campaigns_hours_at_most() {
    let service = Service::with_2021().await;
    for last in [-1, 2_401] {
        let code = service.anyone().fault(HISTORY, json!({ "by": "HOUR", "last": last })).await;
        assert_eq!(code, "BAD_USER_INPUT", "{last}");
    }
    assert_eq!(history(&service, json!({ "by": "HOUR", "last": 2_400 })).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn published_figures_stand_beside_the_count_and_never_in_it() {
    let service = Service::empty().await;
    crate::harness::import(&service.fresh, include_str!("../../graphql/data/published-figures.json")).await;
    let service = service.restarted().await;
    let query = "{ edition(year: 2018) { total { letters actions }
        publishedFigures { section { code } figure unit qualifier status asOf } } }";
    let mut data = service.anyone().data(query, json!({})).await;
    assert_eq!(data["edition"]["total"], json!({ "letters": 0, "actions": 0 }));
    let figures = data["edition"]["publishedFigures"].as_array_mut().expect("figures");
    let (of_sections, mut of_world): (Vec<_>, Vec<_>) =
        figures.drain(..).partition(|figure| figure["section"].is_object());
    assert_eq!(
        (&of_sections[0]["section"]["code"], &of_sections[0]["figure"]),
        (&json!("ca"), &json!(54_928))
    );
    of_world
        .iter_mut()
        .for_each(|figure| drop(figure.as_object_mut().map(|figure| figure.remove("section"))));
    assert_eq!(
        json!(of_world),
        json!([
            { "figure": 5_796_150, "unit": "messages", "qualifier": "EXACT", "status": "CLAIMED_FINAL", "asOf": null },
            { "figure": 5_911_113, "unit": "messages", "qualifier": "EXACT", "status": "CLAIMED_FINAL", "asOf": null },
            { "figure": 5_912_113, "unit": "actions", "qualifier": "AT_LEAST", "status": "FINAL", "asOf": "2019-03" },
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_published_figure_replaced_stays_readable_with_its_time_and_its_reason() {
    let service = Service::with_2021().await;
    let (staff, anyone) = (service.administrator(), service.anyone());
    let query = "{ edition(year: 2021) { id } campaign(edition: 2021, section: \"ca\") { section { id } }
        case(edition: 2021, slug: \"rung\") { id } }";
    let ids = anyone.data(query, json!({})).await;
    let figure = |figure: u64, more: Value| {
        let figure =
            json!({ "figure": figure, "unit": "letters", "qualifier": "ABOUT", "status": "RUNNING" });
        with(figure, more)
    };
    let of_section = json!({ "section": ids["campaign"]["section"]["id"], "case": ids["case"]["id"] });
    let publish = async |now: &str, figures: Value, reason: Option<&str>| {
        service.clock.set(at(now));
        let input = json!({ "id": ids["edition"]["id"], "figures": figures, "reason": reason });
        let done = staff.change("editionPublishFigures", "edition { id }", input).await;
        assert_eq!(user_errors(&done), [""; 0]);
    };
    let first = json!([figure(1_000_000, json!({})), figure(400, of_section.clone())]);
    publish("2021-12-20T00:00:00Z", first, None).await;
    let more = json!({ "status": "FINAL", "asOf": "2022-01", "source": "https://example.org/news" });
    let second = json!([figure(400, of_section.clone()), figure(1_200_000, more)]);
    publish("2022-02-01T00:00:00Z", second.clone(), Some("All sections have reported.")).await;
    publish("2022-02-02T00:00:00Z", second.clone(), Some("Nothing changes.")).await;
    publish("2022-02-03T00:00:00Z", json!([second[1]]), None).await;
    let told = "query($withdrawn: Boolean) { edition(year: 2021) { total { version letters }
        publishedFigures(includeWithdrawn: $withdrawn) { number revision section { code } case { slug } figure
            replacedAt history { revision figure status asOf source reason publishedAt replacedAt } } } }";
    // The file of the edition has three figures, which the first list replaces.
    let world = json!({ "number": 4, "revision": 2, "section": null, "case": null, "figure": 1_200_000, "replacedAt": null,
        "history": [
            { "revision": 1, "figure": 1_000_000, "status": "RUNNING", "asOf": null, "source": null, "reason": null,
                "publishedAt": "2021-12-20T00:00:00Z", "replacedAt": "2022-02-01T00:00:00Z" },
            { "revision": 2, "figure": 1_200_000, "status": "FINAL", "asOf": "2022-01",
                "source": "https://example.org/news", "reason": "All sections have reported.",
                "publishedAt": "2022-02-01T00:00:00Z", "replacedAt": null },
        ] });
    let withdrawn = json!({ "number": 5, "revision": 1, "section": { "code": "ca" }, "case": { "slug": "rung" },
        "figure": 400, "replacedAt": "2022-02-03T00:00:00Z",
        "history": [
            { "revision": 1, "figure": 400, "status": "RUNNING", "asOf": null, "source": null, "reason": null,
                "publishedAt": "2021-12-20T00:00:00Z", "replacedAt": "2022-02-03T00:00:00Z" },
        ] });
    // The same after a restart, from the database.
    let service = service.restarted().await;
    let data = service.anyone().data(told, json!({})).await;
    assert_eq!(data["edition"]["publishedFigures"], json!([world]));
    assert_eq!(data["edition"]["total"], json!({ "version": 0, "letters": 0 }), "no figure counts");
    let data = service.anyone().data(told, json!({ "withdrawn": true })).await;
    let figures = data["edition"]["publishedFigures"].as_array().expect("figures");
    let of_file = figures.iter().filter(|figure| figure["number"].as_u64() < Some(4));
    assert_eq!(of_file.filter(|figure| figure["replacedAt"] == "2021-12-20T00:00:00Z").count(), 3);
    let others: Vec<_> = figures.iter().filter(|figure| figure["number"].as_u64() >= Some(4)).collect();
    assert_eq!(json!(others), json!([world, withdrawn]));
}
