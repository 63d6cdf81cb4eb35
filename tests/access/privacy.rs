//! Privacy toward strangers: with every field of the schema nothing is learned of hidden events and people.
//!
//! The walk asks for whatever the schema has, so that a field which is added later is asked for too.

use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, at, campaign_id,
    events::{evening_at_school, register, step},
    letters,
    subscribers::subscribed,
    user_errors, w4r,
    whole_schema::{Asked, Everything},
    with,
};

/// What stands in an event that is not for strangers and nowhere else.
const SECRETS: [&str; 9] = [
    "Quiet Kumquat",
    "Marmalade Lane",
    "Persimmon House",
    "Quincetown",
    "quiet@example.org",
    "Medlar",
    "loquat",
    "Tamarillo",
    "43.612",
];

/// An event that says all of that.
async fn secretive(client: &Client, key: &str, more: Value) -> Value {
    let input = json!({
        "title": "Quiet Kumquat",
        "description": "A loquat for everyone.",
        "place": { "country": "CA", "region": "CA-ON", "locality": "Quincetown", "venue": "Persimmon House",
            "street": "7 Marmalade Lane", "postalCode": "M4X 1P9",
            "coordinates": { "latitude": 43.612345, "longitude": -79.512345 } },
        "organizer": { "name": "Medlar", "email": "quiet@example.org", "displayName": "Medlar" },
        "onlineLink": "https://example.org/loquat",
        "staffNote": "Tamarillo",
        "submit": true,
    });
    let input = evening_at_school(client, key, with(input, more)).await;
    let registered = register(client, input).await;
    assert_eq!(user_errors(&registered), [""; 0]);
    registered
}

/// One question of the walk.
#[derive(Debug)]
struct Question {
    document: String,
    variables: Value,
}

/// A question for each field of a root, with every field below it. Arguments are examples; where a
/// global id is asked for, it is `id`.
fn questions(everything: &Everything, root: &str, id: &Value) -> Vec<Question> {
    let selection = |field: &Asked<'_>| match field.innermost() {
        ("INTERFACE", _) => {
            let parts = everything.nodes().into_iter().map(|node| {
                format!("... on {node} {{ __typename {} }}", everything.selection(node, &[node]))
            });
            parts.map(|part| format!("{{ {part} }}")).collect()
        }
        ("OBJECT", name) => vec![format!("{{ __typename {} }}", everything.selection(name, &[name]))],
        _ => vec![String::new()],
    };
    let mut questions = Vec::new();
    for field in everything.fields(root) {
        let needed: Vec<_> = field.arguments().into_iter().filter(Asked::is_needed).collect();
        let first = field.arguments().iter().any(|argument| argument.name() == "first");
        let declared: String =
            needed.iter().map(|one| format!("${}: {} ", one.name(), one.type_name())).collect();
        let mut passed: String = needed.iter().map(|one| format!("{0}: ${0} ", one.name())).collect();
        if first {
            passed += "first: 5 ";
        }
        let variables: Map<String, Value> =
            needed.iter().map(|one| (one.name().to_owned(), everything.example(one, id))).collect();
        let operation = root.to_lowercase();
        let (declared, passed) = (parenthesized(&declared), parenthesized(&passed));
        for selection in selection(&field) {
            let document = format!("{operation}{declared} {{ {}{passed} {selection} }}", field.name());
            questions.push(Question { document, variables: json!(variables) });
        }
    }
    questions
}

fn parenthesized(inside: &str) -> String {
    if inside.is_empty() { String::new() } else { format!("({inside})") }
}

/// What a stranger may put into the filter of a list in the hope that it tells.
fn guesses() -> Vec<String> {
    let mut guesses: Vec<_> =
        SECRETS.iter().map(|secret| format!("filter: {{ text: \"{secret}\" }}")).collect();
    guesses.push("filter: { near: { latitude: 43.612345, longitude: -79.512345, radiusKm: 1 } }".into());
    guesses.push(
        "filter: { near: { latitude: 43.612345, longitude: -79.512345, radiusKm: 1 } } orderBy: DISTANCE"
            .into(),
    );
    guesses.push("filter: { from: \"2021-12-10\", until: \"2021-12-10\", region: \"CA-ON\" }".into());
    guesses.push("filter: { states: [APPROVED, CANCELLED, COMPLETED, REPORTED] }".into());
    guesses.push("filter: { hasFreePlaces: true }".into());
    guesses
}

/// Asks a stranger's questions; each answer with its question.
async fn answers(client: &Client, questions: &[Question]) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for Question { document, variables } in questions {
        let mut answer = client.ask(document, variables.clone()).await;
        let errors = answer["errors"].as_array_mut().into_iter().flatten();
        for error in errors {
            let code = &error["extensions"]["code"];
            let is_expected =
                ["UNAUTHENTICATED", "FORBIDDEN", "BAD_USER_INPUT"].iter().any(|one| code == one);
            assert!(is_expected, "{document}: {error:#}");
        }
        answers.push((document.clone(), answer));
    }
    answers
}

fn assert_silent(answers: &[(String, Value)], secrets: &[&str], id: &Value, who: &str) {
    let id = id.as_str().expect("an id");
    for (question, answer) in answers {
        let said = answer.to_string();
        for secret in secrets.iter().chain([&id]) {
            assert!(!said.contains(secret), "{who} learns {secret} by {question}: {answer:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_with_all_of_the_schema_learns_nothing_of_an_event_that_is_not_for_them() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let everything = Everything::of(&service).await;
    let other =
        register(&anyone, evening_at_school(&anyone, "the event of a stranger", json!({})).await).await;
    let strangers = [
        ("anyone", anyone.clone()),
        ("the bearer of a secret that was made up", service.bearer("w4r_event_made-up")),
        ("the organizer of another event", service.bearer(other["secret"].as_str().expect("a secret"))),
        ("the staff of another section", service.staff_of("pl").await),
    ];
    let private = secretive(&anyone, "a private gathering", json!({ "visibility": "PRIVATE" })).await;
    let approved = step(&staff, "eventApprove", &private, json!({})).await;
    let cancelled =
        secretive(&anyone, "a private one that was cancelled", json!({ "visibility": "PRIVATE" })).await;
    let cancelled = step(&staff, "eventApprove", &cancelled, json!({})).await;
    let cancelled = step(&staff, "eventCancel", &cancelled, json!({ "reason": "Snow." })).await;
    let submitted = secretive(&anyone, "a public one before review", json!({})).await;
    // It has begun, and its host does not wait for staff with the report.
    let hosted = json!({ "campaign": campaign_id(&anyone, "ca").await, "event": submitted["event"]["id"],
        "asHost": true, "lines": letters(5), "staffNote": "Tamarillo", "idempotencyKey": "before-any-review" });
    let host = service.bearer(submitted["secret"].as_str().expect("a secret"));
    let hosted = host.change("reportSubmit", "report { reviewReason }", hosted).await;
    assert_eq!(hosted["report"]["reviewReason"], "EVENT_NOT_APPROVED");
    let rejected = secretive(&anyone, "a public one that was refused", json!({})).await;
    let rejected = step(&staff, "eventReject", &rejected, json!({ "reason": "No." })).await;
    let revoked = secretive(&anyone, "a public one that was approved once", json!({})).await;
    let revoked = step(&staff, "eventApprove", &revoked, json!({})).await;
    let of_all = json!({ "scope": "EVENT", "reason": "No." });
    let revoked = step(&staff, "eventReject", &revoked, of_all).await;
    assert_eq!(revoked["event"]["state"], "REJECTED");
    let draft = secretive(&anyone, "a public one that is a draft", json!({ "submit": false })).await;
    // A class of the private event, which staff have approved as public, and a school that does not wish to be public.
    let group = async |key: &str, more: Value| {
        let input = json!({ "campaign": campaign_id(&anyone, "ca").await, "kind": "CLASS", "name": "Quiet Kumquat",
            "idempotencyKey": format!("a-group-of-the-walk-{key}") });
        let made = staff.change("groupRegister", "group { id approvedName }", with(input, more)).await;
        assert_eq!(user_errors(&made), [""; 0]);
        json!({ "event": made["group"] })
    };
    let class = group("class", json!({ "event": private["event"]["id"], "isPublic": true })).await;
    assert_eq!(class["event"]["approvedName"], "Quiet Kumquat");
    let school = group("school", json!({ "region": "CA-ON" })).await;
    for (group, key) in [(&class, "class"), (&school, "school")] {
        let reported = json!({ "campaign": campaign_id(&anyone, "ca").await, "group": group["event"]["id"],
            "lines": letters(7), "idempotencyKey": format!("the-letters-of-the-{key}") });
        let reported = staff.change("reportSubmit", "report { id }", reported).await;
        assert_eq!(user_errors(&reported), [""; 0], "{key}");
    }

    let lists: Vec<Question> = guesses()
        .into_iter()
        .map(|guess| {
            let event = everything.selection("Event", &["Event"]);
            let document =
                format!("{{ events({guess}, first: 5) {{ nodes {{ {event} }} edges {{ cursor }} }} }}");
            Question { document, variables: json!({}) }
        })
        .collect();
    // Those who may know it are told all of it by the same questions.
    let organizer = service.bearer(private["secret"].as_str().expect("a secret"));
    for client in [&organizer, &staff, &service.staff_of("ca").await] {
        let told = answers(client, &questions(&everything, "Query", &approved["event"]["id"])).await;
        let told: String = told.iter().map(|(_, answer)| answer.to_string()).collect();
        assert!(SECRETS.iter().all(|secret| told.contains(secret)), "{told}");
    }
    for (who, stranger) in &strangers {
        for event in [&approved, &cancelled, &submitted, &rejected, &revoked, &draft, &class, &school] {
            let id = &event["event"]["id"];
            let kind = id.as_str().and_then(|id| id.split_once('_')).expect("an id").0;
            let nobody = json!(format!("{kind}_{}", "0".repeat(32)));
            let mut told = answers(stranger, &lists).await;
            for root in ["Query", "Mutation"] {
                let about = answers(stranger, &questions(&everything, root, id)).await;
                let about_nothing = answers(stranger, &questions(&everything, root, &nobody)).await;
                for ((question, answer), (_, nothing)) in about.iter().zip(&about_nothing) {
                    // Whatever else an answer tells, such as the present instant, is told of both.
                    if question.contains("$id:") || question.contains("$ids:") || question.contains("$input:")
                    {
                        assert_eq!(answer, nothing, "{who}: {question}");
                    }
                }
                told.extend(about);
            }
            let own = format!("/events/{}.ics", id.as_str().expect("an id"));
            for path in [
                "/events.ics",
                "/events.geojson",
                "/open-data/2021.ndjson",
                "/log/checkpoint",
                "/log/tile/entries/000.p/1",
                &own,
            ] {
                let answer =
                    reqwest::get(format!("http://{}{path}", service.address)).await.expect("an answer");
                told.push((path.to_owned(), json!(answer.text().await.expect("text"))));
            }
            assert_silent(&told, &SECRETS, id, who);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_events_of_their_own_learns_nothing_of_when_that_of_another_takes_place() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let everything = Everything::of(&service).await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let mut events = Vec::new();
    for (number, email) in ["mal@example.org"; 4].into_iter().chain(["quiet@example.org"]).enumerate() {
        let organizer = json!({ "name": "Medlar", "email": email });
        let more = json!({ "visibility": "PRIVATE", "organizer": organizer });
        let registered = secretive(&anyone, &format!("a private evening with number {number}"), more).await;
        let approved = step(&staff, "eventApprove", &registered, json!({})).await;
        events.push(with(registered, json!({ "event": approved["event"] })));
    }
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let that_of_another = events.pop().expect("an event");
    for own in &events {
        assert_eq!(user_errors(&step(&staff, "eventComplete", own, json!({})).await), [""; 0]);
    }
    // A service begins with a recount, which is told.
    let recounted = async {
        let query = "{ edition(year: 2021) { total { recount { matches } } } }";
        while anyone.data(query, json!({})).await["edition"]["total"]["recount"].is_null() {}
    };
    timeout(PATIENCE, recounted).await.expect("a recount");
    let walker = service.bearer(events[0]["secret"].as_str().expect("a secret"));
    let own = questions(&everything, "Query", &events[0]["event"]["id"]);
    let walk = async || {
        let mut told = answers(&walker, &own).await;
        for path in [
            "/events.ics",
            "/events.geojson",
            "/totals/2021.json",
            "/totals/2021/ca.json",
            "/open-data/2021.csv",
            "/log/checkpoint",
        ] {
            let answer = reqwest::get(format!("http://{}{path}", service.address)).await.expect("an answer");
            let tag = answer.headers()["etag"].to_str().expect("text").to_owned();
            told.push((path.to_owned(), json!([tag, answer.text().await.expect("text")])));
        }
        told
    };
    let before = walk().await;
    assert_eq!(user_errors(&step(&staff, "eventComplete", &that_of_another, json!({})).await), [""; 0]);
    for ((question, before), (_, after)) in before.iter().zip(&walk().await) {
        assert_eq!(before, after, "{question}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_with_all_of_the_schema_reads_no_word_that_waits_for_staff() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let everything = Everything::of(&service).await;
    let plain = evening_at_school(&anyone, "an evening to be changed", json!({ "submit": true })).await;
    let plain = register(&anyone, plain).await;
    let approved = step(&staff, "eventApprove", &plain, json!({})).await;
    let organizer = service.bearer(plain["secret"].as_str().expect("a secret"));
    let words = json!({
        "title": "Quiet Kumquat",
        "description": "A loquat for everyone.",
        "place": { "country": "CA", "region": "CA-ON", "locality": "Quincetown", "venue": "Persimmon House",
            "street": "7 Marmalade Lane", "coordinates": { "latitude": 43.65, "longitude": -79.38 } },
        "organizer": { "name": "Medlar", "email": "quiet@example.org", "displayName": "Medlar" },
        "onlineLink": "https://example.org/loquat",
        "staffNote": "Tamarillo",
    });
    let changed = step(&organizer, "eventUpdate", &approved, words).await;
    assert_eq!(user_errors(&changed), [""; 0]);
    let words = &SECRETS[..8];
    let id = &plain["event"]["id"];
    let told = answers(&organizer, &questions(&everything, "Query", id)).await;
    let told: String = told.iter().map(|(_, answer)| answer.to_string()).collect();
    assert!(words.iter().all(|word| told.contains(word)), "{told}");
    for (who, stranger) in
        [("anyone", anyone), ("the staff of another section", service.staff_of("pl").await)]
    {
        let mut told = answers(&stranger, &questions(&everything, "Query", id)).await;
        for guess in guesses() {
            let event = everything.selection("Event", &["Event"]);
            let document = format!("{{ events({guess}, first: 5) {{ nodes {{ {event} }} }} }}");
            told.extend(answers(&stranger, &[Question { document, variables: json!({}) }]).await);
        }
        for path in
            ["/events.ics", "/events.geojson", &format!("/events/{}.ics", id.as_str().expect("an id"))]
        {
            let answer = reqwest::get(format!("http://{}{path}", service.address)).await.expect("an answer");
            told.push((path.to_owned(), json!(answer.text().await.expect("text"))));
        }
        for (question, answer) in told {
            let said = answer.to_string();
            for word in words {
                assert!(!said.contains(word), "{who} reads {word} by {question}: {answer:#}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_with_all_of_the_schema_learns_nothing_of_who_hears_of_urgent_actions() {
    const SECRETS: [&str; 3] = ["quiet@example.org", "tamarillo-2021", "UNFAIR_TRIAL"];
    let service = Service::with_2021().await;
    let everything = Everything::of(&service).await;
    let more = json!({ "topics": ["UNFAIR_TRIAL"], "contactConsent": "tamarillo-2021" });
    let owner = service.bearer(&subscribed(&service, "quiet", more).await);
    let own = owner.data("{ urgentActionSubscription { id } }", json!({})).await;
    let id = &own["urgentActionSubscription"]["id"];
    for client in [&owner, &service.administrator()] {
        let told = answers(client, &questions(&everything, "Query", id)).await;
        let told: String = told.iter().map(|(_, answer)| answer.to_string()).collect();
        assert!(SECRETS.iter().all(|secret| told.contains(secret)), "{told}");
    }
    let nobody = json!("subscription_00000000000000000000000000000000");
    let other = subscribed(&service, "somebody", json!({})).await;
    for (who, stranger) in [
        ("anyone", service.anyone()),
        ("the bearer of a secret that was made up", service.bearer("w4r_subscription_made-up")),
        ("another subscriber", service.bearer(&other)),
        ("the staff of a section", service.staff_of("ca").await),
    ] {
        for root in ["Query", "Mutation"] {
            let about = answers(&stranger, &questions(&everything, root, id)).await;
            let about_nobody = answers(&stranger, &questions(&everything, root, &nobody)).await;
            for ((question, answer), (_, nothing)) in about.iter().zip(&about_nobody) {
                if question.contains("$id:") || question.contains("$ids:") || question.contains("$input:") {
                    assert_eq!(answer, nothing, "{who}: {question}");
                }
            }
            assert_silent(&about, &SECRETS, id, who);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_event_is_known_by_its_link_and_is_in_no_list() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let everything = Everything::of(&service).await;
    let unlisted = secretive(&anyone, "known by its link", json!({ "visibility": "UNLISTED" })).await;
    let query = "query($id: ID!) { node(id: $id) { id } event(id: $id) { title onlineLink
        organizer { email } place { street } } }";
    let id = &unlisted["event"]["id"];
    let unknown = anyone.data(query, json!({ "id": id })).await;
    assert_eq!(unknown, json!({ "node": null, "event": null }), "nobody has looked at it yet");
    step(&staff, "eventApprove", &unlisted, json!({})).await;
    let known = anyone.data(query, json!({ "id": id })).await;
    assert_eq!(known["node"]["id"], *id);
    let event = json!({ "title": "Quiet Kumquat", "onlineLink": null, "organizer": null,
        "place": { "street": "7 Marmalade Lane" } });
    assert_eq!(known["event"], event);
    let event = everything.selection("Event", &["Event"]);
    for guess in guesses() {
        let document = format!("{{ events({guess}, first: 5) {{ nodes {{ {event} }} }} }}");
        assert_eq!(anyone.data(&document, json!({})).await["events"]["nodes"], json!([]), "{guess}");
    }
    assert_eq!(id.as_str().expect("an id").as_bytes()[18], b'4', "it is drawn at random, not by the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_is_shown_to_its_locality_and_found_by_nothing_closer() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    for (number, more) in
        [json!({ "venueKind": "HOME" }), json!({ "format": "HOUSEHOLD", "venueKind": "OTHER" })]
            .into_iter()
            .enumerate()
    {
        let home = secretive(&anyone, &format!("an open door, number {number}"), more).await;
        let approved = step(&staff, "eventApprove", &home, json!({})).await;
        let seen = "query($id: ID!) { event(id: $id) { place {
            country region locality venue street postalCode isExact coordinates { latitude longitude } } } }";
        let id = json!({ "id": home["event"]["id"] });
        let expected = json!({ "country": "CA", "region": "CA-ON", "locality": "Quincetown", "venue": null,
            "street": null, "postalCode": null, "isExact": false,
            "coordinates": { "latitude": 43.6, "longitude": -79.5 } });
        assert_eq!(anyone.data(seen, id.clone()).await["event"]["place"], expected);
        assert_eq!(staff.data(seen, id.clone()).await["event"]["place"]["street"], "7 Marmalade Lane");
        let found = async |filter: &str| {
            let query = format!("{{ events(filter: {{ {filter} }}) {{ nodes {{ id }} }} }}");
            !anyone.data(&query, json!({})).await["events"]["nodes"].as_array().expect("nodes").is_empty()
        };
        assert!(found("text: \"Quincetown\"").await);
        assert!(!found("text: \"Marmalade\"").await && !found("text: \"Persimmon\"").await);
        // The house itself is a kilometre away from what everyone may know.
        let near = |latitude: f64, longitude: f64| {
            format!("near: {{ latitude: {latitude}, longitude: {longitude}, radiusKm: 1 }}")
        };
        assert!(found(&near(43.6, -79.5)).await);
        assert!(!found(&near(43.612345, -79.512345)).await, "nobody closes in on it");
        step(&staff, "eventCancel", &approved, json!({ "reason": "Snow." })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_a_home_is_not_for_everyone_any_more() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let school = secretive(&anyone, "at school at first", json!({})).await;
    let approved = step(&staff, "eventApprove", &school, json!({})).await;
    let street = async || {
        let query = "query($id: ID!) { event(id: $id) { place { street } } }";
        let data = anyone.data(query, json!({ "id": school["event"]["id"] })).await;
        data["event"]["place"]["street"].clone()
    };
    assert_eq!(street().await, "7 Marmalade Lane");
    let home = step(&staff, "eventUpdate", &approved, json!({ "venueKind": "HOME" })).await;
    assert_eq!(user_errors(&home), [""; 0]);
    assert_eq!(street().await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_public_any_more_leaves_no_trace_in_the_parts_of_a_total() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 4 }]);
    let campaign = crate::harness::campaign_id(&anyone, "ca").await;
    let query = "{ edition(year: 2021) { total { letters people reports byRegion { region letters }
        byOrigin { origin letters } } } }";
    let total = async |client: &Client| client.data(query, json!({})).await["edition"]["total"].take();
    let parts = |region: Value, origin: &str, letters: u64, reports: usize| {
        json!({ "letters": letters, "people": reports, "reports": reports,
            "byRegion": [{ "region": region, "letters": letters }],
            "byOrigin": [{ "origin": origin, "letters": letters }] })
    };
    let (mut letters, mut reports) = (0, 0);
    for (number, visibility) in ["PRIVATE", "UNLISTED"].into_iter().enumerate() {
        for service in [&service, &beside] {
            service.clock.set(at("2021-12-01T12:00:00Z"));
        }
        let event = secretive(&anyone, &format!("public at first, number {number}"), json!({})).await;
        let approved = step(&staff, "eventApprove", &event, json!({})).await;
        for service in [&service, &beside] {
            service.clock.set(at("2021-12-11T01:00:00Z"));
        }
        let report = |client: Client, key: String| {
            let input = json!({ "campaign": campaign, "event": event["event"]["id"], "lines": lines,
                "people": 1, "idempotencyKey": format!("a-letter-of-{number}-{key}") });
            async move { client.change("reportSubmit", "report { id } secret", input).await }
        };
        let first = report(anyone.clone(), "the-first".to_owned()).await;
        assert_eq!(user_errors(&first), [""; 0]);
        if number == 0 {
            assert_eq!(total(&anyone).await, parts("CA-ON".into(), "EVENT", 4, 1));
        }
        // It turns private while others report, by two processes.
        let clients = [anyone.clone(), beside.anyone()];
        let racing = (0..20_usize).map(|turn| report(clients[turn % 2].clone(), format!("turn-{turn}")));
        let hiding = step(&staff, "eventUpdate", &approved, json!({ "visibility": visibility }));
        let (told, hidden) = tokio::join!(futures_util::future::join_all(racing), hiding);
        assert_eq!(user_errors(&hidden), [""; 0]);
        let taken = told.iter().filter(|told| user_errors(told).is_empty()).count();
        let refused = told.iter().flat_map(user_errors);
        assert!(refused.into_iter().all(|refused| refused == "event NOT_FOUND"));
        assert!(visibility == "PRIVATE" || taken == 20, "its link is enough");
        letters += 4 * (1 + u64::try_from(taken).expect("a count"));
        reports += 1 + taken;
        // Corrections and the host's report are counted there as well.
        let correction = json!({ "id": first["report"]["id"], "expectedRevision": 1, "people": 1,
            "reason": "More.", "lines": [{ "kind": "APPEAL_LETTER", "quantity": 5 }],
            "idempotencyKey": format!("a-correction-of-{number}") });
        let by_whom = service.bearer(first["secret"].as_str().expect("a secret"));
        let corrected = by_whom.change("reportCorrect", "report { id region origin }", correction).await;
        assert_eq!(
            corrected["report"],
            json!({ "id": first["report"]["id"], "region": null, "origin": "PERSON" })
        );
        letters += 1;
        assert_eq!(total(&anyone).await, parts(Value::Null, "PERSON", letters, reports));
        let input = json!({ "campaign": campaign, "event": event["event"]["id"], "asHost": true,
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": 1 }], "people": 1,
            "idempotencyKey": format!("the-host-closes-{number}") });
        let host = service.bearer(event["secret"].as_str().expect("a secret"));
        let hosted = host.change("reportSubmit", "report { id }", input).await;
        assert_eq!(user_errors(&hosted), [""; 0]);
        reports += 1;
        let seen = total(&anyone).await;
        assert_eq!((&seen["letters"], &seen["reports"]), (&json!(letters), &json!(reports)));
        assert_eq!(seen["byRegion"], json!([{ "region": null, "letters": letters }]));
        reports -= 1;
        // The host's report counts as one more, and tells of the same people.
        let back = json!({ "id": hosted["report"]["id"], "expectedRevision": 1, "reason": "Counted again.",
            "idempotencyKey": format!("the-host-takes-back-{number}") });
        assert_eq!(user_errors(&host.change("reportWithdraw", "report { id }", back).await), [""; 0]);
        let said = w4r(&service.fresh.url, &["recount"]).await;
        assert_eq!(said.code, 0, "{said:?}");
    }
    let service = service.restarted().await;
    assert_eq!(total(&service.anyone()).await, parts(Value::Null, "PERSON", letters, reports));
}
