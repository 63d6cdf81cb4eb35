//! Concurrency limits, for connections and for long-lived streams.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::ServerError;

use crate::{client_ip::client_network, error::ErrorCode};

/// `retryAfter` in seconds. A slot becomes free whenever a page is closed.
const RETRY_AFTER_SECONDS: u32 = 10;

/// Limits how many permits exist in total and for each client. Clones share their counts.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLimiter {
    max: usize,
    max_per_client: usize,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A permit, returned when it is dropped.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limiter: ConnectionLimiter,
    address: Option<IpAddr>,
}

/// The limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitReached {
    /// The limit of all clients together.
    Total,
    /// The limit of this client.
    Client,
}

impl LimitReached {
    /// The error that the client gets.
    pub(crate) fn error(self) -> ServerError {
        match self {
            Self::Total => ErrorCode::Unavailable.error_with_retry_after(
                "Too many connections are open. Please try again.",
                RETRY_AFTER_SECONDS,
            ),
            Self::Client => ErrorCode::RateLimited.error_with_retry_after(
                "Too many connections are open from this address.",
                RETRY_AFTER_SECONDS,
            ),
        }
    }
}

impl ConnectionLimiter {
    /// A limiter with these two limits.
    pub(crate) fn new(max: usize, max_per_client: usize) -> Self {
        Self { max, max_per_client, counts: Arc::default() }
    }

    /// Acquires a permit. A client without an address counts for the total only.
    pub(crate) fn acquire(&self, address: Option<IpAddr>) -> Result<ConnectionPermit, LimitReached> {
        let address = address.map(client_network);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.total >= self.max {
            return Err(LimitReached::Total);
        }
        if let Some(address) = address {
            let count = counts.by_address.entry(address).or_default();
            if *count >= self.max_per_client {
                return Err(LimitReached::Client);
            }
            *count += 1;
        }
        counts.total += 1;
        drop(counts);
        Ok(ConnectionPermit { limiter: self.clone(), address })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.limiter.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total -= 1;
        if let Some(address) = self.address
            && let Some(count) = counts.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                counts.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn a_dropped_permit_frees_its_slot() {
        let limiter = ConnectionLimiter::new(2, 1);
        let first = limiter.acquire(address("192.0.2.1")).expect("a permit");
        assert_eq!(
            limiter.acquire(address("192.0.2.1")).expect_err("the limit is reached"),
            LimitReached::Client
        );
        let second = limiter.acquire(address("192.0.2.2")).expect("a permit");
        assert_eq!(limiter.acquire(None).expect_err("the limit is reached"), LimitReached::Total);
        drop((first, second));
        assert!(limiter.acquire(address("192.0.2.1")).is_ok());
        assert!(limiter.counts.lock().expect("no panic").by_address.is_empty());
    }

    #[test]
    fn an_ipv6_network_shares_its_limit() {
        let limiter = ConnectionLimiter::new(9, 1);
        let _first = limiter.acquire(address("2001:db8:1:2::3")).expect("a permit");
        assert_eq!(
            limiter.acquire(address("2001:db8:1:2:9::4")).expect_err("the limit is reached"),
            LimitReached::Client
        );
        assert!(limiter.acquire(address("2001:db8:1:3::3")).is_ok());
        let _fourth = limiter.acquire(address("::ffff:192.0.2.1")).expect("a permit");
        assert_eq!(
            limiter.acquire(address("192.0.2.1")).expect_err("the limit is reached"),
            LimitReached::Client
        );
    }
}
