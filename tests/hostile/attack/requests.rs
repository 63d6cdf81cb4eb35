//! Attacks by HTTP requests that are too large, too many, incomplete, malformed or contradictory.

use serde_json::json;

use super::{Answered, Attack, refused};

/// A small question that is answered.
const QUESTION: &str = r#"{"query":"{ service { name } }"}"#;

pub(super) fn all() -> Vec<Attack> {
    [bodies(), batches(), heads(), bytes()].into_iter().flatten().collect()
}

/// A `POST` of JSON after which the connection is over.
pub(super) fn post(headers: &[&str], body: &str) -> Vec<u8> {
    let length = format!("content-length: {}", body.len());
    head(&[headers, &[length.as_str()]].concat(), body)
}

/// A `POST` with exactly these headers beside the usual ones.
fn head(headers: &[&str], body: &str) -> Vec<u8> {
    let mut request = "POST /graphql HTTP/1.1\r\nhost: w4r\r\nconnection: close\r\n".to_owned();
    request += "content-type: application/json\r\naccept: application/graphql-response+json\r\n";
    for header in headers {
        request += header;
        request += "\r\n";
    }
    (request + "\r\n" + body).into_bytes()
}

fn bodies() -> Vec<Attack> {
    const TEN_MEGABYTES: usize = 10 << 20;
    let large = " ".repeat(TEN_MEGABYTES);
    let chunked = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let many_chunks = format!("{}0\r\n\r\n", "1\r\n \r\n".repeat(1 << 21));
    let too_large = || refused(413, "BAD_USER_INPUT");
    let bad = || refused(400, "BAD_USER_INPUT");
    vec![
        Attack::request("a body of 10 MB", post(&[], &large), too_large()),
        Attack::request(
            "a body of 10 MB in one chunk",
            head(&["transfer-encoding: chunked"], &chunked),
            too_large(),
        ),
        Attack::request(
            "a body of two million chunks",
            head(&["transfer-encoding: chunked"], &many_chunks),
            too_large(),
        ),
        Attack::request("a body of 10 MB without a length", head(&[], &large), bad()),
        Attack::request(
            "a body longer than it says",
            head(&["content-length: 2"], &format!("{{}}{large}")),
            bad(),
        ),
        Attack::request(
            "a length beyond all numbers",
            head(&["content-length: 99999999999999999999999"], ""),
            Answered::Status(400),
        ),
        Attack::request(
            "two lengths",
            head(&["content-length: 32", "content-length: 7"], QUESTION),
            Answered::Status(400),
        ),
        Attack::request(
            "a length and chunks",
            head(&["content-length: 7", "transfer-encoding: chunked"], "0\r\n\r\n"),
            bad(),
        ),
        Attack::request(
            "a chunk beyond all numbers",
            head(&["transfer-encoding: chunked"], "ffffffffffffffffff\r\n"),
            bad(),
        ),
        Attack::request(
            "a packed body",
            post(&["content-encoding: gzip"], "\u{1f}\u{8b}"),
            refused(415, "BAD_USER_INPUT"),
        ),
        Attack::request(
            "a body packed many times over",
            post(&["content-encoding: gzip, gzip, br, deflate, zstd"], QUESTION),
            refused(415, "BAD_USER_INPUT"),
        ),
    ]
}

fn batches() -> Vec<Attack> {
    let costly = || refused(400, "QUERY_TOO_COSTLY");
    let heavy = json!({ "query": "{ cases(first: 100) { nodes { id name slug country revision } } }" });
    vec![
        Attack::request("a batch of 300,000", post(&[], &format!("[{}0]", "0,".repeat(300_000))), costly()),
        Attack::request(
            "a batch of 20,000 questions",
            post(&[], &format!("[{}{QUESTION}]", format!("{QUESTION},").repeat(20_000))),
            costly(),
        ),
        Attack::request("a batch in a batch", post(&[], "[[[[]]]]"), Answered::Data(0)),
        Attack::request(
            "ten questions that are each as heavy as one may be",
            post(&[], &json!(vec![heavy; 10]).to_string()),
            Answered::Data(10),
        ),
    ]
}

fn heads() -> Vec<Attack> {
    let many: Vec<_> = (0..10_000).map(|n| format!("x-{n}: {n}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let long = format!("x-long: {}", "x".repeat(1 << 20));
    let wishes = format!("accept: {}application/json", "text/html;q=0.1,".repeat(3_000));
    let languages = format!("accept-language: {}", "xx-yy;q=0.5,".repeat(4_000));
    let secret = format!("authorization: Bearer {}", "s".repeat(50_000));
    let get =
        |query: &str| format!("GET /graphql?{query} HTTP/1.1\r\nhost: w4r\r\nconnection: close\r\n\r\n");
    vec![
        Attack::request("10,000 headers", post(&many, QUESTION), Answered::Status(431)),
        Attack::request("a header of 1 MB", post(&[&long], QUESTION), Answered::Status(431)),
        Attack::request("3,000 forms that are accepted", post(&[&wishes], QUESTION), Answered::Data(1)),
        Attack::request("4,000 languages that are none", post(&[&languages], QUESTION), Answered::Data(1)),
        Attack::request("a secret of 50 kB", post(&[&secret], QUESTION), Answered::Data(1)),
        Attack::request("an address of 1 MB", get(&"a".repeat(1 << 20)), Answered::Status(431)),
        Attack::request(
            "an address with 10,000 parameters",
            get(&"a=b&".repeat(10_000)),
            refused(400, "BAD_USER_INPUT"),
        ),
        Attack::request("a head without an end", b"GET /".repeat(1 << 18), Answered::Status(400)),
    ]
}

fn bytes() -> Vec<Attack> {
    let mut pipelined = Vec::new();
    for _ in 0..999 {
        pipelined.extend(
            String::from_utf8_lossy(&post(&[], QUESTION)).replace("connection: close\r\n", "").bytes(),
        );
    }
    pipelined.extend(post(&[], QUESTION));
    let tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    let not_utf8 = [&head(&["content-length: 14"], "{\"query\":\"")[..], b"\xff\xfe\"}"].concat();
    vec![
        Attack::request("1,000 questions in one breath", pipelined, Answered::Data(1_000)),
        Attack::request("a body that is not UTF-8", not_utf8, refused(400, "BAD_USER_INPUT")),
        Attack::request("a body of zeros", post(&[], &"\0".repeat(100_000)), refused(400, "BAD_USER_INPUT")),
        Attack::request("a greeting in another protocol", *tls, Answered::Status(400)),
        Attack::request("zeros", vec![0; 100_000], Answered::Status(400)),
        Attack::request("line breaks", b"\r\n".repeat(500_000), Answered::Status(431)),
    ]
}
