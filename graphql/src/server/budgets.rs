//! The budgets of those who ask: so many points of cost for each address in a minute.
//!
//! They are in the memory of one process, and of a bounded number of addresses: whoever was forgotten
//! begins anew, which harms nobody.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use super::places::household;
use crate::{
    api::{Allowance, Budget},
    pace::Pace,
};

/// How many addresses are remembered: a crowd of the size of a city, in some ten megabytes.
const ADDRESSES_MOST: usize = 100_000;

/// The budgets of all addresses, or none.
pub(super) struct Budgets(Option<(Pace, Cache<IpAddr, Budget>)>);

impl Budgets {
    /// So many points a minute for each address; with 0, as many as anybody likes.
    pub(super) fn new(points_a_minute: u32) -> Self {
        let pace = Pace { most: points_a_minute, within: Duration::from_secs(60) };
        Self((points_a_minute > 0).then(|| (pace, Cache::new(ADDRESSES_MOST))))
    }

    /// What a request from an address may spend.
    pub(super) fn allowance(&self, address: Option<IpAddr>) -> Allowance {
        let budget = self.0.as_ref().zip(address).map(|((pace, budgets), address)| {
            let made: Result<_, std::convert::Infallible> = budgets
                .get_or_insert_with(&household(address), || {
                    Ok(Arc::new(Mutex::new(pace.bucket(Instant::now()))))
                });
            match made {
                Ok(budget) => budget,
                Err(never) => match never {},
            }
        });
        Allowance::new(budget)
    }
}
