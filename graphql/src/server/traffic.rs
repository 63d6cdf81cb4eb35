//! Traffic: how many questions came in which way and how they ended, and who is still connected.

use async_graphql::ServerError;

use super::fault;
use crate::meter::{Counter, Crowd, Present};

/// The way by which a question comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// A request of its own, answered once or in parts.
    #[default]
    Http,
    /// An event stream.
    Stream,
    /// A message on a WebSocket.
    Socket,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was answered.
    Done,
    /// Something in it could not be understood or was not allowed.
    Refused,
    /// We could not answer, or not all of it.
    Failed,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Http, Self::Stream, Self::Socket];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Stream => "stream",
            Self::Socket => "socket",
        }
    }
}

impl Outcome {
    pub(super) const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// What these errors make of an answer.
    pub(super) fn of(errors: &[ServerError]) -> Self {
        let is_ours =
            |error| matches!(fault::code(error), Some("INTERNAL" | "UNAVAILABLE" | "OUTCOME_UNKNOWN"));
        match errors {
            [] => Self::Done,
            errors if errors.iter().any(is_ours) => Self::Failed,
            _ => Self::Refused,
        }
    }
}

/// The meters at the door.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    questions: [[Counter; Outcome::ALL.len()]; Way::ALL.len()],
    connected: [Crowd; Way::ALL.len()],
    /// Subscriptions that run.
    pub subscriptions: Crowd,
}

impl Traffic {
    /// A question ended.
    pub(super) fn note(&self, way: Way, outcome: Outcome) {
        self.questions[way as usize][outcome as usize].add(1);
    }

    /// A connection that lasts is open, until the one who is counted goes.
    pub(super) fn connect(&self, way: Way) -> Present {
        self.connected[way as usize].enter()
    }

    /// How many questions came in this way and ended so.
    pub(super) fn questions(&self, way: Way, outcome: Outcome) -> u64 {
        self.questions[way as usize][outcome as usize].read()
    }

    /// How many connections that last are open.
    pub(super) fn connected(&self, way: Way) -> usize {
        self.connected[way as usize].read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::fault::Code;

    #[test]
    fn a_question_fails_if_part_of_it_does_and_is_refused_if_nothing_of_ours_is_wrong() {
        let [ours, theirs] = [Code::Internal.error("no"), Code::BadUserInput.error("no")];
        assert_eq!(Outcome::of(&[]), Outcome::Done);
        assert_eq!(Outcome::of(std::slice::from_ref(&theirs)), Outcome::Refused);
        assert_eq!(Outcome::of(&[theirs, ours]), Outcome::Failed);
    }

    #[test]
    fn every_way_and_outcome_has_a_meter_of_its_own() {
        let traffic = Traffic::default();
        for (place, way) in Way::ALL.into_iter().enumerate() {
            for (times, outcome) in Outcome::ALL.into_iter().enumerate() {
                (0..=10 * place + times).for_each(|_| traffic.note(way, outcome));
            }
        }
        assert_eq!(traffic.questions(Way::Stream, Outcome::Refused), 12);
        assert_eq!(traffic.questions(Way::Socket, Outcome::Failed), 23);
    }
}
