//! Settings: from flags and the environment, parsed once.

use std::net::SocketAddr;

/// Where to serve and from what.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Address and port to listen on
    #[arg(long, env = "W4R_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
}

/// Which database.
#[derive(Clone, Debug, clap::Args)]
pub struct Store {
    /// `sqlite:FILE` or `postgres://USER@HOST/NAME`
    #[arg(
        long = "database",
        env = "DATABASE_URL",
        default_value = "sqlite:w4r.db",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub url: String,
}
