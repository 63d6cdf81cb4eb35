//! Feeds of public events: iCalendar and GeoJSON.

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{
    Service,
    events::{approved, evening_at_school, register, step},
    get, number, run_sql, with,
};

/// A calendar with its lines unfolded.
async fn calendar(service: &Service, path: &str) -> String {
    let answer = get(service, path).await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    answer.text().await.expect("text").replace("\r\n ", "").replace("\r\n", "\n")
}

async fn points(service: &Service, path: &str) -> Vec<Value> {
    let answer = get(service, path).await;
    assert_eq!(answer.headers()["content-type"], "application/geo+json");
    let mut collection: Value = answer.json().await.expect("JSON");
    assert_eq!(collection["type"], "FeatureCollection");
    serde_json::from_value(collection["features"].take()).expect("features")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_has_every_session_and_says_what_is_called_off() {
    let service = Service::with_2021().await;
    let more = json!({ "description": "Tea; cake.", "sessions": [
        { "localStart": "2021-11-06T18:00", "localEnd": "2021-11-06T21:00" },
        { "localStart": "2021-11-07T18:00", "localEnd": "2021-11-07T21:00" },
    ] });
    let event = approved(&service, "an evening in a calendar", more).await;
    let id = event["event"]["id"].as_str().expect("an id").to_owned();
    let before = calendar(&service, "/events.ics").await;
    for expected in [
        "BEGIN:VCALENDAR\nVERSION:2.0\n".to_owned(),
        format!("UID:{id}-1\nSEQUENCE:1\n"),
        // Clocks in Toronto are put back on 7 November: the wall clock is what was promised.
        "BEGIN:STANDARD\nDTSTART:20211107T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n".to_owned(),
        "DTSTART;TZID=America/Toronto:20211106T180000\nDTEND;TZID=America/Toronto:20211106T210000\n"
            .to_owned(),
        "DTSTART;TZID=America/Toronto:20211107T180000\nDTEND;TZID=America/Toronto:20211107T210000\n"
            .to_owned(),
        "SUMMARY:Write for Rights at Elm School\nDESCRIPTION:Tea\\; cake.\n".to_owned(),
        "LOCATION:Elm School\\, 12 Elm Street\\, Toronto\\, Ontario\\, Canada\nGEO:43.657123;-79.383456\n"
            .to_owned(),
    ] {
        assert!(before.contains(&expected), "{expected} is not in {before}");
    }
    assert!(!before.contains("ada@example.org") && !before.contains("Ada"), "{before}");
    let cancelled = step(&service.administrator(), "eventCancel", &event, json!({ "reason": "Snow." })).await;
    assert_eq!(cancelled["event"]["state"], "CANCELLED");
    for path in ["/events.ics", "/events.ics?edition=2021", &format!("/events/{id}.ics")] {
        let after = calendar(&service, path).await;
        assert!(after.contains(&format!("UID:{id}-1\nSEQUENCE:2\n")), "{path}: {after}");
        assert_eq!(after.matches("STATUS:CANCELLED").count(), 2, "{path}: {after}");
        let titles = after.matches("SUMMARY:Cancelled: Write for Rights at Elm School\n").count();
        assert_eq!(titles, 2, "readers that show the title alone: {path}: {after}");
        assert!(after.contains("DESCRIPTION:Snow.\\n\\nTea\\; cake."), "{path}: {after}");
    }
}

/// The entries of a calendar: of each the number behind its event's id, and its lines.
fn entries(calendar: &str) -> Vec<(u32, &str)> {
    let number = |entry: &str| {
        let uid = entry.lines().find_map(|line| line.strip_prefix("UID:")).expect("a UID");
        uid.rsplit('-').next().expect("a number").parse().expect("a number")
    };
    calendar.split("BEGIN:VEVENT\n").skip(1).map(|entry| (number(entry), entry)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_keeps_its_identity_when_others_go() {
    let service = Service::with_2021().await;
    let day = |day: u32| {
        let [start, end] = [18, 21].map(|hour| format!("2021-12-{day:02}T{hour}:00"));
        json!({ "localStart": start, "localEnd": end })
    };
    let three = json!({ "sessions": [day(1), day(8), day(15)] });
    let event = approved(&service, "an event of three evenings", three).await;
    let path = format!("/events/{}.ics", event["event"]["id"].as_str().expect("an id"));
    let staff = service.administrator();
    // Content as the version before stored it: the sessions have the numbers that calendars know.
    let numbers = r#""session_numbers":{"numbers":[],"removed":[],"highest":0},"#;
    run_sql(&service.fresh.url, &format!("UPDATE events SET content = REPLACE(content, '{numbers}', '')"))
        .await;
    let left = "SELECT COUNT(*) AS number FROM events WHERE content LIKE '%session_numbers%'";
    assert_eq!(number(&service.fresh.url, left).await, 0);
    let before = calendar(&service, &path).await;
    assert_eq!(entries(&before).into_iter().map(|(number, _)| number).collect::<Vec<_>>(), [1, 2, 3]);
    let two = step(&staff, "eventUpdate", &event, json!({ "sessions": [day(8), day(15)] })).await;
    let two = calendar_of(&service, &path, &two).await;
    let told = |calendar: &str| -> Vec<(u32, String, bool, bool)> {
        let told = entries(calendar).into_iter().map(|(number, entry)| {
            let start = entry.split("DTSTART;TZID=America/Toronto:").nth(1).expect("a start");
            let cancelled = entry.contains("STATUS:CANCELLED\nSUMMARY:Cancelled: ");
            (number, start[6..8].to_owned(), cancelled, entry.contains("SEQUENCE:2\n"))
        });
        told.collect()
    };
    let (second, third) = ((2, "08".to_owned(), false, true), (3, "15".to_owned(), false, true));
    assert_eq!(told(&two.1), [second, third, (1, "01".to_owned(), true, true)], "{}", two.1);

    let moved = step(&staff, "eventUpdate", &two.0, json!({ "sessions": [day(9), day(15)] })).await;
    let moved = calendar_of(&service, &path, &moved).await;
    let numbers: Vec<u32> = told(&moved.1).into_iter().map(|(number, ..)| number).collect();
    assert_eq!(numbers, [2, 3, 1]);
    let more = json!({ "sessions": [day(9), day(15), day(20)] });
    let more = step(&staff, "eventUpdate", &moved.0, more).await;
    let query = "query($id: ID!) { event(id: $id) { sessions { number localStart } } }";
    let sessions = staff.data(query, json!({ "id": more["event"]["id"] })).await;
    let numbers = sessions["event"]["sessions"].as_array().expect("sessions").iter();
    assert_eq!(numbers.map(|session| session["number"].clone()).collect::<Vec<_>>(), [2, 3, 4]);
}

/// The payload of a change, and the calendar after it.
async fn calendar_of(service: &Service, path: &str, payload: &Value) -> (Value, String) {
    assert!(payload["event"].is_object(), "{payload:#}");
    (payload.clone(), calendar(service, path).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_have_nothing_that_common_readers_reject() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let empty = calendar(&service, "/events.ics").await;
    assert!(empty.contains("BEGIN:VTIMEZONE\nTZID:UTC\n") && !empty.contains("BEGIN:VEVENT"), "{empty}");

    let section = staff.data("{ section(code: \"pl\") { id expectedRevision: revision } }", json!({})).await;
    let named = with(section["section"].clone(), json!({ "name": "Poland, North; South" }));
    let named = staff.change("sectionUpdate", "section { name }", named).await;
    assert_eq!(named["section"]["name"], "Poland, North; South", "{named:#}");
    let separated = json!({ "description": "One.\u{2028}Two.\u{2029}Three." });
    approved(&service, "an evening of three lines", separated).await;
    let listed = calendar(&service, "/events.ics?edition=2021").await;
    assert!(listed.contains("\nDESCRIPTION:One.\\nTwo.\\nThree.\n"), "{listed}");
    let poland = calendar(&service, "/events.ics?edition=2021&section=pl").await;
    let name = "Write for Rights – 2021 – Poland – North – South";
    assert!(poland.contains(&format!("\nNAME:{name}\nX-WR-CALNAME:{name}\n")), "{poland}");
    for calendar in [empty, listed, poland] {
        assert!(!calendar.contains("METHOD") && !calendar.contains("ORGANIZER"), "{calendar}");
        assert!(calendar.contains("BEGIN:V") && calendar.starts_with("BEGIN:VCALENDAR\n"), "{calendar}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_written_in_the_order_of_its_country() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let places: Value = serde_json::from_str(include_str!("../places/places.json")).expect("a table");
    for (index, mut row) in places.as_array().expect("rows").iter().cloned().enumerate() {
        let place = row.as_object_mut().expect("a row");
        let lines = place.remove("lines").expect("lines");
        place.remove("source");
        let event =
            approved(&service, &format!("an evening at place {index}"), json!({ "place": row })).await;
        let id = &event["event"]["id"];
        let query = "query($id: ID!) { event(id: $id) { place { addressLines } } }";
        let told = staff.data(query, json!({ "id": id })).await;
        assert_eq!(told["event"]["place"]["addressLines"], lines);
        let calendar = calendar(&service, &format!("/events/{}.ics", id.as_str().expect("an id"))).await;
        let lines: Vec<&str> = lines.as_array().expect("lines").iter().filter_map(Value::as_str).collect();
        let location = format!("\nLOCATION:{}\n", lines.join(", ").replace(',', "\\,"));
        assert!(calendar.contains(&location), "{location} is not in {calendar}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_what_is_for_everyone_and_nothing_else() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let public = approved(&service, "an evening for everyone", json!({})).await;
    let home = json!({ "title": "At home", "venueKind": "HOME" });
    let home = approved(&service, "an evening at home", home).await;
    let unlisted = json!({ "title": "By its link", "visibility": "UNLISTED" });
    let unlisted = approved(&service, "an evening by its link", unlisted).await;
    let private = json!({ "title": "By invitation", "visibility": "PRIVATE" });
    let private = approved(&service, "an evening by invitation", private).await;
    let draft = evening_at_school(&anyone, "an evening to come", json!({ "title": "To come" })).await;
    let draft = register(&anyone, draft).await;

    let listed = calendar(&service, "/events.ics").await;
    assert_eq!(listed.matches("BEGIN:VEVENT").count(), 2, "{listed}");
    assert!(
        listed.contains("LOCATION:Toronto\\, Ontario\\, Canada\n"),
        "a home is shown to its locality: {listed}"
    );
    assert_eq!(listed.matches("GEO:").count(), 1, "a point of the neighbourhood is no address: {listed}");
    let points = points(&service, "/events.geojson?edition=2021&section=ca").await;
    let found: Vec<_> = points.iter().map(|point| point["properties"]["title"].clone()).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    for point in &points {
        let coarse = point["id"] == home["event"]["id"];
        assert_eq!(point["properties"]["id"], point["id"], "tiles keep properties alone");
        let expected = if coarse { json!([-79.4, 43.7]) } else { json!([-79.383456, 43.657123]) };
        assert_eq!(point["geometry"], json!({ "type": "Point", "coordinates": expected }));
        assert_eq!(point["properties"]["isExact"], !coarse);
        assert_eq!(point["properties"]["street"].is_null(), coarse);
    }

    let file = |event: &Value| format!("/events/{}.ics", event["event"]["id"].as_str().expect("an id"));
    for event in [&public, &home, &unlisted] {
        assert_eq!(calendar(&service, &file(event)).await.matches("BEGIN:VEVENT").count(), 1);
    }
    let nobody = get(&service, "/events/event_00000000000000000000000000000000.ics").await;
    let said = |answer: &Response| {
        let mut headers = answer.headers().clone();
        headers.remove("date");
        (answer.status(), headers)
    };
    let expected = said(&nobody);
    let body = nobody.text().await.expect("text");
    assert_eq!((expected.0.as_u16(), body.as_str()), (404, "{\"error\":\"NOT_FOUND\"}"));
    let paths = [&private, &draft].map(file);
    let others = [
        "/events/nothing.ics",
        "/events/event_1.ics",
        "/events/x",
        "/events.ics?edition=1999",
        "/events.ics?section=nowhere",
        "/events.ics?edition=many",
    ];
    for path in paths.iter().map(String::as_str).chain(others) {
        let answer = get(&service, path).await;
        assert_eq!(said(&answer), expected, "{path}");
        assert_eq!(answer.text().await.expect("text"), body, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_sent_again_only_when_it_has_changed() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening in a file", json!({})).await;
    for path in ["/events.ics", "/events.geojson"] {
        let tag = get(&service, path).await.headers()["etag"].clone();
        let again = async || {
            let request = reqwest::Client::new().get(format!("http://{}{path}", service.address));
            request.header("if-none-match", &tag).send().await.expect("an answer")
        };
        let unchanged = again().await;
        assert_eq!(unchanged.status(), 304, "{path}");
        assert!(unchanged.headers()["cache-control"].to_str().expect("text").starts_with("public, max-age="));
        let staff = service.administrator();
        let title = json!({ "title": format!("A title for {path}") });
        let query = "query($id: ID!) { event(id: $id) { id revision } }";
        let now = staff.data(query, json!({ "id": event["event"]["id"] })).await;
        step(&staff, "eventUpdate", &now, title).await;
        let changed = again().await;
        assert_eq!(changed.status(), 200, "{path}");
        assert!(changed.text().await.expect("text").contains("A title for"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_edition_a_file_has_those_that_are_not_archived() {
    let service = Service::with_2021().await;
    approved(&service, "an evening of an edition", json!({})).await;
    let staff = service.administrator();
    let edition = staff.data("{ edition(year: 2021) { id expectedRevision: revision } }", json!({})).await;
    let count = async |path: &str| calendar(&service, path).await.matches("BEGIN:VEVENT").count();
    assert_eq!(count("/events.ics").await, 1);
    let archive = crate::harness::with(edition["edition"].clone(), json!({ "reason": "It is over." }));
    staff.change("editionArchive", "edition { state }", archive).await;
    assert_eq!(count("/events.ics").await, 0);
    assert_eq!(count("/events.ics?edition=2021").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_moves_with_what_is_public_and_with_nothing_else() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    approved(&service, "an evening for everyone", json!({})).await;
    let paths =
        ["/events.ics", "/events.geojson?edition=2021", "/events.ics?section=ca", "/totals/2021.json"];
    let tags = async || {
        let mut tags = Vec::new();
        for path in paths {
            let answer = get(&service, path).await;
            tags.push(answer.headers()["etag"].to_str().expect("text").to_owned());
        }
        tags
    };
    let before = tags().await;
    for (key, visibility) in [("one-by-invitation", "PRIVATE"), ("one-that-is-known-by-its-link", "UNLISTED")]
    {
        let hidden = approved(&service, key, json!({ "visibility": visibility })).await;
        let change = json!({ "capacity": 12, "expectedRevision": hidden["event"]["revision"] });
        let changed = step(&staff, "eventUpdate", &hidden, change).await;
        assert!(changed["event"].is_object(), "{changed:#}");
    }
    register(&service.anyone(), evening_at_school(&service.anyone(), "one-yet-to-come", json!({})).await)
        .await;
    // What is known of people and of drafts moves nothing either.
    let edition = staff.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take();
    let draft = json!({ "edition": edition, "slug": "a-draft", "name": "A draft", "kind": "PERSON", "country": "PE",
        "texts": [{ "language": "en", "summary": "Not yet." }] });
    let made = staff.change("caseCreate", "case { id }", draft).await;
    assert!(made["case"].is_object(), "{made:#}");
    assert_eq!(tags().await, before);
    approved(&service, "another-evening-for-everyone", json!({})).await;
    let after = tags().await;
    for (index, path) in paths[..3].iter().enumerate() {
        assert_ne!(after[index], before[index], "{path}");
    }
    assert_eq!(after[3], before[3], "nothing was counted");
}
