//! The attacks, each with the response that it gets. The tests run them, and so does the measurement of what a
//! bystander notices (`cargo bench --bench hostile`).

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

mod documents;
mod requests;
mod sockets;

/// Longer than any bound of the service; only a fault takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// One way to harm the service.
pub struct Attack {
    pub name: &'static str,
    pub sends: Sends,
    /// What it is answered.
    pub answered: Answered,
}

/// What is sent.
pub enum Sends {
    /// A request, byte by byte.
    Request(Vec<u8>),
    /// What follows on the handshake and `connection_init` of a socket, byte by byte.
    Frames(Vec<u8>),
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// So many answers with data and nothing else.
    Data(usize),
    /// A refusal: its status, and the code of its first error.
    Refused(u16, String),
    /// A status alone: what was sent is no request.
    Status(u16),
    /// The socket is closed with this code.
    Closed(u16),
    /// Nothing, and the connection is over.
    HungUp,
}

/// All of them.
pub fn all() -> Vec<Attack> {
    [documents::all(), requests::all(), sockets::all()].into_iter().flatten().collect()
}

impl Attack {
    fn request(name: &'static str, request: impl Into<Vec<u8>>, answered: Answered) -> Self {
        Self { name, sends: Sends::Request(request.into()), answered }
    }

    fn frames(name: &'static str, frames: impl Into<Vec<u8>>, code: u16) -> Self {
        Self { name, sends: Sends::Frames(frames.into()), answered: Answered::Closed(code) }
    }

    /// A document alone, sent as GraphQL over HTTP wants it.
    fn document(name: &'static str, document: &str, code: &str) -> Self {
        let body = serde_json::json!({ "query": document }).to_string();
        Self::request(name, requests::post(&[], &body), refused(400, code))
    }

    /// Runs it, and says what came back.
    pub async fn run(&self, address: SocketAddr) -> Answered {
        let running = async {
            match &self.sends {
                Sends::Request(bytes) => request(address, bytes).await,
                Sends::Frames(bytes) => frames(address, bytes).await,
            }
        };
        timeout(PATIENCE, running).await.unwrap_or_else(|_| panic!("{}: no answer in time", self.name))
    }
}

fn refused(status: u16, code: &str) -> Answered {
    Answered::Refused(status, code.to_owned())
}

async fn request(address: SocketAddr, bytes: &[u8]) -> Answered {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let (mut reader, mut writer) = stream.into_split();
    let mut answer = vec![];
    // Whoever is refused while still speaking may be cut off, and has its answer all the same.
    let speaking = async { writer.write_all(bytes).await.ok() };
    let listening = async { reader.read_to_end(&mut answer).await.ok() };
    tokio::join!(speaking, listening);
    understood(&String::from_utf8_lossy(&answer))
}

/// What the bytes of an answer, or of several, say.
fn understood(answer: &str) -> Answered {
    let Some(status) = answer.split(' ').nth(1).and_then(|status| status.parse().ok()) else {
        return Answered::HungUp;
    };
    let code = answer.lines().find_map(|line| {
        let json: Value = serde_json::from_str(line).ok()?;
        Some(json["errors"][0]["extensions"]["code"].as_str()?.to_owned())
    });
    match code {
        Some(code) => Answered::Refused(status, code),
        None if status == 200 => Answered::Data(answer.matches(r#"{"data":"#).count()),
        None => Answered::Status(status),
    }
}

async fn frames(address: SocketAddr, bytes: &[u8]) -> Answered {
    let mut request = format!("ws://{address}/graphql/ws").into_client_request().expect("a request");
    let protocol = "graphql-transport-ws".parse().expect("a header");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let stream = TcpStream::connect(address).await.expect("it listens").into_std().expect("a stream");
    let writer = stream.try_clone().expect("a second hand on it");
    let mut writer = TcpStream::from_std(writer).expect("a stream");
    let stream = TcpStream::from_std(stream).expect("a stream");
    let Ok((mut socket, _)) = client_async(request, stream).await else { return Answered::HungUp };
    socket.send(Message::text(r#"{"type":"connection_init"}"#)).await.expect("an open socket");
    socket.next().await.expect("an acknowledgement").expect("an acknowledgement");
    let speaking = async {
        writer.write_all(bytes).await.ok();
        std::future::pending().await
    };
    let listening = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return Answered::Closed(frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Answered::HungUp,
            }
        }
    };
    tokio::select! {
        answered = listening => answered,
        () = speaking => Answered::HungUp,
    }
}
