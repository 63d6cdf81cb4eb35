//! W4: a live total that changes ten times a second, and the bare sends of its bytes.

use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

use crate::{
    audience::{Audience, Speaker},
    bench::Bench,
    client::Client,
    figure::{Figure, Latencies},
    limit::Limit,
    load::turn,
    process::{Meter, Process},
    question::{self, VERSION, are_accepted},
    store::{Kind, Store},
};

/// Ten changes a second.
pub(crate) const EVERY: Duration = Duration::from_millis(100);

/// Latencies are those from the moment at which a report is sent, its commit among it, to the moment
/// at which a socket hears of it. Memory is that of each socket.
pub(super) async fn watch(bench: &Bench, sockets: usize) -> Figure {
    let changes = bench.size(50, 8);
    let (store, edition) = Store::fresh(&Kind::Sqlite).await;
    let service = Process::service(&store.url);
    let mut client = Client::connect(service.address()).await;
    let mut body = String::new();
    edition.report(&mut body, turn(1));
    are_accepted(client.post(&body).await, 1);
    let memory_before = service.memory();
    let audience = Audience::gather(service.address(), sockets, Speaker::Service, changes);
    let meter = Meter::start(&service);
    let mut commits = Latencies::default();
    pace(changes, async |change| {
        edition.report(&mut body, turn(1));
        let sent = Instant::now();
        audience.note(change);
        let answer = client.post(&body).await;
        commits.add(sent.elapsed());
        are_accepted(answer, 1);
        assert_eq!(question::number(answer, VERSION), audience.base() + change as u64 + 1);
    })
    .await;
    audience.all_at(audience.base() + changes as u64).await;
    let reading = meter.read(&service);
    let messages = audience.messages();
    let told = messages as f64 / (sockets * changes) as f64;
    Figure {
        memory: Some((reading.memory - memory_before) / sockets as f64),
        aside: [Some(told), commits.percentile(50)],
        ..reading.over(messages).with(audience.take_latencies())
    }
}

/// The same bytes to as many sockets.
pub(super) async fn send(bench: &Bench, sockets: usize) -> Figure {
    let changes = bench.size(50, 8);
    let sample = &bench.sample().await.message;
    let mut limit = Process::limit(&Limit::Sends);
    limit.tell(&numbered(sample, 0));
    let memory_before = limit.memory();
    let audience = Audience::gather(limit.address(), sockets, Speaker::Sends, changes);
    let meter = Meter::start(&limit);
    pace(changes, async |change| {
        audience.note(change);
        limit.tell(&numbered(sample, change + 1));
    })
    .await;
    audience.all_at(changes as u64).await;
    let reading = meter.read(&limit);
    let messages = audience.messages();
    assert_eq!(messages, sockets * changes);
    Figure {
        memory: Some((reading.memory - memory_before) / sockets as f64),
        ..reading.over(messages).with(audience.take_latencies())
    }
}

/// The message with another version, and of the same length.
fn numbered(message: &str, version: usize) -> String {
    let (before, behind) = message.split_once(VERSION).expect("a version");
    let digits = behind.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(behind.len());
    format!("{before}{VERSION}{version:digits$}{}", &behind[digits..])
}

/// Makes so many changes, ten a second, or fewer if one takes longer.
pub(crate) async fn pace(changes: usize, mut change: impl AsyncFnMut(usize)) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0..changes {
        ticks.tick().await;
        change(number).await;
    }
}
