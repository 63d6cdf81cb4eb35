use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use async_graphql::{Response, Value};
use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::*;

/// A stage on which topics are begun, and what is said there.
struct TestBroadcasts {
    topics: Broadcasts,
    begun: AtomicUsize,
    holds: Arc<AtomicBool>,
}

type EventSender = mpsc::UnboundedSender<Arc<EncodedResponse>>;

impl TestBroadcasts {
    fn new() -> Self {
        let holds = Arc::new(AtomicBool::new(true));
        Self { topics: Broadcasts::new(&["total"]), begun: AtomicUsize::new(0), holds }
    }

    fn join(&self, subject: &str) -> (ResponseStream, Option<EventSender>) {
        let mut speaker = None;
        let holds = Arc::clone(&self.holds);
        let standing = Freshness::new(move || match holds.load(SeqCst) {
            true => FreshnessState::Current,
            false => FreshnessState::Stale,
        });
        let key = CacheKey::of(
            &crate::request::GraphqlRequest { query: Some(subject.to_owned()), ..Default::default() },
            &Default::default(),
        );
        let answers = self.topics.subscribe(key.expect("a key"), subject, standing, Arc::default(), || {
            self.begun.fetch_add(1, SeqCst);
            let (sender, receiver) = mpsc::unbounded_channel();
            speaker = Some(sender);
            stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver))).boxed()
        });
        (answers, speaker)
    }
}

fn answer(number: i32) -> Arc<EncodedResponse> {
    Arc::new(Response::new(Value::from(number)).into())
}

async fn heard(answers: &mut ResponseStream) -> Option<String> {
    Some(answers.next().await?.json.to_string())
}

#[tokio::test]
async fn what_several_listen_to_is_executed_once_and_handed_to_each() {
    let stage = TestBroadcasts::new();
    for subject in ["total", "caseChanged"] {
        let (mut one, speaker) = stage.join(subject);
        let (mut other, none) = stage.join(subject);
        assert!(none.is_none(), "the second listener joins the first");
        speaker.expect("begun").send(answer(1)).expect("it is listened to");
        let (one, other) = (one.next().await.expect("an answer"), other.next().await.expect("an answer"));
        assert!(Arc::ptr_eq(&one, &other));
    }
    assert_eq!(stage.begun.load(SeqCst), 2);
}

#[tokio::test]
async fn whoever_comes_later_hears_the_newest_first() {
    let stage = TestBroadcasts::new();
    let (mut one, speaker) = stage.join("total");
    let speaker = speaker.expect("begun");
    speaker.send(answer(1)).expect("it is listened to");
    assert_eq!(heard(&mut one).await.as_deref(), Some(r#"{"data":1}"#));
    let (mut other, _) = stage.join("total");
    assert_eq!(heard(&mut other).await.as_deref(), Some(r#"{"data":1}"#));
    assert!(other.next().now_or_never().is_none(), "and nothing twice");
}

#[tokio::test]
async fn the_last_word_arrives_and_then_the_end() {
    let stage = TestBroadcasts::new();
    let (mut one, speaker) = stage.join("total");
    let speaker = speaker.expect("begun");
    for number in 1..=3 {
        speaker.send(answer(number)).expect("it is listened to");
    }
    drop(speaker);
    let mut last = None;
    while let Some(next) = heard(&mut one).await {
        assert!(Some(&next) > last.as_ref(), "never an older one after a newer one");
        last = Some(next);
    }
    assert_eq!(last.as_deref(), Some(r#"{"data":3}"#));
    assert!(stage.join("total").1.is_some(), "what has ended is begun anew");
}

#[tokio::test]
async fn where_each_event_counts_a_listener_who_missed_some_is_told_so() {
    let stage = TestBroadcasts::new();
    let (mut slow, speaker) = stage.join("caseChanged");
    let (mut quick, _) = stage.join("caseChanged");
    let speaker = speaker.expect("begun");
    for number in 0..=i32::try_from(MAX_BACKLOG).expect("a small number") {
        speaker.send(answer(number)).expect("it is listened to");
        assert_eq!(heard(&mut quick).await, Some(format!(r#"{{"data":{number}}}"#)));
    }
    let told = heard(&mut slow).await.expect("a word");
    assert!(told.contains("Some events were missed") && told.contains("UNAVAILABLE"), "{told}");
    assert_eq!(heard(&mut slow).await, None);
}

#[tokio::test]
async fn a_topic_ends_with_its_last_listener() {
    let stage = TestBroadcasts::new();
    let (one, speaker) = stage.join("total");
    let (other, _) = stage.join("total");
    let speaker = speaker.expect("begun");
    drop(one);
    drop(other);
    speaker.closed().await;
    assert!(stage.join("total").1.is_some());
}

#[tokio::test]
async fn a_topic_of_another_state_of_things_is_not_joined() {
    let stage = TestBroadcasts::new();
    let (mut one, speaker) = stage.join("total");
    stage.holds.store(false, SeqCst);
    let (_other, anew) = stage.join("total");
    assert!(anew.is_some());
    speaker.expect("begun").send(answer(2)).expect("it is still listened to");
    assert_eq!(heard(&mut one).await.as_deref(), Some(r#"{"data":2}"#));
}
