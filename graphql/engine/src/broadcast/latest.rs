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
    pub(super) fn publish(&self, answer: Arc<EncodedResponse>) {
        self.updates.send_modify(|news| {
            let number = news.as_ref().map_or(1, |news| news.seq + 1);
            *news = Some(Update { seq: number, response: answer });
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
        seat: Arc<Subscriber>,
    ) -> impl Stream<Item = Arc<EncodedResponse>> + Send + use<> {
        let mut rows = lock(&self.shards);
        let found = rows.iter().find_map(|row| row.try_add(&seat));
        let sitting = found.unwrap_or_else(|| {
            let row = Arc::<Shard>::default();
            let sitting = row.add(&mut lock(&row.slots), seat);
            rows.push(Arc::clone(&row));
            tokio::spawn(row.run(self.updates.subscribe(), Arc::clone(&self.shards)));
            sitting
        });
        drop(rows);
        // What was said last is new to whoever comes now.
        if let Some(news) = &*self.updates.borrow() {
            sitting.subscriber.deliver(news);
        }
        sitting
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
    fn try_add(self: &Arc<Self>, seat: &Arc<Subscriber>) -> Option<Subscription> {
        let mut seats = lock(&self.slots);
        (seats.subscribers.len() < MAX_SHARD_SIZE).then(|| self.add(&mut seats, Arc::clone(seat)))
    }

    fn add(self: &Arc<Self>, seats: &mut Slots, seat: Arc<Subscriber>) -> Subscription {
        seats.last_id += 1;
        let number = seats.last_id;
        seats.subscribers.insert(number, Arc::clone(&seat));
        Subscription { shard: Arc::clone(self), id: number, subscriber: seat }
    }

    /// Passes on what is said until it ends, or nobody is left.
    async fn run(self: Arc<Self>, mut news: watch::Receiver<Option<Update>>, rows: Shards) {
        loop {
            tokio::select! {
                changed = news.changed() => {
                    if changed.is_err() {
                        return self.close();
                    }
                    let newest = news.borrow_and_update().clone();
                    if let Some(newest) = newest {
                        self.deliver(&newest).await;
                    }
                }
                () = self.emptied.notified() => {
                    // Looked at while nobody can sit down.
                    let mut rows = lock(&rows);
                    if lock(&self.slots).subscribers.is_empty() {
                        rows.retain(|row| !Arc::ptr_eq(row, &self));
                        // Whoever counts the rows does so after this.
                        drop(news);
                        return;
                    }
                }
            }
        }
    }

    /// Tells one after the other. Others come and go meanwhile.
    async fn deliver(&self, news: &Update) {
        let mut next = 0;
        loop {
            let turn: Vec<_> = {
                let seats = lock(&self.slots);
                let turn = seats.subscribers.range(next..).take(WRITES_PER_TURN);
                turn.map(|(number, seat)| (*number, Arc::clone(seat))).collect()
            };
            let Some((last, _)) = turn.last() else { return };
            next = last + 1;
            turn.iter().for_each(|(_, seat)| seat.deliver(news));
            yield_now().await;
        }
    }

    fn close(&self) {
        lock(&self.slots).subscribers.values().for_each(|seat| seat.close());
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
        aloud: impl Fn(&EncodedResponse) -> Written + Send + Sync + 'static,
    ) -> Self {
        Self { direct_writer: Some(Box::new(aloud)), state: Mutex::default() }
    }

    /// From now on nothing is said here any more.
    pub(crate) fn unsubscribe(&self) {
        let mut state = lock(&self.state);
        state.unsubscribed = true;
        state.pending = None;
        state.waker = None;
    }

    fn deliver(&self, news: &Update) {
        let mut state = lock(&self.state);
        if state.unsubscribed || news.seq <= state.last_seq {
            return;
        }
        state.last_seq = news.seq;
        let told = match &self.direct_writer {
            Some(aloud) if state.waker.is_some() && !news.response.is_request_error => aloud(&news.response),
            _ => Written::Nothing,
        };
        match told {
            Written::All => return,
            // Whoever is woken sends the rest.
            Written::Partial => {}
            Written::Nothing => state.pending = Some(Arc::clone(&news.response)),
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
        if let Some(answer) = state.pending.take() {
            return Poll::Ready(Some(answer));
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
        let mut seats = lock(&self.shard.slots);
        seats.subscribers.remove(&self.id);
        if seats.subscribers.is_empty() {
            self.shard.emptied.notify_one();
        }
    }
}

fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
