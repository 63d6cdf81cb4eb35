//! Cost budgets of all clients: points of cost for each minute, and bytes of stored text for each day.
//!
//! They are kept in memory for a bounded number of clients. An evicted client starts with a full budget,
//! which is harmless.

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

/// The number of clients that are tracked, in about ten megabytes.
const MAX_TRACKED_CLIENTS: usize = 100_000;

/// The budgets of all clients.
pub(crate) struct CostLimits {
    cost: LimitsByNetwork,
    stored_text: LimitsByNetwork,
}

impl CostLimits {
    /// Budgets with these limits for each client; 0 means no limit.
    pub(crate) fn new(cost_per_minute: u32, stored_text_bytes_per_day: u32) -> Self {
        Self {
            cost: LimitsByNetwork::new(cost_per_minute, Duration::from_secs(60)),
            stored_text: LimitsByNetwork::new(stored_text_bytes_per_day, Duration::from_secs(24 * 60 * 60)),
        }
    }

    /// The budget of a new request from this address.
    pub(crate) fn budget_for(&self, address: Option<IpAddr>) -> CostBudget {
        CostBudget::new(self.cost.budget(address), self.stored_text.budget(address))
    }
}

/// Budgets of one kind, or `None` without a limit.
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
