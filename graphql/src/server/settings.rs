//! Settings of the server, except those of its database and mail.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use domain::report::ReportBudgets;
use graphql_engine::EngineSettings;

use crate::ledger::report_log::LogOptions;

/// Where metrics are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsAt {
    /// At the default address, which is on the loopback interface. If another process uses it, nowhere.
    Usual,
    /// At this address.
    Address(SocketAddr),
    /// At the public address of the service: every client can read the exact counts of mail and people.
    Public,
    /// Nowhere.
    Off,
}

impl MetricsAt {
    /// The default address: the default port of Prometheus exporters, on the loopback interface.
    pub const DEFAULT_PATH: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9_464);

    /// Parses a setting: an address with a port, `public` or `off`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(typed: &str) -> Result<Self, String> {
        match typed {
            "public" => Ok(Self::Public),
            "off" => Ok(Self::Off),
            _ => typed
                .parse()
                .map(Self::Address)
                .map_err(|_| "an address with its port, `public` or `off`".to_owned()),
        }
    }
}

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Limits and timeouts of requests and connections.
    pub engine: EngineSettings,
    /// Where the metrics are served.
    pub metrics: MetricsAt,
    /// The hourly budgets: how many letters count before staff have reviewed them, by address, by
    /// network and by campaign.
    pub report_budgets: ReportBudgets,
    /// The delay between the signal to stop and the shutdown, in which `/readyz` is not ready. A load
    /// balancer has to poll once within this time; most poll every second.
    pub shutdown_delay: Duration,
    /// The transparency log: its name, its keys, and the file of its newest head.
    pub log: LogOptions,
}

impl Settings {
    /// Defaults for a small machine behind a proxy.
    pub const DEFAULT: Self = Self {
        engine: EngineSettings::DEFAULT,
        metrics: MetricsAt::Usual,
        report_budgets: ReportBudgets::DEFAULT,
        shutdown_delay: Duration::from_secs(1),
        log: LogOptions::NONE,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
