//! Topics: what several listen to is executed once and written once, and each of them is handed the
//! same bytes.
//!
//! A topic begins with its first listener and ends with its last. A listener who was busy hears the
//! newest of what came meanwhile, or all of it, as the nature of the topic is; never anything older
//! after anything newer. Nobody waits for a slow one.
//!
//! A listener has a [`Seat`]. Where only the newest counts, whoever sits there waiting is told past the stream
//! that it listens by, if its line takes it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::sync::broadcast;

use super::{
    answer::Answer,
    door::{Standing, Verdict},
    fault::Code,
    kept::Key,
};

mod audience;

use audience::Audience;
pub(super) use audience::Seat;

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
    Newest(Arc<Audience>),
    Each(broadcast::Sender<Arc<Answer>>),
}

type Answers = BoxStream<'static, Arc<Answer>>;

impl Topics {
    pub(super) fn new(newest_only: &'static [&'static str]) -> Self {
        Self { newest_only, open: Arc::default() }
    }

    /// Listens to a topic from a seat. `begin` begins the topic if nobody listens to it.
    pub(super) fn join(
        &self,
        key: Key,
        subject: &str,
        standing: Standing,
        seat: Arc<Seat>,
        begin: impl FnOnce() -> Answers,
    ) -> Answers {
        let mut open = self.open();
        if let Some(topic) = open.topics.get(&key)
            && topic.standing.verdict() == Verdict::Holds
        {
            return topic.voice.listen(seat);
        }
        let voice = match self.newest_only.contains(&subject) {
            true => Voice::Newest(Arc::default()),
            false => Voice::Each(broadcast::Sender::new(BEHIND_MOST)),
        };
        open.opened += 1;
        let number = open.opened;
        let listener = voice.listen(seat);
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
            Self::Newest(audience) => audience.say(answer),
            // An error means that everybody has just gone.
            Self::Each(sender) => drop(sender.send(answer)),
        }
    }

    async fn is_alone(&self) {
        match self {
            Self::Newest(audience) => audience.is_gone().await,
            Self::Each(sender) => sender.closed().await,
        }
    }

    /// None if and only if nobody listens.
    fn listeners(&self) -> usize {
        match self {
            Self::Newest(audience) => audience.rows(),
            Self::Each(sender) => sender.receiver_count(),
        }
    }

    fn listen(&self, seat: Arc<Seat>) -> Answers {
        match self {
            Self::Newest(audience) => audience.sit(seat).boxed(),
            Self::Each(sender) => stream::unfold(Some(sender.subscribe()), each).boxed(),
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
mod tests;
