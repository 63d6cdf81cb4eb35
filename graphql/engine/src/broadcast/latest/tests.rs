use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use async_graphql::{Response, Value};
use futures_util::{FutureExt, StreamExt, future::join_all, stream::BoxStream};
use proptest::prelude::*;

use super::*;

fn answer(number: u64) -> Arc<EncodedResponse> {
    Arc::new(Response::new(Value::from(number)).into())
}

fn json(number: u64) -> String {
    format!(r#"{{"data":{number}}}"#)
}

/// A seat that is told aloud with what comes of it, and what was said there.
fn seat(told: Written) -> (Arc<Subscriber>, Arc<Mutex<Vec<String>>>) {
    let said: Arc<Mutex<Vec<_>>> = Arc::default();
    let hearing = Arc::clone(&said);
    let seat = Subscriber::with_direct_writer(move |answer| {
        lock(&hearing).push(answer.json.to_string());
        told
    });
    (Arc::new(seat), said)
}

fn next(sitting: &mut (impl Stream<Item = Arc<EncodedResponse>> + Unpin)) -> Option<Option<String>> {
    Some(sitting.next().now_or_never()?.map(|answer| answer.json.to_string()))
}

async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await.expect("it becomes so");
}

#[tokio::test]
async fn whoever_waits_is_told_aloud_and_finds_nothing_afterwards() {
    let audience = Subscribers::default();
    let (seat, said) = seat(Written::All);
    let mut sitting = audience.subscribe(seat);
    assert_eq!(next(&mut sitting), None);
    audience.publish(answer(1));
    until(|| !lock(&said).is_empty()).await;
    audience.publish(answer(2));
    until(|| lock(&said).len() == 2).await;
    assert_eq!(*lock(&said), [json(1), json(2)]);
    assert_eq!(next(&mut sitting), None);
}

#[tokio::test]
async fn whoever_cannot_be_told_aloud_finds_the_newest_and_hears_no_more_until_it_was_taken() {
    let audience = Subscribers::default();
    let (seat, said) = seat(Written::Nothing);
    let mut sitting = audience.subscribe(seat);
    assert_eq!(next(&mut sitting), None);
    audience.publish(answer(1));
    until(|| lock(&said).len() == 1).await;
    audience.publish(answer(2));
    audience.publish(answer(3));
    let row = Arc::clone(&lock(&audience.shards)[0]);
    until(|| lock(&row.slots).subscribers.values().all(|seat| lock(&seat.state).last_seq == 3)).await;
    assert_eq!(lock(&said).len(), 1, "what is older may still be on its way");
    assert_eq!(next(&mut sitting), Some(Some(json(3))));
    assert_eq!(next(&mut sitting), None);
}

#[tokio::test]
async fn whoever_was_told_the_beginning_is_woken_and_finds_nothing() {
    let audience = Subscribers::default();
    let (seat, said) = seat(Written::Partial);
    let mut sitting = audience.subscribe(seat);
    let woken = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&woken);
    let waiting = tokio::spawn(std::future::poll_fn(move |context| {
        counting.fetch_add(1, SeqCst);
        sitting.poll_next_unpin(context)
    }));
    until(|| woken.load(SeqCst) == 1).await;
    audience.publish(answer(1));
    until(|| woken.load(SeqCst) == 2).await;
    assert_eq!(*lock(&said), [json(1)]);
    waiting.abort();
}

#[tokio::test]
async fn a_refusal_is_not_said_aloud_for_it_ends_the_operation() {
    let audience = Subscribers::default();
    let (seat, said) = seat(Written::All);
    let mut sitting = audience.subscribe(seat);
    assert_eq!(next(&mut sitting), None);
    let refusal = EncodedResponse::from(vec![async_graphql::ServerError::new("no", None)]);
    assert!(refusal.is_request_error);
    audience.publish(Arc::new(refusal));
    assert!(sitting.next().await.expect("an answer").is_request_error);
    assert_eq!(lock(&said).len(), 0);
}

#[tokio::test]
async fn whoever_has_left_is_told_nothing_though_a_stream_is_still_there() {
    let audience = Subscribers::default();
    let (seat, said) = seat(Written::All);
    let mut sitting = audience.subscribe(Arc::clone(&seat));
    assert_eq!(next(&mut sitting), None);
    seat.unsubscribe();
    let mut bystander = audience.subscribe(Arc::default());
    audience.publish(answer(1));
    // Whoever sat down later is told later.
    assert_eq!(bystander.next().await.map(|answer| answer.json.to_string()), Some(json(1)));
    assert_eq!(lock(&said).len(), 0);
    assert_eq!(next(&mut sitting), Some(None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_rows_hear_all_the_same_and_are_gone_with_the_last_listener() {
    let audience = Subscribers::default();
    let mut sitting: Vec<BoxStream<'static, _>> =
        (0..MAX_SHARD_SIZE * 2 + 1).map(|_| audience.subscribe(Arc::default()).boxed()).collect();
    assert_eq!(audience.shard_count(), 3);
    audience.publish(answer(1));
    let heard = join_all(sitting.iter_mut().map(StreamExt::next)).await;
    assert!(heard.iter().all(|answer| answer.as_ref().is_some_and(|answer| *answer.json == json(1))));
    // Whose row has a place again takes it.
    drop(sitting.remove(0));
    sitting.push(audience.subscribe(Arc::default()).boxed());
    assert_eq!(audience.shard_count(), 3);
    drop(sitting);
    audience.unused().await;
    assert_eq!((audience.shard_count(), lock(&audience.shards).len()), (0, 0));
    let mut later = audience.subscribe(Arc::default());
    assert_eq!(next(&mut later), Some(Some(json(1))));
}

#[tokio::test]
async fn with_the_topic_all_have_heard_the_last_word_and_then_the_end() {
    let audience = Subscribers::default();
    let mut sitting = audience.subscribe(Arc::default());
    audience.publish(answer(1));
    audience.publish(answer(2));
    drop(audience);
    let heard: Vec<_> = sitting.by_ref().map(|answer| answer.json.to_string()).collect().await;
    assert_eq!(heard, [json(2)]);
}

/// What may happen at a seat.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The newest is said, and would be heard or not.
    Said { aloud: Written },
    /// An older one comes late.
    SaidLate,
    /// Whoever sits there looks.
    Looked,
}

proptest! {
    #[test]
    fn nothing_older_is_heard_after_anything_newer_and_the_newest_always_is(
        events in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(vec![Written::All, Written::Partial, Written::Nothing])
                .prop_map(|aloud| Event::Said { aloud }),
            1 => Just(Event::SaidLate),
            4 => Just(Event::Looked),
        ], 0..60),
    ) {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::new(Mutex::new(Written::Nothing));
        let (hearing, telling) = (Arc::clone(&heard), Arc::clone(&told));
        let seat = Subscriber::with_direct_writer(move |answer| {
            let told = *lock(&telling);
            if told != Written::Nothing {
                lock(&hearing).push(answer.json.to_string());
            }
            told
        });
        let look = || {
            while let Poll::Ready(Some(answer)) = seat.poll(&Context::from_waker(Waker::noop())) {
                lock(&heard).push(answer.json.to_string());
            }
        };
        let mut newest = 20;
        for event in events {
            match event {
                Event::Said { aloud } => {
                    newest += 1;
                    *lock(&told) = aloud;
                    seat.deliver(&Update { seq: newest, response: answer(newest) });
                }
                Event::SaidLate => seat.deliver(&Update { seq: newest - 1, response: answer(newest - 1) }),
                Event::Looked => look(),
            }
        }
        look();
        let heard = lock(&heard);
        // All have two digits.
        prop_assert!(heard.is_sorted_by(|one, other| one < other), "{heard:?}");
        prop_assert!(newest == 20 || heard.last() == Some(&json(newest)), "{heard:?}");
    }
}
