//! The budgets of those who ask: so many points of cost for each address in a minute, and so many bytes of
//! text that it may have stored in a day.
//!
//! They are in the memory of one process, and of a bounded number of addresses: whoever was forgotten
//! begins anew, which harms nobody.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use crate::{
    client_ip::client_network,
    cost_budget::{Budget, CostBudget},
    rate_limit::Quota,
};

/// How many addresses are remembered: a crowd of the size of a city, in some ten megabytes.
const MAX_TRACKED_CLIENTS: usize = 100_000;

/// The budgets of all addresses.
pub(crate) struct CostLimits {
    cost: LimitsByNetwork,
    stored_text: LimitsByNetwork,
}

impl CostLimits {
    /// So many points a minute for each address, and so many bytes of text a day; with 0, as many as anybody
    /// likes.
    pub(crate) fn new(cost_per_minute: u32, stored_text_bytes_per_day: u32) -> Self {
        Self {
            cost: LimitsByNetwork::new(cost_per_minute, Duration::from_secs(60)),
            stored_text: LimitsByNetwork::new(stored_text_bytes_per_day, Duration::from_secs(24 * 60 * 60)),
        }
    }

    /// What a request from an address may spend.
    pub(crate) fn budget_for(&self, address: Option<IpAddr>) -> CostBudget {
        CostBudget::new(self.cost.budget(address), self.stored_text.budget(address))
    }
}

/// The budgets of one kind, or none.
struct LimitsByNetwork(Option<(Quota, Cache<IpAddr, Budget>)>);

impl LimitsByNetwork {
    fn new(limit: u32, period: Duration) -> Self {
        Self((limit > 0).then(|| (Quota { limit, period }, Cache::new(MAX_TRACKED_CLIENTS))))
    }

    fn budget(&self, address: Option<IpAddr>) -> Option<Budget> {
        self.0.as_ref().zip(address).map(|((quota, budgets), address)| {
            let result: Result<_, std::convert::Infallible> = budgets
                .get_or_insert_with(&client_network(address), || {
                    Ok(Arc::new(Mutex::new(quota.bucket(Instant::now()))))
                });
            match result {
                Ok(budget) => budget,
                Err(never) => match never {},
            }
        })
    }
}
