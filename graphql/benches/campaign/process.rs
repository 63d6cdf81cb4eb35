//! Processes of their own, so that what they use is theirs alone: the service, and its limits.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    figure::Figure,
    limit::{self, Limit},
};

/// The header in which a proxy names its client, where there is one.
pub(crate) const FORWARDED_BY: &str = "x-forwarded-for";

/// A process that serves until it is dropped.
pub(crate) struct Process {
    child: Child,
    says: BufReader<ChildStdout>,
    address: String,
}

/// More reports and actions than one benchmark makes.
const OUT_OF_REACH: &str = "1000000000";

impl Process {
    /// `w4r serve` on a database.
    pub(crate) fn service(url: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_w4r"));
        // One address asks for everything and reports everything here, and the meters of one process would take the
        // place of another's. The budgets of reports are out of reach, and not off: what they cost is measured.
        let limits = ["--cost-per-minute", "0", "--metrics-listen", "off"];
        let budgets = ["--reports-per-hour", OUT_OF_REACH, "--actions-per-hour", OUT_OF_REACH];
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", url]);
        Self::start(command.args(limits).args(budgets))
    }

    /// The same with its own limits, behind a proxy that names its clients.
    pub(crate) fn limited_service(url: &str) -> Self {
        let proxy = ["--client-ip-header", FORWARDED_BY, "--metrics-listen", "off"];
        let serve = ["serve", "--listen", "127.0.0.1:0", "--database", url];
        // Each request that it has no room for is a line of its log.
        let log = "error,graphql::api::error=off";
        Self::start_with(Command::new(env!("CARGO_BIN_EXE_w4r")).args(serve).args(proxy), log)
    }

    /// The same behind a proxy, with limits that one network does not reach.
    pub(crate) fn generous_service(url: &str) -> Self {
        let proxy = ["--client-ip-header", FORWARDED_BY, "--metrics-listen", "off", "--cost-per-minute", "0"];
        let budgets = ["--reports-per-hour", OUT_OF_REACH, "--actions-per-hour", OUT_OF_REACH];
        let serve = ["serve", "--listen", "127.0.0.1:0", "--database", url];
        Self::start(Command::new(env!("CARGO_BIN_EXE_w4r")).args(serve).args(proxy).args(budgets))
    }

    /// What a command of `w4r` on a database prints, and whether it succeeds.
    pub(crate) fn command(url: &str, arguments: &[&str]) -> (String, bool) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_w4r"));
        let output = command.args(["--database", url]).args(arguments).stderr(Stdio::null()).output();
        let output = output.expect("the process starts");
        (String::from_utf8(output.stdout).expect("text"), output.status.success())
    }

    /// This executable again, doing the least that a work could need, or the same in a peer's way.
    pub(crate) fn limit(limit: &Limit) -> Self {
        let this = std::env::current_exe().expect("an executable that runs is somewhere");
        Self::start(Command::new(this).arg(limit::ARGUMENT).args(limit.arguments()))
    }

    fn start(command: &mut Command) -> Self {
        Self::start_with(command, "error")
    }

    fn start_with(command: &mut Command, log: &str) -> Self {
        let mut child = command
            .env("RUST_LOG", log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the process starts");
        let says = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut process = Self { child, says, address: String::new() };
        let line = process.hear();
        let (_, behind) = line.split_once("http://").expect("it says where it listens");
        process.address = behind.split('/').next().unwrap_or_default().to_owned();
        process
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for its next line.
    pub(crate) fn hear(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("text");
        assert!(!line.is_empty(), "a process ended; what it said is above");
        line
    }

    /// Writes it a line.
    pub(crate) fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("its input is piped");
        writeln!(input, "{line}").expect("a process that reads");
    }

    /// User and system time so far.
    pub(crate) fn cpu(&self) -> Duration {
        // Fields 14 and 15 are counted behind the name in parentheses, in hundredths of a second.
        let stat = self.about("stat");
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields = after_name.split_whitespace().skip(11).take(2);
        Duration::from_millis(fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
    }

    /// Resident memory, in bytes.
    pub(crate) fn memory(&self) -> f64 {
        let status = self.about("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
        kibibytes * 1_024.0
    }

    /// The most memory that it had so far, in bytes.
    pub(crate) fn peak(&self) -> f64 {
        peak_memory(self.child.id()).expect("a process of Linux")
    }

    fn about(&self, what: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{what}", self.child.id())).expect("a process of Linux")
    }
}

/// The most memory that a process had so far, in bytes; `None` once it has ended.
pub(crate) fn peak_memory(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes * 1_024.0)
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a process uses from now on.
pub(crate) struct Meter {
    cpu: Duration,
    since: Instant,
}

/// What a process has used.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub cpu: Duration,
    pub elapsed: Duration,
    pub memory: f64,
}

impl Meter {
    pub(crate) fn start(process: &Process) -> Self {
        Self { cpu: process.cpu(), since: Instant::now() }
    }

    pub(crate) fn read(&self, process: &Process) -> Reading {
        Reading {
            cpu: process.cpu().saturating_sub(self.cpu),
            elapsed: self.since.elapsed(),
            memory: process.memory(),
        }
    }
}

impl Reading {
    /// What it comes to for each of so many operations.
    pub(crate) fn over(self, operations: usize) -> Figure {
        assert!(operations > 0, "nothing was done");
        let operations = operations as f64;
        Figure {
            rate: operations / self.elapsed.as_secs_f64(),
            cpu: Some(self.cpu.as_secs_f64() * 1e6 / operations),
            memory: Some(self.memory),
            ..Figure::default()
        }
    }
}
