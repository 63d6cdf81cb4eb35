//! Groups: schools, classes, parishes and venues, whose reports are counted within each other, each letter once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    Client, Service, assert_done, assert_recounted, at, campaign_id, case_id, edition_letters,
    events::{approved, evening_at_school, register as register_event, step as event_step},
    letters as letters_of,
    people::with_secret_of,
    report, user_errors, with,
};

const GROUP: &str = "group { id revision name kind size isPublic approvedName reviewPending rejectionReason
    total { letters actions byGroups } } ";

/// A group of the campaign of Canada: the payload.
async fn register(client: &Client, key: &str, more: Value) -> Value {
    let input = json!({
        "campaign": campaign_id(client, "ca").await,
        "kind": "SCHOOL",
        "name": "Elm School",
        "idempotencyKey": format!("a-group-named-{}", key.replace(' ', "-")),
    });
    client.change("groupRegister", &format!("{GROUP} secret replayed"), with(input, more)).await
}

async fn step(client: &Client, mutation: &str, before: &Value, more: Value) -> Value {
    let group = &before["group"];
    let input = with(json!({ "id": group["id"], "expectedRevision": group["revision"] }), more);
    client.change(mutation, GROUP, input).await
}

/// The total of a group as this client sees it: letters, and those of its parts. Null without access.
async fn letters(client: &Client, group: &Value) -> Value {
    let query = "query($id: ID!) { group(id: $id) { total { letters byGroups } } }";
    let total = client.data(query, json!({ "id": group["group"]["id"] })).await;
    match &total["group"] {
        Value::Null => Value::Null,
        group => json!([group["total"]["letters"], group["total"]["byGroups"]]),
    }
}

async fn event_total(client: &Client, event: &Value) -> Value {
    let query = "query($id: ID!) { event(id: $id) { total {
        letters byGroups deduplicated { letters } byCase { case { slug } letters } }
        groups { name total { letters } } } }";
    client.data(query, json!({ "id": event["event"]["id"] })).await["event"].take()
}

fn evening(service: &Service) {
    service.clock.set(at("2021-12-11T01:00:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn four_venues_and_five_cases_of_one_event_are_850_letters() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = approved(&service, "an event in four venues", json!({})).await;
    let host = with_secret_of(&service, &event);
    let mut venues = Vec::new();
    for (name, quantity) in [("City hall", 703), ("Library", 80), ("Café", 47), ("Church", 20)] {
        let more = json!({ "event": event["event"]["id"], "kind": "VENUE", "name": name });
        let venue = register(&host, name.trim_end_matches('é'), more).await;
        assert_done(&venue);
        venues.push((venue, quantity));
    }
    evening(&service);
    for (venue, quantity) in &venues {
        let own_link = with_secret_of(&service, venue);
        let key = format!("the report of a venue {quantity}");
        report(&key).of_group(venue).letters(*quantity).done(&own_link).await;
    }
    assert_eq!(edition_letters(&anyone).await, 850, "by venue");
    let mut lines = Vec::new();
    let cases = ["rung", "imoleayo-michael", "ciham-ali", "bernardo-caal-xol", "sphere"];
    for (slug, quantity) in cases.iter().zip([300, 200, 150, 120, 80]) {
        let case = case_id(&anyone, slug).await;
        lines.push(json!({ "case": case, "kind": "APPEAL_LETTER", "quantity": quantity }));
    }
    let by_case =
        report("the whole event by case").of_event(&event).by_host().with(json!({ "lines": lines }));
    by_case.done(&host).await;
    let total = event_total(&host, &event).await;
    assert_eq!(total["total"]["letters"], 850, "by venue and by case, each letter once");
    assert_eq!(
        (&total["total"]["byGroups"], &total["total"]["deduplicated"]["letters"]),
        (&json!(850), &json!(850))
    );
    assert_eq!(total["total"]["byCase"].as_array().map(Vec::len), Some(5), "nothing is unallocated");
    let by_venue = total["groups"].as_array().expect("groups").iter();
    let mut by_venue: Vec<_> =
        by_venue.map(|group| (group["total"]["letters"].as_u64(), group["name"].as_str())).collect();
    by_venue.sort_unstable();
    let expected = [(20, "Church"), (47, "Café"), (80, "Library"), (703, "City hall")];
    assert_eq!(by_venue, expected.map(|(letters, name)| (Some(letters), Some(name))));
    assert_eq!(edition_letters(&anyone).await, 850);
    assert_recounted(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(event_total(&service.anyone(), &event).await["total"]["letters"], 850);
    assert_eq!(event_total(&service.anyone(), &event).await["groups"], json!([]), "no venue is public");
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_report_from_their_own_links_within_their_school() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let school = register(&anyone, "elm school", json!({ "size": 300, "region": "CA-ON" })).await;
    assert_done(&school);
    let teacher = with_secret_of(&service, &school);
    let class = async |name: &str| {
        let more = json!({ "parent": school["group"]["id"], "kind": "CLASS", "name": name, "size": 25 });
        let class = register(&teacher, &format!("class {name}"), more).await;
        assert_done(&class);
        class
    };
    let (first, second) = (class("7a").await, class("7b").await);
    let (of_first, of_second) = (with_secret_of(&service, &first), with_secret_of(&service, &second));
    let reported = report("the first class reports").of_group(&first).letters(250).done(&of_first).await;
    let other = report("a class for another class").of_group(&second).letters(9);
    assert_eq!(user_errors(&other.submit(&of_first).await), ["group NOT_FOUND"], "not with its link");
    let none = report("a stranger for a class").of_group(&second).letters(9);
    assert_eq!(user_errors(&none.submit(&anyone).await), ["group NOT_FOUND"], "nor without one");
    report("the second class reports").of_group(&second).letters(193).done(&of_second).await;
    let again = report("the second class again").of_group(&second).letters(1);
    assert_eq!(user_errors(&again.submit(&of_second).await), ["group GROUP_REPORTED"]);
    let own = report("the school itself reports").of_group(&school).letters(400).done(&teacher).await;
    assert_eq!(letters(&teacher, &school).await, json!([443, 443]), "the classes know of more");
    let world = "{ edition(year: 2021) { total { letters byOrigin { origin letters }
        byRegion { region letters } } } }";
    let total = anyone.data(world, json!({})).await["edition"]["total"].take();
    assert_eq!(
        total,
        json!({ "letters": 443, "byOrigin": [{ "origin": "SCHOOL", "letters": 443 }],
            "byRegion": [{ "region": "CA-ON", "letters": 443 }] })
    );
    // The school corrects the report of its class; the class takes a later figure back.
    let input = with(
        report("the school corrects a class").letters(260).input(&teacher).await,
        json!({ "id": reported["report"]["id"], "expectedRevision": 1, "reason": "Ten came later." }),
    );
    let Value::Object(mut fields) = input else { panic!("an object") };
    fields.remove("campaign");
    let corrected =
        teacher.change("reportCorrect", "report { id revision state }", Value::Object(fields)).await;
    assert_done(&corrected);
    assert_eq!(letters(&teacher, &school).await, json!([453, 453]));
    let withdrawn = json!({ "id": reported["report"]["id"], "expectedRevision": 2, "reason": "Twice.",
        "idempotencyKey": "the-class-withdraws-its-report" });
    assert_done(&of_first.change("reportWithdraw", "report { state }", withdrawn).await);
    assert_eq!(letters(&teacher, &school).await, json!([400, 193]), "the school itself knows of more");
    // What it counted before is not forgotten, and what comes later changes nothing of it.
    let at_noon =
        "query($id: ID!, $at: DateTime!) { group(id: $id) { totalAt(instant: $at) { letters actions } } }";
    let noted = service.clock.now();
    service.clock.set(noted + jiff::SignedDuration::from_secs(60));
    let more = json!({ "id": own["report"]["id"], "expectedRevision": 1, "basis": "IN_ADDITION",
        "lines": letters_of(100), "idempotencyKey": "a-hundred-more-of-the-school" });
    assert_done(&teacher.change("reportUpdate", "report { revision }", more).await);
    for (instant, expected) in [(noted, 400), (service.clock.now(), 500)] {
        let variables = json!({ "id": school["group"]["id"], "at": instant.to_string() });
        let total = teacher.data(at_noon, variables).await["group"]["totalAt"].take();
        assert_eq!(total, json!({ "letters": expected, "actions": expected }));
    }
    let early = json!({ "id": school["group"]["id"], "at": "2021-01-01T00:00:00Z" });
    assert_eq!(teacher.data(at_noon, early).await["group"]["totalAt"], Value::Null);
    assert_eq!(edition_letters(&anyone).await, 500);
    let reports = "query($id: ID!) { report(id: $id) { group { id } event { id } } }";
    let seen = teacher.data(reports, json!({ "id": reported["report"]["id"] })).await;
    assert_eq!(seen["report"], json!({ "group": { "id": first["group"]["id"] }, "event": null }));
    let seen = of_second.data(reports, json!({ "id": reported["report"]["id"] })).await;
    assert_eq!(seen["report"], Value::Null, "another class sees nothing of it");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_group_grows_and_ten_at_once_are_one() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let parish = register(&service.anyone(), "a parish", json!({ "kind": "PARISH" })).await;
    let secret = parish["secret"].as_str().expect("a secret");
    let reports = (0..10).map(|number| {
        let client = if number % 2 == 0 { service.bearer(secret) } else { beside.bearer(secret) };
        let parish = &parish;
        async move {
            let key = format!("one of ten at once {number}");
            report(&key).of_group(parish).letters(5 + number).submit(&client).await
        }
    });
    let answers = join_all(reports).await;
    let refused = answers.iter().filter(|answer| user_errors(answer) == ["group GROUP_REPORTED"]).count();
    assert_eq!(refused, 9, "{answers:#?}");
    let first = answers.iter().find(|answer| answer["report"].is_object()).expect("one is accepted");
    let client = service.bearer(secret);
    let more = json!({ "id": first["report"]["id"], "expectedRevision": 1, "basis": "SO_FAR",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 120 }], "idempotencyKey": "all-letters-so-far-of-it" });
    assert_done(&client.change("reportUpdate", "report { revision }", more).await);
    assert_eq!(letters(&client, &parish).await, json!([120, 0]));
    assert_eq!(edition_letters(&service.anyone()).await, 120);
    let origins = "{ edition(year: 2021) { total { byOrigin { origin letters } } } }";
    let data = service.anyone().data(origins, json!({})).await;
    assert_eq!(data["edition"]["total"]["byOrigin"], json!([{ "origin": "GROUP", "letters": 120 }]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_public_by_their_wish_and_after_review_alone() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let ranked = async |arguments: &str| {
        let query = format!(
            "{{ campaign(edition: 2021, section: \"ca\") {{ groups{arguments} {{
                nodes {{ name total {{ letters lettersPerHead }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
        );
        anyone.data(&query, json!({})).await["campaign"]["groups"].take()
    };
    let names = |list: &Value| -> Vec<Value> {
        list["nodes"].as_array().expect("nodes").iter().map(|node| node["name"].clone()).collect()
    };
    let mut made = Vec::new();
    for (name, size, quantity) in
        [("Large", 300, 400), ("Small", 10, 50), ("Hidden", 20, 90), ("Third", 25, 10)]
    {
        let more = json!({ "name": name, "size": size, "isPublic": name != "Hidden" });
        let group = register(&anyone, name, more).await;
        let client = with_secret_of(&service, &group);
        report(&format!("the report of {name}")).of_group(&group).letters(quantity).done(&client).await;
        made.push((group, client));
    }
    assert_eq!(names(&ranked("").await), [""; 0], "nobody has looked at them");
    assert_eq!(letters(&anyone, &made[0].0).await, Value::Null);
    let queue = "{ groupsToReview { id name } }";
    let waiting = staff.data(queue, json!({})).await;
    assert_eq!(waiting["groupsToReview"].as_array().map(Vec::len), Some(3));
    assert_eq!(anyone.fault(queue, json!({})).await, "UNAUTHENTICATED");
    for (group, _) in &made {
        let expected = if group["group"]["name"] == "Hidden" { vec!["id GROUP_NOT_PUBLIC"] } else { vec![] };
        let reviewed = step(&staff, "groupReview", group, json!({ "decision": "APPROVE" })).await;
        assert_eq!(user_errors(&reviewed), expected);
    }
    assert_eq!(names(&ranked("").await), ["Large", "Small", "Third"]);
    assert_eq!(names(&ranked("(orderBy: LETTERS_PER_HEAD)").await), ["Small", "Large", "Third"]);
    assert_eq!(names(&ranked("(filter: { maxSize: 25 })").await), ["Small", "Third"]);
    assert_eq!(names(&ranked("(filter: { minSize: 26, kind: SCHOOL })").await), ["Large"]);
    assert_eq!(names(&ranked("(filter: { kind: PARISH })").await), [""; 0]);
    for order in ["LETTERS", "LETTERS_PER_HEAD"] {
        let (mut after, mut paged) = (Value::Null, Vec::new());
        loop {
            let page = ranked(&format!("(orderBy: {order}, first: 1, after: {after})")).await;
            paged.extend(names(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(paged, names(&ranked(&format!("(orderBy: {order})")).await), "{order}");
    }
    let (small, client) = &made[1];
    let revised = json!({ "group": { "id": small["group"]["id"], "revision": 2 } });
    let renamed = step(client, "groupUpdate", &revised, json!({ "name": "Obscene" })).await;
    assert_eq!(renamed["group"]["approvedName"], "Small", "{renamed:#}");
    assert_eq!(names(&ranked("").await), ["Large", "Small", "Third"], "the new name waits");
    let refused = step(&staff, "groupReview", &renamed, json!({ "decision": "REJECT" })).await;
    assert_eq!(user_errors(&refused), ["reason REASON_MISSING"]);
    let reject = json!({ "decision": "REJECT", "reason": "It is no name." });
    let rejected = step(&staff, "groupReview", &renamed, reject).await;
    assert_eq!(rejected["group"]["rejectionReason"], "It is no name.");
    assert_eq!(names(&ranked("").await), ["Large", "Third"], "hidden at once");
    assert_eq!(letters(&anyone, small).await, Value::Null);
    assert_eq!(letters(client, small).await, json!([50, 0]));
    let approve = "mutation($input: GroupReviewInput!) { groupReview(input: $input) { group { id } } }";
    let itself =
        json!({ "input": { "id": rejected["group"]["id"], "expectedRevision": 4, "decision": "APPROVE" } });
    assert_eq!(client.fault(approve, itself).await, "FORBIDDEN", "a group does not review itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_a_private_event_does_not_exist_for_others() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = approved(&service, "an evening in two classes", json!({})).await;
    let host = with_secret_of(&service, &event);
    let more = json!({ "event": event["event"]["id"], "kind": "CLASS", "name": "Class 9", "isPublic": true });
    let class = register(&host, "class nine", more.clone()).await;
    assert_done(&class);
    let stranger = register(&anyone, "a stranger adds a class", more).await;
    assert_eq!(user_errors(&stranger), ["event NOT_FOUND"]);
    assert_done(
        &step(&service.administrator(), "groupReview", &class, json!({ "decision": "APPROVE" })).await,
    );
    evening(&service);
    let of_class = with_secret_of(&service, &class);
    report("the ninth class reports").of_group(&class).letters(31).done(&of_class).await;
    assert_eq!(letters(&anyone, &class).await, json!([31, 0]));
    let by_region =
        "{ edition(year: 2021) { total { byRegion { region letters } byOrigin { origin letters } } } }";
    let total = anyone.data(by_region, json!({})).await["edition"]["total"].take();
    assert_eq!(total["byRegion"], json!([{ "region": "CA-ON", "letters": 31 }]));
    let private = event_step(&host, "eventUpdate", &event, json!({ "visibility": "PRIVATE" })).await;
    assert_done(&private);
    let total = anyone.data(by_region, json!({})).await["edition"]["total"].take();
    assert_eq!(
        total,
        json!({ "byRegion": [{ "region": null, "letters": 31 }], "byOrigin": [{ "origin": "PERSON", "letters": 31 }] }),
        "its letters are moved with the event"
    );
    assert_eq!(letters(&anyone, &class).await, Value::Null);
    assert_eq!(letters(&host, &class).await, json!([31, 0]));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let seen = anyone.data(node, json!({ "id": class["group"]["id"] })).await;
    assert_eq!(seen["node"], Value::Null);
    let own = of_class.data("{ viewer { id } }", json!({})).await;
    assert_eq!(own["viewer"]["id"], class["group"]["id"]);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_has_its_years_side_by_side() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let anyone = service.anyone();
    let before = register(&anyone, "elm school of 2021", json!({ "size": 100 })).await;
    let client = with_secret_of(&service, &before);
    report("elm school in 2021").of_group(&before).letters(700).done(&client).await;
    let edition = staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    let section = "{ section(code: \"ca\") { id } }";
    let section = anyone.data(section, json!({})).await["section"]["id"].take();
    let days = json!({ "edition": edition["edition"]["id"], "section": section, "opensOn": "2021-12-01",
        "deadlineOn": "2023-01-31" });
    let campaign = staff.change("campaignCreate", "campaign { id }", days).await;
    let campaign = &campaign["campaign"]["id"];
    let secret = &before["secret"];
    let again = json!({ "campaign": campaign, "previousSecret": secret, "size": 120 });
    let after = register(&anyone, "elm school of 2022", again).await;
    assert_done(&after);
    let wrong = json!({ "campaign": campaign, "previousSecret": after["secret"] });
    let wrong = register(&anyone, "elm school of the same year", wrong).await;
    assert_eq!(user_errors(&wrong), ["previousSecret NOT_FOUND"], "it is no earlier year");
    let client = with_secret_of(&service, &after);
    let in_2022 = report("elm school in 2022").of_group(&after).letters(900);
    let elsewhere = in_2022.clone().submit(&client).await;
    assert_eq!(user_errors(&elsewhere), ["group GROUP_NOT_IN_CAMPAIGN"]);
    in_2022.with(json!({ "campaign": campaign })).done(&client).await;
    let years = "query($id: ID!) { group(id: $id) { years { year size letters } } }";
    let seen = client.data(years, json!({ "id": after["group"]["id"] })).await;
    assert_eq!(
        seen["group"]["years"],
        json!([{ "year": 2022, "size": 120, "letters": 900 }, { "year": 2021, "size": 100, "letters": 700 }])
    );
    let public = step(&staff, "groupUpdate", &after, json!({ "isPublic": true })).await;
    assert_done(&public);
    let seen = anyone.data(years, json!({ "id": after["group"]["id"] })).await;
    assert_eq!(
        seen["group"]["years"],
        json!([{ "year": 2022, "size": 120, "letters": 900 }]),
        "the earlier one was not public"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_of_a_group_gets_a_clear_error() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let bad =
        json!({ "name": " ", "size": 0, "letterGoal": 0, "region": "FR-75C", "idempotencyKey": "short" });
    assert_eq!(
        user_errors(&register(&anyone, "bad input", bad).await),
        [
            "name REQUIRED",
            "size HEADCOUNT_OUT_OF_RANGE",
            "letterGoal GOAL_OUT_OF_RANGE",
            "region REGION_OUTSIDE_COUNTRY",
            "idempotencyKey IDEMPOTENCY_KEY_INVALID"
        ]
    );
    let first = register(&anyone, "the first level", json!({})).await;
    let replayed = register(&anyone, "the first level", json!({})).await;
    assert_eq!(
        (&replayed["replayed"], &replayed["secret"], &replayed["group"]["id"]),
        (&json!(true), &first["secret"], &first["group"]["id"])
    );
    let other = register(&anyone, "the first level", json!({ "name": "Oak School" })).await;
    assert_eq!(user_errors(&other), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    let client = with_secret_of(&service, &first);
    let mut levels = vec![first.clone()];
    for level in 2..=3 {
        let parent = levels.last().expect("a level")["group"]["id"].clone();
        let part =
            register(&client, &format!("level {level}"), json!({ "parent": parent, "kind": "CLASS" })).await;
        assert_done(&part);
        levels.push(part);
    }
    let deepest = levels[2]["group"]["id"].clone();
    let deeper = register(&client, "level four", json!({ "parent": deepest })).await;
    assert_eq!(user_errors(&deeper), ["parent GROUP_TOO_DEEP"]);
    let elsewhere =
        json!({ "parent": first["group"]["id"], "campaign": campaign_id(&anyone, "ca-fr").await });
    let elsewhere = register(&client, "of another campaign", elsewhere).await;
    assert_eq!(user_errors(&elsewhere), ["parent GROUP_NOT_IN_CAMPAIGN"]);
    let removed = step(&client, "groupRemove", &first, json!({})).await;
    assert_eq!(user_errors(&removed), ["id GROUP_IN_USE"]);
    let removed = step(&client, "groupRemove", &levels[2], json!({})).await;
    assert_done(&removed);
    assert_eq!(letters(&client, &levels[2]).await, Value::Null);
    let strangers = register(&anyone, "somebody else", json!({})).await;
    let stranger = with_secret_of(&service, &strangers);
    for mutation in ["groupUpdate", "groupRemove"] {
        assert_eq!(user_errors(&step(&stranger, mutation, &first, json!({})).await), ["id NOT_FOUND"]);
    }
    let stale = json!({ "group": { "id": first["group"]["id"], "revision": 7 } });
    assert_eq!(
        user_errors(&step(&client, "groupUpdate", &stale, json!({ "name": "New" })).await),
        ["expectedRevision STALE_REVISION"]
    );
    let too_late = at("2022-02-01T05:00:00Z");
    service.clock.set(too_late);
    let late = register(&anyone, "too late for a school", json!({})).await;
    assert_eq!(user_errors(&late), ["campaign REGISTRATION_CLOSED"]);
    let late = register(&client, "too late for a class", json!({ "parent": first["group"]["id"] })).await;
    assert_eq!(user_errors(&late), ["campaign DEADLINE_PASSED"]);
    assert_done(&register(&staff, "staff later", json!({ "parent": first["group"]["id"] })).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_does_not_begin_yet_takes_no_report_of_its_groups() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let input = evening_at_school(&anyone, "an evening with a class", json!({ "submit": true })).await;
    let event = register_event(&anyone, input).await;
    let host = with_secret_of(&service, &event);
    let class = json!({ "event": event["event"]["id"], "kind": "CLASS", "name": "Class 3" });
    let class = register(&host, "class three", class).await;
    assert_done(&class);
    let reported = report("class three reports").of_group(&class).letters(5);
    assert_eq!(
        user_errors(&reported.clone().submit(&host).await),
        ["group EVENT_STATE_INVALID"],
        "staff have not approved it"
    );
    assert_done(&event_step(&service.administrator(), "eventApprove", &event, json!({})).await);
    service.clock.set(at("2021-12-10T22:59:59Z"));
    assert_eq!(user_errors(&reported.clone().submit(&host).await), ["group EVENT_NOT_BEGUN"]);
    service.clock.set(at("2021-12-10T23:00:00Z"));
    reported.done(&host).await;
    let other = approved(&service, "another evening of groups", json!({})).await;
    let wrong = report("a class of another event").of_group(&class).of_event(&other).letters(5);
    assert_eq!(user_errors(&wrong.submit(&service.administrator()).await), ["event NOT_FOUND"]);
    assert_recounted(&service.fresh).await;
}
