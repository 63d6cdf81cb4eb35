//! The totals in memory: one count for each edition, and whoever waits for the next one.
//!
//! A count never changes. Each commit makes a new one with a higher version, so that a reader who
//! holds one sees all its sums at one moment.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{Cells, EditionId, Tally, total::Drift};
use jiff::Timestamp;
use tokio::sync::watch;

/// The count of one edition at one version.
#[derive(Clone, Debug)]
pub struct Count {
    /// Grows by one with each commit that changes a total; 0 before the first.
    pub version: i64,
    /// When that commit was made.
    pub as_of: Timestamp,
    /// The sums.
    pub tally: Tally,
}

impl Count {
    /// The count before the first report.
    #[must_use]
    pub fn nothing() -> Self {
        Self { version: 0, as_of: Timestamp::UNIX_EPOCH, tally: Tally::default() }
    }

    /// The count after a change.
    ///
    /// # Errors
    /// [`Drift`] if the change takes away what was not counted.
    pub fn after(&self, change: &Cells, now: Timestamp) -> Result<Self, Drift> {
        let mut tally = self.tally.clone();
        tally.apply(change)?;
        Ok(Self { version: self.version + 1, as_of: now.max(self.as_of), tally })
    }
}

/// A count that is about to be told, for whoever speaks of it before.
#[derive(Debug)]
pub struct Coming {
    /// Of which edition it is.
    pub edition: EditionId,
    count: Arc<Count>,
    is_spoken_of: AtomicBool,
}

impl Coming {
    /// The next count of an edition.
    #[must_use]
    pub const fn new(edition: EditionId, count: Arc<Count>) -> Self {
        Self { edition, count, is_spoken_of: AtomicBool::new(false) }
    }

    /// The count, of which somebody is about to speak.
    pub fn count(&self) -> Arc<Count> {
        self.is_spoken_of.store(true, Ordering::Relaxed);
        Arc::clone(&self.count)
    }

    /// Whether anybody spoke of it.
    #[must_use]
    pub fn is_spoken_of(&self) -> bool {
        self.is_spoken_of.load(Ordering::Relaxed)
    }
}

/// Who hears of a count before all others, to have ready what they will ask for.
pub trait Herald: Send + Sync {
    /// Prepares for a count that nobody can read before this is done. What it gives back is done as soon as
    /// everybody can.
    fn prepare(self: Arc<Self>, edition: EditionId, count: &Arc<Count>) -> Box<dyn FnOnce()>;
}

/// The counts of all editions. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    // Held for a look-up or an insertion, never across a wait.
    editions: Arc<Mutex<HashMap<EditionId, watch::Sender<Arc<Count>>>>>,
    /// It works with these counts, which must not keep it alive.
    herald: Arc<OnceLock<Weak<dyn Herald>>>,
}

impl Tallies {
    /// The newest count of an edition.
    #[must_use]
    pub fn count(&self, edition: EditionId) -> Arc<Count> {
        Arc::clone(&self.sender(edition).borrow())
    }

    /// The newest count of an edition, and each that follows.
    #[must_use]
    pub fn watch(&self, edition: EditionId) -> watch::Receiver<Arc<Count>> {
        self.sender(edition).subscribe()
    }

    /// Has each newer count told to `herald` first. There is one at most; a second one is told nothing.
    pub fn herald(&self, herald: Weak<dyn Herald>) {
        self.herald.get_or_init(|| herald);
    }

    /// Takes a newer count; an older one is left aside, whoever brings it.
    pub fn set(&self, edition: EditionId, count: Count) {
        let sender = self.sender(edition);
        if count.version <= sender.borrow().version {
            return;
        }
        let count = Arc::new(count);
        let herald = self.herald.get().and_then(Weak::upgrade);
        let prepared = herald.map(|herald| herald.prepare(edition, &count));
        sender.send_if_modified(|present| {
            // Somebody else may have brought one meanwhile.
            let newer = count.version > present.version;
            if newer {
                *present = count;
            }
            newer
        });
        if let Some(tell) = prepared {
            tell();
        }
    }

    /// Starts over with a count of a lower version: the database is another one than before.
    pub fn reset(&self, edition: EditionId, count: Count) {
        self.sender(edition).send_replace(Arc::new(count));
    }

    fn sender(&self, edition: EditionId) -> watch::Sender<Arc<Count>> {
        let mut editions = self.editions.lock().unwrap_or_else(PoisonError::into_inner);
        editions.entry(edition).or_insert_with(|| watch::Sender::new(Arc::new(Count::nothing()))).clone()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const EDITION: EditionId = EditionId::new(Uuid::nil());

    fn count(version: i64) -> Count {
        Count { version, ..Count::nothing() }
    }

    /// Writes down which version is coming, and which one everybody can read before and after that.
    #[derive(Default)]
    struct Scribe {
        tallies: Tallies,
        written: Arc<Mutex<Vec<String>>>,
    }

    impl Herald for Scribe {
        fn prepare(self: Arc<Self>, edition: EditionId, count: &Arc<Count>) -> Box<dyn FnOnce()> {
            let write = move |what: &str, version: i64| {
                let present = self.tallies.count(edition).version;
                self.written.lock().expect("no panic").push(format!("{version} {what}, {present} is told"));
            };
            let version = count.version;
            write("is coming", version);
            Box::new(move || write("came", version))
        }
    }

    #[test]
    fn a_herald_hears_of_each_newer_count_before_all_others_and_again_when_it_was_told() {
        let tallies = Tallies::default();
        let written = Arc::<Mutex<Vec<String>>>::default();
        let scribe = Arc::new(Scribe { tallies: tallies.clone(), written: Arc::clone(&written) });
        let herald: Weak<Scribe> = Arc::downgrade(&scribe);
        tallies.herald(herald);
        for version in [1, 3, 2, 3] {
            tallies.set(EDITION, count(version));
        }
        let heard = written.lock().expect("no panic").clone();
        assert_eq!(
            heard,
            ["1 is coming, 0 is told", "1 came, 1 is told", "3 is coming, 1 is told", "3 came, 3 is told"]
        );
        drop(scribe);
        tallies.set(EDITION, count(4));
        assert_eq!(tallies.count(EDITION).version, 4);
        assert_eq!(written.lock().expect("no panic").len(), heard.len(), "nobody is there any more");
    }
}
