//! One connection of the flood: batches of invented reports, as fast as they are answered.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{SENDER, Shared};
use crate::client::Client;

/// How many reports the batches have, in turn.
const SIZES: [usize; 3] = [1, 50, 500];
/// How many letters each report invents: as many as count without being looked at.
pub(super) const LETTERS: u64 = 500;
/// How long whoever is refused waits.
const PAUSE: Duration = Duration::from_millis(10);

/// What the flood sent, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub requests: u64,
    pub reports: u64,
    /// How many reports counted when they were answered.
    pub counted: u64,
    pub held: u64,
    /// How many reports were refused, by the code.
    pub refused: BTreeMap<String, u64>,
}

pub(super) async fn send(shared: Arc<Shared>, sender: usize) -> Sent {
    let connect = async || Client::connect_for(&shared.address, SENDER).await.ok();
    let (mut client, mut bodies, mut sent) = (None, SIZES.map(|_| String::new()), Sent::default());
    tokio::time::sleep_until(shared.floods.into()).await;
    for turn in sender.. {
        if Instant::now() >= shared.ends {
            break;
        }
        let (size, body) = (SIZES[turn % SIZES.len()], &mut bodies[turn % SIZES.len()]);
        if body.is_empty() {
            shared.edition.batch_of_letters(body, size, LETTERS);
        }
        if client.is_none() {
            client = connect().await;
        }
        let answer = match &mut client {
            Some(client) => client.try_post(body).await.ok(),
            None => None,
        };
        let is_taken = sent.note(answer, size as u64);
        // What was refused as a whole is sent again: with the same keys, as a client would.
        if answer.is_some_and(|answer| answer.starts_with(r#"{"data":{"#)) {
            body.clear();
        }
        if answer.is_none() {
            client = None;
        }
        if !is_taken {
            tokio::time::sleep(PAUSE).await;
        }
    }
    sent
}

impl Sent {
    /// Takes note of an answer to so many reports, or that there was none; says whether any of them was taken.
    fn note(&mut self, answer: Option<&str>, reports: u64) -> bool {
        self.requests += 1;
        self.reports += reports;
        let Some(answer) = answer else {
            self.refuse("no answer", reports);
            return false;
        };
        let states = |state| answer.matches(state).count() as u64;
        let (counted, held) = (states(r#""state":"ACCEPTED""#), states(r#""state":"PENDING_REVIEW""#));
        self.counted += counted;
        self.held += held;
        let codes = answer.split(r#""code":""#).skip(1).filter_map(|behind| behind.split('"').next());
        if answer.starts_with(r#"{"data":{"#) {
            codes.for_each(|code| self.refuse(code, 1));
        } else {
            self.refuse(codes.last().unwrap_or("another answer"), reports);
        }
        counted + held > 0
    }

    fn refuse(&mut self, code: &str, reports: u64) {
        *self.refused.entry(code.to_owned()).or_default() += reports;
    }

    /// Both together.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.requests += other.requests;
        self.reports += other.reports;
        self.counted += other.counted;
        self.held += other.held;
        for (code, reports) in other.refused {
            *self.refused.entry(code).or_default() += reports;
        }
        self
    }
}
