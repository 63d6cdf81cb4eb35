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
    number: u64,
    answer: Arc<EncodedResponse>,
}

/// All who listen to one topic.
#[derive(Default)]
pub(super) struct Subscribers {
    news: watch::Sender<Option<Update>>,
    rows: Shards,
}

/// Those that somebody sits in, or sat in just now.
type Shards = Arc<Mutex<Vec<Arc<Shard>>>>;

impl Subscribers {
    pub(super) fn publish(&self, answer: Arc<EncodedResponse>) {
        self.news.send_modify(|news| {
            let number = news.as_ref().map_or(1, |news| news.number + 1);
            *news = Some(Update { number, answer });
        });
    }

    /// Ends once nobody listens.
    pub(super) async fn is_gone(&self) {
        self.news.closed().await;
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.news.receiver_count()
    }

    /// What is said to whoever takes this seat, the newest first.
    pub(super) fn subscribe(
        &self,
        seat: Arc<Subscriber>,
    ) -> impl Stream<Item = Arc<EncodedResponse>> + Send + use<> {
        let mut rows = lock(&self.rows);
        let found = rows.iter().find_map(|row| row.give(&seat));
        let sitting = found.unwrap_or_else(|| {
            let row = Arc::<Shard>::default();
            let sitting = row.sit(&mut lock(&row.seats), seat);
            rows.push(Arc::clone(&row));
            tokio::spawn(row.listen(self.news.subscribe(), Arc::clone(&self.rows)));
            sitting
        });
        drop(rows);
        // What was said last is new to whoever comes now.
        if let Some(news) = &*self.news.borrow() {
            sitting.seat.tell(news);
        }
        sitting
    }
}

#[derive(Default)]
struct Shard {
    seats: Mutex<Slots>,
    /// Told when the last one leaves.
    emptied: Notify,
}

#[derive(Default)]
struct Slots {
    taken: BTreeMap<u64, Arc<Subscriber>>,
    given: u64,
}

impl Shard {
    /// Gives a seat its place, if there is one.
    fn give(self: &Arc<Self>, seat: &Arc<Subscriber>) -> Option<Subscription> {
        let mut seats = lock(&self.seats);
        (seats.taken.len() < MAX_SHARD_SIZE).then(|| self.sit(&mut seats, Arc::clone(seat)))
    }

    fn sit(self: &Arc<Self>, seats: &mut Slots, seat: Arc<Subscriber>) -> Subscription {
        seats.given += 1;
        let number = seats.given;
        seats.taken.insert(number, Arc::clone(&seat));
        Subscription { row: Arc::clone(self), number, seat }
    }

    /// Passes on what is said until it ends, or nobody is left.
    async fn listen(self: Arc<Self>, mut news: watch::Receiver<Option<Update>>, rows: Shards) {
        loop {
            tokio::select! {
                changed = news.changed() => {
                    if changed.is_err() {
                        return self.end();
                    }
                    let newest = news.borrow_and_update().clone();
                    if let Some(newest) = newest {
                        self.tell(&newest).await;
                    }
                }
                () = self.emptied.notified() => {
                    // Looked at while nobody can sit down.
                    let mut rows = lock(&rows);
                    if lock(&self.seats).taken.is_empty() {
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
    async fn tell(&self, news: &Update) {
        let mut next = 0;
        loop {
            let turn: Vec<_> = {
                let seats = lock(&self.seats);
                let turn = seats.taken.range(next..).take(WRITES_PER_TURN);
                turn.map(|(number, seat)| (*number, Arc::clone(seat))).collect()
            };
            let Some((last, _)) = turn.last() else { return };
            next = last + 1;
            turn.iter().for_each(|(_, seat)| seat.tell(news));
            yield_now().await;
        }
    }

    fn end(&self) {
        lock(&self.seats).taken.values().for_each(|seat| seat.end());
    }
}

/// By which way whoever sits in a seat can be told at once.
type DirectWriter = Box<dyn Fn(&EncodedResponse) -> Written + Send + Sync>;

/// Where one who listens is told.
#[derive(Default)]
pub(crate) struct Subscriber {
    aloud: Option<DirectWriter>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of the newest that was said here.
    last_seq: u64,
    /// What whoever comes back finds.
    pending: Option<Arc<EncodedResponse>>,
    /// Of whoever waits; while nobody does, nothing may be said aloud, for something older may be on its way.
    waker: Option<Waker>,
    /// Whether nothing more will be said.
    has_ended: bool,
    /// Whether nobody is there any more.
    unsubscribed: bool,
}

impl Subscriber {
    /// A seat where `aloud` tells whoever waits.
    pub(crate) fn with_direct_writer(
        aloud: impl Fn(&EncodedResponse) -> Written + Send + Sync + 'static,
    ) -> Self {
        Self { aloud: Some(Box::new(aloud)), state: Mutex::default() }
    }

    /// From now on nothing is said here any more.
    pub(crate) fn leave(&self) {
        let mut state = lock(&self.state);
        state.unsubscribed = true;
        state.pending = None;
        state.waker = None;
    }

    fn tell(&self, news: &Update) {
        let mut state = lock(&self.state);
        if state.unsubscribed || news.number <= state.last_seq {
            return;
        }
        state.last_seq = news.number;
        let told = match &self.aloud {
            Some(aloud) if state.waker.is_some() && !news.answer.is_refusal => aloud(&news.answer),
            _ => Written::Nothing,
        };
        match told {
            Written::All => return,
            // Whoever is woken sends the rest.
            Written::Begun => {}
            Written::Nothing => state.pending = Some(Arc::clone(&news.answer)),
        }
        wake(state);
    }

    fn end(&self) {
        let mut state = lock(&self.state);
        state.has_ended = true;
        wake(state);
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<Arc<EncodedResponse>>> {
        let mut state = lock(&self.state);
        if let Some(answer) = state.pending.take() {
            return Poll::Ready(Some(answer));
        }
        if state.has_ended || state.unsubscribed {
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
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Somebody who sits in a seat, until they leave.
struct Subscription {
    row: Arc<Shard>,
    number: u64,
    seat: Arc<Subscriber>,
}

impl Stream for Subscription {
    type Item = Arc<EncodedResponse>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.seat.poll(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.seat.leave();
        let mut seats = lock(&self.row.seats);
        seats.taken.remove(&self.number);
        if seats.taken.is_empty() {
            self.row.emptied.notify_one();
        }
    }
}

fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
