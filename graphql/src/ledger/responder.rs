//! Responders: the way of a result back to the client that waits for it.

use tokio::sync::oneshot;

use super::fair_shares::QueueSlot;

/// The channel of a response and the slot of the queue that is taken until then. If the client has disconnected, the
/// slot stays taken, since the job is still to be done.
pub(super) struct Responder<T> {
    answer: oneshot::Sender<T>,
    pub(super) place: QueueSlot,
}

impl<T> Responder<T> {
    pub(super) fn new(place: QueueSlot) -> (Self, oneshot::Receiver<T>) {
        let (answer, answered) = oneshot::channel();
        (Self { answer, place }, answered)
    }

    pub(super) fn respond(self, answer: T) {
        drop(self.answer.send(answer));
    }
}
