//! The places of the queue, and who has how many of them.
//!
//! No address may have more than are left free (the dynamic threshold of Choudhury and Hahne, 1998): one address that
//! floods has half of the queue, two have a third each, and there is always room for a client without a waiting job.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Failure;

/// How many commands may wait. At 5,000 a second, the last of them waits two seconds.
pub(super) const MAX_QUEUED: usize = 10_000;

/// The places that are taken.
#[derive(Debug, Default)]
pub(super) struct FairShares(Mutex<ShareCounts>);

#[derive(Debug, Default)]
struct ShareCounts {
    all: usize,
    by_caller: HashMap<Option<IpAddr>, usize>,
}

/// Places for so many commands, taken until this is dropped.
#[derive(Debug)]
pub(super) struct QueueSlot {
    shares: Arc<FairShares>,
    pub(super) caller: Option<IpAddr>,
    commands: usize,
}

impl FairShares {
    /// Takes slots for the commands of a client.
    ///
    /// # Errors
    /// [`Failure::Busy`] if there is no room for them, [`Failure::ShareUsedUp`] if others are to have what there is.
    pub(super) fn acquire(
        self: &Arc<Self>,
        caller: Option<IpAddr>,
        commands: usize,
    ) -> Result<QueueSlot, Failure> {
        let mut taken = self.lock();
        let own = taken.by_caller.get(&caller).copied().unwrap_or_default();
        let free = MAX_QUEUED.checked_sub(taken.all.saturating_add(commands));
        let full = if own > 0 && caller.is_some() { Failure::ShareUsedUp } else { Failure::Busy };
        let Some(free) = free else { return Err(full) };
        // Who has nothing there yet may bring a whole batch. Without an address it is the service itself.
        if caller.is_some() && own > 0 && own + commands > free {
            return Err(full);
        }
        taken.all += commands;
        *taken.by_caller.entry(caller).or_default() += commands;
        drop(taken);
        Ok(QueueSlot { shares: Arc::clone(self), caller, commands })
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, ShareCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        let mut taken = self.shares.lock();
        taken.all -= self.commands;
        if let Some(own) = taken.by_caller.get_mut(&self.caller) {
            *own -= self.commands;
            if *own == 0 {
                taken.by_caller.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_who_floods_has_half_of_the_places_and_two_have_a_third_each() {
        let shares = Arc::new(FairShares::default());
        let flood = |last| (0..).map_while(|_| shares.acquire(address(last), 1).ok()).collect::<Vec<_>>();
        let first = flood(1);
        assert_eq!(first.len(), MAX_QUEUED / 2);
        let second = flood(2);
        assert_eq!(second.len(), MAX_QUEUED / 4, "half of what the first one left");
        drop((first, second));
        assert_eq!(shares.taken(), 0);
        assert!(shares.lock().by_caller.is_empty());
        let mut slots = Vec::new();
        while let (Ok(one), Ok(other)) = (shares.acquire(address(1), 1), shares.acquire(address(2), 1)) {
            slots.extend([one, other]);
        }
        assert_eq!(slots.len() / 2, MAX_QUEUED / 3);
    }

    #[test]
    fn whoever_has_nothing_there_finds_room_for_a_batch() {
        let shares = Arc::new(FairShares::default());
        let mut slots = Vec::new();
        for last in 0..4 {
            slots.extend((0..).map_while(|_| shares.acquire(address(last), 500).ok()));
        }
        let batch = shares.acquire(address(9), 500).expect("room");
        let second = shares.acquire(address(9), 500);
        assert!(matches!(second, Err(Failure::ShareUsedUp)), "it waits until there is more room");
        drop(batch);
        assert!(matches!(shares.acquire(None, MAX_QUEUED + 1), Err(Failure::Busy)));
        assert!(Arc::new(FairShares::default()).acquire(None, MAX_QUEUED).is_ok());
    }
}
