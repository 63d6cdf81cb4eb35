//! A client that costs next to nothing: one connection, one request after another.

use std::{io, net::Ipv4Addr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::process::FORWARDED_BY;

pub(crate) struct Client {
    stream: TcpStream,
    /// The lines of the head that each request has besides, with their ends.
    headers: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: &str) -> Self {
        Self::connect_with(address, String::new()).await.expect("a server")
    }

    /// One for whom a proxy names this address.
    pub(crate) async fn connect_for(address: &str, client: Ipv4Addr) -> io::Result<Self> {
        Self::connect_with(address, format!("{FORWARDED_BY}: {client}\r\n")).await
    }

    /// One whose requests have these lines in their heads.
    pub(crate) async fn connect_with(address: &str, headers: String) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, headers, request: Vec::new(), answer: Vec::with_capacity(16 << 10) })
    }

    /// The body of the answer to a GraphQL request.
    pub(crate) async fn post(&mut self, body: &str) -> &str {
        self.try_post(body).await.expect("an answer")
    }

    /// The same of a server that may hang up.
    pub(crate) async fn try_post(&mut self, body: &str) -> io::Result<&str> {
        self.request.clear();
        self.request.extend_from_slice(
            b"POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
              Accept: application/json\r\n",
        );
        self.request.extend_from_slice(self.headers.as_bytes());
        self.request.extend_from_slice(b"Content-Length: ");
        self.request.extend_from_slice(body.len().to_string().as_bytes());
        self.request.extend_from_slice(b"\r\n\r\n");
        self.request.extend_from_slice(body.as_bytes());
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        let body = loop {
            self.read().await?;
            if let Some(end) = self.answer.windows(4).position(|part| part == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let whole = body + content_length(&self.answer[..body]);
        while self.answer.len() < whole {
            self.read().await?;
        }
        Ok(std::str::from_utf8(&self.answer[body..whole]).expect("an answer in UTF-8"))
    }

    async fn read(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.answer).await? == 0 {
            let said = String::from_utf8_lossy(&self.answer);
            return Err(io::Error::other(format!("the server hung up: {said}")));
        }
        Ok(())
    }
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &str = "content-length:";
    let head = std::str::from_utf8(head).expect("a head in ASCII");
    let named = |line: &&str| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
    let line = head.lines().find(named).expect("an answer of known length");
    line[NAME.len()..].trim().parse().expect("a length")
}
