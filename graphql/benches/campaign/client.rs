//! A client that costs next to nothing: one connection, one request after another.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(crate) struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("a server");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, request: Vec::new(), answer: Vec::with_capacity(16 << 10) }
    }

    /// The body of the answer to a GraphQL request.
    pub(crate) async fn post(&mut self, body: &str) -> &str {
        self.request.clear();
        self.request.extend_from_slice(
            b"POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
              Accept: application/json\r\nContent-Length: ",
        );
        self.request.extend_from_slice(body.len().to_string().as_bytes());
        self.request.extend_from_slice(b"\r\n\r\n");
        self.request.extend_from_slice(body.as_bytes());
        self.stream.write_all(&self.request).await.expect("a server that reads");
        self.answer.clear();
        let body = loop {
            self.read().await;
            if let Some(end) = self.answer.windows(4).position(|part| part == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let whole = body + content_length(&self.answer[..body]);
        while self.answer.len() < whole {
            self.read().await;
        }
        std::str::from_utf8(&self.answer[body..whole]).expect("an answer in UTF-8")
    }

    async fn read(&mut self) {
        let read = self.stream.read_buf(&mut self.answer).await.expect("an answer");
        assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(&self.answer));
    }
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &str = "content-length:";
    let head = std::str::from_utf8(head).expect("a head in ASCII");
    let named = |line: &&str| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
    let line = head.lines().find(named).expect("an answer of known length");
    line[NAME.len()..].trim().parse().expect("a length")
}
