//! What the public questions take beside what they cost in points, as there are more and more rows to look
//! through: `cargo bench -- points`. A point is meant to be about a microsecond; a question that takes ten
//! times as long as its points say is too cheap, or looks at too much.

use std::{fmt::Write as _, time::Duration};

use tokio::time::Instant;

use crate::{
    choice::Choice,
    client::Client,
    edition::Edition,
    process::Process,
    question::number,
    store::{Kind, Store},
};

/// The word for it on the command line.
pub(crate) const POINTS: &str = "points";
/// How many events, participants and versions there are; ten times as many versions.
const ROWS: [usize; 3] = [10, 1_000, 10_000];
const ROWS_QUICK: [usize; 2] = [10, 200];
/// How often each is asked; the median counts.
const TIMES: usize = 21;

const EVENT: &str = "nodes { id title startsAt place { locality } cases { case { name } } }";

/// Each question with a name. `DAY` is one on which no event begins, long after most are over.
fn questions() -> Vec<(&'static str, String)> {
    let events = |filter: &str| format!("events(first: 20, filter: {{ {filter} }}) {{ {EVENT} }}");
    let near = "near: { latitude: 43.5, longitude: -79.5, radiusKm: 20 }";
    let edition = |field: &str| format!("edition(year: 2021) {{ {field} }}");
    let campaign = |field: &str| format!("campaign(edition: 2021, section: \"ca\") {{ {field} }}");
    vec![
        ("editions", "editions { nodes { year } }".into()),
        ("sections", "sections { nodes { code } }".into()),
        ("cases", "cases { nodes { slug text { title } } }".into()),
        ("resources", "resources { nodes { title } }".into()),
        ("urgentActions", "urgentActions { nodes { number } }".into()),
        ("total", edition("total { letters byCase { letters } byCountry { letters } version }")),
        ("totalAt", edition("totalAt(instant: \"2099-01-01T00:00:00Z\") { letters }")),
        ("history by hours", edition("history(resolution: HOUR) { letters }")),
        ("history by hours, all", edition("history(resolution: HOUR, last: 2400) { letters }")),
        ("totalAt of a section", campaign("totalAt(instant: \"2099-01-01T00:00:00Z\") { letters }")),
        ("history of a section by hours, all", campaign("history(resolution: HOUR, last: 2400) { letters }")),
        ("history by days", edition("history(resolution: DAY) { letters }")),
        ("participation", edition("participation { pledged events { tookPlace reported } }")),
        ("events", format!("events(first: 20) {{ {EVENT} }}")),
        ("events, the last", format!("events(last: 20) {{ {EVENT} }}")),
        ("events of an edition", events("edition: 2021")),
        ("events of a section without any", events("section: \"pl\"")),
        ("events from a day on", events("edition: 2021, from: \"DAY\"")),
        ("events until a day", events("edition: 2021, until: \"2000-01-01\"")),
        ("events with words that none has", events("text: \"zzz\"")),
        ("events in a country without any", events("countries: [\"NZ\"]")),
        ("events in a language that none has", events("language: \"mi\"")),
        ("events with free places", events("hasFreePlaces: true")),
        ("events near a point", events(near)),
        (
            "the nearest events",
            format!("events(first: 20, orderBy: DISTANCE, filter: {{ {near} }}) {{ {EVENT} }}"),
        ),
    ]
}

/// Gives the one event so many twins, each an hour after the one before, and puts people and versions beside
/// them.
fn multiply(store: &Store, rows: usize) {
    let file = store.url.strip_prefix("sqlite:").expect("a file");
    let connection = rusqlite::Connection::open(file).expect("a file");
    let columns: Vec<String> = connection
        .prepare("SELECT name FROM pragma_table_info('events')")
        .and_then(|mut names| names.query_map((), |row| row.get(0))?.collect())
        .expect("columns");
    let values: Vec<String> = columns
        .iter()
        .map(|name| match name.as_str() {
            "id" => "randomblob(16)".into(),
            "starts_at" | "ends_at" => format!("{name} + i * 3600000000"),
            "latitude" | "longitude" => format!("{name} + i % 1000 * 500"),
            "state" => "CASE i % 3 WHEN 0 THEN 'REPORTED' ELSE state END".into(),
            name => name.into(),
        })
        .collect();
    let numbers = |most: usize| {
        format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})")
    };
    let (columns, values) = (columns.join(", "), values.join(", "));
    let sql = format!(
        "INSERT INTO events ({columns}) {} SELECT {values} FROM n, events;
         INSERT OR IGNORE INTO event_sessions (event_id, starts_at, starts_on, ends_on)
             SELECT id, starts_at, '2021-12-10', '2021-12-10' FROM events;
         INSERT INTO participants (id, edition_id, section_id, campaign_id, state, email_folded, name_folded,
                letter_goal, released, content, registered_at, updated_at, revision)
             {} SELECT randomblob(16), edition_id, section_id, campaign_id, 'CONFIRMED', i, i, i % 20 + 1, 0,
                '{{}}', 0, 0, 1 FROM n, (SELECT * FROM events LIMIT 1);
         INSERT INTO edition_versions (edition_id, version, committed_at, letters, actions, late, people)
             {} SELECT edition_id, i, 1640000000000000 + i * 60000000, i, i, 0, 0
                FROM n, (SELECT * FROM events LIMIT 1);
         INSERT INTO scope_versions (edition_id, body_id, case_id, committed_at, version, letters, actions, late, people)
             SELECT edition_id, (SELECT section_id FROM events LIMIT 1), zeroblob(16), committed_at, version, letters,
                actions, late, people FROM edition_versions;
         UPDATE editions SET version = {};",
        numbers(rows.saturating_sub(1).max(1)),
        numbers(rows),
        numbers(10 * rows),
        10 * rows,
    );
    connection.execute_batch(&sql).expect("rows");
}

/// A row of the table: what a question costs, and what it takes with so many rows.
struct Line {
    name: &'static str,
    points: u64,
    takes: Vec<Duration>,
}

/// Measures and prints all of them.
pub(crate) async fn run(choice: &Choice) {
    let rows: &[usize] = if choice.quick { &ROWS_QUICK } else { &ROWS };
    let mut lines: Vec<Line> =
        questions().into_iter().map(|(name, _)| Line { name, points: 0, takes: Vec::new() }).collect();
    for &rows in rows {
        let (store, edition) = Store::fresh(&Kind::Sqlite).await;
        register(&store, &edition).await;
        multiply(&store, rows);
        let service = Process::service(&store.url);
        let mut client = Client::connect(service.address()).await;
        for (line, (_, question)) in lines.iter_mut().zip(questions()) {
            let (points, takes) = measure(&mut client, &question).await;
            line.points = points;
            line.takes.push(takes);
        }
    }
    println!("{}", table(rows, &lines));
}

/// The event that the others are twins of.
async fn register(store: &Store, edition: &Edition) {
    let service = Process::service(&store.url);
    let mut body = String::new();
    edition.event(&mut body, 1);
    let answer = Client::connect(service.address()).await.post(&body).await.to_owned();
    crate::question::is_listed(&answer);
}

/// What a question costs and takes. Each time it has another name, so that no answer is at hand.
async fn measure(client: &mut Client, question: &str) -> (u64, Duration) {
    let question = question.replace("DAY", "2099-01-01").replace('"', "\\\"");
    let (mut points, mut takes) = (0, Vec::new());
    for turn in 0..TIMES {
        let body = format!(r#"{{"query":"{{ {question} a{turn}: __typename }}"}}"#);
        let began = Instant::now();
        let answer = client.post(&body).await;
        takes.push(began.elapsed());
        assert!(answer.contains(r#""data":{"#) && !answer.contains(r#""errors""#), "{question}: {answer}");
        points = number(answer, r#""requested":"#);
    }
    takes.sort_unstable();
    (points, takes[TIMES / 2])
}

fn table(rows: &[usize], lines: &[Line]) -> String {
    let mut table = String::from("| question | points |");
    for rows in rows {
        write!(table, " µs of {rows} | each point |").expect("a string takes text");
    }
    table += "\n| --- | ---: |";
    table += &" ---: | ---: |".repeat(rows.len());
    for Line { name, points, takes } in lines {
        write!(table, "\n| {name} | {points} |").expect("a string takes text");
        for takes in takes {
            let microseconds = takes.as_secs_f64() * 1e6;
            let each = microseconds / (*points).max(1) as f64;
            write!(table, " {microseconds:.0} | {each:.1} |").expect("a string takes text");
        }
    }
    table
}
