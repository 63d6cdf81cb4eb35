use super::*;
use crate::{Zone, event::SessionDraft};

fn session(start: &str) -> Session {
    let typed = SessionDraft {
        local_start: start.into(),
        local_end: format!("{}T23:00", &start[..10]),
        ..SessionDraft::default()
    };
    typed.parse(&Zone::parse("America/Toronto").expect("a zone")).expect("a session")
}

fn sessions(starts: &[&str]) -> Vec<Session> {
    starts.iter().map(|start| session(start)).collect()
}

/// An event's sessions with their numbers, and the numbers of those that were removed.
struct Told {
    sessions: Vec<Session>,
    numbers: SessionNumbers,
}

impl Told {
    fn of(starts: &[&str]) -> Self {
        Self { sessions: sessions(starts), numbers: SessionNumbers::default() }
    }

    /// The numbers of the sessions and of those that were removed, after a change to these.
    fn change(&mut self, starts: &[&str]) -> (Vec<u32>, Vec<u32>) {
        let after = sessions(starts);
        self.numbers = self.numbers.after(&self.sessions, &after);
        self.sessions = after;
        let removed = self.numbers.removed().iter().map(|removed| removed.number);
        (self.numbers.of(self.sessions.len()), removed.collect())
    }
}

const THREE: [&str; 3] = ["2021-12-01T18:00", "2021-12-08T18:00", "2021-12-15T18:00"];

#[test]
fn taking_out_the_first_session_renames_no_other() {
    let mut event = Told::of(&THREE);
    assert_eq!(event.change(&THREE[1..]), (vec![2, 3], vec![1]));
    // A number is not used again, not even that of the last one.
    assert_eq!(event.change(&THREE[1..2]), (vec![2], vec![1, 3]));
    assert_eq!(event.change(&[THREE[1], "2021-12-20T18:00"]), (vec![2, 4], vec![1, 3]));
}

#[test]
fn a_session_that_comes_back_is_the_one_that_was_removed() {
    let mut event = Told::of(&THREE);
    event.change(&THREE[1..]);
    assert_eq!(event.change(&THREE), (vec![1, 2, 3], vec![]));
    assert_eq!(event.numbers, SessionNumbers::default());
}

#[test]
fn a_session_that_moves_keeps_its_number() {
    let mut event = Told::of(&THREE);
    assert_eq!(event.change(&[THREE[0], "2021-12-09T19:00", THREE[2]]), (vec![1, 2, 3], vec![]));
    // Before the first and behind the last.
    assert_eq!(event.change(&["2021-11-30T18:00", THREE[0], THREE[2]]), (vec![2, 1, 3], vec![]));
    assert_eq!(event.change(&[THREE[0], THREE[2], "2021-12-31T18:00"]), (vec![1, 3, 2], vec![]));
    // One is removed, and another moves by a day.
    assert_eq!(event.change(&["2021-12-02T18:00", "2021-12-31T18:00"]), (vec![1, 2], vec![3]));
    let mut one = Told::of(&THREE[..1]);
    assert_eq!(one.change(&["2022-01-20T10:00"]), (vec![1], vec![]));
}

#[test]
fn a_session_before_the_first_is_a_new_one() {
    let mut event = Told::of(&THREE);
    let four = ["2021-11-24T18:00", THREE[0], THREE[1], THREE[2]];
    assert_eq!(event.change(&four), (vec![4, 1, 2, 3], vec![]));
}

#[test]
fn of_many_that_were_removed_the_first_are_forgotten_and_no_number_comes_back() {
    let mut event = Told::of(&THREE[..1]);
    let days: Vec<String> = (0..=MAX_REMOVED_SESSIONS)
        .map(|day| format!("20{:02}-{:02}-05T18:00", 22 + day / 12, 1 + day % 12))
        .collect();
    for day in &days {
        event.change(&[THREE[0], day]);
        event.change(&THREE[..1]);
    }
    let (numbers, removed) = event.change(&[THREE[0], "2030-01-01T18:00"]);
    assert_eq!(removed.len(), MAX_REMOVED_SESSIONS);
    assert_eq!((removed[0], numbers), (3, vec![1, 63]));
}

#[cfg(feature = "serde")]
#[test]
fn content_that_was_stored_without_numbers_has_those_of_its_positions() {
    let numbers: SessionNumbers =
        serde_json::from_str(r#"{"numbers":[],"removed":[],"highest":0}"#).expect("JSON");
    assert_eq!(numbers, SessionNumbers::default());
    assert_eq!(numbers.of(3), [1, 2, 3]);
    let mut event = Told::of(&THREE);
    event.change(&THREE[1..]);
    let stored = serde_json::to_string(&event.numbers).expect("JSON");
    assert_eq!(serde_json::from_str::<SessionNumbers>(&stored).expect("JSON"), event.numbers);
}
