//! A raw HTTP client, which sends exactly the given bytes.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

/// The timeout of every step of a test.
pub const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A running service. It shuts down when this is dropped.
pub struct TestService {
    pub address: SocketAddr,
    pub shutdown: watch::Sender<bool>,
    pub ended: tokio::task::JoinHandle<()>,
}

/// An HTTP response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl TestService {
    /// Opens a connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the server accepts connections")
    }

    /// Sends a request with these header lines and reads the response to its end.
    pub async fn send(&self, start: &str, headers: &[&str], body: &[u8]) -> Reply {
        let mut connection = self.connect().await;
        let mut head = format!("{start} HTTP/1.1\r\nhost: w4r\r\nconnection: close\r\n");
        for header in headers {
            head += header;
            head += "\r\n";
        }
        if !body.is_empty() {
            head += &format!("content-length: {}\r\n", body.len());
        }
        head += "\r\n";
        connection.write_all(head.as_bytes()).await.expect("the server reads");
        // A service that rejects the request may close the connection meanwhile.
        connection.write_all(body).await.ok();
        let mut bytes = vec![];
        timeout(TEST_TIMEOUT, connection.read_to_end(&mut bytes)).await.expect("a response in time").ok();
        Reply::read(&bytes)
    }

    /// Posts JSON and accepts `application/graphql-response+json`.
    pub async fn post(&self, json: &Value) -> Reply {
        self.post_with(json, &["accept: application/graphql-response+json"]).await
    }

    pub async fn post_with(&self, json: &Value, headers: &[&str]) -> Reply {
        let headers = [&["content-type: application/json"], headers].concat();
        self.send("POST /graphql", &headers, json.to_string().as_bytes()).await
    }

    pub async fn get(&self, query: &str, headers: &[&str]) -> Reply {
        let query = url::form_urlencoded::byte_serialize(query.as_bytes()).collect::<String>();
        self.send(&format!("GET /graphql?query={query}"), headers, b"").await
    }

    /// The `data` of a query without errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let reply = self.post(&serde_json::json!({ "query": query, "variables": variables })).await;
        let mut json = reply.json();
        assert_eq!(json.get("errors"), None, "{query}");
        json["data"].take()
    }

    /// The status, and the code and message of the first error, of a response without `data`.
    pub async fn refusal(&self, query: &str, variables: Value) -> (u16, String, String) {
        let reply = self.post(&serde_json::json!({ "query": query, "variables": variables })).await;
        let json = reply.json();
        assert_eq!(json.get("data"), None, "{query}: {json}");
        (reply.status, reply.code(), json["errors"][0]["message"].as_str().expect("a message").to_owned())
    }
}

impl Reply {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a complete head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head in ASCII");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let mut reply = Self { status, head, body: bytes[end + 4..].to_vec() };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = unchunked(&reply.body);
        }
        reply
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The code of the first error.
    pub fn code(&self) -> String {
        let json = self.json();
        json["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code: {json}"))
            .to_owned()
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = vec![];
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let length =
            std::str::from_utf8(&bytes[..end]).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let chunk = &bytes[end + 2..];
        match length {
            Some(length) if length > 0 && chunk.len() >= length + 2 => {
                whole.extend(&chunk[..length]);
                bytes = &chunk[length + 2..];
            }
            _ => break,
        }
    }
    whole
}

/// The GraphQL responses in a multipart response or an event stream.
pub fn responses(reply: &Reply) -> Vec<Value> {
    let responses = reply.text().lines().filter_map(|line| {
        let json = line.strip_prefix("data: ").unwrap_or(line);
        serde_json::from_str(json).ok().filter(Value::is_object)
    });
    // A part has the response as `payload`; an empty one is a heartbeat.
    let responses = responses.filter(|response: &Value| *response != json!({}));
    responses.map(|response| response.get("payload").cloned().unwrap_or(response)).collect()
}
