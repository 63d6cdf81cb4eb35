//! The settings of a server, beside those of its database and mail.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use domain::report::ReportBudgets;
use graphql_engine::EngineSettings;

/// Where the meters are read off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsAt {
    /// At the usual address, which is on this machine alone. Another process may have it; then nowhere.
    Usual,
    /// At this address.
    Address(SocketAddr),
    /// At the address of the service, by anyone: they count mail and people exactly.
    Public,
    /// Nowhere.
    Off,
}

impl MetricsAt {
    /// The usual address: the port that exporters for Prometheus have where nothing else is said, on the
    /// machine itself.
    pub const DEFAULT_PATH: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9_464);

    /// Reads what is typed: an address with a port, `public` or `off`.
    ///
    /// # Errors
    /// A sentence for whoever typed it.
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
    /// How much is counted within an hour before staff have looked at it: of an address, of a network, of a
    /// campaign.
    pub report_budgets: ReportBudgets,
    /// How long the service goes on after a signal to stop, while `/readyz` answers that it stops. A load
    /// balancer has to ask once within this time; most ask every second.
    pub shutdown_delay: Duration,
}

impl Settings {
    /// Defaults for a small machine behind a proxy.
    pub const DEFAULT: Self = Self {
        engine: EngineSettings::DEFAULT,
        metrics: MetricsAt::Usual,
        report_budgets: ReportBudgets::DEFAULT,
        shutdown_delay: Duration::from_secs(1),
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
