use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use async_graphql::{Response, Value};
use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::*;

/// Broadcasts, with a count of the executions that were started.
struct TestBroadcasts {
    broadcasts: Broadcasts,
    started: AtomicUsize,
    is_current: Arc<AtomicBool>,
}

type EventSender = mpsc::UnboundedSender<Arc<EncodedResponse>>;

impl TestBroadcasts {
    fn new() -> Self {
        let is_current = Arc::new(AtomicBool::new(true));
        Self { broadcasts: Broadcasts::new(&["total"]), started: AtomicUsize::new(0), is_current }
    }

    fn join(&self, field_name: &str) -> (ResponseStream, Option<EventSender>) {
        let mut sender = None;
        let is_current = Arc::clone(&self.is_current);
        let freshness = Freshness::new(move || match is_current.load(SeqCst) {
            true => FreshnessState::Current,
            false => FreshnessState::Stale,
        });
        let key = CacheKey::of(
            &crate::request::GraphqlRequest { query: Some(field_name.to_owned()), ..Default::default() },
            &Default::default(),
        );
        let responses =
            self.broadcasts.subscribe(key.expect("a key"), field_name, freshness, Arc::default(), || {
                self.started.fetch_add(1, SeqCst);
                let (started, receiver) = mpsc::unbounded_channel();
                sender = Some(started);
                stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))
                    .boxed()
            });
        (responses, sender)
    }
}

fn response(number: i32) -> Arc<EncodedResponse> {
    Arc::new(Response::new(Value::from(number)).into())
}

async fn next_json(responses: &mut ResponseStream) -> Option<String> {
    Some(responses.next().await?.json.to_string())
}

#[tokio::test]
async fn subscribers_share_one_execution_and_its_responses() {
    let broadcasts = TestBroadcasts::new();
    for field_name in ["total", "caseChanged"] {
        let (mut first, sender) = broadcasts.join(field_name);
        let (mut second, none) = broadcasts.join(field_name);
        assert!(none.is_none(), "the second subscriber joins the execution");
        sender.expect("an execution").send(response(1)).expect("a receiver");
        let (first, second) =
            (first.next().await.expect("a response"), second.next().await.expect("a response"));
        assert!(Arc::ptr_eq(&first, &second));
    }
    assert_eq!(broadcasts.started.load(SeqCst), 2);
}

#[tokio::test]
async fn a_later_subscriber_gets_the_latest_event_first() {
    let broadcasts = TestBroadcasts::new();
    let (mut first, sender) = broadcasts.join("total");
    let sender = sender.expect("an execution");
    sender.send(response(1)).expect("a receiver");
    assert_eq!(next_json(&mut first).await.as_deref(), Some(r#"{"data":1}"#));
    let (mut second, _) = broadcasts.join("total");
    assert_eq!(next_json(&mut second).await.as_deref(), Some(r#"{"data":1}"#));
    assert!(second.next().now_or_never().is_none(), "no event is sent twice");
}

#[tokio::test]
async fn the_last_event_arrives_before_the_end() {
    let broadcasts = TestBroadcasts::new();
    let (mut first, sender) = broadcasts.join("total");
    let sender = sender.expect("an execution");
    for number in 1..=3 {
        sender.send(response(number)).expect("a receiver");
    }
    drop(sender);
    let mut last = None;
    while let Some(next) = next_json(&mut first).await {
        assert!(Some(&next) > last.as_ref(), "events are in order");
        last = Some(next);
    }
    assert_eq!(last.as_deref(), Some(r#"{"data":3}"#));
    assert!(broadcasts.join("total").1.is_some(), "an ended broadcast is started again");
}

#[tokio::test]
async fn a_lagging_subscriber_of_all_events_gets_an_error() {
    let broadcasts = TestBroadcasts::new();
    let (mut slow, sender) = broadcasts.join("caseChanged");
    let (mut quick, _) = broadcasts.join("caseChanged");
    let sender = sender.expect("an execution");
    for number in 0..=i32::try_from(MAX_BACKLOG).expect("a small number") {
        sender.send(response(number)).expect("a receiver");
        assert_eq!(next_json(&mut quick).await, Some(format!(r#"{{"data":{number}}}"#)));
    }
    let lagged = next_json(&mut slow).await.expect("a byte");
    assert!(lagged.contains("Some events were missed") && lagged.contains("UNAVAILABLE"), "{lagged}");
    assert_eq!(next_json(&mut slow).await, None);
}

#[tokio::test]
async fn a_broadcast_ends_with_its_last_subscriber() {
    let broadcasts = TestBroadcasts::new();
    let (first, sender) = broadcasts.join("total");
    let (second, _) = broadcasts.join("total");
    let sender = sender.expect("an execution");
    drop(first);
    drop(second);
    sender.closed().await;
    assert!(broadcasts.join("total").1.is_some());
}

#[tokio::test]
async fn a_stale_broadcast_is_not_joined() {
    let broadcasts = TestBroadcasts::new();
    let (mut first, sender) = broadcasts.join("total");
    broadcasts.is_current.store(false, SeqCst);
    let (_other, second_sender) = broadcasts.join("total");
    assert!(second_sender.is_some());
    sender.expect("an execution").send(response(2)).expect("a receiver");
    assert_eq!(next_json(&mut first).await.as_deref(), Some(r#"{"data":2}"#));
}
