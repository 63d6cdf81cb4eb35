//! A client that costs next to nothing: one connection, one request after another.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("a server");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::with_capacity(16 << 10) }
    }

    /// The body of the answer to a JSON request.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Vec<u8> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
             Accept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.expect("a server that reads");
        self.buffer.clear();
        let head = loop {
            assert!(
                self.stream.read_buf(&mut self.buffer).await.expect("an answer") > 0,
                "the server hung up"
            );
            if let Some(end) = self.buffer.windows(4).position(|part| part == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let headers = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
        let length: usize = headers
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse().ok())
            .expect("an answer of known length");
        while self.buffer.len() < head + length {
            assert!(
                self.stream.read_buf(&mut self.buffer).await.expect("an answer") > 0,
                "the server hung up"
            );
        }
        self.buffer[head..head + length].to_vec()
    }
}
