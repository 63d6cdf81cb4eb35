//! Bare inserts: the rows that the ledger keeps of a report, by prepared statements and nothing else.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::figure::Latencies;

/// The tables, in SQL of both databases: a report with its key, its counters, and the history.
pub(super) const TABLES: &str = "
    CREATE TABLE reports (
        id UUID, revision INTEGER, edition UUID, campaign UUID, section UUID, state TEXT, channel TEXT,
        author TEXT, country TEXT, lines TEXT, received_at BIGINT, secret TEXT, PRIMARY KEY (id, revision)
    );
    CREATE TABLE keys (key TEXT PRIMARY KEY, fingerprint TEXT, report UUID, revision INTEGER);
    CREATE TABLE cells (
        edition UUID, section UUID, country TEXT, region TEXT, \"case\" UUID, kind TEXT, channel TEXT,
        quantity BIGINT, PRIMARY KEY (edition, section, country, region, \"case\", kind, channel)
    );
    CREATE TABLE versions (edition UUID, version BIGINT, letters BIGINT, PRIMARY KEY (edition, version));
";

/// A campaign has ten cases.
const CASES: u128 = 10;
/// What belongs to all of them.
pub(super) const PLACE: Uuid = Uuid::from_u128(0x1919_1919_1919_7919_9919_1919_1919_1919);

/// What differs from report to report.
pub(super) struct Report {
    pub id: Uuid,
    pub key: String,
    pub fingerprint: String,
    pub secret: String,
    pub lines: String,
}

impl Report {
    fn new() -> Self {
        // Hashes are 64 random digits.
        let hash = || format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let id = Uuid::now_v7();
        let line = |offset| format!(r#"["{}","APPEAL_LETTER",3]"#, case(id.as_u128() % CASES + offset));
        let lines = format!("[{},{},{}]", line(0), line(3), line(6));
        Self { id, key: hash(), fingerprint: hash(), secret: hash(), lines }
    }
}

fn case(number: u128) -> Uuid {
    Uuid::from_u128(PLACE.as_u128() + number % CASES)
}

/// The cells that a group changes: those of all cases, unless it is very small.
pub(super) fn cells(reports: usize) -> impl Iterator<Item = Uuid> {
    (0..CASES).take(reports * 3).map(case)
}

/// Says that it is ready, and then inserts for as many milliseconds as each line says; answers how
/// many reports it were, and the latencies of the groups.
pub(super) fn serve(group: usize, mut insert: impl FnMut(Vec<Report>)) {
    // It listens nowhere.
    println!("http:///");
    for line in std::io::stdin().lines() {
        let milliseconds = line.expect("text").parse().expect("a number");
        let until = Instant::now() + Duration::from_millis(milliseconds);
        let (mut latencies, mut inserted) = (Latencies::default(), 0);
        loop {
            let began = Instant::now();
            if began >= until {
                break;
            }
            insert((0..group).map(|_| Report::new()).collect());
            inserted += group;
            latencies.add(began.elapsed());
        }
        let [p50, p99] = [50, 99].map(|part| latencies.percentile(part).unwrap_or_default());
        println!("{inserted} {p50} {p99}");
    }
}
