//! What recounting, exporting, verifying and looking back take, and how much memory, with ten thousand lines of reports
//! and with a million: `cargo bench -- size`. Memory must not grow with the ledger.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use domain::open_data::OpenData;

use jiff::Timestamp;

use crate::{
    choice::Choice,
    client::Client,
    edition::Edition,
    process::{Process, peak_memory},
    question::number,
    store::{Kind, Store},
    table::{bytes, grouped, short},
};

/// The word for it on the command line.
pub(crate) const SIZE: &str = "size";
/// How many lines the ledger has. A report has three.
const LINES: [usize; 2] = [10_000, 1_000_000];
const LINES_QUICK: [usize; 2] = [300, 3_000];
/// How often each is done that takes less than a second; the median counts.
const TIMES: usize = 21;
/// How often the memory of a process is looked at. The kernel keeps the peak, so that only the last moments are missed.
const GLANCE: Duration = Duration::from_millis(1);
/// The most that memory may grow with a hundred times as many lines.
const MOST_GROWTH: f64 = 1.2;

/// What one act took, and the most memory that its process had.
#[derive(Clone, Copy)]
struct Taken {
    time: Duration,
    peak: f64,
}

/// Measures and prints all of them; says whether memory is flat.
pub(crate) async fn run(choice: &Choice) -> bool {
    let mut columns = Vec::new();
    for lines in if choice.quick { LINES_QUICK } else { LINES } {
        let (store, edition) = Store::fresh(&Kind::Sqlite).await;
        eprintln!("filling the ledger: {lines} lines");
        edition.fill_over_time(&store.open(), lines / 3).await;
        columns.push((lines, measure(&store, &edition, lines / 3).await));
    }
    let [(few, small), (many, large)] = &columns[..] else { unreachable!("there are two sizes") };
    let mut table = format!(
        "| {} | {} lines | peak memory | {} lines | peak memory | × memory |\n| --- | ---: | ---: | ---: | ---: | ---: |",
        "act",
        grouped(*few as f64),
        grouped(*many as f64)
    );
    let mut is_flat = true;
    for ((name, one), (_, other)) in small.iter().zip(large) {
        let growth = other.peak / one.peak;
        is_flat &= growth.is_nan() || growth <= MOST_GROWTH;
        let of = |taken: &Taken| {
            let peak = if taken.peak > 0.0 { bytes(taken.peak) } else { String::new() };
            format!("{} ms | {peak}", short(taken.time.as_secs_f64() * 1e3))
        };
        let growth = if growth.is_nan() { String::new() } else { format!("{growth:.2}") };
        write!(table, "\n| {name} | {} | {} | {growth} |", of(one), of(other)).expect("a string takes text");
    }
    println!("{table}");
    is_flat
}

async fn measure(store: &Store, edition: &Edition, reports: usize) -> Vec<(&'static str, Taken)> {
    let recount = command(&["recount", "--database", &store.url]);
    let service = Process::service(&store.url);
    let mut client = Client::connect(service.address()).await;
    let idle = Taken { time: Duration::ZERO, peak: service.peak() };
    let (exported, body) = export(service.address()).await;
    let export = Taken { time: exported, peak: service.peak() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("2021.ndjson");
    fs::write(&file, &body).expect("a file");
    let verify = command(&["verify", file.to_str().expect("text")]);
    let check = |text: &str| {
        let rows = OpenData::parse(text).expect("rows");
        rows.check().expect("rows that add up");
        rows.hash()
    };
    let read = median(|| parsed(&file));
    let checked = median(|| check(&fs::read_to_string(&file).expect("text")));
    let totals_at = look_back(&mut client, &edition.instants(reports)).await;
    let at = Taken { time: totals_at, peak: service.peak() };
    let alone = |time| Taken { time, peak: f64::NAN };
    vec![
        ("`w4r recount`", recount),
        ("the service, idle", idle),
        ("export of the total as open data", export),
        ("`w4r verify` of the export, with the start of its process", verify),
        ("verifying it, without", alone(checked)),
        ("reading and parsing the same file alone", alone(read)),
        ("`totalAt` of edition, campaign and case, at 21 instants, each", at),
    ]
}

/// Reads a file and parses each line as JSON, and nothing more.
fn parsed(file: &Path) -> usize {
    let text = fs::read_to_string(file).expect("text");
    text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count()
}

fn median<T>(mut act: impl FnMut() -> T) -> Duration {
    let mut times: Vec<_> = (0..TIMES)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(act());
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[TIMES / 2]
}

/// What a command of `w4r` takes, and the most memory that it had.
fn command(arguments: &[&str]) -> Taken {
    let began = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_w4r"));
    let mut child =
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut peak = 0.0_f64;
    loop {
        peak = peak.max(peak_memory(child.id()).unwrap_or_default());
        if let Some(status) = child.try_wait().expect("a process") {
            assert!(status.success(), "{arguments:?} failed");
            return Taken { time: began.elapsed(), peak };
        }
        thread::sleep(GLANCE);
    }
}

/// How long the export takes, and what it is.
async fn export(address: &str) -> (Duration, String) {
    let mut times = Vec::new();
    let mut body = String::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        let response =
            reqwest::get(format!("http://{address}/open-data/2021.ndjson")).await.expect("a response");
        body = response.text().await.expect("text");
        times.push(began.elapsed());
    }
    times.sort_unstable();
    (times[TIMES / 2], body)
}

/// How long a question for totals of the past takes, at instants all over the history.
async fn look_back(client: &mut Client, history: &[Timestamp]) -> Duration {
    let mut times = Vec::new();
    let step = (history.len() / TIMES).max(1);
    for (turn, instant) in history.iter().skip(9).step_by(step).enumerate() {
        let at = format!("totalAt(instant: \\\"{instant}\\\") {{ letters }}");
        let question = format!(
            "{{ edition(year: 2021) {{ {at} }} campaign(edition: 2021, section: \\\"ca\\\") {{ {at} }}
            case(edition: 2021, slug: \\\"rung\\\") {{ {at} }} a{turn}: __typename }}"
        );
        let body = format!(r#"{{"query":"{}"}}"#, question.replace('\n', " "));
        let began = Instant::now();
        let answer = client.post(&body).await;
        times.push(began.elapsed());
        assert!(!answer.contains(r#""errors""#), "{answer}");
        assert!(number(answer, r#""letters":"#) > 0, "{answer}");
    }
    times.sort_unstable();
    times[times.len() / 2]
}
