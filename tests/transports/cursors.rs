//! Cursors and sizes of pages, in every list of the schema: a list takes its own cursors and no others, and a page of
//! size zero is empty.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::harness::{
    Client, Service,
    events::{approved, evening_at_school, register},
    people::{self, join},
    user_errors,
    whole_schema::Everything,
};

/// A list of the schema, and how a query comes to it.
struct List {
    object: &'static str,
    field: &'static str,
    /// Arguments beside those of the page.
    arguments: &'static str,
    /// The lists of the same entries in the same order, which take the same cursors.
    order: &'static str,
}

const LISTS: [List; 24] = [
    list("Query", "editions", "", "editions by year"),
    list("Query", "sections", "", "sections by code"),
    list("Edition", "campaigns", "", "campaigns by section"),
    list("Section", "campaigns", "", "campaigns by year"),
    list("Query", "cases", "", "cases by name"),
    list("Edition", "cases", "orderBy: NAME", "cases by name"),
    list("Campaign", "cases", "orderBy: NAME", "cases by name"),
    list("Query", "cases", "orderBy: COUNTRY", "cases by country"),
    list("Query", "cases", "orderBy: NEWEST_UPDATE_FIRST", "cases by newest change"),
    list("Query", "cases", "orderBy: OLDEST_UPDATE_FIRST", "cases by oldest change"),
    list("Campaign", "groups", "", "groups by letters"),
    list("Campaign", "groups", "orderBy: LETTERS_PER_HEAD", "groups by letters per head"),
    list("Query", "reportsPendingReview", "", "pending reports"),
    list("Participant", "reports", "", "reports of a person"),
    list("Attendance", "reports", "", "reports of a person"),
    list("Event", "guestReports", "", "reports of guests"),
    list("Query", "events", "", "events by start"),
    list(
        "Query",
        "events",
        "filter: { near: { latitude: 43.6, longitude: -79.3, radiusKm: 50 } } orderBy: DISTANCE",
        "events by distance",
    ),
    list("Query", "eventsToReview", "", "events to review"),
    list("Query", "eventsAwaitingReport", "edition: 2021", "events that owe a report"),
    list("Event", "attendances", "", "attendances"),
    list("Query", "resources", "", "resources"),
    list("Query", "urgentActions", "", "urgent actions"),
    list("Outbox", "uncertainNotices", "", "uncertain notices"),
];

const fn list(
    object: &'static str,
    field: &'static str,
    arguments: &'static str,
    order: &'static str,
) -> List {
    List { object, field, arguments, order }
}

/// The lists that are tried have to be the lists of the schema.
fn assert_complete(everything: &Everything) {
    let objects = [
        "Attendance",
        "Campaign",
        "Case",
        "Edition",
        "Event",
        "Outbox",
        "Participant",
        "Query",
        "Report",
        "Resource",
        "Section",
        "UrgentAction",
        "UrgentActionSubscription",
    ];
    for object in objects {
        for field in everything.fields(object) {
            let is_list = field.innermost().1.ends_with("Connection");
            let is_tried = LISTS.iter().any(|list| (list.object, list.field) == (object, field.name()));
            assert_eq!(is_list, is_tried, "{object}.{}", field.name());
        }
    }
}

/// An event with an attendance, and a participant: what lists belong to.
struct Owners {
    event: String,
    attendance: String,
    participant: String,
}

impl Owners {
    async fn of(service: &Service) -> Self {
        let anyone = service.anyone();
        let event = approved(service, "an event with lists", json!({})).await;
        let joined = join(&anyone, &event, "ada-joins-an-event", json!({})).await;
        assert_eq!(user_errors(&joined), [""; 0]);
        let person = people::register(&anyone, "ada", json!({})).await;
        assert_eq!(user_errors(&person), [""; 0]);
        let id = |payload: &Value, name: &str| payload[name]["id"].as_str().expect("an id").to_owned();
        Self {
            event: id(&event, "event"),
            attendance: id(&joined, "attendance"),
            participant: id(&person, "participant"),
        }
    }

    fn query(&self, list: &List, page: &str) -> String {
        let List { field, arguments, .. } = list;
        let selected = format!(
            "list: {field}({arguments} {page}) {{ edges {{ cursor }} pageInfo {{ hasNextPage \
            hasPreviousPage startCursor endCursor }} }}"
        );
        let of_node = |id: &str| {
            format!("{{ owner: node(id: \"{id}\") {{ ... on {} {{ {selected} }} }} }}", list.object)
        };
        match list.object {
            "Query" => format!("{{ {selected} }}"),
            "Edition" => format!("{{ owner: edition(year: 2021) {{ {selected} }} }}"),
            "Section" => format!("{{ owner: section(code: \"ca\") {{ {selected} }} }}"),
            "Campaign" => format!("{{ owner: campaign(edition: 2021, section: \"ca\") {{ {selected} }} }}"),
            "Outbox" => format!("{{ owner: outbox {{ {selected} }} }}"),
            "Event" => of_node(&self.event),
            "Attendance" => of_node(&self.attendance),
            "Participant" => of_node(&self.participant),
            other => panic!("no way to {other}"),
        }
    }

    async fn page(&self, client: &Client, list: &List, page: &str) -> Value {
        let mut answer = client.ask(&self.query(list, page), json!({})).await;
        assert!(answer.get("errors").is_none(), "{} {page}: {answer:#}", self.query(list, page));
        match list.object {
            "Query" => answer["data"]["list"].take(),
            _ => answer["data"]["owner"]["list"].take(),
        }
    }
}

/// A cursor of another order: the first byte behind the id names it, and a number follows.
fn cursor_of(order: u8) -> String {
    let id = uuid::Uuid::from_u128(7);
    let number = (1_i64 ^ i64::MIN).to_be_bytes();
    BASE64_URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &[order], &number].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_list_takes_the_cursors_of_one_order_and_no_others() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let owners = Owners::of(&service).await;
    assert_complete(&Everything::of(&service).await);
    let mut taken: BTreeMap<&str, u8> = BTreeMap::new();
    for list in &LISTS {
        let mut orders = Vec::new();
        for order in 0..64 {
            let page = format!("first: 2, after: \"{}\"", cursor_of(order));
            let answer = staff.ask(&owners.query(list, &page), json!({})).await;
            match answer["errors"][0]["extensions"]["code"].as_str() {
                None => orders.push(order),
                Some(code) => assert_eq!(code, "BAD_USER_INPUT", "{answer:#}"),
            }
        }
        let [order] = orders[..] else { panic!("{}.{} takes {orders:?}", list.object, list.field) };
        assert_eq!(*taken.entry(list.order).or_insert(order), order, "{}.{}", list.object, list.field);
    }
    let mut orders: Vec<_> = taken.values().collect();
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(orders.len(), taken.len(), "no two orders have the same number: {taken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_staff_does_not_take_the_cursor_of_another_list() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    approved(&service, "an event with a cursor", json!({})).await;
    let events = staff.data("{ events { pageInfo { endCursor } } }", json!({})).await;
    let cursor = events["events"]["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    for (list, argument) in [
        ("reportsPendingReview(first: 2, after: $cursor) { nodes { id } }", "after"),
        ("reportsPendingReview(last: 2, before: $cursor) { nodes { id } }", "before"),
        ("outbox { uncertainNotices(first: 2, after: $cursor) { nodes { id } } }", "after"),
        ("sections(first: 2, after: $cursor) { nodes { code } }", "after"),
        ("cases(filter: { text: \"no case has this\" }, after: $cursor) { nodes { id } }", "after"),
    ] {
        let answer =
            staff.ask(&format!("query($cursor: String!) {{ {list} }}"), json!({ "cursor": cursor })).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{list}: {answer:#}");
        let wanted = format!("`{argument}` is a cursor of another list, or of this list in another order.");
        assert_eq!(error["message"], wanted, "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_size_zero_is_empty_in_every_list() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let owners = Owners::of(&service).await;
    let submitted = json!({ "submit": true });
    let review = evening_at_school(&staff, "an event to review", submitted).await;
    register(&service.anyone(), review).await;
    let everything = Everything::of(&service).await;
    let mut with_entries = 0;
    for list in &LISTS {
        let all = owners.page(&staff, list, "first: 100").await;
        if all.is_null() {
            // Not for staff, as the reports of an attendee are.
            continue;
        }
        let has_entries = all["edges"].as_array().is_some_and(|edges| !edges.is_empty());
        with_entries += usize::from(has_entries);
        for (page, next, previous) in [("first: 0", has_entries, false), ("last: 0", false, has_entries)] {
            // Some lists are read forwards only.
            if page.starts_with("last") && !takes_last(&everything, list) {
                continue;
            }
            let empty = owners.page(&staff, list, page).await;
            let wanted = json!({ "edges": [], "pageInfo": { "hasNextPage": next, "hasPreviousPage": previous,
                "startCursor": null, "endCursor": null } });
            assert_eq!(empty, wanted, "{}.{} {page}", list.object, list.field);
        }
        let answer = staff.ask(&owners.query(list, "first: -1"), json!({})).await;
        assert_eq!(answer["errors"][0]["message"], "`first` must be 0 to 100.", "{answer:#}");
    }
    assert!(with_entries > 12, "{with_entries} lists have entries");
    let history = "{ edition(year: 2021) { history(resolution: DAY, last: 0) { letters } } }";
    assert_eq!(staff.data(history, json!({})).await["edition"]["history"], json!([]));
}

fn takes_last(everything: &Everything, list: &List) -> bool {
    let fields = everything.fields(list.object);
    let field = fields.iter().find(|field| field.name() == list.field).expect("the field");
    field.arguments().iter().any(|argument| argument.name() == "last")
}
