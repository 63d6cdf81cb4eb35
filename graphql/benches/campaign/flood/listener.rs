//! Sockets that listen to the total, each of an address of its own.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::{FIRST_LISTENER, Shared, excess::Excess};
use crate::{
    question::{LETTERS, VERSION, WATCH, number},
    socket::Socket,
};

/// How many sockets open at the same time.
const OPENED_AT_ONCE: usize = 64;
/// Of how many sockets one is looked at closely.
const SAMPLE: usize = 200;
/// After this, what has not arrived will not.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(5);

/// What one socket heard that is looked at closely.
#[derive(Debug, Default)]
struct Sampled {
    /// Which version came when, in order.
    versions: Vec<(u64, Instant)>,
    excess: Excess,
}

/// What all of them heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub messages: u64,
    /// How many sockets were closed.
    pub closed: usize,
    /// The longest time from an acknowledgement to the message that has it.
    pub longest: Duration,
    /// How many acknowledgements no message had.
    pub untold: usize,
    pub excess: Excess,
}

pub(super) struct Listeners {
    tasks: Vec<JoinHandle<()>>,
    messages: Arc<AtomicU64>,
    sampled: Vec<Arc<Mutex<Sampled>>>,
}

/// So many sockets that have subscribed.
pub(super) async fn open(address: &str, count: usize) -> Vec<Socket> {
    let mut sockets = Vec::with_capacity(count);
    let numbers: Vec<_> = (0..count).collect();
    for numbers in numbers.chunks(OPENED_AT_ONCE) {
        sockets.extend(join_all(numbers.iter().map(|&number| subscribed(address, number))).await);
    }
    sockets
}

async fn subscribed(address: &str, number: usize) -> Socket {
    let offset = u32::try_from(number).expect("fewer sockets than addresses");
    let mut socket = Socket::connect(address, number, None).await;
    socket.greet_for(Ipv4Addr::from_bits(FIRST_LISTENER.to_bits() + offset)).await;
    socket.subscribe(1, WATCH).await;
    socket.next().await.expect("the present total");
    socket
}

impl Listeners {
    /// They hear all that comes, until this is dropped.
    pub(super) fn listen(sockets: Vec<Socket>, shared: &Arc<Shared>) -> Self {
        let (messages, mut sampled) = (Arc::new(AtomicU64::new(0)), Vec::new());
        let mut listen = |number: usize, socket| {
            let sample = number.is_multiple_of(SAMPLE).then(|| Arc::new(Mutex::new(Sampled::default())));
            sampled.extend(sample.clone());
            tokio::spawn(listen(socket, Arc::clone(shared), Arc::clone(&messages), sample))
        };
        let tasks = sockets.into_iter().enumerate().map(|(number, socket)| listen(number, socket)).collect();
        Self { tasks, messages, sampled }
    }

    /// What they heard, once they have heard of all that was acknowledged or had long enough.
    pub(super) async fn heard(&self, acknowledged: &[(u64, Instant)]) -> Heard {
        let last = acknowledged.iter().map(|(version, _)| *version).max().unwrap_or_default();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && !self.sampled.iter().all(|sampled| lock(sampled).has(last)) {
            tokio::time::sleep(LOOK).await;
        }
        let mut heard = Heard {
            messages: self.messages.load(Relaxed),
            closed: self.tasks.iter().filter(|task| task.is_finished()).count(),
            ..Heard::default()
        };
        for sampled in &self.sampled {
            let sampled = lock(sampled);
            heard.excess = heard.excess.or(sampled.excess);
            for (version, acknowledged_at) in acknowledged {
                match sampled.when(*version) {
                    Some(told_at) => {
                        let takes = told_at.saturating_duration_since(*acknowledged_at);
                        heard.longest = heard.longest.max(takes);
                    }
                    None => heard.untold += 1,
                }
            }
        }
        heard
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Sampled {
    fn has(&self, version: u64) -> bool {
        self.versions.last().is_some_and(|(last, _)| *last >= version)
    }

    /// When the first message came that has this version.
    fn when(&self, version: u64) -> Option<Instant> {
        let first = self.versions.partition_point(|(told, _)| *told < version);
        self.versions.get(first).map(|(_, at)| *at)
    }
}

async fn listen(
    mut socket: Socket,
    shared: Arc<Shared>,
    messages: Arc<AtomicU64>,
    sampled: Option<Arc<Mutex<Sampled>>>,
) {
    while let Some(message) = socket.next().await {
        messages.fetch_add(1, Relaxed);
        if let Some(sampled) = &sampled {
            let (version, letters) = (number(message, VERSION), number(message, LETTERS));
            let mut sampled = lock(sampled);
            sampled.versions.push((version, Instant::now()));
            sampled.excess.look(letters, shared.honest.sent());
        }
    }
}

fn lock(sampled: &Mutex<Sampled>) -> std::sync::MutexGuard<'_, Sampled> {
    sampled.lock().unwrap_or_else(PoisonError::into_inner)
}
