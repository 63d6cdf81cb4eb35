//! Clients that ask side by side, each as soon as it has its answer.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use tokio::time::sleep_until;

use crate::{
    client::Client,
    figure::{Figure, Latencies},
    process::{Meter, Process},
};

/// Before anything is measured: connections are made, answers and documents kept, and the processor
/// finds its pace.
pub(crate) const WARM_UP: Duration = Duration::from_millis(500);

/// So many clients, for so long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub clients: usize,
    pub round: Duration,
}

/// What they did.
pub(crate) struct Done {
    pub figure: Figure,
    /// Operations in all, also those that were not measured.
    pub all: usize,
}

/// Counts the operations of all rounds and clients, so that no two are alike.
static TURN: AtomicUsize = AtomicUsize::new(0);

/// The number of the next operation. It leaves room for `size` of them.
pub(crate) fn turn(size: usize) -> usize {
    TURN.fetch_add(size, Ordering::Relaxed)
}

impl Load {
    /// Puts the load on a process: `ask` writes a body, and `check` looks at each answer.
    pub(crate) async fn put<A>(self, process: &Process, ask: A, check: fn(&str)) -> Done
    where
        A: Fn(&mut String) + Clone + Send + 'static,
    {
        let from = Instant::now() + WARM_UP;
        let until = from + self.round;
        let clients: Vec<_> = (0..self.clients)
            .map(|_| {
                let (ask, address) = (ask.clone(), process.address().to_owned());
                tokio::spawn(async move { repeat(&address, from, until, ask, check).await })
            })
            .collect();
        sleep_until(from.into()).await;
        let meter = Meter::start(process);
        sleep_until(until.into()).await;
        let reading = meter.read(process);
        let (mut latencies, mut all) = (Latencies::default(), 0);
        for client in clients {
            let (measured, done) = client.await.expect("a client without trouble");
            latencies.extend(&measured);
            all += done;
        }
        Done { figure: reading.over(latencies.count()).with(latencies), all }
    }
}

async fn repeat(
    address: &str,
    from: Instant,
    until: Instant,
    ask: impl Fn(&mut String),
    check: fn(&str),
) -> (Latencies, usize) {
    let mut client = Client::connect(address).await;
    let (mut body, mut latencies, mut all) = (String::new(), Latencies::default(), 0);
    loop {
        let asked = Instant::now();
        if asked >= until {
            return (latencies, all);
        }
        ask(&mut body);
        check(client.post(&body).await);
        all += 1;
        let answered = Instant::now();
        if (from..until).contains(&answered) {
            latencies.add(answered - asked);
        }
    }
}
