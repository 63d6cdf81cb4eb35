//! The active operations of a socket.
//!
//! They run in the task of the socket, and only streams that were woken are polled: an operation costs a
//! stream, a subscriber and an entry, whatever the others do. Direct writes bypass it.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt,
    stream::{AbortHandle, Abortable, BoxStream, SelectAll},
};

use crate::{broadcast::Subscriber, response::EncodedResponse};

/// The active operations by id.
#[derive(Default)]
pub(super) struct ActiveOperations {
    streams: SelectAll<OperationStream>,
    by_id: HashMap<Box<str>, OperationEntry>,
    last_number: u64,
}

struct OperationEntry {
    number: u64,
    handle: AbortHandle,
    subscriber: Arc<Subscriber>,
}

/// An event of an operation.
pub(super) struct OperationEvent {
    pub id: Arc<str>,
    /// The response, or `None` at the end of the operation.
    pub response: Option<Arc<EncodedResponse>>,
}

impl ActiveOperations {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Whether no stream is active.
    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Starts an operation.
    pub(super) fn start(
        &mut self,
        id: Box<str>,
        subscriber: Arc<Subscriber>,
        responses: BoxStream<'static, Arc<EncodedResponse>>,
    ) {
        self.last_number += 1;
        let number = self.last_number;
        let (handle, registration) = AbortHandle::new_pair();
        let responses = Some(Abortable::new(responses, registration));
        self.streams.push(OperationStream { id: Arc::from(&*id), number, responses });
        self.by_id.insert(id, OperationEntry { number, handle, subscriber });
    }

    /// Stops an operation. An unknown id belongs to one that has already ended.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(entry) = self.by_id.remove(id) {
            entry.subscriber.unsubscribe();
            entry.handle.abort();
        }
    }

    /// The next event. A stopped operation has no further events, even if its id is already in use again.
    pub(super) async fn next(&mut self) -> Option<OperationEvent> {
        loop {
            let (id, number, response) = self.streams.next().await?;
            // A stopped operation has no further responses.
            if response.is_some() {
                return Some(OperationEvent { id, response });
            }
            if self.by_id.get(&*id).is_some_and(|entry| entry.number == number) {
                self.by_id.remove(&*id);
                return Some(OperationEvent { id, response });
            }
        }
    }
}

struct OperationStream {
    id: Arc<str>,
    number: u64,
    responses: Option<Abortable<BoxStream<'static, Arc<EncodedResponse>>>>,
}

impl Stream for OperationStream {
    type Item = (Arc<str>, u64, Option<Arc<EncodedResponse>>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(responses) = &mut self.responses else {
            return Poll::Ready(None);
        };
        let response = std::task::ready!(responses.poll_next_unpin(context));
        if response.is_none() {
            self.responses = None;
        }
        Poll::Ready(Some((Arc::clone(&self.id), self.number, response)))
    }
}
