//! Who reports honestly: some letters about once a second, and waits each time for the answer.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use tokio::time::{MissedTickBehavior, interval_at};

use super::{REPORTERS, Shared};
use crate::{
    client::Client,
    figure::Latencies,
    question::{self, VERSION},
};

/// How long one reporter rests between two reports.
const EVERY: Duration = Duration::from_secs(1);
/// Within this a report has to be acknowledged.
pub(super) const PROMPT: Duration = Duration::from_secs(1);
/// How many letters a report says at most.
const MAX_LETTERS: u64 = 9;

/// What honest reporters did and met.
#[derive(Debug, Default)]
pub(super) struct Reported {
    pub takes: Latencies,
    /// Letters that were acknowledged, and count.
    pub letters: u64,
    /// How many reports do not count, by the reason.
    pub refused: BTreeMap<String, usize>,
    /// How long after the beginning those were sent that were acknowledged too late.
    pub late: Vec<Duration>,
    /// When each was acknowledged, and with which version.
    pub acknowledged: Vec<(u64, Instant)>,
}

pub(super) async fn report(shared: Arc<Shared>, reporter: usize) -> Reported {
    let network = u8::try_from(reporter).expect("fewer reporters than networks");
    let address = Ipv4Addr::new(203, 0, network, 1);
    let connect = async || Client::connect_for(&shared.address, address).await.expect("a server");
    let (mut client, mut body, mut reported) = (connect().await, String::new(), Reported::default());
    let begins = shared.begins + EVERY * u32::from(network) / REPORTERS as u32;
    let mut ticks = interval_at(begins.into(), EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for turn in u64::from(network).. {
        ticks.tick().await;
        let sent_at = Instant::now();
        if sent_at >= shared.ends {
            break;
        }
        let letters = 1 + turn % MAX_LETTERS;
        shared.edition.letters(&mut body, letters);
        shared.honest.sent.fetch_add(letters, SeqCst);
        match client.try_post(&body).await {
            Ok(answer) if answer.contains(r#""state":"ACCEPTED""#) => {
                shared.honest.acknowledged.fetch_add(letters, SeqCst);
                let sent_after = sent_at - shared.begins;
                reported.count(letters, question::number(answer, VERSION), sent_at, sent_after);
            }
            Ok(answer) => reported.refuse(&reason(answer)),
            Err(_) => {
                reported.refuse("no answer");
                client = connect().await;
            }
        }
    }
    reported
}

/// Why a report does not count.
fn reason(answer: &str) -> String {
    let named = |name| question::text(answer, name);
    named(r#""code":"#).or_else(|| named(r#""state":"#)).unwrap_or("another answer").to_owned()
}

impl Reported {
    fn count(&mut self, letters: u64, version: u64, sent_at: Instant, sent_after: Duration) {
        let now = Instant::now();
        let takes = now - sent_at;
        self.letters += letters;
        self.takes.add(takes);
        self.acknowledged.push((version, now));
        self.late.extend((takes > PROMPT).then_some(sent_after));
    }

    fn refuse(&mut self, reason: &str) {
        *self.refused.entry(reason.to_owned()).or_default() += 1;
    }

    /// Both together.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.takes.extend(&other.takes);
        self.letters += other.letters;
        for (reason, reports) in other.refused {
            *self.refused.entry(reason).or_default() += reports;
        }
        self.late.extend(other.late);
        self.acknowledged.extend(other.acknowledged);
        self
    }
}
