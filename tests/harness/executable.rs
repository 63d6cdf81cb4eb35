//! The executable `w4r`: commands that end, and a service in a process of its own.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::PATIENCE;

/// Exit code and output of the executable.
#[derive(Debug)]
pub struct CommandOutput {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the executable on a database.
pub async fn w4r(url: &str, arguments: &[&str]) -> CommandOutput {
    w4r_with(url, arguments, &[]).await
}

/// The same, with more in its environment.
pub async fn w4r_with(url: &str, arguments: &[&str], environment: &[(&str, &str)]) -> CommandOutput {
    let run = tokio::process::Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(arguments)
        .envs(environment.iter().copied())
        .env("DATABASE_URL", url)
        .env_remove("W4R_LISTEN")
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, run).await.expect("it ends").expect("the executable");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    CommandOutput {
        code: output.status.code().expect("a code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Starts `w4r serve` and waits until it prints its address: the process and the address.
pub async fn start_executable(url: &str, listen: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(["serve", "--listen", listen, "--database", url])
        // One address asks for everything, and reads the meters.
        .args(["--cost-per-minute", "0", "--reports-per-hour", "0", "--metrics-listen", "public"])
        // Each of thousands who are turned away would be a line in the output of the tests.
        .env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned()))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("a line").expect("a line");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    (child, address.to_owned())
}
