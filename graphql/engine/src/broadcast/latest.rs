//! Delivery of the latest event to many subscribers. They are divided into shards, each served by a task.
//!
//! An idle subscriber is served by a direct write where its connection allows it: waking thousands of tasks
//! costs as much as their writes. A busy subscriber keeps the latest event as pending.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures_util::Stream;
use tokio::{
    sync::{Notify, watch},
    task::yield_now,
};

use crate::{response::EncodedResponse, tcp_stream::Written};

/// The number of subscribers of a shard: serving them takes two milliseconds. Shards are served in parallel.
const MAX_SHARD_SIZE: usize = 256;
/// The number of direct writes before the task yields.
const WRITES_PER_TURN: usize = 32;

/// An event with its sequence number.
#[derive(Clone, Debug)]
struct Update {
    seq: u64,
    response: Arc<EncodedResponse>,
}

/// All subscribers of a broadcast.
#[derive(Default)]
pub(super) struct Subscribers {
    updates: watch::Sender<Option<Update>>,
    shards: Shards,
}

/// The shards that have subscribers, or had until just now.
type Shards = Arc<Mutex<Vec<Arc<Shard>>>>;

impl Subscribers {
    pub(super) fn publish(&self, response: Arc<EncodedResponse>) {
        self.updates.send_modify(|update| {
            let seq = update.as_ref().map_or(1, |update| update.seq + 1);
            *update = Some(Update { seq, response });
        });
    }

    /// Completes when there are no subscribers.
    pub(super) async fn unused(&self) {
        self.updates.closed().await;
    }

    /// The number of shards.
    pub(super) fn shard_count(&self) -> usize {
        self.updates.receiver_count()
    }

    /// Adds a subscriber. Its stream begins with the latest event, if there is one.
    pub(super) fn subscribe(
        &self,
        subscriber: Arc<Subscriber>,
    ) -> impl Stream<Item = Arc<EncodedResponse>> + Send + use<> {
        let mut shards = lock(&self.shards);
        let existing = shards.iter().find_map(|shard| shard.try_add(&subscriber));
        let subscription = existing.unwrap_or_else(|| {
            let shard = Arc::<Shard>::default();
            let subscription = shard.add(&mut lock(&shard.slots), subscriber);
            shards.push(Arc::clone(&shard));
            tokio::spawn(shard.run(self.updates.subscribe(), Arc::clone(&self.shards)));
            subscription
        });
        drop(shards);
        // The latest event is new to this subscriber.
        if let Some(update) = &*self.updates.borrow() {
            subscription.subscriber.deliver(update);
        }
        subscription
    }
}

#[derive(Default)]
struct Shard {
    slots: Mutex<Slots>,
    /// Notified when the last subscriber leaves.
    emptied: Notify,
}

#[derive(Default)]
struct Slots {
    subscribers: BTreeMap<u64, Arc<Subscriber>>,
    last_id: u64,
}

impl Shard {
    /// Adds a subscriber if the shard has room.
    fn try_add(self: &Arc<Self>, subscriber: &Arc<Subscriber>) -> Option<Subscription> {
        let mut slots = lock(&self.slots);
        (slots.subscribers.len() < MAX_SHARD_SIZE).then(|| self.add(&mut slots, Arc::clone(subscriber)))
    }

    fn add(self: &Arc<Self>, slots: &mut Slots, subscriber: Arc<Subscriber>) -> Subscription {
        slots.last_id += 1;
        let id = slots.last_id;
        slots.subscribers.insert(id, Arc::clone(&subscriber));
        Subscription { shard: Arc::clone(self), id, subscriber }
    }

    /// Delivers the updates until the broadcast ends, or until the shard is empty.
    async fn run(self: Arc<Self>, mut updates: watch::Receiver<Option<Update>>, shards: Shards) {
        loop {
            tokio::select! {
                changed = updates.changed() => {
                    if changed.is_err() {
                        return self.close();
                    }
                    let latest = updates.borrow_and_update().clone();
                    if let Some(latest) = latest {
                        self.deliver(&latest).await;
                    }
                }
                () = self.emptied.notified() => {
                    // Checked under the lock, so that no subscriber can join in between.
                    let mut shards = lock(&shards);
                    if lock(&self.slots).subscribers.is_empty() {
                        shards.retain(|shard| !Arc::ptr_eq(shard, &self));
                        // Dropped under the lock: `shard_count` counts the receivers.
                        drop(updates);
                        return;
                    }
                }
            }
        }
    }

    /// Delivers an update to one subscriber after the other. Subscribers may join and leave meanwhile.
    async fn deliver(&self, update: &Update) {
        let mut next = 0;
        loop {
            let batch: Vec<_> = {
                let slots = lock(&self.slots);
                let batch = slots.subscribers.range(next..).take(WRITES_PER_TURN);
                batch.map(|(id, subscriber)| (*id, Arc::clone(subscriber))).collect()
            };
            let Some((last, _)) = batch.last() else { return };
            next = last + 1;
            batch.iter().for_each(|(_, subscriber)| subscriber.deliver(update));
            yield_now().await;
        }
    }

    fn close(&self) {
        lock(&self.slots).subscribers.values().for_each(|subscriber| subscriber.close());
    }
}

/// Writes an event to the connection of an idle subscriber.
type DirectWriter = Box<dyn Fn(&EncodedResponse) -> Written + Send + Sync>;

/// A subscriber of a broadcast.
#[derive(Default)]
pub(crate) struct Subscriber {
    direct_writer: Option<DirectWriter>,
    state: Mutex<SubscriberState>,
}

#[derive(Default)]
struct SubscriberState {
    /// The sequence number of the latest event that was delivered.
    last_seq: u64,
    /// The event that the stream returns next.
    pending: Option<Arc<EncodedResponse>>,
    /// The waker of an idle subscriber. Without it, an older event may still be on its way, and a direct
    /// write is not allowed.
    waker: Option<Waker>,
    /// Whether the broadcast has ended.
    closed: bool,
    /// Whether the subscriber has left.
    unsubscribed: bool,
}

impl Subscriber {
    /// A subscriber for which `write` writes to the connection while it is idle.
    pub(crate) fn with_direct_writer(
        write: impl Fn(&EncodedResponse) -> Written + Send + Sync + 'static,
    ) -> Self {
        Self { direct_writer: Some(Box::new(write)), state: Mutex::default() }
    }

    /// Stops all further delivery.
    pub(crate) fn unsubscribe(&self) {
        let mut state = lock(&self.state);
        state.unsubscribed = true;
        state.pending = None;
        state.waker = None;
    }

    fn deliver(&self, update: &Update) {
        let mut state = lock(&self.state);
        if state.unsubscribed || update.seq <= state.last_seq {
            return;
        }
        state.last_seq = update.seq;
        let result = match &self.direct_writer {
            Some(write) if state.waker.is_some() && !update.response.is_request_error => {
                write(&update.response)
            }
            _ => Written::Nothing,
        };
        match result {
            Written::All => return,
            // The woken task sends the rest.
            Written::Partial => {}
            Written::Nothing => state.pending = Some(Arc::clone(&update.response)),
        }
        wake(state);
    }

    fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        wake(state);
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<Arc<EncodedResponse>>> {
        let mut state = lock(&self.state);
        if let Some(response) = state.pending.take() {
            return Poll::Ready(Some(response));
        }
        if state.closed || state.unsubscribed {
            return Poll::Ready(None);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

/// Wakes the stream's task, after the lock is released.
fn wake(mut state: MutexGuard<'_, SubscriberState>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The stream of a subscriber; dropping it unsubscribes.
struct Subscription {
    shard: Arc<Shard>,
    id: u64,
    subscriber: Arc<Subscriber>,
}

impl Stream for Subscription {
    type Item = Arc<EncodedResponse>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.subscriber.poll(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.subscriber.unsubscribe();
        let mut slots = lock(&self.shard.slots);
        slots.subscribers.remove(&self.id);
        if slots.subscribers.is_empty() {
            self.shard.emptied.notify_one();
        }
    }
}

fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
