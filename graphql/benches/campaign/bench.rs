//! What all works have in common: how long a round takes, and what was found out once.

use std::{collections::HashMap, time::Duration};

use tokio::sync::{Mutex, OnceCell};

use crate::{
    audience::{Audience, Speaker},
    choice::Choice,
    client::Client,
    load::Load,
    process::Process,
    question,
    store::{Kind, Store},
};

/// How many rounds the medians are taken from.
const ROUNDS: usize = 5;
/// Long enough that a hundredth of a second of CPU, the clock's unit, is less than a hundredth of it.
const ROUND: Duration = Duration::from_secs(3);
const ROUND_QUICK: Duration = Duration::from_millis(700);

pub(crate) struct Bench {
    pub kinds: Vec<Kind>,
    pub quick: bool,
    sample: OnceCell<Sample>,
    events: OnceCell<Store>,
    filled: Mutex<HashMap<usize, Store>>,
}

/// What the service answers, for the limits to send as much.
pub(crate) struct Sample {
    /// The answer with ten cases.
    pub cases: String,
    /// How long the one with twenty events is.
    pub events: usize,
    /// The message that a ticker hears.
    pub message: String,
}

impl Bench {
    pub(crate) fn new(choice: &Choice) -> Self {
        Self {
            kinds: Kind::all(),
            quick: choice.quick,
            sample: OnceCell::new(),
            events: OnceCell::new(),
            filled: Mutex::default(),
        }
    }

    pub(crate) const fn rounds(&self) -> usize {
        if self.quick { 1 } else { ROUNDS }
    }

    pub(crate) const fn round(&self) -> Duration {
        if self.quick { ROUND_QUICK } else { ROUND }
    }

    /// So many clients for a round. When it has to be quick, there is no time for a queue.
    pub(crate) const fn load(&self, clients: usize) -> Load {
        Load { clients: self.size(clients, clients / 8), round: self.round() }
    }

    /// The first of two sizes, or the second if it has to be quick.
    pub(crate) const fn size(&self, whole: usize, quick: usize) -> usize {
        if self.quick { quick } else { whole }
    }

    pub(crate) async fn sample(&self) -> &Sample {
        let make = async || {
            let (store, edition) = Store::fresh(&Kind::Sqlite).await;
            let service = Process::service(&store.url);
            let mut client = Client::connect(service.address()).await;
            let mut body = String::new();
            edition.report(&mut body, 0);
            question::are_accepted(client.post(&body).await, 1);
            question::cases(&mut body, 0);
            let cases = client.post(&body).await.to_owned();
            let message = Audience::gather(service.address(), 1, Speaker::Service, 0).last();
            let with_events = Process::service(&self.with_events().await.url);
            question::events(&mut body, 0);
            let events = Client::connect(with_events.address()).await.post(&body).await.len();
            Sample { cases, events, message }
        };
        self.sample.get_or_init(make).await
    }

    /// A database with as many events as one country has in a year, which is filled once.
    pub(crate) async fn with_events(&self) -> &Store {
        let make = async || {
            let (store, edition) = Store::fresh(&Kind::Sqlite).await;
            let service = Process::service(&store.url);
            let mut client = Client::connect(service.address()).await;
            let mut body = String::new();
            for turn in 0..self.size(1_500, 200) {
                edition.event(&mut body, turn);
                question::is_listed(client.post(&body).await);
            }
            drop(service);
            // Their organizers would be written to while something else is measured.
            store.forget_mail();
            store
        };
        self.events.get_or_init(make).await
    }

    /// How the figures were come by.
    pub(crate) fn heading(&self) -> String {
        let (rounds, seconds) = (self.rounds(), self.round().as_secs_f64());
        format!("{}; medians of {rounds} rounds of {seconds} s.", Self::machine())
    }

    /// What they were measured on.
    pub(crate) fn machine() -> String {
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = about.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        let model = model.trim_start_matches([' ', '\t', ':']);
        let debug = if cfg!(debug_assertions) { "A DEBUG BUILD, WHICH SAYS NOTHING. " } else { "" };
        format!("{debug}{cores} cores of {model}, which service, load and databases share")
    }

    /// The URL of a database with so many reports, which is filled once.
    pub(crate) async fn filled(&self, reports: usize, progress: impl Fn(usize)) -> String {
        let mut filled = self.filled.lock().await;
        if let Some(store) = filled.get(&reports) {
            return store.url.clone();
        }
        let (store, edition) = Store::fresh(&Kind::Sqlite).await;
        edition.fill(&store.open(), reports, progress).await;
        let url = store.url.clone();
        filled.insert(reports, store);
        url
    }
}
