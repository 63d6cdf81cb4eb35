//! The bystander: a client that asks for the total during an attack and must get it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    sync::watch,
    task::JoinHandle,
};

/// Where it asks from: other houses than the one that the attacks come from, and so many that none runs
/// out of ports.
const HOMES: std::ops::Range<u8> = 2..250;
const QUESTION: &str = r#"{"query":"{ edition(year: 2021) { total { letters version } } }"}"#;

/// Asks again and again, each time on a connection of its own.
pub struct Bystander {
    /// How long each of its answers took.
    pub answers: watch::Receiver<Vec<Duration>>,
    pub asking: JoinHandle<()>,
}

impl Bystander {
    /// A bystander that is to hear this and nothing else.
    pub fn at(address: SocketAddr, total: &str) -> Self {
        let (heard, answers) = watch::channel(vec![]);
        let total = format!(r#"{{"data":{{"edition":{{"total":{total}}}}},"#);
        let asking = tokio::spawn(async move {
            for home in HOMES.cycle() {
                let began = Instant::now();
                let answer = ask(address, home).await;
                assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(&total), "{answer}");
                heard.send_modify(|answers| answers.push(began.elapsed()));
            }
        });
        Self { answers, asking }
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

async fn ask(address: SocketAddr, home: u8) -> String {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, home], 0).into()).expect("an address of this machine");
    let mut stream = socket.connect(address).await.expect("it listens");
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: w4r\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{QUESTION}",
        QUESTION.len()
    );
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}
