//! Failures inside of the service, on every transport. Only a build with the cargo feature `faults` has fields for it.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    client::{TestService, responses},
    harness::{SUBMIT, Service, campaign_id},
};

mod floods;
#[path = "../../graphql/engine/tests/websocket/client.rs"]
#[expect(dead_code, reason = "shared with the tests of the engine, which use all of it")]
mod websocket_client;

use websocket_client::{Client, complete, next};

const PARTS: &str = "accept: multipart/mixed; subscriptionSpec=\"1.0\"";
const EVENTS: &str = "accept: text/event-stream";
const JSON: &str = "content-type: application/json";
/// All ways in which it is our mistake.
const WAYS: [&str; 4] = ["INTERNAL", "BROKEN", "LEAK", "PANIC"];

/// The service at an address, for the clients of the transports.
fn served(address: SocketAddr) -> TestService {
    TestService { address, shutdown: watch::Sender::new(false), ended: tokio::spawn(async {}) }
}

/// That a text tells nothing of what went wrong inside.
#[track_caller]
fn assert_is_discreet(text: &str) {
    for inner in ["inner text", "such column", "secret", "faults.rs"] {
        assert!(!text.contains(inner), "{text}");
    }
}

/// That there is one error with a reference; gives its path.
#[track_caller]
fn path_of_the_one(errors: &Value) -> Value {
    assert_is_discreet(&errors.to_string());
    let [error] = errors.as_array().map(Vec::as_slice).unwrap_or_default() else {
        panic!("{errors} is not one error");
    };
    assert_eq!(error["message"], "Something went wrong on our side.");
    let extensions = error["extensions"].as_object().expect("extensions");
    assert_eq!((&extensions["code"], extensions.len()), (&json!("INTERNAL"), 2), "{errors}");
    let reference = extensions["reference"].as_str().expect("a reference");
    assert!(Uuid::try_parse(reference).is_ok(), "{reference}");
    error["path"].clone()
}

/// That an answer has a hole, and all the rest.
#[track_caller]
fn assert_has_a_hole(answer: &Value) {
    assert_eq!(answer["data"], json!({ "faults": { "well": true, "hole": null } }), "{answer}");
    assert_eq!(path_of_the_one(&answer["errors"]), json!(["faults", "hole"]));
}

#[tokio::test]
async fn a_field_that_goes_wrong_is_one_error_with_a_reference_on_every_transport() {
    let service = Service::with_2021().await;
    let served = served(service.address);
    let mut socket = Client::ready(&served).await;
    for way in WAYS {
        let query = format!("{{ faults {{ well hole(how: {way}) }} }}");
        let body = json!({ "query": query });
        let post = served.post(&body).await;
        assert_eq!(post.status, 200, "what could be answered was");
        assert_has_a_hole(&post.json());
        let get = served.get(&query, &[]).await;
        assert_has_a_hole(&get.json());
        assert_eq!((get.header("cache-control"), get.header("etag")), (Some("no-store"), None));
        let good = json!({ "query": "{ faults { well } }" });
        let batch = served.post(&json!([good, body, good])).await.json();
        assert_has_a_hole(&batch[1]);
        for other in [&batch[0], &batch[2]] {
            assert_eq!((&other["data"]["faults"]["well"], other.get("errors")), (&json!(true), None));
        }
        for (start, accept) in [("POST /graphql", PARTS), ("POST /graphql/stream", EVENTS)] {
            let reply = served.send(start, &[JSON, accept], body.to_string().as_bytes()).await;
            let [answer] = &responses(&reply)[..] else { panic!("{}", reply.text()) };
            assert_has_a_hole(answer);
        }
        let parameter = url::form_urlencoded::byte_serialize(query.as_bytes()).collect::<String>();
        let reply = served.send(&format!("GET /graphql/stream?query={parameter}"), &[EVENTS], b"").await;
        assert_has_a_hole(&responses(&reply)[0]);
        socket.subscribe("wrong", &query).await;
        assert_has_a_hole(&socket.receive().await["payload"]);
        assert_eq!(socket.receive().await, complete("wrong"));
    }
    let away = served.post(&json!({ "query": "{ faults { gap(how: AWAY) } }" })).await;
    assert_eq!(away.json()["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert!(away.json()["errors"][0]["extensions"]["retryAfter"].is_u64());
    assert_is_discreet(away.text());
}

#[tokio::test]
async fn null_goes_up_to_where_it_may_stand_and_no_further() {
    let service = Service::with_2021().await;
    let served = served(service.address);
    let even = |number: i32| json!({ "number": number, "even": number });
    for (query, data, path) in [
        (
            "{ faults { gap well } beside: __typename }",
            json!({ "faults": null, "beside": "Query" }),
            json!(["faults", "gap"]),
        ),
        ("{ __typename firmFaults { gap } }", Value::Null, json!(["firmFaults", "gap"])),
        (
            "{ faults { well inner { gap } hole: well } }",
            json!({ "faults": { "well": true, "inner": null, "hole": true } }),
            json!(["faults", "inner", "gap"]),
        ),
        (
            "{ faults { inner { firm { gap } well } well } }",
            json!({ "faults": { "inner": null, "well": true } }),
            json!(["faults", "inner", "firm", "gap"]),
        ),
        (
            "{ faults { entries { number even } } }",
            json!({ "faults": { "entries": [even(0), null, even(2)] } }),
            json!(["faults", "entries", 1, "even"]),
        ),
        (
            "{ faults { inner { firmEntries { even } } well } }",
            json!({ "faults": { "inner": null, "well": true } }),
            json!(["faults", "inner", "firmEntries", 1, "even"]),
        ),
        (
            "{ a: faults { b: hole(how: PANIC) c: well } }",
            json!({ "a": { "b": null, "c": true } }),
            json!(["a", "b"]),
        ),
        (
            "{ faults { inner { gap(how: PANIC) } well } }",
            json!({ "faults": { "inner": null, "well": true } }),
            json!(["faults", "inner", "gap"]),
        ),
        ("mutation { a: goWrong(how: PANIC) b: goWrong }", json!({ "a": null, "b": true }), json!(["a"])),
    ] {
        let answer = served.post(&json!({ "query": query })).await.json();
        assert_eq!(answer["data"], data, "{query}: {answer}");
        assert_eq!(path_of_the_one(&answer["errors"]), path, "{query}");
    }
}

#[tokio::test]
async fn a_panic_harms_no_other_operation() {
    let service = Service::with_2021().await;
    let served = served(service.address);
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let mut socket = Client::ready(&served).await;
    socket.subscribe("total", "subscription { total(edition: 2021) { total { letters } } }").await;
    let total = |letters: i32| next("total", json!({ "total": { "total": { "letters": letters } } }));
    let without_cost = |mut message: Value| {
        message["payload"].as_object_mut().expect("a payload").remove("extensions");
        message
    };
    assert_eq!(without_cost(socket.receive().await), total(0));
    for query in ["{ firmFaults { gap(how: PANIC) } }", "mutation { goWrong(how: PANIC) }"] {
        socket.subscribe("wrong", query).await;
        let mut said = socket.receive().await;
        path_of_the_one(&said["payload"]["errors"].take());
        assert_eq!(socket.receive().await, complete("wrong"));
    }
    socket.subscribe("wrong", "subscription { stillborn(how: PANIC) }").await;
    let mut said = socket.receive().await;
    assert_eq!((&said["type"], &said["id"]), (&json!("error"), &json!("wrong")));
    path_of_the_one(&said["payload"].take());

    // The report is made in the same request as what falls over.
    let input = json!({ "campaign": campaign, "idempotencyKey": "beside-what-falls-over",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 3 }] });
    let batch = json!([
        { "query": "mutation { goWrong(how: PANIC) }" },
        { "query": SUBMIT, "variables": { "input": input } },
        { "query": "{ firmFaults { gap(how: PANIC) } }" },
    ]);
    let batch = served.post(&batch).await.json();
    assert_eq!(batch[1]["data"]["reportSubmit"]["report"]["state"], "ACCEPTED", "{batch}");
    for wrong in [&batch[0], &batch[2]] {
        path_of_the_one(&wrong["errors"]);
    }
    assert_eq!(without_cost(socket.receive().await), total(3), "and the socket goes on being told");
}

/// The events of a stream over a socket, without what they cost, until it ends.
async fn heard(served: &TestService, query: &str) -> Vec<Value> {
    let mut socket = Client::ready(served).await;
    socket.subscribe("s", query).await;
    let mut heard = vec![];
    loop {
        let message = socket.receive().await;
        let ends = message["type"] != "next";
        heard.push(message);
        if ends {
            assert_eq!(socket.until_pong().await, [] as [Value; 0], "nothing follows the end");
            return heard;
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_says_so_once_and_ends() {
    let service = Service::with_2021().await;
    let served = served(service.address);
    for way in WAYS {
        let query = format!("subscription {{ breaks(after: 2, how: {way}) }}");
        let told = heard(&served, &query).await;
        for (number, message) in told[..2].iter().enumerate() {
            assert_eq!(message["payload"]["data"], json!({ "breaks": number }), "{way}");
        }
        match &told[2..] {
            // Of whatever an event is made of, it is that event's own error.
            [wrong, end] => {
                assert_eq!((&wrong["type"], end), (&json!("next"), &complete("s")), "{way}");
                assert!(wrong["payload"]["data"].is_null());
                path_of_the_one(&wrong["payload"]["errors"]);
            }
            [wrong] => {
                assert_eq!((wrong["type"].as_str(), way), (Some("error"), "PANIC"));
                path_of_the_one(&wrong["payload"]);
            }
            more => panic!("{way}: {more:?}"),
        }
        let body = json!({ "query": query }).to_string();
        for (start, accept) in [("POST /graphql", PARTS), ("POST /graphql/stream", EVENTS)] {
            let reply = served.send(start, &[JSON, accept], body.as_bytes()).await;
            let [first, second, wrong] = &responses(&reply)[..] else { panic!("{way}: {}", reply.text()) };
            assert_eq!([&first["data"]["breaks"], &second["data"]["breaks"]], [&json!(0), &json!(1)]);
            path_of_the_one(&wrong["errors"]);
            let end = if accept == EVENTS { "event: complete\ndata: \n\n" } else { "--graphql--\r\n" };
            assert!(reply.text().ends_with(end), "{way}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn a_stream_that_cannot_begin_is_one_error() {
    let service = Service::with_2021().await;
    let served = served(service.address);
    for way in WAYS {
        let query = format!("subscription {{ stillborn(how: {way}) }}");
        match &heard(&served, &query).await[..] {
            // As graphql-ws does it: of a field that fails, an answer without an event.
            [wrong, end] => {
                assert_eq!((&wrong["type"], end), (&json!("next"), &complete("s")), "{way}");
                assert!(wrong["payload"]["data"].is_null(), "{way}: {wrong}");
                assert_eq!(path_of_the_one(&wrong["payload"]["errors"]), json!(["stillborn"]));
            }
            [wrong] => {
                assert_eq!((wrong["type"].as_str(), way), (Some("error"), "PANIC"));
                path_of_the_one(&wrong["payload"]);
            }
            more => panic!("{way}: {more:?}"),
        }
    }
}
