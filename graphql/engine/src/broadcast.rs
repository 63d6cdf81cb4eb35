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

use crate::{
    cache_key::CacheKey,
    error::ErrorCode,
    freshness::{Freshness, FreshnessState},
    response::EncodedResponse,
};

mod latest;

pub(crate) use latest::Subscriber;
use latest::Subscribers;

/// How many events a listener may be behind where each one counts: more cases than a campaign has.
const MAX_BACKLOG: usize = 256;

/// The topics that somebody listens to. Clones are the same.
#[derive(Clone)]
pub(crate) struct Broadcasts {
    latest_value_fields: &'static [&'static str],
    open: Arc<Mutex<OpenBroadcasts>>,
}

#[derive(Default)]
struct OpenBroadcasts {
    by_key: HashMap<CacheKey, Broadcast>,
    last_id: u64,
}

/// Something that is listened to.
struct Broadcast {
    id: u64,
    delivery: Delivery,
    /// Of what it was begun with. If that has changed, what was last said may not be what would be
    /// said now, and whoever comes later has to hear the latter first.
    freshness: Freshness,
}

/// How a topic is told to its listeners.
#[derive(Clone)]
enum Delivery {
    Latest(Arc<Subscribers>),
    All(broadcast::Sender<Arc<EncodedResponse>>),
}

type ResponseStream = BoxStream<'static, Arc<EncodedResponse>>;

impl Broadcasts {
    pub(crate) fn new(latest_value_fields: &'static [&'static str]) -> Self {
        Self { latest_value_fields, open: Arc::default() }
    }

    /// Listens to a topic from a seat. `begin` begins the topic if nobody listens to it.
    pub(crate) fn subscribe(
        &self,
        key: CacheKey,
        field_name: &str,
        freshness: Freshness,
        subscriber: Arc<Subscriber>,
        start: impl FnOnce() -> ResponseStream,
    ) -> ResponseStream {
        let mut open = self.open();
        if let Some(broadcast) = open.by_key.get(&key)
            && broadcast.freshness.state() == FreshnessState::Current
        {
            return broadcast.delivery.subscribe(subscriber);
        }
        let delivery = match self.latest_value_fields.contains(&field_name) {
            true => Delivery::Latest(Arc::default()),
            false => Delivery::All(broadcast::Sender::new(MAX_BACKLOG)),
        };
        open.last_id += 1;
        let id = open.last_id;
        let subscription = delivery.subscribe(subscriber);
        tokio::spawn(self.clone().run(key, id, delivery.clone(), start()));
        open.by_key.insert(key, Broadcast { id, delivery, freshness });
        subscription
    }

    /// Tells a topic until it has nothing more to say, or nobody listens any more.
    async fn run(self, key: CacheKey, id: u64, delivery: Delivery, mut responses: ResponseStream) {
        loop {
            tokio::select! {
                response = responses.next() => match response {
                    Some(response) => delivery.publish(response),
                    None => break,
                },
                () = delivery.unused() => if self.close_if_unused(&key, id, &delivery) {
                    return;
                },
            }
        }
        self.close(&mut self.open(), &key, id);
    }

    /// Looked at while nobody can join.
    fn close_if_unused(&self, key: &CacheKey, id: u64, delivery: &Delivery) -> bool {
        let mut open = self.open();
        let is_unused = delivery.subscriber_count() == 0;
        if is_unused {
            self.close(&mut open, key, id);
        }
        is_unused
    }

    /// The place may have been taken by a topic that was begun later.
    fn close(&self, open: &mut OpenBroadcasts, key: &CacheKey, id: u64) {
        if open.by_key.get(key).is_some_and(|broadcast| broadcast.id == id) {
            open.by_key.remove(key);
        }
    }

    fn open(&self) -> MutexGuard<'_, OpenBroadcasts> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery {
    fn publish(&self, response: Arc<EncodedResponse>) {
        match self {
            Self::Latest(subscribers) => subscribers.publish(response),
            // An error means that everybody has just gone.
            Self::All(sender) => drop(sender.send(response)),
        }
    }

    async fn unused(&self) {
        match self {
            Self::Latest(subscribers) => subscribers.unused().await,
            Self::All(sender) => sender.closed().await,
        }
    }

    /// None if and only if nobody listens.
    fn subscriber_count(&self) -> usize {
        match self {
            Self::Latest(subscribers) => subscribers.shard_count(),
            Self::All(sender) => sender.receiver_count(),
        }
    }

    fn subscribe(&self, subscriber: Arc<Subscriber>) -> ResponseStream {
        match self {
            Self::Latest(subscribers) => subscribers.subscribe(subscriber).boxed(),
            Self::All(sender) => stream::unfold(Some(sender.subscribe()), next_event).boxed(),
        }
    }
}

async fn next_event(
    receiver: Option<broadcast::Receiver<Arc<EncodedResponse>>>,
) -> Option<(Arc<EncodedResponse>, Option<broadcast::Receiver<Arc<EncodedResponse>>>)> {
    use broadcast::error::RecvError;
    let mut receiver = receiver?;
    match receiver.recv().await {
        Ok(response) => Some((response, Some(receiver))),
        // What was missed is said no more: it has to be asked for, and listened to anew.
        Err(RecvError::Lagged(_)) => {
            let error = ErrorCode::Unavailable
                .error_with_retry_after("Some events were missed. Please subscribe again.", 1);
            Some((Arc::new(vec![error].into()), None))
        }
        Err(RecvError::Closed) => None,
    }
}

#[cfg(test)]
mod tests;
