use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use async_graphql::{Response, Value};
use futures_util::{FutureExt, StreamExt, future::join_all, stream::BoxStream};
use proptest::prelude::*;

use super::*;

fn response(seq: u64) -> Arc<EncodedResponse> {
    Arc::new(Response::new(Value::from(seq)).into())
}

fn json(seq: u64) -> String {
    format!(r#"{{"data":{seq}}}"#)
}

/// A subscriber whose direct writer returns `result`, and the responses that were written.
fn subscriber(result: Written) -> (Arc<Subscriber>, Arc<Mutex<Vec<String>>>) {
    let written: Arc<Mutex<Vec<_>>> = Arc::default();
    let record = Arc::clone(&written);
    let subscriber = Subscriber::with_direct_writer(move |response| {
        lock(&record).push(response.json.to_string());
        result
    });
    (Arc::new(subscriber), written)
}

fn next(subscription: &mut (impl Stream<Item = Arc<EncodedResponse>> + Unpin)) -> Option<Option<String>> {
    Some(subscription.next().now_or_never()?.map(|response| response.json.to_string()))
}

async fn until(is_true: impl Fn() -> bool) {
    let waiting = async {
        while !is_true() {
            yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), waiting)
        .await
        .expect("the condition becomes true");
}

#[tokio::test]
async fn a_waiting_subscriber_gets_a_direct_write_and_nothing_pending() {
    let subscribers = Subscribers::default();
    let (subscriber, written) = subscriber(Written::All);
    let mut subscription = subscribers.subscribe(subscriber);
    assert_eq!(next(&mut subscription), None);
    subscribers.publish(response(1));
    until(|| !lock(&written).is_empty()).await;
    subscribers.publish(response(2));
    until(|| lock(&written).len() == 2).await;
    assert_eq!(*lock(&written), [json(1), json(2)]);
    assert_eq!(next(&mut subscription), None);
}

#[tokio::test]
async fn a_subscriber_that_cannot_be_written_to_keeps_the_latest_event_until_it_is_taken() {
    let subscribers = Subscribers::default();
    let (subscriber, written) = subscriber(Written::Nothing);
    let mut subscription = subscribers.subscribe(subscriber);
    assert_eq!(next(&mut subscription), None);
    subscribers.publish(response(1));
    until(|| lock(&written).len() == 1).await;
    subscribers.publish(response(2));
    subscribers.publish(response(3));
    let shard = Arc::clone(&lock(&subscribers.shards)[0]);
    until(|| lock(&shard.slots).subscribers.values().all(|subscriber| lock(&subscriber.state).last_seq == 3))
        .await;
    assert_eq!(lock(&written).len(), 1, "an older event may still be on its way");
    assert_eq!(next(&mut subscription), Some(Some(json(3))));
    assert_eq!(next(&mut subscription), None);
}

#[tokio::test]
async fn a_partial_direct_write_wakes_the_subscriber_and_leaves_nothing_pending() {
    let subscribers = Subscribers::default();
    let (subscriber, written) = subscriber(Written::Partial);
    let mut subscription = subscribers.subscribe(subscriber);
    let woken = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&woken);
    let waiting = tokio::spawn(std::future::poll_fn(move |context| {
        counting.fetch_add(1, SeqCst);
        subscription.poll_next_unpin(context)
    }));
    until(|| woken.load(SeqCst) == 1).await;
    subscribers.publish(response(1));
    until(|| woken.load(SeqCst) == 2).await;
    assert_eq!(*lock(&written), [json(1)]);
    waiting.abort();
}

#[tokio::test]
async fn a_request_error_is_not_written_directly() {
    let subscribers = Subscribers::default();
    let (subscriber, written) = subscriber(Written::All);
    let mut subscription = subscribers.subscribe(subscriber);
    assert_eq!(next(&mut subscription), None);
    let request_error = EncodedResponse::from(vec![async_graphql::ServerError::new("no", None)]);
    assert!(request_error.is_request_error);
    subscribers.publish(Arc::new(request_error));
    assert!(subscription.next().await.expect("a response").is_request_error);
    assert_eq!(lock(&written).len(), 0);
}

#[tokio::test]
async fn an_unsubscribed_subscriber_gets_nothing_although_its_stream_exists() {
    let subscribers = Subscribers::default();
    let (subscriber, written) = subscriber(Written::All);
    let mut subscription = subscribers.subscribe(Arc::clone(&subscriber));
    assert_eq!(next(&mut subscription), None);
    subscriber.unsubscribe();
    let mut bystander = subscribers.subscribe(Arc::default());
    subscribers.publish(response(1));
    // Subscribers are served in the order in which they joined.
    assert_eq!(bystander.next().await.map(|response| response.json.to_string()), Some(json(1)));
    assert_eq!(lock(&written).len(), 0);
    assert_eq!(next(&mut subscription), Some(None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_shards_deliver_the_same_and_end_with_their_last_subscriber() {
    let subscribers = Subscribers::default();
    let mut subscriptions: Vec<BoxStream<'static, _>> =
        (0..MAX_SHARD_SIZE * 2 + 1).map(|_| subscribers.subscribe(Arc::default()).boxed()).collect();
    assert_eq!(subscribers.shard_count(), 3);
    subscribers.publish(response(1));
    let received = join_all(subscriptions.iter_mut().map(StreamExt::next)).await;
    assert!(
        received.iter().all(|response| response.as_ref().is_some_and(|response| *response.json == json(1)))
    );
    // A shard with a free slot takes the next subscriber.
    drop(subscriptions.remove(0));
    subscriptions.push(subscribers.subscribe(Arc::default()).boxed());
    assert_eq!(subscribers.shard_count(), 3);
    drop(subscriptions);
    subscribers.unused().await;
    assert_eq!((subscribers.shard_count(), lock(&subscribers.shards).len()), (0, 0));
    let mut later = subscribers.subscribe(Arc::default());
    assert_eq!(next(&mut later), Some(Some(json(1))));
}

#[tokio::test]
async fn subscribers_get_the_last_event_and_then_the_end() {
    let subscribers = Subscribers::default();
    let mut subscription = subscribers.subscribe(Arc::default());
    subscribers.publish(response(1));
    subscribers.publish(response(2));
    drop(subscribers);
    let received: Vec<_> = subscription.by_ref().map(|response| response.json.to_string()).collect().await;
    assert_eq!(received, [json(2)]);
}

/// An event for a subscriber.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The latest update is delivered; a direct write has this result.
    Delivered { result: Written },
    /// An older update is delivered late.
    DeliveredLate,
    /// The stream is polled.
    Polled,
}

proptest! {
    #[test]
    fn events_arrive_in_order_and_the_latest_always_arrives(
        events in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(vec![Written::All, Written::Partial, Written::Nothing])
                .prop_map(|result| Event::Delivered { result }),
            1 => Just(Event::DeliveredLate),
            4 => Just(Event::Polled),
        ], 0..60),
    ) {
        let received: Arc<Mutex<Vec<String>>> = Arc::default();
        let outcome = Arc::new(Mutex::new(Written::Nothing));
        let (record, next_outcome) = (Arc::clone(&received), Arc::clone(&outcome));
        let subscriber = Subscriber::with_direct_writer(move |response| {
            let result = *lock(&next_outcome);
            if result != Written::Nothing {
                lock(&record).push(response.json.to_string());
            }
            result
        });
        let poll = || {
            while let Poll::Ready(Some(response)) = subscriber.poll(&Context::from_waker(Waker::noop())) {
                lock(&received).push(response.json.to_string());
            }
        };
        let mut latest = 20;
        for event in events {
            match event {
                Event::Delivered { result } => {
                    latest += 1;
                    *lock(&outcome) = result;
                    subscriber.deliver(&Update { seq: latest, response: response(latest) });
                }
                Event::DeliveredLate => subscriber.deliver(&Update { seq: latest - 1, response: response(latest - 1) }),
                Event::Polled => poll(),
            }
        }
        poll();
        let received = lock(&received);
        // All numbers have two digits.
        prop_assert!(received.is_sorted_by(|one, other| one < other), "{received:?}");
        prop_assert!(latest == 20 || received.last() == Some(&json(latest)), "{received:?}");
    }
}
