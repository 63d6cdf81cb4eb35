//! Broadcasts: subscribers with the same cache key share one execution of a subscription, and each gets the
//! same bytes.
//!
//! A broadcast starts with its first subscriber and ends with its last. A slow subscriber gets either only
//! the latest event or all events, as the subscription field is configured, and never an older event after a
//! newer one. No subscriber waits for a slow one.
//!
//! For fields of which only the latest event counts, an idle subscriber is served by a direct write to its
//! connection, past its stream. See [`Subscriber`].

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

/// The number of events that a subscriber may lag behind where it gets every event.
const MAX_BACKLOG: usize = 256;

/// The open broadcasts. Clones share them.
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

/// An open broadcast.
struct Broadcast {
    id: u64,
    delivery: Delivery,
    /// The freshness of the data that the execution started with. Once that is stale, the last event may be
    /// outdated, and a new subscriber needs a new execution.
    freshness: Freshness,
}

/// How the events reach the subscribers.
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

    /// Subscribes to a broadcast. `start` executes the subscription if there is no current broadcast.
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

    /// Publishes the events of a subscription until it ends, or until there are no subscribers.
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

    /// Checks under the lock, so that no subscriber can join in between.
    fn close_if_unused(&self, key: &CacheKey, id: u64, delivery: &Delivery) -> bool {
        let mut open = self.open();
        let is_unused = delivery.subscriber_count() == 0;
        if is_unused {
            self.close(&mut open, key, id);
        }
        is_unused
    }

    /// The entry may belong to a later broadcast with the same key.
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
            // An error means that the last subscriber has just left.
            Self::All(sender) => drop(sender.send(response)),
        }
    }

    async fn unused(&self) {
        match self {
            Self::Latest(subscribers) => subscribers.unused().await,
            Self::All(sender) => sender.closed().await,
        }
    }

    /// Zero if and only if there are no subscribers.
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
        // The missed events are lost: the client has to subscribe again.
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
