//! How fast the campaign is counted and read, as the README's table says: `cargo bench`.
//!
//! Each figure is the median of its rounds. CPU is user and system time of the process that serves,
//! over operations: the steadiest figure where server and load share the same cores. PostgreSQL is
//! measured too where `BENCH_DATABASE_URL` leads to one.

use std::{
    io::Write as _,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use client::Client;
use graphql::{
    clock::Clock,
    database::{Database, migrations},
    ledger::Ledger,
};

mod client;
mod work;

const CLIENTS: [usize; 3] = [1, 64, 512];
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

/// One figure of the table.
struct Figure {
    per_second: f64,
    cpu_microseconds: f64,
}

fn main() {
    // `cargo test --benches` asks whether it compiles, not how fast it is.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut rows = Vec::new();
    for (name, store) in stores() {
        runtime.block_on(measure(name, &store, &mut rows));
    }
    println!("| database | work | clients | per second | server CPU each |");
    println!("| --- | --- | ---: | ---: | ---: |");
    for (database, work, clients, figure) in rows {
        println!(
            "| {database} | {work} | {clients} | {:.0} | {:.0} µs |",
            figure.per_second, figure.cpu_microseconds
        );
    }
}

/// A database that is made for the run and gone afterwards.
struct Store {
    url: String,
    _folder: Option<tempfile::TempDir>,
}

fn stores() -> Vec<(&'static str, Store)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let mut stores = vec![("SQLite", Store { url, _folder: Some(folder) })];
    if let Ok(url) = std::env::var("BENCH_DATABASE_URL") {
        stores.push(("PostgreSQL", Store { url, _folder: None }));
    }
    stores
}

type Rows = Vec<(&'static str, &'static str, usize, Figure)>;

async fn measure(name: &'static str, store: &Store, rows: &mut Rows) {
    let database = Database::open(&store.url).expect("a database URL");
    migrations::run(&store.url, migrations::Towards::Newest).await.expect("tables");
    let clock = Clock::shifted(work::shift_to_the_campaign());
    let edition = work::import(&database, clock.now()).await;
    {
        let (running, writer) =
            graphql::server::start(database, clock.clone(), false).await.expect("a service");
        for clients in CLIENTS {
            let note = format!("{name}: reports into the ledger, {clients} clients");
            let ledger = running.context.ledger.clone();
            let figure =
                rounds(&note, std::process::id(), || enter_reports(ledger.clone(), edition.clone(), clients))
                    .await;
            rows.push((name, "a report of three lines, ledger", clients, figure));
        }
        drop(running);
        tokio::task::spawn_blocking(move || writer.join().ok()).await.ok();
    }
    let server = Server::start(&store.url);
    for clients in CLIENTS {
        let note = format!("{name}: reports over HTTP, {clients} clients");
        let pid = server.child.id();
        let body = edition.clone();
        let figure = rounds(&note, pid, || {
            let edition = body.clone();
            request(server.address.clone(), clients, move || work::report_body(&edition))
        })
        .await;
        rows.push((name, "a report of three lines, HTTP", clients, figure));
    }
    for clients in CLIENTS {
        let note = format!("{name}: ten cases with totals over HTTP, {clients} clients");
        let pid = server.child.id();
        let figure =
            rounds(&note, pid, || request(server.address.clone(), clients, || work::cases_body().to_owned()))
                .await;
        rows.push((name, "ten cases with texts and totals, HTTP", clients, figure));
    }
}

/// The median of some rounds of `work`, which says how many operations it did.
async fn rounds<F: Future<Output = u64>>(note: &str, pid: u32, work: impl Fn() -> F) -> Figure {
    let mut figures = Vec::new();
    for round in 1..=ROUNDS {
        eprint!("\r\x1b[K{note}: round {round} of {ROUNDS}");
        std::io::stderr().flush().ok();
        let (cpu, start) = (cpu_time(pid), Instant::now());
        let operations = work().await;
        let (cpu, elapsed) = (cpu_time(pid).saturating_sub(cpu), start.elapsed());
        assert!(operations > 0, "{note}: nothing was done");
        #[expect(clippy::cast_precision_loss, reason = "a measurement has three digits that count")]
        let operations = operations as f64;
        figures.push(Figure {
            per_second: operations / elapsed.as_secs_f64(),
            cpu_microseconds: cpu.as_secs_f64() * 1e6 / operations,
        });
    }
    eprint!("\r\x1b[K");
    figures.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    figures.swap_remove(ROUNDS / 2)
}

async fn enter_reports(ledger: Ledger, edition: Arc<work::Edition>, clients: usize) -> u64 {
    repeat(clients, |done, until| {
        let (ledger, edition) = (ledger.clone(), Arc::clone(&edition));
        async move {
            while Instant::now() < until {
                let answers = ledger.enter(vec![work::report_command(&edition)]).await.expect("a database");
                assert!(answers.iter().all(Result::is_ok), "{answers:?}");
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await
}

async fn request(
    address: String,
    clients: usize,
    body: impl Fn() -> String + Send + Sync + Clone + 'static,
) -> u64 {
    repeat(clients, |done, until| {
        let (address, body) = (address.clone(), body.clone());
        async move {
            let mut client = Client::connect(&address).await;
            while Instant::now() < until {
                let answer = client.post("/graphql", &body()).await;
                assert!(
                    answer.windows(7).any(|part| part == b"\"data\":")
                        && !answer.windows(8).any(|p| p == b"\"errors\""),
                    "{}",
                    String::from_utf8_lossy(&answer)
                );
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await
}

/// Runs clients side by side for a round and says how many operations they did.
async fn repeat<F>(clients: usize, client: impl Fn(Arc<AtomicU64>, Instant) -> F) -> u64
where
    F: Future<Output = ()> + Send + 'static,
{
    let done = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + ROUND;
    let running: Vec<_> = (0..clients).map(|_| tokio::spawn(client(Arc::clone(&done), until))).collect();
    for task in running {
        task.await.expect("a client without trouble");
    }
    done.load(Ordering::Relaxed)
}

/// User and system time of a process so far.
fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process of this machine");
    // Fields 14 and 15, counted behind the name in parentheses, in hundredths of a second.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// `w4r serve` in a process of its own, so that its time is its own.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(url: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new(env!("CARGO_BIN_EXE_w4r"))
            .args(["serve", "--listen", &address, "--database", url])
            .env("RUST_LOG", "error")
            .stdout(Stdio::null())
            .spawn()
            .expect("the server starts");
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(&address).is_err() {
            assert!(Instant::now() < deadline, "the server does not listen");
            std::thread::yield_now();
        }
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
