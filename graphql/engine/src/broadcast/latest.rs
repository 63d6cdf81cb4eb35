//! Those who listen to a topic of which only the newest counts. They sit in rows, and each row is told by a
//! task of its own.
//!
//! Whoever sits and waits is told there and then, if there is a way to: waking thousands of tasks costs as much
//! again as what they then send. Whoever is busy, or cannot be told at once, finds the newest in the seat.

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

/// How many one task tells: what takes it two milliseconds. Rows are told side by side.
const MAX_SHARD_SIZE: usize = 256;
/// How many it tells before others have their turn.
const WRITES_PER_TURN: usize = 32;

/// An answer, with its number among those that were said.
#[derive(Clone, Debug)]
struct Update {
    seq: u64,
    response: Arc<EncodedResponse>,
}

/// All who listen to one topic.
#[derive(Default)]
pub(super) struct Subscribers {
    updates: watch::Sender<Option<Update>>,
    shards: Shards,
}

/// Those that somebody sits in, or sat in just now.
type Shards = Arc<Mutex<Vec<Arc<Shard>>>>;

impl Subscribers {
    pub(super) fn publish(&self, response: Arc<EncodedResponse>) {
        self.updates.send_modify(|update| {
            let seq = update.as_ref().map_or(1, |update| update.seq + 1);
            *update = Some(Update { seq, response });
        });
    }

    /// Ends once nobody listens.
    pub(super) async fn unused(&self) {
        self.updates.closed().await;
    }

    /// How many rows there are.
    pub(super) fn shard_count(&self) -> usize {
        self.updates.receiver_count()
    }

    /// What is said to whoever takes this seat, the newest first.
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
        // What was said last is new to whoever comes now.
        if let Some(update) = &*self.updates.borrow() {
            subscription.subscriber.deliver(update);
        }
        subscription
    }
}

#[derive(Default)]
struct Shard {
    slots: Mutex<Slots>,
    /// Told when the last one leaves.
    emptied: Notify,
}

#[derive(Default)]
struct Slots {
    subscribers: BTreeMap<u64, Arc<Subscriber>>,
    last_id: u64,
}

impl Shard {
    /// Gives a seat its place, if there is one.
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

    /// Passes on what is said until it ends, or nobody is left.
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
                    // Looked at while nobody can sit down.
                    let mut shards = lock(&shards);
                    if lock(&self.slots).subscribers.is_empty() {
                        shards.retain(|shard| !Arc::ptr_eq(shard, &self));
                        // Whoever counts the rows does so after this.
                        drop(updates);
                        return;
                    }
                }
            }
        }
    }

    /// Tells one after the other. Others come and go meanwhile.
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

/// By which way whoever sits in a seat can be told at once.
type DirectWriter = Box<dyn Fn(&EncodedResponse) -> Written + Send + Sync>;

/// Where one who listens is told.
#[derive(Default)]
pub(crate) struct Subscriber {
    direct_writer: Option<DirectWriter>,
    state: Mutex<SubscriberState>,
}

#[derive(Default)]
struct SubscriberState {
    /// The number of the newest that was said here.
    last_seq: u64,
    /// What whoever comes back finds.
    pending: Option<Arc<EncodedResponse>>,
    /// Of whoever waits; while nobody does, nothing may be said aloud, for something older may be on its way.
    waker: Option<Waker>,
    /// Whether nothing more will be said.
    closed: bool,
    /// Whether nobody is there any more.
    unsubscribed: bool,
}

impl Subscriber {
    /// A seat where `aloud` tells whoever waits.
    pub(crate) fn with_direct_writer(
        write: impl Fn(&EncodedResponse) -> Written + Send + Sync + 'static,
    ) -> Self {
        Self { direct_writer: Some(Box::new(write)), state: Mutex::default() }
    }

    /// From now on nothing is said here any more.
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
            // Whoever is woken sends the rest.
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

/// Wakes whoever waits, who may look at once.
fn wake(mut state: MutexGuard<'_, SubscriberState>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Somebody who sits in a seat, until they leave.
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
