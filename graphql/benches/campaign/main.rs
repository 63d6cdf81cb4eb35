//! How fast the campaign is counted, read and watched, as the table of `graphql/benches/README.md` says: `cargo bench`.
//!
//! Each figure is the median of its rounds, which take turns over all works, so that whatever else
//! the machine does hits all alike. CPU is user and system time of the process that serves, over
//! operations: the steadiest figure where server and load share the same cores. Beside each work
//! stands its limit in the same run: the least that it could cost.
//!
//! `cargo bench -- W1 W4` measures a choice, `cargo bench -- sockets` ten thousand sockets for ten
//! minutes, `cargo bench -- points` what public questions take beside what they cost, `cargo bench -- size` what
//! a recount and other acts take with a million lines, `cargo bench -- flood` what honest reporters notice of a flood of
//! invented reports, `cargo bench -- moderation` how long one act of staff takes over fifty thousand reports, and
//! `--quick` shortens all of them to see that they
//! work. PostgreSQL takes part where `BENCH_DATABASE_URL` leads to one.

use std::process::ExitCode;

use bench::Bench;
use choice::Choice;
use figure::Figure;
use flood::FLOOD;
use indicatif::{ProgressBar, ProgressStyle};
use moderation::MODERATION;
use points::POINTS;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use size::SIZE;
use table::Line;
use tokio::signal::unix::{SignalKind, signal};
use work::Work;

mod audience;
mod bench;
mod choice;
mod client;
mod edition;
mod figure;
mod flood;
mod limit;
mod load;
mod moderation;
mod points;
mod process;
mod question;
mod readme;
mod size;
mod soak;
mod socket;
mod store;
mod table;
mod work;

// What the service uses: its limits are those of the same stack.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The word for the sockets that stay for ten minutes.
const SOAK: &str = "sockets";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` asks whether it compiles, not how fast it is.
    if arguments.iter().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    if arguments.first().is_some_and(|first| first == limit::ARGUMENT) {
        limit::run(&arguments[1..]);
        return ExitCode::SUCCESS;
    }
    let choice = Choice::of(arguments.into_iter());
    let bench = Bench::new(&choice);
    if bench.kinds.len() == 1 {
        eprintln!("PostgreSQL takes no part: BENCH_DATABASE_URL leads to none.");
    }
    open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if choice.works == [SOAK] {
        let bar = progress(ProgressBar::new_spinner(), "{spinner} {wide_msg}");
        let soak = soak::run(&bench, |what| {
            bar.set_message(what);
            bar.tick();
        });
        return runtime.block_on(unless_stopped(soak)).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    if choice.works == [POINTS] {
        let measured = runtime.block_on(unless_stopped(points::run(&choice)));
        return measured.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    if choice.works == [SIZE] {
        let is_flat = runtime.block_on(unless_stopped(size::run(&choice))) == Some(true);
        return if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if choice.works == [FLOOD] {
        let bar = progress(ProgressBar::new(0), "{bar:30} {pos} of {len} s: {wide_msg}");
        let is_kept = runtime.block_on(unless_stopped(flood::run(&bench, &bar))) == Some(true);
        return if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if choice.works == [MODERATION] {
        let bar = progress(ProgressBar::new_spinner(), "{spinner} {wide_msg}");
        let is_right = runtime.block_on(unless_stopped(moderation::run(&bench, &bar))) == Some(true);
        return if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let works = chosen(&bench, &choice);
    if works.is_empty() {
        eprintln!(
            "There is no such work: W1 to W6, total, or {SOAK}, {POINTS}, {SIZE}, {FLOOD} or {MODERATION} by itself."
        );
        return ExitCode::FAILURE;
    }
    let Some(lines) = runtime.block_on(unless_stopped(measure(&bench, works))) else {
        return ExitCode::FAILURE;
    };
    let table = format!("{}\n\n{}", bench.heading(), table::markdown(&lines));
    println!("{table}");
    if choice.is_whole() {
        readme::update(&table);
    }
    ExitCode::SUCCESS
}

/// Stops in the middle when it is told to, so that the processes that it started stop with it.
async fn unless_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut terminated = signal(SignalKind::terminate()).expect("a signal");
    tokio::select! {
        done = work => Some(done),
        _ = tokio::signal::ctrl_c() => None,
        _ = terminated.recv() => None,
    }
}

/// The works that were asked for, and the limits that stand beside them.
fn chosen(bench: &Bench, choice: &Choice) -> Vec<Work> {
    let all = Work::all(bench);
    let limits: Vec<_> = all.iter().filter(|work| choice.has(work.code())).filter_map(Work::limit).collect();
    all.into_iter().filter(|work| choice.has(work.code()) || limits.contains(work)).collect()
}

async fn measure(bench: &Bench, works: Vec<Work>) -> Vec<Line> {
    let mut rounds = vec![vec![]; works.len()];
    let bar = progress(
        ProgressBar::new((works.len() * bench.rounds()) as u64),
        "{bar:30} {pos} of {len}, {eta} left: {wide_msg}",
    );
    for round in 1..=bench.rounds() {
        for (work, figures) in works.iter().zip(&mut rounds) {
            let name = format!("round {round}, {}", work.names().join(", "));
            if bar.is_hidden() {
                eprintln!("{name}");
            }
            bar.set_message(name.clone());
            bar.tick();
            figures.push(work.measure(bench, |what| bar.set_message(format!("{name}: {what}"))).await);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    works.into_iter().zip(rounds).map(|(work, rounds)| Line { figures: medians(&rounds), work }).collect()
}

/// The median of each figure of a work over its rounds.
fn medians(rounds: &[Vec<Figure>]) -> Vec<Figure> {
    let count = rounds.first().map_or(0, Vec::len);
    let of = |index: usize| rounds.iter().map(|figures| figures[index]).collect::<Vec<_>>();
    (0..count).map(|index| Figure::median(&of(index))).collect()
}

fn progress(bar: ProgressBar, template: &str) -> ProgressBar {
    bar.with_style(ProgressStyle::with_template(template).expect("a template"))
}

/// Every socket is an open file, on both sides; most systems allow a thousand until they are asked.
fn open_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        eprintln!("The limit of open files stays as it is ({error}): there may be too few for many sockets.");
    }
}
