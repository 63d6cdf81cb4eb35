//! A WebSocket made by hand, which costs next to nothing: no library, no copy, no mask.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use crate::process::FORWARDED_BY;

const UPGRADE: &str = "GET /graphql/ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Protocol: graphql-transport-ws\r\n";

/// A whole message of text, in the first byte of its only frame.
const TEXT: u8 = 0x81;
/// What a client sends is masked (RFC 6455, 5.3), be it by zeros.
const MASKED: u8 = 0x80;
/// Lengths from here on are written behind, in two bytes.
const LENGTH_BEHIND: usize = 126;

/// How many sockets come from one address: fewer than a service lets one have.
const FOR_ONE_ADDRESS: usize = 150;

pub(crate) struct Socket {
    stream: TcpStream,
    heard: Vec<u8>,
    /// What has been read of it.
    read: usize,
}

impl Socket {
    /// Connects as one of many, each hundred and fifty of which have an address of their own: all of
    /// 127.0.0.0/8 is this machine.
    pub(crate) async fn connect(address: &str, number: usize, receive_buffer: Option<u32>) -> Self {
        let source = u8::try_from(number / FOR_ONE_ADDRESS).expect("fewer sockets than addresses");
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(size) = receive_buffer {
            socket.set_recv_buffer_size(size).expect("a size");
        }
        socket.bind((Ipv4Addr::new(127, 0, 1, source + 1), 0).into()).expect("a port");
        let address: SocketAddr = address.parse().expect("an address");
        let stream = socket.connect(address).await.expect("a server");
        stream.set_nodelay(true).expect("a socket");
        // Thousands that close are not to keep their ports for a minute.
        stream.set_zero_linger().expect("a socket");
        Self { stream, heard: Vec::with_capacity(1 << 10), read: 0 }
    }

    /// Makes it a socket of `graphql-transport-ws` that is ready for operations.
    pub(crate) async fn greet(&mut self) {
        self.greet_with("").await;
    }

    /// The same for a client whom a proxy names by this address.
    pub(crate) async fn greet_for(&mut self, client: Ipv4Addr) {
        self.greet_with(&format!("{FORWARDED_BY}: {client}\r\n")).await;
    }

    async fn greet_with(&mut self, headers: &str) {
        let head = format!("{UPGRADE}{headers}\r\n");
        self.stream.write_all(head.as_bytes()).await.expect("a server");
        loop {
            self.hear_more().await;
            if let Some(end) = self.heard.windows(4).position(|part| part == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.heard[..end]);
                assert!(head.starts_with("HTTP/1.1 101"), "{}", String::from_utf8_lossy(&self.heard));
                self.read = end + 4;
                break;
            }
        }
        self.say(r#"{"type":"connection_init"}"#).await;
        let ack = self.next().await.expect("an answer");
        assert!(ack.contains("connection_ack"), "{ack}");
    }

    pub(crate) async fn subscribe(&mut self, id: usize, document: &str) {
        self.say(&format!(r#"{{"id":"{id}","type":"subscribe","payload":{{"query":"{document}"}}}}"#)).await;
    }

    /// The next message, and nothing when the other side has gone. Signs of life are answered.
    pub(crate) async fn next(&mut self) -> Option<&str> {
        loop {
            let (from, to) = loop {
                if let Some(payload) = self.payload() {
                    break payload;
                }
                self.heard.drain(..std::mem::take(&mut self.read));
                if !self.try_hear_more().await {
                    return None;
                }
            };
            self.read = to;
            if &self.heard[from..to] == br#"{"type":"ping"}"# {
                self.say(r#"{"type":"pong"}"#).await;
            } else {
                return Some(std::str::from_utf8(&self.heard[from..to]).expect("text"));
            }
        }
    }

    /// Where the payload of the next frame lies, if it is there as a whole.
    fn payload(&self) -> Option<(usize, usize)> {
        let frame = &self.heard[self.read..];
        let (&kind, &length) = (frame.first()?, frame.get(1)?);
        assert_eq!(kind, TEXT, "the service closes: {}", String::from_utf8_lossy(frame));
        let (head, length) = match usize::from(length) {
            LENGTH_BEHIND => (4, usize::from(u16::from_be_bytes([*frame.get(2)?, *frame.get(3)?]))),
            short => (2, short),
        };
        let from = self.read + head;
        (self.heard.len() >= from + length).then_some((from, from + length))
    }

    async fn say(&mut self, text: &str) {
        let mut frame = frame(text);
        frame[1] |= MASKED;
        let head = frame.len() - text.len();
        frame.splice(head..head, [0; 4]);
        self.stream.write_all(&frame).await.expect("a server that reads");
    }

    async fn hear_more(&mut self) {
        assert!(self.try_hear_more().await, "the server hung up");
    }

    async fn try_hear_more(&mut self) -> bool {
        self.stream.read_buf(&mut self.heard).await.is_ok_and(|read| read > 0)
    }
}

/// A text in its frame, as a server sends it.
pub(crate) fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text");
    let mut frame = vec![TEXT];
    match u8::try_from(length) {
        Ok(short) if usize::from(short) < LENGTH_BEHIND => frame.push(short),
        _ => {
            frame.push(LENGTH_BEHIND as u8);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend(text.as_bytes());
    frame
}
