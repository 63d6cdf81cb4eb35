//! A PostgreSQL server of a test's own, which the test may stop, start and crash. The server of `TEST_DATABASE_URL` is
//! left alone.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::harness::server;

pub struct Cluster {
    folder: TempDir,
    binaries: PathBuf,
    port: u16,
    language: &'static str,
}

impl Cluster {
    /// Makes a server and starts it, with lines for its configuration. None where the tests run without
    /// PostgreSQL, which is said; where they run with it, its binaries have to be there.
    pub fn start(configuration: &str) -> Option<Self> {
        server().map(|_| Self::made("en", configuration))
    }

    /// The same, of a server that says what is wrong in another language.
    pub fn speaking(language: &'static str) -> Option<Self> {
        // In the locale `C` nothing is ever translated.
        server().map(|_| Self::made(language, "lc_messages = 'C.UTF-8'\n"))
    }

    fn made(language: &'static str, configuration: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let port = free_port();
        let cluster = Self { folder, binaries: binaries(), port, language };
        if is_root() {
            ran(Command::new("chown").arg("postgres").arg(cluster.folder.path()));
        }
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "postgres", "-A", "trust", "--no-sync"]);
        // What is written has to outlive the server here, and not the machine.
        cluster.configure(&format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nfsync = off\n"
        ));
        cluster.configure(configuration);
        cluster.begin();
        cluster
    }

    /// Makes another server that repeats what this one commits, and starts it.
    pub fn standby(&self) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let port = free_port();
        let standby = Self { folder, binaries: self.binaries.clone(), port, language: self.language };
        if is_root() {
            ran(Command::new("chown").arg("postgres").arg(standby.folder.path()));
        }
        let (data, primary) = (standby.data(), self.port.to_string());
        standby.run(
            "pg_basebackup",
            &[
                "-D",
                &data,
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "-h",
                "127.0.0.1",
                "-p",
                &primary,
                "-U",
                "postgres",
            ],
        );
        standby.configure(&format!("port = {port}\n"));
        standby.begin();
        standby
    }

    /// Makes a standby the server that takes writes.
    pub fn promote(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-w", "promote"]);
    }

    /// Adds lines to the configuration, which hold when the server next begins.
    pub fn configure(&self, lines: &str) {
        let file = self.folder.path().join("data/postgresql.auto.conf");
        let before = std::fs::read_to_string(&file).expect("a configuration");
        std::fs::write(file, before + lines).expect("a configuration");
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().expect("a path of text").to_owned()
    }

    /// Makes a file one that the server can read, and nobody else.
    pub fn hand_over(&self, file: &Path) {
        ran(Command::new("chmod").arg("600").arg(file));
        if is_root() {
            ran(Command::new("chown").arg("postgres").arg(file));
        }
    }

    /// Where files for the server are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it again after [`Cluster::crash`].
    pub fn begin(&self) {
        let log = self.folder.path().join("data/log");
        self.run("pg_ctl", &["-D", &self.data(), "-l", log.to_str().expect("a path of text"), "-w", "start"]);
    }

    /// Stops it without a word to anybody, as a crash would.
    pub fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// The same, and starts it again at once.
    pub fn crash_and_begin(&self) {
        let log = self.folder.path().join("data/log");
        let log = log.to_str().expect("a path of text").to_owned();
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-l", &log, "-w", "restart"]);
    }

    fn command(&self, binary: &str) -> Command {
        let binary = self.binaries.join(binary);
        if !is_root() {
            return Command::new(binary);
        }
        // It refuses to run as root.
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(binary);
        command
    }

    fn run(&self, binary: &str, arguments: &[&str]) {
        // The server keeps what it inherits, and nobody would see the end of its output.
        let mut command = self.command(binary);
        command.args(arguments).current_dir(self.folder.path()).stdin(std::process::Stdio::null());
        command.env("LANGUAGE", self.language);
        if binary == "pg_ctl" {
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        }
        ran(&mut command);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.command("pg_ctl");
        stop.args(["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
        stop.current_dir(self.folder.path()).output().ok();
    }
}

fn free_port() -> u16 {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    free.local_addr().expect("an address").port()
}

/// Where the newest server's binaries are.
fn binaries() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = installed
        .filter_map(|version| {
            let binaries = version.path().join("bin");
            let number = version.file_name().to_str()?.parse().ok()?;
            binaries.join("initdb").exists().then_some((number, binaries))
        })
        .collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.extend(
        std::env::split_paths(&path).filter(|folder| folder.join("initdb").exists()).map(|found| (0, found)),
    );
    versions.sort();
    versions.pop().expect("initdb, which comes with the PostgreSQL server").1
}

fn is_root() -> bool {
    ran(Command::new("id").arg("-u")).stdout == b"0\n"
}

#[track_caller]
pub fn ran(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}
