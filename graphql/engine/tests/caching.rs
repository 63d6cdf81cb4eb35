//! HTTP caching, CORS and compression.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::client::TestService;

const RESPONSE: &str = "accept: application/graphql-response+json";
const VARY: &str = "accept, accept-encoding, accept-language, authorization, origin";

#[tokio::test]
async fn a_document_that_was_sent_can_be_requested_by_its_hash() {
    let service = TestService::start().await;
    let query = "query Unique1 { long }";
    let hash: String = Sha256::digest(query).iter().map(|byte| format!("{byte:02x}")).collect();
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    let unknown = service.post(&json!({ "extensions": extensions })).await;
    assert_eq!((unknown.status, &*unknown.code()), (400, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");
    let mismatch = service.post(&json!({ "query": "{ long }", "extensions": extensions })).await;
    assert_eq!((mismatch.status, &*mismatch.code()), (400, "BAD_USER_INPUT"));
    let registered = service.post(&json!({ "query": query, "extensions": extensions })).await;
    assert_eq!(registered.json(), json!({ "data": { "long": "xxxxx" } }));
    let parameter =
        url::form_urlencoded::byte_serialize(extensions.to_string().as_bytes()).collect::<String>();
    let by_hash = service.send(&format!("GET /graphql?extensions={parameter}"), &[], b"").await;
    assert_eq!(by_hash.json(), json!({ "data": { "long": "xxxxx" } }));
    assert_eq!(by_hash.header("cache-control"), Some("public, max-age=5"));
}

#[tokio::test]
async fn the_response_to_a_get_is_publicly_cacheable_unless_it_is_private() {
    let service = TestService::start().await;
    let policy = async |query: &str, headers: &[&str]| {
        let reply = service.get(query, headers).await;
        assert_eq!(reply.header("vary"), Some(VARY));
        (reply.header("cache-control").map(str::to_owned), reply.header("etag").is_some())
    };
    let expected = |policy: &str, tagged| (Some(policy.to_owned()), tagged);
    assert_eq!(policy("{ long }", &[]).await, expected("public, max-age=5", true));
    assert_eq!(policy("{ lasting }", &[]).await, expected("public, max-age=60", true));
    assert_eq!(policy("{ own }", &[]).await, expected("private, no-store", true));
    assert_eq!(policy("{ long }", &["authorization: Bearer a"]).await, expected("private, no-store", true));
    assert_eq!(policy("{ hole }", &[]).await, expected("no-store", false));
    assert_eq!(policy("{ unknown }", &[]).await, expected("no-store", false));
}

#[tokio::test]
async fn an_unchanged_response_is_a_304() {
    let service = TestService::start().await;
    let first = service.get("{ long }", &[]).await;
    let tag = first.header("etag").expect("a tag").to_owned();
    for known in [tag.clone(), format!("\"other\", {tag}"), tag.replace("W/", ""), "*".to_owned()] {
        let again = service.get("{ long }", &[&format!("if-none-match: {known}")]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        assert_eq!(again.header("etag"), Some(&*tag));
        assert_eq!(again.header("cache-control"), Some("public, max-age=5"));
    }
    let other = service.get("{ long(bytes: 6) }", &[&format!("if-none-match: {tag}")]).await;
    assert_eq!(other.status, 200);
    let other_form = service.get("{ long }", &[RESPONSE, &format!("if-none-match: {tag}")]).await;
    assert_eq!(other_form.status, 200);
}

#[tokio::test]
async fn every_origin_is_allowed() {
    let service = TestService::start().await;
    let preflight = service
        .send(
            "OPTIONS /graphql",
            &[
                "origin: https://partner.example",
                "access-control-request-method: POST",
                "access-control-request-headers: content-type, authorization",
            ],
            b"",
        )
        .await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
    assert!(preflight.header("access-control-allow-methods").is_some_and(|methods| methods.contains("POST")));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("content-type, authorization"));
    assert_eq!(preflight.header("access-control-max-age"), Some("7200"));
    let origin = "origin: https://partner.example";
    for reply in [
        service.get("{ long }", &[origin]).await,
        service.get("{", &[origin]).await,
        service.send("PUT /graphql", &[origin], b"").await,
    ] {
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        let exposed = reply.header("access-control-expose-headers").expect("headers");
        for header in ["*", "etag", "retry-after"] {
            assert!(exposed.split(',').any(|exposed| exposed == header), "{exposed}");
        }
    }
}

#[tokio::test]
async fn any_request_header_of_a_page_is_allowed_and_of_any_path() {
    let service = TestService::start().await;
    let requested = "apollographql-client-name,authorization,baggage,traceparent,x-anything";
    for path in ["/graphql", "/graphql/stream", "/graphql/ws", "/bug", "/unknown"] {
        let headers = [
            "origin: null",
            "access-control-request-method: GET",
            &format!("access-control-request-headers: {requested}"),
        ];
        let preflight = service.send(&format!("OPTIONS {path}"), &headers, b"").await;
        assert_eq!((preflight.status, preflight.body.len()), (200, 0), "{path}");
        assert_eq!(preflight.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(preflight.header("access-control-allow-headers"), Some(requested), "{path}");
    }
    let unknown = service.send("GET /unknown", &["origin: null"], b"").await;
    assert_eq!((unknown.status, unknown.header("access-control-allow-origin")), (404, Some("*")));
}

#[tokio::test]
async fn the_route_of_an_operator_is_not_readable_by_other_origins() {
    let service = TestService::start().await;
    let headers = ["origin: https://a.example", "access-control-request-method: GET"];
    let preflight = service.send("OPTIONS /operator", &headers, b"").await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (405, None));
    let read = service.send("GET /operator", &headers[..1], b"").await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, None));
}

#[tokio::test]
async fn a_large_response_is_compressed_if_the_client_accepts_gzip() {
    let service = TestService::start().await;
    let query = json!({ "query": "{ long(bytes: 10000) }" });
    let compressed = service.post_with(&query, &["accept-encoding: gzip"]).await;
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert!(compressed.body.len() < 1_000 && compressed.body.starts_with(&[0x1f, 0x8b]));
    let plain = service.post(&query).await;
    assert_eq!((plain.header("content-encoding"), plain.body.len() > 10_000), (None, true));
    assert_eq!([compressed.header("vary"), plain.header("vary")], [Some(VARY); 2]);
    let get = "GET /graphql?query=%7Blong(bytes:10000)%7D";
    let compressed = service.send(get, &["accept-encoding: br, gzip"], b"").await;
    let tag = compressed.header("etag").expect("a tag").to_owned();
    assert_eq!((compressed.header("content-encoding"), &compressed.body), (Some("gzip"), &compressed.body));
    let head = service.send(&get.replace("GET", "HEAD"), &["accept-encoding: gzip"], b"").await;
    assert_eq!((head.header("content-encoding"), head.body.len()), (Some("gzip"), 0));
    assert_eq!(head.header("content-length"), Some(&*compressed.body.len().to_string()));
    let identity = service.send(get, &["accept-encoding: gzip;q=0"], b"").await;
    assert_eq!((identity.header("content-encoding"), identity.header("etag")), (None, Some(&*tag)));
    let known = service.send(get, &["accept-encoding: gzip", &format!("if-none-match: {tag}")], b"").await;
    assert_eq!(
        (known.status, known.header("content-encoding"), known.header("vary")),
        (304, None, Some(VARY))
    );
    let batch = service.post_with(&json!([query, query]), &["accept-encoding: gzip"]).await;
    assert_eq!(batch.header("content-encoding"), Some("gzip"));
    let small = service.post_with(&json!({ "query": "{ long }" }), &["accept-encoding: gzip"]).await;
    assert_eq!(small.header("content-encoding"), None);
}
