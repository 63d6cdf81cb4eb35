//! Many sockets that listen to one total, in a thread of their own.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::sync::oneshot;

use crate::{
    figure::Latencies,
    question::{self, VERSION, WATCH},
    socket::Socket,
};

/// How many sockets open at the same time.
const OPENED_AT_ONCE: usize = 64;
/// After this, what has not arrived will not.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(5);

/// Who speaks to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// A service, which is asked by the protocol.
    Service,
    /// Bare sends, which come unasked.
    Sends,
}

/// Those who listen, until they are dropped.
pub(crate) struct Audience {
    heard: Arc<Heard>,
    leave: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What they have heard.
struct Heard {
    origin: Instant,
    /// When each version was sent on its way, counted from `base`, in microseconds after `origin`.
    sent: Box<[AtomicU64]>,
    base: AtomicU64,
    /// The newest version that each has heard.
    newest: Box<[AtomicU64]>,
    messages: AtomicU64,
    latencies: Mutex<Latencies>,
    /// What one of them heard last.
    last: Mutex<String>,
}

impl Audience {
    /// So many sockets, each of which has heard the present total. They are going to hear of at most
    /// `changes` changes.
    pub(crate) fn gather(address: &str, count: usize, speaker: Speaker, changes: usize) -> Self {
        let zeros = |count| (0..count).map(|_| AtomicU64::new(0)).collect();
        let heard = Arc::new(Heard {
            origin: Instant::now(),
            sent: zeros(changes),
            base: AtomicU64::new(u64::MAX),
            newest: zeros(count),
            messages: AtomicU64::new(0),
            latencies: Mutex::default(),
            last: Mutex::default(),
        });
        let (ready, gathered) = mpsc::channel();
        let (leave, left) = oneshot::channel::<()>();
        let (address, shared) = (address.to_owned(), Arc::clone(&heard));
        let thread = std::thread::spawn(move || {
            // One thread, since the service needs the other processors.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let numbers: Vec<_> = (0..count).collect();
                for numbers in numbers.chunks(OPENED_AT_ONCE) {
                    let opened =
                        join_all(numbers.iter().map(|&number| open(&address, number, speaker))).await;
                    for (&number, (socket, first)) in numbers.iter().zip(opened) {
                        shared.newest[number].store(question::number(&first, VERSION), Relaxed);
                        shared.last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&first);
                        tokio::spawn(listen(socket, number, Arc::clone(&shared)));
                    }
                }
                ready.send(()).ok();
                left.await.ok();
            });
        });
        gathered.recv().expect("all of them find a place");
        let base = heard.newest.iter().map(|newest| newest.load(Relaxed)).max().unwrap_or_default();
        heard.base.store(base, Relaxed);
        heard.messages.store(0, Relaxed);
        Self { heard, leave: Some(leave), thread: Some(thread) }
    }

    /// The version that all have heard of before the first change.
    pub(crate) fn base(&self) -> u64 {
        self.heard.base.load(Relaxed)
    }

    /// The message that one of them heard last.
    pub(crate) fn last(&self) -> String {
        self.heard.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The version with this number after the first is sent on its way now.
    pub(crate) fn note(&self, change: usize) {
        let now = u64::try_from(self.heard.origin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.heard.sent[change].store(now, Relaxed);
    }

    /// How many messages arrived.
    pub(crate) fn messages(&self) -> usize {
        usize::try_from(self.heard.messages.load(Relaxed)).expect("a number that fits")
    }

    /// Takes the latencies so far.
    pub(crate) fn take_latencies(&self) -> Latencies {
        std::mem::take(&mut *self.heard.latencies.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many have heard of this version, or a later one.
    pub(crate) fn at(&self, version: u64) -> usize {
        self.heard.newest.iter().filter(|newest| newest.load(Relaxed) >= version).count()
    }

    /// Waits until all have heard of this version.
    pub(crate) async fn all_at(&self, version: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.at(version) < self.heard.newest.len() {
            assert!(
                Instant::now() < deadline,
                "{} of {} sockets heard of version {version}",
                self.at(version),
                self.heard.newest.len()
            );
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Audience {
    fn drop(&mut self) {
        drop(self.leave.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

async fn open(address: &str, number: usize, speaker: Speaker) -> (Socket, String) {
    let mut socket = Socket::connect(address, number, None).await;
    if speaker == Speaker::Service {
        socket.greet().await;
        socket.subscribe(1, WATCH).await;
    }
    let first = socket.next().await.expect("the present total").to_owned();
    (socket, first)
}

async fn listen(mut socket: Socket, number: usize, heard: Arc<Heard>) {
    while let Some(message) = socket.next().await {
        heard.take(number, question::number(message, VERSION));
        if number == 0 {
            message.clone_into(&mut heard.last.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Heard {
    fn take(&self, number: usize, version: u64) {
        let before = self.newest[number].swap(version, Relaxed);
        assert!(version > before, "version {version} came after {before}");
        self.messages.fetch_add(1, Relaxed);
        // Whoever came early hears of what was before the first change, too.
        let Some(change) = version.checked_sub(self.base.load(Relaxed).saturating_add(1)) else { return };
        let sent = self.sent[usize::try_from(change).expect("a number that fits")].load(Relaxed);
        let latency = self.origin.elapsed().saturating_sub(Duration::from_micros(sent));
        self.latencies.lock().unwrap_or_else(PoisonError::into_inner).add(latency);
    }
}
