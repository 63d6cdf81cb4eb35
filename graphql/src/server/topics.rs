//! Topics: what several listen to is executed once and written once, and each of them is handed the
//! same bytes.
//!
//! A topic begins with its first listener and ends with its last. A listener who was busy hears the
//! newest of what came meanwhile, or all of it, as the nature of the topic is; never anything older
//! after anything newer. Nobody waits for a slow one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::sync::{broadcast, watch};

use super::{
    answer::Answer,
    door::{Standing, Verdict},
    fault::Code,
    kept::Key,
};

/// How many events a listener may be behind where each one counts: more cases than a campaign has.
const BEHIND_MOST: usize = 256;

/// The topics that somebody listens to. Clones are the same.
#[derive(Clone)]
pub(super) struct Topics {
    newest_only: &'static [&'static str],
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    topics: HashMap<Key, Topic>,
    opened: u64,
}

/// Something that is listened to.
struct Topic {
    number: u64,
    voice: Voice,
    /// Of what it was begun with. If that has changed, what was last said may not be what would be
    /// said now, and whoever comes later has to hear the latter first.
    standing: Standing,
}

/// How a topic is told to its listeners.
#[derive(Clone)]
enum Voice {
    Newest(watch::Sender<Option<Arc<Answer>>>),
    Each(broadcast::Sender<Arc<Answer>>),
}

type Answers = BoxStream<'static, Arc<Answer>>;

impl Topics {
    pub(super) fn new(newest_only: &'static [&'static str]) -> Self {
        Self { newest_only, open: Arc::default() }
    }

    /// Listens to a topic, which `begin` begins if nobody does.
    pub(super) fn join(
        &self,
        key: Key,
        subject: &str,
        standing: Standing,
        begin: impl FnOnce() -> Answers,
    ) -> Answers {
        let mut open = self.open();
        if let Some(topic) = open.topics.get(&key)
            && topic.standing.verdict() == Verdict::Holds
        {
            return topic.voice.listen();
        }
        let voice = match self.newest_only.contains(&subject) {
            true => Voice::Newest(watch::Sender::new(None)),
            false => Voice::Each(broadcast::Sender::new(BEHIND_MOST)),
        };
        open.opened += 1;
        let number = open.opened;
        let listener = voice.listen();
        tokio::spawn(self.clone().tell(key, number, voice.clone(), begin()));
        open.topics.insert(key, Topic { number, voice, standing });
        listener
    }

    /// Tells a topic until it has nothing more to say, or nobody listens any more.
    async fn tell(self, key: Key, number: u64, voice: Voice, mut answers: Answers) {
        loop {
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => voice.say(answer),
                    None => break,
                },
                () = voice.is_alone() => if self.close_if_alone(&key, number, &voice) {
                    return;
                },
            }
        }
        self.close(&mut self.open(), &key, number);
    }

    /// Looked at while nobody can join.
    fn close_if_alone(&self, key: &Key, number: u64, voice: &Voice) -> bool {
        let mut open = self.open();
        let alone = voice.listeners() == 0;
        if alone {
            self.close(&mut open, key, number);
        }
        alone
    }

    /// The place may have been taken by a topic that was begun later.
    fn close(&self, open: &mut Open, key: &Key, number: u64) {
        if open.topics.get(key).is_some_and(|topic| topic.number == number) {
            open.topics.remove(key);
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Voice {
    fn say(&self, answer: Arc<Answer>) {
        match self {
            Self::Newest(sender) => drop(sender.send_replace(Some(answer))),
            // An error means that everybody has just gone.
            Self::Each(sender) => drop(sender.send(answer)),
        }
    }

    async fn is_alone(&self) {
        match self {
            Self::Newest(sender) => sender.closed().await,
            Self::Each(sender) => sender.closed().await,
        }
    }

    fn listeners(&self) -> usize {
        match self {
            Self::Newest(sender) => sender.receiver_count(),
            Self::Each(sender) => sender.receiver_count(),
        }
    }

    fn listen(&self) -> Answers {
        match self {
            Self::Newest(sender) => {
                let mut receiver = sender.subscribe();
                // What was said last is new to whoever comes now.
                receiver.mark_changed();
                stream::unfold(receiver, newest).boxed()
            }
            Self::Each(sender) => stream::unfold(Some(sender.subscribe()), each).boxed(),
        }
    }
}

async fn newest(
    mut receiver: watch::Receiver<Option<Arc<Answer>>>,
) -> Option<(Arc<Answer>, watch::Receiver<Option<Arc<Answer>>>)> {
    loop {
        receiver.changed().await.ok()?;
        let answer = receiver.borrow_and_update().clone();
        if let Some(answer) = answer {
            return Some((answer, receiver));
        }
    }
}

async fn each(
    receiver: Option<broadcast::Receiver<Arc<Answer>>>,
) -> Option<(Arc<Answer>, Option<broadcast::Receiver<Arc<Answer>>>)> {
    use broadcast::error::RecvError;
    let mut receiver = receiver?;
    match receiver.recv().await {
        Ok(answer) => Some((answer, Some(receiver))),
        // What was missed is said no more: it has to be asked for, and listened to anew.
        Err(RecvError::Lagged(_)) => {
            let error = Code::Unavailable.error_until("Some events were missed. Please subscribe again.", 1);
            Some((Arc::new(vec![error].into()), None))
        }
        Err(RecvError::Closed) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

    use async_graphql::{Response, Value};
    use futures_util::FutureExt;
    use tokio::sync::mpsc;

    use super::*;

    /// A stage on which topics are begun, and what is said there.
    struct Stage {
        topics: Topics,
        begun: AtomicUsize,
        holds: Arc<AtomicBool>,
    }

    type Speaker = mpsc::UnboundedSender<Arc<Answer>>;

    impl Stage {
        fn new() -> Self {
            let holds = Arc::new(AtomicBool::new(true));
            Self { topics: Topics::new(&["total"]), begun: AtomicUsize::new(0), holds }
        }

        fn join(&self, subject: &str) -> (Answers, Option<Speaker>) {
            let mut speaker = None;
            let holds = Arc::clone(&self.holds);
            let standing = Standing::new(move || match holds.load(SeqCst) {
                true => Verdict::Holds,
                false => Verdict::Past,
            });
            let key = Key::of(
                &crate::server::question::Question { query: Some(subject.to_owned()), ..Default::default() },
                &Default::default(),
            );
            let answers = self.topics.join(key.expect("a key"), subject, standing, || {
                self.begun.fetch_add(1, SeqCst);
                let (sender, receiver) = mpsc::unbounded_channel();
                speaker = Some(sender);
                stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))
                    .boxed()
            });
            (answers, speaker)
        }
    }

    fn answer(number: i32) -> Arc<Answer> {
        Arc::new(Response::new(Value::from(number)).into())
    }

    async fn heard(answers: &mut Answers) -> Option<String> {
        Some(answers.next().await?.json.to_string())
    }

    #[tokio::test]
    async fn what_several_listen_to_is_executed_once_and_handed_to_each() {
        let stage = Stage::new();
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
        let stage = Stage::new();
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
        let stage = Stage::new();
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
        let stage = Stage::new();
        let (mut slow, speaker) = stage.join("caseChanged");
        let (mut quick, _) = stage.join("caseChanged");
        let speaker = speaker.expect("begun");
        for number in 0..=i32::try_from(BEHIND_MOST).expect("a small number") {
            speaker.send(answer(number)).expect("it is listened to");
            assert_eq!(heard(&mut quick).await, Some(format!(r#"{{"data":{number}}}"#)));
        }
        let told = heard(&mut slow).await.expect("a word");
        assert!(told.contains("Some events were missed") && told.contains("UNAVAILABLE"), "{told}");
        assert_eq!(heard(&mut slow).await, None);
    }

    #[tokio::test]
    async fn a_topic_ends_with_its_last_listener() {
        let stage = Stage::new();
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
        let stage = Stage::new();
        let (mut one, speaker) = stage.join("total");
        stage.holds.store(false, SeqCst);
        let (_other, anew) = stage.join("total");
        assert!(anew.is_some());
        speaker.expect("begun").send(answer(2)).expect("it is still listened to");
        assert_eq!(heard(&mut one).await.as_deref(), Some(r#"{"data":2}"#));
    }
}
