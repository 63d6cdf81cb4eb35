//! Benchmark of what a bystander notices of each attack: `cargo bench --bench hostile`, and with a part of a name
//! behind `--` only of those attacks.

use std::{
    io::Write as _,
    net::SocketAddr,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use graphql::{
    cli,
    clock::Clock,
    database::{
        Database,
        migrations::{self, MigrationTarget},
    },
};
use tokio::io::{AsyncBufReadExt, BufReader};

use self::{attack::Attack, bystander::Bystander};

mod attack;
mod bystander;

const ATTACKERS: usize = 4;
const ROUND: Duration = Duration::from_secs(2);

fn main() {
    // `cargo test --benches` asks whether it compiles, not how well it stands.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = Server::start().await;
        println!("| attack | answered as it should be | answered each second | bystander: median | worst |");
        println!("| --- | --- | ---: | ---: | ---: |");
        let quiet = Bystander::at(server.address, r#"{"letters":0,"version":0}"#);
        tokio::time::sleep(ROUND).await;
        print("none", "–", 0, &quiet);
        drop(quiet);
        for attack in attack::all().into_iter().filter(|attack| attack.name.contains(&wanted)) {
            measure(&server, attack).await;
        }
    });
}

async fn measure(server: &Server, attack: Attack) {
    let bystander = Bystander::at(server.address, r#"{"letters":0,"version":0}"#);
    let (attack, until) = (Arc::new(attack), Instant::now() + ROUND);
    let (done, wrong) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let attackers: Vec<_> = (0..ATTACKERS)
        .map(|_| {
            let (attack, done, wrong, address) =
                (Arc::clone(&attack), Arc::clone(&done), Arc::clone(&wrong), server.address);
            tokio::spawn(async move {
                while Instant::now() < until {
                    let answered = attack.run(address).await;
                    done.fetch_add(1, Ordering::Relaxed);
                    if answered != attack.answered && !wrong.swap(true, Ordering::Relaxed) {
                        eprintln!("{}: {answered:?} and not {:?}", attack.name, attack.answered);
                    }
                }
            })
        })
        .collect();
    for attacker in attackers {
        attacker.await.expect("an attacker without trouble");
    }
    let verdict = if wrong.load(Ordering::Relaxed) { "**no**" } else { "yes" };
    print(attack.name, verdict, done.load(Ordering::Relaxed), &bystander);
}

fn print(name: &str, verdict: &str, done: usize, bystander: &Bystander) {
    let mut waits = bystander.answers.borrow().clone();
    waits.sort();
    let shown = |wait: Option<&Duration>| match wait {
        Some(wait) => format!("{:.1} ms", wait.as_secs_f64() * 1e3),
        None => "no answer".to_owned(),
    };
    let (median, worst) = (shown(waits.get(waits.len() / 2)), shown(waits.last()));
    #[expect(clippy::cast_precision_loss, reason = "a measurement has three digits that count")]
    let rate = done as f64 / ROUND.as_secs_f64();
    println!("| {name} | {verdict} | {rate:.0} | {median} | {worst} |");
    std::io::stdout().flush().ok();
}

/// `w4r serve` in a process of its own, with the 2021 edition.
struct Server {
    address: SocketAddr,
    _child: tokio::process::Child,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("hostile.db").display());
        migrations::run(&url, MigrationTarget::Latest).await.expect("tables");
        let database = Database::open(&url).expect("a database URL");
        let edition = include_str!("../../graphql/data/edition-2021.json");
        cli::import::import(&database, edition, Clock::system().now(), |_, _| {}).await.expect("an import");
        let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_w4r"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &url])
            // One address asks for everything.
            .args(["--cost-per-minute", "0"])
            .env("RUST_LOG", "off")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the executable");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let line = lines.next_line().await.expect("a line").expect("a line");
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        Self { address: address.parse().expect("an address"), _child: child, _folder: folder }
    }
}
