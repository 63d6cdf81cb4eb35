//! Heads, tiles and consistency proofs over plain HTTP, as verifiers of other services read them.

use domain::proof::{Checkpoint, ConsistencyFile, Edge, Hash, SignedNote};
use serde_json::json;

use crate::harness::{
    Service, get, report,
    transparency::{keys_of, log_head, log_of, published},
};

/// The head of a note that one of the keys has signed.
fn head_of(note: &str, log: &serde_json::Value) -> Checkpoint {
    let note = SignedNote::parse(note).expect("a note");
    Checkpoint::verify(&note, &keys_of(log)).unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_is_signed_and_cacheable_and_is_the_one_of_the_api() {
    let service = Service::with_2021().await;
    let empty = log_of(&service.anyone(), 0).await;
    let (status, note) = service.anyone().get("/log/checkpoint").await;
    assert_eq!((status, head_of(&note, &empty).root), (200, Hash::EMPTY_ROOT));
    report("a report in the log").letters(3).done(&service.anyone()).await;
    let log = published(&service, 1).await;
    assert_eq!((&log["origin"], &log["verifierKeys"]), (&empty["origin"], &empty["verifierKeys"]));
    let answer = get(&service, "/log/checkpoint").await;
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(header("cache-control"), "public, max-age=5");
    let tag = header("etag");
    let note = answer.text().await.expect("text");
    assert_eq!(log["checkpoint"], note.as_str());
    let head = head_of(&note, &log);
    assert_eq!(
        json!([head.origin, head.size, head.root.to_base64()]),
        json!([log["origin"], log["size"], log["rootHash"]])
    );
    assert_eq!(note.matches('\u{2014}').count(), 1, "one signature line for the one key");
    assert!(note.ends_with('\n') && note.lines().count() == 5, "no extension lines: {note}");
    let url = format!("http://{}/log/checkpoint", service.address);
    let again = reqwest::Client::new().get(url).header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(again.status().as_u16(), 304);
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_log_extends_yesterdays_and_tiles_have_its_root() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut heads = Vec::new();
    for number in 1..=3 {
        for part in 0..number {
            report(&format!("report {part} of day {number}")).letters(1).done(&anyone).await;
        }
        let size = (1..=number).sum();
        let log = published(&service, size).await;
        heads.push(head_of(log["checkpoint"].as_str().expect("a note"), &log));
    }
    let log = log_head(&anyone).await;
    for earlier in &heads {
        let (status, text) = anyone.get(&format!("/log/proof/consistency?from={}", earlier.size)).await;
        assert_eq!(status, 200, "{text}");
        let file = ConsistencyFile::parse(&text).expect("a proof");
        let later = file.verify(earlier, None, &keys_of(&log)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(later, heads[2]);
    }
    // Up to a size between, without the newest head.
    let (_, text) = anyone.get("/log/proof/consistency?from=1&to=3").await;
    let file = ConsistencyFile::parse(&text).expect("a proof");
    assert_eq!(file.checkpoint, None);
    domain::proof::verify_consistency((1, heads[0].root), (3, heads[1].root), &file.hashes)
        .expect("consistent");
    // From its entries anyone computes the root, and the tile has their hashes.
    let answer = get(&service, "/log/tile/entries/000.p/6").await;
    assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let entries = answer.bytes().await.expect("bytes");
    let tile = get(&service, "/log/tile/0/000.p/6").await.bytes().await.expect("bytes");
    let mut edge = Edge::default();
    for (entry, hash) in entries.chunks(34).zip(tile.chunks(32)) {
        assert_eq!(entry[..2], [0, 32]);
        let leaf = Hash(entry[2..].try_into().expect("32 bytes")).leaf_hash();
        assert_eq!(leaf.0, hash);
        edge.append(leaf);
    }
    assert_eq!((edge.size(), edge.root()), (6, heads[2].root));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_does_not_have_is_refused_with_a_code() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    for number in 0..2 {
        report(&format!("report {number} of a small log")).letters(1).done(&anyone).await;
    }
    published(&service, 2).await;
    for (path, status, code) in [
        ("/log/proof/consistency?from=0", 400, "SIZE_ZERO"),
        ("/log/proof/consistency?from=2&to=1", 400, "SIZE_BEYOND_LOG"),
        ("/log/proof/consistency?from=1&to=3", 400, "SIZE_BEYOND_LOG"),
        ("/log/proof/consistency?from=3", 400, "SIZE_BEYOND_LOG"),
        ("/log/proof/consistency?from=18446744073709551615", 400, "SIZE_BEYOND_LOG"),
        ("/log/proof/consistency", 400, "MALFORMED"),
        ("/log/proof/consistency?from=one", 400, "MALFORMED"),
        ("/log/proof/consistency?from=1&to=-1", 400, "MALFORMED"),
        ("/log/tile/0/000", 404, "NOT_FOUND"),
        ("/log/tile/0/000.p/3", 404, "NOT_FOUND"),
        ("/log/tile/1/000.p/1", 404, "NOT_FOUND"),
        ("/log/tile/0/001.p/1", 404, "NOT_FOUND"),
        ("/log/tile/entries/000.p/3", 404, "NOT_FOUND"),
        ("/log/tile/0/x999/x999/x999/x999/x999/999", 404, "NOT_FOUND"),
        ("/log/tile/8/0/000", 404, "NOT_FOUND"),
        ("/log/2/checkpoint", 404, "NOT_FOUND"),
        ("/log/1/checkpoint", 404, "NOT_FOUND"),
        ("/log/2/tile/0/000.p/1", 404, "NOT_FOUND"),
    ] {
        let (answered, text) = anyone.get(path).await;
        assert_eq!(answered, status, "{path}: {text}");
        assert!(text.contains(&format!("\"error\":\"{code}\"")), "{path}: {text}");
    }
}
